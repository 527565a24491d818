"""/ledger: who stands on invoices, remittances with statements, invoices, the wallet, duties advanced, claims."""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from pydantic import Field

from qafila.api.chassis.asking import Now, TheContext
from qafila.api.chassis.authentication import requires
from qafila.api.chassis.common_schema import Amount, In, Instant, MoneyIn
from qafila.api.chassis.problems import responses
from qafila.api.chassis.speaking import said
from qafila.api.ledger.cash import Country, Key, Manager, Name, Reader, act_of, coins, money, plain
from qafila.core.fault import NotFound
from qafila.core.message_json import from_json
from qafila.core.money import Money
from qafila.ledger import messages as m
from qafila.ledger import papers, parties, posting, wallet
from qafila.ledger.claims import deciding
from qafila.ledger.claims import store as claims
from qafila.ledger.claims.store import Claim
from qafila.ledger.invoices import issuing
from qafila.ledger.invoices import store as invoices
from qafila.ledger.invoices.model import Invoice
from qafila.ledger.invoices.ubl import ubl
from qafila.ledger.parties import Party
from qafila.ledger.remitting import running
from qafila.ledger.remitting import store as remittances
from qafila.ledger.remitting.store import Remittance
from qafila.runtime.accounts.acting import ROLES, acting, sending
from qafila.runtime.accounts.model import Actor
from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.language import LANGUAGES

router = APIRouter(prefix="/ledger", tags=["money"])
_DENIED = ("unauthorized", "insufficient-scope")
_DONE = responses(*_DENIED, "not-found", "invalid-request", "key-reused", "not-possible")
Writer = Annotated[Actor, Depends(requires("ledger:write"))]
Tongue = Annotated[str, Query(pattern="^(en|fr|ar|zh)$", description="language of the paper")]
Text = Annotated[str, Field(max_length=200)]


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


class ClientsIn(In):
    """The hub's own money goes to the clients' account, or what is not theirs comes back."""

    money: MoneyIn
    why: Annotated[str, Field(min_length=1, max_length=500)]
    out: bool = False


class AdvanceIn(In):
    """Duties that the hub owes customs for a merchant."""

    merchant: Name
    parcel: Name
    territory: Country
    money: MoneyIn
    declaration: Annotated[str, Field(max_length=80)] = ""


class ClaimIn(In):
    """A claim."""

    parcel: Name
    kind: Annotated[str, Field(pattern="^(lost|damaged|late)$")]
    asked: MoneyIn
    said: Annotated[str, Field(max_length=2000)] = ""


class DecisionIn(In):
    """What the hub decides of a claim."""

    amount: Amount = Field(ge=0, description="0: it is refused")
    why: Annotated[str, Field(max_length=1000)] = Field(
        default="", description="needed where it is other than proposed"
    )


@router.put("/party", operation_id="putParty", summary="Say who stands on invoices", responses=_DONE)
def put_party(told: PartyIn, actor: Writer) -> dict[str, Any]:
    """A merchant says it of himself, a hub of itself."""
    with acting(actor) as connection:
        tenant = parties.HUB if actor.kind is TenantKind.HUB else actor.tenant
        return asdict(parties.put(connection, tenant, Party(**told.model_dump()), actor.signature))


@router.get("/party", operation_id="readParty", summary="Who stands on invoices", responses=_DONE)
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
    responses=_DONE,
)
def run(told: RunIn, actor: Manager, now: Now, context: TheContext) -> list[dict[str, Any]]:
    """A draft for every merchant to whom something is owed. A draft books nothing; drafts that there are stay."""
    until, rates = told.until or now, context.rules.rates
    return [
        _remittance(r) for r in posting.transact(lambda c: running.run(c, now, until, rates, told.merchant))
    ]


@router.get(
    "/remittances", operation_id="listRemittances", summary="Remittances", responses=responses(*_DENIED)
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
    return {"id": made.id, "merchant": made.tenant, "currency": made.currency, "until": made.until, "state": made.state,
            "regime": made.regime, "made_at": made.made_at, "sent_at": made.sent_at, "ended_at": made.ended_at,
            "reference": made.reference, "collections": len(made.document["items"]), **sums}  # fmt: skip


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
    responses=_DONE,
)
def statement_csv(remittance: str, actor: Reader) -> Response:
    """The collections of a remittance, and its sums."""
    return Response(
        papers.statement_csv(_own_remittance(actor, remittance)), media_type="text/csv; charset=utf-8"
    )


