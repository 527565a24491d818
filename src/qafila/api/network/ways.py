"""/network/ways: from one place to another, on the room that is left, without an order and without a key."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal, TypeVar

from fastapi import APIRouter, Depends, Query
from pydantic import AfterValidator, BaseModel, Field

from qafila.api.chassis import api_messages as say
from qafila.api.chassis.api_asking import TheContext
from qafila.api.chassis.common_schema import Instant, MoneyOut
from qafila.api.chassis.problems import Problem, responses
from qafila.api.shipping.offer_schema import LegOut
from qafila.core.message import Choice
from qafila.core.money import Money
from qafila.network.timetable import COST_UNIT, Goods, Mode
from qafila.routing.itinerary import Itinerary
from qafila.runtime.accounts.doors import public
from qafila.shipping import wayfinding

router = APIRouter(prefix="/network", tags=["network"], dependencies=[Depends(public)])
_MOST = 40
K = TypeVar("K")


class WayOut(BaseModel):
    """A way that no other beats in arrival, cost and CO2e."""

    arrival: datetime
    cost: MoneyOut = Field(description="what the carriers take, before the hub's fee and any duty")
    co2e_wtw_kg: Decimal
    best_in: list[Literal["earliest", "cheapest", "cleanest"]]
    legs: list[LegOut]


class WaysOut(BaseModel):
    """The ways from a place to another, earliest first."""

    origin: str = Field(description="id of the facility")
    destination: str
    ready: datetime
    searched_until: datetime = Field(description="ways that arrive later were not looked for")
    ways: list[WayOut]


def _placed(text: str) -> str:
    return " ".join(text.split())


Place = Annotated[str, Query(min_length=1, max_length=200, examples=["Fès, MA"]), AfterValidator(_placed)]
_GOODS = {name.lower().replace("_", "-"): g for name, g in Goods.__members__.items()}
_MODES = {m.name.lower(): m for m in Mode if m.name not in ("COLLECTION", "DELIVERY")}


@router.get(
    "/ways",
    operation_id="findWays",
    summary="Find ways between two places",
    responses=responses("invalid-request", "no-offer"),
)
def find(
    context: TheContext,
    origin: Place,
    destination: Place,
    ready: Annotated[Instant | None, Query(description="without a zone: in the origin's time")] = None,
    latest: Annotated[Instant | None, Query(description="arrive by; without a zone: there")] = None,
    kg: Annotated[Decimal, Query(gt=0, le=1000, decimal_places=3)] = Decimal(1),
    litres: Annotated[Decimal, Query(gt=0, le=10_000, decimal_places=3)] = Decimal(3),
    goods: Annotated[
        list[str], Query(max_length=10, description="what some services bar: lithium, aerosol, …")
    ] = [],  # noqa: B006  # FastAPI copies it
    avoid: Annotated[list[str], Query(max_length=10, description="air, belly, road, sea or rail")] = [],  # noqa: B006  # FastAPI copies it
) -> WaysOut:
    """A place is a facility's id or an address as "City, CC". Prices are of the carriers; `/offers` gives the whole price."""
    asked = wayfinding.Asked(
        origin=origin,
        destination=destination,
        ready=ready,
        latest=latest,
        grams=max(1, round(kg * 1000)),
        cm3=max(1, round(litres * 1000)),
        goods=Goods(sum(_known(g, _GOODS, "goods") for g in set(goods))),
        avoid=frozenset(_known(a, _MODES, "avoid") for a in avoid),
    )
    found = wayfinding.find(context, asked)
    if found.answer.refusal is not None and not found.answer.itineraries:
        raise Problem(
            "no-offer",
            found.answer.refusal.reason,
            found.answer.refusal.remedy,
            constraint=found.answer.refusal.constraint,
        )
    ways = found.answer.itineraries
    return WaysOut(
        origin=found.origin,
        destination=found.destination,
        ready=found.timetable.instant(found.query.ready),
        searched_until=found.timetable.instant(found.timetable.minutes),
        ways=[_way(w, ways, found.timetable.currency) for w in ways[:_MOST]],
    )


def _known(name: str, kinds: Mapping[str, K], field: str) -> K:
    found = kinds.get(name.strip().lower().replace("_", "-").replace(" ", "-"))
    if found is None:
        raise Problem(
            "invalid-request",
            say.NOT_KNOWN_AS(given=name, field=field),
            say.WRITE_ONE_OF(known=Choice(tuple(kinds))),
        )
    return found


def _way(way: Itinerary, among: tuple[Itinerary, ...] | list[Itinerary], currency: str) -> WayOut:
    best: list[Literal["earliest", "cheapest", "cleanest"]] = []
    if way.arrival == min(w.arrival for w in among):
        best.append("earliest")
    if way.cost == min(w.cost for w in among):
        best.append("cheapest")
    if way.co2e_mg == min(w.co2e_mg for w in among):
        best.append("cleanest")
    return WayOut(
        arrival=way.arrival,
        cost=MoneyOut.of(Money(Decimal(way.cost) / COST_UNIT, currency)),
        co2e_wtw_kg=Decimal(way.co2e_mg) / 10**6,
        best_in=best,
        legs=[LegOut.of(leg) for leg in way.legs],
    )
