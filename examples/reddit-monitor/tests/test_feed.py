"""The feed is read in order; bad lines are named by file and line, and a file of bad lines is no feed."""

from __future__ import annotations

import tempfile
import unittest
from pathlib import Path

from feed import Feed, gap_before, load_feed, parse_post
from settings import HERE, ConfigError, Speed
from tests.samples import make_post, make_posts, post_line


class LoadFeed(unittest.TestCase):
    def setUp(self) -> None:
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.path = Path(temporary.name) / "feed.jsonl"

    def load(self, *lines: str) -> Feed:
        self.path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return load_feed(self.path)

    def test_keeps_the_order_and_skips_empty_lines(self) -> None:
        posts = make_posts(3)
        feed = self.load(post_line(posts[0]), "", post_line(posts[1]), post_line(posts[2]))
        self.assertEqual(list(feed.posts), posts)
        self.assertEqual(feed.bad_lines, ())
        self.assertEqual(feed.index_of("p2"), 1)
        self.assertIsNone(feed.index_of("p9"))

    def test_one_bad_line_is_skipped_and_named(self) -> None:
        posts = make_posts(2)
        feed = self.load(post_line(posts[0]), '{"id": "cut o', post_line(posts[1]))
        self.assertEqual(list(feed.posts), posts)
        self.assertEqual([bad.at for bad in feed.bad_lines], ["feed.jsonl:2"])
        self.assertIn("not JSON", feed.bad_lines[0].reason)

    def test_an_id_that_was_used_before_is_a_bad_line(self) -> None:
        post = make_posts(1)[0]
        feed = self.load(post_line(post), post_line(post))
        self.assertEqual(feed.bad_lines[0].reason, 'the id "p1" was used by an earlier line')

    def test_one_bad_line_in_ten_is_tolerated_and_more_are_not(self) -> None:
        good = [post_line(post) for post in make_posts(18)]
        self.assertEqual(len(self.load(*good, "no", "no").bad_lines), 2)
        with self.assertRaisesRegex(
            ConfigError, r"^FEED: 3 of 21 lines are no posts, the first is feed.jsonl:19: not J"
        ):
            self.load(*good, "no", "no", "no")

    def test_refuses_what_is_no_feed(self) -> None:
        with self.assertRaisesRegex(ConfigError, r"^FEED: cannot read .*: No such file or directory$"):
            load_feed(self.path)
        with self.assertRaisesRegex(ConfigError, r"^FEED: .*feed.jsonl has no posts$"):
            self.load("")
        with self.assertRaisesRegex(ConfigError, r"^FEED: 1 of 1 lines are no posts, the first is feed.jsonl:1: "):
            self.load("[1]")

    def test_the_fingerprint_is_of_the_content(self) -> None:
        lines = [post_line(post) for post in make_posts(2)]
        self.assertEqual(self.load(*lines).fingerprint, self.load(*lines).fingerprint)
        self.assertNotEqual(self.load(*lines).fingerprint, self.load(lines[0]).fingerprint)


class ParsePost(unittest.TestCase):
    def test_says_what_is_wrong(self) -> None:
        line = post_line(make_post())
        wrong = {
            line.replace('"score": 10', '"score": "10"'): '"score" must be a whole number',
            line.replace('"score": 10', '"score": true'): '"score" must be a whole number',
            line.replace('"id": "p0"', '"id": ""'): '"id" must be text',
            line.replace('"author"', '"writer"'): '"author" must be text',
            "[]": "not a JSON object",
            "[" * 100_000: "nested too deeply",
        }
        for text, reason in wrong.items():
            with self.subTest(reason=reason), self.assertRaisesRegex(ValueError, reason):
                parse_post(text.encode())
        with self.assertRaisesRegex(ValueError, "not UTF-8"):
            parse_post(b'{"id": "\xff"}')

    def test_the_text_may_be_empty(self) -> None:
        self.assertEqual(parse_post(post_line(make_post(selftext="")).encode()).selftext, "")


class GapBefore(unittest.TestCase):
    def test_posts_per_second(self) -> None:
        first, second = make_posts(2)
        self.assertEqual(gap_before(second, first, Speed(posts_per_second=4)), 0.25)

    def test_time_factor(self) -> None:
        first, second = make_posts(2)  # one minute apart
        self.assertEqual(gap_before(second, first, Speed(time_factor=600)), 0.1)

    def test_never_a_busy_loop(self) -> None:
        first, second = make_posts(2)
        self.assertGreater(gap_before(first, second, Speed(time_factor=1)), 0)
        self.assertGreater(gap_before(first, None, Speed(time_factor=1)), 0)


class ShippedFeed(unittest.TestCase):
    def test_is_a_good_feed_over_several_subreddits(self) -> None:
        feed = load_feed(HERE / "feed.jsonl")
        self.assertEqual(feed.bad_lines, ())
        self.assertGreaterEqual(len(feed.posts), 150)
        self.assertGreaterEqual(len({post.subreddit for post in feed.posts}), 5)
        times = [post.created_utc for post in feed.posts]
        self.assertEqual(times, sorted(times))


if __name__ == "__main__":
    unittest.main()
