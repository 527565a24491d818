"""What the returns floor speaks of: a return with its lines, a merchant's terms for returns. Values and rules, no I/O."""

from __future__ import annotations

import csv
import re
import secrets
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from qafila.core.fault import Fault
from qafila.core.money import Money
from qafila.core.values import value
from qafila.returns import returns_messages as m


class State(StrEnum):
    """Where a return stands."""

    OFFERED = "offered"  # its label is there, nobody has asked for it
    ASKED = "asked"
    ON_WAY = "on_way"
    ARRIVED = "arrived"
    INSPECTED = "inspected"
    CLOSED = "closed"
    VOID = "void"
    GONE = "gone"  # stolen, lost or destroyed on its way back


class Cause(StrEnum):
    """Why goods come back."""

    WITHDRAWAL = "withdrawal"  # the buyer's right to change his mind
    FAULTY = "faulty"  # damaged, not working, or not what was ordered
    REFUSED = "refused"  # at the door
    UNDELIVERABLE = "undeliverable"


TURNED = frozenset({Cause.REFUSED, Cause.UNDELIVERABLE})
"""Causes for which the parcel turns round by itself: no buyer asks for it."""


class Wish(StrEnum):
    """What the buyer wants for what he sends back."""

    REFUND = "refund"
    EXCHANGE = "exchange"


class Disposal(StrEnum):
    """What becomes of goods that came back."""

    STOCK = "stock"
    MERCHANT = "merchant"
    DESTROY = "destroy"


class Payer(StrEnum):
    """Who bears the freight of the way back."""

    BUYER = "buyer"
    MERCHANT = "merchant"


@value
class Grade:
    """In what state goods came back: what it takes off the refund at most, and what becomes of them by rule."""

    grade: str
    deducted: Decimal  # per cent
    disposal: Disposal


@cache
def grades() -> dict[str, Grade]:
    """The grades of grades.csv, by name."""
    with (files("qafila.returns") / "grades.csv").open(encoding="utf-8") as lines:
        return {
            r["grade"]: Grade(r["grade"], Decimal(r["deducted_percent"]), Disposal(r["disposal"]))
            for r in csv.DictReader(lines)
        }


def term(name: str, on: datetime) -> Decimal:
    """A term of return-terms.csv that holds at an instant. Raises KeyError where there is none."""
    day = on.date().isoformat()
    with (files("qafila.returns") / "return-terms.csv").open(encoding="utf-8") as lines:
        for r in csv.DictReader(lines):
            if r["term"] == name and r["valid_from"] <= day and (not r["valid_to"] or day <= r["valid_to"]):
                return Decimal(r["value"])
    raise KeyError(name)


@dataclass(frozen=True, slots=True)
class Policy:
    """A merchant's own terms for what comes back; they give buyers more than the law, never less.

    Attributes:
        facility: where returns go; empty: where the order was sent from.
        days: so many days to send goods back, where the law gives fewer.
        freight: `merchant` where he always pays the way back; empty: as the law says.
        delivery_fee: what buyers pay him for the way out, paid back where the law says so.
        currency: of that.
        beforehand: a return label is made with every booking, to lie in the parcel.
        undelivered: what becomes of a parcel that nobody takes: `return`, `destroy`, or `worth` (back only where the goods are
            worth more than the way).
        exchange: whether goods are exchanged.
    """

    facility: str = ""
    days: int = 0
    freight: str = ""
    delivery_fee: Decimal = Decimal(0)
    currency: str = "EUR"
    beforehand: bool = False
    undelivered: str = "return"
    exchange: bool = True

    def checked(self) -> Policy:
        """The same. Raises Fault where a value of it cannot be."""
        for name, good in (
            ("days", 0 <= self.days <= 1000),
            ("freight", self.freight in ("", "merchant")),
            ("delivery_fee", self.delivery_fee.is_finite() and 0 <= self.delivery_fee < 10**6),
            ("currency", bool(re.fullmatch("[A-Z]{3}", self.currency))),
            ("undelivered", self.undelivered in ("return", "destroy", "worth")),
        ):
            if not good:
                told = str(getattr(self, name))[:40]
                raise Fault(m.BAD_TERM(field=name, value=told), m.SEE_TERMS(), field=name, value=told)
        return self

    def written(self) -> dict[str, Any]:
        """As JSON keeps it."""
        return {f.name: getattr(self, f.name) for f in fields(self)} | {
            "delivery_fee": str(self.delivery_fee)
        }


def policy_of(written: dict[str, Any] | None) -> Policy:
    """A policy of JSON; the defaults where nothing is kept."""
    known = {f.name for f in fields(Policy)}
    told = {k: v for k, v in (written or {}).items() if k in known}
    if "delivery_fee" in told:
        told["delivery_fee"] = Decimal(told["delivery_fee"])
    return Policy(**told)


