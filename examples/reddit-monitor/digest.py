"""Digests: Markdown files that hold every handled post once, complete or absent, never half written."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Optional

from classify import LABELS, Classification
from feed import Post
from state import write_atomically

HEADINGS = {
    "incident": "Incidents",
    "release": "Releases",
    "question": "Questions",
    "opinion": "Opinions",
    "noise": "Noise",
}
FILE_NAME = re.compile(r"digest-pass-(\d+)-from-(\d+)\.md")
MARKDOWN_MARKS = re.compile(r"([\\`*_\[\]<>#|~])")


@dataclass(frozen=True)
class DigestEntry:
    post: Post
    verdict: Classification


class DigestStore:
    """The digest directory. A digest is named by its first post, so writing it again replaces it, never doubles it."""

    def __init__(self, directory: Path, keep: int) -> None:
        self._directory = directory
        self._keep = keep

    def write(self, pass_number: int, first_number: int, entries: Sequence[DigestEntry]) -> Path:
        path = self._directory / f"digest-pass-{pass_number:06d}-from-{first_number:04d}.md"
        write_atomically(path, render_digest(pass_number, first_number, entries))
        self._remove_oldest()
        return path

    def latest(self) -> Optional[Path]:
        paths = self._oldest_first()
        return paths[-1] if paths else None

    def _oldest_first(self) -> list[Path]:
        found = []
        for path in self._directory.glob("digest-pass-*.md"):
            match = FILE_NAME.fullmatch(path.name)
            if match:
                found.append((int(match.group(1)), int(match.group(2)), path))
        return [path for _, _, path in sorted(found)]

    def _remove_oldest(self) -> None:
        for path in self._oldest_first()[: -self._keep]:
            path.unlink()


def render_digest(pass_number: int, first_number: int, entries: Sequence[DigestEntry]) -> str:
    """The same entries always give the same text: a digest written again after a kill is the same digest."""
    last_number = first_number + len(entries) - 1
    counts = Counter(entry.verdict.label for entry in entries)
    lines = [
        f"# Digest: pass {pass_number}, posts {first_number} to {last_number}",
        "",
        _period(entries),
        "",
        "| Label | Posts |",
        "| --- | ---: |",
        *(f"| {HEADINGS[label]} | {counts[label]} |" for label in LABELS),
    ]
    for label in LABELS:
        if label != "noise" and counts[label] > 0:
            lines += _section(label, [entry for entry in entries if entry.verdict.label == label])
    return "\n".join(lines) + "\n"


def _period(entries: Sequence[DigestEntry]) -> str:
    times = [entry.post.created_utc for entry in entries]
    subreddits = sorted({entry.post.subreddit for entry in entries})
    names = ", ".join(f"r/{plain(name)}" for name in subreddits)
    return f"From {_utc(min(times))} to {_utc(max(times))} in {names}."


def _section(label: str, entries: Sequence[DigestEntry]) -> list[str]:
    lines = ["", f"## {HEADINGS[label]} ({len(entries)})", ""]
    for entry in sorted(entries, key=lambda one: one.post.score, reverse=True):
        post, verdict = entry.post, entry.verdict
        lines.append(
            f"- **{plain(post.title)}** in r/{plain(post.subreddit)}: {post.score} points, "
            f"{post.num_comments} comments, confidence {verdict.confidence:.2f}"
        )
        lines.append(f"  - why: {plain('; '.join(verdict.reasons))}")
        lines.append(f"  - {plain(post.permalink)}")
    return lines


def plain(text: str) -> str:
    """Text of strangers as one line of Markdown that says only what it says."""
    return MARKDOWN_MARKS.sub(r"\\\1", " ".join(text.split()))


def _utc(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
