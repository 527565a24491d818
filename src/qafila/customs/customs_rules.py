"""The shape of a rule: what is charged, on what, when, under which law. Plain values, no reading, no doing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from qafila.core.message import Message
from qafila.core.money import Money
from qafila.customs.assessment import Rule
from qafila.customs.bases import Base
from qafila.customs.expressions import Rate
from qafila.customs.rate_tables import RateTable


@dataclass(frozen=True, slots=True)
class Circumstances:
    """All that may decide which rule applies to a line of goods: the key under which plans are kept."""

    territory: str
    country: str
    on: date
    hs: str  # "" where it is not known
    edition: str  # of the Harmonised System in which hs is written
    origin: str
    sender: str
    trade: str
    channel: str
    mode: str
    scheme: str  # "" for none
    declaration: str  # "" where the usual one is meant
    electronic: bool
    preference: str  # agreement that is claimed, "" for none
    met: frozenset[str]  # thresholds that the consignment keeps within


@dataclass(frozen=True, slots=True)
class Condition:
    """When a rule applies; an empty field does not restrict. `unless` fields exclude."""

    lists: Mapping[str, frozenset[str]] = field(
        default_factory=dict
    )  # field of Circumstances -> values allowed
    unless: Mapping[str, frozenset[str]] = field(default_factory=dict)
    hs: tuple[str, ...] = ()  # prefixes
    not_hs: tuple[str, ...] = ()
    within: tuple[str, ...] = ()  # thresholds that have to be kept
    above: tuple[str, ...] = ()  # thresholds that have to be exceeded
    preference: bool | None = None  # claimed or not
    electronic: bool | None = None

    def holds(self, case: Circumstances) -> bool:
        """Does the rule apply to these goods?"""
        return self.holds_but_for_thresholds(case) and self._thresholds(case)

    def _thresholds(self, case: Circumstances) -> bool:
        return all(t in case.met for t in self.within) and not any(t in case.met for t in self.above)

    def holds_but_for_thresholds(self, case: Circumstances) -> bool:
        """Would it apply if the value were right?"""
        if any(getattr(case, name) not in allowed for name, allowed in self.lists.items()):
            return False
        if any(getattr(case, name) in refused for name, refused in self.unless.items()):
            return False
        if self.hs and not case.hs.startswith(self.hs):
            return False
        if self.not_hs and case.hs.startswith(self.not_hs):
            return False
        if self.preference is not None and self.preference != bool(case.preference):
            return False
        return self.electronic is None or self.electronic == case.electronic

    def depth(self, hs: str) -> int:
        """How closely the rule names these goods: digits of the longest prefix."""
        return max((len(p) for p in self.hs if hs.startswith(p)), default=0)


@dataclass(frozen=True, slots=True)
class Rounding:
    """How the law rounds: to which unit, in which direction, each line's charge or the total of a charge."""

    to: Decimal | None = None  # None: the currency's coin
    mode: str = "half_up"  # half_up, half_even, half_down, down, up
    per: str = "line"  # line, total


@dataclass(frozen=True, slots=True)
class Threshold:
    """A value up to which (or number of times that) a relief or a regime is granted."""

    id: str
    name: Message
    limit: Money | None
    measured_on: (
        str  # goods: intrinsic value of the consignment; cif: with freight and insurance; year: the person's
    )
    rule: Rule
    inclusive: bool = True
    times: int | None = None  # a number of consignments a year beside the value
    when: Condition = field(default_factory=Condition)


@dataclass(frozen=True, slots=True)
class ChargeRule:
    """One way of charging something. Rules with the same code compete: the closest that holds wins."""

    rule: Rule
    code: str
    kind: str
    name: Message
    base: Base
    rate: Rate | None  # None: from the table
    table: RateTable | None
    schedule: bool  # a national schedule that the operator imported overrides the table
    preferential: bool  # a claimed preference lowers it
    when: Condition
    priority: int
    rounding: Rounding
    scope: str  # item, consignment
    item_digits: Mapping[str, int]  # digits that make a tariff line, by declaration; "" is the usual one
    waived_up_to: Money | None  # not collected when the consignment's sum of it is no more than this
    share: Decimal
    relief: bool  # a rule that frees: its line says so and is shown at zero
    text: Message | None  # why, for people
    flat: bool = False  # takes the tariff's place, unless the tariff says free
    by_origin: bool = False  # a measure of an imported schedule against goods of one origin: anti-dumping

    @property
    def stated_rate(self) -> str:
        """The rate, or the table that has it, for people."""
        return f"table {self.table.name}" if self.table is not None else str(self.rate)

    def in_force(self, on: date) -> bool:
        """Is it the law on that day?"""
        return self.rule.valid_from <= on and (self.rule.valid_to is None or on <= self.rule.valid_to)


@dataclass(frozen=True, slots=True)
class Deemed:
    """A component of the customs value that the law supposes where it was not declared."""

    rule: Rule
    component: str  # freight (stands for freight and insurance together)
    percent_of_goods: Decimal
    when: Condition


@dataclass(frozen=True, slots=True)
class Scheme:
    """A special regime that an importer or seller may choose."""

    id: str
    name: Message
    trade: frozenset[str]
    within: tuple[str, ...]
    text: Message
    rule: Rule


@dataclass(frozen=True, slots=True)
class Note:
    """What has to be said beside the figures: a formality, or what the rules leave out."""

    text: Message
    valid_from: date
    valid_to: date | None
    when: Condition

    def holds(self, case: Circumstances) -> bool:
        """Is it to be said about these goods on that day?"""
        began = self.valid_from <= case.on
        return began and (self.valid_to is None or case.on <= self.valid_to) and self.when.holds(case)


@dataclass(frozen=True, slots=True, eq=False)
class Territory:
    """A customs territory: its law as data."""

    id: str
    name: str
    valuation: str  # CIF or FOB
    currencies: tuple[tuple[str, str, date, date | None], ...]  # country, currency, from, to
    countries: frozenset[str]
    charges: tuple[ChargeRule, ...]
    thresholds: tuple[Threshold, ...]
    deemed: tuple[Deemed, ...]
    schemes: tuple[Scheme, ...]
    notes: tuple[Note, ...]
    hs_edition: str = "HS2022"

    def currency(self, country: str, on: date) -> str:
        """The currency in which a country of the territory assesses on a day."""
        for name, currency, start, end in self.currencies:
            if name in (country, "*") and start <= on and (end is None or on <= end):
                return currency
        raise LookupError(f"{self.name} has no currency for {country} on {on}")
