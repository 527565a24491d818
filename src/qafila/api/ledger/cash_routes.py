"""/cash: what is collected at the door, drivers' bags and their counts.

Every POST carries an Idempotency-Key: the same key does the same once, and answers the same however often it is sent.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field
from sqlalchemy import Connection

from qafila.api.chassis.api_asking import Now, TheContext
from qafila.api.chassis.common_schema import In, Instant, MoneyIn
from qafila.api.chassis.problems import responses
from qafila.api.ledger.money_schema import (
    DENIED,
    DONE,
    Cashier,
    Country,
    Currency,
    Key,
    Name,
    Pieces,
    Reader,
    WhyIn,
    act_of,
    acted,
    coins,
    money,
    plain,
)
from qafila.core.fault import NotFound
from qafila.ledger import ledger_messages as m
from qafila.ledger import store as books
from qafila.ledger.cash import cash_bags, collecting, store
from qafila.ledger.cash.model import AtDoor, Count, Driver, bag_account
from qafila.network.network_joining import operated
from qafila.runtime.accounts import accounts_places
from qafila.runtime.accounts.accounts_acting import ROLES, acting
from qafila.runtime.accounts.model import Actor
from qafila.tracking import custody

router = APIRouter(prefix="/cash", tags=["money"])


class CollectionIn(In):
    """What happened at the door with the cash for a parcel."""

    parcel: Name
    driver: Name = Field(description="id of the person who stands at the door")
    driver_name: str = Field(default="", max_length=120)
    station: Name = Field(description="the facility to which he brings his bag")
    territory: Country | None = Field(default=None, description="whose law holds; else the station's country")
    tendered: MoneyIn | None = Field(
        default=None, description="what the buyer gave; else exactly what is due"
    )
    change: MoneyIn | None = None
    refused: str = Field(default="", max_length=500, description="why nothing was paid")
    agreed: bool = Field(
        default=False, description="the merchant agrees to less than is due: for the hub alone to say"
    )
    at: Instant | None = Field(default=None, description="when it was done, where that was earlier")
    late: bool = Field(
        default=False, description="it was done without connection: taken money is booked in any case"
    )


class BagIn(In):
    """A driver begins his day."""

    driver: Name
    driver_name: str = Field(default="", max_length=120)
    station: Name
    territory: Country | None = None
    change: MoneyIn = Field(description="money to change with, out of the safe; 0 for none")


class CountIn(In):
    """What was counted."""

    currency: Currency
    pieces: Pieces = Field(description="pieces by face value")
    suspect: Pieces = Field(
        default_factory=dict, description="pieces that look counterfeit, not among the others"
    )

    def count(self) -> Count:
        """The count that it tells."""
        return Count(self.currency, self.pieces, self.suspect)


class ReceiptIn(CountIn):
    """What the station counted."""

    final: str = Field(
        default="", max_length=500, description="why this count decides though the driver's differs"
    )


class TheftIn(In):
    """What was stolen."""

    money: MoneyIn | None = Field(default=None, description="all that is in the bag, where nothing is said")
    report: Name = Field(description="number of the report to the police")


def _driver(actor: Actor, id: str, name: str) -> Driver:
    return Driver(id, name or id, actor.tenant)


def _territory(context: Any, told: str | None, station: str) -> str:
    """The country whose law holds: as it was said, else the station's; unknown stations have none of their own."""
    here = context.network.feed.facility.get(station)
    return told or (here.country if here else "ZZ")


@router.get("/due/{parcel}", operation_id="readCashDue", summary="What is to be collected", responses=DONE)
def read_due(parcel: str, actor: Cashier, context: TheContext) -> dict[str, Any]:
    """The cash that is still to be collected with a parcel; `due` is null where nothing is."""
    custody.checked(actor, [parcel], operated(context.network.feed))
    with acting(actor) as connection:
        found = collecting.due_for(connection, parcel)
    if found is None:
        return {"parcel": parcel, "due": None}
    return {"parcel": parcel, "due": coins(found.amount), "parcels": list(found.parcels)}


@router.post(
    "/collections", operation_id="collectCash", summary="Cash at the door", status_code=201, responses=DONE
)
def collect(told: CollectionIn, actor: Cashier, now: Now, context: TheContext, key: Key) -> dict[str, Any]:
    """Books what was collected, came short or was refused. The cash of a shipment is collected once, by who has the parcel."""
    custody.checked(actor, [told.parcel], operated(context.network.feed))
    accounts_places.checked(actor, told.station)
    act = act_of(actor, key, told.at or now, told.late)
    door = AtDoor(
        parcel=told.parcel,
        driver=_driver(actor, told.driver, told.driver_name),
        station=told.station,
        territory=_territory(context, told.territory, told.station),
        tendered=money(told.tendered) if told.tendered else None,
        change=money(told.change) if told.change else None,
        refused=told.refused,
        agreed=told.agreed,
    )
    rates = context.rules.rates
    return acted(
        act,
        "collect",
        told,
        "",
        lambda c: written(collecting.collect(c, act, door, rates)),
        ROLES[actor.kind],
        actor.tenant,
    )


