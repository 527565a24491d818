"""From a file's words to values: addresses, figures, dates. Everything that is wrong is found, not the first.

A problem names its row, its field, the value as it was written, why it cannot be taken and what would
mend it. Nothing is completed here: what was not said stays None.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from qafila.core.identifiers.errors import InvalidNumber
from qafila.core.identifiers.traders import parse_trader_number
from qafila.core.message import Choice, Country
from qafila.network.postcodes import postcode
from qafila.planning.service_classes import service_classes
from qafila.shipping.orders import messages as m
from qafila.shipping.orders.cash import FIELDS as CASH_FIELDS
from qafila.shipping.orders.cash import cash_of, words_of_cash
from qafila.shipping.orders.figures import NotAFigure, day, instant, is_blank
from qafila.shipping.orders.grouping import RawOrder
from qafila.shipping.orders.items import items_of
from qafila.shipping.orders.limits import limits
from qafila.shipping.orders.order import STANDARD, Address, Problem
from qafila.shipping.orders.order_draft import Draft
from qafila.shipping.orders.outlying import outlying
from qafila.shipping.orders.said_parcels import FIELDS as PARCEL_FIELDS
from qafila.shipping.orders.said_parcels import parcels_of
from qafila.shipping.orders.stations import Located, Unlocated
from qafila.shipping.orders.understanding import Findings, Ways

__all__ = ["Ways", "content_of", "normalise"]

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
    """The order's values, or everything that is wrong with it."""
    found = Findings(raw)
    _check_status(raw, ways, found)
    sender = _sender(raw, ways, found)
    receiver = _receiver(raw, ways, found)
    items = items_of(raw, ways, found)
    parcels = parcels_of(raw.lines, items, ways, found)
    cash = cash_of(raw, ways, found)
    ready, promise_by, rule = _times(raw, ways, sender, receiver, found)
    if sender and receiver and _same_place(sender, receiver):
        found.refuse("destination_city", receiver.address.city, m.SAME_PLACE(), m.CHECK_ADDRESSES())
    if found.problems or sender is None or receiver is None:
        return found.problems
    trade = raw.get("trade").casefold() or "b2c"
    if trade not in {"b2c", "b2b", "c2c"}:
        found.refuse("trade", trade, m.UNKNOWN_TRADE(), m.WRITE_TRADE())
        return found.problems
    service_class = raw.get("service_class").casefold() or STANDARD
    if service_class != STANDARD and service_class not in service_classes():
        remedy = m.WRITE_CLASS(classes=Choice(tuple(service_classes())))
        found.refuse("service_class", service_class, m.UNKNOWN_CLASS(), remedy)
        return found.problems
    payer = _PAYERS.get(raw.get("incoterm").upper())
    if payer is None:
        found.refuse("incoterm", raw.get("incoterm"), m.UNKNOWN_INCOTERM(), m.WRITE_INCOTERM())
    insured = raw.get("insured").casefold()
    if insured not in _YES | _NO:
        found.refuse("insured", raw.get("insured"), m.NOT_YES_OR_NO(), m.WRITE_YES_OR_NO())
    if found.problems or payer is None:
        return found.problems
    return Draft(
        raw.id, raw.rows, content_of(raw), sender.address, receiver.address, items, ready, rule, promise_by,
        insured in _YES, trade, payer,
        raw.get("preference") or None, raw.get("note")[:500], found.estimates, service_class, cash,
        parcels,
    )  # fmt: skip


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


