"""The bare figures of an assessment: values, thresholds, plans, amounts. No words, so that a batch is quick."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

from qafila.core.money import ExchangeRates
from qafila.customs.amounts import ZERO, coin, in_currency
from qafila.customs.assessment import Consignment
from qafila.customs.bases import VALUES
from qafila.customs.charge_plan import UNROUNDED, LocalRate, Plan, Step, resolve
from qafila.customs.customs_rules import Circumstances, Deemed, Territory
from qafila.customs.rulebook import Rulebook
from qafila.customs.thresholds import kept_thresholds

_PLANS_KEPT = 200_000


class Totals(NamedTuple):
    """What a batch answers for one consignment, in the destination's currency. Suspended charges are not due."""

    currency: str
    customs_value: Decimal
    total: Decimal
    by_kind: dict[str, Decimal]


@dataclass(slots=True)
class Evaluation:
    """The bare figures of an assessment: per line of goods the vector of values and charges."""

    territory: Territory
    currency: str
    vectors: list[list[Decimal]]  # per goods: VALUES, then one amount a step
    plans: list[Plan]
    consignment: list[tuple[Step, Decimal, Decimal]]  # step, base, amount
    met: frozenset[str]
    suspended: bool
    deemed: Deemed | None
    missing: list[tuple[int, Step, str]] = field(default_factory=list)  # goods, step, the quantity it needs
    waived: dict[str, Decimal] = field(default_factory=dict)  # code -> what was not collected


@lru_cache(maxsize=4096)
def _currency(territory: Territory, country: str, on: date) -> str:
    return territory.currency(country, on)


@lru_cache(maxsize=8192)
def _period(rulebook: Rulebook, territory: str, on: date, rates: ExchangeRates) -> int:
    return rulebook.period(territory, on, rates)


def evaluate(
    consignment: Consignment,
    rulebook: Rulebook,
    rates: ExchangeRates,
    forced: frozenset[str] = frozenset(),
) -> Evaluation:
    """The figures. `forced`: thresholds taken as kept whatever the value (to learn what missing them costs)."""
    on = consignment.on
    territory = rulebook.territory(consignment.destination)
    currency = _currency(territory, consignment.destination, on)
    goods = [in_currency(g.value, currency, on, rates) for g in consignment.goods]
    freight = in_currency(consignment.freight, currency, on, rates)
    insurance = in_currency(consignment.insurance, currency, on, rates)
    total_goods = sum(goods, start=ZERO)
    deemed = _deemed(consignment, territory)
    if deemed is not None:
        freight = (total_goods * deemed.percent_of_goods / 100).quantize(coin(currency), ROUND_HALF_UP)
    met = forced | kept_thresholds(consignment, territory, currency, rates, total_goods, freight + insurance)
    result = Evaluation(territory, currency, [], [], [], met, consignment.scheme == "bonded", deemed)
    if _domestic(consignment, territory):
        result.vectors = [[v, v, ZERO, ZERO, v, v] for v in goods]
        result.plans = [NO_PLAN] * len(goods)
        return result
    seen: set[tuple[int, str]] = set()
    alone = len(goods) == 1
    # where each line's part of the whole begins and ends: by value, or by lines where nothing has a value
    ends = list(accumulate(goods if total_goods else [Decimal(1)] * len(goods), initial=ZERO))
    for index, item in enumerate(consignment.goods):
        freight_share = freight if alone else _share(freight, ends[index : index + 2], ends[-1], currency)
        insurance_share = (
            insurance if alone else _share(insurance, ends[index : index + 2], ends[-1], currency)
        )
        plan = _plan(consignment, index, territory, met, rulebook, rates)
        cif = goods[index] + freight_share + insurance_share
        value = cif if territory.valuation == "CIF" else goods[index]
        vector = [value, goods[index], freight_share, insurance_share, goods[index], cif]
        for step in plan.steps:
            base = ZERO
            for position, factor in step.terms:
                base += vector[position] if factor is None else vector[position] * factor
            if step.plain:
                vector.append((base * step.fraction).quantize(step.quantum, step.rounding))
                continue
            counted = True
            if step.item_digits:
                line = (item.hs or f"?{index}")[: step.item_digits]
                counted = (id(step.charge), line) not in seen
                seen.add((id(step.charge), line))
            amount = _apply(step.local, base, consignment, index, counted, step, result)
            vector.append(amount.quantize(UNROUNDED if step.per_total else step.quantum, step.rounding))
        result.vectors.append(vector)
        result.plans.append(plan)
    if any(p.has_waiver for p in result.plans):
        _waive(result)
    if result.plans and result.plans[0].consignment_steps:
        _whole(result, consignment)
    return result


