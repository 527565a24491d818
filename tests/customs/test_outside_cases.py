"""Cases from outside: authorities' worked examples, real rate texts, agreements. The score is printed (`-s`)."""

from __future__ import annotations

import csv
import json
from decimal import Decimal
from pathlib import Path

from qafila.core.money import exchange_rates
from qafila.customs.assessment import Assessment
from qafila.customs.customs_duty import assess
from qafila.customs.customs_exchange import consignment_from
from qafila.customs.expressions import RateTextError, parse_rate, read_rate
from qafila.customs.rulebook import rulebook

_NOT_COVERED = (
    "are in these rules only where",
    "not in these rules: the total is too low",
    "not in the total",
    "the total is not complete",
)
"""How an answer says that it does not cover something of a case."""


def _cases(folder: Path, area: str) -> list[dict[str, str]]:
    with (folder / "customs" / "outside-cases.csv").open(encoding="utf-8") as lines:
        return [row for row in csv.DictReader(lines) if row["area"] == area]


def _answer(case: dict[str, str]) -> Assessment:
    asked = {k: v for k, v in json.loads(case["input"]).items() if k != "id"}
    return assess(consignment_from(asked), rulebook(), exchange_rates())


def test_worked_examples_agree_to_the_cent_or_are_said_not_to_be_covered(shared_data: Path) -> None:
    agree, not_covered, wrong = [], [], []
    for case in _cases(shared_data, "duty"):
        answer = _answer(case)
        sums = {"total": answer.total.amount, "duty": answer.total_of("duty").amount}
        for charge in answer.charges:
            if not charge.suspended:
                sums[charge.code] = sums.get(charge.code, Decimal(0)) + charge.amount.amount
        expected = {code: Decimal(amount) for code, amount in json.loads(case["expected"]).items()}
        if all(sums.get(code) == amount for code, amount in expected.items()):
            agree.append(case["id"])
        elif any(word in str(warning) for word in _NOT_COVERED for warning in answer.warnings):
            not_covered.append(case["id"])
        else:
            wrong.append((case["id"], expected, sums))
    print(
        f"duty: {len(agree)} agree, {len(not_covered)} not covered ({', '.join(not_covered)}), {len(wrong)} wrong"
    )
    assert not wrong
    assert len(not_covered) <= 2  # trade remedies on British steel, China's tax on dear cosmetics


def test_claims_of_origin(shared_data: Path) -> None:
    expected = {
        "1": "0.00",
        "3": "0.00",
        "5": "0.00",
        "7": "0.00",
        "9": "0.00",
        "14": "0.00",
        "17": "0.00",
        "18": "0.00",
        "13": "600.00",
    }
    for case in _cases(shared_data, "origin"):
        answer = _answer(case)
        duty = answer.total_of("duty").amount
        if case["id"] in expected:
            assert duty == Decimal(expected[case["id"]]), case["id"]
        elif case["id"] == "8":  # 90 % of 30 %
            assert duty == (answer.customs_value * Decimal("0.27")).rounded().amount
        else:  # refused, and said
            assert any("not given" in str(warning) for warning in answer.warnings), case["id"]


def test_rate_texts_are_read_or_remembered_as_not_known(shared_data: Path) -> None:
    read, unknown = 0, []
    for case in _cases(shared_data, "rate-text"):
        try:
            parse_rate(case["input"])
            read += 1
        except RateTextError:
            rate = read_rate(case["input"])
            assert rate.unread == case["input"]
            assert not rate.is_free
            unknown.append(case["input"])
    print(f"rate texts: {read} read, {len(unknown)} not known")
    assert all("Cond:" in text for text in unknown)