@router.get(
    "/remittances/{remittance}/statement.pdf",
    operation_id="statementPdf",
    summary="A statement as PDF",
    responses=_DONE,
)
def statement_pdf(remittance: str, actor: Reader, language: Tongue = "en") -> Response:
    """The same on paper."""
    found = _own_remittance(actor, remittance)
    pdf = papers.statement_pdf(found, _hub_party(), LANGUAGES[language])
    return Response(pdf, media_type="application/pdf")


def _hub_party() -> Party | None:
    try:
        return posting.transact(lambda c: parties.needed(c, parties.HUB))
    except NotFound:
        return None


@router.post(
    "/remittances/{remittance}/send", operation_id="sendRemittance", summary="Send a draft", responses=_DONE
)
def send(remittance: str, actor: Manager, now: Now, key: Key) -> dict[str, Any]:
    """Clears the merchant's account; fees and their tax are earned. Needs the cash to be banked."""
    act = act_of(actor, key, now)
    return _remittance(posting.transact(lambda c: running.send(c, act, remittance)))


@router.post(
    "/remittances/{remittance}/paid",
    operation_id="remittancePaid",
    summary="The bank has paid",
    responses=_DONE,
)
def paid(remittance: str, told: EndIn, actor: Manager, now: Now, key: Key) -> dict[str, Any]:
    """The money has left the clients' account."""
    act = act_of(actor, key, now)
    return _remittance(posting.transact(lambda c: running.paid(c, act, remittance, told.reference)))


@router.post(
    "/remittances/{remittance}/returned",
    operation_id="remittanceReturned",
    summary="The bank sent it back",
    responses=_DONE,
)
def returned(remittance: str, told: EndIn, actor: Manager, now: Now, key: Key) -> dict[str, Any]:
    """It is owed again, and goes into the next run."""
    act = act_of(actor, key, now)
    return _remittance(posting.transact(lambda c: running.returned(c, act, remittance, told.reference)))


@router.delete(
    "/remittances/{remittance}", operation_id="giveUpDraft", summary="Give a draft up", responses=_DONE
)
def give_up(remittance: str, actor: Manager, now: Now) -> dict[str, Any]:
    """What it was about goes into the next draft."""
    posting.transact(lambda c: running.give_up(c, remittance, now))
    return {"id": remittance, "state": "void"}


@router.post(
    "/invoices", operation_id="issueInvoices", summary="Invoice a period", status_code=201, responses=_DONE
)
def issue(told: IssueIn, actor: Manager, now: Now, key: Key) -> list[dict[str, Any]]:
    """What was carried and advanced, each once, an invoice for each currency."""
    act = act_of(actor, key, now)
    made = posting.transact(lambda c: issuing.issue(c, act, told.merchant, told.since, told.until))
    return [_invoice(x) for x in made]


@router.get(
    "/invoices",
    operation_id="listInvoices",
    summary="Invoices and credit notes",
    responses=responses(*_DENIED),
)
def list_invoices(actor: Reader) -> list[dict[str, Any]]:
    """One's own; a hub and a regulator see all. The newest first."""
    if actor.kind in (TenantKind.STATION, TenantKind.CARRIER):
        return []
    with acting(actor) as connection:
        return [_invoice(x) for x in invoices.listed(connection)]


def _invoice(made: Invoice) -> dict[str, Any]:
    return {"number": made.number, "kind": made.kind, "corrects": made.corrects, "merchant": made.tenant,
            "issued_on": made.issued_on, "due_on": made.due_on, "net": coins(made.net), "tax": coins(made.tax),
            "gross": coins(made.gross), "lines": len(made.charges)}  # fmt: skip


def _own_invoice(actor: Actor, number: str) -> Invoice:
    found = None
    if actor.kind not in (TenantKind.STATION, TenantKind.CARRIER):
        with acting(actor) as connection:
            found = invoices.one(connection, number)
    if found is None:
        raise NotFound(m.NO_INVOICE(number=number[:80]), field="number", value=number[:80])
    return found


@router.get(
    "/invoices/{number}.xml", operation_id="invoiceUbl", summary="An invoice as UBL 2.1", responses=_DONE
)
def invoice_xml(number: str, actor: Reader) -> Response:
    """By the rules of EN 16931."""
    return Response(ubl(_own_invoice(actor, number)), media_type="application/xml")


@router.get("/invoices/{number}.pdf", operation_id="invoicePdf", summary="An invoice as PDF", responses=_DONE)
def invoice_pdf(number: str, actor: Reader, language: Tongue = "en") -> Response:
    """The same on paper."""
    return Response(
        papers.invoice_pdf(_own_invoice(actor, number), LANGUAGES[language]), media_type="application/pdf"
    )


