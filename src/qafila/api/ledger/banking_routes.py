"""/cash: the way from the safe to the bank, suspect notes, and differences that are made good."""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field
from sqlalchemy import Connection

from qafila.api.chassis.api_asking import Now
from qafila.api.chassis.common_schema import Amount, In, MoneyIn
from qafila.api.chassis.problems import responses
from qafila.api.ledger.money_schema import (
    DENIED,
    DONE,
    Cashier,
    Key,
    Manager,
    Name,
    Reader,
    act_of,
    acted,
    money,
    plain,
)
from qafila.core.money import Money
from qafila.ledger.cash import cash_banking, store
from qafila.ledger.cash.model import Till
from qafila.ledger.model import Account, Purpose
from qafila.runtime.accounts import accounts_places
from qafila.runtime.accounts.accounts_acting import acting
from qafila.runtime.accounts.tenants import TenantKind

router = APIRouter(prefix="/cash", tags=["money"])


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


@router.post(
    "/deposits", operation_id="sendToBank", summary="Bring cash to the bank", status_code=201, responses=DONE
)
def send(told: DepositIn, actor: Cashier, now: Now, key: Key) -> dict[str, Any]:
    """Cash leaves one's own safe at a station, for the clients' account or for a merchant's own bank."""
    accounts_places.checked(actor, told.station)
    act, till = act_of(actor, key, now), Till(told.station, actor.tenant)
    carrier = told.carrier if actor.kind is TenantKind.HUB else ""

    def do(connection: Connection) -> dict[str, Any]:
        return _deposit(
            cash_banking.send(connection, act, till, money(told.money), told.slip, carrier, told.merchant)
        )

    return acted(act, "deposit", told, "", do)


@router.get(
    "/deposits",
    operation_id="listDeposits",
    summary="Cash on its way to the bank",
    responses=responses(*DENIED),
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
    responses=DONE,
)
def banked(deposit: str, told: CreditIn, actor: Manager, now: Now, key: Key) -> dict[str, Any]:
    """What is missing, who brought it makes good; what the bank kept as counterfeit is lost."""
    act = act_of(actor, key, now)
    fake = Money(told.counterfeit, told.money.currency)

    def do(connection: Connection) -> dict[str, Any]:
        return _deposit(
            cash_banking.credited(connection, act, deposit, money(told.money), told.reference, fake)
        )

    return acted(act, "banked", told, deposit, do)


@router.post("/suspects", operation_id="judgeNotes", summary="Suspect notes were examined", responses=DONE)
def judge(told: JudgementIn, actor: Cashier, now: Now, key: Key) -> dict[str, Any]:
    """Genuine notes go back into the safe; counterfeit ones stay with the authority and are lost."""
    accounts_places.checked(actor, told.station)
    act, till = act_of(actor, key, now), Till(told.station, actor.tenant)

    def do(connection: Connection) -> dict[str, Any]:
        done = cash_banking.judge(connection, act, till, money(told.money), told.genuine, told.receipt)
        return {"entry": done.entry}

    return acted(act, "judge", told, "", do)


@router.post(
    "/settlements", operation_id="settleDifference", summary="A difference is made good", responses=DONE
)
def settle(told: SettlementIn, actor: Manager, now: Now, key: Key) -> dict[str, Any]:
    """What somebody owed for missing cash is paid, or the hub bears it; unexplained surplus is kept."""
    act = act_of(actor, key, now)
    purpose = Purpose.SURPLUS if told.surplus else Purpose.SHORT
    who = Account(told.of, told.owner, purpose.value, told.money.currency)
    till = Till(told.into, actor.tenant) if told.into else None
    return acted(
        act,
        "settle",
        told,
        "",
        lambda c: {"entry": cash_banking.settle(c, act, who, money(told.money), till, told.why).entry},
    )
