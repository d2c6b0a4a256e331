"""State on disk: the cursor survives any death of the process, and a damaged one is moved aside, never trusted."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Optional

from settings import ConfigError

CURSOR_VERSION = 1


@dataclass(frozen=True)
class Cursor:
    """Where the feed is read. Positions count from 0; posts [digest_from, position) wait in the open digest."""

    pass_number: int
    position: int
    digest_from: int
    last_id: str  # of the newest handled post; "" before the first
    feed_fingerprint: str


@dataclass(frozen=True)
class LoadedCursor:
    cursor: Optional[Cursor]
    problem: str = ""  # why a file that was there could not be used
    moved_to: Optional[Path] = None


class CursorStore:
    def __init__(self, directory: Path) -> None:
        self._path = directory / "cursor.json"

    def save(self, cursor: Cursor) -> None:
        """On return the cursor is on the disk. After a kill in between, the file is the old or the new one, whole."""
        write_atomically(self._path, json.dumps({"version": CURSOR_VERSION, **asdict(cursor)}, indent=2) + "\n")

    def load(self) -> LoadedCursor:
        try:
            content = self._path.read_bytes()
        except FileNotFoundError:
            return LoadedCursor(cursor=None)
        except OSError as error:
            raise ConfigError(f"STATE_DIR: cannot read {self._path}: {error.strerror}") from error
        try:
            return LoadedCursor(parse_cursor(content))
        except ValueError as error:
            return LoadedCursor(None, problem=str(error), moved_to=self._move_aside())

    def _move_aside(self) -> Path:
        now = datetime.now(timezone.utc).strftime("%Y%m%dT%H%M%S.%fZ")
        target = self._path.with_name(f"cursor.json.corrupt-{now}")
        os.replace(self._path, target)
        return target


def parse_cursor(content: bytes) -> Cursor:
    """Raise ValueError, with the reason, unless every field is there and makes sense."""
    try:
        fields = json.loads(content.decode("utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise ValueError(f"not JSON: {error}") from error
    if not isinstance(fields, dict) or fields.get("version") != CURSOR_VERSION:
        raise ValueError(f"not a cursor of version {CURSOR_VERSION}")
    cursor = Cursor(
        pass_number=_count(fields, "pass_number"),
        position=_count(fields, "position"),
        digest_from=_count(fields, "digest_from"),
        last_id=_string(fields, "last_id"),
        feed_fingerprint=_string(fields, "feed_fingerprint"),
    )
    if cursor.pass_number < 1 or cursor.digest_from > cursor.position:
        raise ValueError("its numbers contradict each other")
    return cursor


def write_atomically(path: Path, text: str) -> None:
    """Whoever reads the path sees the old file or the new one, whole, also after a kill or a power cut."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # A fixed name: what a kill leaves behind is overwritten by the next write.
    temporary = path.with_name(f".{path.name}.tmp")
    with open(temporary, "w", encoding="utf-8", errors="backslashreplace") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def _count(fields: dict[str, object], name: str) -> int:
    value = fields.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f'"{name}" is not a whole number of 0 or more')
    return value


def _string(fields: dict[str, object], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str):
        raise ValueError(f'"{name}" is not text')
    return value
