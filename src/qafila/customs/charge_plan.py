"""Which rule applies to a line of goods, at which rate, in which order: resolved once and kept.

A plan depends on everything that may decide a rule (Circumstances) and on nothing else, so a batch
resolves each combination once and then only multiplies and rounds.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import (
    ROUND_DOWN,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Decimal,
)
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from qafila.core.fault import Fault
from qafila.core.message import Choice, Message, clauses
from qafila.core.money import ExchangeRates, Money, minor_units
from qafila.customs import customs_messages as m
from qafila.customs import reading_messages as say
from qafila.customs.assessment import Rule
from qafila.customs.bases import KINDS, VALUES
from qafila.customs.customs_rules import ChargeRule, Circumstances, Territory
from qafila.customs.expressions import Rate

if TYPE_CHECKING:
    from qafila.customs.rulebook import Rulebook

_MODES = {
    "half_up": ROUND_HALF_UP, "half_even": ROUND_HALF_EVEN, "half_down": ROUND_HALF_DOWN,
    "down": ROUND_DOWN, "up": ROUND_UP,
}  # fmt: skip
UNROUNDED = Decimal("0.0000000001")


@dataclass(frozen=True, slots=True)
class PerUnit:
    """A specific amount in the currency of the assessment."""

    amount: Decimal
    unit: str


@dataclass(frozen=True, slots=True)
class LocalRate:
    """A rate ready to be applied: its share as a factor, its amounts in the currency of the assessment."""

    fraction: Decimal
    per_unit: tuple[PerUnit, ...]
    minimum: LocalRate | None
    maximum: LocalRate | None

    @property
    def is_plain(self) -> bool:
        """Only a share of the base."""
        return not self.per_unit and self.minimum is None and self.maximum is None


@dataclass(frozen=True, slots=True)
class Step:
    """One charge of a plan. `terms` are positions in the vector of values (VALUES, then earlier steps)."""

    charge: ChargeRule
    source: Rule
    rate: Rate
    local: LocalRate
    plain: bool
    fraction: Decimal
    terms: tuple[tuple[int, Decimal | None], ...]  # None: factor one
    quantum: Decimal
    rounding: str
    per_total: bool
    item_digits: int  # > 0 where it is charged per tariff line
    waived_up_to: Decimal | None
    note: Message | None = None
    preference: str = ""  # the agreement that was applied
    of_origin: bool = (
        False  # it is of goods of an origin, which must come directly; not of goods in free circulation
    )


@dataclass(frozen=True, slots=True)
class Plan:
    """What is charged on a line of goods, in order."""

    steps: tuple[Step, ...]
    consignment_steps: tuple[Step, ...]
    warnings: tuple[Message, ...]
    has_waiver: bool


def order_of_codes(territory: Territory) -> list[str]:
    """Codes so that each comes after those in its base; raises ValueError where the law would go in a circle."""
    by_kind: dict[str, set[str]] = {}
    for charge in territory.charges:
        by_kind.setdefault(charge.kind, set()).add(charge.code)
    codes = {c.code for c in territory.charges}
    before: dict[str, set[str]] = {code: set() for code in dict.fromkeys(c.code for c in territory.charges)}
    for charge in territory.charges:
        for name in charge.base.charges:
            needed = {name} if name in codes else by_kind.get(name, set())
            if not needed and name not in KINDS:
                raise Fault(say.NOT_CHARGED(rule=charge.rule.id, base=charge.base.text, name=name))
            before[charge.code] |= needed - {charge.code}
    try:
        return list(TopologicalSorter(before).static_order())
    except CycleError as error:
        circle = Choice(tuple(error.args[1]), every=True)
        raise Fault(say.IN_A_CIRCLE(territory=territory.name, codes=circle)) from error


def resolve(case: Circumstances, rulebook: Rulebook, rates: ExchangeRates) -> Plan:
    """The plan for these circumstances."""
    territory = rulebook.territories[case.territory]
    currency = territory.currency(case.country, case.on)
    steps: list[Step] = []
    positions: dict[str, list[int]] = {name: [i] for i, name in enumerate(VALUES)}
    warnings: list[Message] = []
    consignment: list[Step] = []
    for code in rulebook.codes[territory.id]:
        charge = choose(territory, code, case)
        if charge is not None and charge.flat:
            usual = choose(territory, code, case, flat=False)
            if usual is not None and usual.table is not None and rulebook.tariff(usual, case).rate.is_free:
                charge = usual
        if charge is None or (charge.by_origin and rulebook.against(charge, case) is None):
            continue
        step, said = _step(charge, case, rulebook, rates, currency, positions)
        warnings += said
        if charge.scope == "consignment":
            consignment.append(step)
            continue
        position = len(VALUES) + len(steps)
        positions.setdefault(code, []).append(position)
        positions.setdefault(charge.kind, []).append(position)
        steps.append(step)
    warnings += [note.text for note in territory.notes if note.holds(case)]
    return Plan(
        tuple(steps),
        tuple(consignment),
        tuple(dict.fromkeys(warnings)),
        has_waiver=any(s.waived_up_to is not None for s in steps),
    )


def choose(territory: Territory, code: str, case: Circumstances, flat: bool = True) -> ChargeRule | None:
    """The rule of that code which applies: by priority, then by how closely it names the goods, then the newest.

    `flat`: whether rates that take the tariff's place are looked at.
    """
    best: ChargeRule | None = None
    rank: tuple[int, int, int] = (0, 0, 0)
    owed = False  # a relief from a charge that these goods do not bear is not worth a line
    for charge in territory.charges:
        if charge.code != code or not charge.in_force(case.on) or not charge.when.holds(case):
            continue
        if charge.flat and not flat:
            continue
        owed = owed or not charge.relief
        mine = (charge.priority, charge.when.depth(case.hs), charge.rule.valid_from.toordinal())
        if best is None or mine > rank:
            best, rank = charge, mine
    return best if owed else None


def _step(
    charge: ChargeRule,
    case: Circumstances,
    rulebook: Rulebook,
    rates: ExchangeRates,
    currency: str,
    positions: dict[str, list[int]],
) -> tuple[Step, list[Message]]:
    rate, source, note, preference, warnings = _rate(charge, case, rulebook)
    if charge.share != 1:
        rate = replace(rate, share=charge.share)
    coin = charge.rounding.to or Decimal(1).scaleb(-minor_units(currency))
    local = localise(rate, currency, rates, case)
    waived = charge.waived_up_to
    terms: list[tuple[int, Decimal | None]] = []
    if charge.scope == "item":
        for term in charge.base.terms:
            terms += [(p, None if term.factor == 1 else term.factor) for p in positions.get(term.name, [])]
    step = Step(
        charge=charge,
        source=source,
        rate=rate,
        local=local,
        plain=local.is_plain and charge.rounding.per == "line",
        fraction=local.fraction,
        terms=tuple(terms),
        quantum=coin,
        rounding=_MODES[charge.rounding.mode],
        per_total=charge.rounding.per == "total",
        item_digits=(
            charge.item_digits.get(case.declaration, charge.item_digits[""])
            if any(s.unit == "tariff line" for s in rate.specific)
            else 0
        ),
        waived_up_to=None if waived is None else rates.convert(waived, currency, case.on).amount,
        note=note,
        preference=preference,
        of_origin=bool(preference) and _of_origin(rulebook, case),
    )
    return step, warnings


def _of_origin(rulebook: Rulebook, case: Circumstances) -> bool:
    party = rulebook.agreements[case.preference].party(case.country, case.origin, case.on, case.sender)
    return party is None or not party.free_circulation


def localise(rate: Rate, currency: str, rates: ExchangeRates, case: Circumstances) -> LocalRate:
    """The rate with its amounts in one currency, by the rates of the day."""
    return LocalRate(
        rate.fraction,
        tuple(
            PerUnit(rates.convert(Money(s.amount, s.currency), currency, case.on).amount / s.per, s.unit)
            for s in rate.specific
        ),
        None if rate.minimum is None else localise(rate.minimum, currency, rates, case),
        None if rate.maximum is None else localise(rate.maximum, currency, rates, case),
    )


def _rate(
    charge: ChargeRule, case: Circumstances, rulebook: Rulebook
) -> tuple[Rate, Rule, Message | None, str, list[Message]]:
    """Rate, its source, a note, the preference applied, and warnings."""
    warnings: list[Message] = []
    if charge.by_origin:
        against = rulebook.against(charge, case)
        assert against is not None  # the caller has asked
        return against.rate, against.source, against.note, "", list(against.warnings)
    if charge.table is None:
        assert charge.rate is not None  # the reader has seen to it
        return charge.rate, charge.rule, None, "", warnings
    found = rulebook.tariff(charge, case)
    warnings += found.warnings
    rate, source, note = found.rate, found.source, found.note
    if charge.preferential and case.preference:
        grant = rulebook.grant(case)
        if isinstance(grant, Message):
            warnings.append(m.NOT_PREFERRED(id=case.preference, why=grant))
        elif grant.share is not None:
            less = replace(rate, percent=rate.percent * grant.share)
            return less, grant.source, m.INSTEAD_OF(rate=rate.said), case.preference, warnings
        elif rate.unread or grant.rate.rank < rate.rank:
            return grant.rate, grant.source, m.INSTEAD_OF(rate=rate.said), case.preference, warnings
        else:
            note = clauses([note, m.NO_LESS()])
    return rate, source, note, "", warnings