@router.post(
    "/invoices/{number}/credit",
    operation_id="creditInvoice",
    summary="Take lines back",
    status_code=201,
    responses=_DONE,
)
def credit(number: str, told: CreditIn, actor: Manager, now: Now, key: Key) -> dict[str, Any]:
    """Issues a credit note for some parcels of an invoice, or for all that is left of it."""
    act = act_of(actor, key, now)
    return _invoice(posting.transact(lambda c: issuing.correct(c, act, number, told.parcels, told.why)))


@router.post(
    "/invoices/{number}/payments",
    operation_id="payInvoice",
    summary="Pay an invoice",
    status_code=201,
    responses=_DONE,
)
def pay(number: str, told: PayIn, actor: Manager, now: Now, key: Key) -> dict[str, Any]:
    """By bank, or from the merchant's prepaid money."""
    act = act_of(actor, key, now)
    return {
        "entry": posting.transact(lambda c: issuing.pay(c, act, number, money(told.money), told.how)).entry
    }


@router.post("/wallets", operation_id="moveWallet", summary="Prepaid money", status_code=201, responses=_DONE)
def move_wallet(told: WalletIn, actor: Manager, now: Now, key: Key) -> dict[str, Any]:
    """A merchant has paid in, or gets his money back. Without a licence for his country nothing is taken in."""
    act, do = act_of(actor, key, now), wallet.pay_out if told.out else wallet.top_up
    done = posting.transact(lambda c: do(c, act, told.merchant, money(told.money), told.reference))
    return {"entry": done.entry}


@router.post(
    "/advances", operation_id="advanceDuties", summary="Duties advanced", status_code=201, responses=_DONE
)
def advance(told: AdvanceIn, actor: Manager, now: Now, key: Key) -> dict[str, Any]:
    """Duties and taxes that the hub owes customs for a merchant; they come to his next invoice at cost."""
    act = act_of(actor, key, now)
    done = posting.transact(
        lambda c: issuing.advance(
            c, act, told.merchant, told.parcel, told.territory, money(told.money), told.declaration
        )
    )
    return {"entry": done.entry}


@router.post("/claims", operation_id="fileClaim", summary="File a claim", status_code=201, responses=_DONE)
def file_claim(told: ClaimIn, actor: Writer, now: Now, context: TheContext, key: Key) -> dict[str, Any]:
    """For one of one's own parcels. The evidence is taken down as it is, with what the terms propose."""
    act, facilities, rates = act_of(actor, key, now), context.network.feed.facility, context.rules.rates
    with sending(actor) as connection:
        return claim_out(
            deciding.file(
                connection, act, told.parcel, told.kind, money(told.asked), told.said, facilities, rates
            )
        )


@router.get("/claims", operation_id="listClaims", summary="Claims", responses=responses(*_DENIED))
def list_claims(
    actor: Reader, state: Annotated[str, Query(pattern="^(open|granted|refused)?$")] = ""
) -> list[dict[str, Any]]:
    """One's own; a hub and a regulator see all. The newest first."""
    if ROLES[actor.kind].value == "qafila_partner":
        return []
    with acting(actor) as connection:
        return [claim_out(c) for c in claims.listed(connection, state=state)]


@router.post("/claims/{claim}/decide", operation_id="decideClaim", summary="Decide a claim", responses=_DONE)
def decide(claim: str, told: DecisionIn, actor: Manager, now: Now, key: Key) -> dict[str, Any]:
    """What is granted is booked on the merchant's account, and goes out with his next remittance."""
    act = act_of(actor, key, now)

    def do(connection: Any) -> Claim:
        found = claims.one(connection, claim)
        if found is None:
            raise NotFound(m.NO_CLAIM(claim=claim[:80]), field="claim", value=claim[:80])
        amount = Decimal(told.amount)
        return deciding.decide(
            connection, act, claim, Money(amount, found.currency) if amount else None, told.why
        )

    return claim_out(posting.transact(do))


def claim_out(made: Claim) -> dict[str, Any]:
    """A claim as JSON, its reasons in the reader's language."""
    return {
        "id": made.id, "merchant": made.tenant, "parcel": made.parcel, "kind": made.kind, "said": made.said,
        "asked": {"amount": plain(made.asked, made.currency), "currency": made.currency}, "state": made.state,
        "evidence": made.evidence,
        "proposed": {"amount": plain(Decimal(made.proposed["amount"]), made.currency), "currency": made.currency,
                     "reasons": [said(from_json(r)) for r in made.proposed["reasons"]]},
        "granted": None if made.granted is None else {"amount": plain(made.granted, made.currency), "currency": made.currency},
        "reasons": None if made.reasons is None else [said(from_json(r)) for r in made.reasons],
        "filed_at": made.filed_at, "decided_at": made.decided_at,
    }  # fmt: skip
