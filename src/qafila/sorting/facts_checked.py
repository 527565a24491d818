"""Whether what sorting says of a parcel is what its history says: that it was held, and by when it had to be at its departure.

A sorter that was told something untrue of somebody's parcels follows the rule on it; that shows only here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from qafila.openness.kinds import Difference, Values
from qafila.openness.model import Entry
from qafila.runtime.events import store as histories
from qafila.runtime.events.envelope import Event, TimeKind
from qafila.sorting.expecting import HOLDS
from qafila.sorting.sorting_telling import KIND

_NEWS = timedelta(minutes=5)
"""How long after a word is written down a scan may still not know of it."""


def differences(connection: Connection, decisions: Sequence[tuple[Entry, Values]]) -> list[Difference]:
    """Each scan of which a fact is another than its parcel's history has it.

    Args:
        connection: as a regulator or the operator.
        decisions: entries with their opened values.
    """
    found: list[Difference] = []
    for entry, values in decisions:
        if entry.kind != KIND or "parcels" not in values:
            continue
        told = histories.histories(connection, {one for one in values["parcels"] if one})
        pairs = zip(values["parcels"], values["inputs"]["scans"], strict=True)
        for number, (parcel, said) in enumerate(pairs):
            if said["parcel"] is not None:
                facts = _strange(
                    said["parcel"], told.get(parcel, []), datetime.fromisoformat(said["at"]), values
                )
                found += [
                    Difference(entry, "facts", f"/{number}/{name}", was, now) for name, was, now in facts
                ]
    return found


def _strange(
    said: Mapping[str, Any], history: Sequence[Event], at: datetime, values: Values
) -> Iterator[tuple[str, Any, Any]]:
    if said["held"] not in (could := _held(history, at)):
        yield "held", said["held"], " | ".join(sorted(could))
    facility = values["inputs"]["facility"]
    closes = {
        datetime.fromisoformat(str(e.details["board_by"]))
        for e in history
        if e.time_kind == TimeKind.PLANNED and e.facility == facility and "board_by" in e.details
    }
    if closes and datetime.fromisoformat(said["board_by"]) not in closes:
        yield "board_by", said["board_by"], " | ".join(sorted(one.isoformat() for one in closes))


def _held(history: Sequence[Event], at: datetime) -> set[str]:
    """What a sorter may take a parcel for at an instant: the last word, and those that came about then."""
    words = [e for e in history if e.time_kind == TimeKind.ACTUAL and e.type in HOLDS]
    words.sort(key=lambda e: e.time)
    known = [e for e in words if e.time <= at - _NEWS]
    recent = [e for e in words if at - _NEWS < e.time <= at + _NEWS]
    late = [e for e in words if e.recorded_at is not None and e.recorded_at >= at - _NEWS]
    return {
        HOLDS[known[-1].type] if known else "",
        *(HOLDS[e.type] for e in (*recent, *late)),
        *_before(words, late),
    }


def _before(words: Sequence[Event], late: Sequence[Event]) -> set[str]:
    """What the last word was without those that were written down late."""
    known = [e for e in words if e not in late]
    return {HOLDS[known[-1].type] if known else ""} if late else set()
