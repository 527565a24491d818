from __future__ import annotations

import random
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qafila.network.timetable import Mode
from qafila.runtime.events.envelope import Event, Source, TimeKind, identify
from qafila.tracking.event import ParcelEvent, planned_events
from qafila.tracking.status import State, status
from tests.shipping.bookables import EPOCH, NOW, Run, legs, timetable

PARCEL = "HA000000014MA"
SCANNER = Source("carrier", "car_1", "scanner 7")

# door -> CAS (truck), CAS -> CDG (flight), CDG -> LYS (truck), LYS -> door; minutes from the epoch.
# goods are ready 30 minutes after arrival; cut-off = departure
TABLE = timetable(
    Run("VAN-1", Mode.COLLECTION, (("CAS", 60), ("CAS2", 120))),
    Run("AIR-1", Mode.AIR, (("CAS2", 200), ("CDG", 400))),
    Run("ROAD-1", Mode.ROAD, (("CDG", 500), ("LYS", 800))),
    Run("VAN-2", Mode.DELIVERY, (("LYS", 1000), ("LYS-DOOR", 1100))),
)
PLAN = list(planned_events(PARCEL, legs(TABLE, 0, 1, 2, 3), NOW))


def at(minute: float) -> datetime:
    return EPOCH + timedelta(minutes=minute)


def event(
    type: ParcelEvent,
    minute: float,
    facility: str | None = None,
    kind: TimeKind = TimeKind.ACTUAL,
    **more: object,
) -> Event:
    id = identify(PARCEL, type, kind, at(minute), facility, source="scan" + str(more.get("details", "")))
    return Event(PARCEL, id, type.value, kind.value, at(minute), SCANNER, facility, **more)  # type: ignore[arg-type]


WAY = [
    event(ParcelEvent.COLLECTED, 65),
    event(ParcelEvent.ARRIVED, 118, "CAS2"),
    event(ParcelEvent.DEPARTED, 210, "CAS2"),
    event(ParcelEvent.ARRIVED, 405, "CDG"),
    event(ParcelEvent.CUSTOMS_PRESENTED, 410, "CDG"),
    event(ParcelEvent.CUSTOMS_RELEASED, 420, "CDG"),
    event(ParcelEvent.DEPARTED, 500, "CDG"),
    event(ParcelEvent.ARRIVED, 790, "LYS"),
    event(ParcelEvent.OUT_FOR_DELIVERY, 1005, "LYS"),
    event(ParcelEvent.DELIVERED, 1090),
]


def test_the_state_follows_the_way() -> None:
    states = [status(PLAN + WAY[:n], at(0)).state.value for n in range(len(WAY) + 1)]
    assert states == [
        "booked",
        "collected",
        "at_facility",
        "in_transit",
        "at_facility",
        "in_customs",
        "released",
        "in_transit",
        "at_facility",
        "out_for_delivery",
        "delivered",
    ]


def test_a_parcel_delivered_at_a_door_is_at_no_facility() -> None:
    """Nor at the station where it was read last; where the delivery names a place, it was there."""
    assert status(PLAN + WAY[:-1], at(1100)).facility == "LYS"
    assert status(PLAN + WAY, at(1100)).facility is None
    counter = event(ParcelEvent.DELIVERED, 1090, "LYS")
    assert status([*PLAN, *WAY[:-1], counter], at(1100)).facility == "LYS"
    back = [*WAY[:-1], event(ParcelEvent.RETURNING, 1080, "LYS"), event(ParcelEvent.RETURNED, 1500)]
    assert status(PLAN + back, at(1600)).facility is None


@settings(max_examples=150, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(0, len(WAY)), st.integers(0, 1500))
def test_order_and_repetition_do_not_matter(dice: random.Random, known: int, minute: int) -> None:
    events = PLAN + WAY[:known] + [event(ParcelEvent.ARRIVED, 450, "CDG", TimeKind.ESTIMATED)]
    mixed = events + dice.choices(events, k=5)
    dice.shuffle(mixed)
    assert status(mixed, at(minute)) == status(events, at(minute))


