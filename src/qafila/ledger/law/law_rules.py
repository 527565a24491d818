"""The rules as they stand in their files, and which of them holds on a day in a territory.

A rule of a country goes before one of the union it belongs to, and that before the rule for everywhere (`*`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import cache

from qafila.core.message import Country, Message, fact
from qafila.core.money import ExchangeRates, Money
from qafila.core.values import value
from qafila.ledger import ledger_messages as m
from qafila.ledger.law.dated import EVERYWHERE, in_force, nearest, rows, span
from qafila.ledger.law.unions import standard_vat, unions_of


@value
class Rule:
    """A rule on money: which licences let one hold it, or how much cash may be taken at most."""

    territory: str
    rule: str
    value: str
    unit: str
    valid_from: date
    valid_to: date | None
    text: str
    legal_basis: str
    source: str
    confidence: str

    def said(self) -> Message:
        """The rule in words, translated where its words are listed."""
        return fact("ledger.rule", self.text)

    def law(self) -> Message:
        """The law it stands in."""
        return fact("ledger.law", self.legal_basis)


@value
class Tax:
    """The value added tax on a service: its category (EN 16931: S standard, Z zero, O outside) and rate in per cent."""

    territory: str
    service: str  # freight, freight_abroad, service
    category: str
    rate: Decimal
    valid_from: date
    valid_to: date | None
    text: str
    legal_basis: str
    source: str
    confidence: str


@value
class Term:
    """One of the hub's own terms for money."""

    term: str
    currency: str
    value: Decimal
    unit: str
    valid_from: date
    valid_to: date | None
    source: str
    confidence: str


@value
class Licence:
    """A licence that the hub says it has."""

    territory: str
    kind: str  # bank, payment_institution, electronic_money_institution, money_transmitter
    authority: str
    number: str
    valid_from: date
    valid_to: date | None = None

    def holds(self, on: date) -> bool:
        """Whether it is in force on a day."""
        return bool(in_force([self], on))


LICENCES = ("bank", "payment_institution", "electronic_money_institution", "money_transmitter")


@value
class Regime:
    """Whether others' money passes through the hub's hands in a territory, and by which rule.

    Where it does not, cash is carried to the merchant's own bank, and there is neither wallet nor remittance.
    """

    through_us: bool
    territory: str
    rule: Rule
    licence: Licence | None = None

    @property
    def name(self) -> str:
        """How rows keep it."""
        return "through_us" if self.through_us else "own_bank"

    def why(self) -> Message:
        """The reason in words."""
        if self.licence is not None:
            return m.LICENSED(
                kind=_licence(self.licence.kind),
                number=self.licence.number,
                authority=self.licence.authority,
                country=Country(self.territory),
            )
        return m.NOT_LICENSED(country=Country(self.territory), basis=self.rule.law())


def _licence(kind: str) -> Message:
    return m.LICENCE_KINDS[kind]()


@cache
def rules() -> tuple[Rule, ...]:
    """Every rule on money, as the file has them."""
    return tuple(
        Rule(
            r["territory"],
            r["rule"],
            r["value"],
            r["unit"],
            *span(r),
            r["text"],
            r["legal_basis"],
            r["source"],
            r["confidence"],
        )
        for r in rows("qafila.ledger", "law/money-rules.csv")
    )


@cache
def taxes() -> tuple[Tax, ...]:
    """Every tax on services, as the file has them."""
    return tuple(
        Tax(
            r["territory"],
            r["service"],
            r["category"],
            Decimal(r["rate"]),
            *span(r),
            r["text"],
            r["legal_basis"],
            r["source"],
            r["confidence"],
        )
        for r in rows("qafila.ledger", "law/service-taxes.csv")
    )


@cache
def terms() -> tuple[Term, ...]:
    """The hub's terms for money, as the file has them."""
    return tuple(
        Term(r["term"], r["currency"], Decimal(r["value"]), r["unit"], *span(r), r["source"], r["confidence"])
        for r in rows("qafila.ledger", "terms.csv")
    )


def rule(name: str, territory: str, on: date) -> Rule | None:
    """The rule of a name that holds on a day in a territory; None where there is none."""
    return nearest((r for r in rules() if r.rule == name), territory, on)


def tax(service: str, territory: str, on: date) -> Tax:
    """The tax on a service on a day in a territory: by the file, else the standard rate of a state of the EU."""
    found = nearest((t for t in taxes() if t.service == service), territory, on)
    assert found is not None  # the file has one for everywhere
    if found.territory == EVERYWHERE and (known := standard_vat(territory)) is not None:
        rate, source = known
        return Tax(
            territory,
            service,
            "S",
            Decimal(str(rate)),
            found.valid_from,
            None,
            "Standard rate",
            "directive 2006/112/EC, article 97",
            source,
            "secondary",
        )
    return found


def term(name: str, on: date) -> Decimal:
    """A term that is no money. Raises KeyError where there is none."""
    return _term(name, "", on).value


def sum_of(name: str, currency: str, on: date, rates: ExchangeRates) -> Money:
    """A term that is money, in a currency: its own where it is said, else converted. Raises KeyError, UnknownRate."""
    try:
        return Money(_term(name, currency, on).value, currency)
    except KeyError:
        return rates.convert(Money(_term(name, EVERYWHERE, on).value, "EUR"), currency, on).rounded()


def _term(name: str, currency: str, on: date) -> Term:
    held = in_force((t for t in terms() if (t.term, t.currency) == (name, currency)), on)
    if not held:
        raise KeyError(f"{name} {currency} on {on}")
    return max(held, key=lambda t: t.valid_from)


def regime(territory: str, on: date, licences: Sequence[Licence]) -> Regime:
    """Whether the hub may hold others' money in a territory on a day, by the licences that it has stated.

    A licence is one for the territory itself, or for its union: those of the EU hold in each of its states.
    """
    held = rule("hold_money", territory, on)
    assert held is not None  # the file has one for everywhere
    kinds = {kind.strip() for kind in held.value.split(",")}
    places = (territory, *unions_of(territory))
    for licence in licences:
        if licence.kind in kinds and licence.territory in places and licence.holds(on):
            return Regime(True, territory, held, licence)
    return Regime(False, territory, held)


def cash_limit(territory: str, on: date) -> tuple[Money, Rule] | None:
    """The most that may be taken in cash at once, and the rule; None where there is no limit.

    A union's limit counts beside a country's own: the lower one holds.
    """
    places = (territory, *unions_of(territory))
    held = in_force((r for r in rules() if r.rule == "cash_limit" and r.territory in places), on)
    if not held:
        return None
    lowest = min(held, key=lambda r: (Decimal(r.value), places.index(r.territory)))
    return Money(Decimal(lowest.value), lowest.unit), lowest
