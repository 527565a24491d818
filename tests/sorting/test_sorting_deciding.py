"""The chute of what was read: each reason its chute, and what is graver first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from qafila.core.fault import Fault
from qafila.core.identifiers import s10
from qafila.sorting.model import Expected, Reading, SortPlan, centre_from
from qafila.sorting.sorting_deciding import Desk
from tests.sorting.centres import told

NOW = datetime(2026, 11, 30, 20, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=2)
NUMBERS = [s10.number("HA", 11_111_111 * i % 100_000_000, "MA") for i in range(1, 8)]
PLAN = SortPlan(
    "p",
    "HUB",
    "night",
    {"LYS": ("C1",), "CDG": ("C2", "C3")},
    {"C4": ("MRS", "NCE")},
    {"C4": {"MRS": "C1", "NCE": "C2"}},
)


def desk(**more: object) -> Desk:
    made = Desk(centre_from(told("HUB", **more)), PLAN)
    stops = ["LYS", "CDG", "CDG", "MRS", "TLS", "LYS", ""]
    made.tell(Expected(n, "m", to, "flt", 1, LATER, 0) for n, to in zip(NUMBERS, stops, strict=True))
    return made


def read(code: str, **more: object) -> Reading:
    return Reading(code, NOW, **more)  # type: ignore[arg-type]


def test_the_plan_names_the_chute_and_why() -> None:
    verdict = desk().decide(read(NUMBERS[0].lower()[:4] + " " + NUMBERS[0][4:]))
    assert (verdict.chute, verdict.why, verdict.parcel) == ("C1", "plan", NUMBERS[0])
    assert str(verdict.reason) == "To LYS by flt, which takes it until 2026-11-30 22:00 UTC."


def test_several_chutes_of_one_stop_take_turns() -> None:
    here = desk()
    assert [here.decide(read(NUMBERS[1])).chute for _ in range(4)] == ["C2", "C3", "C2", "C3"]


def test_a_group_is_sorted_again_from_its_chute() -> None:
    here = desk()
    assert here.decide(read(NUMBERS[3])).chute == "C4"
    assert here.decide(read(NUMBERS[3]), group="C4").chute == "C1"
    assert here.decide(read(NUMBERS[0]), group="C4").chute == "C1"  # by the plan: it is none of the group


@pytest.mark.parametrize(
    ("reading", "held", "chute", "why"),
    [
        ({"damaged": True}, "", "X2", "damaged"),
        ({"grams": 31_501}, "", "X3", "overweight"),
        ({"size_mm": (1_201, 10, 10)}, "", "X1", "oversize"),  # no chute of its own: that of what is unknown
        ({"size_mm": (10, 1_000, 1_100)}, "", "X1", "oversize"),
        ({"grams": 31_500, "size_mm": (1_000, 500, 500)}, "", "C1", "plan"),
        ({"damaged": True}, "held", "X4", "held"),
        ({"damaged": True, "grams": 99_999}, "recalled", "X6", "recalled"),
    ],
)
def test_each_reason_has_its_chute_and_the_gravest_decides(
    reading: dict[str, object], held: str, chute: str, why: str
) -> None:
    here = desk()
    here.tell([Expected(NUMBERS[0], "m", "LYS", "flt", 1, LATER, 0, held)])
    verdict = here.decide(read(NUMBERS[0], **reading))
    assert (verdict.chute, verdict.why) == (chute, why)


def test_a_departure_is_missed_when_nobody_can_bring_it_there_in_time() -> None:
    here = desk(around=30)
    assert here.decide(Reading(NUMBERS[0], LATER - timedelta(minutes=30))).why == "plan"
    assert here.decide(Reading(NUMBERS[0], LATER - timedelta(minutes=29))).chute == "X5"


def test_strangers_are_told_apart() -> None:
    here, stranger = desk(), s10.number("HA", 77, "MA")
    assert here.decide(read(stranger)).why == "unknown"
    assert here.decide(read(stranger), lambda number: True).why == "astray"
    assert (
        here.decide(read(stranger), lambda number: Expected(number, "m", "LYS", "f", 1, LATER, 0)).chute
        == "C1"
    )
    assert str(here.decide(read("??")).reason) == "Its number cannot be read: ??."


def test_a_stop_that_the_plan_does_not_know_and_a_centre_without_a_plan() -> None:
    here = desk()
    assert here.decide(read(NUMBERS[4])).why == "no_chute"
    assert here.decide(read(NUMBERS[6])).why == "no_chute"  # its own tours have no chute either
    here.follow(None)
    assert str(here.decide(read(NUMBERS[0])).reason) == "No sort plan is in place here."


def test_a_misread_number_is_said_to_be_one() -> None:
    verdict = desk().decide(read(NUMBERS[0][:5] + "X" + NUMBERS[0][6:]))
    assert (verdict.chute, verdict.parcel, verdict.corrected) == (
        "C1",
        NUMBERS[0],
        NUMBERS[0][:5] + "X" + NUMBERS[0][6:],
    )
    assert "can be meant" in str(verdict.reason)


def test_news_replace_and_forget() -> None:
    here = desk()
    here.tell([Expected(NUMBERS[0], "m", "CDG", "flt", 1, LATER, 0)], gone=[NUMBERS[5]])
    assert here.decide(read(NUMBERS[0])).chute in ("C2", "C3")
    assert here.decide(read(NUMBERS[5])).why == "unknown"


@pytest.mark.parametrize(
    "broken",
    [
        {"chutes": [{"id": "C1"}, {"id": "C1"}]},
        {"chutes": [{}]},
        {"special": {}},
        {"special": {"unknown": ""}},
        {"special": {"unknown": "X", "lost": "Y"}},
        {"bag": 0},
        {"limits": {"wide": 3}},
        {"chutes": [{"id": "A", "metres": float("nan")}]},
    ],
)
def test_a_centre_that_is_none_is_refused(broken: dict[str, object]) -> None:
    with pytest.raises(Fault):
        centre_from(told("HUB") | broken)
