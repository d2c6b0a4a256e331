"""Progress: what the feed loop has done, whether it still gets on, and why not, for probes and for Prometheus."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from classify import LABELS

METRIC_PREFIX = "reddit_monitor_"


@dataclass(frozen=True)
class Health:
    ok: bool
    reason: str  # why not; "" when ok
    phase: str  # starting | running | finished | stopping
    pass_number: int
    position: int
    feed_posts: int


class Progress:
    """Written by the feed loop, read by the HTTP threads; every method may be called from any thread."""

    def __init__(
        self, feed_posts: int, bad_lines: int, stall_seconds: float, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._lock = threading.Lock()
        self._now = now
        self._stall_seconds = stall_seconds
        self._feed_posts = feed_posts
        self._bad_lines = bad_lines
        self._phase = "starting"
        self._next_due = now()
        self._last_progress = now()
        self._last_problem = ""
        self._pass_number = 1
        self._position = 0
        self._by_label: Counter[str] = Counter()
        self._digests = 0
        self._failed_writes = 0
        self._last_post_time = 0.0

    def expect_next(self, due: float) -> None:
        """The next post is due at this monotonic time; until then there is nothing to be done."""
        with self._lock:
            self._next_due = due

    def at(self, phase: str, pass_number: int, position: int) -> None:
        with self._lock:
            self._phase, self._pass_number, self._position = phase, pass_number, position

    def post_handled(self, label: str) -> None:
        with self._lock:
            self._by_label[label] += 1
            self._last_progress = self._now()
            self._last_post_time = time.time()
            self._last_problem = ""

    def digest_written(self) -> None:
        with self._lock:
            self._digests += 1

    def write_failed(self, problem: str) -> None:
        with self._lock:
            self._failed_writes += 1
            self._last_problem = problem

    def stopping(self) -> None:
        with self._lock:
            self._phase = "stopping"

    def health(self) -> Health:
        with self._lock:
            reason = self._reason_against()
            return Health(not reason, reason, self._phase, self._pass_number, self._position, self._feed_posts)

    def _reason_against(self) -> str:
        if self._phase == "stopping":
            return "stopping"
        # From the last post on, too: a loop that is behind its pace but moving is well.
        idle = self._now() - max(self._next_due, self._last_progress)
        if self._phase == "finished" or idle <= self._stall_seconds:
            return ""
        because = f": {self._last_problem}" if self._last_problem else ""
        return f"no post handled for {idle:.1f} s{because}"

    def metrics(self) -> str:
        """The Prometheus text format, version 0.0.4. Counters count from the start of this process."""
        healthy = int(self.health().ok)
        with self._lock:
            by_label = [(f'{{label="{label}"}}', self._by_label[label]) for label in LABELS]
            return "".join(
                (
                    _family("posts_classified_total", "counter", "Posts handled, by label.", by_label),
                    _single("digests_written_total", "counter", "Digest files written.", self._digests),
                    _single("failed_writes_total", "counter", "Failed writes to disk.", self._failed_writes),
                    _single("feed_pass", "gauge", "Number of the pass over the feed.", self._pass_number),
                    _single("feed_position", "gauge", "Posts of this pass handled so far.", self._position),
                    _single("feed_posts", "gauge", "Good posts in the feed.", self._feed_posts),
                    _single("feed_bad_lines", "gauge", "Lines of the feed that were skipped.", self._bad_lines),
                    _single("last_post_timestamp_seconds", "gauge", "Time of the last post.", self._last_post_time),
                    _single("healthy", "gauge", "1 while the feed loop gets on.", healthy),
                )
            )


def _single(name: str, kind: str, help_text: str, value: float) -> str:
    return _family(name, kind, help_text, [("", value)])


def _family(name: str, kind: str, help_text: str, samples: Sequence[tuple[str, float]]) -> str:
    full_name = METRIC_PREFIX + name
    lines = [f"# HELP {full_name} {help_text}", f"# TYPE {full_name} {kind}"]
    lines += [f"{full_name}{labels} {value}" for labels, value in samples]
    return "\n".join(lines) + "\n"
