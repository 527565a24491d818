"""What every door of money is told and answers: amounts, names, the act's key, and that an act is done once by it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from fastapi import Depends, Header, Query
from pydantic import BaseModel, Field
from sqlalchemy import Connection

from qafila.api.chassis.authentication import requires
from qafila.api.chassis.common_schema import In, MoneyIn
from qafila.api.chassis.problems import responses
from qafila.core.money import Money
from qafila.ledger.cash.model import Act
from qafila.ledger.model import By
from qafila.ledger.once import once
from qafila.runtime.accounts.model import Actor
from qafila.runtime.database import Role

DENIED = ("unauthorized", "insufficient-scope")
DONE = responses(*DENIED, "not-found", "invalid-request", "key-reused", "not-possible")


Cashier = Annotated[Actor, Depends(requires("ledger:cash"))]
Reader = Annotated[Actor, Depends(requires("ledger:read"))]
Manager = Annotated[Actor, Depends(requires("ledger:manage"))]
Key = Annotated[
    str, Header(alias="Idempotency-Key", min_length=1, max_length=150, description="The act's own key.")
]
MaybeKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key", min_length=1, max_length=150, description="The act's own key, if it has one."
    ),
]
Name = Annotated[str, Field(min_length=1, max_length=120)]
Country = Annotated[str, Field(pattern="^[A-Z]{2}$", examples=["MA"])]
Currency = Annotated[str, Field(pattern="^[A-Z]{3}$", examples=["MAD"])]
Pieces = Annotated[
    dict[str, Annotated[int, Field(ge=0, le=100_000)]], Field(max_length=40, examples=[{"200": 3, "0.5": 4}])
]
Writer = Annotated[Actor, Depends(requires("ledger:write"))]
Tongue = Annotated[str, Query(pattern="^(en|fr|ar|zh)$", description="language of the paper")]
Text = Annotated[str, Field(max_length=200)]


class WhyIn(In):
    """Why something is corrected."""

    why: Annotated[str, Field(min_length=1, max_length=500)]


def act_of(actor: Actor, key: str, at: datetime, late: bool = False) -> Act:
    """An act of whoever asks."""
    return Act(
        key=f"{actor.tenant}:{key}",
        by=By(actor.tenant, actor.signature),
        person=actor.id,
        at=at,
        late=late,
        reporter=actor.reporter.value if actor.reporter else "",
    )


def money(told: MoneyIn) -> Money:
    """The amount that a request tells."""
    return Money(told.amount, told.currency)


def plain(amount: Decimal, currency: str) -> str:
    """An amount with the decimals of its coin, as JSON has it."""
    return f"{Money(amount, currency).rounded().amount:f}"


def coins(sum: Money) -> dict[str, str]:
    """An amount with its currency, as JSON has it."""
    return {"amount": plain(sum.amount, sum.currency), "currency": sum.currency}


def acted(
    act: Act,
    kind: str,
    told: BaseModel | None,
    of: str,
    do: Callable[[Connection], Any],
    role: Role = Role.OPERATOR,
    tenant: str = "",
) -> Any:
    """Does an act once by its key, and answers alike however often it is sent.

    Args:
        act: its key, who acts, and when.
        kind: what it is.
        told: the body. Whether a device was without connection (`late`) does not make it another act.
        of: what it is about, as the address names it.
        do: does it, and returns the answer.
        role, tenant: as whom it acts.
    """
    asked = {} if told is None else told.model_dump(mode="json", exclude={"late"})
    return once(act, kind, {"of": of, **asked}, do, role, tenant)
