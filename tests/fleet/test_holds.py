"""Who keeps a parcel off its flight, as its flight file says it: each hold lasts until what it is for is let go."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

import qafila.floors  # noqa: F401  # lists every event type
from qafila.fleet import store
from qafila.runtime.database import administrator
from qafila.runtime.events import store as history
from qafila.runtime.events.envelope import Subject
from qafila.runtime.events.events_types import EVENT_TYPES, event
from tests.delivery.stations import SOURCE, Station


@pytest.fixture(scope="module")
def station() -> Station:
    """A station whose parcels fly."""
    return Station()


@pytest.mark.parametrize(
    ("told", "hold"),
    [
        ((), ""),
        (("customs_held A",), "customs"),
        (("customs_held A", "customs_released A"), ""),
        (("customs_held A", "customs_released B"), "customs"),  # the export's release is not the import's
        (("customs_held A", "customs_held B", "customs_released B"), "customs"),
        (("customs_held A", "customs_held B", "customs_released B", "customs_released A"), ""),
        (("customs_held", "customs_released"), ""),  # of authorities that name no declaration
        (("customs_held A", "recalled", "recall_ended"), "customs"),
        (("recalled", "customs_held A", "customs_released A"), "recall"),
        (("recalled", "recall_ended"), ""),
        (("recalled", "recall_ended", "recalled"), "recall"),
        (("customs_released A", "customs_held A"), "customs"),
    ],
    ids=lambda told: " ".join(told) if isinstance(told, tuple) else "-",
)
def test_a_hold_ends_with_what_it_was_for(station: Station, told: tuple[str, ...], hold: str) -> None:
    number = station.parcel()
    for minute, one in enumerate(told):
        type, _, declaration = one.partition(" ")
        more: dict[str, Any] = {"details": {"declaration": declaration}} if declaration else {}
        seen = event(
            EVENT_TYPES[type],
            Subject("parcel", number),
            station.now + timedelta(minutes=minute),
            SOURCE,
            **more,
        )
        with administrator() as connection:
            history.append_new(connection, station.merchant, [seen])
    with administrator() as connection:
        (box,) = store.boxes(connection, [number])
    assert box.hold == hold