def _sender(raw: RawOrder, ways: Ways, found: Findings) -> Located | None:
    if not (raw.get("sender_city") or raw.get("sender_country") or raw.get("sender_facility")):
        if ways.sender is None:
            found.refuse("sender_city", "", m.NO_SENDER(), m.WRITE_SENDER())
            return None
        given = ways.sender
        if ways.sender_rule:
            found.estimate("sender", f"{given.city}, {given.country}", ways.sender_rule)
        given = replace(
            given,
            name=raw.get("sender_name") or given.name,
            company=raw.get("sender_company") or given.company,
            line1=raw.get("sender_line1") or given.line1,
            phone=raw.get("sender_phone") or given.phone,
            tax_id=raw.get("sender_tax_id") or given.tax_id,
        )
        _check_number(given, "sender_tax_id", found)
        return _locate(given, ("sender", ""), ways, found, to_door=given.to_door)
    written = raw.get("sender_country")
    if is_blank(written) and ways.sender is not None and not raw.get("sender_facility"):
        written = ways.sender.country  # a town without a country is one of where this merchant sends from
        rule = m.SENDER_COUNTRY(country=Country(written))
        found.estimate("sender.country", written, rule)
    address = Address(
        country=_country(written, "origin_country", raw, found),
        city=raw.get("sender_city"),
        name=raw.get("sender_name"),
        company=raw.get("sender_company"),
        line1=raw.get("sender_line1"),
        postcode=raw.get("sender_postcode"),
        phone=raw.get("sender_phone"),
        tax_id=raw.get("sender_tax_id"),
        facility_id=raw.get("sender_facility") or None,
    )
    _check_number(address, "sender_tax_id", found)
    return _locate(address, ("origin", "origin_"), ways, found)


def _check_number(address: Address, field: str, found: Findings) -> None:
    """Refuses a trader's number that is none: it would stand on papers and before an authority."""
    if is_blank(address.tax_id) or not address.country:
        return
    try:
        parse_trader_number(address.country, address.tax_id)
    except InvalidNumber:
        reason = m.NO_TRADER_NUMBER(country=Country(address.country))
        found.refuse(field, address.tax_id, reason, m.TRADER_NUMBER_REMEDY())