NO_PLAN = Plan((), (), (), False)


def _domestic(consignment: Consignment, territory: Territory) -> bool:
    return consignment.sender in territory.countries


def _deemed(consignment: Consignment, territory: Territory) -> Deemed | None:
    if not territory.deemed or consignment.freight is not None or consignment.insurance is not None:
        return None
    for rule in territory.deemed:
        modes = rule.when.lists.get("mode")
        started = rule.rule.valid_from <= consignment.on
        ended = rule.rule.valid_to is not None and consignment.on > rule.rule.valid_to
        if (modes is None or consignment.mode in modes) and started and not ended:
            return rule
    return None


def _share(amount: Decimal, part: list[Decimal], whole: Decimal, currency: str) -> Decimal:
    """A line's part of freight or insurance; the parts add up to the whole to the cent.

    Args:
        amount: what is shared.
        part: where the line's part of the whole begins and ends.
        whole: where the last line's part ends.
        currency: its smallest coin is what parts are rounded to.
    """
    if not amount:
        return amount
    before, until = part
    smallest = coin(currency)
    start = (amount * before / whole).quantize(smallest, ROUND_HALF_UP)
    return (amount * until / whole).quantize(smallest, ROUND_HALF_UP) - start


def _plan(
    consignment: Consignment,
    index: int,
    territory: Territory,
    met: frozenset[str],
    rulebook: Rulebook,
    rates: ExchangeRates,
) -> Plan:
    item = consignment.goods[index]
    key = (
        rates,
        territory.id,
        consignment.destination,
        _period(rulebook, territory.id, consignment.on, rates),
        item.hs,
        item.origin,
        consignment.sender,
        consignment.trade,
        consignment.channel,
        consignment.mode,
        consignment.scheme,
        consignment.declaration,
        consignment.paid_electronically,
        item.preference,
        item.hs_edition,
        met,
    )
    plan = rulebook.plans.get(key)
    if plan is None:
        if len(rulebook.plans) >= _PLANS_KEPT:
            rulebook.plans.clear()
        plan = rulebook.plans[key] = resolve(
            circumstances(consignment, index, territory, met), rulebook, rates
        )
    return plan


def circumstances(
    consignment: Consignment, index: int, territory: Territory, met: frozenset[str]
) -> Circumstances:
    """What decides the rules for one line of goods."""
    item = consignment.goods[index]
    return Circumstances(
        territory=territory.id,
        country=consignment.destination,
        on=consignment.on,
        hs=item.hs or "",
        edition=item.hs_edition,
        origin=item.origin or consignment.sender,
        sender=consignment.sender,
        trade=consignment.trade,
        channel=consignment.channel,
        mode=consignment.mode,
        scheme=consignment.scheme or "",
        declaration=consignment.declaration or "",
        electronic=consignment.paid_electronically,
        preference=item.preference or "",
        met=met,
    )


