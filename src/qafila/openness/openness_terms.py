"""The published terms: versioned, dated, each announced long enough before it holds.

Those that come with the program are facts/published-terms.csv; a hub that changes them publishes a new version, which
is kept in the database and told to the log.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import Any

from qafila.core.fault import Fault
from qafila.core.message import Message
from qafila.core.values import value
from qafila.openness import openness_messages as m

LANGUAGES = ("en", "fr", "ar", "zh")
TOPICS = (
    "rates", "cut_offs", "ranking", "service", "commission", "sponsoring", "capacity", "proof", "suspension",
    "complaints", "changes", "freedom",
)  # fmt: skip
"""What terms can be about. None of them can forbid a merchant anything elsewhere: there is no such topic."""
ALLOCATIONS = ("first_come", "proportional", "max_min", "guaranteed_share", "auction")


class UnfitTerms(Fault):
    """Terms cannot be published as they are."""


@value
class Term:
    """One term: its topic and key, a value for programs, and the same in words for people in four languages."""

    topic: str
    key: str
    value: str
    unit: str
    notice_days: int  # how long before it holds a change of it is announced
    words: Mapping[str, str]
    source: str


@value
class Terms:
    """One version of all terms."""

    version: str
    announced: date
    in_force: date
    terms: tuple[Term, ...]

    def value(self, topic: str, key: str) -> str:
        """The value of a term. Raises KeyError where there is none of this topic and key."""
        for term in self.terms:
            if (term.topic, term.key) == (topic, key):
                return term.value
        raise KeyError(f"{topic}.{key}")


@cache
def shipped() -> tuple[Terms, ...]:
    """The versions that come with the program, oldest first."""
    found: dict[tuple[str, date, date], list[Term]] = {}
    with (files("qafila") / "facts" / "published-terms.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            dates = date.fromisoformat(row["announced"]), date.fromisoformat(row["in_force"])
            found.setdefault((row["version"], *dates), []).append(_term(row))
    return tuple(Terms(*key, tuple(terms)) for key, terms in sorted(found.items(), key=lambda one: one[0][2]))


def _term(row: Mapping[str, Any]) -> Term:
    words = {code: row[code] for code in LANGUAGES}
    return Term(
        row["topic"], row["key"], row["value"], row["unit"], int(row["notice_days"]), words, row["source"]
    )


def document(terms: Terms) -> dict[str, Any]:
    """Terms as JSON."""
    return {
        "version": terms.version,
        "announced": terms.announced.isoformat(),
        "in_force": terms.in_force.isoformat(),
        "terms": [
            {
                "topic": t.topic,
                "key": t.key,
                "value": t.value,
                "unit": t.unit,
                "notice_days": t.notice_days,
                "source": t.source,
                **t.words,
            }
            for t in terms.terms
        ],
    }


def terms_from(written: Mapping[str, Any]) -> Terms:
    """Terms of JSON. Raises UnfitTerms, naming what is missing or of the wrong form."""
    try:
        return Terms(
            str(written["version"]),
            date.fromisoformat(written["announced"]),
            date.fromisoformat(written["in_force"]),
            tuple(_term(one) for one in written["terms"]),
        )
    except KeyError as missing:
        raise UnfitTerms(
            m.MISSING(name=str(missing.args[0])), m.ALL_FIELDS(), field=str(missing.args[0])
        ) from None
    except (TypeError, ValueError) as wrong:
        raise UnfitTerms(m.WRONG_FORM(why=str(wrong)), m.ALL_FIELDS()) from None


def in_force(at: datetime | date, published: Sequence[Terms] = ()) -> Terms:
    """The version that holds on a day: of those in force by then the newest, else the first there is.

    Args:
        at: a day, or an instant, which is taken in UTC.
        published: versions beyond those that come with the program.
    """
    day = at.date() if isinstance(at, datetime) else at
    every = sorted((*shipped(), *published), key=lambda one: (one.in_force, one.version))
    held = [one for one in every if one.in_force <= day]
    return held[-1] if held else every[0]


@value
class Change:
    """A term that a new version has otherwise; None where there was none, or is none any more."""

    topic: str
    key: str
    before: str | None
    after: str | None
    notice_days: int


def changes(before: Terms, after: Terms) -> list[Change]:
    """The terms that two versions have otherwise, in value, unit or words."""
    old = {(t.topic, t.key): t for t in before.terms}
    new = {(t.topic, t.key): t for t in after.terms}
    found = []
    for key in sorted(old.keys() | new.keys()):
        was, now = old.get(key), new.get(key)
        if was is None or now is None or (was.value, was.unit, was.words) != (now.value, now.unit, now.words):
            # a change cannot shorten the notice that it needs itself
            notice = max(t.notice_days for t in (was, now) if t is not None)
            before_it, after_it = (None if one is None else one.value for one in (was, now))
            found.append(Change(*key, before_it, after_it, notice))
    return found


def check(before: Terms, after: Terms, today: date) -> list[Message]:
    """Whether a version may follow another; returns what somebody should look at in its words.

    Raises:
        UnfitTerms: the notice is too short, the announcement is not of today or later, a topic or policy is not known,
            a term is missing or said twice, or words are missing in a language.
    """
    if after.announced < today:
        raise UnfitTerms(
            m.ANNOUNCED_BEFORE(day=after.announced), m.ANNOUNCE_TODAY(day=today), field="announced"
        )
    keys = [(t.topic, t.key) for t in after.terms]
    if twice := next((key for key in keys if keys.count(key) > 1), None):
        raise UnfitTerms(m.TWICE(term=".".join(twice)), m.SAY_ONCE(), field="terms")
    gone = {(t.topic, t.key) for t in before.terms} - set(keys)
    if gone:
        raise UnfitTerms(m.GONE(term=".".join(min(gone))), m.SAY_AGAIN(), field="terms")
    for term in after.terms:
        name = f"{term.topic}.{term.key}"
        if term.topic not in TOPICS:
            raise UnfitTerms(m.NO_TOPIC(term=name), m.TOPICS_ARE(topics=", ".join(TOPICS)), field=name)
        if (term.topic, term.key) == ("capacity", "allocation") and term.value not in ALLOCATIONS:
            raise UnfitTerms(
                m.NO_POLICY(policy=term.value), m.POLICIES_ARE(policies=", ".join(ALLOCATIONS)), field=name
            )
        if silent := [code for code in LANGUAGES if not term.words.get(code, "").strip()]:
            raise UnfitTerms(m.NO_WORDS(term=name, language=silent[0]), m.SAY_IN_ALL(), field=name)
    for change in changes(before, after):
        days = (after.in_force - after.announced).days
        if days < change.notice_days:
            raise UnfitTerms(
                m.TOO_SOON(term=f"{change.topic}.{change.key}", days=days, needed=change.notice_days),
                m.LATER(),
                field="in_force",
                value=after.in_force.isoformat(),
            )
    from qafila.openness.exclusivity import flags

    return [flag for term in after.terms for words in term.words.values() for flag in flags(words)]
