"""Rules with dates as files have them: read in one way, and found in one way for a day and a territory.

A rule of a country goes before one of the union it belongs to, and that before the rule for everywhere (`*`).
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from datetime import date
from importlib.resources import files
from typing import Protocol, TypeVar

from qafila.ledger.law.unions import unions_of

EVERYWHERE = "*"


class Dated(Protocol):
    """What holds from a day to a day; None: it holds still."""

    @property
    def valid_from(self) -> date: ...
    @property
    def valid_to(self) -> date | None: ...


class Territorial(Dated, Protocol):
    """What holds in a territory, a union, or everywhere (`*`)."""

    @property
    def territory(self) -> str: ...


_D = TypeVar("_D", bound=Dated)
_T = TypeVar("_T", bound=Territorial)


def rows(package: str, name: str) -> list[dict[str, str]]:
    """The rows of a CSV file of a package."""
    with (files(package) / name).open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def span(row: dict[str, str]) -> tuple[date, date | None]:
    """From when to when a row holds: its `valid_from` and `valid_to`."""
    until = row["valid_to"]
    return date.fromisoformat(row["valid_from"]), date.fromisoformat(until) if until else None


def in_force(found: Iterable[_D], on: date) -> list[_D]:
    """Those that hold on a day."""
    return [one for one in found if one.valid_from <= on and (one.valid_to is None or on <= one.valid_to)]


def nearest(found: Iterable[_T], territory: str, on: date) -> _T | None:
    """Of those in force on a day the one that is most the territory's own, and of these the newest; None where none is."""
    places = (territory, *unions_of(territory), EVERYWHERE)
    held = [one for one in in_force(found, on) if one.territory in places]
    return min(held, key=lambda one: (places.index(one.territory), -one.valid_from.toordinal()), default=None)
