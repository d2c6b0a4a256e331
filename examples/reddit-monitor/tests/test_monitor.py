"""The feed loop, cut off at every write it makes: no post is lost from the digests and none is in them twice."""

from __future__ import annotations

import contextlib
import io
import os
import re
import tempfile
import threading
import time
import unittest
from collections.abc import Callable
from pathlib import Path
from unittest import mock

from digest import DigestStore
from feed import Feed
from health import Progress
from monitor import Monitor, starting_cursor
from state import Cursor, CursorStore
from tests.samples import make_feed, make_settings


class Killed(BaseException):
    """Stands for SIGKILL: no code of the monitor runs after it."""


class StartingCursor(unittest.TestCase):
    def test_begins_at_the_beginning(self) -> None:
        self.assertEqual(starting_cursor(make_feed(3), None), Cursor(1, 0, 0, "", "f1"))

    def test_goes_on_in_the_same_feed(self) -> None:
        saved = Cursor(4, 2, 1, "p2", "f1")
        self.assertEqual(starting_cursor(make_feed(3), saved), saved)

    def test_in_a_changed_feed_it_goes_on_behind_the_last_post(self) -> None:
        saved = Cursor(4, 9, 7, "p2", "f0")
        self.assertEqual(starting_cursor(make_feed(3), saved), Cursor(5, 2, 2, "p2", "f1"))

    def test_in_another_feed_it_begins_a_new_pass(self) -> None:
        saved = Cursor(4, 9, 7, "x9", "f0")
        self.assertEqual(starting_cursor(make_feed(3), saved), Cursor(5, 0, 0, "x9", "f1"))

    def test_a_position_behind_the_end_is_not_believed(self) -> None:
        saved = Cursor(1, 4, 0, "p3", "f1")
        self.assertEqual(starting_cursor(make_feed(3), saved), Cursor(2, 3, 3, "p3", "f1"))


class MonitorTest(unittest.TestCase):
    def setUp(self) -> None:
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.directory = Path(temporary.name)
        silence = contextlib.redirect_stdout(io.StringIO())
        silence.__enter__()
        self.addCleanup(silence.__exit__, None, None, None)

    def make_monitor(self, feed: Feed, **fields: object) -> Monitor:
        settings = make_settings(self.directory, **fields)
        cursors = CursorStore(settings.state_dir)
        self.progress = Progress(len(feed.posts), 0, settings.stall_seconds)
        digests = DigestStore(settings.digest_dir, settings.digest_keep)
        return Monitor(settings, feed, starting_cursor(feed, cursors.load().cursor), cursors, digests, self.progress)

    def run_until(self, monitor: Monitor, reached: Callable[[], bool]) -> None:
        stop = threading.Event()
        loop = threading.Thread(target=monitor.run, args=(stop,), daemon=True)
        loop.start()
        deadline = time.monotonic() + 20
        while not reached():
            self.assertLess(time.monotonic(), deadline, "the monitor did not get there in time")
            time.sleep(0.002)
        stop.set()
        loop.join(20)
        self.assertFalse(loop.is_alive())

    def finished(self) -> bool:
        return self.progress.health().phase == "finished"

    def digest_ranges(self) -> list[tuple[int, int, int]]:
        texts = (path.read_text(encoding="utf-8") for path in sorted((self.directory / "digests").glob("*.md")))
        found = [re.match(r"# Digest: pass (\d+), posts (\d+) to (\d+)", text) for text in texts]
        return [(int(match[1]), int(match[2]), int(match[3])) for match in found if match]