@value
class Line:
    """A kind of goods that comes back, or came.

    Attributes:
        line: its place among the items of the parcel, from 0.
        bought: pieces of it in the parcel.
        asked: pieces that are to come back.
        found: pieces that came; None before the inspection.
        disposal: what becomes of them; empty before.
        place: where they lie in the warehouse.
        done_at: when they were put back, handed to the merchant, or destroyed.
    """

    line: int
    sku: str
    description: str
    hs: str
    origin: str
    bought: int
    asked: int
    value: Money  # of one piece
    found: int | None = None
    grade: str = ""
    disposal: str = ""
    place: str = ""
    note: str = ""
    deducted: Decimal = Decimal(0)  # of the refund, in the currency of the value
    done_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Return:
    """Goods that come back, or may.

    Attributes:
        number: on its label: the parcel's with `-R1` behind it.
        token: the secret of the buyer's link.
        facility: where it goes.
        rule: what decides: deadline, who pays and by which law, as JSON keeps it.
        freight: of the way back, and who bears it; None until it is known.
        refund: what the buyer gets back; None before it is decided.
    """

    merchant_id: str
    id: str
    parcel: str
    number: str
    token: str
    cause: Cause
    state: State
    wish: Wish
    facility: str
    language: str
    said: str
    rule: dict[str, Any]
    freight: Money | None
    freight_by: str
    refund: Money | None
    refund_how: str  # through_us, by_merchant; empty before
    refunded_at: datetime | None
    exchange_sku: str
    exchange_order: str
    made_at: datetime
    asked_at: datetime | None
    posted_at: datetime | None
    arrived_at: datetime | None
    inspected_at: datetime | None
    closed_at: datetime | None
    lines: tuple[Line, ...] = ()

    @property
    def pieces(self) -> int:
        """Pieces that are to come back."""
        return sum(line.asked for line in self.lines)


_NUMBER = re.compile(r"([A-Z]{2}\d{9}[A-Z]{2})(?:-R(\d{1,3}))?")


def number_of(code: str) -> tuple[str, int]:
    """The parcel and the count of a return in a scanned code: of a return label, or of the parcel itself (count 0).

    Raises Fault where it is neither.
    """
    plain = "".join(code.split()).upper()[:200]
    if plain.startswith("QR1|"):
        plain = plain.split("|")[1]
    found = _NUMBER.fullmatch(plain)
    if found is None:
        raise Fault(m.NO_CODE(code=code[:60]), m.SCAN_LABEL(), field="code", value=code[:60])
    return found[1], int(found[2] or 0)


def new_token() -> str:
    """The secret of a buyer's link: 192 bits that nobody guesses."""
    return secrets.token_urlsafe(24)


@value
class Basis:
    """What a refund follows from; nothing of it says who anybody is.

    Attributes:
        lines: of each kind of goods the value of a piece, how many were found and bought, and what is deducted.
        fee: what the buyer paid for the way out, where the law has it paid back with all goods; None where not.
        freight: of the way back, where the buyer bears it; None where not.
        most: what he paid, in the same currency, where no more than that may go back; None where it is not known.
        nothing: whether nothing was paid, or other goods are sent instead.
    """

    lines: tuple[tuple[Money, int, int, Decimal], ...]
    fee: Money | None
    freight: Money | None
    most: Money | None
    nothing: bool


def basis(given: Return, fee: Money | None, most: Money | None = None, nothing: bool = False) -> Basis:
    """The basis of a return's refund. What is gone on its way back counts as it was sent: the way is not the buyer's to bear."""
    gone = given.state is State.GONE
    freight = given.freight if given.freight_by == Payer.BUYER and not gone else None
    lines = tuple(
        (line.value, line.asked if gone else line.found or 0, line.bought, line.deducted)
        for line in given.lines
    )
    return Basis(lines, fee, freight, most, nothing)


def due(basis: Basis) -> Money:
    """What the buyer gets back."""
    amount, _ = proposed(basis)
    if basis.nothing:
        return Money(Decimal(0), amount.currency)
    return amount if basis.most is None else min(amount, basis.most, key=lambda one: one.amount)


def proposed(basis: Basis) -> tuple[Money, list[tuple[str, Money]]]:
    """What is due for what was found, and how it comes about.

    Returns:
        the sum, never below nothing, and its parts: goods, deducted, delivery, freight; each with its sign.
    """
    fee, freight = basis.fee, basis.freight
    currency = basis.lines[0][0].currency
    nothing = Money(Decimal(0), currency)
    goods = sum((value * found for value, found, _, _ in basis.lines), nothing)
    less = sum((Money(deducted, currency) for _, _, _, deducted in basis.lines), nothing)
    parts = [("goods", goods.rounded())]
    if less.amount:
        parts.append(("deducted", (less * -1).rounded()))
    whole = all(found == bought for _, found, bought, _ in basis.lines)
    if fee is not None and fee.amount and whole:
        parts.append(("delivery", fee))
    if freight is not None and freight.amount:
        parts.append(("freight", (freight * -1).rounded()))
    total = sum((part for _, part in parts), nothing).rounded()
    return (total if total.amount > 0 else nothing.rounded()), parts
