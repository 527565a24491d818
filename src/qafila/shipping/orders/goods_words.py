"""What a description says of dangerous and delicate goods: a list of words in six languages.

A word raises a flag wherever it stands: in the title, the category or an attribute. A flag too many costs
the parcel some speed (it stays out of passenger bellies); a flag too few endangers an aircraft. So a word is
taken back only where it is plain that it is not meant: by a denial ("no battery", `"Battery Included": "No"`),
by a longer phrase in the list that holds it ("battery compartment", "Freddie Mercury", "lighter than"), and where
it names a device for which something without a battery is made ("laptop backpack", "holder for mobile phone").
What is frozen or chilled is perishable only where food is named: a film is frozen too.
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
        "n",
        "无",
        "否",
        "不含",
        "没有",
    }
)
_LONGEST_PHRASE = 5
_FOR = frozenset({"for", "pour", "fur", "para", "de", "du"})
_BETWEEN = frozenset({"computer", "pc", "notebook", "phone", "business", "travel"})
"""Words between a device and what is made for it: "laptop computer bag"."""
_FAR = 5  # words from "for" to the device, and from what is made for it to "for"
_BREAK = re.compile(r"[,;:/|()+&•]")
_COMPATIBLE = ("compatible", "application", "applicable", "suitable", "for ", "fit for")
"""How attributes begin that say what the goods are used with, not what they are."""


@dataclass(frozen=True, slots=True)
class _Words:
    raises: dict[str, Goods]
    devices: frozenset[str]  # of those, what names a device with a battery in it
    accessories: frozenset[str]
    with_food: dict[str, Goods]  # raised only where food is named
    food: frozenset[str]
    clears: frozenset[str]
    han: tuple[tuple[str, Goods], ...]  # Chinese is written without spaces: found as it stands
    han_clears: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Part:
    """The words of a title, of a step of a category or of one attribute: no phrase goes from one into the next."""

    tokens: tuple[str, ...]
    breaks: frozenset[int]  # tokens before which a comma or the like stands
    phrases: tuple[tuple[int, int, str], ...]  # first token, number of tokens, the tokens with blanks between

    @classmethod
    @lru_cache(maxsize=10_000)  # the steps of a category come with many titles
    def of(cls, text: str) -> _Part:
        found = list(_WORD.finditer(text))
        breaks = {
            n for n in range(1, len(found)) if _BREAK.search(text, found[n - 1].end(), found[n].start())
        }
        tokens = tuple(_bare(m.group()) for m in found)
        return cls(tokens, frozenset(breaks), tuple(_phrases(tokens)))


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
    texts = [_plain(t) for t in (title, *category.split(">"), *_affirmed(attributes))]
    parts = [_Part.of(text) for text in texts]
    found = Goods.NONE
    because: dict[str, str] = {}

    def take(flag: Goods, word: str) -> None:
        nonlocal found
        found |= flag
        because.setdefault(flag.name or "", word)

    food = any(not words.food.isdisjoint(part.tokens) for part in parts)
    for part in parts:
        denied: set[int] = set()
        for start, length, phrase in part.phrases:
            if phrase in words.clears:
                denied.update(range(start, start + length))
        for start, length, phrase in part.phrases:
            one = phrase if phrase in words.raises else _singular(phrase)
            flag = words.raises.get(one) or (words.with_food.get(one) if food else None)
            if flag is None or denied.intersection(range(start, start + length)):
                continue
            if one in words.devices and _has_something_made_for_it(part, start, length, words.accessories):
                continue
            take(flag, phrase)
    text = " . ".join(texts)
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


def _has_something_made_for_it(part: _Part, start: int, length: int, accessories: frozenset[str]) -> bool:
    """Whether a device is named only to say for what something is made: "laptop bag", "stand for tablet pc"."""
    after = start + length
    if after < len(part.tokens) and part.tokens[after] in _BETWEEN and after not in part.breaks:
        after += 1
    if after < len(part.tokens) and part.tokens[after] in accessories and after not in part.breaks:
        return True
    for at in range(max(start - _FAR, 0), start):
        if part.tokens[at] in _FOR and not accessories.isdisjoint(part.tokens[max(at - _FAR, 0) : at]):
            return True
    return False


def _phrases(tokens: tuple[str, ...]) -> Iterator[tuple[int, int, str]]:
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
    return [f"{key} . {value}" for key, value in pairs if not _denies(key, value)]


def _denies(key: str, value: str) -> bool:
    said = _plain(value).strip()
    return said in _DENIED or _phrase(said) in _words().clears or _plain(key).strip().startswith(_COMPATIBLE)


@cache
def _words() -> _Words:
    raises: dict[str, Goods] = {}
    with_food: dict[str, Goods] = {}
    han: list[tuple[str, Goods]] = []
    han_clears: list[str] = []
    sets: dict[str, set[str]] = {"clears": set(), "device": set(), "accessory": set(), "food": set()}
    with (files("qafila") / "facts" / "goods-words.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            means = row["means"]
            for word in map(_plain, row["words"].split("|")):
                phrase = _phrase(word)
                if _HAN.search(word):
                    if means == "clears":
                        han_clears.append(word)
                    else:
                        han.append((word, Goods[row["flag"]]))
                    continue
                if means in sets:
                    sets[means].add(phrase)
                if means in ("raises", "device"):
                    raises[phrase] = raises.get(phrase, Goods.NONE) | Goods[row["flag"]]
                elif means == "raises with food":
                    with_food[phrase] = Goods[row["flag"]]
    return _Words(
        raises,
        frozenset(sets["device"]),
        frozenset(sets["accessory"]),
        with_food,
        frozenset(sets["food"]),
        frozenset(sets["clears"]),
        tuple(han),
        tuple(han_clears),
    )


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
