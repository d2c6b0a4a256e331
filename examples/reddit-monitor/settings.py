"""Settings: everything the environment may say, read once and checked, or refused in one clear sentence."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent


class ConfigError(Exception):
    """The service cannot start as configured; the text is the one line that the user reads."""


@dataclass(frozen=True)
class Speed:
    """Either posts per second ("2"), or how many times faster than recorded ("600x")."""

    posts_per_second: float = 0.0
    time_factor: float = 0.0


@dataclass(frozen=True)
class Settings:
    port: int
    feed_path: Path
    speed: Speed
    loop: bool
    state_dir: Path
    digest_dir: Path
    digest_posts: int
    digest_seconds: float
    digest_keep: int
    stall_seconds: float


def read_settings(env: Mapping[str, str]) -> Settings:
    """An empty variable counts as absent. Relative paths are relative to the working directory."""
    return Settings(
        port=_whole_number(env, "PORT", default="0", low=0, high=65535),
        feed_path=Path(env.get("FEED") or HERE / "feed.jsonl"),
        speed=parse_speed(env.get("FEED_SPEED") or "1"),
        loop=_true_or_false(env, "FEED_LOOP", default="true"),
        state_dir=Path(env.get("STATE_DIR") or HERE / "var" / "state"),
        digest_dir=Path(env.get("DIGEST_DIR") or HERE / "var" / "digests"),
        digest_posts=_whole_number(env, "DIGEST_POSTS", default="25", low=1, high=1000),
        digest_seconds=_seconds(env, "DIGEST_SECONDS", default="0"),
        digest_keep=_whole_number(env, "DIGEST_KEEP", default="40", low=1, high=10000),
        stall_seconds=_seconds(env, "STALL_SECONDS", default="15"),
    )


def parse_speed(text: str) -> Speed:
    match = re.fullmatch(r"(\d+(?:\.\d+)?|\.\d+)(x?)", text.strip(), re.ASCII)
    number = float(match.group(1)) if match else 0.0
    is_factor = bool(match and match.group(2))
    highest = 1_000_000 if is_factor else 1_000
    if not 0 < number <= highest:
        raise ConfigError(
            'FEED_SPEED must be posts per second (above 0, at most 1000, as in "2") or a time factor'
            f' (at most 1000000x, as in "600x"), not "{text}"'
        )
    return Speed(time_factor=number) if is_factor else Speed(posts_per_second=number)


def prepare_directory(variable: str, directory: Path) -> None:
    """Make the directory and prove that it can be written to, before the first post is handled."""
    probe = directory / f".write-test-{os.getpid()}"
    try:
        directory.mkdir(parents=True, exist_ok=True)
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise ConfigError(f"{variable}: cannot write to {directory}: {error.strerror}") from error


def _whole_number(env: Mapping[str, str], name: str, default: str, low: int, high: int) -> int:
    text = env.get(name) or default
    if not re.fullmatch(r"\d{1,9}", text, re.ASCII) or not low <= int(text) <= high:
        raise ConfigError(f'{name} must be a whole number from {low} to {high}, not "{text}"')
    return int(text)


def _seconds(env: Mapping[str, str], name: str, default: str) -> float:
    text = env.get(name) or default
    if not re.fullmatch(r"\d{1,9}(\.\d+)?", text, re.ASCII):
        raise ConfigError(f'{name} must be a number of seconds, 0 or more, not "{text}"')
    return float(text)


def _true_or_false(env: Mapping[str, str], name: str, default: str) -> bool:
    text = env.get(name) or default
    if text not in ("true", "false"):
        raise ConfigError(f'{name} must be "true" or "false", not "{text}"')
    return text == "true"
