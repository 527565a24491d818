"""The page on which an operator sets how much a place takes."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from qafila.delivery import delivery_limits, delivery_points
from qafila.delivery.delivery_limits import Kind
from qafila.runtime.database import administrator
from tests.delivery.stations import Station
from tests.delivery.test_pages import app, hub, station, stranger  # noqa: F401  # fixtures


def limit(station: Station, kind: Kind) -> int | None:  # noqa: F811
    with administrator() as connection:
        return delivery_limits.limit(connection, station.point, kind)


def test_limits_are_set_in_any_digits_and_taken_away(station: Station, hub: TestClient) -> None:  # noqa: F811
    at = f"/places/{station.point}"
    assert hub.post(f"{at}/limits", data={"point": "٢٥", "returns": "0"}).status_code == 303
    assert (limit(station, Kind.POINT), limit(station, Kind.RETURNS)) == (25, 0)
    shown = hub.get(at).text
    assert 'value="25"' in shown
    assert 'value="0"' in shown
    listed = hub.get("/places").text
    assert f"/places/{station.point}" in listed
    assert hub.post(f"{at}/limits", data={"point": "", "returns": ""}).status_code == 303
    assert (limit(station, Kind.POINT), limit(station, Kind.RETURNS)) == (None, None)


@pytest.mark.parametrize("point", ["-1", "100001", "2.5", "many"])
def test_what_is_no_limit_is_said_and_kept_and_changes_nothing(
    station: Station,  # noqa: F811
    hub: TestClient,  # noqa: F811
    point: str,
) -> None:
    before = limit(station, Kind.RETURNS)
    answer = hub.post(f"/places/{station.point}/limits", data={"point": point, "returns": "7"})
    assert answer.status_code == 422
    assert f'value="{point}"' in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert limit(station, Kind.RETURNS) == before


def test_compartments_are_added_changed_and_put_out_of_order(station: Station, hub: TestClient) -> None:  # noqa: F811
    at = f"/places/{station.point}"
    sides = {"length": "300", "width": "200", "height": "100", "adapter": "counter"}
    assert (
        hub.post(f"{at}/compartments", data={"name": "P", "count": "3", **sides})
        .headers["location"]
        .endswith("done=yes")
    )
    changed = sides | {"height": "150"}
    assert hub.post(f"{at}/compartments", data={"name": "P2", "count": "1", **changed}).status_code == 303
    assert hub.post(f"{at}/order", data={"compartment": "P3", "broken": "yes"}).status_code == 303
    with administrator() as connection:
        rows = {r["compartment"]: r for r in delivery_points.overview(connection, station.point)}
        open_ = {c.id for c in delivery_points.free(connection, station.point, (300, 200, 100))}
    assert {"P1", "P2", "P3"} <= rows.keys()
    assert (rows["P1"]["height_mm"], rows["P2"]["height_mm"], rows["P3"]["broken"]) == (100, 150, True)
    assert "P3" not in open_
    assert {"P1", "P2"} <= open_
    assert hub.post(f"{at}/order", data={"compartment": "P3"}).status_code == 303
    for wrong in ({"name": "no name"}, {"height": "0"}, {"count": "201"}, {"adapter": "magic"}):
        told = {"name": "Q", "count": "1", **sides} | wrong
        assert hub.post(f"{at}/compartments", data=told).status_code == 422, wrong
    with administrator() as connection:
        names = {r["compartment"] for r in delivery_points.overview(connection, station.point)}
    assert not any(name.startswith("Q") for name in names)


def test_a_place_that_is_none_and_a_stranger_see_nothing(
    station: Station,  # noqa: F811
    hub: TestClient,  # noqa: F811
    stranger: TestClient,  # noqa: F811
) -> None:
    assert hub.get("/places/NOWHERE").status_code == 404
    assert hub.post(f"/places/{station.point}/order", data={"compartment": "ZZ"}).status_code == 422
    assert stranger.get(f"/places/{station.point}").status_code in (302, 303, 401, 403, 404)
