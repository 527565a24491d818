"""How long what is kept, by territory (facts/retention.csv), and what law obliges us to keep (facts/keeping-duties.csv)."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from functools import cache
from importlib.resources import files

from qafila.core.message import Message, fact
from qafila.core.values import value
from qafila.network.model import Feed
from qafila.runtime.settings import settings

ANYWHERE = "*"


@value
class Retention:
    """Days after which a kind of data goes, in a territory."""

    kind: str
    territory: str
    days: int
    law: str
    source: str
    confidence: str

    @property
    def basis(self) -> Message:
        """The law that sets it, or whose own term it is."""
        return fact("privacy", self.law or self.source)


@value
class Duty:
    """A law that obliges us to keep a kind of data for years."""

    kind: str
    territory: str
    years: int
    law: str
    source: str
    confidence: str


def law_of(text: str) -> Message:
    """The name of a law that a rule rests on, as rows keep it."""
    return fact("privacy", text)


@cache
def _rows(name: str) -> tuple[dict[str, str], ...]:
    with (files("qafila") / "facts" / name).open(encoding="utf-8") as lines:
        return tuple(csv.DictReader(lines))


def retention() -> list[Retention]:
    """Every rule, those of the settings (`KIND;TERRITORY;DAYS`) in place of the shipped ones of the same kind and territory.

    Raises:
        ValueError: a line of the settings is none; it says which.
    """
    found = {
        (r["kind"], r["territory"]): Retention(
            r["kind"], r["territory"], int(r["days"]), r["law"], r["source"], r["confidence"]
        )
        for r in _rows("retention.csv")
    }
    kinds = {kind for kind, _ in found}
    for line in settings().retention:
        kind, _, rest = line.partition(";")
        territory, _, days = rest.partition(";")
        if kind not in kinds or not territory or not days.isdecimal() or int(days) < 1:
            raise ValueError(
                f"QAFILA_RETENTION: {line!r} is no rule; write KIND;TERRITORY;DAYS with a kind of {sorted(kinds)}"
            )
        found[kind, territory] = Retention(kind, territory, int(days), "", "setting of this hub", "own term")
    return list(found.values())


def days_of(kind: str, territory: str = ANYWHERE) -> int:
    """Days for which a kind of data is kept in a territory."""
    rules = {one.territory: one.days for one in retention() if one.kind == kind}
    return rules.get(territory, rules[ANYWHERE])


def territories(country: str, feed: Feed) -> str:
    """The territory of a country: that of the network in which it lies, else its own code."""
    return next((one.id for one in feed.territories if country in one.countries), country)


def duty(kind: str, places: list[str], at: date) -> tuple[date, Duty]:
    """Until when a kind of data must be kept that came up on a day, and by which law: of several the longest.

    Args:
        places: the territories concerned.
    """
    duties = {
        r["territory"]: Duty(
            r["kind"], r["territory"], int(r["years"]), r["law"], r["source"], r["confidence"]
        )
        for r in _rows("keeping-duties.csv")
        if r["kind"] == kind
    }
    held = [duties.get(place, duties[ANYWHERE]) for place in places] or [duties[ANYWHERE]]
    longest = max(held, key=lambda one: one.years)
    end = date(at.year + longest.years, 12, 31)  # from the end of the year in which it came up
    return end, longest


def older_than(days: int, today: date) -> date:
    """The day before which everything is older."""
    return today - timedelta(days=days)
