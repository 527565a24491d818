"""Golden instants and costs of the small network, worked out by hand, in minutes from Monday 00:00 UTC."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from qafila.network.compile import compile_timetable
from qafila.network.model import Call, Capacity, LocalTime, Service
from qafila.network.ride_terms import NoTerms
from qafila.network.timetable import Goods, Mode, Timetable
from tests.network.small import START, small_feed

DAY = 1440


@pytest.fixture(scope="module")
def table() -> Timetable:
    return compile_timetable(small_feed(), START, 21)


def rides(table: Timetable, service: str, origin: str, target: str) -> list[tuple[int, int]]:
    """(board by, ready at) of a service's rides between two nodes; a trailing * is the bonded side, @ the door."""

    def node(name: str) -> int:
        index = table.facility_ids.index(name.rstrip("*@"))
        return int(
            {"*": table.bonded_node, "@": table.door_node}.get(name[-1], np.arange(table.facilities))[index]
        )

    of = table.segment_service[table.ride_first_segment] == table.service_ids.index(service)
    which = np.flatnonzero(of & (table.ride_from == node(origin)) & (table.ride_to == node(target)))
    return [(int(table.ride_board_by[i]), int(table.ride_ready_at[i])) for i in which]


def test_a_truck_run_on_the_wall_clock(table: Timetable) -> None:
    # Morocco is at UTC+1. 17:00 − 30 = 16:30 local = 15:30 UTC; 18:30 + 90 handling = 20:00 local = 19:00 UTC
    found = rides(table, "PICK", "WH", "CMN")
    assert found[:2] == [(930, 1140), (DAY + 930, DAY + 1140)]
    # Wednesday the 25th is taken out by calendar_dates.csv
    assert (2 * DAY + 930, 2 * DAY + 1140) not in found
    # on Saturday and Sunday the warehouse is closed: the goods must be there by Friday 18:00 local
    assert (4 * DAY + 17 * 60, 5 * DAY + 1140) in found
    assert (4 * DAY + 17 * 60, 6 * DAY + 1140) in found


def test_cut_off_before_opening_is_the_evening_before(table: Timetable) -> None:
    # 07:00 − 30 is before 08:00: the goods must come by 18:00 local = 17:00 UTC of the working day before;
    # for the first Monday that was before the horizon, so the ride cannot be boarded any more
    found = rides(table, "EARLY", "WH", "CMN")
    assert found[0] == (17 * 60, DAY + 7 * 60 + 30 + 90)


def test_clearance_waits_for_the_desk(table: Timetable) -> None:
    # Monday: 20:00 − 120 = 18:00; arrives 23:00, handled 00:00 UTC = 01:00 in Paris. The desk opens at 08:00
    # = 07:00 UTC on Tuesday and works 240 minutes until 12:00 = 11:00 UTC, just before its lunch
    found = rides(table, "FLY", "CMN", "CDG")
    assert found[0] == (18 * 60, DAY + 11 * 60)
    # Friday the 27th: Paris is at UTC+2 by Monday the 30th: 08:00 = 06:00 UTC, done at 10:00 UTC
    assert found[1] == (4 * DAY + 18 * 60, 7 * DAY + 10 * 60)
    # Friday 3 April: Monday the 6th is Easter Monday, so Tuesday the 7th, day 15
    assert found[3] == (11 * DAY + 18 * 60, 15 * DAY + 10 * 60)


def test_work_at_the_desk_pauses_for_lunch() -> None:
    feed = small_feed()
    longer = tuple(replace(c, clearance_minutes=300) if c.territory == "EU" else c for c in feed.clearances)
    table = compile_timetable(replace(feed, clearances=longer), START, 7)
    # four hours until 12:00, then the fifth from 13:00 to 14:00 = 13:00 UTC
    assert rides(table, "FLY", "CMN", "CDG")[0] == (18 * 60, DAY + 13 * 60)


