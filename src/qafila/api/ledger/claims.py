"""/ledger/claims: what merchants claim, and what is decided."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field

from qafila.api.chassis.api_asking import Now, TheContext
from qafila.api.chassis.common_schema import Amount, In, MoneyIn
from qafila.api.chassis.problems import responses
from qafila.api.chassis.speaking import said
from qafila.api.ledger.money_schema import (
    DENIED,
    DONE,
    Key,
    Manager,
    Name,
    Reader,
    Writer,
    act_of,
    money,
    plain,
)
from qafila.core.fault import NotFound
from qafila.core.message_json import from_json
from qafila.core.money import Money
from qafila.ledger import ledger_messages as m
from qafila.ledger import posting
from qafila.ledger.claims import claims_deciding
from qafila.ledger.claims import store as claims
from qafila.ledger.claims.store import Claim
from qafila.runtime.accounts.accounts_acting import ROLES, acting, sending

router = APIRouter(prefix="/ledger", tags=["money"])


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


@router.post("/claims", operation_id="fileClaim", summary="File a claim", status_code=201, responses=DONE)
def file_claim(told: ClaimIn, actor: Writer, now: Now, context: TheContext, key: Key) -> dict[str, Any]:
    """For one of one's own parcels. The evidence is taken down as it is, with what the terms propose."""
    act, facilities, rates = act_of(actor, key, now), context.network.feed.facility, context.rules.rates
    with sending(actor) as connection:
        return claim_out(
            claims_deciding.file(
                connection, act, told.parcel, told.kind, money(told.asked), told.said, facilities, rates
            )
        )


@router.get("/claims", operation_id="listClaims", summary="Claims", responses=responses(*DENIED))
def list_claims(
    actor: Reader, state: Annotated[str, Query(pattern="^(open|granted|refused|withdrawn|taken_back)?$")] = ""
) -> list[dict[str, Any]]:
    """One's own; a hub and a regulator see all. The newest first."""
    if ROLES[actor.kind].value == "qafila_partner":
        return []
    with acting(actor) as connection:
        return [claim_out(c) for c in claims.listed(connection, state=state)]


@router.post("/claims/{claim}/decide", operation_id="decideClaim", summary="Decide a claim", responses=DONE)
def decide(claim: str, told: DecisionIn, actor: Manager, now: Now, key: Key) -> dict[str, Any]:
    """What is granted is booked on the merchant's account, and goes out with his next remittance."""
    act = act_of(actor, key, now)

    def do(connection: Any) -> Claim:
        found = claims.one(connection, claim)
        if found is None:
            raise NotFound(m.NO_CLAIM(claim=claim[:80]), field="claim", value=claim[:80])
        amount = Decimal(told.amount)
        return claims_deciding.decide(
            connection, act, claim, Money(amount, found.currency) if amount else None, told.why
        )

    return claim_out(posting.transact(do))  # its reasons are in the language of whoever asks: not kept


def claim_out(made: Claim) -> dict[str, Any]:
    """A claim as JSON, its reasons in the reader's language."""
    return {
        "id": made.id,
        "merchant": made.tenant,
        "parcel": made.parcel,
        "kind": made.kind,
        "said": made.said,
        "asked": {"amount": plain(made.asked, made.currency), "currency": made.currency},
        "state": made.state,
        "evidence": made.evidence,
        "proposed": {
            "amount": plain(Decimal(made.proposed["amount"]), made.currency),
            "currency": made.currency,
            "reasons": [said(from_json(r)) for r in made.proposed["reasons"]],
        },
        "granted": None
        if made.granted is None
        else {"amount": plain(made.granted, made.currency), "currency": made.currency},
        "reasons": None if made.reasons is None else [said(from_json(r)) for r in made.reasons],
        "filed_at": made.filed_at,
        "decided_at": made.decided_at,
    }