@router.get(
    "/collections",
    operation_id="listCollections",
    summary="What was collected",
    responses=responses(*DENIED),
)
def list_collections(
    actor: Reader,
    bag: Annotated[str, Query(max_length=80)] = "",
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> list[dict[str, Any]]:
    """Collections of one's own parcels, or by one's own drivers, the newest first."""
    with acting(actor) as connection:
        return [written(c) for c in store.collections(connection, bag=bag, limit=limit)]


@router.post(
    "/collections/{collection}/correct",
    operation_id="correctCollection",
    summary="Undo a collection",
    responses=DONE,
)
def correct(collection: str, told: WhyIn, actor: Cashier, now: Now, key: Key) -> dict[str, Any]:
    """Undoes what was told wrongly while the bag is open; then the shipment can be collected for anew."""
    act = act_of(actor, key, now)
    _own(actor, collection)
    return acted(
        act, "correct", told, collection, lambda c: written(collecting.correct(c, act, collection, told.why))
    )


def _own(actor: Actor, collection: str) -> None:
    """Raises NotFound where who asks did not collect it; a hub sees all."""
    with acting(actor) as connection:
        if store.collection(connection, collection) is None:
            raise NotFound(
                m.NO_COLLECTION(collection=collection[:80]), field="collection", value=collection[:80]
            )


@router.post(
    "/bags", operation_id="beginBag", summary="Begin a driver's bag", status_code=201, responses=DONE
)
def begin(told: BagIn, actor: Cashier, now: Now, context: TheContext, key: Key) -> dict[str, Any]:
    """Opens a driver's bag, or finds his open one, and gives him change out of the safe."""
    accounts_places.checked(actor, told.station)
    act, rates = act_of(actor, key, now), context.rules.rates
    territory = _territory(context, told.territory, told.station)
    who = _driver(actor, told.driver, told.driver_name)

    def do(connection: Connection) -> dict[str, Any]:
        made = cash_bags.begin(connection, act, who, told.station, territory, money(told.change), rates)
        most = plain(made.most, made.currency)
        return {"bag": made.id, "state": made.state, "most": most, "currency": made.currency}

    return acted(act, "bag", told, "", do, ROLES[actor.kind], actor.tenant)


@router.get("/bags", operation_id="listBags", summary="Drivers' bags", responses=responses(*DENIED))
def list_bags(
    actor: Cashier, station: Annotated[str, Query(max_length=120)] = "", all: bool = False
) -> list[dict[str, Any]]:
    """The bags that are not handed over yet, with what is in them; all where that is asked for."""
    states = (
        ("open", "declared", "recount", "handed_over", "stolen") if all else ("open", "declared", "recount")
    )
    with acting(actor) as connection:
        return [_bag(connection, b) for b in store.bags(connection, station, states)]


def _bag(connection: Connection, bag: store.Bag) -> dict[str, Any]:
    inside = books.balance(connection, bag_account(bag.id, bag.tenant, bag.currency))
    return asdict(bag) | {"most": plain(bag.most, bag.currency), "inside": plain(inside, bag.currency)}


@router.post(
    "/bags/{bag}/declare", operation_id="declareBag", summary="The driver counts and signs", responses=DONE
)
def declare(bag: str, told: CountIn, actor: Cashier, now: Now, key: Key) -> dict[str, Any]:
    """The first of two sign-offs."""
    act = act_of(actor, key, now)
    return acted(act, "declare", told, bag, lambda c: _state(cash_bags.declare(c, act, bag, told.count())))


def _state(bag: store.Bag) -> dict[str, Any]:
    return {"bag": bag.id, "state": bag.state}


@router.post(
    "/bags/{bag}/receive", operation_id="receiveBag", summary="The station counts and signs", responses=DONE
)
def receive(bag: str, told: ReceiptIn, actor: Cashier, now: Now, key: Key) -> dict[str, Any]:
    """The second sign-off, by another person. Where the counts differ, `state` is `recount`: both count again."""
    act = act_of(actor, key, now)

    def do(connection: Connection) -> dict[str, Any]:
        done = cash_bags.receive(connection, act, bag, told.count(), told.final)
        sums = {name: getattr(done, name) for name in ("expected", "counted", "suspect", "difference")}
        return {"bag": done.bag, "state": done.state} | {
            name: None if sum is None else coins(sum) for name, sum in sums.items()
        }

    return acted(act, "receive", told, bag, do)


@router.post("/bags/{bag}/stolen", operation_id="reportTheft", summary="Cash was stolen", responses=DONE)
def stolen(bag: str, told: TheftIn, actor: Cashier, now: Now, key: Key) -> dict[str, Any]:
    """Books the loss. The merchants are owed what was collected for them all the same."""
    act = act_of(actor, key, now)
    gone = money(told.money) if told.money else None
    return acted(act, "stolen", told, bag, lambda c: _state(cash_bags.stolen(c, act, bag, gone, told.report)))


def written(made: store.Collection) -> dict[str, Any]:
    """A collection as JSON."""
    return asdict(made) | {"due": plain(made.due, made.currency), "kept": plain(made.kept, made.currency)}
