"""From a file's words to values: addresses, figures, dates. Everything that is wrong is found, not the first.

A problem names its row, its field, the value as it was written, why it cannot be taken and what would
mend it. Nothing is completed here: what was not said stays None.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel import Locale

from qafila.money import Money, UnknownRate, exchange_rates
from qafila.network.places import country_code, country_suggestions
from qafila.shipping.draft import Draft, DraftItem
from qafila.shipping.figures import NotAFigure, Notation, day, instant, is_blank
from qafila.shipping.grouping import RawOrder
from qafila.shipping.limits import limits
from qafila.shipping.order import Address, Estimate, Problem
from qafila.shipping.reading import Row
from qafila.shipping.stations import Located, Unlocated, Whereabouts

RULES = {"cheapest": "cheapest", "cheap": "cheapest", "economy": "cheapest", "standard": "cheapest",
         "price": "cheapest", "fastest": "fastest", "fast": "fastest", "express": "fastest", "time": "fastest",
         "greenest": "greenest", "green": "greenest", "eco": "greenest", "co2": "greenest", "co2e": "greenest",
         "promise": "promise", "by date": "promise", "date": "promise"}  # fmt: skip
_COUNTRIES = Locale("en").territories
_YES = frozenset({"yes", "true", "1", "y", "oui", "نعم", "是"})
_NOT_TO_SHIP = {"cancelled": "cancelled", "canceled": "cancelled", "refunded": "refunded", "voided": "voided",
                "failed": "failed", "trash": "in the trash", "annulée": "cancelled"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ways:
    """What holds for a whole file: the clock, who sends where nothing says so, how to choose."""

    now: datetime  # aware UTC
    whereabouts: Whereabouts
    notation: Notation
    sender: Address | None = None  # where the file names none
    sender_rule: str = ""  # why that sender is taken, as an estimate; empty: it was told
    rule: str = "cheapest"
    promise_by: date | None = None
    currency: str | None = None  # where a price names none
    include_fulfilled: bool = False


@dataclass(slots=True)
class _Findings:
    raw: RawOrder
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, field: str, value: str, reason: str, remedy: str, row: int | None = None) -> None:
        number = self.raw.rows[0] if row is None else row
        shown = value if len(value) <= 120 else value[:119] + "…"
        self.problems.append(Problem(number, field, shown, reason, remedy, self.raw.id))


def normalise(raw: RawOrder, ways: Ways) -> Draft | list[Problem]:
    """The order's values, or everything that is wrong with it."""
    found = _Findings(raw)
    _check_status(raw, ways, found)
    estimates: list[Estimate] = []
    sender = _sender(raw, ways, found, estimates)
    receiver = _receiver(raw, ways, found, estimates)
    items = _items(raw, ways, found)
    ready, promise_by, rule = _times(raw, ways, sender, receiver, found)
    if sender and receiver and _same_place(sender.address, receiver.address):
        found.refuse(
            "destination_city", receiver.address.city, "The parcel would end where it begins.",
            "Check the two addresses; if both are right, no transport is needed.",
        )  # fmt: skip
    if found.problems or sender is None or receiver is None:
        return found.problems
    trade = raw.get("trade").casefold() or "b2c"
    if trade not in {"b2c", "b2b", "c2c"}:
        found.refuse("trade", trade, "It is not a kind of trade.", "Write b2c, b2b or c2c.")
        return found.problems
    incoterm = raw.get("incoterm").upper()
    return Draft(
        raw.id, raw.rows, content_of(raw), sender.address, receiver.address, items, ready, rule, promise_by,
        raw.get("insured").casefold() in _YES, trade,
        "receiver" if incoterm in {"DAP", "DDU", "RECEIVER"} else "sender",
        raw.get("preference") or None, raw.get("note")[:500], estimates,
    )  # fmt: skip


def content_of(raw: RawOrder) -> str:
    """What a merchant wrote of an order, as a fingerprint: the row numbers and the day of reading left out."""
    total = hashlib.sha256()
    for cells in (raw.cells, *(line.cells for line in raw.lines)):
        for name in sorted(cells):
            total.update(f"{name}\x1f{cells[name]}\x1e".encode())
        total.update(b"\x1d")
    return total.hexdigest()


