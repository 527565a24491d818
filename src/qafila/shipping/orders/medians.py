"""What goods of a kind usually weigh, and how dense they are (facts/parcel-medians.csv)."""

from __future__ import annotations

import csv
import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache
from importlib.resources import files

from qafila.core.message import Message, fact

_WORD = re.compile(r"[^\W_]+(?:[-'&][^\W_]+)*|&")
_HAN = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class Median:
    """One kind of goods: grams of a piece with its box, density of the boxed piece in g/cm³."""

    kind: Message
    grams: int
    density: Decimal
    source: Message
    words: tuple[str, ...]


@lru_cache(maxsize=50_000)
def median_of(category: str, title: str) -> Median:
    """The kind whose word stands in the category, the most special part of it first, else in the title."""
    for text in (*reversed(category.split(">")), title):
        if found := _first(_plain(text)):
            return found
    return medians()[-1]


def is_usual(median: Median) -> bool:
    """Whether it is of a kind of goods, not the one for goods of no known kind."""
    return median is not medians()[-1]


def _first(text: str) -> Median | None:
    tokens = _WORD.findall(text)
    phrases = {" ".join(tokens[i : i + n]) for n in (1, 2, 3) for i in range(len(tokens) - n + 1)}
    by_phrase, in_chinese = _places()
    found = [by_phrase[phrase] for phrase in phrases & by_phrase.keys()]
    found += [place for word, place in in_chinese if word in text]  # Chinese puts no space between words
    return medians()[min(found)] if found else None


@cache
def _places() -> tuple[dict[str, int], list[tuple[str, int]]]:
    """Which median a word speaks for, the first that has it: words as they are, and Chinese ones."""
    by_phrase: dict[str, int] = {}
    in_chinese: list[tuple[str, int]] = []
    for place, median in enumerate(medians()):
        for word in median.words:
            if _HAN.search(word):
                in_chinese.append((word, place))
            else:
                by_phrase.setdefault(word, place)
    return by_phrase, in_chinese


@cache
def medians() -> tuple[Median, ...]:
    """Every kind, the one for goods of no known kind last."""
    with (files("qafila") / "facts" / "parcel-medians.csv").open(encoding="utf-8") as lines:
        return tuple(
            Median(
                fact("facts.goods", row["kind"]),
                int(row["grams"]),
                Decimal(row["density"]),
                fact("facts.source", row["source"]),
                tuple(_plain(word) for word in row["words"].split("|") if word),
            )
            for row in csv.DictReader(lines)
        )


def _plain(text: str) -> str:
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(bare.casefold().split())
