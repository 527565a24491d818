"""The date that may be promised: by what was learned of whole ways (`qafila.eta`), else by rules, until history tells better.

By rule each ride is late with some probability and then by an exponentially distributed delay (facts/lateness.csv).
A connection that is missed costs a recovery time; the last ride's delay eats the time left of the day.
Rides are taken as independent. `Promise.basis` says which it is, and what was learned from.
"""

from __future__ import annotations

import csv
import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from qafila.core.message import CLAUSES, Message, Share
from qafila.eta.foretelling import Foretold, Way
from qafila.network.model import Facility
from qafila.network.timetable import Mode
from qafila.routing.itinerary import Leg
from qafila.shipping.offers import offers_messages as m
from qafila.shipping.offers.offer import Promise
from qafila.shipping.offers.offers_terms import terms

_LONGEST_ADDITION = 14  # days looked at beyond the planned one
_SUREST = 0.99  # a rule without history claims no more


@dataclass(frozen=True, slots=True)
class Lateness:
    """How a mode runs late."""

    share_late: float
    mean_delay: float  # minutes, of those that are late
    recovery: timedelta  # until the next departure, where a connection is missed

    def within(self, minutes: float) -> float:
        """Probability that a ride is no later than this."""
        return 1 - self.share_late * math.exp(-max(minutes, 0) / self.mean_delay)


@cache
def lateness() -> dict[Mode, Lateness]:
    """The rules by mode."""
    with (files("qafila") / "facts" / "lateness.csv").open(encoding="utf-8") as lines:
        return {
            Mode[r["mode"]]: Lateness(
                float(r["share_late"]),
                float(r["mean_delay_minutes"]),
                timedelta(hours=float(r["recovery_hours"])),
            )
            for r in csv.DictReader(lines)
        }


def promise(
    legs: Sequence[Leg],
    arrival: datetime,
    timezone: str,
    foretold: Foretold | None = None,
    way: Way | None = None,
) -> Promise:
    """The first end of a local day by which the parcel is there with the probability that the terms ask.

    Args:
        legs: of the itinerary.
        arrival: when the plan has it there.
        timezone: of the place where it arrives.
        foretold: what was learned of delays; None: the rules say how late it may be.
        way: the itinerary as the model sees it; needed with `foretold`.
    """
    zone = ZoneInfo(timezone)
    first = arrival.astimezone(zone).date()
    wanted = float(terms().promise_probability)
    by, probability = arrival, 0.0
    for extra in range(_LONGEST_ADDITION + 1):
        by = datetime.combine(first + timedelta(days=extra), time(23, 59), tzinfo=zone)
        if foretold is None or way is None:
            probability = min(_SUREST, round(probability_by(legs, arrival, by), 3))
        else:
            spare = (by - arrival).total_seconds() / 60
            probability = math.floor(1000 * foretold.within(way, spare)) / 1000  # says no more than it knows
        if probability >= wanted:
            break
    return Promise(by, probability, _basis(legs, foretold))


def way_of(legs: Sequence[Leg], facilities: Mapping[str, Facility]) -> Way:
    """An itinerary as what was learned sees it."""
    return Way.of(
        [(leg.depart, leg.arrive) for leg in legs],
        facilities[legs[0].from_facility].territory,
        facilities[legs[-1].to_facility].territory,
    )


def _basis(legs: Sequence[Leg], foretold: Foretold | None) -> Message:
    if foretold is None:
        return CLAUSES(first=m.BASIS(connections=len(legs) - 1), second=m.NO_HISTORY())
    return m.LEARNED(history=foretold.source, held=Share(Decimal(str(foretold.held))))


def probability_by(legs: Sequence[Leg], arrival: datetime, by: datetime) -> float:
    """The probability that an itinerary planned to arrive at `arrival` is there at `by`."""
    rules = lateness()
    spare = (by - arrival).total_seconds() / 60
    if spare < 0 or not legs:
        return 0.0 if spare < 0 else 1.0
    holds = rules[legs[-1].mode].within(spare)
    for before, after in itertools.pairwise(legs):
        slack = (after.board_by - before.ready_at).total_seconds() / 60
        kept = rules[before.mode].within(slack)
        recovered = 1.0 if rules[after.mode].recovery.total_seconds() / 60 <= spare else 0.0
        holds *= kept + (1 - kept) * recovered
    return holds
