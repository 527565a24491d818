"""A simulated history, for as long as the network has none of its own: parcels over weeks, with the delays of lateness.csv.

It is named simulated wherever it is used. Rides are late with the share and the mean of their mode, more on some weekdays, hours
and in some territories; a ride that is late by more than the plan's slack misses its connection and waits for the next.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from qafila.core.values import value
from qafila.eta.table import WHOLE, Floats, Ints, Rows, joined
from qafila.network.timetable import Mode

_CHAINS = (
    (Mode.COLLECTION, Mode.ROAD, Mode.DELIVERY),
    (Mode.COLLECTION, Mode.ROAD, Mode.AIR, Mode.ROAD, Mode.DELIVERY),
    (Mode.COLLECTION, Mode.ROAD, Mode.BELLY, Mode.DELIVERY),
    (Mode.COLLECTION, Mode.RAIL, Mode.ROAD, Mode.DELIVERY),
    (Mode.COLLECTION, Mode.ROAD, Mode.SEA, Mode.ROAD, Mode.DELIVERY),
)
_SHARES = (0.45, 0.25, 0.12, 0.1, 0.08)
_LONG = {
    Mode.COLLECTION: 180,
    Mode.ROAD: 420,
    Mode.AIR: 260,
    Mode.BELLY: 300,
    Mode.RAIL: 1400,
    Mode.SEA: 3600,
    Mode.DELIVERY: 300,
}


@value
class Late:
    """How a mode runs late: share of rides, mean minutes of those, minutes until the next one where a connection is missed."""

    share: float
    mean: float
    recovery: float


def simulated(
    lateness: Mapping[Mode, Late], parcels: int = 40_000, weeks: int = 30, territories: int = 8, seed: int = 0
) -> Rows:
    """A history by chance.

    Args:
        lateness: by mode.
        parcels: whole ways.
        weeks: over how many weeks they are spread.
        territories: numbers from 0 that places have.
        seed: the same gives the same history.
    """
    dice = np.random.default_rng(seed)
    rough = dice.uniform(0.6, 1.8, territories)  # how often rides are late where they arrive
    found = []
    kinds = dice.choice(len(_CHAINS), parcels, p=_SHARES)
    for number, chain in enumerate(_CHAINS):
        count = int((kinds == number).sum())
        if count:
            found.append(_of_chain(lateness, chain, count, weeks, rough, dice))
    return joined(found)


def _of_chain(
    lateness: Mapping[Mode, Late],
    chain: tuple[Mode, ...],
    count: int,
    weeks: int,
    rough: Floats,
    dice: np.random.Generator,
) -> Rows:
    begins = dice.integers(0, len(rough), count)
    ends = begins if len(chain) == 3 else (begins + dice.integers(1, len(rough), count)) % len(rough)
    week, weekday, hour = (
        dice.integers(0, weeks, count),
        dice.integers(0, 7, count),
        dice.integers(5, 23, count),
    )
    whole_minutes, slack, delay = np.zeros(count), np.zeros(count), np.zeros(count)
    parts = []
    for at, mode in enumerate(chain):
        rule = lateness[mode]
        where = begins if at < len(chain) // 2 else ends
        minutes = _LONG[mode] * dice.uniform(0.6, 1.5, count)
        busy = (
            rough[where] * np.where(weekday >= 5, 1.4, 0.95) * np.where((hour > 15) & (hour < 20), 1.3, 0.95)
        )
        late = dice.random(count) < np.minimum(0.9, rule.share * busy)
        own = np.where(late, dice.exponential(rule.mean, count) * np.sqrt(busy), 0.0) + dice.normal(
            0, 5 + 0.015 * minutes
        )
        room = dice.uniform(45, 240, count) if at else np.zeros(count)
        missed = (delay > room) & (at > 0)
        after = (
            np.where(
                missed, rule.recovery * 60 * dice.uniform(0.5, 1.1, count), np.maximum(0.0, delay - room)
            )
            + own
        )
        parts.append(_rows(mode.value, where, where, weekday, hour, minutes, len(chain), room, week, own))
        delay, whole_minutes, slack = after, whole_minutes + minutes + room, slack + room
        hour = (hour + (minutes // 60).astype(np.int64)) % 24
    parts.append(_rows(WHOLE, begins, ends, weekday, hour, whole_minutes, len(chain), slack, week, delay))
    return joined(parts)


def _rows(
    kind: int,
    begins: Ints,
    ends: Ints,
    weekday: Ints,
    hour: Ints,
    minutes: Floats,
    rides: int,
    slack: Floats,
    week: Ints,
    delay: Floats,
) -> Rows:
    many = len(delay)
    return Rows(
        np.full(many, kind), begins, ends, weekday, hour, minutes, np.full(many, rides), slack, week, delay
    )