def _check_status(raw: RawOrder, ways: Ways, found: _Findings) -> None:
    status = raw.get("status").casefold().removeprefix("wc-")
    if raw.get("cancelled_at") and not is_blank(raw.get("cancelled_at")):
        found.refuse(
            "cancelled_at", raw.get("cancelled_at"), "The order was cancelled.", "Leave it out of the export."
        )
    elif status in _NOT_TO_SHIP:
        found.refuse("status", status, f"The order is {_NOT_TO_SHIP[status]}.", "Leave it out of the export.")
    elif raw.get("fulfilment").casefold() == "fulfilled" and not ways.include_fulfilled:
        found.refuse(
            "fulfilment", "fulfilled", "The shop says that the order was sent already.",
            "Export the unfulfilled orders, or give --include-fulfilled to ship it again.",
        )  # fmt: skip


def _sender(raw: RawOrder, ways: Ways, found: _Findings, estimates: list[Estimate]) -> Located | None:
    if not (raw.get("sender_city") or raw.get("sender_country") or raw.get("sender_facility")):
        if ways.sender is None:
            found.refuse("sender_city", "", "Nothing says where the order is sent from.", "Give --from.")
            return None
        given = ways.sender
        if ways.sender_rule:
            estimates.append(Estimate("sender", f"{given.city}, {given.country}", ways.sender_rule))
        return _locate(given, ("sender", ""), ways, found, to_door=given.to_door)
    address = Address(
        country=_country(raw.get("sender_country"), "origin_country", raw, found),
        city=raw.get("sender_city"),
        name=raw.get("sender_name"),
        company=raw.get("sender_company"),
        line1=raw.get("sender_line1"),
        postcode=raw.get("sender_postcode"),
        phone=raw.get("sender_phone"),
        tax_id=raw.get("sender_tax_id"),
        facility_id=raw.get("sender_facility") or None,
    )
    return _locate(address, ("origin", "origin_"), ways, found)


def _receiver(raw: RawOrder, ways: Ways, found: _Findings, estimates: list[Estimate]) -> Located | None:
    prefix = ""
    if not raw.get("city") and not raw.get("country") and raw.get("billing_city"):
        prefix = "billing_"
        estimates.append(
            Estimate("receiver", raw.get("billing_city"), "no shipping address: the billing address is taken")
        )
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
    return _locate(address, ("destination", "destination_"), ways, found)


def _country(written: str, name: str, raw: RawOrder, found: _Findings) -> str:
    if is_blank(written):
        if raw.get("sender_facility" if name == "origin_country" else "facility"):
            return ""  # the facility tells it
        found.refuse(name, written, "The country is missing.", "Write its two letters (MA) or its name.")
        return ""
    code = country_code(written)
    if code is None:
        near = [f"{_COUNTRIES.get(code, code)} ({code})" for code in country_suggestions(written)]
        remedy = f"Perhaps {' or '.join(near)}?" if near else "Write its two letters (MA) or its name."
        found.refuse(name, written, "There is no such country.", remedy)
        return ""
    return code


def _locate(
    address: Address, names: tuple[str, str], ways: Ways, found: _Findings, to_door: bool = True
) -> Located | None:
    if not address.country and not address.facility_id:
        return None
    if is_blank(address.city) and not address.facility_id:
        found.refuse(f"{names[1]}city", address.city, "The city is missing.", "Write the city.")
        return None
    answer = ways.whereabouts.find(address, collect=names[0] != "destination")
    if isinstance(answer, Unlocated):
        found.refuse(f"{names[1]}{answer.field}", answer.value, answer.reason, answer.remedy)
        return None
    return answer


def _same_place(sender: Address, receiver: Address) -> bool:
    if sender.line1 and receiver.line1:
        return (sender.country, sender.city.casefold(), sender.line1.casefold()) == (
            receiver.country, receiver.city.casefold(), receiver.line1.casefold(),
        )  # fmt: skip
    return (sender.country, sender.city.casefold()) == (receiver.country, receiver.city.casefold())


def _items(raw: RawOrder, ways: Ways, found: _Findings) -> list[DraftItem]:
    items = []
    for line in raw.lines:
        if line.get("needs_shipping").casefold() in {"false", "no"}:
            continue
        items.append(_item(line, raw, ways, found))
    if not items:
        found.refuse("needs_shipping", "false", "Nothing in the order is to be shipped.", "Leave it out.")
    return items


