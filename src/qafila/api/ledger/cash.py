"""/cash: what is collected at the door, drivers' bags, counts, and the way to the bank.

Every POST carries an Idempotency-Key: the same key does the same once, and answers the same however often it is sent.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query
from pydantic import Field
from sqlalchemy import Connection

from qafila.api.chassis.asking import Now, TheContext
from qafila.api.chassis.authentication import requires
from qafila.api.chassis.common_schema import Amount, In, Instant, MoneyIn
from qafila.api.chassis.problems import responses
from qafila.core.money import Money
from qafila.ledger import posting
from qafila.ledger import store as books
from qafila.ledger.cash import bags, banking, collecting, store
from qafila.ledger.cash.model import Act, AtDoor, Count, Driver, Till, bag_account
from qafila.ledger.model import Account, By, Purpose
from qafila.network.joining import operated
from qafila.runtime.accounts import places
from qafila.runtime.accounts.acting import ROLES, acting
from qafila.runtime.accounts.model import Actor
from qafila.runtime.accounts.tenants import TenantKind
from qafila.tracking import custody

router = APIRouter(prefix="/cash", tags=["money"])
_DENIED = ("unauthorized", "insufficient-scope")
_DONE = responses(*_DENIED, "not-found", "invalid-request", "key-reused", "not-possible")

Cashier = Annotated[Actor, Depends(requires("ledger:cash"))]
Reader = Annotated[Actor, Depends(requires("ledger:read"))]
Manager = Annotated[Actor, Depends(requires("ledger:manage"))]
Key = Annotated[
    str, Header(alias="Idempotency-Key", min_length=1, max_length=150, description="The act's own key.")
]
Name = Annotated[str, Field(min_length=1, max_length=120)]
Country = Annotated[str, Field(pattern="^[A-Z]{2}$", examples=["MA"])]
Currency = Annotated[str, Field(pattern="^[A-Z]{3}$", examples=["MAD"])]
Pieces = Annotated[
    dict[str, Annotated[int, Field(ge=0, le=100_000)]], Field(max_length=40, examples=[{"200": 3, "0.5": 4}])
]


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


class WhyIn(In):
    """Why something is corrected."""

    why: Annotated[str, Field(min_length=1, max_length=500)]


class DepositIn(In):
    """Cash leaves the safe for a bank."""

    station: Name
    money: MoneyIn
    slip: Name
    carrier: str = Field(
        default="", max_length=120, description="the tenant that brings it; else the station's own people"
    )
    merchant: str = Field(
        default="", max_length=120, description="whose own bank it goes to; else the clients' account"
    )


class CreditIn(In):
    """What the bank has credited."""

    money: MoneyIn
    counterfeit: Amount = Field(default=Decimal(0), ge=0, validate_default=True)
    reference: str = Field(default="", max_length=200)


class JudgementIn(In):
    """What became of suspect notes."""

    station: Name
    money: MoneyIn
    genuine: bool
    receipt: Name = Field(description="number under which the central bank or the police took them")


class SettlementIn(In):
    """A difference is made good, or the hub bears it."""

    of: Annotated[str, Field(pattern="^(driver|station|carrier)$")]
    owner: Name = Field(description="whose it is, as /ledger/balances names him")
    surplus: bool = Field(default=False, description="it is unexplained surplus of a station, not a lack")
    money: MoneyIn
    into: str = Field(
        default="",
        max_length=120,
        description="the station into whose safe it is paid; else the hub bears it",
    )
    why: Annotated[str, Field(min_length=1, max_length=500)]


def act_of(actor: Actor, key: str, at: datetime, late: bool = False) -> Act:
    """An act of whoever asks."""
    return Act(
        key=f"{actor.tenant}:{key}", by=By(actor.tenant, actor.signature), person=actor.id, at=at, late=late,
        reporter=actor.reporter.value if actor.reporter else "",
    )  # fmt: skip


def money(told: MoneyIn) -> Money:
    """The amount that a request tells."""
    return Money(told.amount, told.currency)


def plain(amount: Decimal, currency: str) -> str:
    """An amount with the decimals of its coin, as JSON has it."""
    return f"{Money(amount, currency).rounded().amount:f}"


def coins(sum: Money) -> dict[str, str]:
    """An amount with its currency, as JSON has it."""
    return {"amount": plain(sum.amount, sum.currency), "currency": sum.currency}


def _driver(actor: Actor, id: str, name: str) -> Driver:
    return Driver(id, name or id, actor.tenant)


def _territory(context: Any, told: str | None, station: str) -> str:
    """The country whose law holds: as it was said, else the station's; unknown stations have none of their own."""
    here = context.network.feed.facility.get(station)
    return told or (here.country if here else "ZZ")


