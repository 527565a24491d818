"""What a merchant states of itself for the regulator's figures: all that it sold in a year, whichever way."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import Connection

from qafila.core.fault import Fault
from qafila.core.money import Money
from qafila.openness import openness_messages as m
from qafila.openness import openness_recording, store
from qafila.openness.model import Decision

SALES = "openness.sales"
_MOST = Decimal(10) ** 13


def state_sales(
    connection: Connection, owner: str, year: int, amount: str, currency: str, now: datetime
) -> None:
    """Records in the log, hidden behind a commitment, what a merchant sold in a year in all.

    Args:
        connection: as the merchant.
        owner: the merchant.
        year: of the sales; a later statement takes the place of an earlier one.
        amount: in figures.
        currency: ISO 4217.
        now: when.

    Raises:
        Fault: the amount or the year is none.
    """
    if not 2020 <= year <= now.year:
        raise Fault(m.NOT_A_YEAR(), field="year", value=str(year))
    try:
        money = Money(Decimal(amount), currency)
        if not money.amount.is_finite() or not 0 <= money.amount <= _MOST:
            raise ValueError(amount)
    except (InvalidOperation, ValueError):
        raise Fault(
            m.NOT_A_SUM(amount=f"{amount} {currency}"[:80]),
            m.WRITE_A_SUM(),
            field="amount",
            value=amount[:80],
        ) from None
    hidden = {"sales": {"year": year, "amount": f"{money.amount:f}", "currency": currency}}
    openness_recording.record(connection, [Decision(SALES, owner, now, {}, hidden, owner)])


def stated_sales(connection: Connection, owner: str) -> dict[int, dict[str, Any]]:
    """What a merchant stated last, by year."""
    found: dict[int, dict[str, Any]] = {}
    entries = [one for one in store.about(connection, owner) if one.kind == SALES]
    opened = store.openings(connection, [one.entry_id for one in entries])
    for entry in entries:
        for one in opened.get(entry.entry_id, ()):
            if one.field == "sales" and one.value is not None:
                said = json.loads(one.value)
                found[said["year"]] = said
    return found
