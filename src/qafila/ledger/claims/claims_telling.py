"""What the log records of claims, and how what the terms come to is worked out again."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from qafila.context import Context
from qafila.core.money import Money
from qafila.ledger.claims.judging import Evidence, propose
from qafila.ledger.claims.liability import Ride
from qafila.ledger.claims.store import Claim
from qafila.openness import openness_telling
from qafila.openness.kinds import CannotAgain, Values
from qafila.openness.model import Decision

KIND = "ledger.claim"


def _tables() -> str:
    return openness_telling.tables("qafila.ledger", "qafila.facts:exchange-rates.csv")


def decision(claim: Claim, granted: Decimal | None, why: str, at: datetime) -> Decision:
    """What is told of a claim that was decided.

    Args:
        claim: as it was filed, with its evidence and what the terms propose.
        granted: what is paid; None: it is refused.
        why: the reason where it is other than what the terms propose.
        at: when.
    """
    proposed = Decimal(claim.proposed["amount"])
    said = {
        "kind": claim.kind,
        "granted": granted is not None,
        "by_the_terms": (granted or Decimal(0)) == proposed,
    }
    hidden: dict[str, Any] = {
        "granted": {"amount": str(granted or 0), "asked": str(claim.asked), "currency": claim.currency},
        "why": why.strip()[:1000],
    }
    if "rides" in claim.evidence:
        asked = {
            "kind": claim.kind,
            "asked": str(claim.asked),
            "currency": claim.currency,
            "filed": claim.filed_at.isoformat(),
            "evidence": claim.evidence,
            "tables": _tables(),
        }
        hidden |= {"inputs": asked, "answer": {"amount": str(proposed)}}
    return Decision(KIND, claim.id, at, said, hidden, claim.tenant, frozenset({"why"}))


def again(here: Context, values: Values, without_identity: bool) -> Any:
    """What the terms come to on the recorded evidence; it has no name in it but the parcel's number, which is left out."""
    said = values["inputs"]
    if said["tables"] != _tables():
        raise CannotAgain("the tables of claims have changed since")
    seen = evidence(said["evidence"])
    made = propose(
        said["kind"],
        _money(said["asked"], said["currency"]),
        seen,
        datetime.fromisoformat(said["filed"]),
        here.rules.rates,
    )
    return {"amount": str(made.amount.amount)}


def written(seen: Evidence) -> dict[str, object]:
    """Evidence as JSON keeps it, without the parcel's number."""
    return {
        "state": seen.state,
        "promised": seen.promised.isoformat(),
        "delivered": seen.delivered.isoformat() if seen.delivered else None,
        "last": seen.last.isoformat() if seen.last else None,
        "leg": seen.last_leg,
        "grams": seen.grams,
        "value": str(seen.value),
        "freight": str(seen.freight),
        "insured": seen.insured,
        "shipped": seen.shipped.isoformat(),
        "back": seen.back,
        "rides": [[ride.mode, ride.start, ride.end] for ride in seen.rides],
        "of_value": [str(seen.value.amount), seen.value.currency],
        "of_freight": [str(seen.freight.amount), seen.freight.currency],
    }


def evidence(said: dict[str, Any]) -> Evidence:
    """Evidence from what `written` made of it."""

    def instant(name: str) -> datetime | None:
        return datetime.fromisoformat(said[name]) if said[name] else None

    return Evidence(
        parcel="",
        state=said["state"],
        promised=datetime.fromisoformat(said["promised"]),
        delivered=instant("delivered"),
        last=instant("last"),
        last_leg=said["leg"],
        rides=tuple(Ride(*ride) for ride in said["rides"]),
        grams=said["grams"],
        value=_money(*said["of_value"]),
        freight=_money(*said["of_freight"]),
        insured=said["insured"],
        shipped=datetime.fromisoformat(said["shipped"]),
        back=bool(said.get("back")),
    )


def _money(amount: str, currency: str) -> Money:
    return Money(Decimal(amount), currency)
