"""Consignments and assessments as JSON: the form that the command, the API and files share (docs/customs.md)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from qafila.core import figures
from qafila.core.fault import Fault
from qafila.core.message import Choice, Message
from qafila.core.money import Money
from qafila.customs import customs_messages as m
from qafila.customs import nomenclature
from qafila.customs.assessment import Assessment, Consignment, Goods, Rule
from qafila.customs.hs_codes import CodeRefused, read_code
from qafila.network.network_places import country_code

_LARGEST = Decimal(10**9)  # far above any consignment: a slip of the keyboard, and cents stay exact below it
_EDITION = nomenclature.NAME
_FIRST_YEAR, _LAST_YEAR = 1900, 2200
TRADES = ("b2c", "b2b", "c2c")
CHANNELS = ("express", "post", "freight")
MODES = ("air", "sea", "road", "rail")
_KNOWN = {
    "from", "sender", "to", "destination", "date", "on", "currency", "freight", "insurance", "trade", "channel",
    "mode", "scheme", "declaration", "paid_electronically", "year_to_date", "consignments_this_year", "goods",
    "items", "lines", "id", "hs", "value", "quantity", "description", "origin", "net_kg", "litres", "preference",
}  # fmt: skip
_KNOWN_GOODS = {
    "description", "title", "quantity", "value", "unit_value", "currency", "hs", "origin", "net_kg", "kg",
    "litres", "preference", "hs_estimated",
    "hs_edition", "abv",
}  # fmt: skip


class ConsignmentError(Fault):
    """A consignment that cannot be read: which field, what is wrong, what would mend it."""

    def __init__(self, field: str, message: Message, remedy: Message | None) -> None:
        super().__init__(message, remedy, field=field)


def consignment_from(data: Mapping[str, Any], today: date | None = None) -> Consignment:
    """A consignment from its JSON form. Raises ConsignmentError; an unknown field is an error, not ignored."""
    if not isinstance(data, Mapping):
        raise ConsignmentError(
            "consignment",
            m.NOT_AN_OBJECT(),
            m.WRITE_OBJECT(example='{"from": "CN", "to": "MA", "goods": [...]}'),
        )
    _refuse_unknown(data, _KNOWN, "")
    currency = data.get("currency")
    lines = data.get("goods", data.get("items", data.get("lines")))
    if lines is None and "value" in data:  # a single item, its fields beside those of the consignment
        lines = [{k: data[k] for k in _KNOWN_GOODS & data.keys()}]
    if not isinstance(lines, list) or not lines:
        raise ConsignmentError("goods", m.NO_GOODS(), m.GIVE_GOODS(example='[{"hs": "610910", "value": 40}]'))
    when = data.get("date", data.get("on"))
    if when is None and today is None:
        raise ConsignmentError("date", m.MISSING(), m.WRITE_DAY())
    return Consignment(
        goods=tuple(_goods(line, i, currency) for i, line in enumerate(lines)),
        sender=_country(data.get("from", data.get("sender")), "from"),
        destination=_country(data.get("to", data.get("destination")), "to"),
        on=today if when is None and today is not None else _date(when),
        freight=_money(data.get("freight"), currency, "freight"),
        insurance=_money(data.get("insurance"), currency, "insurance"),
        trade=_one_of(data.get("trade", "b2c"), TRADES, "trade"),
        channel=_one_of(data.get("channel", "express"), CHANNELS, "channel"),
        mode=_one_of(data.get("mode", "air"), MODES, "mode"),
        scheme=_word(data.get("scheme"), "scheme"),
        declaration=_word(data.get("declaration"), "declaration"),
        paid_electronically=_yes(data.get("paid_electronically", True), "paid_electronically"),
        year_to_date=_money(data.get("year_to_date"), currency, "year_to_date"),
        consignments_this_year=int(
            _number(data.get("consignments_this_year", 0), "consignments_this_year", zero=True)
        ),
    )


def _goods(line: Any, index: int, currency: Any) -> Goods:
    at = f"goods[{index}]"
    if not isinstance(line, Mapping):
        raise ConsignmentError(at, m.NOT_AN_OBJECT(), m.WRITE_OBJECT(example='{"hs": "610910", "value": 40}'))
    _refuse_unknown(line, _KNOWN_GOODS, f"{at}.")
    quantity = _number(line.get("quantity", 1), f"{at}.quantity")
    own = line.get("currency", currency)
    edition = str(line.get("hs_edition") or _EDITION).upper()
    if "value" in line:
        value = _money(line["value"], own, f"{at}.value")
    else:
        unit = _money(line.get("unit_value"), own, f"{at}.unit_value")
        value = None if unit is None else _money((unit * quantity).amount, unit.currency, f"{at}.unit_value")
    if value is None:
        raise ConsignmentError(f"{at}.value", m.NO_LINE_VALUE(), m.GIVE_LINE_VALUE())
    return Goods(
        description=str(line.get("description", line.get("title", ""))),
        quantity=quantity,
        value=value,
        hs=_hs(line.get("hs"), edition, f"{at}.hs"),
        origin=None if line.get("origin") in (None, "") else _country(line["origin"], f"{at}.origin"),
        net_kg=_optional(line.get("net_kg", line.get("kg")), f"{at}.net_kg"),
        litres=_optional(line.get("litres"), f"{at}.litres"),
        abv=_optional(line.get("abv"), f"{at}.abv"),
        preference=_word(line.get("preference"), f"{at}.preference"),
        hs_edition=edition,
        hs_estimated=_yes(line.get("hs_estimated", False), f"{at}.hs_estimated"),
    )


def _refuse_unknown(data: Mapping[str, Any], known: set[str], at: str) -> None:
    for name in data:
        if name not in known:
            raise ConsignmentError(
                f"{at}{name}", m.UNKNOWN_FIELD(), m.KNOWN_FIELDS(fields=", ".join(sorted(known)))
            )


_AREA = re.compile(r"[A-Z]{2}-[A-Z0-9]{1,3}")


def _country(value: Any, field: str) -> str:
    written = str(value or "").strip()
    if field == "to" and _AREA.fullmatch(written.upper()):
        return (
            written.upper()
        )  # a part of a country with taxes of its own; the rules say whether they know it
    code = country_code(written) if len(written) == 2 else None
    if code is None:
        raise ConsignmentError(field, m.NOT_A_COUNTRY(written=written), m.WRITE_COUNTRY())
    return code


def _date(value: Any) -> date:
    try:
        day = value if isinstance(value, date) else date.fromisoformat(str(value))
    except ValueError:
        raise ConsignmentError("date", m.NOT_A_DAY(written=str(value)), m.WRITE_ISO_DAY()) from None
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:  # as some programs write "no date"
        raise ConsignmentError("date", m.NO_IMPORT_DAY(written=str(value)), m.WRITE_ISO_DAY())
    return day


def _number(value: Any, field: str, zero: bool = False) -> Decimal:
    if isinstance(value, bool):
        raise ConsignmentError(field, m.NOT_A_NUMBER(written=str(value)), m.WRITE_NUMBER())
    try:
        number = figures.number(value) if isinstance(value, str) else Decimal(str(value))
    except (InvalidOperation, figures.NotAFigure):
        raise ConsignmentError(field, m.NOT_A_NUMBER(written=str(value)), m.WRITE_NUMBER()) from None
    if not number.is_finite() or number < 0 or (number == 0 and not zero):
        raise ConsignmentError(field, m.NOT_ABOVE_ZERO(written=str(value)), m.WRITE_NUMBER())
    if number > _LARGEST:
        raise ConsignmentError(field, m.TOO_LARGE(written=str(value), most=_LARGEST), m.CHECK_UNIT())
    return number


def _optional(value: Any, field: str) -> Decimal | None:
    return None if value in (None, "") else _number(value, field)


def _money(value: Any, currency: Any, field: str) -> Money | None:
    if value is None or value == "":
        return None
    if isinstance(value, Mapping):
        currency, value = value.get("currency", currency), value.get("amount")
    if not currency:
        raise ConsignmentError(field, m.NO_CURRENCY(), m.GIVE_CURRENCY())
    try:
        return Money(_number(value, field, zero=True), str(currency).strip().upper())
    except ValueError:
        raise ConsignmentError(field, m.NOT_A_CURRENCY(written=str(currency)), m.WRITE_CURRENCY()) from None


def _hs(value: Any, edition: str, field: str) -> str | None:
    if value in (None, ""):
        return None
    try:
        # a code of another edition is converted, or looked up as written, and the assessment says so
        return read_code(str(value), edition)
    except CodeRefused as refused:
        raise ConsignmentError(field, refused.message, refused.remedy) from None


def _one_of(value: Any, allowed: tuple[str, ...], field: str) -> str:
    word = str(value).lower()
    if word not in allowed:
        raise ConsignmentError(field, m.UNKNOWN_WORD(written=str(value)), m.ONE_OF(words=Choice(allowed)))
    return word


def _yes(value: Any, field: str) -> bool:
    if not isinstance(value, bool):
        raise ConsignmentError(field, m.NOT_TRUE_OR_FALSE(written=str(value)), m.WRITE_TRUE_OR_FALSE())
    return value


def _word(value: Any, _field: str) -> str | None:
    return None if value in (None, "") else str(value).lower()


def assessment_as(assessment: Assessment, said: Callable[[Message], str] = str) -> dict[str, Any]:
    """An assessment in its JSON form. Amounts are strings, exact to the coin; `said` renders what people read."""
    kinds = list(dict.fromkeys(c.kind for c in assessment.charges))
    return {
        "currency": assessment.currency,
        "customs_value": str(assessment.customs_value.rounded().amount),
        "charges": [
            {
                "kind": c.kind,
                "code": c.code,
                "name": said(c.name),
                "item": c.item,
                "base": str(c.base.amount),
                "rate": said(c.rate),
                "amount": str(c.amount.amount),
                "currency": c.amount.currency,
                "rule": rule_as(c.rule, said),
                "why": said(c.why),
                "suspended": c.suspended,
            }
            for c in assessment.charges
        ],
        "totals": {kind: str(assessment.total_of(kind).rounded().amount) for kind in kinds},
        "total": str(assessment.total.rounded().amount),
        "percent_in_all": str(assessment.percent_in_all),
        "what_if": [
            {
                "code": w.code,
                "text": said(w.text),
                "saves": None if w.saves is None else str(w.saves.amount),
                "currency": None if w.saves is None else w.saves.currency,
                "proof": w.proof,
            }
            for w in assessment.what_if
        ],
        "warnings": list(map(said, assessment.warnings)),
        "facts": {name: said(told) for name, told in assessment.facts.items()},
    }


def rule_as(rule: Rule, said: Callable[[Message], str] = str) -> dict[str, str | None]:
    """A rule's marks in JSON form."""
    return {
        "id": rule.id,
        "legal_basis": said(rule.legal_basis),
        "source": said(rule.source),
        "valid_from": rule.valid_from.isoformat(),
        "valid_to": None if rule.valid_to is None else rule.valid_to.isoformat(),
        "confidence": rule.confidence,
    }
