"""Takes recorded decisions again on their recorded inputs, and names each that would be otherwise.

Each is taken twice: as it was recorded, and with identities taken out. The first finds what was changed in the engine
for a while; the second what the engine itself does for somebody's sake. Then floors check what shows only in all
decisions together, such as who saw which room.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from qafila.context import Context
from qafila.openness import store
from qafila.openness.kinds import CHECKS, KINDS, CannotAgain, Difference, Values
from qafila.openness.model import Entry


@dataclass(slots=True)
class Replayed:
    """What a replay did.

    Attributes:
        entries: entries of kinds that can be taken again.
        same: those that came out the same, with and without identities.
        erased: those whose values were erased, and cannot be taken again for that.
        elsewhere: those whose network or rules are not here any more.
        unkept: those that recorded no inputs, such as refusals of orders that nobody could read.
        differences: each place where one came out otherwise.
    """

    entries: int = 0
    same: int = 0
    erased: int = 0
    elsewhere: int = 0
    unkept: int = 0
    differences: list[Difference] = field(default_factory=list)


def replay(connection: Connection, here: Context, since: datetime | None = None) -> Replayed:
    """Takes all decisions since an instant again.

    Args:
        connection: as whoever may read all entries and openings.
        here: a context of this home; each decision sets its network and clock to those recorded.
        since: None for all.
    """
    done = Replayed()
    opened: list[tuple[Entry, Values]] = []
    for entry, values in _opened(connection, since):
        if values is not None:
            opened.append((entry, values))
        known = KINDS.get(entry.kind)
        if known is None or known.again is None:
            continue
        done.entries += 1
        if values is None:
            done.erased += 1
            continue
        if "answer" not in values:
            done.unkept += 1
            continue
        try:
            found = [
                Difference(entry, how, *place)
                for how, without in (("again", False), ("identity", True))
                for place in differences(values["answer"], known.again(here, values, without))
            ]
        except CannotAgain:
            done.elsewhere += 1
            continue
        done.same += not found
        done.differences += _once(found)
    for check in CHECKS:
        done.differences += check(here, opened)
    return done


def _opened(connection: Connection, since: datetime | None) -> Iterator[tuple[Entry, Values | None]]:
    """Entries in the order in which they were recorded, with their values; None where one was erased."""
    entries = sorted(store.entries(connection, since=since), key=lambda one: one.entry_id)
    for at in range(0, len(entries), 1000):
        some = entries[at : at + 1000]
        found = store.openings(connection, [one.entry_id for one in some])
        for entry in some:
            rows = found.get(entry.entry_id, [])
            whole = all(row.value is not None for row in rows)
            yield entry, {row.field: json.loads(row.value or "null") for row in rows} if whole else None


def differences(recorded: Any, now: Any, place: str = "") -> list[tuple[str, Any, Any]]:
    """Where two values of JSON differ: the place as a path, what was recorded, what is now."""
    if isinstance(recorded, dict) and isinstance(now, dict):
        keys = sorted(recorded.keys() | now.keys())
        return [one for key in keys for one in differences(recorded.get(key), now.get(key), f"{place}/{key}")]
    if isinstance(recorded, list) and isinstance(now, list):
        if len(recorded) != len(now):
            return [(f"{place}/length", len(recorded), len(now))]
        pairs = enumerate(zip(recorded, now, strict=True))
        return [one for n, (a, b) in pairs for one in differences(a, b, f"{place}/{n}")]
    return [] if recorded == now else [(place or "/", recorded, now)]


def _once(found: Sequence[Difference]) -> list[Difference]:
    """Without those by identity that the plain repetition shows too."""
    plain = {(one.place, str(one.now)) for one in found if one.how == "again"}
    return [one for one in found if one.how == "again" or (one.place, str(one.now)) not in plain]
