"""What stands against an order's goods on their way: prohibited goods are not taken, restricted ones are said."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal

from qafila.core.message import Share, Term, as_it_is, sentences
from qafila.customs.assessment import Goods
from qafila.customs.restrictions import Finding, find
from qafila.customs.rulebook import Rulebook
from qafila.network.model import Facility
from qafila.network.timetable import Mode
from qafila.routing.itinerary import Itinerary
from qafila.shipping.offers import offers_messages as m
from qafila.shipping.offers.offer import Restricted
from qafila.shipping.orders.declared import confidence
from qafila.shipping.orders.order import Order, Problem


def prohibited(order: Order, facilities: Mapping[str, Facility], rulebook: Rulebook) -> list[Problem]:
    """The problems of an order whose goods may not leave their territory or not enter the other, by any mode."""
    return [
        _problem(order, finding)
        for finding in _findings(order, _territories(order, facilities, rulebook), order.ready.date(), ())
        if finding.restriction.prohibited
    ]


def restricted(
    order: Order, itinerary: Itinerary, on: date, facilities: Mapping[str, Facility], rulebook: Rulebook
) -> tuple[Restricted, ...]:
    """The restrictions that the goods meet on a way, each with the document that lifts it."""
    modes = {leg.mode for leg in itinerary.legs}
    return tuple(
        Restricted(
            id=rule.id,
            item=finding.item,
            territory=rule.territory,
            text=finding.reason,
            document=rule.document or as_it_is(""),
            legal_basis=rule.legal_basis,
            source=rule.source,
            confidence=rule.confidence,
        )
        for finding in _findings(order, _territories(order, facilities, rulebook), on, modes)
        if not (rule := finding.restriction).prohibited
    )


def _findings(order: Order, ends: tuple[str, str], on: date, modes: Collection[Mode]) -> list[Finding]:
    goods = [
        Goods(item.description, Decimal(item.quantity), item.unit_value * item.quantity, item.hs, item.origin)
        for item in order.items
    ]
    trade = order.trade == "b2b" or bool(order.receiver.tax_id)
    guessed = {n for n in range(len(goods)) if (sure := confidence(order, n)) is not None and sure < _A_GUESS}
    return find(goods, *ends, on, modes, order.goods, commercial=trade, guessed=guessed)


_A_GUESS = 0.40  # confidence below which a proposed HS code does not outweigh a plain word


def _territories(order: Order, facilities: Mapping[str, Facility], rulebook: Rulebook) -> tuple[str, str]:
    """Where the goods leave from and where they enter; a country without rules stands for itself."""
    ends = []
    for address in (order.sender, order.receiver):
        known = facilities.get(address.facility_id or "")
        try:
            ends.append(known.territory if known else rulebook.territory(address.country).id)
        except LookupError:
            ends.append(address.country)
    return ends[0], ends[1]


def _problem(order: Order, finding: Finding) -> Problem:
    item, rule = order.items[finding.item], finding.restriction
    sure = confidence(order, finding.item)
    code = None
    if rule.hs and sure is not None:
        code = m.CODE_PROPOSED(hs=item.hs or "", share=Share(Decimal(str(sure))))
    elif rule.hs:
        code = m.CODE_WRONG() if item.hs else m.CODE_MISSING()
    reason = m.PROHIBITED(
        what=finding.reason,
        law=rule.legal_basis,
        source=rule.source,
        confidence=Term("confidence", rule.confidence),
    )
    take_out = m.TAKE_OUT()
    remedy = sentences([take_out, code]) or take_out
    return Problem(order.rows[0], "hs" if rule.hs else "goods", item.hs or "", reason, remedy, order.id)
