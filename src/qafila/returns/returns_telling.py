"""What the log records of refunds, and how what the terms come to is worked out again."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from qafila.context import Context
from qafila.core.money import Money
from qafila.openness.kinds import Values
from qafila.openness.model import Decision
from qafila.returns.model import Basis, Return, due

KIND = "returns.refund"


def decision(given: Return, basis: Basis, proposed: Money, paid: Money, why: str, at: datetime) -> Decision:
    """What is told of a refund.

    Args:
        given: the return.
        basis: what the terms looked at.
        proposed: what they came to.
        paid: what was decided.
        why: the reason where it is another amount.
        at: when.
    """
    said = {"cause": given.cause.value, "by_the_terms": proposed == paid}
    hidden = {
        "inputs": written(basis),
        "answer": {"amount": str(proposed.amount), "currency": proposed.currency},
        "paid": {"amount": str(paid.amount), "currency": paid.currency},
        "why": why.strip()[:300],
    }
    return Decision(KIND, given.id, at, said, hidden, given.merchant_id, frozenset({"why"}))


def again(here: Context, values: Values, without_identity: bool) -> Any:
    """What the terms come to on what they looked at; there is no identity in it."""
    amount = due(read(values["inputs"]))
    return {"amount": str(amount.amount), "currency": amount.currency}


def written(basis: Basis) -> dict[str, Any]:
    """A basis as JSON."""
    return {
        "lines": [
            [_said(value), found, bought, str(deducted)] for value, found, bought, deducted in basis.lines
        ],
        "fee": _said(basis.fee),
        "freight": _said(basis.freight),
        "most": _said(basis.most),
        "nothing": basis.nothing,
    }


def read(said: dict[str, Any]) -> Basis:
    """A basis from what `written` made of it."""
    return Basis(
        tuple(
            (_money(value) or _none(), found, bought, Decimal(less))
            for value, found, bought, less in said["lines"]
        ),
        _money(said["fee"]),
        _money(said["freight"]),
        _money(said["most"]),
        said["nothing"],
    )


def _said(money: Money | None) -> list[str] | None:
    return None if money is None else [str(money.amount), money.currency]


def _money(said: list[str] | None) -> Money | None:
    return None if said is None else Money(Decimal(said[0]), said[1])


def _none() -> Money:
    raise ValueError("a line has a value")
