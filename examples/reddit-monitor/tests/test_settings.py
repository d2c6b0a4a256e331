"""Settings are read as documented, and each wrong one is refused in one sentence that names it."""

from __future__ import annotations

import tempfile
import unittest
from pathlib import Path

from settings import ConfigError, Speed, parse_speed, prepare_directory, read_settings


class ReadSettings(unittest.TestCase):
    def test_defaults(self) -> None:
        settings = read_settings({})
        self.assertEqual(settings.port, 0)
        self.assertEqual(settings.feed_path.name, "feed.jsonl")
        self.assertEqual(settings.speed, Speed(posts_per_second=1))
        self.assertTrue(settings.loop)
        self.assertEqual(settings.state_dir.parts[-2:], ("var", "state"))
        self.assertEqual(settings.digest_dir.parts[-2:], ("var", "digests"))

    def test_an_empty_variable_counts_as_absent(self) -> None:
        self.assertEqual(read_settings({"PORT": "", "FEED": "", "FEED_LOOP": ""}), read_settings({}))

    def test_speed(self) -> None:
        self.assertEqual(parse_speed("2"), Speed(posts_per_second=2))
        self.assertEqual(parse_speed(".5"), Speed(posts_per_second=0.5))
        self.assertEqual(parse_speed("600x"), Speed(time_factor=600))

    def test_wrong_values_are_named(self) -> None:
        wrong = {
            "PORT": ("-1", "65536", "http", "1.5", "١"),
            "FEED_SPEED": ("0", "0x", "fast", "-2", "1e3", "1001", "nan", "inf", "2 x"),
            "FEED_LOOP": ("yes", "True", "1"),
            "DIGEST_POSTS": ("0", "many", "1001"),
            "DIGEST_SECONDS": ("-1", "soon"),
            "DIGEST_KEEP": ("0",),
            "STALL_SECONDS": ("x",),
        }
        for name, values in wrong.items():
            for value in values:
                with self.subTest(name=name, value=value):
                    with self.assertRaises(ConfigError) as caught:
                        read_settings({name: value})
                    self.assertTrue(str(caught.exception).startswith(name))
                    self.assertIn(f'"{value}"', str(caught.exception))
                    self.assertNotIn("\n", str(caught.exception))


class PrepareDirectory(unittest.TestCase):
    def test_makes_it_and_leaves_nothing_in_it(self) -> None:
        with tempfile.TemporaryDirectory() as base:
            directory = Path(base) / "a" / "b"
            prepare_directory("STATE_DIR", directory)
            self.assertEqual(list(directory.iterdir()), [])

    def test_refuses_what_cannot_be_written_to(self) -> None:
        with tempfile.TemporaryDirectory() as base:
            file = Path(base) / "file"
            file.touch()
            with self.assertRaisesRegex(ConfigError, r"^STATE_DIR: cannot write to .*/file/below: Not a directory$"):
                prepare_directory("STATE_DIR", file / "below")


if __name__ == "__main__":
    unittest.main()
