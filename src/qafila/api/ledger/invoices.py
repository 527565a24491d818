"""/ledger: invoices and credit notes, prepaid money, duties advanced."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import Field
from sqlalchemy import Connection

from qafila.api.chassis.api_asking import Now
from qafila.api.chassis.common_schema import In, Instant, MoneyIn
from qafila.api.chassis.problems import responses
from qafila.api.ledger.money_schema import (
    DENIED,
    DONE,
    Country,
    Key,
    Manager,
    Name,
    Reader,
    Text,
    Tongue,
    act_of,
    acted,
    coins,
    money,
)
from qafila.core.fault import NotFound
from qafila.ledger import ledger_messages as m
from qafila.ledger import ledger_papers, wallet
from qafila.ledger.invoices import issuing
from qafila.ledger.invoices import store as invoices
from qafila.ledger.invoices.model import Invoice
from qafila.ledger.invoices.ubl import ubl
from qafila.runtime.accounts.accounts_acting import acting
from qafila.runtime.accounts.model import Actor
from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.language import LANGUAGES

router = APIRouter(prefix="/ledger", tags=["money"])


class IssueIn(In):
    """A period to be invoiced."""

    merchant: Name
    since: Instant
    until: Instant


class CreditIn(In):
    """What is taken back of an invoice."""

    parcels: Annotated[list[Name], Field(max_length=1000)] = Field(
        default_factory=list, description="all, where none are named"
    )
    why: Annotated[str, Field(min_length=1, max_length=400)]


class PayIn(In):
    """A payment of an invoice."""

    money: MoneyIn
    how: Annotated[str, Field(pattern="^(bank|wallet)$")]


class WalletIn(In):
    """Prepaid money comes in or goes back."""

    merchant: Name
    money: MoneyIn
    reference: Text = ""
    out: bool = False


class AdvanceIn(In):
    """Duties that the hub owes customs for a merchant."""

    merchant: Name
    parcel: Name
    territory: Country
    money: MoneyIn
    declaration: Annotated[str, Field(max_length=80)] = ""


@router.post(
    "/invoices", operation_id="issueInvoices", summary="Invoice a period", status_code=201, responses=DONE
)
def issue(told: IssueIn, actor: Manager, now: Now, key: Key) -> list[dict[str, Any]]:
    """What was carried and advanced, each once, an invoice for each currency."""
    act = act_of(actor, key, now)

    def do(connection: Connection) -> list[dict[str, Any]]:
        return [_invoice(x) for x in issuing.issue(connection, act, told.merchant, told.since, told.until)]

    return acted(act, "invoice", told, "", do)


@router.get(
    "/invoices",
    operation_id="listInvoices",
    summary="Invoices and credit notes",
    responses=responses(*DENIED),
)
def list_invoices(actor: Reader) -> list[dict[str, Any]]:
    """One's own; a hub and a regulator see all. The newest first."""
    if actor.kind in (TenantKind.STATION, TenantKind.CARRIER):
        return []
    with acting(actor) as connection:
        return [_invoice(x) for x in invoices.listed(connection)]


def _invoice(made: Invoice) -> dict[str, Any]:
    return {
        "number": made.number,
        "kind": made.kind,
        "corrects": made.corrects,
        "merchant": made.tenant,
        "issued_on": made.issued_on,
        "due_on": made.due_on,
        "net": coins(made.net),
        "tax": coins(made.tax),
        "gross": coins(made.gross),
        "lines": len(made.charges),
    }


def _own_invoice(actor: Actor, number: str) -> Invoice:
    found = None
    if actor.kind not in (TenantKind.STATION, TenantKind.CARRIER):
        with acting(actor) as connection:
            found = invoices.one(connection, number)
    if found is None:
        raise NotFound(m.NO_INVOICE(number=number[:80]), field="number", value=number[:80])
    return found


@router.get(
    "/invoices/{number}.xml", operation_id="invoiceUbl", summary="An invoice as UBL 2.1", responses=DONE
)
def invoice_xml(number: str, actor: Reader) -> Response:
    """By the rules of EN 16931."""
    return Response(ubl(_own_invoice(actor, number)), media_type="application/xml")


@router.get("/invoices/{number}.pdf", operation_id="invoicePdf", summary="An invoice as PDF", responses=DONE)
def invoice_pdf(number: str, actor: Reader, language: Tongue = "en") -> Response:
    """The same on paper."""
    return Response(
        ledger_papers.invoice_pdf(_own_invoice(actor, number), LANGUAGES[language]),
        media_type="application/pdf",
    )


@router.post(
    "/invoices/{number}/credit",
    operation_id="creditInvoice",
    summary="Take lines back",
    status_code=201,
    responses=DONE,
)
def credit(number: str, told: CreditIn, actor: Manager, now: Now, key: Key) -> dict[str, Any]:
    """Issues a credit note for some parcels of an invoice, or for all that is left of it."""
    act = act_of(actor, key, now)
    return acted(
        act,
        "credit",
        told,
        number,
        lambda c: _invoice(issuing.correct(c, act, number, told.parcels, told.why)),
    )


@router.post(
    "/invoices/{number}/payments",
    operation_id="payInvoice",
    summary="Pay an invoice",
    status_code=201,
    responses=DONE,
)
def pay(number: str, told: PayIn, actor: Manager, now: Now, key: Key) -> dict[str, Any]:
    """By bank, or from the merchant's prepaid money."""
    act = act_of(actor, key, now)
    return acted(
        act,
        "pay",
        told,
        number,
        lambda c: {"entry": issuing.pay(c, act, number, money(told.money), told.how).entry},
    )


@router.post("/wallets", operation_id="moveWallet", summary="Prepaid money", status_code=201, responses=DONE)
def move_wallet(told: WalletIn, actor: Manager, now: Now, key: Key) -> dict[str, Any]:
    """A merchant has paid in, or gets his money back. Without a licence for his country nothing is taken in."""
    act, do = act_of(actor, key, now), wallet.pay_out if told.out else wallet.top_up
    return acted(
        act,
        "wallet",
        told,
        "",
        lambda c: {"entry": do(c, act, told.merchant, money(told.money), told.reference).entry},
    )


@router.post(
    "/advances", operation_id="advanceDuties", summary="Duties advanced", status_code=201, responses=DONE
)
def advance(told: AdvanceIn, actor: Manager, now: Now, key: Key) -> dict[str, Any]:
    """Duties and taxes that the hub owes customs for a merchant; they come to his next invoice at cost."""
    act = act_of(actor, key, now)

    def do(connection: Connection) -> dict[str, Any]:
        done = issuing.advance(
            connection, act, told.merchant, told.parcel, told.territory, money(told.money), told.declaration
        )
        return {"entry": done.entry}

    return acted(act, "advance", told, "", do)
