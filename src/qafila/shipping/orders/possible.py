"""What an item may be: the limits and rules that hold for a figure, however it was told. Each function takes the value and
how it was written, gives the value or None, and puts what is wrong with it into the findings."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal

from qafila.core.message import Choice
from qafila.core.money import Money
from qafila.core.unknown_rate import UnknownRate
from qafila.customs import nomenclature
from qafila.customs.correlation import became
from qafila.customs.hs_codes import digits_of
from qafila.customs.schedules import folder
from qafila.shipping.orders import orders_messages as m
from qafila.shipping.orders.order_draft import DraftItem, DraftParcel
from qafila.shipping.orders.orders_figures import is_blank
from qafila.shipping.orders.orders_limits import limits
from qafila.shipping.orders.understanding import Findings, Ways
from qafila.shipping.orders.weighing import doubtful

__all__ = ["grams", "held", "hs_code", "is_blank", "quantity", "side", "unit_value"]

Sides = tuple[int, int, int]


def quantity(number: Decimal | int, written: str, row: int, found: Findings) -> int | None:
    """A number of pieces: whole, from 1 to the limit."""
    whole = int(number)
    if whole == number and 1 <= whole <= limits().quantity:
        return whole
    reason = m.WHOLE_PIECES() if whole != number else m.NO_PIECES() if number < 1 else m.TOO_MANY_PIECES()
    found.refuse("quantity", written, reason, m.WRITE_QUANTITY(most=limits().quantity), row)
    return None


def unit_value(
    amount: Decimal,
    currency: str,
    pieces: int,
    told: tuple[str, str],
    row: int,
    ways: Ways,
    found: Findings,
) -> Money | None:
    """The value of one piece.

    Args:
        amount: of one piece.
        currency: as a code, which need not be one that is known.
        pieces: how many there are.
        told: the field that says it, and how it is written there.
        row: where it stands.
        ways: the rates.
        found: takes what is wrong.
    """
    name, written = told
    if amount <= 0:
        reason = m.NO_VALUE() if amount == 0 else m.NEGATIVE_PRICE()
        found.refuse(name, written, reason, m.STATE_VALUE(), row)
        return None
    if currency not in ways.rules.rates.currencies:
        found.refuse("currency", currency, m.UNKNOWN_CURRENCY(), m.WRITE_ISO_CURRENCY(), row)
        return None
    total = Money(amount * pieces, currency)
    try:
        worth = ways.rules.rates.convert(total, "EUR", ways.now.date())
    except (UnknownRate, ValueError):
        reason = m.NO_RATE(currency=currency, day=ways.now.date())
        found.refuse("currency", currency, reason, m.OTHER_CURRENCY(), row)
        return None
    if not total.rounded().amount:
        found.refuse(name, written, m.BELOW_COIN(currency=currency), m.STATE_MARKET_VALUE(), row)
        return None
    if worth.amount > limits().declared_value:
        remedy = m.CHECK_PRICE(limit=Money(Decimal(limits().declared_value), "EUR"))
        found.refuse(name, written, m.WORTH_TOO_MUCH(value=worth), remedy, row)
        return None
    return Money(amount, currency)


def grams(
    weight: Decimal,
    told: tuple[str, str],
    row: int,
    found: Findings,
    of: tuple[str, str, Sides | None] | None,
) -> Decimal | None:
    """The weight of one piece.

    Args:
        weight: in g; 0 says that nobody weighed it.
        told: the field that says it, and how it is written there.
        row: where it stands.
        found: takes what is wrong.
        of: title, category and sides (mm) of the goods, with which a weight without its unit must agree; None where
            there is no doubt of the unit.
    """
    name, written = told
    if weight < 0:
        found.refuse(name, written, m.NEGATIVE_WEIGHT(), m.WRITE_WEIGHT(), row)
        return None
    if weight > limits().parcel_weight * 1000:
        reason = m.PIECE_TOO_HEAVY(kg=weight / 1000, most=limits().parcel_weight)
        found.refuse(name, written, reason, m.CHECK_KG(), row)
        return None
    if weight and of is not None and (doubt := doubtful(*of, weight)):
        less = f"{weight / 1_000_000:f}".rstrip("0")
        found.refuse(name, written, doubt, m.WEIGHT_REMEDY(kg=weight / 1000, less=less), row)
        return None
    return weight or None


def side(length: Decimal, name: str, written: str, row: int, found: Findings) -> int | None:
    """A side in whole mm; 0 says that nobody measured it."""
    if length < 0:
        found.refuse(name, written, m.NEGATIVE_LENGTH(), m.WRITE_SIDE(), row)
    elif length > limits().parcel_longest_side * 10:
        reason = m.SIDE_TOO_LONG(cm=limits().parcel_longest_side)
        found.refuse(name, written, reason, m.CHECK_CM(), row)
    elif length:
        return math.ceil(length)
    return None


def hs_code(written: str, place: int, row: int, found: Findings) -> str | None:
    """An HS code of 6 to 10 digits that there is; `place` is the item's in its order."""
    read = digits_of(written)
    digits = read.text if read else ""
    if not (digits.isdigit() and digits.isascii() and 6 <= len(digits) <= 10):
        found.refuse("hs", written, m.NO_HS(), m.WRITE_HS(), row)
        return None
    if (fault := nomenclature.fault(digits)) is None:
        if read and read.mended:
            found.estimate(f"items[{place}].hs_written", digits, m.HS_MENDED(given=written))
        return digits
    reason, near = fault
    if older := became(digits[:6], nomenclature.NAME, folder()):
        remedy = m.HS_BECAME(edition=older[0], now=nomenclature.EDITION, codes=Choice(tuple(older[1])))
    elif near:
        remedy = m.HS_NEAR(codes=Choice(tuple(near)))
    else:
        remedy = m.WRITE_HS()
    found.refuse("hs", written, reason, remedy, row)
    return None


def held(parcels: Sequence[DraftParcel], items: Sequence[DraftItem], found: Findings) -> None:
    """Whether the parcels that were said hold every piece once; none said is right, too."""
    if not parcels:
        return
    for n, item in enumerate(items):
        pieces = sum(parcel.contents.get(n, 0) for parcel in parcels)
        if pieces != item.quantity:
            reason = m.PARCEL_PIECES(held=pieces, title=item.title[:80], ordered=item.quantity)
            found.refuse("parcel", str(pieces), reason, m.PARCEL_PIECES_REMEDY(), item.row)
