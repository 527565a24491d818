"""How much a carrier answers for, by the law of the leg on which it happened. Facts in, facts out; no I/O but the file."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from functools import cache

from qafila.core.message import Message, fact
from qafila.core.money import ExchangeRates, Money
from qafila.core.values import value
from qafila.ledger.law.dated import in_force, rows, span
from qafila.network.timetable import Mode

_MODES = {
    Mode.AIR: "air", Mode.BELLY: "air", Mode.ROAD: "road", Mode.SEA: "sea", Mode.RAIL: "rail", Mode.DELIVERY: "road",
    Mode.COLLECTION: "road",
}  # fmt: skip


@value
class Limit:
    """So many SDR a kilogram, a parcel, or the higher of both."""

    regime: str
    mode: str
    scope: str  # international, domestic, handling
    per_kg: Decimal
    per_parcel: Decimal | None
    valid_from: date
    valid_to: date | None
    text: str
    source: str
    confidence: str

    def said(self) -> Message:
        """The law that sets it, or the own terms."""
        return fact("ledger.limit", self.text)

    def sdr(self, grams: int) -> Decimal:
        """What it comes to for a parcel. Postal limits add both up; all others are the higher of them."""
        by_weight = self.per_kg * grams / 1000
        if self.per_parcel is None:
            return by_weight
        return by_weight + self.per_parcel if self.regime == "upu" else max(by_weight, self.per_parcel)


@value
class Ride:
    """A leg as the law sees it."""

    mode: Mode
    start: str  # country
    end: str


@cache
def limits() -> tuple[Limit, ...]:
    """Every limit, as the file has them."""
    return tuple(
        Limit(
            r["regime"],
            r["mode"],
            r["scope"],
            Decimal(r["sdr_per_kg"]),
            Decimal(r["sdr_per_parcel"]) if r["sdr_per_parcel"] else None,
            *span(r),
            r["text"],
            r["source"],
            r["confidence"],
        )
        for r in rows("qafila.ledger.claims", "limits.csv")
    )


def _held(on: date, scope: str, mode: str) -> Limit:
    held = in_force((x for x in limits() if x.scope == scope and x.mode in (mode, "*")), on)
    return max(held, key=lambda x: (x.mode == mode, x.valid_from))


def limit_of(ride: Ride, on: date) -> Limit:
    """The limit on a leg on a day: by its convention where it crosses a border, else by the terms for within a country."""
    mode = _MODES[ride.mode]
    return _held(on, "domestic" if ride.start == ride.end else "international", mode)


def limit_for(rides: Iterable[Ride], known: int | None, grams: int, on: date) -> Limit:
    """The limit that holds for a parcel.

    Args:
        rides: its legs in order.
        known: the leg on which it happened; None: nobody knows, or it lay in a facility.
        grams: its weight.
        on: the day of the carriage.
    """
    every = list(rides)
    if known is not None and 0 <= known < len(every):
        return limit_of(every[known], on)
    return max([_held(on, "handling", "*"), *(limit_of(r, on) for r in every)], key=lambda x: x.sdr(grams))


def in_currency(limit: Limit, grams: int, currency: str, on: date, rates: ExchangeRates) -> Money:
    """What a limit comes to in a currency by the dated rate of the SDR. Raises UnknownRate."""
    return rates.convert(Money(limit.sdr(grams), "XDR"), currency, on).rounded()
