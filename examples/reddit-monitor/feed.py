"""The recorded feed: every good line of the file as a post, in order, and every bad one named by file and line."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

from settings import ConfigError, Speed

# More bad lines than this (and more than one) means that the file is not a feed at all.
MAX_BAD_SHARE = 0.1
MIN_GAP_SECONDS = 0.001


@dataclass(frozen=True)
class Post:
    id: str
    subreddit: str
    title: str
    selftext: str
    author: str
    score: int
    num_comments: int
    created_utc: int
    permalink: str


@dataclass(frozen=True)
class BadLine:
    at: str  # "feed.jsonl:12"
    reason: str


@dataclass(frozen=True)
class Feed:
    posts: tuple[Post, ...]
    bad_lines: tuple[BadLine, ...]
    fingerprint: str  # of the bytes: tells whether a saved position still means the same post

    def index_of(self, post_id: str) -> Optional[int]:
        return next((index for index, post in enumerate(self.posts) if post.id == post_id), None)


def load_feed(path: Path) -> Feed:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"FEED: cannot read {path}: {error.strerror}") from error

    posts: dict[str, Post] = {}
    bad_lines: list[BadLine] = []
    for number, line in enumerate(content.split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            post = parse_post(line)
            if post.id in posts:
                raise ValueError(f'the id "{post.id}" was used by an earlier line')
            posts[post.id] = post
        except ValueError as error:
            bad_lines.append(BadLine(at=f"{path.name}:{number}", reason=str(error)))

    _refuse_unless_feed(path, len(posts), bad_lines)
    return Feed(tuple(posts.values()), tuple(bad_lines), hashlib.sha256(content).hexdigest())


def parse_post(line: bytes) -> Post:
    """Raise ValueError, with a sentence for the user, unless the line is one complete post."""
    try:
        fields = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8 text: {error.reason}") from error
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error.msg} at column {error.colno}") from error
    if not isinstance(fields, dict):
        raise ValueError("not a JSON object")
    return Post(
        id=_text(fields, "id"),
        subreddit=_text(fields, "subreddit"),
        title=_text(fields, "title"),
        selftext=_text(fields, "selftext", may_be_empty=True),
        author=_text(fields, "author"),
        score=_integer(fields, "score"),
        num_comments=_integer(fields, "num_comments"),
        created_utc=_integer(fields, "created_utc"),
        permalink=_text(fields, "permalink"),
    )


def gap_before(post: Post, previous: Optional[Post], speed: Speed) -> float:
    """Seconds to wait between the previous post and this one at the set speed."""
    if speed.posts_per_second > 0:
        return 1 / speed.posts_per_second
    recorded = post.created_utc - previous.created_utc if previous else 0
    return max(recorded / speed.time_factor, MIN_GAP_SECONDS)


def _refuse_unless_feed(path: Path, good: int, bad_lines: list[BadLine]) -> None:
    if not bad_lines and good == 0:
        raise ConfigError(f"FEED: {path} has no posts")
    tolerated = max(1, int((good + len(bad_lines)) * MAX_BAD_SHARE))
    if good == 0 or len(bad_lines) > tolerated:
        first = bad_lines[0]
        share = f"{len(bad_lines)} of {good + len(bad_lines)} lines"
        raise ConfigError(f"FEED: {share} are no posts, the first is {first.at}: {first.reason}")


def _text(fields: dict[str, object], name: str, may_be_empty: bool = False) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not (value or may_be_empty):
        raise ValueError(f'"{name}" must be text')
    return value


def _integer(fields: dict[str, object], name: str) -> int:
    value = fields.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f'"{name}" must be a whole number')
    return value
