"""What is wrong with a declaration though its fields are filled in: forms of numbers, limits of a dataset."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from qafila.clearance import clearance_messages as m
from qafila.clearance.declaration import Declaration, Party
from qafila.core.identifiers.errors import InvalidNumber
from qafila.core.identifiers.traders import parse_eori, parse_ioss, parse_trader_number
from qafila.core.message import Message
from qafila.core.money import Money, exchange_rates
from qafila.core.unknown_rate import UnknownRate

_NO_DAY = date.max  # an invoice without a day is worth what the newest rates say
_H7_LIMIT = Money(Decimal(150), "EUR")
_H7_EXCLUDED = ("2203", "2204", "2205", "2206", "2207", "2208", "24", "3303")


class Wrong(NamedTuple):
    """A field whose value cannot stand."""

    field: str
    reason: Message
    remedy: Message


def wrong(declaration: Declaration) -> Iterator[Wrong]:
    """Everything that an authority would refuse though it is filled in."""
    for name in ("declarant", "exporter", "importer"):
        party: Party = getattr(declaration, name)
        if party.number and (fault := _number(party, declaration, name)):
            yield Wrong(f"{name}.number", fault, m.GIVE_NUMBER())
    if declaration.scheme == "ioss" and declaration.scheme_number:
        try:
            parse_ioss(declaration.scheme_number)
        except InvalidNumber as error:
            yield Wrong("scheme_number", error.message, m.GIVE_IOSS())
    if declaration.dataset == "h7":
        yield from _h7(declaration)


def _number(party: Party, declaration: Declaration, name: str) -> Message | None:
    """Why a party's number cannot be one; None where it may be."""
    try:
        if name == "declarant" and declaration.dataset == "h7":
            parse_eori(party.number)  # whoever declares to the Union is known by it
        else:
            parse_trader_number(party.country or declaration.territory, party.number)
    except InvalidNumber as error:
        return error.message
    return None


def _h7(declaration: Declaration) -> Iterator[Wrong]:
    """Limits of the super-reduced dataset (Reg. 2015/2446, art. 143a; 2021/234, Annex B)."""
    value = declaration.value
    if value is not None:
        try:
            worth = exchange_rates().convert(value, "EUR", declaration.invoice_date or _NO_DAY)
        except (UnknownRate, ValueError):
            worth = value if value.currency == "EUR" else _H7_LIMIT
        if worth.amount > _H7_LIMIT.amount:
            yield Wrong("dataset", m.ABOVE_H7(worth=worth.rounded(), limit=_H7_LIMIT), m.DECLARE_IN_H1())
    for n, line in enumerate(declaration.lines):
        if line.hs.startswith(_H7_EXCLUDED):
            yield Wrong(f"lines[{n}].hs", m.NOT_IN_H7(), m.DECLARE_IN_H1())
        if line.preference:
            yield Wrong(f"lines[{n}].preference", m.NO_PREFERENCE_IN_H7(), m.LEAVE_OUT_OR_H1())