def _apply(
    rate: LocalRate,
    base: Decimal,
    consignment: Consignment,
    index: int,
    counted: bool,
    step: Step,
    result: Evaluation,
) -> Decimal:
    """A rate on a base and the goods' quantities; a quantity that is not known counts as none and is reported."""
    amount = base * rate.fraction
    item = consignment.goods[index]
    for part in rate.per_unit:
        if part.unit == "piece":
            quantity: Decimal | None = item.quantity
        elif part.unit == "kg":
            quantity = item.net_kg
        elif part.unit == "g":
            quantity = None if item.net_kg is None else item.net_kg * 1000
        elif part.unit == "litre":
            quantity = item.litres
        elif part.unit == "litre of pure alcohol":
            quantity = None if item.litres is None or item.abv is None else item.litres * item.abv / 100
        elif part.unit in ("tariff line", "consignment"):  # once
            quantity = Decimal(1) if counted else ZERO
        else:  # square metres, dry lactic matter: goods do not state it
            quantity = None
        if quantity is None:
            result.missing.append((index, step, part.unit))
        else:
            amount += part.amount * quantity
    if rate.minimum is not None:
        amount = max(amount, _apply(rate.minimum, base, consignment, index, counted, step, result))
    if rate.maximum is not None:
        before = len(result.missing)
        most = _apply(rate.maximum, base, consignment, index, counted, step, result)
        if len(result.missing) == before:  # a bound whose quantity is not known bounds nothing
            amount = min(amount, most)
    return amount


def _waive(result: Evaluation) -> None:
    """Charges whose sum over the consignment is too small to be collected."""
    sums: dict[str, Decimal] = {}
    for plan, vector in zip(result.plans, result.vectors, strict=True):
        for offset, step in enumerate(plan.steps):
            if step.waived_up_to is not None:
                sums[step.charge.code] = sums.get(step.charge.code, ZERO) + vector[len(VALUES) + offset]
    for plan, vector in zip(result.plans, result.vectors, strict=True):
        for offset, step in enumerate(plan.steps):
            if step.waived_up_to is not None and sums[step.charge.code] <= step.waived_up_to:
                result.waived[step.charge.code] = sums[step.charge.code]
                vector[len(VALUES) + offset] = ZERO.quantize(step.quantum)


def _whole(result: Evaluation, consignment: Consignment) -> None:
    """Charges on the consignment as a whole, after those on its lines."""
    for step in result.plans[0].consignment_steps:
        base = ZERO
        for term in step.charge.base.terms:
            base += term.factor * _sum_of(result, term.name)
        amount = _apply(step.local, base, consignment, 0, True, step, result)
        result.consignment.append((step, base, amount.quantize(step.quantum, step.rounding)))


def _sum_of(result: Evaluation, name: str) -> Decimal:
    if name in VALUES:
        position = VALUES.index(name)
        return sum((v[position] for v in result.vectors), start=ZERO)
    return sum(
        (
            vector[len(VALUES) + offset]
            for plan, vector in zip(result.plans, result.vectors, strict=True)
            for offset, step in enumerate(plan.steps)
            if name in (step.charge.code, step.charge.kind)
        ),
        start=ZERO,
    ) + sum((a for s, _, a in result.consignment if name in (s.charge.code, s.charge.kind)), start=ZERO)


def totals(result: Evaluation) -> Totals:
    """The sums of an evaluation."""
    by_kind: dict[str, Decimal] = {}
    value = ZERO
    unrounded: dict[str, tuple[Step, Decimal]] = {}
    for plan, vector in zip(result.plans, result.vectors, strict=True):
        value += vector[0]
        position = len(VALUES)
        for step in plan.steps:
            kind = step.charge.kind
            amount = vector[position]
            position += 1
            if step.per_total:
                before = unrounded.get(step.charge.code, (step, ZERO))[1]
                unrounded[step.charge.code] = (step, before + amount)
            elif kind in by_kind:
                by_kind[kind] += amount
            else:
                by_kind[kind] = amount
    for step, amount in unrounded.values():
        rounded = amount.quantize(step.quantum, step.rounding)
        by_kind[step.charge.kind] = by_kind.get(step.charge.kind, ZERO) + rounded
    for step, _, amount in result.consignment:
        by_kind[step.charge.kind] = by_kind.get(step.charge.kind, ZERO) + amount
    if result.suspended:
        by_kind = {}
    return Totals(result.currency, value, sum(by_kind.values(), start=ZERO), by_kind)
