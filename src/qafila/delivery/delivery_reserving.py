"""Who may deliver: light items that a country's law reserves to its post, as dated data."""

from __future__ import annotations

import csv
from datetime import date
from functools import cache
from importlib.resources import files

from qafila.core.message import Country, Message, fact
from qafila.core.values import value
from qafila.delivery import delivery_messages as m


@value
class Reserved:
    """A rule that keeps light items for the post.

    Attributes:
        up_to_g: items of so many grams and less.
        open_to_others: what others may carry all the same, in words.
    """

    country: str
    up_to_g: int
    valid_from: date
    valid_to: date | None
    legal_basis: str
    open_to_others: str
    source: str
    confidence: str

    @property
    def said(self) -> Message:
        """The rule for people."""
        return m.RESERVED(
            limit=self.up_to_g, country=Country(self.country), basis=fact("delivery", self.legal_basis)
        )


@cache
def rules() -> tuple[Reserved, ...]:
    """The rules of who-may-deliver.csv."""
    with (files("qafila.delivery") / "who-may-deliver.csv").open(encoding="utf-8") as lines:
        return tuple(
            Reserved(
                r["country"],
                int(r["up_to_g"]),
                date.fromisoformat(r["valid_from"]),
                date.fromisoformat(r["valid_to"]) if r["valid_to"] else None,
                r["legal_basis"],
                r["open_to_others"],
                r["source"],
                r["confidence"],
            )
            for r in csv.DictReader(lines)
        )


def reserved(country: str, grams: int, on: date) -> Reserved | None:
    """The rule that reserves an item of a weight to the post of a country on a day; None where anybody may deliver it."""
    return next(
        (
            r
            for r in rules()
            if r.country == country
            and grams <= r.up_to_g
            and r.valid_from <= on
            and (r.valid_to is None or on <= r.valid_to)
        ),
        None,
    )
