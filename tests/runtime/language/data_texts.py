"""Every text of a data file that people read: what the loaders of those files give as facts."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from qafila.clearance import authority, mapping
from qafila.core.message import Message, fact
from qafila.customs.classification.knowledge import knowledge
from qafila.customs.expressions import UNITS, unit_name
from qafila.customs.restrictions import restrictions
from qafila.customs.rulebook import build
from qafila.delivery import delivery_reserving
from qafila.ledger.claims.liability import limits
from qafila.ledger.law.law_rules import rules as money_rules
from qafila.openness.privacy.privacy_rules import law_of, retention
from qafila.returns.law import duty_rules, rights
from qafila.shipping.orders.medians import medians
from qafila.shipping.orders.outlying import every_area


@cache
def data_texts() -> dict[str, str]:
    """Every text of a shipped data file in English, with the area whose catalogue holds it.

    What an operator imports at his own place (a national schedule, a list of parties) is text from outside.
    """
    found: dict[str, str] = {}
    for told in _facts(_shipped()):
        area, colon, english = told.id.partition(":")
        if colon and english:
            found.setdefault(english, f"data-{area.split('.')[0]}")
    return found


@cache
def fact_sources() -> frozenset[str]:
    """The kinds of data whose texts are walked here."""
    return frozenset(told.id.partition(":")[0] for told in _facts(_shipped()) if ":" in told.id)


def _shipped() -> Iterator[Any]:
    """What each loader makes of its files."""
    book = build(files("qafila.customs") / "rules")
    yield book.territories
    yield book.agreements
    for territory in book.territories.values():
        for charge in territory.charges:
            if charge.table is not None:
                yield charge.table.rows
    yield restrictions()
    yield [unit_name(name) for name, _ in UNITS.values()]
    yield [fact("customs.goods", goods.note) for goods in knowledge().goods if goods.note]
    yield [(rule.said(), rule.law()) for rule in money_rules()]
    yield [limit.said() for limit in limits()]
    yield [rule.said for rule in delivery_reserving.rules()]
    yield [rule.said() for rule in (*rights(), *duty_rules())]
    yield [rule.basis for rule in retention()]
    with (files("qafila") / "facts" / "keeping-duties.csv").open(encoding="utf-8") as lines:
        yield [law_of(row["law"]) for row in csv.DictReader(lines) if row["law"]]
    folder = files("qafila.clearance") / "datasets"
    for file in folder.iterdir():
        yield mapping.rows(file.name.removesuffix(".csv"))
    yield authority.risks()
    yield [(median.kind, median.source) for median in medians()]
    yield [area.named for area in every_area()]
    with (files("qafila") / "facts" / "exchange-rates.csv").open(encoding="utf-8") as lines:
        yield [fact("facts", row["source"]) for row in csv.DictReader(lines)]


def _facts(one: Any) -> Iterator[Message]:
    """The messages in a value, however deep."""
    if isinstance(one, Message):
        yield one
        for value in one.values.values():
            yield from _facts(value)
    elif is_dataclass(one):
        for field in fields(one):
            yield from _facts(getattr(one, field.name))
    elif isinstance(one, Mapping):
        for value in one.values():
            yield from _facts(value)
    elif isinstance(one, list | tuple | set | frozenset) or hasattr(one, "__next__"):
        for value in one:
            yield from _facts(value)