@settings(max_examples=100, deadline=None)
@given(st.sets(st.integers(0, len(WAY) - 1)))
def test_a_late_event_changes_nothing_that_came_after_it(missing: set[int]) -> None:
    """Whatever scans are still missing, the newest one decides the state."""
    seen = [e for i, e in enumerate(WAY) if i not in missing]
    whole = status(PLAN + seen, at(0))
    newest = status([*PLAN, *seen[-1:]], at(0))
    assert whole.state == newest.state


def test_a_stray_scan_does_not_undo_a_delivery() -> None:
    stray = event(ParcelEvent.ARRIVED, 1100, "LYS")
    assert status([*PLAN, *WAY, stray], at(1200)).state is State.DELIVERED
    back = event(ParcelEvent.RETURNING, 1200, "LYS")
    assert status([*PLAN, *WAY, stray, back], at(1300)).state is State.RETURNING


def test_a_stray_scan_after_delivery_does_not_move_the_parcel() -> None:
    home = [*PLAN, event(ParcelEvent.ARRIVED, 900, "LYS"), event(ParcelEvent.DELIVERED, 1090, "LYS")]
    before = status(home, at(1200))
    after = status([*home, event(ParcelEvent.DEPARTED, 1100, "CAS")], at(1200))
    assert (after.state, after.facility, after.last) == (State.DELIVERED, "LYS", before.last)


def test_a_retracted_event_did_not_happen() -> None:
    wrong = event(ParcelEvent.DELIVERED, 900)
    word = event(ParcelEvent.RETRACTED, 910, details={"event": wrong.id})
    assert status([*PLAN, *WAY[:8], wrong], at(950)).state is State.DELIVERED
    assert status([*PLAN, *WAY[:8], wrong, word], at(950)).state is State.AT_FACILITY


def test_by_plan_the_eta_is_the_plan() -> None:
    seen = status(PLAN, at(0))
    assert (seen.eta, seen.delay) == (at(1100), timedelta())


def test_a_delay_is_carried_to_the_end_of_its_leg_and_no_further_than_it_must() -> None:
    # the flight leaves 50 minutes late: in Paris at 450, ready at 480, before the truck's cut-off at 500
    late = [*WAY[:2], event(ParcelEvent.DEPARTED, 250, "CAS2")]
    seen = status(PLAN + late, at(260))
    assert seen.next_expected == at(450)
    assert (seen.eta, seen.missed) == (at(1100), None)


@pytest.mark.parametrize(("minute", "missed"), [(480, False), (740, False), (741, True)])
def test_who_is_read_where_it_waited_after_its_departure_left_missed_it(minute: int, missed: bool) -> None:
    # the truck leaves Paris at 500; its gate scan may come in for four hours
    again = event(ParcelEvent.SEEN, minute, "CDG")
    seen = status([*PLAN, *WAY[:6], again], at(minute))
    assert (seen.missed is not None) == missed
    assert (seen.eta is None) == missed
    if seen.missed is not None:
        assert (seen.missed.facility, seen.missed.ready) == ("CDG", at(741))
    told = event(ParcelEvent.DEPARTED, 600, "CDG", TimeKind.ESTIMATED)  # it will leave later
    assert status([*PLAN, *WAY[:6], again, told], at(minute)).missed is None
    left = event(
        ParcelEvent.DEPARTED, minute + 5, "CDG"
    )  # it did leave; that it may miss the van is another thing
    onward = status([*PLAN, *WAY[:6], again, left], at(minute + 5)).missed
    assert onward is None or onward.facility == "LYS"


def test_a_missed_connection_is_said_and_no_eta_is_made_up() -> None:
    # 75 minutes late: in Paris at 475, ready at 505, after the truck's cut-off at 500
    late = [*WAY[:2], event(ParcelEvent.DEPARTED, 275, "CAS2")]
    seen = status(PLAN + late, at(280))
    assert seen.eta is None
    assert seen.missed is not None
    assert (seen.missed.service, seen.missed.facility) == ("ROAD-1", "CDG")
    assert (seen.missed.ready, seen.missed.cut_off) == (at(505), at(500))


