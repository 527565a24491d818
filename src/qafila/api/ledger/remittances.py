"""/ledger: who stands on invoices and statements, and remittances with their statements."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import Field
from sqlalchemy import Connection

from qafila.api.chassis.api_asking import Now, TheContext
from qafila.api.chassis.common_schema import In, Instant
from qafila.api.chassis.problems import responses
from qafila.api.ledger.money_schema import (
    DENIED,
    DONE,
    Country,
    Key,
    Manager,
    MaybeKey,
    Name,
    Reader,
    Text,
    Tongue,
    Writer,
    act_of,
    acted,
    plain,
)
from qafila.core.fault import NotFound
from qafila.ledger import ledger_messages as m
from qafila.ledger import ledger_papers, parties, posting
from qafila.ledger.parties import Party
from qafila.ledger.remitting import remitting_running
from qafila.ledger.remitting import store as remittances
from qafila.ledger.remitting.store import Remittance
from qafila.runtime.accounts.accounts_acting import acting
from qafila.runtime.accounts.model import Actor
from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.language import LANGUAGES

router = APIRouter(prefix="/ledger", tags=["money"])


class PartyIn(In):
    """Who stands on invoices, and where money goes."""

    name: Name
    country: Country
    line1: Text = ""
    line2: Text = ""
    city: Text = ""
    postcode: Annotated[str, Field(max_length=20)] = ""
    vat: Annotated[str, Field(max_length=20)] = ""
    ice: Annotated[str, Field(max_length=20)] = ""
    registration: Annotated[str, Field(max_length=60)] = ""
    email: Text = ""
    iban: Annotated[str, Field(max_length=60)] = ""
    bic: Annotated[str, Field(max_length=20)] = ""
    set_off: bool = Field(default=False, description="open invoices are taken off what is remitted")


class RunIn(In):
    """A remittance run."""

    until: Instant | None = Field(default=None, description="only what was collected before then; else all")
    merchant: str = Field(default="", max_length=120, description="only this merchant")


class EndIn(In):
    """What the bank did with a remittance."""

    reference: str = Field(default="", max_length=200)


@router.put("/party", operation_id="putParty", summary="Say who stands on invoices", responses=DONE)
def put_party(told: PartyIn, actor: Writer) -> dict[str, Any]:
    """A merchant says it of himself, a hub of itself."""
    with acting(actor) as connection:
        tenant = parties.HUB if actor.kind is TenantKind.HUB else actor.tenant
        return asdict(parties.put(connection, tenant, Party(**told.model_dump()), actor.signature))


@router.get("/party", operation_id="readParty", summary="Who stands on invoices", responses=DONE)
def read_party(actor: Reader) -> dict[str, Any]:
    """What was said of oneself."""
    tenant = parties.HUB if actor.kind is TenantKind.HUB else actor.tenant
    with acting(actor) as connection:
        found = (
            parties.find(connection, tenant) if actor.kind in (TenantKind.HUB, TenantKind.MERCHANT) else None
        )
    if found is None:
        raise NotFound(m.PARTY_UNSAID(merchant=actor.tenant), m.SAY_PARTY(), field="party")
    return asdict(found)


@router.post(
    "/remittances",
    operation_id="runRemittances",
    summary="Draft remittances",
    status_code=201,
    responses=DONE,
)
def run(
    told: RunIn, actor: Manager, now: Now, context: TheContext, key: MaybeKey = None
) -> list[dict[str, Any]]:
    """A draft for every merchant to whom something is owed. A draft books nothing; drafts that there are stay."""
    until, rates = told.until or now, context.rules.rates

    def do(connection: Connection) -> list[dict[str, Any]]:
        return [_remittance(r) for r in remitting_running.run(connection, now, until, rates, told.merchant)]

    if key is None:
        return posting.transact(do)
    made: list[dict[str, Any]] = acted(act_of(actor, key, now), "remittances", told, "", do)
    return made


@router.get(
    "/remittances", operation_id="listRemittances", summary="Remittances", responses=responses(*DENIED)
)
def list_remittances(actor: Reader) -> list[dict[str, Any]]:
    """One's own; a hub and a regulator see all. The newest first."""
    if actor.kind in (TenantKind.STATION, TenantKind.CARRIER):
        return []
    with acting(actor) as connection:
        return [_remittance(r) for r in remittances.listed(connection)]