def test_goods_in_transit_do_not_wait_for_the_desk(table: Timetable) -> None:
    # 23:00 + 60 handling + 30 transit
    assert rides(table, "FLY", "CMN", "CDG*")[0] == (18 * 60, DAY + 30)
    assert rides(table, "FLY", "CMN*", "CDG*")[0] == (18 * 60, DAY + 30)
    # on the second hop they stay on board: 01:30 + 45 (a transfer of Lyon's own) + 30
    assert rides(table, "FLY", "CMN", "LYS*")[0] == (18 * 60, DAY + 90 + 75)
    # inside the EU the flight is not under bond: free goods only, and no clearance
    assert rides(table, "FLY", "CDG", "LYS")[0] == (DAY - 30, DAY + 90 + 45)
    assert rides(table, "FLY", "CDG*", "LYS*") == []


def test_under_bond_by_road_and_cleared_inland(table: Timetable) -> None:
    # Monday 22:00 in Paris = 21:00 UTC, cut-off 20:30; 03:00 = 02:00 UTC + 60 + 30
    assert rides(table, "BOND", "CDG*", "LYS*")[0] == (20 * 60 + 30, DAY + 120 + 90)
    # cleared in Lyon: handled 03:00 UTC, desk from 07:00 UTC, 240 minutes
    assert rides(table, "BOND", "CDG*", "LYS")[0] == (20 * 60 + 30, DAY + 11 * 60)
    assert rides(table, "BOND", "CDG", "LYS")[0] == (20 * 60 + 30, DAY + 180)


def test_a_clock_change_on_the_way_moves_the_hand_not_the_truck(table: Timetable) -> None:
    # Saturday the 28th 22:00 = 21:00 UTC; five hours later it is 02:00 UTC, and 04:00, not 03:00, in Lyon
    segments = table.segment_service == table.service_ids.index("BOND")
    night = segments & (table.segment_depart == 5 * DAY + 21 * 60)
    assert table.segment_arrive[night].tolist() == [6 * DAY + 120]
    # the night after, the wall clock says 22:00 = 20:00 UTC and 03:00 = 01:00 UTC
    after = segments & (table.segment_depart == 6 * DAY + 20 * 60)
    assert table.segment_arrive[after].tolist() == [7 * DAY + 60]


@pytest.mark.parametrize(
    ("zone", "change"),
    [
        ("Europe/Paris", date(2026, 3, 29)),
        ("Europe/Paris", date(2026, 10, 25)),
        ("Africa/Casablanca", date(2026, 2, 15)),
        ("Africa/Casablanca", date(2026, 3, 22)),
        ("America/New_York", date(2026, 3, 8)),
        ("America/New_York", date(2026, 11, 1)),
        ("Australia/Lord_Howe", date(2026, 4, 5)),
    ],
)
def test_no_truck_is_shorter_longer_or_back_before_it_left_on_the_night_of_a_clock_change(
    zone: str, change: date
) -> None:
    """Runs of every start and length within a day, over the days around a change, against zoneinfo."""
    feed = small_feed()
    places = tuple(
        replace(f, timezone=zone, hours="") if f.id in ("CDG", "LYS", "STA") else f for f in feed.facilities
    )
    rng = np.random.default_rng(change.toordinal())
    runs = {
        f"N{n}": (int(rng.integers(0, 1440)), int(rng.integers(20, 1000)), int(rng.integers(0, 90)))
        for n in range(60)
    }
    services, calls, room = [], [], []
    for name, (leaves, takes, stays) in runs.items():
        services.append(Service(name, Mode.ROAD, "x", "TRUCK", "DAILY", "ROAD"))
        times = [leaves, leaves + takes, leaves + takes + stays, leaves + 2 * takes + stays]
        calls += [
            Call(name, 1, "CDG", None, LocalTime(times[0])),
            Call(name, 2, "LYS", LocalTime(times[1]), LocalTime(times[2])),
            Call(name, 3, "STA", LocalTime(times[3]), None),
        ]
        room.append(Capacity(name, None, 100, 1))
    feed = replace(
        feed,
        facilities=places,
        services=(*feed.services, *services),
        calls=(*feed.calls, *calls),
        capacities=(*feed.capacities, *room),
    )
    start = change - timedelta(days=4)
    t = compile_timetable(feed, start, 9)
    of, day = np.asarray(t.segment_service), np.asarray(t.segment_day)
    seen = 0
    for name, (leaves, takes, _) in runs.items():
        mine = of == t.service_ids.index(name)
        for date_ in np.unique(day[mine]):
            one = np.flatnonzero(mine & (day == date_))
            if len(one) < 2:  # it reaches over an end of the timetable
                continue
            depart, arrive = np.asarray(t.segment_depart)[one], np.asarray(t.segment_arrive)[one]
            assert (arrive > depart).all()
            assert (depart[1:] >= arrive[:-1]).all()
            wall = datetime(1970, 1, 1) + timedelta(days=int(date_), minutes=leaves)
            says = wall.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
            assert t.instant(int(depart[0])) == says
            assert (arrive - depart).tolist() == [takes, takes]  # by the watch of the driver
            seen += 1
    assert seen > 300