@router.get("/due/{parcel}", operation_id="readCashDue", summary="What is to be collected", responses=_DONE)
def read_due(parcel: str, actor: Cashier, context: TheContext) -> dict[str, Any]:
    """The cash that is still to be collected with a parcel; `due` is null where nothing is."""
    custody.checked(actor, [parcel], operated(context.network.feed))
    with acting(actor) as connection:
        found = collecting.due_for(connection, parcel)
    if found is None:
        return {"parcel": parcel, "due": None}
    return {"parcel": parcel, "due": coins(found.amount), "parcels": list(found.parcels)}


@router.post(
    "/collections", operation_id="collectCash", summary="Cash at the door", status_code=201, responses=_DONE
)
def collect(told: CollectionIn, actor: Cashier, now: Now, context: TheContext, key: Key) -> dict[str, Any]:
    """Books what was collected, came short or was refused. The cash of a shipment is collected once, by who has the parcel."""
    custody.checked(actor, [told.parcel], operated(context.network.feed))
    places.checked(actor, told.station)
    act = act_of(actor, key, told.at or now, told.late)
    door = AtDoor(
        parcel=told.parcel, driver=_driver(actor, told.driver, told.driver_name), station=told.station,
        territory=_territory(context, told.territory, told.station),
        tendered=money(told.tendered) if told.tendered else None, change=money(told.change) if told.change else None,
        refused=told.refused, agreed=told.agreed,
    )  # fmt: skip
    rates = context.rules.rates
    done = posting.transact(
        lambda c: collecting.collect(c, act, door, rates), ROLES[actor.kind], actor.tenant
    )
    return written(done)


@router.get(
    "/collections",
    operation_id="listCollections",
    summary="What was collected",
    responses=responses(*_DENIED),
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
    responses=_DONE,
)
def correct(collection: str, told: WhyIn, actor: Cashier, now: Now, key: Key) -> dict[str, Any]:
    """Undoes what was told wrongly while the bag is open; then the shipment can be collected for anew."""
    act = act_of(actor, key, now)
    _own(actor, collection)
    return written(posting.transact(lambda c: collecting.correct(c, act, collection, told.why)))


def _own(actor: Actor, collection: str) -> None:
    """Raises NotFound where who asks did not collect it; a hub sees all."""
    from qafila.core.fault import NotFound
    from qafila.ledger import messages as m

    with acting(actor) as connection:
        if store.collection(connection, collection) is None:
            raise NotFound(
                m.NO_COLLECTION(collection=collection[:80]), field="collection", value=collection[:80]
            )


@router.post(
    "/bags", operation_id="beginBag", summary="Begin a driver's bag", status_code=201, responses=_DONE
)
def begin(told: BagIn, actor: Cashier, now: Now, context: TheContext, key: Key) -> dict[str, Any]:
    """Opens a driver's bag, or finds his open one, and gives him change out of the safe."""
    places.checked(actor, told.station)
    act, rates = act_of(actor, key, now), context.rules.rates
    territory = _territory(context, told.territory, told.station)
    who = _driver(actor, told.driver, told.driver_name)
    made = posting.transact(
        lambda c: bags.begin(c, act, who, told.station, territory, money(told.change), rates),
        ROLES[actor.kind],
        actor.tenant,
    )
    return {
        "bag": made.id,
        "state": made.state,
        "most": plain(made.most, made.currency),
        "currency": made.currency,
    }


@router.get("/bags", operation_id="listBags", summary="Drivers' bags", responses=responses(*_DENIED))
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
    "/bags/{bag}/declare", operation_id="declareBag", summary="The driver counts and signs", responses=_DONE
)
def declare(bag: str, told: CountIn, actor: Cashier, now: Now, key: Key) -> dict[str, Any]:
    """The first of two sign-offs."""
    act = act_of(actor, key, now)
    done = posting.transact(lambda c: bags.declare(c, act, bag, told.count()))
    return {"bag": done.id, "state": done.state}


