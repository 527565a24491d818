"""/returns: labels, buyers' wishes, acts of the warehouse, refunds, papers.

Every POST carries an Idempotency-Key: the same key does the same once, and answers the same however often it is sent.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Response
from pydantic import Field

from qafila.api.chassis.api_asking import TheContext
from qafila.api.chassis.authentication import requires
from qafila.api.chassis.common_schema import Amount, In, MoneyIn
from qafila.api.chassis.problems import responses
from qafila.api.storage.warehouses import Key, act_of
from qafila.core.fault import NotFound
from qafila.core.money import Money
from qafila.returns import (
    law,
    refunding,
    returns_asking,
    returns_exchanging,
    returns_papers,
    returns_receiving,
    store,
)
from qafila.returns import returns_messages as m
from qafila.returns.model import Policy, Return
from qafila.runtime.accounts.accounts_acting import acting
from qafila.runtime.accounts.model import Actor
from qafila.runtime.language import LANGUAGES

router = APIRouter(prefix="/returns", tags=["returns"])
_DENIED = ("unauthorized", "insufficient-scope")
_DONE = responses(*_DENIED, "not-found", "invalid-request", "key-reused", "not-possible")

Reader = Annotated[Actor, Depends(requires("returns:read"))]
Writer = Annotated[Actor, Depends(requires("returns:write"))]
Worker = Annotated[Actor, Depends(requires("returns:work"))]
Tongue = Annotated[str, Query(pattern="^(en|fr|ar|zh)$", description="language of the paper")]
Short = Annotated[str, Field(max_length=80)]


class LabelIn(In):
    """For which parcel a return label is made."""

    parcel: Annotated[str, Field(min_length=1, max_length=40)]


class AskIn(In):
    """What is sent back, told by the merchant for his buyer."""

    cause: Literal["withdrawal", "faulty"]
    pieces: dict[Annotated[str, Field(pattern=r"^\d{1,4}$")], Annotated[int, Field(ge=0, le=100_000)]] = (
        Field(default_factory=dict, max_length=200, description="pieces by line; all where nothing is said")
    )
    wish: Literal["refund", "exchange"] = "refund"
    sku: Short = Field(default="", description="for what it is exchanged; else for the same")
    said: str = Field(default="", max_length=1000)


class ScanIn(In):
    """A return label was scanned, or the parcel's own."""

    code: Annotated[str, Field(min_length=1, max_length=200)]
    facility: Annotated[str, Field(min_length=1, max_length=80)]


class SeenIn(In):
    """What was found of a line."""

    line: Annotated[int, Field(ge=0, le=10_000)]
    found: Annotated[int, Field(ge=0, le=100_000)]
    grade: Short = "as_new"
    disposal: Short = Field(default="", description="stock, merchant or destroy; else by the grade's rule")
    place: Short = ""
    lot: Short = ""
    serial: Short = ""
    note: str = Field(default="", max_length=500)
    deducted: Amount | None = Field(
        default=None, description="taken off the refund; else what the grade says"
    )


class InspectIn(ScanIn):
    """What was found in a return."""

    dock: Short = "DOCK-1"
    lines: Annotated[list[SeenIn], Field(max_length=200)]


class RefundIn(In):
    """What the buyer gets."""

    amount: MoneyIn | None = Field(default=None, description="else what the terms come to")
    why: str = Field(default="", max_length=500)


class PaidIn(In):
    """The buyer has his money."""

    reference: str = Field(default="", max_length=200)


class NoteIn(In):
    """To whom, or by which record."""

    note: str = Field(default="", max_length=500)


class PolicyIn(In):
    """A merchant's terms for what comes back."""

    facility: Short = ""
    days: Annotated[int, Field(ge=0, le=1000)] = 0
    freight: Literal["", "merchant"] = ""
    delivery_fee: Annotated[Amount, Field(ge=0, le=999_999)] = Decimal(0)
    currency: str = Field(default="EUR", pattern="^[A-Z]{3}$")
    beforehand: bool = False
    undelivered: Literal["return", "destroy", "worth"] = "return"
    exchange: bool = True


