"""The date that may be promised: from the slack in an itinerary, by rules, until history tells better.

Each ride is late with some probability and then by an exponentially distributed delay (facts/lateness.csv).
A connection that is missed costs a recovery time; the last ride's delay eats the time left of the day.
Rides are taken as independent. It is an estimate by rule, and `Promise.basis` says so.
"""

from __future__ import annotations

import csv
import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from qafila.core.message import CLAUSES
from qafila.network.timetable import Mode
from qafila.routing.itinerary import Leg
from qafila.shipping.offers import messages as m
from qafila.shipping.offers.offer import Promise
from qafila.shipping.offers.terms import terms

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


def promise(legs: Sequence[Leg], arrival: datetime, timezone: str) -> Promise:
    """The first end of a local day by which the parcel is there with the probability that the terms ask."""
    zone = ZoneInfo(timezone)
    first = arrival.astimezone(zone).date()
    wanted = float(terms().promise_probability)
    by, probability = arrival, 0.0
    for extra in range(_LONGEST_ADDITION + 1):
        by = datetime.combine(first + timedelta(days=extra), time(23, 59), tzinfo=zone)
        probability = probability_by(legs, arrival, by)
        if probability >= wanted:
            break
    basis = CLAUSES(first=m.BASIS(connections=len(legs) - 1), second=m.NO_HISTORY())
    return Promise(by, min(_SUREST, round(probability, 3)), basis)


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
