"""What holds while a file's words are understood: its ways, and what is found wrong."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from qafila.context import Rules
from qafila.core.message import Choice, Country, Message
from qafila.network.network_places import country_code, country_suggestions
from qafila.shipping.orders import orders_messages as m
from qafila.shipping.orders.order import Address, Estimate, Problem
from qafila.shipping.orders.orders_figures import Notation
from qafila.shipping.orders.orders_stations import Whereabouts


@dataclass(frozen=True, slots=True)
class Ways:
    """What holds for a whole file: the clock, who sends where nothing says so, how to choose."""

    now: datetime  # aware UTC
    whereabouts: Whereabouts
    notation: Notation
    rules: Rules
    sender: Address | None = None  # where the file names none
    sender_rule: Message | None = None  # why that sender is taken, as an estimate; None: it was told
    rule: str = "cheapest"
    promise_by: date | None = None
    currency: str | None = None  # where a price names none
    include_fulfilled: bool = False
    streets: bool = (
        False  # whether the file has a column with the receivers' streets, so that each row must have one
    )


@dataclass(slots=True)
class Findings:
    """What is wrong with one order, and what of it had to be guessed, as it is found."""

    order_id: str
    rows: tuple[int, ...]
    problems: list[Problem] = field(default_factory=list)
    estimates: list[Estimate] = field(default_factory=list)

    def estimate(self, field: str, value: str, rule: Message) -> None:
        """Notes what was taken for want of a plain word, and by which rule."""
        self.estimates.append(Estimate(field, value, rule))

    def refuse(
        self, field: str, value: str, reason: Message, remedy: Message, row: int | None = None
    ) -> None:
        """Notes a problem of a row; of the order's first row where none is named."""
        number = self.rows[0] if row is None else row
        shown = value if len(value) <= 120 else value[:119] + "…"
        self.problems.append(Problem(number, field, shown, reason, remedy, self.order_id))

    def country(self, field: str, written: str, row: int | None = None) -> str | None:
        """The alpha-2 code of a country as it was written; None, and a problem, where there is none such."""
        code = country_code(written)
        if code is None:
            near = tuple(
                m.COUNTRY_WITH_CODE(country=Country(one), code=one) for one in country_suggestions(written)
            )
            remedy = m.PERHAPS(names=Choice(near)) if near else m.WRITE_COUNTRY()
            self.refuse(field, written, m.UNKNOWN_COUNTRY(), remedy, row)
        return code
