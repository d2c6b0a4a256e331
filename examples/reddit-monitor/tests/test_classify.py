"""Labels follow from the rules alone, and agree with a person's labels of the shipped feed in nine cases of ten."""

from __future__ import annotations

import json
import unittest
from pathlib import Path

from classify import CONFIDENCE_WITHOUT_MATCH, LABELS, classify
from feed import load_feed
from settings import HERE
from tests.samples import make_post


class Classify(unittest.TestCase):
    def test_posts_that_leave_no_doubt(self) -> None:
        expected = {
            "Outage: our gateway went down for two hours": "incident",
            "Agent wiped the data volume last night, restore is running": "incident",
            "Version 3.1 is out: announcing hot reload and a new scheduler": "release",
            "Which vector store do you use for a small archive?": "question",
            "Hot take: autoscaling is overrated on a single host": "opinion",
            "Giveaway: subscribe to our newsletter and win a license": "noise",
        }
        for title, label in expected.items():
            with self.subTest(title=title):
                verdict = classify(make_post(title=title))
                self.assertEqual(verdict.label, label)
                self.assertGreaterEqual(verdict.confidence, 0.6)
                self.assertLess(verdict.confidence, 1)

    def test_a_match_in_the_title_counts_twice(self) -> None:
        in_title = classify(make_post(title="There was an outage in the eastern region today"))
        in_text = classify(make_post(selftext="There was an outage in the eastern region today, nothing else to tell."))
        self.assertEqual(in_title.reasons, ("reports an outage (+6)",))
        self.assertEqual(in_text.reasons, ("reports an outage (+3)",))
        self.assertEqual((in_title.confidence, in_text.confidence), (0.86, 0.75))

    def test_two_labels_share_the_confidence(self) -> None:
        verdict = classify(make_post(title="Is there an outage in the eastern region again today?"))
        # question: 4 (form) + 4 (asks how, what or which) + 2 (asks the reader is not in it); incident: 6
        self.assertEqual(verdict.label, "question")
        self.assertEqual(verdict.confidence, round(8 / (8 + 6 + 1), 2))

    def test_at_a_tie_the_graver_label_wins(self) -> None:
        verdict = classify(make_post(title="An incident and a release on the same day in our team"))
        self.assertEqual(verdict.label, "incident")

    def test_only_whole_words_count(self) -> None:
        self.assertEqual(
            classify(make_post(title="The psalm of the lollipop and the rantings")).reasons, ("no rule matched",)
        )

    def test_no_match_is_noise_with_little_confidence(self) -> None:
        verdict = classify(make_post())
        self.assertEqual((verdict.label, verdict.confidence), ("noise", CONFIDENCE_WITHOUT_MATCH))

    def test_a_post_that_was_voted_down_is_noise(self) -> None:
        self.assertEqual(classify(make_post(score=0)).reasons, ("was voted down (+4)",))

    def test_is_quick_on_long_hostile_text(self) -> None:
        # Finishes at all: no rule may take exponential time.
        for text in ("lost " * 20_000, "1.1" * 20_000, "for a " * 20_000, "?" * 50_000):
            self.assertIn(classify(make_post(selftext=text)).label, LABELS)


class ShippedFeed(unittest.TestCase):
    def test_agrees_with_the_labels_of_a_person(self) -> None:
        labels = json.loads((Path(__file__).parent / "labels.json").read_text(encoding="utf-8"))
        posts = load_feed(HERE / "feed.jsonl").posts
        self.assertEqual(set(labels), {post.id for post in posts})
        agreed = sum(classify(post).label == labels[post.id] for post in posts)
        self.assertGreaterEqual(agreed / len(posts), 0.9)


if __name__ == "__main__":
    unittest.main()
