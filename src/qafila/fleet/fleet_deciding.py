"""What the log records of a changed schedule: what it did to parcels and to the room for sale, and from what that follows.

Of a sector it says what was booked on it and what the aircraft carries; whose the parcels are lies apart, so that it can be
compared by class whose parcels were left. The effect is reckoned again from that, by the rule that is written here once more:
the board itself is not needed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from qafila.context import Context
from qafila.fleet import schedule, store
from qafila.fleet.fleet_telling import flight_id
from qafila.fleet.model import Aboard, Board, Change, Key
from qafila.openness.kinds import Values
from qafila.openness.model import Decision

CHANGES = "fleet.changes"


def decision(
    board: Board,
    aboard: Mapping[Key, Aboard],
    legs: Sequence[store.LegOn],
    changes: Sequence[Change],
    effect: Any,
    held: Sequence[Mapping[str, Any]],
    repair: bool,
    now: datetime,
) -> Decision:
    """What is told of changes that are put in place.

    Args:
        board: the schedule before them.
        aboard: what is booked on its sectors.
        legs: the legs of bookings on it.
        changes: what holds from now on.
        effect: `service.Affected`, as it was told.
        held: what the capacity ledger holds back of each sector.
        repair: whether they are a repair that was worked out, or somebody's own choice.
        now: when.
    """
    after = {f.sector.key: f for f in board.with_changes({c.key: c for c in changes}).flown}
    sectors = [_facts(board, aboard, after, change) for change in changes]
    mine: dict[str, dict[str, int]] = defaultdict(dict)
    touched = {c.key for c in changes}
    for leg in legs:
        for call in leg.calls:
            if (key := (leg.service_id, leg.service_day, call)) in touched:
                parcels = mine[flight_id(key)]
                parcels[leg.merchant_id] = parcels.get(leg.merchant_id, 0) + leg.parcels
    said = {
        "sectors": len(changes),
        "cancelled": sum(c.cancelled for c in changes),
        "delayed": sum(c.delay > 0 for c in changes),
        "swapped": sum(bool(c.tail) for c in changes),
        "repair": repair,
    }
    hidden = {
        "inputs": {"sectors": sectors},
        "answer": {
            "effect": _rounded(asdict(effect)),
            "held": [[row["held_g"], row["held_cm3"]] for row in held],
        },
        "owners": mine,
        "because": [c.because for c in changes],
    }
    return Decision(CHANGES, flight_id(changes[0].key), now, said, hidden)


def _facts(
    board: Board, aboard: Mapping[Key, Aboard], after: Mapping[Key, Any], change: Change
) -> dict[str, Any]:
    one, carried = after[change.key], aboard.get(change.key, Aboard())
    sector = one.sector
    onward = []
    for to in carried.onward:
        waits = after.get(to.to) if to.to is not None else None
        onward.append([to.parcels, to.slack, 0 if waits is None or waits.cancelled else int(waits.delay)])
    return {
        "flight": flight_id(change.key),
        "tail": one.tail,
        "delay": one.delay,
        "cancelled": one.cancelled,
        "planned": [sector.grams, sector.cm3],
        "room": list(schedule.room_of(board, sector, change.tail or sector.tail)),
        "carries": list(schedule.room_of(board, sector, one.tail)),
        "aboard": [carried.parcels, carried.grams, carried.cm3],
        "onward": onward,
    }


def again(here: Context, values: Values, without_identity: bool) -> Any:
    """The effect that follows from what was recorded; there is no identity in what it looks at."""
    effect = {"cancelled": 0, "missed": 0, "late": 0, "kg": 0.0, "left_kg": 0.0}
    held = []
    for one in values["inputs"]["sectors"]:
        parcels, grams, cm3 = one["aboard"]
        room = [0, 0] if one["cancelled"] else one["room"]
        held.append([max(0, planned - left) for planned, left in zip(one["planned"], room, strict=True)])
        if one["cancelled"]:
            effect["cancelled"] += parcels
            effect["kg"] += grams / 1000
            continue
        missed = sum(n for n, slack, waits in one["onward"] if one["delay"] - waits > slack)
        effect["missed"] += missed
        effect["late"] += parcels - missed if one["delay"] else 0
        most_g, most_cm3 = one["carries"]
        by_room = (cm3 - most_cm3) / cm3 * grams if cm3 > most_cm3 > 0 else 0
        effect["left_kg"] += max(0.0, grams - most_g, by_room) / 1000
    return {"effect": _rounded(effect), "held": held}


def _rounded(effect: Mapping[str, Any]) -> dict[str, Any]:
    return {name: round(value, 3) for name, value in effect.items()}