@router.post(
    "/bags/{bag}/receive", operation_id="receiveBag", summary="The station counts and signs", responses=_DONE
)
def receive(bag: str, told: ReceiptIn, actor: Cashier, now: Now, key: Key) -> dict[str, Any]:
    """The second sign-off, by another person. Where the counts differ, `state` is `recount`: both count again."""
    act = act_of(actor, key, now)
    done = posting.transact(lambda c: bags.receive(c, act, bag, told.count(), told.final))
    sums = {name: getattr(done, name) for name in ("expected", "counted", "suspect", "difference")}
    return {"bag": done.bag, "state": done.state} | {
        name: None if sum is None else coins(sum) for name, sum in sums.items()
    }


@router.post("/bags/{bag}/stolen", operation_id="reportTheft", summary="Cash was stolen", responses=_DONE)
def stolen(bag: str, told: TheftIn, actor: Cashier, now: Now, key: Key) -> dict[str, Any]:
    """Books the loss. The merchants are owed what was collected for them all the same."""
    act = act_of(actor, key, now)
    gone = money(told.money) if told.money else None
    done = posting.transact(lambda c: bags.stolen(c, act, bag, gone, told.report))
    return {"bag": done.id, "state": done.state}


@router.post(
    "/deposits", operation_id="sendToBank", summary="Bring cash to the bank", status_code=201, responses=_DONE
)
def send(told: DepositIn, actor: Cashier, now: Now, key: Key) -> dict[str, Any]:
    """Cash leaves one's own safe at a station, for the clients' account or for a merchant's own bank."""
    places.checked(actor, told.station)
    act, till = act_of(actor, key, now), Till(told.station, actor.tenant)
    carrier = told.carrier if actor.kind is TenantKind.HUB else ""
    done = posting.transact(
        lambda c: banking.send(c, act, till, money(told.money), told.slip, carrier, told.merchant)
    )
    return _deposit(done)


@router.get(
    "/deposits",
    operation_id="listDeposits",
    summary="Cash on its way to the bank",
    responses=responses(*_DENIED),
)
def list_deposits(
    actor: Reader, state: Annotated[str, Query(pattern="^(sent|banked)?$")] = ""
) -> list[dict[str, Any]]:
    """Deposits of one's own, the newest first."""
    with acting(actor) as connection:
        return [_deposit(d) for d in store.deposits(connection, state=state)]


def _deposit(made: store.Deposit) -> dict[str, Any]:
    return asdict(made) | {
        "amount": plain(made.amount, made.currency),
        "credited": None if made.credited is None else plain(made.credited, made.currency),
    }


@router.post(
    "/deposits/{deposit}/banked",
    operation_id="creditDeposit",
    summary="The bank has credited",
    responses=_DONE,
)
def banked(deposit: str, told: CreditIn, actor: Manager, now: Now, key: Key) -> dict[str, Any]:
    """What is missing, who brought it makes good; what the bank kept as counterfeit is lost."""
    act = act_of(actor, key, now)
    fake = Money(told.counterfeit, told.money.currency)
    return _deposit(
        posting.transact(lambda c: banking.credited(c, act, deposit, money(told.money), told.reference, fake))
    )


@router.post("/suspects", operation_id="judgeNotes", summary="Suspect notes were examined", responses=_DONE)
def judge(told: JudgementIn, actor: Cashier, now: Now, key: Key) -> dict[str, Any]:
    """Genuine notes go back into the safe; counterfeit ones stay with the authority and are lost."""
    places.checked(actor, told.station)
    act, till = act_of(actor, key, now), Till(told.station, actor.tenant)
    done = posting.transact(
        lambda c: banking.judge(c, act, till, money(told.money), told.genuine, told.receipt)
    )
    return {"entry": done.entry}


@router.post(
    "/settlements", operation_id="settleDifference", summary="A difference is made good", responses=_DONE
)
def settle(told: SettlementIn, actor: Manager, now: Now, key: Key) -> dict[str, Any]:
    """What somebody owed for missing cash is paid, or the hub bears it; unexplained surplus is kept."""
    act = act_of(actor, key, now)
    purpose = Purpose.SURPLUS if told.surplus else Purpose.SHORT
    who = Account(told.of, told.owner, purpose.value, told.money.currency)
    till = Till(told.into, actor.tenant) if told.into else None
    done = posting.transact(lambda c: banking.settle(c, act, who, money(told.money), till, told.why))
    return {"entry": done.entry}


def written(made: store.Collection) -> dict[str, Any]:
    """A collection as JSON."""
    return asdict(made) | {"due": plain(made.due, made.currency), "kept": plain(made.kept, made.currency)}