class Pass(MonitorTest):
    def test_one_pass_ends_with_the_rest_in_a_digest_and_stays_well(self) -> None:
        self.run_until(self.make_monitor(make_feed(8)), self.finished)
        self.assertEqual(self.digest_ranges(), [(1, 1, 3), (1, 4, 6), (1, 7, 8)])

    def test_a_loop_begins_again_with_the_next_pass(self) -> None:
        monitor = self.make_monitor(make_feed(4), loop=True)
        self.run_until(monitor, lambda: self.progress.health().pass_number == 3)
        self.assertEqual(self.digest_ranges()[:4], [(1, 1, 3), (1, 4, 4), (2, 1, 3), (2, 4, 4)])

    def test_a_digest_is_closed_by_its_age_too(self) -> None:
        monitor = self.make_monitor(make_feed(2), digest_posts=1000, digest_seconds=0.01)
        # The second post is an hour away: only the age can have closed the digest.
        with mock.patch("monitor.gap_before", return_value=3600):
            cursors = CursorStore(self.directory / "state")
            self.run_until(monitor, lambda: (cursors.load().cursor or Cursor(1, 0, 0, "", "")).digest_from == 1)
        self.assertEqual(self.digest_ranges(), [(1, 1, 1)])

    def test_a_stop_writes_the_open_digest_and_the_next_run_completes_it(self) -> None:
        with mock.patch("monitor.gap_before", return_value=3600):
            self.run_until(self.make_monitor(make_feed(3)), lambda: self.progress.health().position == 1)
        self.assertEqual(self.digest_ranges(), [(1, 1, 1)])
        self.run_until(self.make_monitor(make_feed(3)), self.finished)
        self.assertEqual(self.digest_ranges(), [(1, 1, 3)])

    def test_a_failed_write_is_tried_again_without_losing_the_post(self) -> None:
        failures = iter([OSError("disk full"), OSError("disk full")])
        save = CursorStore.save

        def sometimes(store: CursorStore, cursor: Cursor) -> None:
            failure = next(failures, None)
            if failure:
                raise failure
            save(store, cursor)

        with mock.patch.object(CursorStore, "save", sometimes), mock.patch("monitor.RETRY_SECONDS", 0.001):
            self.run_until(self.make_monitor(make_feed(5)), self.finished)
        self.assertEqual(self.digest_ranges(), [(1, 1, 3), (1, 4, 5)])
        self.assertIn("reddit_monitor_failed_writes_total 2\n", self.progress.metrics())


class Kill(MonitorTest):
    def run_and_kill_at(self, write_number: int, feed: Feed, before: bool) -> bool:
        """Run on this thread until the n-th file is renamed into place, and die just before or after that."""
        renames = 0
        replace = os.replace

        def counting(source: Path, target: Path) -> None:
            nonlocal renames
            renames += 1
            if renames == write_number and before:
                raise Killed
            replace(source, target)
            if renames == write_number:
                raise Killed

        monitor = self.make_monitor(feed, loop=False)
        stop = mock.Mock(spec=threading.Event)
        stop.is_set.side_effect = self.finished
        stop.wait.side_effect = lambda seconds: time.sleep(min(seconds, 0.01))
        try:
            with mock.patch("os.replace", counting):
                monitor.run(stop)
        except Killed:
            return True
        return False

    def test_killed_at_every_write_the_digests_are_those_of_an_undisturbed_run(self) -> None:
        feed = make_feed(7)
        write_number, killed = 0, True
        while killed:
            write_number += 1
            for before in (True, False):
                with self.subTest(write=write_number, before=before), tempfile.TemporaryDirectory() as fresh:
                    self.directory = Path(fresh)
                    killed = self.run_and_kill_at(write_number, feed, before)
                    self.run_until(self.make_monitor(feed), self.finished)
                    self.assertEqual(self.digest_ranges(), [(1, 1, 3), (1, 4, 6), (1, 7, 7)])
        # 7 cursors, 3 digests, the cursor of the end, and the last flush.
        self.assertGreaterEqual(write_number, 11)

    def test_killed_again_and_again_it_still_gets_to_the_end(self) -> None:
        feed = make_feed(7)
        runs = 0
        while self.run_and_kill_at(2, feed, before=False):
            runs += 1
            self.assertLess(runs, 50)
        self.assertEqual(self.digest_ranges(), [(1, 1, 3), (1, 4, 6), (1, 7, 7)])


if __name__ == "__main__":
    unittest.main()
