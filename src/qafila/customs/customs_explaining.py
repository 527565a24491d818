"""An evaluation in words: each charge with its base, rate, source and reason; warnings; the facts used."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from qafila.core.message import AS_IT_IS, Choice, Country, Message, Term, as_it_is, clauses, fact
from qafila.core.money import ExchangeRates, Money
from qafila.customs import customs_messages as m
from qafila.customs.amounts import ZERO
from qafila.customs.assessment import Charge, Consignment, Goods
from qafila.customs.bases import VALUES
from qafila.customs.charge_plan import Step
from qafila.customs.evaluation import Evaluation
from qafila.customs.expressions import unit_name
from qafila.customs.rulebook import Rulebook

_QUANTITIES = {
    "kg": m.NET_WEIGHT, "g": m.NET_WEIGHT, "litre": m.LITRES, "litre of pure alcohol": m.LITRES_AND_ALCOHOL,
    "piece": m.PIECES,
}  # fmt: skip
_SIX_PLACES = Decimal("0.000001")


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
        yield _charge(step, None, base, rounded, m.ON_THE_TOTAL(text=_text(step)), result)
    for step, base, amount in result.consignment:
        yield _charge(step, None, base, amount, _text(step), result)


def _charge(
    step: Step, item: int | None, base: Decimal, amount: Decimal, why: Message, result: Evaluation
) -> Charge:
    if result.suspended:
        why = clauses([why, m.SUSPENDED()]) or why
    return Charge(
        kind=step.charge.kind,
        code=step.charge.code,
        name=step.charge.name,
        item=item,
        base=Money(base, result.currency).rounded(),
        rate=step.rate.said,
        amount=Money(amount, result.currency),
        rule=step.source,
        why=why,
        suspended=result.suspended,
    )


def _text(step: Step) -> Message:
    rate = step.rate.said
    applied = m.OF_BASE(rate=rate, base=step.charge.base.text) if step.rate.percent else rate
    return clauses([applied, step.charge.text, step.note]) or applied


def _why(
    goods: Goods,
    index: int,
    step: Step,
    base: Decimal,
    amount: Decimal,
    vector: list[Decimal],
    result: Evaluation,
) -> Message:
    text = _text(step)
    if step.charge.code in result.waived:
        waived = Money(result.waived[step.charge.code], result.currency)
        return m.TOO_LITTLE(text=text, amount=waived)
    if step.item_digits and not amount and step.local.per_unit:
        return clauses([text, m.LINE_COUNTED()]) or text
    if step.item_digits:
        line = m.BY_LINE(line=goods.hs[: step.item_digits]) if goods.hs else m.LINE_UNKNOWN()
        return clauses([text, line]) or text
    if len(step.charge.base.terms) > 1 and step.rate.percent and all(f is None for _, f in step.terms):
        text = m.WORKED(text=text, rate=step.rate.said, parts=_sum_of(step, vector, result.currency))
    missing = [unit for at, missed, unit in result.missing if at == index and missed is step]
    if missing:
        units = Choice(tuple(map(unit_name, missing)), every=True)
        text = clauses([text, m.WITHOUT_PART(units=units, quantity=_quantity(missing[0]))]) or text
    return text


def _sum_of(step: Step, vector: list[Decimal], currency: str) -> Decimal | Message:
    """The figures that a rate is applied to, as a sum."""
    told: Decimal | Message | None = None
    for position, _ in step.terms:
        part = Money(vector[position], currency).rounded().amount
        told = part if told is None else m.PLUS(first=told, second=part)
    return ZERO if told is None else told


def _quantity(unit: str) -> Message:
    """What the goods have to state for an amount per unit."""
    named = _QUANTITIES.get(unit)
    return named() if named is not None else m.QUANTITY_IN(unit=unit_name(unit))


def warnings_of(consignment: Consignment, result: Evaluation) -> list[Message]:
    """What the reader has to know before trusting the figures."""
    said: dict[Message, None] = {}
    for plan in result.plans:
        said.update(dict.fromkeys(plan.warnings))
    said.update(dict.fromkeys(_silent_kinds(consignment, result)))
    said.update(dict.fromkeys(_scheme_refused(consignment, result)))
    for index, step, unit in result.missing:
        told = m.QUANTITY_MISSING(
            goods=index + 1, charge=step.charge.name, rate=step.rate.said, quantity=_quantity(unit)
        )
        said[told] = None
    for index, item in enumerate(consignment.goods):
        if item.hs_estimated and item.hs:
            said[m.ESTIMATED_CODE(goods=index + 1, hs=item.hs)] = None
        used = [s for p in result.plans[index : index + 1] for s in p.steps if s.of_origin]
        if used and item.origin and consignment.sender != item.origin:
            sender, origin = Country(consignment.sender), Country(item.origin)
            said[m.SENT_FROM_ELSEWHERE(goods=index + 1, sender=sender, origin=origin)] = None
    unverified = {
        s.charge.name
        for p in result.plans
        for s in (*p.steps, *p.consignment_steps)
        if s.source.confidence == "indicative" and s.charge.kind != "duty"
    }
    if unverified:
        named = Choice(tuple(sorted(unverified, key=str)), every=True)
        said[m.NOT_VERIFIED(charges=named)] = None
    if (
        result.plans
        and consignment.freight is None
        and result.deemed is None
        and result.territory.valuation == "CIF"
        and consignment.sender not in result.territory.countries
    ):
        said[m.NO_CARRIAGE()] = None
    return list(said)


def _silent_kinds(consignment: Consignment, result: Evaluation) -> Iterator[Message]:
    """A day before the rules begin is not a day without duty."""
    if consignment.sender in result.territory.countries:
        return
    for kind, template in (("duty", m.NO_DUTY_RULE), ("vat", m.NO_VAT_RULE)):
        rules = [c.rule for c in result.territory.charges if c.kind == kind]
        found = any(s.charge.kind == kind for p in result.plans for s in (*p.steps, *p.consignment_steps))
        if rules and not found:
            first = min(r.valid_from for r in rules)
            yield template(territory=Country(result.territory.id), day=consignment.on, first=first)


def _scheme_refused(consignment: Consignment, result: Evaluation) -> Iterator[Message]:
    """A regime that was asked for and cannot be used is said, not passed over."""
    wanted = consignment.scheme
    if not wanted or wanted == "bonded" or consignment.sender in result.territory.countries:
        return
    scheme = next((s for s in result.territory.schemes if s.id == wanted), None)
    if scheme is None:
        territory = Country(result.territory.id)
        known = Choice(tuple(s.id for s in result.territory.schemes), every=True)
        yield (
            m.REGIMES_ARE(regime=wanted, territory=territory, known=known)
            if known.items
            else m.NO_SUCH_REGIME(regime=wanted, territory=territory)
        )
        return
    if scheme.trade and consignment.trade not in scheme.trade:
        trades = Choice(tuple(sorted(scheme.trade)), every=True)
        yield m.REGIME_FOR(regime=scheme.name, trades=trades)
    names = {t.id: t.name for t in result.territory.thresholds}
    for threshold in scheme.within:
        if threshold not in result.met:
            yield m.REGIME_EXCEEDED(regime=scheme.name, limit=names[threshold])


def facts_of(
    consignment: Consignment, result: Evaluation, rulebook: Rulebook, rates: ExchangeRates
) -> dict[str, Message]:
    """The figures that the answer rests on: exchange rates with their date and source, valuation, regime."""
    facts = {
        "territory": AS_IT_IS(text=Country(result.territory.id)),
        "date": AS_IT_IS(text=consignment.on),
        "valuation": as_it_is(result.territory.valuation),
    }
    if consignment.sender in result.territory.countries:
        facts["domestic"] = m.DOMESTIC()
    if result.deemed is not None:
        freight = Money(sum((v[2] for v in result.vectors), start=ZERO), result.currency)
        facts["deemed_freight"] = m.DEEMED_FREIGHT(
            freight=freight,
            percent=result.deemed.percent_of_goods,
            law=result.deemed.rule.legal_basis,
            confidence=Term("confidence", result.deemed.rule.confidence),
        )
    for agreement, value in _preferred(result).items():
        proof = rulebook.agreements[agreement].proof_for(
            Money(value, result.currency), consignment.destination, consignment.on, rates
        )
        if proof is not None:
            facts[f"proof for {agreement}"] = m.PROOF_MADE(proof=proof.name, made_by=proof.made_by)
    used = {g.value.currency for g in consignment.goods}
    used |= {paid.currency for paid in (consignment.freight, consignment.insurance) if paid is not None}
    for currency in sorted(used - {result.currency}):
        one = rates.convert(Money(Decimal(1), currency), result.currency, consignment.on).amount
        quotes = [rates.quote(c, consignment.on) for c in (currency, result.currency) if c != "EUR"]
        basis = clauses(
            m.QUOTED(
                currency=q.currency,
                day=q.valid_from,
                source=fact("facts", q.source),
                confidence=Term("confidence", q.confidence),
            )
            for q in quotes
        )
        rate = one.quantize(_SIX_PLACES)
        facts[f"rate {currency}/{result.currency}"] = (
            AS_IT_IS(text=rate) if basis is None else m.RATE_USED(rate=rate, basis=basis)
        )
    return facts


def _preferred(result: Evaluation) -> dict[str, Decimal]:
    """The value of the goods that got a preference, by agreement."""
    found: dict[str, Decimal] = {}
    for plan, vector in zip(result.plans, result.vectors, strict=True):
        for agreement in {step.preference for step in plan.steps if step.preference}:
            found[agreement] = found.get(agreement, ZERO) + vector[1]
    return found
