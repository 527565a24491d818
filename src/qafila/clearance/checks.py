"""What is wrong with a declaration though its fields are filled in: forms of numbers, limits of a dataset."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from qafila.clearance.declaration import Declaration, Party
from qafila.core.identifiers.errors import InvalidNumber
from qafila.core.identifiers.traders import parse_eori, parse_ioss, parse_trader_number
from qafila.core.money import Money, UnknownRate, exchange_rates

_NO_DAY = date.max  # an invoice without a day is worth what the newest rates say
_H7_LIMIT = Money(Decimal(150), "EUR")
_H7_EXCLUDED = ("2203", "2204", "2205", "2206", "2207", "2208", "24", "3303")


class Wrong(NamedTuple):
    """A field whose value cannot stand."""

    field: str
    reason: str
    remedy: str


def wrong(declaration: Declaration) -> Iterator[Wrong]:
    """Everything that an authority would refuse though it is filled in."""
    for name in ("declarant", "exporter", "importer"):
        party: Party = getattr(declaration, name)
        if party.number and (fault := _number(party, declaration, name)):
            yield Wrong(f"{name}.number", fault, "Give the number as the authority gave it.")
    if declaration.scheme == "ioss" and declaration.scheme_number:
        try:
            parse_ioss(declaration.scheme_number)
        except InvalidNumber as error:
            yield Wrong(
                "scheme_number", str(error), "Give the seller's IOSS number, or leave the scheme out."
            )
    if declaration.dataset == "h7":
        yield from _h7(declaration)


def _number(party: Party, declaration: Declaration, name: str) -> str:
    """Why a party's number is none; empty where it may be one."""
    try:
        if name == "declarant" and declaration.dataset == "h7":
            parse_eori(party.number)  # whoever declares to the Union is known by it
        else:
            parse_trader_number(party.country or declaration.territory, party.number)
    except InvalidNumber as error:
        return str(error)
    return ""


def _h7(declaration: Declaration) -> Iterator[Wrong]:
    """Limits of the super-reduced dataset (Reg. 2015/2446, art. 143a; 2021/234, Annex B)."""
    value = declaration.value
    if value is not None:
        try:
            worth = exchange_rates().convert(value, "EUR", declaration.invoice_date or _NO_DAY)
        except (UnknownRate, ValueError):
            worth = value if value.currency == "EUR" else _H7_LIMIT
        if worth.amount > _H7_LIMIT.amount:
            yield Wrong(
                "dataset", f"the goods are worth {worth.rounded()}, and H7 ends at an intrinsic value of {_H7_LIMIT}",
                "Declare them in H1.",
            )  # fmt: skip
    for n, line in enumerate(declaration.lines):
        if line.hs.startswith(_H7_EXCLUDED):
            yield Wrong(
                f"lines[{n}].hs",
                "alcohol, tobacco and perfume cannot be declared in H7",
                "Declare them in H1.",
            )
        if line.preference:
            yield Wrong(
                f"lines[{n}].preference",
                "a preference cannot be claimed in H7",
                "Leave it out, or declare in H1.",
            )
