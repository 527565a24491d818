"""What a description says of dangerous and delicate goods: a list of words in six languages.

A word raises a flag wherever it stands: in the title, the category or an attribute. A flag too many costs
the parcel some speed (it stays out of passenger bellies); a flag too few endangers an aircraft. So only a
plain denial ("no battery", `"Battery Included": "No"`) takes a word back, never a guess from context.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

import orjson

from qafila.network.timetable import Goods

_WORD = re.compile(
    r"[^\W_]+(?:'[^\W_]+)*"
)  # "lithium-ion" and "power-bank" are two words, as "lithium ion" is
_HAN = re.compile(r"[\u3400-\u9fff]")
_DENIED = frozenset(
    {
        "no",
        "none",
        "na",
        "n/a",
        "not included",
        "without",
        "false",
        "non",
        "aucun",
        "aucune",
        "nein",
        "keine",
        "ninguno",
        "ninguna",
        "لا",
        "无",
        "否",
        "不含",
        "没有",
    }
)
_LONGEST_PHRASE = 4


@dataclass(frozen=True, slots=True)
class _Words:
    raises: dict[str, Goods]
    clears: frozenset[str]
    han: tuple[tuple[str, Goods], ...]  # Chinese is written without spaces: found as it stands
    han_clears: tuple[str, ...]


def flags_of(title: str, attributes: str = "", category: str = "") -> tuple[Goods, dict[str, str]]:
    """The flags that a description raises, and for each flag (by name) the word that raised it."""
    found, because = _flags_of(title, attributes, category)
    return found, dict(because)


def flags_of_code(hs: str) -> tuple[Goods, str]:
    """The flags that an HS code raises, and the prefix that does; NONE where it raises none (facts/goods-codes.csv)."""
    return next(((flag, prefix) for prefix, flag in _codes() if hs.startswith(prefix)), (Goods.NONE, ""))


@cache
def _codes() -> tuple[tuple[str, Goods], ...]:
    with (files("qafila") / "facts" / "goods-codes.csv").open(encoding="utf-8") as lines:
        found = [
            (prefix, Goods[row["flag"]]) for row in csv.DictReader(lines) for prefix in row["hs"].split()
        ]
    return tuple(sorted(found, key=lambda one: -len(one[0])))


@lru_cache(maxsize=20_000)  # a seller's descriptions come again and again
def _flags_of(title: str, attributes: str, category: str) -> tuple[Goods, dict[str, str]]:
    words = _words()
    text = _plain(" . ".join((title, category, *_affirmed(attributes))))
    found = Goods.NONE
    because: dict[str, str] = {}

    def take(flag: Goods, word: str) -> None:
        nonlocal found
        found |= flag
        because.setdefault(flag.name or "", word)

    denied: set[int] = set()
    tokens = [_bare(t) for t in _WORD.findall(text)]
    phrases = list(_phrases(tokens))
    for start, length, phrase in phrases:
        if phrase in words.clears:
            denied.update(range(start, start + length))
    for start, length, phrase in phrases:
        flag = words.raises.get(phrase) or words.raises.get(_singular(phrase))
        if flag is not None and not denied.intersection(range(start, start + length)):
            take(flag, phrase)
    if _HAN.search(text):
        for clear in words.han_clears:
            text = text.replace(clear, " ")
        for word, flag in words.han:
            if word in text:
                take(flag, word)
    if found & Goods.LITHIUM:  # the stricter mark of the two is enough
        found &= ~Goods.LITHIUM_BUILT_IN
        because.pop("LITHIUM_BUILT_IN", None)
    return found, because


def _phrases(tokens: list[str]) -> Iterator[tuple[int, int, str]]:
    for start in range(len(tokens)):
        phrase = ""
        for length in range(1, min(_LONGEST_PHRASE, len(tokens) - start) + 1):
            phrase = f"{phrase} {tokens[start + length - 1]}" if phrase else tokens[start]
            yield start, length, phrase


def _affirmed(attributes: str) -> list[str]:
    """The attributes as text, those left out that deny themselves (`"Battery Included": "No"`)."""
    try:
        parsed = orjson.loads(attributes)
    except orjson.JSONDecodeError:
        parts = re.split(r"[|;\n]", attributes)
        pairs = [tuple(part.split(":", 1)) if ":" in part else (part, "") for part in parts]
    else:
        if not isinstance(parsed, dict):
            return [attributes]
        pairs = [(str(key), str(value)) for key, value in parsed.items()]
    return [f"{key} . {value}" for key, value in pairs if value.strip().casefold() not in _DENIED]


@cache
def _words() -> _Words:
    raises: dict[str, Goods] = {}
    han: list[tuple[str, Goods]] = []
    clears: set[str] = set()
    han_clears: list[str] = []
    with (files("qafila") / "facts" / "goods-words.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            for written in row["words"].split("|"):
                word = _plain(written)
                if row["means"] == "clears":
                    if _HAN.search(word):
                        han_clears.append(word)
                    else:
                        clears.add(_phrase(word))
                elif _HAN.search(word):
                    han.append((word, Goods[row["flag"]]))
                else:
                    raises[_phrase(word)] = raises.get(_phrase(word), Goods.NONE) | Goods[row["flag"]]
    return _Words(raises, frozenset(clears), tuple(han), tuple(han_clears))


def _phrase(word: str) -> str:
    return " ".join(_bare(token) for token in _WORD.findall(word))


def _singular(phrase: str) -> str:
    """English, French and Spanish plurals by their last letter: laptops, drones, powerbanks."""
    return phrase[:-1] if phrase.endswith("s") and len(phrase) > 4 else phrase


def _bare(token: str) -> str:
    """An Arabic word without its article; other words as they are."""
    return token[2:] if token.startswith("ال") and len(token) > 4 else token


@cache
def _kept(c: str) -> bool:
    return not unicodedata.combining(c)


def _plain(text: str) -> str:
    """Case and accents taken away, Arabic letters that are written in several ways made one."""
    if not text.isascii():
        text = "".join(c for c in unicodedata.normalize("NFKD", text) if _kept(c))
    return (
        text.casefold()
        .replace("أ", "ا")
        .replace("إ", "ا")
        .replace("آ", "ا")
        .replace("ة", "ه")
        .replace("ـ", "")
    )
