"""What sorting tells the log, taken again: the same where the rule was followed, different where somebody was favoured."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import qafila.floors  # noqa: F401  # lists every kind of decision
from qafila.context import Context
from qafila.openness.kinds import Difference
from qafila.openness.replaying import Replayed
from qafila.runtime.database import administrator
from qafila.sorting import parcel_acts, sorting_deciding, sorting_telling
from qafila.sorting.induction import Line
from qafila.sorting.model import By, Centre, Expected, Limits, Reading, SortPlan, Verdict
from qafila.sorting.sorting_recording import write
from tests.api.conftest import MONDAY, NETWORK, RULES
from tests.openness.logs import fresh_log
from tests.openness.test_favouritism import replayed
from tests.shipping.bookables import NOW
from tests.sorting.centres import booked, centre, heard, merchant
from tests.sorting.test_induction import BY, bare, planned


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Context]:
    with fresh_log(tmp_path, monkeypatch):
        yield Context(NETWORK, RULES).at(MONDAY)


CENTRE = Centre(
    "CAS", (), (("held", "X4"), ("missed", "X5"), ("unknown", "X1")), Limits(30_000, 1200, 3000), 15
)
PLAN = SortPlan(
    "p", "CAS", "night", {"LYS": ("C1", "C2"), "MAD": ("C3",)}, {"G1": ("TNG", "RBA")}, {"G1": {"TNG": "C4"}}
)
AT = datetime.fromisoformat("2026-11-30T08:00:00+00:00")
WAYS: dict[str, Expected | bool] = {
    "plan": Expected("A1", "mer_a", "LYS", "S1", 0, AT + timedelta(hours=2), 0),
    "late": Expected("A2", "mer_b", "MAD", "S2", 0, AT + timedelta(minutes=5), 0),
    "held": Expected("A3", "mer_b", "MAD", "S2", 0, AT + timedelta(hours=2), 0, "held"),
    "group": Expected("A4", "mer_a", "TNG", "S3", 0, AT + timedelta(hours=2), 0),
    "astray": True,
    "none": False,
}


def batch(plan: SortPlan | None = PLAN, changed: Callable[[str, Verdict], Verdict] = lambda n, v: v) -> Any:
    desk, rows = sorting_deciding.Desk(CENTRE, plan), []
    for name, found in WAYS.items():
        for group, grams in (("", 900), ("G1", 900), ("", 40_000)):
            reading = Reading("RR000000000MA", AT, False, grams)
            verdict = changed(name, desk.judged(reading, "RR000000000MA", found, group))
            facts = sorting_telling.facts(CENTRE, plan, reading, verdict, group)
            owner = found.owner if isinstance(found, Expected) else None
            rows.append({"at": AT.isoformat(), "facts": facts, "owner": owner, "parcel": ""})
    (one,) = sorting_telling.decisions("CAS", rows)
    return one


def test_every_verdict_is_the_same_again(here: Context) -> None:
    for plan in (PLAN, None):
        told = batch(plan)
        assert sorting_telling.again(here, told.hidden, True) == told.hidden["answer"]
        assert told.said["scans"] == 18
        assert "A1" not in str(told.hidden["inputs"])
        assert "mer_" not in str(told.hidden["inputs"])


def test_a_rotation_of_chutes_is_no_difference_and_another_chute_is(here: Context) -> None:
    told = batch(changed=lambda n, v: replace(v, chute="C2") if n == "plan" and v.why == "plan" else v)
    assert sorting_telling.again(here, told.hidden, True) == told.hidden["answer"]
    told = batch(changed=lambda n, v: replace(v, chute="C3") if n == "plan" and v.why == "plan" else v)
    assert sorting_telling.again(here, told.hidden, True) != told.hidden["answer"]


def test_nothing_is_told_of_what_an_earlier_version_left() -> None:
    assert sorting_telling.decisions("CAS", [{"at": AT.isoformat(), "owner": None}]) == []


def scanned(line: Line, numbers: list[str]) -> None:
    rows = []
    for number in numbers:
        reading = Reading(number, NOW)
        verdict, facts = line.decided(reading)
        rows.append(
            {
                "facility": line.facility,
                "key": f"k-{number}",
                "owner": verdict.expected.owner if verdict.expected else None,
                "code": number,
                "parcel": verdict.parcel,
                "chute": verdict.chute,
                "why": verdict.why,
                "reason": {"text": verdict.why},
                "next": "",
                "leg": None,
                "plan": line.plan_id,
                "station": "line 1",
                "at": NOW.isoformat(),
                "role": BY.role,
                "tenant": BY.tenant,
                "corrected": "",
                "facts": facts,
            }
        )
    write(rows)


def scans(done: Replayed) -> list[Difference]:
    return [one for one in done.differences if one.entry.kind == sorting_telling.KIND]


@pytest.mark.parametrize("favour", ["none", "let past its cut-off", "put aside", "held back for no reason"])
def test_a_favour_planted_in_the_sorter_is_found(
    here: Context, monkeypatch: pytest.MonkeyPatch, favour: str
) -> None:
    atlas, rif, place = merchant(), merchant(), centre()
    first, second = booked(atlas, place.facility)[0], booked(rif, place.facility)[0]
    heard()
    planned(place.facility)
    honest = sorting_deciding.Desk._verdict

    def favouring(desk: Any, reading: Reading, number: str, found: Any) -> Verdict:
        seen = honest(desk, reading, number, found)
        if not isinstance(found, Expected) or found.owner != rif or favour == "none":
            return seen
        if favour == "let past its cut-off":
            return honest(desk, replace(reading, at=reading.at - timedelta(days=9)), number, found)
        if favour == "put aside":
            return replace(seen, chute=dict(desk.centre.special)["unknown"])
        return honest(desk, reading, number, found._replace(held="held"))

    monkeypatch.setattr(sorting_deciding.Desk, "_verdict", favouring)
    line = Line(place.facility, bare, lambda: NOW)
    if favour == "let past its cut-off":
        for one in (first, second):
            line._desk.learn(line._desk.expects(one)._replace(board_by=NOW - timedelta(hours=1)))  # type: ignore[union-attr]
    scanned(line, [first, second])
    how = "facts" if favour == "held back for no reason" else "again"
    found = [one for one in scans(replayed(here)) if one.how == how or favour == "none"]
    if favour == "none":
        assert found == []
    else:
        assert {one.place.split("/")[1] for one in found} == {"1"}  # the second scan, and only it


def test_who_calls_parcels_back_is_told(here: Context) -> None:
    of, place = merchant(), centre()
    number = booked(of, place.facility)[0]
    parcel_acts.recall([number], "recalled by its maker", False, By("local"), MONDAY)
    with administrator() as connection:
        from qafila.openness import store

        (entry,) = [one for one in store.about(connection, number) if one.kind == sorting_telling.RECALL]
        fields = {
            one.field: one.value for one in store.openings(connection, [entry.entry_id])[entry.entry_id]
        }
    assert fields["owners"] == f'["{of}"]'