@router.get("", operation_id="listReturns", summary="What comes back", responses=responses(*_DENIED))
def list_returns(
    actor: Reader,
    state: Annotated[str, Query(max_length=20)] = "",
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> list[dict[str, Any]]:
    """Returns of one's own parcels, or all for the hub, the newest first."""
    with acting(actor) as connection:
        return [
            refunding.refund_data(r)
            for r in store.found(connection, "(:s = '' OR state = :s)", limit=limit, s=state)
        ]


@router.post("", operation_id="makeReturnLabel", summary="A return label", status_code=201, responses=_DONE)
def make(told: LabelIn, actor: Writer, context: TheContext, key: Key) -> dict[str, Any]:
    """Makes the return of a parcel, with a label, before anybody asks for it; the one that is there, where there is one."""
    with acting(actor) as connection:
        return refunding.refund_data(returns_asking.offer(connection, context, told.parcel.upper()))


@router.get(
    "/terms", operation_id="readReturnTerms", summary="Terms for returns", responses=responses(*_DENIED)
)
def read_policy(actor: Reader) -> dict[str, Any]:
    """One's own terms for what comes back."""
    with acting(actor) as connection:
        return store.policy(connection, actor.tenant).written()


@router.put("/terms", operation_id="putReturnTerms", summary="Change terms for returns", responses=_DONE)
def put_policy(told: PolicyIn, actor: Writer) -> dict[str, Any]:
    """Sets one's own terms; the law of the buyer's country holds beside them."""
    with acting(actor) as connection:
        return store.put_policy(
            connection, actor.tenant, Policy(**told.model_dump()), actor.signature
        ).written()


@router.get(
    "/rights",
    operation_id="listReturnRights",
    summary="Buyers' rights by country",
    responses=responses(*_DENIED),
)
def list_rights(actor: Reader) -> list[dict[str, Any]]:
    """Every dated rule on withdrawal, conformity and duties, with its source and how sure it is."""
    names = ("territory", "days", "text", "legal_basis", "source", "confidence", "valid_from", "valid_to")
    rules: list[Any] = [*law.rights(), *law.duty_rules()]
    return [
        {"kind": getattr(r, "right", None) or r.kind, **{name: getattr(r, name) for name in names}}
        for r in rules
    ]


@router.post("/scans/hand-in", operation_id="handReturnIn", summary="A return is handed in", responses=_DONE)
def hand_in(told: ScanIn, actor: Worker, context: TheContext, key: Key) -> dict[str, Any]:
    """A driver or a counter has it: it is on its way."""
    return returns_receiving.hand_in(
        context, act_of(actor, key, context.now()), actor.source(), told.code, told.facility
    )


@router.post("/scans/arrive", operation_id="returnArrives", summary="A return arrives", responses=_DONE)
def arrive(told: ScanIn, actor: Worker, context: TheContext, key: Key) -> dict[str, Any]:
    """It is read at the warehouse; the answer says what should be in it."""
    return returns_receiving.arrive(
        context, act_of(actor, key, context.now()), actor.source(), told.code, told.facility
    )


@router.post("/scans/inspect", operation_id="inspectReturn", summary="A return is inspected", responses=_DONE)
def inspect(told: InspectIn, actor: Worker, context: TheContext, key: Key) -> dict[str, Any]:
    """Grades each line; what is fit for it goes back to stock through the store's own acts."""
    seen = returns_receiving.told_from([line.model_dump() for line in told.lines])
    act = act_of(actor, key, context.now())
    return returns_receiving.inspect(context, act, actor.source(), told.code, told.facility, told.dock, seen)


@router.get(
    "/{id}", operation_id="readReturn", summary="A return", responses=responses(*_DENIED, "not-found")
)
def read(id: str, actor: Reader) -> dict[str, Any]:
    """A return with its lines and its refund."""
    return refunding.refund_data(_seen(actor, id))


def _seen(actor: Actor, id: str) -> Return:
    with acting(actor) as connection:
        found = store.one(connection, id[:80])
    if found is None:
        raise NotFound(m.NO_RETURN(code=id[:60]), field="return", value=id[:60])
    return found


@router.get("/{id}/label.pdf", operation_id="returnLabel", summary="Its label as PDF", responses=_DONE)
def label(id: str, actor: Reader, context: TheContext) -> Response:
    """4 × 6 inches; it can be printed before anybody asks for the return."""
    given = _seen(actor, id)
    with acting(actor) as connection:
        pdf = returns_papers.label_pdf(connection, context, given)
    return Response(pdf, media_type="application/pdf", headers={"cache-control": "private, no-store"})


@router.get(
    "/{id}/customs.pdf", operation_id="returnCustomsPapers", summary="Papers for customs", responses=_DONE
)
def customs(id: str, actor: Reader, context: TheContext, language: Tongue = "en") -> Response:
    """Applications for relief of duties on goods that enter again, and for duties that had been paid."""
    given = _seen(actor, id)
    with acting(actor) as connection:
        pdf = returns_papers.customs_pdf(connection, context, given, LANGUAGES[language])
    return Response(pdf, media_type="application/pdf", headers={"cache-control": "private, no-store"})


@router.post("/{id}/ask", operation_id="askForReturn", summary="A return is asked for", responses=_DONE)
def ask(id: str, told: AskIn, actor: Writer, context: TheContext, key: Key) -> dict[str, Any]:
    """What the buyer asks, told by the merchant for him; the law that holds for him decides."""
    given = _seen(actor, id)
    pieces = {int(n): count for n, count in told.pieces.items()}
    wish = returns_asking.Asked(told.cause, pieces, told.wish, told.sku, told.said)
    with acting(actor) as connection:
        locked = store.one(connection, given.id, lock=True)
        assert locked is not None
        return refunding.refund_data(returns_asking.asked(connection, context, locked, wish, actor.source()))


@router.post("/{id}/refund", operation_id="decideRefund", summary="Decide a refund", responses=_DONE)
def refund(id: str, told: RefundIn, actor: Writer, context: TheContext, key: Key) -> dict[str, Any]:
    """Decides what the buyer gets, and books it: out of cash that is here, or to be paid by the merchant."""
    given = _seen(actor, id)
    amount = None if told.amount is None else Money(told.amount.amount, told.amount.currency)
    act = act_of(actor, key, context.now())
    return refunding.decide(context, act, actor.source(), given.id, amount, told.why)


@router.post("/{id}/paid", operation_id="refundPaid", summary="A refund is paid", responses=_DONE)
def paid(id: str, told: PaidIn, actor: Writer, context: TheContext, key: Key) -> dict[str, Any]:
    """The buyer has his money."""
    given = _seen(actor, id)
    return refunding.paid_out(act_of(actor, key, context.now()), actor.source(), given.id, told.reference)


@router.post("/{id}/exchange", operation_id="exchangeReturn", summary="Exchange", responses=_DONE)
def exchange(id: str, actor: Writer, context: TheContext, key: Key) -> dict[str, Any]:
    """Another parcel goes out for what came back."""
    given = _seen(actor, id)
    return returns_exchanging.exchange(context, act_of(actor, key, context.now()), actor.source(), given.id)


@router.post(
    "/{id}/lines/{line}/dispose",
    operation_id="disposeOfReturn",
    summary="Handed over, or destroyed",
    responses=_DONE,
)
def dispose(id: str, line: int, told: NoteIn, actor: Worker, context: TheContext, key: Key) -> dict[str, Any]:
    """Goods that do not go back to stock were handed to the merchant, or destroyed."""
    given = _seen(actor, id)
    return returns_receiving.dispose(
        act_of(actor, key, context.now()), actor.source(), given.id, line, told.note
    )
