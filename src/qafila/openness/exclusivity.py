"""Finds words that may tie a merchant to one channel. No typed term can do that (see terms.TOPICS); free text might.

It flags and does not forbid: words that deny exclusivity look like words that demand it, and somebody must read them.
"""

from __future__ import annotations

import csv
import re
from functools import cache
from importlib.resources import files

from qafila.core.message import Message
from qafila.core.values import value
from qafila.openness import openness_messages as m


@value
class Pattern:
    """Words to look for, and why."""

    language: str
    words: re.Pattern[str]
    reason: str
    source: str


@cache
def patterns() -> tuple[Pattern, ...]:
    """The patterns of facts/exclusivity-words.csv."""
    with (files("qafila") / "facts" / "exclusivity-words.csv").open(encoding="utf-8") as lines:
        return tuple(
            Pattern(row["language"], re.compile(row["pattern"], re.IGNORECASE), row["reason"], row["source"])
            for row in csv.DictReader(lines)
        )


@value
class Found:
    """A place in a text that somebody must look at: where it is, the words, and the reason."""

    start: int
    words: str
    reason: str
    source: str


def find(text: str) -> list[Found]:
    """The places of a text that may tie a merchant to one channel, in the order of the text."""
    found: dict[tuple[int, int], Found] = {}
    for pattern in patterns():
        for match in pattern.words.finditer(text):
            found.setdefault(
                match.span(), Found(match.start(), match.group(), pattern.reason, pattern.source)
            )
    return [found[span] for span in sorted(found)]


def flags(text: str) -> list[Message]:
    """The same as messages."""
    return [m.EXCLUSIVE(words=one.words) for one in find(text)]