def test_classification_is_scored(shared_data: Path) -> None:
    """Rulings of HMRC and CBP and traders' words: hard ones, and what is not sure is asked, not declared."""
    from qafila.customs.classification.classifier import classifier
    from qafila.shipping.orders.declared import sure_enough

    right = third = asked = wrong = told = 0
    cases = _cases(shared_data, "classify")
    for case in cases:
        # a case may name several codes that a broker could defend
        wanted = tuple(code.replace(".", "").strip()[:6] for code in case["expected"].strip('"').split(","))
        found = classifier().suggest(case["input"])
        best = found.best
        if best is None or found.abstained or not sure_enough(round(best.confidence, 2)):
            asked += 1
        elif not best.hs6.startswith(wanted):
            wrong += 1
        told += found.question is not None
        right += best is not None and best.hs6.startswith(wanted)
        third += any(one.hs6.startswith(wanted) for one in found.candidates[:3])
    print(
        f"classify: {right} of {len(cases)} first, {third} among three, {asked} asked about, "
        f"{wrong} wrong and not asked; {told} with a question"
    )
    assert right >= 198  # of 373; 136 by the same count before goods-forms.csv and phrases
    assert third >= 250  # 175 before
    assert wrong <= 4


def test_screening_is_scored(shared_data: Path) -> None:
    """Pairs of names from outside, against a list of all of them."""
    from qafila.customs.screening.lists import Listed
    from qafila.customs.screening.match import Party, Screener

    cases = [(json.loads(c["input"]), c["expected"] == "true") for c in _cases(shared_data, "screen")]
    names = dict.fromkeys(said[1] for said, _ in cases)
    screener = Screener([Listed(list_id="test", id=name, names=(name,)) for name in names])
    found = missed = false = 0
    for (asked, listed, *_), same in cases:
        hit = any(h.listed.id == listed for h in screener.screen(Party(asked)))
        found += hit and same
        missed += same and not hit
        false += hit and not same
    print(f"screen: {found} found, {missed} missed, {false} for review that are others")
    assert found >= 275  # of 319; what is left are nicknames and names that were translated
    assert false <= 36


def _charged(from_: str, to: str, hs: str, on: str = "2026-11-30", **more: str) -> dict[str, str]:
    """The rates of the charges on goods of 1,000 euros, by code."""
    goods = {"description": "goods", "hs": hs, "value": 1000, "origin": from_}
    asked = {
        "from": from_,
        "to": to,
        "trade": "b2b",
        "channel": "freight",
        "mode": "sea",
        "currency": "EUR",
        "date": on,
        "freight": 0,
        "insurance": 0,
        "goods": [goods],
        **more,
    }
    answer = assess(consignment_from(asked), rulebook(), exchange_rates())
    return {charge.code: str(charge.rate) for charge in answer.charges if not charge.suspended}


def test_the_law_of_each_case_stands(shared_data: Path) -> None:
    stands = {
        "01-ma.tpi 0.25 % of CIF": _charged("CN", "MA", "845011")["TPI"] == "0.25 %",
        "05-ma.di 8450/8418 30 %": (
            _charged("CN", "MA", "845011")["DI"] == _charged("CN", "MA", "841830")["DI"] == "17.5 %"
        ),
        "06-ma.di 8541 2.5 %": _charged("CN", "MA", "854143")["DI"] == "10 %",
        "11-eu.b00 food SE 12 %": (
            _charged("US", "SE", "090121")["B00"] == "6 %"
            and _charged("US", "SE", "090121", "2026-03-01")["B00"] == "12 %"
        ),
        "12-eu.b00 food AT 10 %": (
            _charged("US", "AT", "040120")["B00"] == "4.9 %"
            and _charged("US", "AT", "040120", "2026-06-01")["B00"] == "10 %"
        ),
        "21-ng": {"SUR": "7 %", "CISS": "1 %", "ETLS": "0.5 %", "VAT": "7.5 %"}.items()
        <= _charged("CN", "NG", "420222").items(),
        "24-ke": {"IDF": "2.5 %", "RDL": "2 %"}.items() <= _charged("CN", "KE", "420222").items(),
        "26-za": _charged("BW", "ZA", "420222")["CD"] == "0 %",
        "28-ci": _charged("CN", "CI", "420222")["PUA"] == "0.2 %",
        "30-us": _charged("MA", "US", "610910")["S301FL"] == "12.5 %",
    }
    assert [name for name, holds in stands.items() if not holds] == []
    told = {case["id"] for case in _cases(shared_data, "law")}
    seen = {id for id in told if any(name.startswith(id.split("-")[0] + "-") for name in stands)}
    print(f"law: {len(seen)} of {len(told)}")
    assert len(told - seen) <= 3  # the French, Romanian and Italian fees: the worked examples have them
