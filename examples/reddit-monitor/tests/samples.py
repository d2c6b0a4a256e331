"""Posts and settings for tests, with only what a test cares about spelled out."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from feed import Feed, Post
from settings import Settings, Speed

SOME_POST = Post(
    id="p0",
    subreddit="AgentOps",
    title="A title of which nothing can be said at all",
    selftext="And a text that is long enough to be more than almost nothing.",
    author="quiet_otter",
    score=10,
    num_comments=3,
    created_utc=1_773_000_000,
    permalink="/r/AgentOps/comments/p0/a_title/",
)


def make_post(**fields: Any) -> Post:
    return replace(SOME_POST, **fields)


def make_posts(count: int) -> list[Post]:
    return [make_post(id=f"p{number}", created_utc=1_773_000_000 + 60 * number) for number in range(1, count + 1)]


def make_feed(count: int, fingerprint: str = "f1") -> Feed:
    return Feed(tuple(make_posts(count)), (), fingerprint)


def post_line(post: Post) -> str:
    return json.dumps(asdict(post))


def make_settings(directory: Path, **fields: Any) -> Settings:
    settings = Settings(
        port=0,
        feed_path=directory / "feed.jsonl",
        speed=Speed(posts_per_second=1000),
        loop=False,
        state_dir=directory / "state",
        digest_dir=directory / "digests",
        digest_posts=3,
        digest_seconds=0,
        digest_keep=100,
        stall_seconds=5,
    )
    return replace(settings, **fields)
