"""What would become of an orders file, before anything is booked: which rows are ready, which are not and why."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from qafila.context import Context
from qafila.core.message import Message
from qafila.core.money import Money
from qafila.shipping.files import files_messages as m
from qafila.shipping.files.intake import Intake, Options
from qafila.shipping.files.preparing import left_for, market, no_offer, offer_again, proposer
from qafila.shipping.offers.offer import Offer
from qafila.shipping.offers.offering import NoOffer
from qafila.shipping.offers.reaching import without_way
from qafila.shipping.offers.restricting import prohibited
from qafila.shipping.orders.columns import Layout
from qafila.shipping.orders.completing import Classify, Prices, Proposal, complete
from qafila.shipping.orders.declared import declared_hs
from qafila.shipping.orders.order import Order, Problem
from qafila.shipping.orders.order_draft import DraftItem

CLASSIFIED = 2_000
"""Descriptions for which an HS code is proposed, at 4 ms each: somebody waits for the page."""

ROUTED = 10_000
"""Orders for which it is asked whether there is a way, at about a millisecond each where no two are alike."""

PROMISED = 200
"""Orders with a day to keep whose ways are searched in full, at up to 30 ms each."""


PRICED = 50
"""Orders whose best offer is worked out, at some 20 ms each, so that price, day and landed cost are seen."""


@dataclass(frozen=True, slots=True)
class Priced:
    """What one order would cost, as it would be booked now."""

    order: Order
    offer: Offer

    @property
    def asked(self) -> tuple[str, ...]:
        """The goods whose HS code is not sure enough to be declared: the parcel would wait for it."""
        items = enumerate(self.order.items)
        return tuple(item.description for n, item in items if not declared_hs(self.order, n))


@dataclass(frozen=True, slots=True)
class Preview:
    """The file as it was understood. rows = those of ready orders + those booked before + problems."""

    format: str
    encoding: str
    delimiter: str
    rows: int
    ready: int  # orders that can be offered for
    booked_before: int  # orders
    problems: tuple[Problem, ...]  # one for each row that would be rejected, by row
    estimates: Counter[str]  # orders with an estimate, by field
    warnings: tuple[Message, ...]
    priced: tuple[Priced, ...] = ()  # the first of the ready orders, by row
    layout: Layout | None = None  # how the file calls its columns

    @property
    def price(self) -> Money | None:
        """What those orders cost to send; None where none is priced."""
        return _sum([line.offer.price for line in self.priced])

    @property
    def landed(self) -> Money | None:
        """What those orders cost at their doors, goods, freight, duty and taxes; None where none is priced."""
        return _sum([line.offer.landed_total for line in self.priced])


def _sum(amounts: list[Money]) -> Money | None:
    if not amounts or len({amount.currency for amount in amounts}) > 1:
        return None
    return sum(amounts[1:], start=amounts[0])


def preview(context: Context, path: Path, options: Options | None = None) -> Preview:
    """Reads a file as `ship_file` does, and asks whether its orders could be offered for: goods that are
    prohibited, places that no service joins, days that cannot be kept. Raises FileRefused as it does.

    What it asks has bounds; where a file goes beyond them a warning says what was not asked.
    """
    context = context.at(context.now())
    intake = Intake(context, options or Options(), context.now())
    sheet, raws = intake.read(path)
    known, fresh = intake.known(raws)
    propose = _Bounded(proposer(context.tenant))
    facilities = context.network.feed.facility
    orders: list[Order] = []
    drafts = intake.drafts(fresh, intake.ways(sheet, fresh))
    for draft in intake.priced(drafts, Prices(drafts)):
        made = complete(draft, propose, context.rules.rates)
        if isinstance(made, Order):
            made = (
                prohibited(made, facilities, context.rules.rulebook)[:1] or made
            )  # as an offer would be refused
        if isinstance(made, Order):
            orders.append(made)
        else:
            intake.rejects.order(draft.id, made)
    if propose.passed_over:
        intake.warnings.append(m.GOODS_NOT_ASKED(descriptions=propose.passed_over))
    refused = _unoffered(context, orders, intake.warnings)
    for place, why in refused.items():
        intake.rejects.order(orders[place].id, no_offer(orders[place], why))
    estimates: Counter[str] = Counter()
    first = sorted((n for n in range(len(orders)) if n not in refused), key=lambda n: orders[n].rows[0])[
        :PRICED
    ]
    day = context.now().date()
    offers = (
        offer_again(context, [orders[n] for n in first], left_for(context, orders, day), day) if first else []
    )
    priced = [
        Priced(orders[n], offer) for n, offer in zip(first, offers, strict=True) if isinstance(offer, Offer)
    ]
    for place, order in enumerate(orders):
        if place not in refused:
            estimates.update({e.field.rpartition(".")[2] for e in order.estimates})
    problems = sorted(intake.rejects.problems, key=lambda p: p.row)
    return Preview(
        sheet.layout.format,
        sheet.encoding,
        sheet.delimiter,
        sheet.rows,
        len(orders) - len(refused),
        len(known),
        tuple(problems),
        estimates,
        tuple(intake.warnings),
        tuple(priced),
        sheet.layout,
    )


def _unoffered(context: Context, orders: list[Order], warnings: list[Message]) -> dict[int, NoOffer]:
    """Why some orders, by their place, have no offer on what is left now."""
    on = context.now().date()
    left = left_for(context, orders, on)
    refused = without_way(orders[:ROUTED], market(context, on), left)
    if len(orders) > ROUTED:
        warnings.append(m.WAYS_NOT_ASKED(orders=len(orders) - ROUTED))
    dated = [n for n, o in enumerate(orders) if n not in refused and o.rule == "promise" and o.promise_by]
    asked = dated[:PROMISED]
    for n, offer in zip(asked, offer_again(context, [orders[n] for n in asked], left, on), strict=True):
        if isinstance(offer, NoOffer):
            refused[n] = offer
    if len(dated) > PROMISED:
        warnings.append(m.DAYS_NOT_ASKED(orders=len(dated) - PROMISED))
    return refused


class _Bounded:
    """Proposes codes for the first descriptions of a file, and counts those that it passed over."""

    def __init__(self, propose: Classify) -> None:
        self._propose = propose
        self._seen: dict[tuple[str, ...], Proposal] = {}

    @property
    def passed_over(self) -> int:
        """Descriptions without a proposal."""
        return max(0, len(self._seen) - CLASSIFIED)

    def __call__(self, item: DraftItem) -> Proposal:
        key = (item.title, item.attributes, item.category, item.sku)
        if key not in self._seen:
            within = len(self._seen) < CLASSIFIED
            self._seen[key] = self._propose(item) if within else Proposal("")
        return self._seen[key]
