"""Reading the rules: TOML files per territory, CSV tables beside them. Every fault names the file and the rule."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from importlib.resources.abc import Traversable
from typing import Any

from qafila.core.fault import Fault
from qafila.core.message import Choice, Message, fact
from qafila.core.money import Money
from qafila.customs import reading_messages as say
from qafila.customs.assessment import Rule
from qafila.customs.bases import KINDS, parse_base
from qafila.customs.customs_rules import (
    ChargeRule,
    Condition,
    Deemed,
    Note,
    Rounding,
    Scheme,
    Territory,
    Threshold,
)
from qafila.customs.expressions import parse_rate
from qafila.customs.rate_tables import BEGINNING, RateTable, read_table

CONFIDENCES = ("official", "secondary", "indicative")
_LISTS = ("trade", "channel", "mode", "scheme", "declaration", "country", "origin", "sender", "preference")
_PLAIN = {"hs", "not_hs", "within", "above", "preferential", "electronic"}


class RulesError(Fault):
    """A rule file that cannot be read; names the file, the rule and what is wrong."""


def read_toml(file: Traversable) -> dict[str, Any]:
    """A TOML file; raises RulesError naming it."""
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise in_file(file.name, error) from error


def read_tables(folder: Traversable) -> dict[str, RateTable]:
    """Every CSV of a folder as a rate table, by file name."""
    tables = {}
    for file in folder.iterdir():
        if file.name.endswith(".csv"):
            name = file.name.removesuffix(".csv")
            tables[name] = read_table(name, file.read_text(encoding="utf-8").splitlines())
    return tables


def read_territory(file: Traversable, tables: Mapping[str, RateTable]) -> Territory:
    """The law of one territory."""
    data = read_toml(file)
    try:
        return _territory(data, tables)
    except (Fault, KeyError, ValueError, TypeError) as error:
        raise in_file(file.name, error) from error


def in_file(name: str, error: Exception) -> RulesError:
    """What went wrong within a file, with the file's name before it."""
    told = error.told if isinstance(error, Fault) else say.NOT_READ(why=str(error))
    return RulesError(say.IN_FILE(file=name, told=told))


def _territory(data: dict[str, Any], tables: Mapping[str, RateTable]) -> Territory:
    head = data["territory"]
    defaults = data.get("defaults", {})
    default_rounding = _rounding(head.get("rounding", {}))

    def each(kind: str) -> list[dict[str, Any]]:
        return [{**defaults, **entry} for entry in data.get(kind, [])]

    charges = [_charge(e, tables, default_rounding) for e in each("charge")]
    charges += [freed for e in each("relief") for freed in _reliefs(e, charges)]
    return Territory(
        id=head["id"],
        name=head["name"],
        valuation=head["valuation"],
        currencies=tuple(
            (c.get("country", "*"), c["currency"], c.get("valid_from", BEGINNING), c.get("valid_to"))
            for c in data["currency"]
        ),
        countries=frozenset(head["countries"]),
        charges=tuple(charges),
        thresholds=tuple(_threshold(e) for e in each("threshold")),
        deemed=tuple(
            Deemed(
                rule_of(e), e["component"], Decimal(str(e["percent_of_goods"])), condition(e.get("when", {}))
            )
            for e in each("deemed")
        ),
        schemes=tuple(
            Scheme(
                e["id"],
                said(e["name"]),
                frozenset(e.get("trade", [])),
                tuple(e.get("within", [])),
                said(e["text"]),
                rule_of(e),
            )
            for e in each("scheme")
        ),
        notes=tuple(
            Note(
                said(n["text"]),
                n.get("valid_from", BEGINNING),
                n.get("valid_to"),
                condition(n.get("when", {})),
            )
            for n in data.get("note", [])
        ),
        hs_edition=head.get("hs_edition", "HS2022"),
    )


def rule_of(entry: Mapping[str, Any]) -> Rule:
    """Where an entry comes from; each of its marks has to be there."""
    missing = [k for k in ("id", "legal_basis", "source", "valid_from", "confidence") if not entry.get(k)]
    if missing:
        raise RulesError(
            say.LACKS(rule=str(entry.get("id", dict(entry))), names=Choice(tuple(missing), every=True))
        )
    if entry["confidence"] not in CONFIDENCES:
        raise RulesError(say.ONE_OF(rule=entry["id"], field="confidence", words=Choice(CONFIDENCES)))
    start, end = entry["valid_from"], entry.get("valid_to")
    if not isinstance(start, date) or (end is not None and end < start):
        raise RulesError(say.ODD_DATES(rule=entry["id"]))
    law, source = said(entry["legal_basis"]), said(entry["source"])
    return Rule(entry["id"], law, source, start, end, entry["confidence"])


