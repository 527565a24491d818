"""The tiles of the last mile: today's rounds, a driver's own first, and what failed."""

from __future__ import annotations

from datetime import timedelta

from qafila.delivery import delivery_tiles
from qafila.delivery.floor import FLOOR
from qafila.floors import RIGHTS
from qafila.runtime.accounts.model import Actor
from qafila.runtime.accounts.tenants import LOCAL, TenantKind
from tests.delivery.stations import Station


def actor(*roles: str, name: str = "Driver 1") -> Actor:
    return Actor(
        tenant=LOCAL,
        kind=TenantKind.HUB,
        id="per_1",
        name=name,
        roles=frozenset(roles),
        scopes=RIGHTS.of_roles(TenantKind.HUB, roles),
        person=True,
    )


def test_rounds_wait_until_they_are_over_and_failures_until_they_go_out_again() -> None:
    assert FLOOR.tiles == delivery_tiles.TILES
    here = Station(vehicles=1)
    numbers = [here.parcel(), here.parcel()]
    (round,) = here.plan()["rounds"]
    context = here.context

    def mine() -> list[str]:
        return [
            line.link
            for line in delivery_tiles.rounds(actor("driver"), context).lines
            if here.id in line.link
        ]

    assert mine() == [f"/rounds/{here.id}/drive/{round}"]
    here.now += timedelta(minutes=5)
    here.do("start", round=round)
    here.do("deliver", parcel=numbers[0], code=here.delivery(numbers[0]).code)
    here.do("fail", parcel=numbers[1], reason="nobody_home")
    found = delivery_tiles.rounds(actor("driver"), context)
    line = next((one for one in found.lines if here.id in one.link), None)
    assert line is None or line.what.values["left"] == 0
    failed = [one for one in delivery_tiles.failed(actor("dispatcher"), context).lines if here.id in one.link]
    assert [one.what.values["n"] for one in failed] == [1]
    week = delivery_tiles.delivered(actor("driver"), context)
    assert week is not None
    assert week.values[-1][1] >= 1


def test_a_day_that_is_over_is_not_today() -> None:
    here = Station(vehicles=1)
    here.parcel()
    here.plan()
    here.now += timedelta(days=1)
    assert not [
        one for one in delivery_tiles.rounds(actor("driver"), here.context).lines if here.id in one.link
    ]
