"""A digest says what was handled, in an order that helps, and strangers' text cannot change its form."""

from __future__ import annotations

import tempfile
import unittest
from pathlib import Path

from classify import Classification, classify
from digest import DigestEntry, DigestStore, plain, render_digest
from tests.samples import make_post, make_posts


def entry(label: str, **fields: object) -> DigestEntry:
    return DigestEntry(make_post(**fields), Classification(label, 0.75, ("a reason (+3)",)))


class RenderDigest(unittest.TestCase):
    def test_counts_groups_and_sorts(self) -> None:
        text = render_digest(
            2,
            26,
            [
                entry("question", title="Low question", score=5),
                entry("noise", title="Some noise"),
                entry("incident", title="An incident", subreddit="LLMOps", created_utc=1_773_003_600),
                entry("question", title="High question", score=50),
            ],
        )
        self.assertTrue(text.startswith("# Digest: pass 2, posts 26 to 29\n"))
        self.assertIn("From 2026-03-08 20:00 UTC to 2026-03-08 21:00 UTC in r/AgentOps, r/LLMOps.", text)
        self.assertIn("| Incidents | 1 |\n| Releases | 0 |\n| Questions | 2 |\n| Opinions | 0 |\n| Noise | 1 |", text)
        self.assertLess(text.index("## Incidents (1)"), text.index("## Questions (2)"))
        self.assertLess(text.index("High question"), text.index("Low question"))
        self.assertIn("- **An incident** in r/LLMOps: 10 points, 3 comments, confidence 0.75\n", text)
        self.assertIn("  - why: a reason (+3)\n", text)
        self.assertNotIn("Some noise", text)

    def test_is_the_same_for_the_same_posts(self) -> None:
        entries = [DigestEntry(post, classify(post)) for post in make_posts(5)]
        self.assertEqual(render_digest(1, 1, entries), render_digest(1, 1, entries))

    def test_text_of_strangers_stays_text(self) -> None:
        self.assertEqual(plain("# a\n\n<b>*x*</b> [y](z) `q`"), r"\# a \<b\>\*x\*\</b\> \[y\](z) \`q\`")


class Store(unittest.TestCase):
    def setUp(self) -> None:
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.directory = Path(temporary.name)
        self.entries = [DigestEntry(post, classify(post)) for post in make_posts(2)]

    def names(self) -> list[str]:
        return sorted(path.name for path in self.directory.iterdir())

    def test_writing_again_replaces(self) -> None:
        store = DigestStore(self.directory, keep=9)
        store.write(1, 1, self.entries[:1])
        path = store.write(1, 1, self.entries)
        self.assertEqual(self.names(), ["digest-pass-000001-from-0001.md"])
        self.assertIn("posts 1 to 2", path.read_text(encoding="utf-8"))

    def test_latest_is_by_pass_and_position(self) -> None:
        store = DigestStore(self.directory, keep=9)
        self.assertIsNone(store.latest())
        for pass_number, first in ((1, 1), (1, 151), (10, 1), (9, 26)):
            store.write(pass_number, first, self.entries)
        latest = store.latest()
        self.assertEqual(latest and latest.name, "digest-pass-000010-from-0001.md")

    def test_keeps_only_the_newest_and_touches_nothing_else(self) -> None:
        (self.directory / "digest-pass-mine.md").touch()
        (self.directory / "notes.md").touch()
        store = DigestStore(self.directory, keep=2)
        for first in (1, 26, 51):
            store.write(1, first, self.entries)
        self.assertEqual(
            self.names(),
            [
                "digest-pass-000001-from-0026.md",
                "digest-pass-000001-from-0051.md",
                "digest-pass-mine.md",
                "notes.md",
            ],
        )


if __name__ == "__main__":
    unittest.main()