def said(text: str) -> Message:
    """A text of the rules for people: the name of a charge, of a law, of a source, a note."""
    return fact("customs", text)


def said_if_any(text: str | None) -> Message | None:
    """The same; None where there is no text."""
    return said(text) if text else None


def condition(entry: Mapping[str, Any]) -> Condition:
    """A `when` table; an unknown field is an error, not a condition that never binds."""
    lists, unless = {}, {}
    for name, value in entry.items():
        if name in _LISTS:
            lists[name] = frozenset(value)
        elif name.startswith("not_") and name[4:] in _LISTS:
            unless[name[4:]] = frozenset(value)
        elif name not in _PLAIN:
            raise RulesError(say.NO_CONDITION(name=name, names=", ".join(sorted({*_LISTS, *_PLAIN}))))
    return Condition(
        lists=lists,
        unless=unless,
        hs=tuple(entry.get("hs", [])),
        not_hs=tuple(entry.get("not_hs", [])),
        within=tuple(entry.get("within", [])),
        above=tuple(entry.get("above", [])),
        preference=entry.get("preferential"),
        electronic=entry.get("electronic"),
    )


def money(text: str) -> Money:
    """ "150 EUR" as money."""
    amount, _, currency = text.partition(" ")
    return Money(Decimal(amount), currency)


def _rounding(entry: Mapping[str, Any]) -> Rounding:
    to = entry.get("to")
    return Rounding(
        Decimal(str(to)) if to is not None else None, entry.get("mode", "half_up"), entry.get("per", "line")
    )


def _threshold(entry: Mapping[str, Any]) -> Threshold:
    if entry["measured_on"] not in ("goods", "cif", "year"):
        words = Choice(("goods", "cif", "year"))
        raise RulesError(say.ONE_OF(rule=entry["id"], field="measured_on", words=words))
    limit = entry.get("limit")
    return Threshold(
        id=entry["id"],
        name=said(entry["name"]),
        limit=money(limit) if limit else None,
        measured_on=entry["measured_on"],
        rule=rule_of(entry),
        inclusive=entry.get("inclusive", True),
        times=entry.get("times"),
    )


def _reliefs(entry: Mapping[str, Any], charges: list[ChargeRule]) -> list[ChargeRule]:
    """A relief frees from several charges at once: one rule at zero for each code, before the usual ones."""
    freed = []
    for code in entry["codes"]:
        usual = next((c for c in charges if c.code == code), None)
        if usual is None:
            raise RulesError(say.NO_CHARGE(rule=entry["id"], code=code))
        rule = rule_of({**entry, "id": f"{entry['id']}.{code}"})
        freed.append(
            replace(
                usual,
                rule=rule,
                rate=parse_rate(""),
                table=None,
                schedule=False,
                preferential=False,
                when=condition(entry.get("when", {})),
                priority=entry.get("priority", 10),
                waived_up_to=None,
                share=Decimal(1),
                relief=True,
                text=said_if_any(entry.get("text")),
            )
        )
    return freed


def _charge(entry: Mapping[str, Any], tables: Mapping[str, RateTable], rounding: Rounding) -> ChargeRule:
    if entry["kind"] not in KINDS:
        raise RulesError(say.ONE_OF(rule=entry["id"], field="kind", words=Choice(tuple(KINDS))))
    table = entry.get("table")
    if table is not None and table not in tables:
        raise RulesError(say.NO_TABLE(rule=entry["id"], table=f"{table}.csv"))
    if (table is None) == ("rate" not in entry):
        raise RulesError(say.RATE_OR_TABLE(rule=entry["id"]))
    waived = entry.get("waived_up_to")
    return ChargeRule(
        rule=rule_of(entry),
        code=entry["code"],
        kind=entry["kind"],
        name=said(entry["name"]),
        base=parse_base(entry.get("base", "V")),
        rate=parse_rate(entry["rate"]) if "rate" in entry else None,
        table=tables[table] if table is not None else None,
        schedule=entry.get("schedule", False),
        preferential=entry.get("preferential", False),
        when=condition(entry.get("when", {})),
        priority=entry.get("priority", 0),
        rounding=_rounding(entry["rounding"]) if "rounding" in entry else rounding,
        scope=entry.get("scope", "item"),
        item_digits={"": 6, **entry.get("item_digits", {})},
        waived_up_to=money(waived) if waived else None,
        share=Decimal(str(entry.get("share", 1))),
        relief=entry.get("relief", False),
        text=said_if_any(entry.get("text")),
        flat=entry.get("flat", False),
        by_origin=entry.get("by_origin", False),
    )
