"""From the words of a file or a form to values. What is wrong is found, all of it, not the first.

A problem names its row, its field, the value as it was written, why it cannot be taken and what would
mend it. Nothing is completed here: what was not said stays None.
"""

from __future__ import annotations

import hashlib
from datetime import date, datetime

from qafila.core.figures import NotAFigure
from qafila.shipping.orders import orders_messages as m
from qafila.shipping.orders.accepting import accept
from qafila.shipping.orders.command import Command
from qafila.shipping.orders.grouping import RawOrder
from qafila.shipping.orders.items import items_of
from qafila.shipping.orders.order import STANDARD, Address, Problem
from qafila.shipping.orders.order_draft import Draft
from qafila.shipping.orders.orders_cash import FIELDS as CASH_FIELDS
from qafila.shipping.orders.orders_cash import cash_of, words_of_cash
from qafila.shipping.orders.orders_choices import chosen
from qafila.shipping.orders.orders_figures import day, instant, is_blank
from qafila.shipping.orders.said_parcels import FIELDS as PARCEL_FIELDS
from qafila.shipping.orders.said_parcels import parcels_of
from qafila.shipping.orders.understanding import Findings, Ways

__all__ = ["Ways", "command_of", "content_of", "normalise"]

RULES = {"cheapest": "cheapest", "cheap": "cheapest", "economy": "cheapest", "standard": "cheapest",
         "price": "cheapest", "fastest": "fastest", "fast": "fastest", "express": "fastest", "time": "fastest",
         "greenest": "greenest", "green": "greenest", "eco": "greenest", "co2": "greenest", "co2e": "greenest",
         "promise": "promise", "by date": "promise", "date": "promise"}  # fmt: skip
_YES = frozenset({"yes", "true", "1", "y", "oui", "نعم", "是"})
_NO = frozenset({"", "no", "false", "0", "n", "non", "none", "-", "n/a", "لا", "否"})
_PAYERS = {"": "sender", "DDP": "sender", "SENDER": "sender",
           "DAP": "receiver", "DDU": "receiver", "RECEIVER": "receiver"}  # fmt: skip
_NOT_TO_SHIP = {"cancelled": m.CANCELLED, "canceled": m.CANCELLED, "annulée": m.CANCELLED, "refunded": m.REFUNDED,
                "voided": m.VOIDED, "failed": m.FAILED, "expired": m.FAILED, "trash": m.TRASH}  # fmt: skip
# words of WooCommerce. Shopify's `pending` is no such word: it is how cash on delivery stands there
_NOT_PAID = {"pending": m.UNPAID, "on-hold": m.ON_HOLD, "checkout-draft": m.DRAFT}


def normalise(raw: RawOrder, ways: Ways) -> Draft | list[Problem]:
    """The order's values with its places found, or everything that is wrong with it."""
    return accept(command_of(raw, ways), ways)


def command_of(raw: RawOrder, ways: Ways) -> Command:
    """What the words of a file or a form say, as values."""
    found = Findings(raw.id, raw.rows)
    _check_status(raw, ways, found)
    items = items_of(raw, ways, found)
    ready, promise_by = _ready(raw, found), _promise_by(raw, found)
    trade = raw.get("trade").casefold() or "b2c"
    if trade not in {"b2c", "b2b", "c2c"}:
        found.refuse("trade", trade, m.UNKNOWN_TRADE(), m.WRITE_TRADE())
    payer = _PAYERS.get(raw.get("incoterm").upper())
    if payer is None:
        found.refuse("incoterm", raw.get("incoterm"), m.UNKNOWN_INCOTERM(), m.WRITE_INCOTERM())
    insured = chosen("insured", raw.get("insured")) or raw.get("insured").casefold()
    if insured not in _YES | _NO:
        found.refuse("insured", raw.get("insured"), m.NOT_YES_OR_NO(), m.WRITE_YES_OR_NO())
    return Command(
        raw.id,
        raw.rows,
        content_of(raw),
        found,
        _sender(raw),
        _receiver(raw, found),
        items,
        ready,
        _rule(raw, found),
        promise_by,
        insured in _YES,
        trade,
        payer or "sender",
        raw.get("preference") or None,
        raw.get("note")[:500],
        raw.get("service_class").casefold() or STANDARD,
        cash_of(raw, ways, found),
        parcels_of(raw.lines, items, ways, found),
        written={"ready_at": raw.get("ready_at"), "promise_by": raw.get("promise_by")},
    )


