"""A drawn network: what is drawn is what its feed says, every drawing that is taken makes a valid feed, and parcels move in it."""

from __future__ import annotations

import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qafila.network import drafting
from qafila.network import feed as feeds
from qafila.network.drawn import ENDS, KINDS, CannotDraw, Drawing, DrawnLine, feed_of
from qafila.network.installed import Network
from qafila.network.model import Feed, Kind
from qafila.network.network_places import Place, Served, Stations
from qafila.network.reference import build
from qafila.network.timetable import Mode

TODAY = date(2026, 11, 30)
AGADIR = Place("Agadir", "MA", 30.42, -9.6, "Africa/Casablanca", 500_000)
CASABLANCA = Place("Casablanca", "MA", 33.59, -7.62, "Africa/Casablanca", 3_000_000)
LYON = Place("Lyon", "FR", 45.75, 4.85, "Europe/Paris", 500_000)
DUBAI = Place("Dubai", "AE", 25.07, 55.17, "Asia/Dubai", 3_000_000)
TOWNS = (AGADIR, CASABLANCA, LYON, DUBAI)


@pytest.fixture(scope="module")
def reference() -> Feed:
    return build()


def line(
    a: str, b: str, mode: Mode = Mode.ROAD, days: str = "1111110", depart: int = 1080, kg: int = 2000
) -> DrawnLine:
    return DrawnLine(a, b, mode, days, depart, kg)


def cooperative() -> Drawing:
    """Argan oil of Agadir to doors of Lyon."""
    made = Drawing().with_place(AGADIR, Kind.WAREHOUSE, doors=True).with_place(CASABLANCA, Kind.AIRPORT)
    made = made.with_place(LYON, Kind.AIRPORT).with_place(LYON, Kind.DELIVERY_STATION, doors=True)
    a, cmn, lys, door = (p.id for p in made.places)
    return (
        made.with_line(line(a, cmn), True)
        .with_line(line(cmn, lys, Mode.AIR), True)
        .with_line(line(lys, door), True)
    )


def checked(feed: Feed) -> Feed:
    with tempfile.TemporaryDirectory() as folder:
        feeds.write(feed, Path(folder))
        return feeds.read(Path(folder))


def test_a_drawn_network_carries_a_parcel_to_a_door(reference: Feed) -> None:
    feed = checked(feed_of(cooperative(), reference, "Souss", TODAY))
    assert {f.id: f.gateway for f in feed.facilities} == {
        "WH-MA-AGADIR": False,
        "AIR-MA-CASABLANCA": True,
        "AIR-FR-LYON": True,
        "DS-FR-LYON": False,
    }
    assert {t.id for t in feed.territories} == {"MA", "EU"}
    network = Network.of(feed)
    table = network.timetable(TODAY)
    places = table.facility_ids
    legs = {(places[a], places[b]) for a, b in zip(table.segment_from, table.segment_to, strict=True)}
    assert ("AIR-MA-CASABLANCA", "AIR-FR-LYON") in legs
    served = Stations(feed).delivery(LYON)
    assert isinstance(served, Served)
    assert served.facility == "DS-FR-LYON"


@pytest.mark.parametrize("depart", [30, 600, 1410])
def test_a_flight_across_zones_leaves_at_the_hour_of_its_place(reference: Feed, depart: int) -> None:
    drawing = Drawing().with_place(DUBAI, Kind.AIRPORT).with_place(CASABLANCA, Kind.AIRPORT)
    a, b = (p.id for p in drawing.places)
    feed = checked(
        feed_of(drawing.with_line(line(a, b, Mode.AIR, days="0010000", depart=depart)), reference, "x", TODAY)
    )
    (service,), (first, last) = feed.services, feed.calls
    assert service.clock == "utc"
    assert first.depart is not None
    assert last.arrive is not None
    wednesday = next(
        TODAY + timedelta(days=n) for n in range(7) if (TODAY + timedelta(days=n)).weekday() == 2
    )
    run = next(
        wednesday + timedelta(days=n)
        for n in (-1, 0, 1)
        if service.calendar[(wednesday + timedelta(days=n)).weekday()] == "1"
    )
    left = datetime(run.year, run.month, run.day, tzinfo=UTC) + timedelta(minutes=first.depart)
    local = left.astimezone(ZoneInfo("Asia/Dubai"))
    assert (local.date(), local.hour * 60 + local.minute) == (wednesday, depart)
    assert 6 * 60 < last.arrive - first.depart < 11 * 60