def _remittance(made: Remittance) -> dict[str, Any]:
    sums = {
        n: plain(getattr(made, n), made.currency)
        for n in ("collected", "brought", "fee", "tax", "set_off", "net")
    }
    return {
        "id": made.id,
        "merchant": made.tenant,
        "currency": made.currency,
        "until": made.until,
        "state": made.state,
        "regime": made.regime,
        "made_at": made.made_at,
        "sent_at": made.sent_at,
        "ended_at": made.ended_at,
        "reference": made.reference,
        "collections": len(made.document["items"]),
        **sums,
    }


def _own_remittance(actor: Actor, id: str) -> Remittance:
    found = None
    if actor.kind not in (TenantKind.STATION, TenantKind.CARRIER):
        with acting(actor) as connection:
            found = remittances.one(connection, id)
    if found is None:
        raise NotFound(m.NO_REMITTANCE(remittance=id[:80]), field="remittance", value=id[:80])
    return found


@router.get(
    "/remittances/{remittance}/statement.csv",
    operation_id="statementCsv",
    summary="A statement as CSV",
    responses=DONE,
)
def statement_csv(remittance: str, actor: Reader) -> Response:
    """The collections of a remittance, and its sums."""
    return Response(
        ledger_papers.statement_csv(_own_remittance(actor, remittance)), media_type="text/csv; charset=utf-8"
    )


@router.get(
    "/remittances/{remittance}/statement.pdf",
    operation_id="statementPdf",
    summary="A statement as PDF",
    responses=DONE,
)
def statement_pdf(remittance: str, actor: Reader, language: Tongue = "en") -> Response:
    """The same on paper."""
    found = _own_remittance(actor, remittance)
    pdf = ledger_papers.statement_pdf(found, _hub_party(), LANGUAGES[language])
    return Response(pdf, media_type="application/pdf")


def _hub_party() -> Party | None:
    try:
        return posting.transact(lambda c: parties.needed(c, parties.HUB))
    except NotFound:
        return None


@router.post(
    "/remittances/{remittance}/send", operation_id="sendRemittance", summary="Send a draft", responses=DONE
)
def send(remittance: str, actor: Manager, now: Now, key: Key) -> dict[str, Any]:
    """Clears the merchant's account; fees and their tax are earned. Needs the cash to be banked."""
    act = act_of(actor, key, now)
    return acted(
        act, "remit", None, remittance, lambda c: _remittance(remitting_running.send(c, act, remittance))
    )


@router.post(
    "/remittances/{remittance}/paid",
    operation_id="remittancePaid",
    summary="The bank has paid",
    responses=DONE,
)
def paid(remittance: str, told: EndIn, actor: Manager, now: Now, key: Key) -> dict[str, Any]:
    """The money has left the clients' account."""
    act = act_of(actor, key, now)
    return acted(
        act,
        "remitted",
        told,
        remittance,
        lambda c: _remittance(remitting_running.paid(c, act, remittance, told.reference)),
    )


@router.post(
    "/remittances/{remittance}/returned",
    operation_id="remittanceReturned",
    summary="The bank sent it back",
    responses=DONE,
)
def returned(remittance: str, told: EndIn, actor: Manager, now: Now, key: Key) -> dict[str, Any]:
    """It is owed again, and goes into the next run."""
    act = act_of(actor, key, now)
    return acted(
        act,
        "sent-back",
        told,
        remittance,
        lambda c: _remittance(remitting_running.returned(c, act, remittance, told.reference)),
    )


@router.delete(
    "/remittances/{remittance}", operation_id="giveUpDraft", summary="Give a draft up", responses=DONE
)
def give_up(remittance: str, actor: Manager, now: Now) -> dict[str, Any]:
    """What it was about goes into the next draft."""
    posting.transact(lambda c: remitting_running.give_up(c, remittance, now))
    return {"id": remittance, "state": "void"}