def _item(line: Row, raw: RawOrder, ways: Ways, found: _Findings) -> DraftItem:
    row = line.number
    title = line.get("title")
    if is_blank(title):
        found.refuse("title", title, "The goods are not described.", "Say what they are.", row)
    quantity = _quantity(line, ways, found)
    return DraftItem(
        row=row,
        title=title[:500],
        quantity=quantity or 1,
        unit_value=_unit_value(line, raw, quantity, ways, found),
        grams=_grams(line, ways, found),
        size_mm=_size(line, ways, found),
        attributes=line.get("attributes")[:4000],
        category=line.get("category"),
        sku=line.get("sku"),
        hs=_hs(line, found),
        origin=country_code(line.get("goods_origin")) if line.get("goods_origin") else None,
    )


def _quantity(line: Row, ways: Ways, found: _Findings) -> int | None:
    written = line.get("quantity")
    remedy = f"Write a whole number from 1 to {limits().quantity:,}."
    if is_blank(written):
        found.refuse("quantity", written, "The quantity is missing.", remedy, line.number)
        return None
    try:
        number = ways.notation.number(written)
    except NotAFigure as error:
        found.refuse("quantity", written, str(error), remedy, line.number)
        return None
    if number != number.to_integral_value():
        found.refuse("quantity", written, "Pieces are whole.", remedy, line.number)
    elif not 1 <= number <= limits().quantity:
        reason = "It is not a number of pieces." if number < 1 else "So many pieces are not one parcel."
        found.refuse("quantity", written, reason, remedy, line.number)
    else:
        return int(number)
    return None


def _unit_value(line: Row, raw: RawOrder, quantity: int | None, ways: Ways, found: _Findings) -> Money | None:
    name = "unit_price" if line.get("unit_price") else "line_total"
    written = line.get(name)
    if is_blank(written):
        return None  # another row may tell the value of the same goods; see completing
    try:
        amount, named = ways.notation.price(written)
    except NotAFigure as error:
        found.refuse(name, written, str(error), "Write the price of one piece as a number.", line.number)
        return None
    if amount <= 0:
        reason = "Customs takes no goods without value." if amount == 0 else "A price cannot be negative."
        remedy = "State the market value of one piece, for gifts and samples too."
        found.refuse(name, written, reason, remedy, line.number)
        return None
    if name == "line_total":
        amount = amount / (quantity or 1)
    currency = (
        raw.get("currency").strip().upper() or line.get("currency").strip().upper() or named or ways.currency
    )
    if currency is None or is_blank(currency):
        found.refuse(
            "currency", "", "The price has no currency.", "Write its code (MAD, EUR, CNY …).", line.number
        )
        return None
    if currency not in exchange_rates().currencies:
        reason = "It is not a currency that can be converted."
        found.refuse("currency", currency, reason, "Write its ISO 4217 code (MAD, EUR, CNY …).", line.number)
        return None
    try:
        value = exchange_rates().convert(Money(amount * (quantity or 1), currency), "EUR", ways.now.date())
    except (UnknownRate, ValueError) as error:
        found.refuse("currency", currency, str(error), "Use another currency.", line.number)
        return None
    if value.amount > limits().declared_value:
        reason = f"The goods would be worth {value.amount:,.0f} EUR, more than one parcel may hold."
        remedy = f"Check the price and its decimal mark; the limit is {limits().declared_value:,} EUR."
        found.refuse(name, written, reason, remedy, line.number)
        return None
    return Money(amount, currency)


def _grams(line: Row, ways: Ways, found: _Findings) -> Decimal | None:
    name, unit = ("weight_kg", "kg") if line.get("weight_kg") else ("weight_g", "g")
    written = line.get(name)
    if is_blank(written):
        return None
    try:
        grams = ways.notation.grams(written, unit)
    except NotAFigure as error:
        remedy = "Write the weight of one piece in kg, or leave it empty to have it estimated."
        found.refuse(name, written, str(error), remedy, line.number)
        return None
    if grams < 0:
        found.refuse(
            name, written, "A weight cannot be negative.", "Write the weight of one piece.", line.number
        )
        return None
    if grams > limits().parcel_weight * 1000:
        reason = (
            f"One piece would weigh {grams / 1000:,f} kg; a parcel has at most {limits().parcel_weight} kg."
        )
        found.refuse(name, written, reason, "Check the unit (kg); heavier goods go as freight.", line.number)
        return None
    return grams or None  # zero says that nobody weighed it