def test_tours_go_to_doors_and_keep_public_holidays(table: Timetable) -> None:
    # Monday 09:00 − 30 = 08:30 = 07:30 UTC; back at 17:00 = 16:00 UTC, with no handling at the door
    found = rides(table, "TOUR", "STA", "STA@")
    assert found[0] == (7 * 60 + 30, 16 * 60)
    days = {ready // DAY for _, ready in found}
    assert 14 not in days  # Easter Monday
    assert 6 not in days  # Sunday
    assert {13, 20} & days == set()
    assert len(found) == 17  # 3 × 6 days, less the holiday


def test_a_voyage_begun_before_the_horizon_is_still_boarded(table: Timetable) -> None:
    # sailed on Thursday the 19th; Monday 18:00 in Paris = 17:00 UTC, cut-off 600 before; Wednesday 12:00 + 60
    assert rides(table, "SAIL", "CDG", "LYS")[0] == (7 * 60, 2 * DAY + 11 * 60 + 60)
    ride = np.flatnonzero(table.ride_mode == Mode.SEA)[0]
    segment = table.ride_first_segment[ride]
    assert table.segment_day[segment] == (date(2026, 3, 19) - date(1970, 1, 1)).days
    assert table.segment_call[segment] == 1


def test_costs_emissions_and_limits(table: Timetable) -> None:
    service = table.segment_service[table.ride_first_segment]
    fly = service == table.service_ids.index("FLY")

    def first(origin: int, target: int) -> int:
        return int(np.flatnonzero(fly & (table.ride_from == origin) & (table.ride_to == target))[0])

    cmn, cdg, lys = (table.facility_ids.index(f) for f in ("CMN", "CDG", "LYS"))
    free, bonded = first(cmn, cdg), first(cmn, int(table.bonded_node[cdg]))
    # 0.10 a parcel + 0.08 handling + 0.50 release, in ten-thousandths; 0.5 + 0.2 × 2,000 km a kg
    assert table.ride_fixed_cost[free] == 1000 + 800 + 5000
    assert table.ride_fixed_cost[bonded] == 1000 + 800
    assert table.ride_kg_cost[free] == 9000
    # 600 g/tkm × 2,000 km = 1,200 kg a tonne = 1,200 g a kg
    assert table.ride_co2e[free] == 1_200_000
    # CMN-CDG-LYS: 2,500 km on two segments
    through = first(cmn, lys)
    assert table.ride_co2e[through] == 1_500_000
    assert table.ride_segment_count[through] == 2
    assert table.ride_first_segment[through] == table.ride_first_segment[free]
    # what the feed says, and what no aircraft takes
    assert table.ride_forbids[free] == Goods.LITHIUM | Goods.OVERSIZE | Goods.OTHER_DANGEROUS
    segment = table.ride_first_segment[through]
    assert table.segment_capacity_g[segment : segment + 2].tolist() == [20_000_000, 5_000_000]
    assert table.segment_capacity_cm3[segment : segment + 2].tolist() == [120_000_000, 30_000_000]
    # a flight without km of its own: the great circle LYS-CMN (here by the law of cosines) + 95 km
    home = np.flatnonzero(service == table.service_ids.index("HOME"))[0]
    lat1, lon1, lat2, lon2 = map(math.radians, (45.73, 5.09, 33.37, -7.59))
    angle = math.acos(
        math.sin(lat1) * math.sin(lat2) + math.cos(lat1) * math.cos(lat2) * math.cos(lon2 - lon1)
    )
    assert table.ride_co2e[home] == pytest.approx(600 * (6371.0088 * angle + 95), rel=1e-6)


def test_rates_in_another_currency_are_converted(table: Timetable) -> None:
    from qafila.core.money import Money, exchange_rates

    tour = np.flatnonzero(table.ride_mode == Mode.DELIVERY)[0]
    euros = exchange_rates().convert(Money(Decimal(20), "MAD"), "EUR", START).amount
    assert table.ride_fixed_cost[tour] == round(euros * 10_000)  # no handling fee at a door


def test_shape(table: Timetable) -> None:
    assert table.epoch == datetime(2026, 3, 23, tzinfo=UTC)
    order = list(zip(table.ride_board_by.tolist(), table.ride_ready_at.tolist(), strict=True))
    assert order == sorted(order)
    assert (table.ride_ready_at > table.ride_board_by).all()
    assert (table.ride_ready_at <= table.minutes).all()
    assert (table.segment_arrive > table.segment_depart).all()
    assert table.segment_depart.min() >= 0
    last = table.ride_first_segment + table.ride_segment_count - 1
    assert (table.segment_service[table.ride_first_segment] == table.segment_service[last]).all()
    assert (table.segment_day[table.ride_first_segment] == table.segment_day[last]).all()
    assert (table.segment_from[table.ride_first_segment] == table.node_facility[table.ride_from]).all()
    assert (table.segment_to[last] == table.node_facility[table.ride_to]).all()
    assert (table.bonded_node >= 0).tolist() == [False, True, True, True, False]
    assert (table.door_node >= 0).tolist() == [False, False, False, False, True]


def test_the_same_departures_whatever_the_start(table: Timetable) -> None:
    """A horizon that begins a week later holds the same rides of the days that both hold."""
    later = compile_timetable(small_feed(), date(2026, 3, 30), 14)

    def keys(t: Timetable, shift: int) -> set[tuple[int, ...]]:
        segment = t.ride_first_segment
        return {
            tuple(map(int, key))
            for key in zip(
                t.segment_service[segment],
                t.segment_day[segment],
                t.segment_call[segment],
                t.ride_from,
                t.ride_to,
                t.ride_board_by + shift,
                t.ride_ready_at + shift,
                strict=True,
            )
            if key[5] >= 7 * DAY
        }

    assert keys(later, 7 * DAY) == keys(table, 0)


def test_no_rate_in_force_is_said() -> None:
    with pytest.raises(NoTerms, match=r"no rate 'ROAD' in force on 2027-01-04"):
        compile_timetable(small_feed(), date(2027, 1, 4), 7)


def test_saved_and_loaded(table: Timetable, tmp_path) -> None:  # type: ignore[no-untyped-def]
    table.save(tmp_path / "t")
    loaded = Timetable.load(tmp_path / "t")
    for name in Timetable.__slots__:
        if name != "folder":
            assert np.array_equal(getattr(loaded, name), getattr(table, name)), name
    assert (table.folder, loaded.folder) == (None, tmp_path / "t")
    with pytest.raises(ValueError, match="read-only"):
        loaded.ride_from[0] = 1


def test_a_node_knows_in_which_territory_its_goods_are_free() -> None:
    feed = small_feed()
    table = compile_timetable(feed, START, 7)
    index = {t.id: i for i, t in enumerate(feed.territories)}
    for node, facility in enumerate(table.node_facility.tolist()):
        bonded = node in table.bonded_node.tolist()
        place = feed.facility[table.facility_ids[facility]]
        assert table.node_territory[node] == (-1 if bonded else index[place.territory])


def test_volumetric_weight_is_rounded_up() -> None:
    t = compile_timetable(small_feed(), START, 7)
    factor = int(t.volumetric_kg_per_m3[Mode.AIR])
    cm3 = 1000 * t.weight_step_g // factor + 1  # the least volume that weighs more than one step
    assert cm3 * factor > 1000 * t.weight_step_g
    assert t.chargeable_g(1, cm3)[Mode.AIR] == 2 * t.weight_step_g
