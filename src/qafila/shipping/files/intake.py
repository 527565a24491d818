"""Takes a file in: what is in it, what of it was booked before, what of it can be offered for."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from pathlib import Path

from qafila.context import Context
from qafila.core.message import Choice, Message
from qafila.runtime.database import merchant_transaction
from qafila.shipping.files import files_messages as m
from qafila.shipping.files.recalling import Standing, standing
from qafila.shipping.files.rejecting import Rejects
from qafila.shipping.orders import orders_messages as said
from qafila.shipping.orders.completing import Prices, fill_prices
from qafila.shipping.orders.grouping import RawOrder, group
from qafila.shipping.orders.normalising import Ways, content_of, normalise
from qafila.shipping.orders.order import Address, Problem
from qafila.shipping.orders.order_draft import Draft
from qafila.shipping.orders.orders_figures import notation_of
from qafila.shipping.orders.orders_stations import whereabouts
from qafila.shipping.orders.reading import Sheet, read
from qafila.shipping.remembered import service as remembered
from qafila.shipping.remembered.model import SENDER, Known, SavedAddress, fill
from qafila.shipping.remembered.remembered_messages import OF_PROFILE

_HUB = Address(country="MA", city="Casablanca")
_NUMBERS = ("unit_price", "line_total", "weight_kg", "length_cm", "width_cm", "height_cm", "cash_on_delivery")

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and of how much."""


@dataclass(frozen=True, slots=True)
class Options:
    """How to ship a file. Where the file itself says so, the file counts."""

    rule: str = "cheapest"
    promise_by: date | None = None
    sender: Address | None = None
    currency: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    include_fulfilled: bool = False
    documents: bool = True
    workers: int = field(default_factory=lambda: max(1, os.cpu_count() or 1))


class Intake:
    """One file on its way in. What is wrong with its rows gathers in `rejects`."""

    def __init__(self, context: Context, options: Options, now: datetime) -> None:
        self.context = context
        self.options = options
        self.now = now
        self.rejects = Rejects()
        self.before: set[str] = set()  # ids of orders that were booked before
        self.warnings: list[Message] = []

    def read(self, path: Path) -> tuple[Sheet, list[RawOrder]]:
        """The rows of a file and the orders that they make. Raises FileRefused."""
        sheet = read(path, self.options.encoding, self.options.delimiter)
        raws, problems = group(sheet)
        self.rejects.heading = sheet.layout.heading
        self.rejects.add([*sheet.problems, *problems])
        return sheet, raws

    def known(self, raws: list[RawOrder]) -> tuple[dict[str, Standing], list[RawOrder]]:
        """Orders that an earlier run booked, and those that are new; the same id for another content is refused."""
        with merchant_transaction(self.context.tenant) as connection:
            found = standing(connection, [raw.id for raw in raws])
        fresh: list[RawOrder] = []
        known: dict[str, Standing] = {}
        for raw in raws:
            self.rejects.rows_of[raw.id] = raw.rows
            if raw.id not in found:
                fresh.append(raw)
            elif found[raw.id].is_of(content_of(raw)):
                known[raw.id] = found[raw.id]
                self.before.add(raw.id)
            else:
                self.rejects.order(raw.id, [booked_otherwise(raw.id, raw.rows[0], found[raw.id].number)])
        return known, fresh

    def ways(self, sheet: Sheet, raws: list[RawOrder]) -> Ways:
        """How the orders of the file are to be understood."""
        self._warn_of_sheet(sheet)
        told = self.options.sender
        profile = remembered.usual_sender(self.context.tenant) if told is None else None
        if told is None and profile is None and raws and "sender_city" not in sheet.layout.positions:
            self.warnings.append(said.SENDER_TAKEN())
        return Ways(
            now=self.now,
            whereabouts=whereabouts(self.context.network),
            rules=self.context.rules,
            notation=notation_of(line.get(name) for raw in raws for line in raw.lines for name in _NUMBERS),
            sender=told or (profile.address if profile else _HUB),
            sender_rule=None if told else OF_PROFILE(label=profile.label) if profile else said.SENDER_HUB(),
            rule=self.options.rule,
            promise_by=self.options.promise_by,
            currency=self.options.currency,
            include_fulfilled=self.options.include_fulfilled,
            streets="line1" in sheet.layout.positions,
        )

    def drafts(self, raws: Sequence[RawOrder], ways: Ways) -> list[Draft]:
        """Those of some orders that can be understood; prices may be missing still."""
        drafts: list[Draft] = []
        for raw in raws:
            made = normalise(raw, ways)
            if isinstance(made, list):
                self.rejects.order(raw.id, made)
            else:
                fill(made, *self._saved)
                drafts.append(made)
        return drafts

    @cached_property
    def _saved(self) -> tuple[Known, list[SavedAddress]]:
        """What the merchant saved, read once for the file."""
        tenant = self.context.tenant
        return Known(remembered.goods(tenant)), remembered.addresses(tenant, SENDER)

    def priced(self, drafts: Iterable[Draft], prices: Prices) -> list[Draft]:
        """Those of some orders whose missing prices the rest of the file tells; the others are rejected."""
        kept: list[Draft] = []
        for draft in drafts:
            if problems := fill_prices(draft, prices):
                self.rejects.order(draft.id, problems)
            else:
                kept.append(draft)
        return kept

    def _warn_of_sheet(self, sheet: Sheet) -> None:
        """Of an encoding that is not sure, and of columns: one that is not read may be one of which the merchant thinks that
        it is."""
        layout = sheet.layout
        if sheet.doubt is not None:
            self.warnings.append(sheet.doubt)
        if "line1" not in layout.positions and "facility" not in layout.positions:
            self.warnings.append(said.NO_STREETS_IN_FILE())
        for heading in layout.repeated:
            self.warnings.append(said.SEVERAL_COLUMNS(heading=heading.strip()))
        unread = [h.strip()[:40] for h in layout.ignored if h not in layout.repeated]
        if unread and layout.format == "plain":  # a shop's export has dozens that nobody misses
            named = Choice(tuple(unread[:8]), every=True)
            more = len(unread) - 8
            self.warnings.append(
                said.UNREAD_COLUMNS_MORE(columns=named, n=more)
                if more > 0
                else said.UNREAD_COLUMNS(columns=named)
            )


def booked_otherwise(order_id: str, row: int, number: str) -> Problem:
    """The problem of an order whose id another content has taken."""
    return Problem(
        row, "order_id", order_id, m.BOOKED_OTHERWISE(number=number), m.OWN_ID_OR_CANCEL(), order_id
    )
