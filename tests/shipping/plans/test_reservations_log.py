"""What a plan holds for whom goes to the log: first look at capacity is a decision like any other."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from qafila.openness import store as log
from qafila.runtime.database import administrator
from qafila.shipping.plans import reservations
from qafila.shipping.plans.reservations import Reservation
from tests.openness.logs import AT, fresh_log


def test_placing_and_releasing_are_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with fresh_log(tmp_path, monkeypatch):
        wanted = [
            Reservation(("FLY", 20500, 0), AT + timedelta(days=5), "express", 4000, 9000, 20000, 100000)
        ]
        with administrator() as connection:
            reservations.put_in_place(connection, "week-48", wanted, AT)
            reservations.release(connection)
            entries = list(log.entries(connection))
            opened = log.openings(connection, [one.entry_id for one in entries])
        placed, released = (json.loads(one.entry)["said"] for one in entries)
        assert (placed["act"], placed["departures"], placed["grams"], placed["short_g"]) == (
            "placed",
            1,
            4000,
            0,
        )
        assert (released["act"], released["reservations"]) == ("released", 1)
        values = {one.field: one.value for one in opened[entries[0].entry_id]}
        assert json.loads(values["reserved"] or "") == [["FLY/20500/0", "express", 4000, 9000]]
        assert all(one.owner is None for one in entries)  # it is the hub's own decision
