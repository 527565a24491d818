"""Prohibited and restricted goods, by territory and by mode, with the paper that lifts a restriction."""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from importlib.resources import files

from qafila.core.message import Message, fact
from qafila.customs import customs_messages as m
from qafila.customs.assessment import Goods as GoodsLine
from qafila.network.timetable import Goods, Mode


@dataclass(frozen=True, slots=True)
class Restriction:
    """One rule of the table rules/restrictions.csv."""

    id: str
    territory: str  # customs territory; * everywhere
    direction: str  # import, export, carriage (by mode, whatever the border), any
    modes: frozenset[Mode]  # empty: every mode
    hs: tuple[str, ...]  # prefixes, digits only; empty: all goods
    # prefixes of goods that may be what the rule is about without their code saying so: a handbag of crocodile leather
    silent: tuple[str, ...]
    # in a description; asked where no code speaks: there is none, it is a guess, or one of the silent
    words: tuple[str, ...]
    # where a word is not meant: a phrase that holds it, or `~ noun` and `noun ~`: that noun follows the word or goes
    # before it, at most two between; `@name` in the table: the phrases of restrictions-unless.csv
    unless: tuple[str, ...]
    goods: Goods  # flags of which one is enough; NONE: not asked
    commercial: bool  # asked of commercial consignments only, not of what a person buys for themselves
    prohibited: bool  # else restricted
    text: Message
    document: Message | None  # what lifts the restriction; None where it is prohibited
    legal_basis: Message
    source: Message
    valid_from: date
    valid_to: date | None
    confidence: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A restriction that some goods meet. `lifted` where the paper it asks for is at hand."""

    restriction: Restriction
    item: int  # index into the goods
    lifted: bool
    reason: Message


def find(
    goods: Sequence[GoodsLine],
    export_territory: str,
    import_territory: str,
    on: date,
    modes: Collection[Mode] = (),
    flags: Goods = Goods.NONE,
    papers: Iterable[str] = (),
    commercial: bool = False,
    guessed: Collection[int] = (),
) -> list[Finding]:
    """What stands against these goods on this way on this day, prohibitions first.

    `commercial` says that the goods come for trade, not for a person's own use. `papers` are the ids of restrictions
    whose document the sender holds. Goods without an HS code are tested by their flags and by the plainest words alone:
    the caller should classify them first. Those whose code is `guessed` (indices) are tested by the words too: "heroin"
    and "ivory" say more than a guess.
    """
    held = set(papers)
    found = []
    for rule in _on_way(export_territory, import_territory, on, frozenset(modes)):
        if (rule.goods and not rule.goods & flags) or (rule.commercial and not commercial):
            continue
        for index, line in enumerate(goods):
            prefix, by_word = _prefix(rule, line, index in guessed)
            if prefix is None:
                continue
            lifted = not rule.prohibited and rule.id in held
            if not prefix:
                reason = m.BY_NATURE(rule=rule.text)
            elif by_word:
                reason = m.BY_DESCRIPTION(rule=rule.text, word=prefix)
            else:
                reason = m.BY_CODE(rule=rule.text, hs=line.hs or "", prefix=prefix)
            found.append(Finding(rule, index, lifted, reason))
    return sorted(found, key=lambda f: (f.lifted, not f.restriction.prohibited, f.item, f.restriction.id))


@lru_cache(maxsize=4096)  # the parcels of a file go the same ways
def _on_way(export: str, import_: str, on: date, modes: frozenset[Mode]) -> tuple[Restriction, ...]:
    """The rules in force on a day that a way by these modes meets."""
    return tuple(
        rule
        for rule in restrictions()
        if rule.valid_from <= on
        and (rule.valid_to is None or on <= rule.valid_to)
        and _meets_way(rule, export, import_, modes)
    )


def _meets_way(rule: Restriction, export: str, import_: str, modes: frozenset[Mode]) -> bool:
    crosses = export != import_
    if rule.modes and not rule.modes & modes:
        return False
    if rule.direction == "carriage":
        return True
    if not crosses and rule.direction != "any":
        return False
    if rule.territory == "*":
        return True
    return (rule.direction in ("import", "any") and rule.territory == import_) or (
        rule.direction in ("export", "any") and rule.territory == export
    )


def _prefix(rule: Restriction, line: GoodsLine, guessed: bool) -> tuple[str | None, bool]:
    """What the line falls under, and whether that is a word, not a prefix: "" where the rule asks for neither; None
    where it does not fall under it."""
    if not rule.hs and not rule.words:
        return "", False
    if line.hs and line.hs.startswith(rule.hs):
        return next(p for p in rule.hs if line.hs.startswith(p)), False
    if not rule.words or (line.hs and not guessed and not line.hs.startswith(rule.silent)):
        return None, False
    said = line.description.casefold()
    if _any_of(rule.words).search(said) is None:  # nearly always
        return None, True
    return next((word for word in rule.words if _says(said, word, rule.unless)), None), True


@cache
def _any_of(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(map(_whole, words)))


def _says(text: str, word: str, unless: tuple[str, ...]) -> bool:
    """Whether a description has a word other than where it is not meant."""
    meant, not_meant = _patterns(word, unless)
    if meant.search(text) is None:
        return False
    return not_meant is None or meant.search(not_meant.sub(" . ", text)) is not None


_BETWEEN = r"(?:(?!(?:and|with|plus|in|et|avec)\b)[\w'-]+[ -]+){0,2}"
"""Words between a word and the noun that says what the thing is, none that joins a second thing to it."""


@lru_cache(maxsize=1024)
def _patterns(word: str, unless: tuple[str, ...]) -> tuple[re.Pattern[str], re.Pattern[str] | None]:
    """What finds a word, and what finds where it is not meant: None where it always is."""
    followed = [re.escape(phrase[2:]) for phrase in unless if phrase.startswith("~ ")]
    preceded = [re.escape(phrase[:-2]) for phrase in unless if phrase.endswith(" ~")]
    phrases = [_whole(phrase) for phrase in unless if "~" not in phrase and word in phrase]
    # a comma parts goods from goods: "champagne, glasses"
    if followed:
        phrases.append(rf"{_whole(word)}[ -]+{_BETWEEN}(?:{'|'.join(followed)})(?!\w)")
    if preceded:
        phrases.append(rf"(?<!\w)(?:{'|'.join(preceded)})[ -]+{_BETWEEN}{_whole(word)}")
    phrases.sort(key=len, reverse=True)
    return re.compile(_whole(word)), re.compile("|".join(phrases)) if phrases else None


def _whole(phrase: str) -> str:
    """A phrase as a whole; Chinese is written without spaces between."""
    if any("\u3400" <= c <= "\u9fff" for c in phrase):
        return re.escape(phrase)
    return rf"(?<!\w){re.escape(phrase)}(?!\w)"


@cache
def restrictions() -> tuple[Restriction, ...]:
    """Every rule of the table."""
    rules = files("qafila.customs") / "rules"
    with (rules / "restrictions-unless.csv").open(encoding="utf-8") as lines:
        shared = {f"@{row['name']}": row["phrases"].split("|") for row in csv.DictReader(lines)}
    with (rules / "restrictions.csv").open(encoding="utf-8") as lines:
        return tuple(_read(row, shared) for row in csv.DictReader(lines))


def _read(row: dict[str, str], shared: Mapping[str, list[str]]) -> Restriction:
    if row["kind"] not in ("prohibited", "restricted"):
        raise ValueError(f"restrictions.csv {row['id']}: kind is {row['kind']!r}; prohibited or restricted")
    flags = Goods.NONE
    for flag in row["goods"].split():
        flags |= Goods[flag]
    return Restriction(
        id=row["id"],
        territory=row["territory"],
        direction=row["direction"],
        modes=frozenset(Mode[m.upper()] for m in row["modes"].split()),
        hs=tuple(code.replace(".", "") for code in row["hs"].split()),
        silent=tuple(code.replace(".", "") for code in row["silent"].split()),
        words=tuple(word.casefold() for word in row["words"].split("|") if word),
        unless=tuple(
            phrase.casefold()
            for written in row["unless"].split("|")
            if written
            for phrase in (shared[written] if written.startswith("@") else [written])
        ),
        goods=flags,
        commercial=row["commercial"] == "yes",
        prohibited=row["kind"] == "prohibited",
        text=fact("customs", row["text"]),
        document=fact("customs", row["document"]) if row["document"] else None,
        legal_basis=fact("customs", row["legal_basis"]),
        source=fact("customs", row["source"]),
        valid_from=date.fromisoformat(row["valid_from"]),
        valid_to=date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
        confidence=row["confidence"],
    )
