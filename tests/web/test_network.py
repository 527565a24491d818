"""/network: the map's data, the panel, the list."""

from __future__ import annotations

import json

import numpy as np
from starlette.testclient import TestClient

from qafila.context import of_this_home
from qafila.network import installed
from qafila.network.statistics import statistics
from qafila.network.timetable import Mode
from qafila.web.network.atlas import WEEK, atlas


def test_points_are_all_facilities(client: TestClient) -> None:
    answer = client.get("/network/facilities.geojson")
    points = answer.json()["features"]
    assert answer.headers["content-type"].startswith("application/geo+json")
    assert {p["properties"]["id"] for p in points} == {f.id for f in installed.feed().facilities}
    casablanca = next(p for p in points if p["properties"]["id"] == points[0]["properties"]["id"])
    assert casablanca["geometry"]["type"] == "Point"


def test_lanes_add_up_to_the_departures_of_a_week() -> None:
    """Vans' rounds, which go nowhere on a map, are left out of the lanes."""
    shown = atlas(of_this_home())
    week = shown.timetable
    vans = [
        s in shown.feed.service and shown.feed.service[s].mode in (Mode.DELIVERY, Mode.COLLECTION)
        for s in week.service_ids
    ]
    in_week = (week.segment_depart >= WEEK) & (week.segment_depart < 2 * WEEK)
    assert sum(n for *_, n in shown.lanes) == int((in_week & ~np.array(vans)[week.segment_service]).sum())


def test_departures_by_mode_are_those_of_network_stats() -> None:
    modes, told = atlas(of_this_home()).modes, statistics(installed.feed())
    assert sum(modes.values()) == told.departures_per_week
    assert (modes["air"], modes["sea"]) == (told.flights_per_week, told.sailings_per_week)


def test_what_was_fetched_is_not_sent_again(client: TestClient) -> None:
    first = client.get("/network/lanes.json")
    assert first.headers["content-encoding"] == "gzip"
    again = client.get("/network/lanes.json", headers={"if-none-match": first.headers["etag"]})
    assert again.status_code == 304
    assert again.content == b""
    plain = client.get("/network/lanes.json", headers={"accept-encoding": "identity"})
    assert json.loads(plain.content) == first.json()


def test_a_facility_with_its_next_departures(client: TestClient) -> None:
    busiest = atlas(of_this_home()).search("")[0]
    page = client.get(f"/network/facility/{busiest.id}")
    assert page.status_code == 200
    assert busiest.id in page.text
    assert page.text.count('class="when"') == 12
    assert client.get("/network/facility/nowhere").status_code == 404


def test_departures_are_the_soonest_and_in_order() -> None:
    shown = atlas(of_this_home())
    busiest = shown.search("")[0]
    now = shown.timetable.instant(WEEK)
    found = shown.next_departures(busiest.id, now, 50)
    assert [d.depart for d in found] == sorted(d.depart for d in found)
    assert found[0].depart >= now
    assert all(d.cut_off <= d.depart < d.arrive for d in found)


def test_the_list_finds_by_words_and_kind(client: TestClient) -> None:
    page = client.get("/network?q=casablanca&kind=warehouse")
    assert page.status_code == 200
    hits = atlas(of_this_home()).search("casablanca", "warehouse")
    assert hits
    assert hits[0].name in page.text
    nothing = client.get("/network", params={"q": "<script>nowhere"})
    assert "&lt;script&gt;nowhere" in nothing.text
    assert "<script>nowhere" not in nothing.text
    assert client.get("/network?p=99999").status_code == 200
