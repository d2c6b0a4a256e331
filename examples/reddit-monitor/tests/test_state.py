"""The cursor comes back as it was saved; a damaged one is moved aside with the reason, and files are never half."""

from __future__ import annotations

import json
import tempfile
import unittest
from dataclasses import asdict
from pathlib import Path
from unittest import mock

from settings import ConfigError
from state import Cursor, CursorStore, write_atomically

CURSOR = Cursor(pass_number=2, position=12, digest_from=10, last_id="p12", feed_fingerprint="f1")


class Store(unittest.TestCase):
    def setUp(self) -> None:
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.directory = Path(temporary.name)
        self.file = self.directory / "cursor.json"
        self.store = CursorStore(self.directory)

    def test_comes_back_as_saved(self) -> None:
        self.store.save(CURSOR)
        self.assertEqual(self.store.load().cursor, CURSOR)
        self.assertEqual([path.name for path in self.directory.iterdir()], ["cursor.json"])

    def test_no_file_is_no_problem(self) -> None:
        loaded = self.store.load()
        self.assertIsNone(loaded.cursor)
        self.assertIsNone(loaded.moved_to)

    def test_a_damaged_file_is_moved_aside_untouched(self) -> None:
        good = {"version": 1, **asdict(CURSOR)}
        damaged = {
            "": "not JSON",
            '{"version": 1, "pass_nu': "not JSON",
            "[" * 100_000: "not JSON",
            "null": "not a cursor of version 1",
            json.dumps({**good, "version": 2}): "not a cursor of version 1",
            json.dumps({**good, "position": -1}): '"position" is not a whole number',
            json.dumps({**good, "position": "12"}): '"position" is not a whole number',
            json.dumps({**good, "digest_from": 13}): "contradict",
            json.dumps({**good, "pass_number": 0}): "contradict",
            json.dumps({**good, "last_id": None}): '"last_id" is not text',
        }
        for content, reason in damaged.items():
            with self.subTest(content=content[:40]):
                self.file.write_text(content, encoding="utf-8")
                loaded = self.store.load()
                self.assertIsNone(loaded.cursor)
                self.assertIn(reason, loaded.problem)
                assert loaded.moved_to is not None
                self.assertEqual(loaded.moved_to.read_text(encoding="utf-8"), content)
                self.assertRegex(loaded.moved_to.name, r"^cursor\.json\.corrupt-\d{8}T")
                self.assertFalse(self.file.exists())

    def test_what_cannot_be_read_is_bad_configuration(self) -> None:
        self.file.mkdir()
        with self.assertRaisesRegex(ConfigError, r"^STATE_DIR: cannot read .*cursor.json: Is a directory$"):
            self.store.load()


class WriteAtomically(unittest.TestCase):
    def setUp(self) -> None:
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.path = Path(temporary.name) / "below" / "file"

    def test_makes_the_directory_and_replaces_the_file(self) -> None:
        write_atomically(self.path, "old")
        write_atomically(self.path, "new")
        self.assertEqual(self.path.read_text(encoding="utf-8"), "new")

    def test_a_failure_before_the_rename_keeps_the_old_file(self) -> None:
        write_atomically(self.path, "old")
        for step in ("os.fsync", "os.replace"):
            with self.subTest(step=step), mock.patch(step, side_effect=OSError("no")):
                with self.assertRaises(OSError):
                    write_atomically(self.path, "new")
                self.assertEqual(self.path.read_text(encoding="utf-8"), "old")

    def test_writes_before_it_renames(self) -> None:
        order: list[str] = []
        with mock.patch("os.fsync", side_effect=lambda _: order.append("fsync")):
            with mock.patch("os.replace", side_effect=lambda *_: order.append("replace")):
                write_atomically(self.path, "text")
        self.assertEqual(order, ["fsync", "replace", "fsync"])

    def test_text_that_is_not_unicode_is_written_escaped(self) -> None:
        write_atomically(self.path, "half \ud83d pair")
        self.assertEqual(self.path.read_text(encoding="utf-8"), "half \\ud83d pair")


if __name__ == "__main__":
    unittest.main()