def _receiver(raw: RawOrder, ways: Ways, found: Findings) -> Located | None:
    prefix = ""
    if not raw.get("city") and not raw.get("country") and raw.get("billing_city"):
        prefix = "billing_"
        found.estimate("receiver", raw.get("billing_city"), m.BILLING_ADDRESS())
    name = (
        raw.get(f"{prefix}name")
        or f"{raw.get(prefix + 'first_name')} {raw.get(prefix + 'last_name')}".strip()
    )
    address = Address(
        country=_country(raw.get(f"{prefix}country"), "destination_country", raw, found),
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
    _check_number(address, "tax_id", found)
    if ways.streets and is_blank(address.line1) and not address.facility_id:
        found.refuse("line1", address.line1, m.NO_STREET(), m.NO_STREET_REMEDY())
    return _destination(address, ways, found)


def _destination(address: Address, ways: Ways, found: Findings) -> Located | None:
    """Where a receiver is, unless it lies where its country's taxes would be wrong."""
    address = _with_postcode(address, found)
    answer = _find(address, ways)
    if isinstance(answer, Unlocated) and answer.contradicts:
        return _locate(address, ("destination", "destination_"), ways, found)
    told = outlying(address, answer.place if answer else None) if address.country else None
    if told is None:
        return _locate(address, ("destination", "destination_"), ways, found)
    area, field = told
    own = replace(address, country=area.code) if area.code else address
    if area.code and isinstance(
        _find(own, ways), Located
    ):  # this network serves it as the country that it is
        if own.country != address.country:
            rule = m.AREA_AS_COUNTRY(area=area.named, country=Country(address.country))
            found.estimate("receiver.country", area.code, rule)
        return _locate(own, ("destination", "destination_"), ways, found)
    if area.taxed_as:
        known = area.taxed_as in ways.rules.rulebook.countries
        rule = (m.AREA_TAXED if known else m.AREA_NOT_TAXED)(area=area.named)
        located = _locate(replace(address, area=area.taxed_as), ("destination", "destination_"), ways, found)
        if located is not None:
            found.estimate("receiver.area", area.taxed_as, rule)
        return located
    value = {"postcode": address.postcode, "region": address.region, "country": address.country}.get(
        field, address.city
    )
    found.refuse(f"destination_{field}", value, area.say(), m.AREA_REMEDY())
    return None


def _find(address: Address, ways: Ways) -> Located | Unlocated | None:
    if address.facility_id or is_blank(address.city) or not address.country:
        return None
    return ways.whereabouts.find(address, collect=False)


def _with_postcode(address: Address, found: Findings) -> Address:
    """The address with its postcode as its country writes it; what was mended or has no such form is told."""
    if not address.country or is_blank(address.postcode):
        return address
    code = postcode(address.country, address.postcode)
    if code.lost_zeros:
        found.estimate("receiver.postcode", code.text, m.ZEROS_GIVEN_BACK(given=address.postcode))
    elif code.fits is False:
        rule = m.POSTCODE_FORM(country=Country(address.country))
        found.estimate("receiver.postcode", address.postcode, rule)
    return replace(address, postcode=code.text) if code.lost_zeros else address


def _country(written: str, name: str, raw: RawOrder, found: Findings) -> str:
    if is_blank(written):
        if raw.get("sender_facility" if name == "origin_country" else "facility"):
            return ""  # the facility tells it
        found.refuse(name, written, m.NO_COUNTRY(), m.WRITE_COUNTRY())
        return ""
    return found.country(name, written) or ""


def _locate(
    address: Address, names: tuple[str, str], ways: Ways, found: Findings, to_door: bool = True
) -> Located | None:
    if not address.country and not address.facility_id:
        return None
    if is_blank(address.city) and not address.facility_id:
        found.refuse(f"{names[1]}city", address.city, m.NO_CITY(), m.WRITE_CITY())
        return None
    answer = ways.whereabouts.find(address, collect=names[0] != "destination")
    if isinstance(answer, Unlocated):
        found.refuse(f"{names[1]}{answer.field}", answer.value, answer.reason, answer.remedy)
        return None
    if answer.guess:
        party = "receiver" if names[0] == "destination" else "sender"
        found.estimate(f"{party}.city", answer.town, answer.guess)
    return answer


def _same_place(sender: Located, receiver: Located) -> bool:
    """The same street of the same town, or the same facility. A street on one side only tells them apart."""
    if (sender.address.country, sender.town) != (receiver.address.country, receiver.town):
        return False
    if not sender.address.to_door and not receiver.address.to_door:
        return True
    return sender.address.line1.casefold() == receiver.address.line1.casefold()


def _times(
    raw: RawOrder, ways: Ways, sender: Located | None, receiver: Located | None, found: Findings
) -> tuple[datetime, date | None, str]:
    ready = _ready(raw, ways, sender, found)
    promise_by = ways.promise_by
    written = raw.get("promise_by")
    if not is_blank(written):
        try:
            promise_by = day(written)
        except NotAFigure as error:
            found.refuse("promise_by", written, error.message, m.WRITE_DATE())
        else:
            zone = ZoneInfo(receiver.timezone) if receiver else ZoneInfo("UTC")
            if promise_by < ways.now.astimezone(zone).date():
                found.refuse("promise_by", written, m.PAST(), m.COMING_DAY())
            elif promise_by < ready.astimezone(zone).date():
                found.refuse("promise_by", written, m.NOT_READY(), m.LATER_DAY())
    rule = ways.rule
    if not is_blank(raw.get("rule")):
        known = RULES.get(raw.get("rule").casefold())
        if known is None:
            found.refuse("rule", raw.get("rule"), m.UNKNOWN_RULE(), m.WRITE_RULE())
        else:
            rule = known
    elif promise_by is not None:
        rule = "promise"
    if rule == "promise" and promise_by is None and not found.problems:
        found.refuse("promise_by", "", m.RULE_WITHOUT_DAY(), m.GIVE_PROMISE_DAY())
    return ready, promise_by, rule


def _ready(raw: RawOrder, ways: Ways, sender: Located | None, found: Findings) -> datetime:
    written = raw.get("ready_at")
    if is_blank(written):
        return ways.now
    zone = ZoneInfo(sender.timezone) if sender else ZoneInfo("UTC")
    try:
        ready = instant(written, zone)
        there = ready.astimezone(zone)
    except NotAFigure as error:
        found.refuse("ready_at", written, error.message, m.WRITE_DATE_OR_TIME())
        return ways.now
    except OverflowError:  # the calendar's first or last hours, as some programs write "no date"
        found.refuse("ready_at", written, m.NO_DATE(), m.WRITE_DATE_OR_TIME())
        return ways.now
    if there.date() < ways.now.astimezone(zone).date():
        found.refuse("ready_at", written, m.PAST(), m.FROM_TODAY())
    elif ready > ways.now + timedelta(days=int(limits().ready_ahead)):
        remedy = m.COME_BACK(days=limits().ready_ahead)
        found.refuse("ready_at", written, m.TOO_FAR_AHEAD(), remedy)
        return ways.now
    return max(ready, ways.now)
