"""What would have changed the answer: each alternative is the same engine run on the changed consignment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

from qafila.core.message import Choice, Country, Message, clauses
from qafila.core.money import ExchangeRates, Money
from qafila.core.unknown_rate import UnknownRate
from qafila.customs import customs_messages as m
from qafila.customs.amounts import ZERO, in_currency
from qafila.customs.assessment import Consignment, WhatIf
from qafila.customs.customs_preference import Agreement
from qafila.customs.evaluation import (
    Evaluation,
    Totals,
    circumstances,
    evaluate,
    totals,
)
from qafila.customs.origin import in_short
from qafila.customs.rulebook import Rulebook
from qafila.customs.thresholds import excess, threshold_limits

LOOK_AHEAD = timedelta(days=31)


def alternatives(
    consignment: Consignment, result: Evaluation, rulebook: Rulebook, rates: ExchangeRates
) -> tuple[WhatIf, ...]:
    """Thresholds missed, preferences not claimed, regimes not used, changes of law that are near."""
    now = totals(result)
    due = now.total

    def saving(changed: Consignment, forced: frozenset[str] = frozenset()) -> Money:
        other = totals(evaluate(changed, rulebook, rates, forced))
        return Money(due - other.total, result.currency)

    found: list[WhatIf] = []
    found += _thresholds(consignment, result, rates, saving)
    found += _preferences(consignment, result, rulebook, rates, saving)
    found += _schemes(consignment, result, saving)
    if not consignment.paid_electronically:
        saved = saving(replace(consignment, paid_electronically=True))
        if saved.amount > 0:
            found.append(WhatIf("payment", m.PAID_ELECTRONICALLY(saved=saved), saved))
    found += _changes(consignment, now, rulebook, rates, result)
    return tuple(found)


def _thresholds(
    consignment: Consignment,
    result: Evaluation,
    rates: ExchangeRates,
    saving: Callable[[Consignment, frozenset[str]], Money],
) -> Iterator[WhatIf]:
    goods = sum((v[1] for v in result.vectors), start=ZERO)
    carriage = sum((v[2] + v[3] for v in result.vectors), start=ZERO)
    for threshold, limit in threshold_limits(result.territory, consignment.on, result.currency, rates):
        if threshold.id in result.met:
            continue
        saved = saving(consignment, frozenset({threshold.id}))
        if saved.amount <= 0:
            continue
        if limit is not None:
            over = excess(threshold, limit, consignment, result.currency, rates, goods, carriage).rounded()
            if over.amount > 0 or (over.amount == 0 and not threshold.inclusive):
                stated = threshold.limit or Money(limit, result.currency)
                told = m.OVER_LIMIT(relief=threshold.name, limit=stated, excess=over, saved=saved)
                yield WhatIf("threshold", told, saved)
                continue
        used_up = m.USED_UP(relief=threshold.name, times=threshold.times or 0, saved=saved)
        yield WhatIf("threshold", used_up, saved)


def _preferences(
    consignment: Consignment,
    result: Evaluation,
    rulebook: Rulebook,
    rates: ExchangeRates,
    saving: Callable[[Consignment], Money],
) -> Iterator[WhatIf]:
    for agreement, indexes in _eligible(consignment, result, rulebook).items():
        claimed = _claim(consignment, indexes, agreement)
        saved, in_full = saving(claimed), False
        if saved.amount <= 0:
            # in some regimes a preference is only looked at in a full declaration
            full = replace(
                claimed, declaration="h1", scheme=None if claimed.scheme == "ioss" else claimed.scheme
            )
            if full == claimed:
                continue
            saved = saving(full)
            in_full = True
        if saved.amount <= 0:
            continue
        value = sum(
            (
                in_currency(consignment.goods[i].value, result.currency, consignment.on, rates)
                for i in indexes
            ),
            start=ZERO,
        )
        proof = rulebook.agreements[agreement].proof_for(
            Money(value, result.currency), consignment.destination, consignment.on, rates
        )
        if proof is None:
            continue
        origin = consignment.goods[indexes[0]].origin or consignment.sender
        first = (m.WITH_PROOF_IN_FULL if in_full else m.WITH_PROOF)(proof=proof.name, saved=saved)
        under = m.AGREEMENT_ON(
            agreement=rulebook.agreements[agreement].name,
            goods=Choice(tuple(i + 1 for i in indexes), every=True),
            origin=Country(origin),
        )
        rule = in_short(rulebook.origin_rules.get(agreement), consignment.goods[indexes[0]].hs or "")
        no_ioss = m.NOT_THROUGH_IOSS() if in_full and consignment.scheme == "ioss" else None
        told = clauses([first, under, proof.made_by, rule, no_ioss]) or first
        yield WhatIf("h1" if in_full else "preference", told, saved, proof.kind)


def _eligible(consignment: Consignment, result: Evaluation, rulebook: Rulebook) -> dict[str, list[int]]:
    """Agreements not claimed, each with the goods that it covers."""
    found: dict[str, list[int]] = {}
    for index, item in enumerate(consignment.goods):
        if item.preference or not item.hs:
            continue
        case = circumstances(consignment, index, result.territory, result.met)
        for agreement in rulebook.agreements_for(case.country, case.origin, case.hs, case.on):
            if _has_rate(agreement, rulebook, consignment, index, result):
                found.setdefault(agreement.id, []).append(index)
    return found


def _has_rate(
    agreement: Agreement, rulebook: Rulebook, consignment: Consignment, index: int, result: Evaluation
) -> bool:
    case = circumstances(consignment, index, result.territory, result.met)
    return not isinstance(rulebook.grant(replace(case, preference=agreement.id)), Message)


def _claim(consignment: Consignment, indexes: list[int], agreement: str) -> Consignment:
    claimed = set(indexes)
    return replace(
        consignment,
        goods=tuple(
            replace(g, preference=agreement) if i in claimed else g for i, g in enumerate(consignment.goods)
        ),
    )


def _schemes(
    consignment: Consignment, result: Evaluation, saving: Callable[[Consignment], Money]
) -> Iterator[WhatIf]:
    for scheme in result.territory.schemes:
        if consignment.scheme or (scheme.trade and consignment.trade not in scheme.trade):
            continue
        started = scheme.rule.valid_from <= consignment.on
        if not started or (scheme.rule.valid_to is not None and consignment.on > scheme.rule.valid_to):
            continue
        if any(t not in result.met for t in scheme.within):
            continue
        saved = saving(replace(consignment, scheme=scheme.id))
        if scheme.id != "bonded" and saved.amount > 0:
            told = m.SCHEME_SAVES(scheme=scheme.name, saved=saved, text=scheme.text)
            yield WhatIf(scheme.id, told, saved)
        else:
            yield WhatIf(scheme.id, m.SCHEME(scheme=scheme.name, text=scheme.text))


def _changes(
    consignment: Consignment, now: Totals, rulebook: Rulebook, rates: ExchangeRates, result: Evaluation
) -> Iterator[WhatIf]:
    """The next change of law within a month, where it changes this total."""
    for day in rulebook.changes(result.territory.id, consignment.on, consignment.on + LOOK_AHEAD):
        try:
            then = totals(evaluate(replace(consignment, on=day), rulebook, rates))
        except UnknownRate:
            continue
        if then.total == now.total or then.currency != now.currency:
            continue
        more = Money(abs(then.total - now.total), now.currency)
        rises = then.total > now.total
        told = (m.LAW_CHANGES_MORE if rises else m.LAW_CHANGES_LESS)(day=day, amount=more)
        yield WhatIf("date", told, None if rises else more)
        return
