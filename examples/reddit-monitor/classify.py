"""Classification: a label, a confidence and the reasons, from rules that a person can read and check by hand.

Every rule that matches gives its points to its label; a match in the title counts twice. The label with the most
points wins (at a tie the one named first in LABELS), and its share of all points given is the confidence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from feed import Post

LABELS = ("incident", "release", "question", "opinion", "noise")

# What is taken from the share, so that one weak match never looks like certainty.
DOUBT_POINTS = 1
CONFIDENCE_WITHOUT_MATCH = 0.3


@dataclass(frozen=True)
class Classification:
    label: str
    confidence: float  # 0..1, two digits
    reasons: tuple[str, ...]  # why this label, strongest first


@dataclass(frozen=True)
class Rule:
    label: str
    points: int
    reason: str
    pattern: re.Pattern[str]


def _rule(label: str, points: int, reason: str, phrases: str) -> Rule:
    """A rule for whole words: alternatives of a regular expression, in any case of letters."""
    return Rule(label, points, reason, re.compile(rf"(?<!\w)(?:{phrases})(?!\w)", re.IGNORECASE))


VALUABLES = "(data|database|db|keys?|tokens?|index|files|volume|repo|mailbox|vectors)"

WORD_RULES = (
    _rule(
        "incident",
        3,
        "reports an outage",
        "outage|incident|post-?mortem|sev-?[0-3]|went down|(is|are|was|were) down",
    ),
    _rule(
        "incident",
        3,
        "reports a loss or a leak",
        rf"(lost|leaked|deleted|wiped|corrupted)\b.{{0,30}}\b{VALUABLES}|data loss",
    ),
    _rule(
        "incident",
        2,
        "reports a failure",
        "crash(es|ed|ing)?|hangs?|hanging|broke|broken|segfaults?|oom|oom[- ]?killed|timeouts?|timing out|"
        r"5\d\d errors?|429s?|runaway|infinite loop|stuck in a loop",
    ),
    _rule(
        "incident",
        2,
        "asks for or describes a response",
        "root cause|rolled back|rolling back|mitigat(ed|ion)|paged|on-?call|status page|all clear|heads[- ]up|psa",
    ),
    _rule(
        "incident",
        1,
        "names a cost or duration of harm",
        r"burned|burnt|woke up to|degraded|for (\w+ ){1,2}(minutes|hours)",
    ),
    _rule(
        "release",
        3,
        "announces a release",
        "released?|releasing|launch(ed|ing)?|announc(e|ed|ing)|changelog|release notes|now available|"
        "just shipped|open[- ]sourced",
    ),
    _rule(
        "release",
        2,
        "names a version",
        r"v?\d+\.\d+(\.\d+)?(-?(rc|beta|alpha)\.?\d*)?\b.{0,40}\b(out|ships|adds)|"
        r"v?\d+\.\d+(\.\d+)?\b.{0,40}\b(is here|brings|with)|^\[release\]",
    ),
    _rule(
        "release",
        2,
        "shows something made",
        "show off|(i|we) (built|made|wrote)|my first (project|tool|release)",
    ),
    _rule(
        "release",
        1,
        "names what a release has",
        r"apache[- ]2\.0|mit[- ]licensed?|breaking changes?|weights|gguf|docker image|migration guide",
    ),
    _rule(
        "question",
        2,
        "asks how, what or which",
        "^how|^what|^which|^why|^where|^who|^when|^is|^are|^does|^do|^can|^could|^should|^would|^has|^have|"
        "^any(one|body)?",
    ),
    _rule(
        "question",
        2,
        "asks for help",
        "help|eli5|noob|newbie|beginner|(need|any) advice|any ideas?|any tips|recommendations?|"
        "am i missing|what am i|looking for",
    ),
    _rule(
        "question",
        1,
        "asks the reader",
        "how (do|does|are|can) (you|i|we)|what do you|has anyone|does anyone|do you|should i|is it worth|is there a",
    ),
    _rule(
        "opinion",
        3,
        "says it is an opinion",
        "unpopular opinion|hot take|change my mind|rant|hill i('ll| will) die on|in my opinion|imo|imho",
    ),
    _rule(
        "opinion",
        2,
        "judges",
        "overrated|underrated|over-?engineered|hype|cargo cult|considered harmful|"
        "stop (using|building|calling|treating)|(is|are) dead|is a trap|nobody needs|tired of|"
        "we need to talk|the case (for|against)",
    ),
    _rule(
        "opinion",
        1,
        "argues",
        "i (think|believe|feel|suspect|argue)|honestly|frankly|lessons? (learned|from)|my take|"
        "thoughts on why|reflections?|convinced",
    ),
    _rule(
        "noise",
        3,
        "sells or gives away",
        "giveaway|promo code|discount|limited time|dm me|subscribe|newsletter|webinar|free trial|upvote|"
        "referral|affiliate|sign up",
    ),
    _rule(
        "noise",
        3,
        "is a joke or small talk",
        "meme|shitpost|lol|lmao|starter pack|happy friday|mood|me_irl|pov|nobody:",
    ),
    _rule(
        "noise",
        2,
        "is a job ad",
        r"hiring|\[for hire\]|job offer|looking for work|who is hiring",
    ),
)


def classify(post: Post) -> Classification:
    given = [*_word_points(post), *_form_points(post)]
    if not given:
        return Classification("noise", CONFIDENCE_WITHOUT_MATCH, ("no rule matched",))

    totals = {label: sum(points for of, points, _ in given if of == label) for label in LABELS}
    label = max(LABELS, key=lambda candidate: totals[candidate])
    confidence = round(totals[label] / (sum(totals.values()) + DOUBT_POINTS), 2)
    own = sorted((points, reason) for of, points, reason in given if of == label)
    return Classification(label, confidence, tuple(f"{reason} (+{points})" for points, reason in reversed(own)))


def _word_points(post: Post) -> list[tuple[str, int, str]]:
    given = []
    for rule in WORD_RULES:
        if rule.pattern.search(post.title):
            given.append((rule.label, rule.points * 2, rule.reason))
        elif rule.pattern.search(post.selftext):
            given.append((rule.label, rule.points, rule.reason))
    return given


def _form_points(post: Post) -> list[tuple[str, int, str]]:
    """What the shape and the score of a post say, whatever its words are."""
    given = []
    if post.title.rstrip().endswith("?"):
        given.append(("question", 4, "the title is a question"))
    elif "?" in post.selftext[-80:]:
        given.append(("question", 1, "the text ends with a question"))
    if post.score <= 0:
        given.append(("noise", 4, "was voted down"))
    if len(post.title) + len(post.selftext) < 60:
        given.append(("noise", 2, "says almost nothing"))
    return given