def test_catching_the_truck_after_all_ends_the_alarm() -> None:
    late = [*WAY[:2], event(ParcelEvent.DEPARTED, 275, "CAS2"), event(ParcelEvent.DEPARTED, 505, "CDG")]
    seen = status(PLAN + late, at(510))
    # five minutes late on the road: 805 in Lyon, ready 835, on the van of 1000
    assert (seen.missed, seen.next_expected, seen.eta) == (None, at(805), at(1100))


def test_a_late_delivery_van_moves_the_eta() -> None:
    seen = status([*PLAN, *WAY[:8], event(ParcelEvent.OUT_FOR_DELIVERY, 1030, "LYS")], at(1031))
    assert (seen.eta, seen.delay) == (at(1130), timedelta(minutes=30))


def test_the_newest_estimate_counts() -> None:
    first = event(ParcelEvent.ARRIVED, 430, "CDG", TimeKind.ESTIMATED, recorded_at=at(300))
    second = event(ParcelEvent.ARRIVED, 460, "CDG", TimeKind.ESTIMATED, recorded_at=at(310))
    for order in ([first, second], [second, first]):
        assert status([*PLAN, *WAY[:3], *order], at(320)).next_expected == at(460)


def test_goods_held_by_customs_are_not_ready_before_now() -> None:
    held = event(ParcelEvent.CUSTOMS_HELD, 430, "CDG")
    assert status([*PLAN, *WAY[:5], held], at(440)).missed is None
    assert status([*PLAN, *WAY[:5], held], at(520)).missed is not None


def test_overdue_says_since_when_and_by_whom_it_was_last_seen() -> None:
    # the flight should be in Paris at 410; an air arrival has six hours of grace (event-grace.csv)
    seen = PLAN + WAY[:3]
    assert status(seen, at(410 + 360)).overdue is None
    late = status(seen, at(410 + 361))
    assert late.overdue == timedelta(minutes=361)
    assert late.last is not None
    assert (late.last.facility, late.last.source.device) == ("CAS2", "scanner 7")
    assert status(PLAN + WAY, at(9999)).overdue is None


def test_missing_scans_are_leapt_over() -> None:
    seen = status([*PLAN, event(ParcelEvent.ARRIVED, 405, "CDG")], at(406))
    assert (seen.state, seen.facility, seen.eta) == (State.AT_FACILITY, "CDG", at(1100))
    assert seen.next is not None
    assert (seen.next.type, seen.next.facility) == ("departed", "CDG")


def test_a_new_plan_replaces_the_old() -> None:
    later = timetable(
        Run("ROAD-2", Mode.ROAD, (("CDG", 1500), ("LYS", 1800))),
        Run("VAN-3", Mode.DELIVERY, (("LYS", 2000), ("LYS-DOOR", 2100))),
    )
    again = list(planned_events(PARCEL, legs(later, 0, 1), at(480), revision=1))
    late = [*WAY[:2], event(ParcelEvent.DEPARTED, 275, "CAS2"), event(ParcelEvent.ARRIVED, 475, "CDG")]
    seen = status([*PLAN, *again, *late], at(500))
    assert (seen.eta, seen.missed, seen.planned) == (at(2100), None, at(2100))
    assert seen.next is not None
    assert (seen.next.service, seen.next.type) == ("ROAD-2", "departed")


def test_a_cancelled_parcel_waits_for_nothing() -> None:
    seen = status([*PLAN, event(ParcelEvent.CANCELLED, 10)], at(9999))
    assert (seen.state, seen.eta, seen.next, seen.overdue) == (State.CANCELLED, None, None, None)


def test_nothing_known() -> None:
    seen = status([], at(0))
    assert (seen.state, seen.eta, seen.last) == (State.UNKNOWN, None, None)
