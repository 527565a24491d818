"""Until when a buyer may send goods back, who pays for the way, and when he gets his money: dated rules of his country."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from qafila.core.message import Message, fact
from qafila.core.values import value
from qafila.ledger.law.dated import EVERYWHERE, nearest, rows, span


@value
class Right:
    """A buyer's right to send goods back.

    Attributes:
        right: withdrawal (without a reason) or conformity (the goods are not as they should be).
        days: so many after the goods came; 0: there is none.
        working: whether Saturdays and Sundays are not counted.
        rolls: whether a time that would end on a Saturday or Sunday ends on Monday.
        refund_days: within so many the money is paid back.
        outward_refunded: whether the way out is paid back with all goods.
        freight_by: who bears the way back: buyer or merchant.
        not_for: kinds of goods that have no such right.
    """

    territory: str
    right: str
    days: int
    working: bool
    rolls: bool
    refund_days: int
    outward_refunded: bool
    freight_by: str
    not_for: frozenset[str]
    valid_from: date
    valid_to: date | None
    text: str
    legal_basis: str
    source: str
    confidence: str

    def said(self) -> Message:
        """The rule in words."""
        return fact("returns", self.text)

    def until(self, received: datetime, zone: str) -> datetime:
        """The end of the last day on which goods that were received at an instant may be sent back, by the clock of a place."""
        here = ZoneInfo(zone)
        day, left = received.astimezone(here).date(), self.days
        while left:
            day += timedelta(days=1)
            left -= not (self.working and day.weekday() >= 5)
        while self.rolls and day.weekday() >= 5:
            day += timedelta(days=1)
        return datetime.combine(day + timedelta(days=1), time(), here).astimezone(UTC) - timedelta(seconds=1)


@cache
def rights() -> tuple[Right, ...]:
    """Every right, as the file has them."""
    return tuple(
        Right(
            r["territory"],
            r["right"],
            int(r["days"]),
            r["counted"] == "working",
            r["rolls"] == "yes",
            int(r["refund_days"]),
            r["outward_refunded"] == "yes",
            r["freight_by"],
            frozenset(r["not_for"].split()),
            *span(r),
            r["text"],
            r["legal_basis"],
            r["source"],
            r["confidence"],
        )
        for r in rows("qafila.returns", "withdrawal-rules.csv")
    )


def right(name: str, country: str, on: date) -> Right:
    """The right of buyers of a country on a day: its own rule before one of its union, that before the one for everywhere."""
    found = nearest((r for r in rights() if r.right == name), country, on)
    assert found is not None  # the file has one for everywhere
    return found


@value
class DutyRule:
    """A rule by which duties are not charged again (relief), or are paid back (repayment)."""

    territory: str
    kind: str
    causes: frozenset[str]  # empty: whatever the cause
    days: int | None  # None: no limit was found
    counted_from: str  # export, or import: from the declaration of which
    condition: str
    valid_from: date
    valid_to: date | None
    text: str
    legal_basis: str
    source: str
    confidence: str

    def said(self) -> Message:
        """The rule in words."""
        return fact("returns", self.text)


@cache
def duty_rules() -> tuple[DutyRule, ...]:
    """Every rule on duties of what comes back, as the file has them."""
    return tuple(
        DutyRule(
            r["territory"],
            r["kind"],
            frozenset() if r["causes"] == EVERYWHERE else frozenset(r["causes"].split()),
            int(r["days"]) if r["days"] else None,
            r["counted_from"],
            r["condition"],
            *span(r),
            r["text"],
            r["legal_basis"],
            r["source"],
            r["confidence"],
        )
        for r in rows("qafila.returns", "duty-rules.csv")
    )


def duty_rule(kind: str, country: str, cause: str, on: date) -> DutyRule | None:
    """The rule of a kind that holds in a country on a day for a cause; None where none is known."""
    return nearest(
        (r for r in duty_rules() if r.kind == kind and (not r.causes or cause in r.causes)), country, on
    )
