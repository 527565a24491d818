"""/ledger: accounts, entries, the trial balance, the rules on money and the licences."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from pydantic import Field
from sqlalchemy import Connection

from qafila.api.chassis.api_asking import Now
from qafila.api.chassis.authentication import requires
from qafila.api.chassis.common_schema import Day, In, Instant, MoneyIn
from qafila.api.chassis.problems import responses
from qafila.api.chassis.speaking import said
from qafila.api.ledger.money_schema import (
    DENIED,
    DONE,
    Country,
    Key,
    Manager,
    Name,
    Reader,
    WhyIn,
    act_of,
    acted,
    money,
)
from qafila.core.fault import NotFound
from qafila.ledger import ledger_messages as m
from qafila.ledger import posting, store, wallet
from qafila.ledger.law import law_rules, licences
from qafila.ledger.law.law_rules import Licence
from qafila.ledger.model import CHART, By, Purpose
from qafila.runtime.accounts.accounts_acting import acting

router = APIRouter(prefix="/ledger", tags=["money"])
Number = Annotated[int, Path(ge=1, le=2**63 - 1)]


class LicenceIn(In):
    """A licence that the hub has."""

    territory: Country
    kind: Name = Field(description=", ".join(law_rules.LICENCES))
    authority: Name
    number: Name
    valid_from: Day
    valid_to: Day | None = None


class ClientsIn(In):
    """The hub's own money goes to the clients' account, or what is not theirs comes back."""

    money: MoneyIn
    why: Annotated[str, Field(min_length=1, max_length=500)]
    out: bool = False


@router.get(
    "/balances", operation_id="listBalances", summary="What is on each account", responses=responses(*DENIED)
)
def balances(actor: Reader) -> list[dict[str, Any]]:
    """One's own accounts; a hub and a regulator see all. Above zero is a debit, below a credit."""
    with acting(actor) as connection:
        found = store.balances(connection)
    return [
        {
            "owner_kind": b.account.kind,
            "owner": b.account.owner,
            "purpose": b.account.purpose,
            "nature": CHART[Purpose(b.account.purpose)].nature.value,
            "currency": b.account.currency,
            "amount": f"{b.amount:f}",
            "lines": b.lines,
        }
        for b in found
    ]


@router.get(
    "/lines", operation_id="listLines", summary="Lines on one's accounts", responses=responses(*DENIED)
)
def lines(
    actor: Reader,
    since: Instant | None = None,
    until: Instant | None = None,
    limit: Annotated[int, Query(ge=1, le=2000)] = 500,
) -> list[dict[str, Any]]:
    """The lines on accounts of one's own organisation, the newest first."""
    with acting(actor) as connection:
        found = store.lines_of(connection, actor.tenant, since=since, until=until, limit=limit)
    return [
        {
            "entry": x.entry,
            "at": x.at,
            "kind": x.kind,
            "subject": x.subject,
            "account": x.purpose,
            "currency": x.currency,
            "amount": f"{x.amount:f}",
        }
        for x in found
    ]


@router.get("/entries/{entry}", operation_id="readEntry", summary="One entry", responses=DONE)
def entry(entry: Number, actor: Reader) -> dict[str, Any]:
    """An entry with those of its lines that one may see."""
    with acting(actor) as connection:
        found = store.entry(connection, entry)
    if found is None:
        raise NotFound(m.NO_ENTRY(entry=str(entry)), field="entry", value=str(entry))
    return {
        "entry": found.number,
        "key": found.key,
        "kind": found.kind,
        "at": found.at,
        "subject": found.subject,
        "reverses": found.reverses,
        "told": found.told,
        "lines": [
            {
                "owner_kind": x.account.kind,
                "owner": x.account.owner,
                "purpose": x.account.purpose,
                "currency": x.account.currency,
                "amount": f"{x.amount:f}",
                "subject": x.subject,
            }
            for x in found.lines
        ],
    }


@router.post("/entries/{entry}/reverse", operation_id="reverseEntry", summary="Undo an entry", responses=DONE)
def reverse(entry: Number, told: WhyIn, actor: Manager, now: Now, key: Key) -> dict[str, Any]:
    """Books the opposite of an entry, once, with a reason."""
    act, by = act_of(actor, key, now), By(actor.tenant, actor.signature)

    def do(connection: Connection) -> dict[str, Any]:
        done = posting.reverse(connection, entry, f"{actor.tenant}:{key}", now, by, told.why)
        return {"entry": done.entry, "new": done.new}

    return acted(act, "reverse", told, str(entry), do)


@router.post(
    "/clients-account",
    operation_id="moveClientsAccount",
    summary="The clients' account",
    status_code=201,
    responses=DONE,
)
def move_clients_account(told: ClientsIn, actor: Manager, now: Now, key: Key) -> dict[str, Any]:
    """Puts the hub's own money with its clients', for what was stolen or lost; or takes out what is not theirs any more."""
    act, do = act_of(actor, key, now), wallet.take_out if told.out else wallet.fill_up
    return acted(
        act, "clients-account", told, "", lambda c: {"entry": do(c, act, money(told.money), told.why).entry}
    )


@router.get(
    "/audit", operation_id="auditLedger", summary="Add everything up anew", responses=responses(*DENIED)
)
def audit(actor: Annotated[Any, Depends(requires("ledger:manage"))]) -> dict[str, Any]:
    """Every entry and every currency must add up to zero, every kept balance be the sum of its lines."""
    with acting(actor) as connection:
        flaws = posting.audit(connection)
    return {"flaws": [{"what": f.what, "where": f.where, "amount": f"{f.amount:f}"} for f in flaws]}


@router.get("/rules", operation_id="listMoneyRules", summary="Rules on money", responses=responses(*DENIED))
def list_rules(
    actor: Reader, now: Now, territory: Country | None = None, on: Day | None = None
) -> dict[str, Any]:
    """Who may hold others' money and how much cash may be taken, as dated rules with their source."""
    day: date = on or now.date()
    with acting(actor) as connection:
        stated = licences.stated(connection)
    found: dict[str, Any] = {
        "rules": [
            {
                "territory": r.territory,
                "rule": r.rule,
                "value": r.value,
                "unit": r.unit,
                "valid_from": r.valid_from,
                "valid_to": r.valid_to,
                "text": said(r.said()),
                "legal_basis": r.legal_basis,
                "source": r.source,
                "confidence": r.confidence,
            }
            for r in law_rules.rules()
            if territory is None or r.territory == territory
        ],
        "licences": [
            {
                "territory": x.territory,
                "kind": x.kind,
                "authority": x.authority,
                "number": x.number,
                "valid_from": x.valid_from,
                "valid_to": x.valid_to,
            }
            for x in stated
        ],
    }
    if territory is not None:
        regime = law_rules.regime(territory, day, stated)
        found["regime"] = {"through_us": regime.through_us, "why": said(regime.why())}
    return found


@router.post(
    "/licences", operation_id="stateLicence", summary="State a licence", status_code=201, responses=DONE
)
def state_licence(told: LicenceIn, actor: Manager) -> dict[str, Any]:
    """States a licence of the hub. Without one, cash goes to merchants' own banks, and there is no wallet."""
    made = Licence(told.territory, told.kind, told.authority, told.number, told.valid_from, told.valid_to)
    with acting(actor) as connection:
        licences.state(connection, made, actor.signature)
    return {"territory": made.territory, "number": made.number}
