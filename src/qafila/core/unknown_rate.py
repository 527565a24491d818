"""A currency that cannot be converted: a fault of its own file, as money itself knows no messages."""

from __future__ import annotations

from datetime import date

from qafila.core.fault import NotFound
from qafila.core.message import template

NO_RATE = template("core.no_rate", "No exchange rate is known for {currency} on {day}.")
ADD_RATE = template("core.add_rate", "Add one to facts/exchange-rates.csv.")


class UnknownRate(NotFound, LookupError):
    """No exchange rate is known for a currency on or before a date."""

    def __init__(self, currency: str, on: date) -> None:
        super().__init__(NO_RATE(currency=currency, day=on), ADD_RATE(), value=currency)
