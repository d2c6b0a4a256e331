"""Health is a matter of time: late posts make it bad, with the reason, and nothing else does."""

from __future__ import annotations

import unittest

from health import Progress


class Health(unittest.TestCase):
    def setUp(self) -> None:
        self.now = 100.0
        self.progress = Progress(feed_posts=9, bad_lines=1, stall_seconds=5, now=lambda: self.now)
        self.progress.at("running", 1, 0)

    def reason(self) -> str:
        return self.progress.health().reason

    def test_a_post_may_be_late_by_the_stall_time(self) -> None:
        self.progress.expect_next(110)
        self.now = 115.0
        self.assertTrue(self.progress.health().ok)
        self.now = 115.1
        self.assertEqual(self.reason(), "no post handled for 5.1 s")

    def test_waiting_long_for_a_post_that_is_due_later_is_well(self) -> None:
        self.progress.expect_next(100_000)
        self.now = 99_999.0
        self.assertTrue(self.progress.health().ok)

    def test_names_the_last_failed_write_until_a_post_is_handled(self) -> None:
        self.progress.write_failed("disk full")
        self.now = 106.0
        self.assertEqual(self.reason(), "no post handled for 6.0 s: disk full")
        self.progress.post_handled("noise")
        self.now = 112.0
        self.assertEqual(self.reason(), "no post handled for 6.0 s")

    def test_behind_the_pace_but_moving_is_well(self) -> None:
        for self.now in (110.0, 114.0, 118.0):
            self.progress.post_handled("noise")
            self.progress.expect_next(101)
            self.assertTrue(self.progress.health().ok)

    def test_finished_is_well_and_stopping_is_not(self) -> None:
        self.progress.at("finished", 1, 9)
        self.now = 1000.0
        self.assertTrue(self.progress.health().ok)
        self.progress.stopping()
        self.assertEqual(self.reason(), "stopping")

    def test_metrics(self) -> None:
        self.progress.at("running", 2, 4)
        self.progress.post_handled("incident")
        self.progress.digest_written()
        lines = self.progress.metrics().splitlines()
        self.assertIn('reddit_monitor_posts_classified_total{label="incident"} 1', lines)
        self.assertIn('reddit_monitor_posts_classified_total{label="noise"} 0', lines)
        self.assertIn("reddit_monitor_digests_written_total 1", lines)
        self.assertIn("reddit_monitor_feed_pass 2", lines)
        self.assertIn("reddit_monitor_feed_position 4", lines)
        self.assertIn("reddit_monitor_feed_bad_lines 1", lines)
        self.assertIn("reddit_monitor_healthy 1", lines)


if __name__ == "__main__":
    unittest.main()