def content_of(raw: RawOrder) -> str:
    """What a merchant wrote of an order, as a fingerprint: the row numbers and the day of reading left out."""
    total = hashlib.sha256()
    for cells in (raw.cells, *(line.cells for line in raw.lines)):
        for name in sorted(cells.keys() - CASH_FIELDS):
            if name in PARCEL_FIELDS and not cells[name]:
                continue
            total.update(f"{name}\x1f{cells[name]}\x1e".encode())
        total.update(b"\x1d")
    for name, cell in words_of_cash(
        raw
    ):  # where none is collected a file is what it was before cash was read
        total.update(f"{name}\x1f{cell}\x1e".encode())
    return total.hexdigest()


def _check_status(raw: RawOrder, ways: Ways, found: Findings) -> None:
    status = raw.get("status").casefold().removeprefix("wc-")
    if raw.get("cancelled_at") and not is_blank(raw.get("cancelled_at")):
        found.refuse("cancelled_at", raw.get("cancelled_at"), m.CANCELLED(), m.LEAVE_OUT())
    elif status in _NOT_TO_SHIP:
        found.refuse("status", status, _NOT_TO_SHIP[status](), m.LEAVE_OUT())
    elif raw.format == "woocommerce" and (unpaid := _NOT_PAID.get(status.replace(" ", "-"))):
        found.refuse("status", status, unpaid(), m.SET_PROCESSING())
    elif (sent := _sent(raw)) and not ways.include_fulfilled:
        found.refuse(sent[0], sent[1], m.SENT(), m.EXPORT_UNFULFILLED())

    if status.replace(" ", "_") == "partially_refunded" or _refund_without_pieces(raw):
        found.estimate("pieces", raw.get("refunded") or "?", m.PAID_BACK())


def _sent(raw: RawOrder) -> tuple[str, str] | None:
    """The field and the word by which a shop says that an order is done."""
    if raw.get("fulfilment").casefold() == "fulfilled":
        return "fulfilment", "fulfilled"
    status = raw.get("status").casefold().removeprefix("wc-")
    return ("status", status) if raw.format == "woocommerce" and status == "completed" else None


def _refund_without_pieces(raw: RawOrder) -> bool:
    """Whether money went back while no line says that a piece of it did."""
    paid_back = raw.get("refunded").strip("-0., ")
    return bool(paid_back) and all(is_blank(line.get("refunded_quantity")) for line in raw.lines)


def _sender(raw: RawOrder) -> Address:
    return Address(
        country=raw.get("sender_country"),
        city=raw.get("sender_city"),
        name=raw.get("sender_name"),
        company=raw.get("sender_company"),
        line1=raw.get("sender_line1"),
        postcode=raw.get("sender_postcode"),
        phone=raw.get("sender_phone"),
        tax_id=raw.get("sender_tax_id"),
        facility_id=raw.get("sender_facility") or None,
    )


def _receiver(raw: RawOrder, found: Findings) -> Address:
    prefix = ""
    if not raw.get("city") and not raw.get("country") and raw.get("billing_city"):
        prefix = "billing_"
        found.estimate("receiver", raw.get("billing_city"), m.BILLING_ADDRESS())
    name = (
        raw.get(f"{prefix}name")
        or f"{raw.get(prefix + 'first_name')} {raw.get(prefix + 'last_name')}".strip()
    )
    return Address(
        country=raw.get(f"{prefix}country"),
        city=raw.get(f"{prefix}city"),
        name=name,
        company=raw.get(f"{prefix}company"),
        line1=raw.get(f"{prefix}line1"),
        line2=raw.get(f"{prefix}line2"),
        region=raw.get(f"{prefix}region"),
        postcode=raw.get(f"{prefix}postcode").lstrip("'"),
        phone=(raw.get(f"{prefix}phone") or raw.get("billing_phone")).lstrip("'"),
        email=raw.get("email"),
        tax_id=raw.get("tax_id"),
        facility_id=raw.get("facility") or None,
    )


def _rule(raw: RawOrder, found: Findings) -> str | None:
    written = raw.get("rule")
    if is_blank(written):
        return None
    known = RULES.get(written.casefold()) or chosen("rule", written)
    if known is None:
        found.refuse("rule", written, m.UNKNOWN_RULE(), m.WRITE_RULE())
    return known


def _promise_by(raw: RawOrder, found: Findings) -> date | None:
    written = raw.get("promise_by")
    if is_blank(written):
        return None
    try:
        return day(written)
    except NotAFigure as error:
        found.refuse("promise_by", written, error.message, m.WRITE_DATE())
        return None


def _ready(raw: RawOrder, found: Findings) -> datetime | None:
    written = raw.get("ready_at")
    if is_blank(written):
        return None
    try:
        return instant(written, None)
    except NotAFigure as error:
        found.refuse("ready_at", written, error.message, m.WRITE_DATE_OR_TIME())
    except OverflowError:  # the calendar's first or last hours, as some programs write "no date"
        found.refuse("ready_at", written, m.NO_DATE(), m.WRITE_DATE_OR_TIME())
    return None
