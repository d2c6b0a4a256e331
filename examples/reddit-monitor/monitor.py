"""The feed loop: every post is handled in order and written down, none is lost, at most the one in hand is repeated."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Optional

from classify import classify
from digest import DigestEntry, DigestStore
from feed import Feed, Post, gap_before
from health import Progress
from jsonlog import log
from settings import Settings
from state import Cursor, CursorStore

RETRY_SECONDS = 0.5
# Later than this and the loop does not try to catch up: a resumed laptop must not see a burst.
MAX_CATCH_UP_SECONDS = 1.0
# At a slow time factor the next post may be days away; no platform waits that long in one call.
MAX_WAIT_SECONDS = 60.0


def starting_cursor(feed: Feed, saved: Optional[Cursor]) -> Cursor:
    """Where to go on. In a changed feed: after the newest handled post if it is still there, as a new pass."""
    if saved is None:
        return Cursor(1, 0, 0, "", feed.fingerprint)
    if saved.feed_fingerprint == feed.fingerprint and saved.position <= len(feed.posts):
        return saved
    found = feed.index_of(saved.last_id)
    position = 0 if found is None else found + 1
    return Cursor(saved.pass_number + 1, position, position, saved.last_id, feed.fingerprint)


class Monitor:
    """Owned by one thread. A post counts as handled when the cursor behind it is on the disk, not before."""

    def __init__(
        self,
        settings: Settings,
        feed: Feed,
        cursor: Cursor,
        cursors: CursorStore,
        digests: DigestStore,
        progress: Progress,
    ) -> None:
        self._settings = settings
        self._feed = feed
        self._cursor = cursor
        self._cursors = cursors
        self._digests = digests
        self._progress = progress
        # Nothing but the cursor is needed to have the open digest back: the rules are pure.
        waiting = feed.posts[cursor.digest_from : cursor.position]
        self._open = [DigestEntry(post, classify(post)) for post in waiting]
        self._open_since = time.monotonic()
        self._due = time.monotonic()
        self._finished = False

    def run(self, stop: threading.Event) -> None:
        """Return when told to stop, after the post in hand. An OSError from the last flush is the caller's."""
        self._tell_where("running")
        while not stop.is_set():
            if self._finished:
                stop.wait(MAX_WAIT_SECONDS)
            elif self._at_end_of_pass():
                self._try(self._end_pass, stop)
            elif self._digest_is_old():
                self._try(self._close_digest, stop)
            elif time.monotonic() >= self._due:
                self._try(self._handle_next_post, stop)
            else:
                self._wait(stop)
        self.flush()

    def flush(self) -> None:
        """Write down what is still in memory. The open digest stays open: the next run goes on with it."""
        if self._open:
            self._write_digest(self._open)
        self._cursors.save(self._cursor)

    def _handle_next_post(self) -> None:
        post = self._feed.posts[self._cursor.position]
        verdict = classify(post)
        if not self._open:
            self._open_since = time.monotonic()
        entries = [*self._open, DigestEntry(post, verdict)]
        cursor = replace(self._cursor, position=self._cursor.position + 1, last_id=post.id)
        if len(entries) >= self._settings.digest_posts:
            self._write_digest(entries)
            cursor, entries = replace(cursor, digest_from=cursor.position), []
        self._cursors.save(cursor)

        self._cursor, self._open = cursor, entries
        self._progress.post_handled(verdict.label)
        self._tell_where("running")
        self._schedule_after(post)
        log(
            "info",
            "post classified",
            feedPass=cursor.pass_number,
            position=cursor.position,
            id=post.id,
            subreddit=post.subreddit,
            label=verdict.label,
            confidence=verdict.confidence,
            title=post.title,
        )

    def _end_pass(self) -> None:
        if self._open:
            self._close_digest()
        if self._settings.loop:
            cursor = replace(self._cursor, pass_number=self._cursor.pass_number + 1, position=0, digest_from=0)
            self._cursors.save(cursor)
            self._cursor = cursor
            self._tell_where("running")
            log("info", "feed starts again", feedPass=cursor.pass_number)
        else:
            self._finished = True
            self._tell_where("finished")
            log("info", "feed finished", feedPass=self._cursor.pass_number, posts=len(self._feed.posts))

    def _close_digest(self) -> None:
        self._write_digest(self._open)
        cursor = replace(self._cursor, digest_from=self._cursor.position)
        self._cursors.save(cursor)
        self._cursor, self._open = cursor, []

    def _write_digest(self, entries: list[DigestEntry]) -> None:
        path = self._digests.write(self._cursor.pass_number, self._cursor.digest_from + 1, entries)
        self._progress.digest_written()
        log("info", "digest written", file=path.name, posts=len(entries))

    def _at_end_of_pass(self) -> bool:
        return self._cursor.position >= len(self._feed.posts)

    def _digest_is_old(self) -> bool:
        return bool(self._open) and time.monotonic() >= self._digest_due()

    def _digest_due(self) -> float:
        seconds = self._settings.digest_seconds
        return self._open_since + seconds if seconds > 0 and self._open else float("inf")

    def _schedule_after(self, handled: Post) -> None:
        """Keep the pace by the clock, so that the time spent on a post does not slow the feed down."""
        following = self._feed.posts[self._cursor.position % len(self._feed.posts)]
        gap = gap_before(following, handled, self._settings.speed)
        self._due = max(self._due + gap, time.monotonic() - MAX_CATCH_UP_SECONDS)
        self._progress.expect_next(self._due)

    def _wait(self, stop: threading.Event) -> None:
        wake_at = min(self._due, self._digest_due())
        stop.wait(min(max(wake_at - time.monotonic(), 0), MAX_WAIT_SECONDS))

    def _try(self, step: Callable[[], None], stop: threading.Event) -> None:
        """A step that could not write changed nothing in memory: it is tried again until it can, or until the stop."""
        try:
            step()
        except OSError as error:
            self._progress.write_failed(str(error))
            log("error", "cannot write, trying again", error=str(error), retrySeconds=RETRY_SECONDS)
            stop.wait(RETRY_SECONDS)

    def _tell_where(self, phase: str) -> None:
        self._progress.at(phase, self._cursor.pass_number, self._cursor.position)