def test_what_cannot_be_is_refused_with_its_reason() -> None:
    drawing = cooperative()
    a, cmn, lys, door = (p.id for p in drawing.places)
    for wrong, field in (
        (line(a, a), "end"),
        (line(a, door), "mode"),
        (line(a, cmn, Mode.AIR), "mode"),
        (line(cmn, lys, Mode.SEA), "mode"),
        (line(cmn, lys, Mode.DELIVERY), "mode"),
        (line(a, cmn, days="0000000"), "days"),
        (line(a, cmn, days="x"), "days"),
        (line(a, cmn, depart=1440), "depart"),
        (line(a, cmn, kg=0), "kg"),
        (line(a, "nowhere"), "place"),
        (line(a, cmn), "depart"),
    ):
        with pytest.raises(CannotDraw) as refused:
            drawing.with_line(wrong)
        assert refused.value.field == field
        assert refused.value.remedy is not None
    with pytest.raises(CannotDraw):
        drawing.with_place(LYON, Kind.AIRPORT)
    assert drawing.with_place(LYON, Kind.AIRPORT, "Satolas").places[-1].id == "AIR-FR-LYON-2"


def test_nothing_and_a_country_without_customs_make_no_network(reference: Feed) -> None:
    with pytest.raises(CannotDraw, match="Nothing moves"):
        feed_of(Drawing().with_place(LYON, Kind.WAREHOUSE), reference, "x", TODAY)
    lima = Place("Lima", "PE", -12.05, -77.04, "America/Lima", 9_000_000)
    drawing = Drawing().with_place(lima, Kind.AIRPORT).with_place(LYON, Kind.AIRPORT)
    drawing = drawing.with_line(line(*(p.id for p in drawing.places), Mode.AIR))
    with pytest.raises(CannotDraw, match="Lima"):
        feed_of(drawing, reference, "x", TODAY)


def test_a_place_taken_away_takes_its_lines_along() -> None:
    drawing = cooperative()
    left = drawing.without_place("AIR-FR-LYON")
    assert {p.id for p in left.places} == {"WH-MA-AGADIR", "AIR-MA-CASABLANCA", "DS-FR-LYON"}
    assert {(n.start, n.end) for n in left.lines} == {
        ("WH-MA-AGADIR", "AIR-MA-CASABLANCA"),
        ("AIR-MA-CASABLANCA", "WH-MA-AGADIR"),
    }
    assert drawing.without_line(0).lines == drawing.lines[1:]
    assert drawing.without_line(99) == drawing


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(TOWNS), st.sampled_from(KINDS), st.booleans()),
        min_size=2,
        max_size=7,
        unique_by=lambda p: (p[0].name, p[1]),
    ),
    st.lists(
        st.tuples(
            st.integers(0, 6),
            st.integers(0, 6),
            st.sampled_from(list(ENDS)),
            st.integers(1, 127),
            st.integers(0, 1439),
            st.integers(1, 10**6),
            st.booleans(),
        ),
        min_size=1,
        max_size=12,
    ),
)
def test_whatever_is_taken_makes_a_valid_feed(
    places: list[tuple[Place, Kind, bool]], lines: list[tuple[int, int, Mode, int, int, int, bool]]
) -> None:
    drawing = Drawing()
    for town, kind, doors in places:
        drawing = drawing.with_place(town, kind, doors=doors)
    ids = [p.id for p in drawing.places]
    for a, b, mode, days, depart, kg, back in lines:
        try:
            drawing = drawing.with_line(
                DrawnLine(ids[a % len(ids)], ids[b % len(ids)], mode, f"{days:07b}", depart, kg), back
            )
        except CannotDraw:
            continue
    if drawing.lines:
        feed = feed_of(drawing, _REFERENCE, "x", TODAY)
        assert checked(feed) == feed
        assert len(feed.services) == len(drawing.lines) + 2 * sum(p.doors for p in drawing.places)


_REFERENCE = build()


def test_what_is_drawn_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from qafila.runtime.settings import elsewhere, own_settings

    with elsewhere(own_settings().model_copy(update={"home": tmp_path})):
        assert drafting.read() == Drawing()
        drafting.change(lambda _: cooperative())
        assert drafting.read() == cooperative()
        with pytest.raises(CannotDraw):
            drafting.change(lambda d: d.with_place(LYON, Kind.AIRPORT))
        assert drafting.read() == cooperative()


def test_a_point_is_at_the_town_that_is_nearest() -> None:
    assert drafting.town_at(33.6, -7.6).name == "Casablanca"
    assert drafting.town_at(45.7, 4.9).country == "FR"
    with pytest.raises(CannotDraw):
        drafting.town_at(0.0, -30.0)
    with pytest.raises(CannotDraw, match="Morocco") as refused:
        drafting.town("Cassablanka", "MA")
    assert "Casablanca" in str(refused.value)