def _size(line: Row, ways: Ways, found: _Findings) -> tuple[int, int, int] | None:
    sides: list[int] = []
    for name in ("length_cm", "width_cm", "height_cm"):
        written = line.get(name)
        if is_blank(written):
            continue
        try:
            side = ways.notation.millimetres(written)
        except NotAFigure as error:
            remedy = "Write the side in cm, or leave it empty to have it estimated."
            found.refuse(name, written, str(error), remedy, line.number)
            continue
        if side < 0:
            found.refuse(name, written, "A length cannot be negative.", "Write the side in cm.", line.number)
        elif side > limits().parcel_longest_side * 10:
            reason = f"A parcel's side has at most {limits().parcel_longest_side} cm."
            found.refuse(name, written, reason, "Check the unit (cm).", line.number)
        elif side:
            sides.append(math.ceil(side))
    return (sides[0], sides[1], sides[2]) if len(sides) == 3 else None


def _hs(line: Row, found: _Findings) -> str | None:
    written = line.get("hs")
    if is_blank(written):
        return None
    digits = written.replace(".", "").replace(" ", "")
    if digits.isdigit() and len(digits) in {5, 7, 9}:
        digits = "0" + digits  # a spreadsheet took the leading zero away
    if digits.isdigit() and digits.isascii() and 6 <= len(digits) <= 10 and digits[:2] != "00":
        return digits
    remedy = "Write 6 to 10 digits, or leave it empty to have one proposed."
    found.refuse("hs", written, "It is not an HS code.", remedy, line.number)
    return None


def _times(
    raw: RawOrder, ways: Ways, sender: Located | None, receiver: Located | None, found: _Findings
) -> tuple[datetime, date | None, str]:
    ready = _ready(raw, ways, sender, found)
    promise_by = ways.promise_by
    written = raw.get("promise_by")
    if not is_blank(written):
        try:
            promise_by = day(written)
        except NotAFigure as error:
            found.refuse("promise_by", written, str(error), "Write it as 2026-11-30.")
        else:
            zone = ZoneInfo(receiver.timezone) if receiver else ZoneInfo("UTC")
            if promise_by < ways.now.astimezone(zone).date():
                found.refuse(
                    "promise_by", written, "The day is past.", "Give a day to come, or leave it empty."
                )
            elif promise_by < ready.astimezone(zone).date():
                found.refuse("promise_by", written, "The goods are not ready by then.", "Give a later day.")
    rule = ways.rule
    if not is_blank(raw.get("rule")):
        known = RULES.get(raw.get("rule").casefold())
        if known is None:
            remedy = "Write cheapest, fastest, greenest or promise."
            found.refuse("rule", raw.get("rule"), "It is not a rule to choose by.", remedy)
        else:
            rule = known
    elif promise_by is not None:
        rule = "promise"
    if rule == "promise" and promise_by is None and not found.problems:
        remedy = "Give the day in a column promise_by, or with --promise-by."
        found.refuse("promise_by", "", "The rule is to keep a promised day, and none is given.", remedy)
    return ready, promise_by, rule


def _ready(raw: RawOrder, ways: Ways, sender: Located | None, found: _Findings) -> datetime:
    written = raw.get("ready_at")
    if is_blank(written):
        return ways.now
    zone = ZoneInfo(sender.timezone) if sender else ZoneInfo("UTC")
    try:
        ready = instant(written, zone)
    except NotAFigure as error:
        found.refuse("ready_at", written, str(error), "Write it as 2026-11-30 or 2026-11-30T14:00.")
        return ways.now
    if ready.astimezone(zone).date() < ways.now.astimezone(zone).date():
        remedy = "Give a day from today on, or leave it empty to ship now."
        found.refuse("ready_at", written, "The day is past.", remedy)
    elif ready > ways.now + timedelta(days=int(limits().ready_ahead)):
        remedy = f"Come back nearer the day: {limits().ready_ahead} days ahead are open."
        found.refuse("ready_at", written, "The timetable is not open so far ahead.", remedy)
    return max(ready, ways.now)


def end_of(on: date, timezone: str) -> datetime:
    """The last minute of a day at a place."""
    return datetime.combine(on, time(23, 59), tzinfo=ZoneInfo(timezone))
