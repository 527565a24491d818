"""An evaluation in words: each charge with its base, rate, source and reason; warnings; the facts used."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from qafila.core.money import ExchangeRates, Money
from qafila.customs.amounts import ZERO
from qafila.customs.assessment import Charge, Consignment, Goods
from qafila.customs.bases import VALUES
from qafila.customs.charge_plan import Step
from qafila.customs.evaluation import Evaluation
from qafila.customs.rulebook import Rulebook

_UNITS = {
    "kg": "net weight in kg",
    "g": "net weight in kg",
    "litre": "litres",
    "litre of pure alcohol": "litres and the alcohol by volume",
    "piece": "number of pieces",
}


def charges_of(consignment: Consignment, result: Evaluation) -> Iterator[Charge]:
    """Every charge, in the order in which they build on each other."""
    unrounded: dict[str, tuple[Step, Decimal, Decimal]] = {}
    for index, (plan, vector) in enumerate(zip(result.plans, result.vectors, strict=True)):
        for offset, step in enumerate(plan.steps):
            amount = vector[len(VALUES) + offset]
            base = sum(
                (vector[p] if f is None else vector[p] * f for p, f in step.terms),
                start=ZERO,
            )
            if step.per_total:
                _, bases, before = unrounded.get(step.charge.code, (step, ZERO, ZERO))
                unrounded[step.charge.code] = (step, bases + base, before + amount)
                continue
            why = _why(consignment.goods[index], index, step, base, amount, vector, result)
            yield _charge(step, index, base, amount, why, result)
    for step, base, amount in unrounded.values():
        rounded = amount.quantize(step.quantum, step.rounding)
        yield _charge(step, None, base, rounded, f"{_text(step)}, rounded on the total of all lines", result)
    for step, base, amount in result.consignment:
        yield _charge(step, None, base, amount, _text(step), result)


def _charge(
    step: Step, item: int | None, base: Decimal, amount: Decimal, why: str, result: Evaluation
) -> Charge:
    if result.suspended:
        why += "; suspended while the goods are in the bonded warehouse, due on release"
    return Charge(
        kind=step.charge.kind,
        code=step.charge.code,
        name=step.charge.name,
        item=item,
        base=Money(base, result.currency).rounded(),
        rate=str(step.rate),
        amount=Money(amount, result.currency),
        rule=step.source,
        why=why,
        suspended=result.suspended,
    )


def _text(step: Step) -> str:
    applied = f"{step.rate} of {step.charge.base.text}" if step.rate.percent else str(step.rate)
    return "; ".join(part for part in (applied, step.charge.text, step.note) if part)


def _why(
    goods: Goods,
    index: int,
    step: Step,
    base: Decimal,
    amount: Decimal,
    vector: list[Decimal],
    result: Evaluation,
) -> str:
    if step.charge.code in result.waived:
        waived = Money(result.waived[step.charge.code], result.currency)
        return f"{_text(step)}: {waived} in all is not above the amount that is collected"
    text = _text(step)
    if step.item_digits and not amount and step.local.per_unit:
        return f"{text}; its tariff line is charged with an earlier line of the consignment"
    if step.item_digits:
        line = goods.hs[: step.item_digits] if goods.hs else "not known"
        return f"{text}; tariff line {line}, whatever the quantity"
    if len(step.charge.base.terms) > 1 and step.rate.percent and all(f is None for _, f in step.terms):
        parts = " + ".join(str(Money(vector[p], result.currency).rounded().amount) for p, _ in step.terms)
        text += f" = {step.rate} of ({parts})"
    missing = [unit for at, missed, unit in result.missing if at == index and missed is step]
    if missing:
        text += f"; without its part per {', '.join(missing)}, for want of the {_UNITS.get(missing[0], 'quantity')}"
    return text


def warnings_of(consignment: Consignment, result: Evaluation) -> list[str]:
    """What the reader has to know before trusting the figures."""
    said: dict[str, None] = {}
    for plan in result.plans:
        said.update(dict.fromkeys(plan.warnings))
    said.update(dict.fromkeys(_silent_kinds(consignment, result)))
    said.update(dict.fromkeys(_scheme_refused(consignment, result)))
    for index, step, unit in result.missing:
        said[
            f"goods {index + 1}: {step.charge.name} {step.rate} needs the {_UNITS.get(unit, unit)}; "
            "that part is left out of the total"
        ] = None
    for index, item in enumerate(consignment.goods):
        if item.hs_estimated and item.hs:
            said[f"goods {index + 1}: HS {item.hs} is estimated, not confirmed"] = None
        used = [s for p in result.plans[index : index + 1] for s in p.steps if s.preference]
        if used and item.origin and consignment.sender != item.origin:
            said[
                f"goods {index + 1}: sent from {consignment.sender}, not from {item.origin}: the preference needs "
                "direct transport or proof that nothing was altered on the way"
            ] = None
    unverified = {
        s.charge.name
        for p in result.plans
        for s in (*p.steps, *p.consignment_steps)
        if s.source.confidence == "indicative" and s.charge.kind != "duty"
    }
    if unverified:
        said[f"nobody verified the rate of: {', '.join(sorted(unverified))}"] = None
    if (
        result.plans
        and consignment.freight is None
        and result.deemed is None
        and result.territory.valuation == "CIF"
        and consignment.sender not in result.territory.countries
    ):
        said[
            "freight and insurance are not declared and were taken as zero; they belong to the customs value"
        ] = None
    return list(said)


def _silent_kinds(consignment: Consignment, result: Evaluation) -> Iterator[str]:
    """A day before the rules begin is not a day without duty."""
    if consignment.sender in result.territory.countries:
        return
    for kind, name in (("duty", "duty"), ("vat", "VAT")):
        rules = [c.rule for c in result.territory.charges if c.kind == kind]
        found = any(s.charge.kind == kind for p in result.plans for s in (*p.steps, *p.consignment_steps))
        if rules and not found:
            first = min(r.valid_from for r in rules)
            yield (
                f"no rule of {result.territory.name} on {name} is known for {consignment.on}: they begin on {first}; "
                "the total is not complete"
            )


def _scheme_refused(consignment: Consignment, result: Evaluation) -> Iterator[str]:
    """A regime that was asked for and cannot be used is said, not passed over."""
    wanted = consignment.scheme
    if not wanted or wanted == "bonded" or consignment.sender in result.territory.countries:
        return
    scheme = next((s for s in result.territory.schemes if s.id == wanted), None)
    if scheme is None:
        known = ", ".join(s.id for s in result.territory.schemes) or "none"
        yield f'there is no regime "{wanted}" in {result.territory.name} (known: {known}): it is not applied'
        return
    if scheme.trade and consignment.trade not in scheme.trade:
        yield f"{scheme.name} is for {', '.join(sorted(scheme.trade))} only: it is not applied"
    names = {t.id: t.name for t in result.territory.thresholds}
    for threshold in scheme.within:
        if threshold not in result.met:
            yield f"{scheme.name} is not applied: {names[threshold]} is exceeded"


def facts_of(
    consignment: Consignment, result: Evaluation, rulebook: Rulebook, rates: ExchangeRates
) -> dict[str, str]:
    """The figures that the answer rests on: exchange rates with their date and source, valuation, regime."""
    facts = {
        "territory": result.territory.name,
        "date": consignment.on.isoformat(),
        "valuation": result.territory.valuation,
    }
    if consignment.sender in result.territory.countries:
        facts["domestic"] = "sender and destination are in the same customs territory: no import charges"
    if result.deemed is not None:
        freight = Money(sum((v[2] for v in result.vectors), start=ZERO), result.currency)
        facts["deemed_freight"] = (
            f"{freight} ({result.deemed.percent_of_goods} % of the goods' value): freight and insurance were not "
            f"declared; {result.deemed.rule.legal_basis} ({result.deemed.rule.confidence})"
        )
    for agreement, value in _preferred(result).items():
        proof = rulebook.agreements[agreement].proof_for(
            Money(value, result.currency), consignment.destination, consignment.on, rates
        )
        if proof is not None:
            facts[f"proof for {agreement}"] = f"{proof.name}, {proof.made_by}"
    used = {m.currency for g in consignment.goods for m in (g.value,)}
    used |= {m.currency for m in (consignment.freight, consignment.insurance) if m is not None}
    for currency in sorted(used - {result.currency}):
        one = rates.convert(Money(Decimal(1), currency), result.currency, consignment.on).amount
        quotes = [rates.quote(c, consignment.on) for c in (currency, result.currency) if c != "EUR"]
        basis = "; ".join(f"{q.currency} from {q.valid_from}, {q.source}, {q.confidence}" for q in quotes)
        facts[f"rate {currency}/{result.currency}"] = f"{one:.6f} ({basis})"
    return facts


def _preferred(result: Evaluation) -> dict[str, Decimal]:
    """The value of the goods that got a preference, by agreement."""
    found: dict[str, Decimal] = {}
    for plan, vector in zip(result.plans, result.vectors, strict=True):
        for agreement in {step.preference for step in plan.steps if step.preference}:
            found[agreement] = found.get(agreement, ZERO) + vector[1]
    return found
