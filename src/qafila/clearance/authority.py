"""The customs authority behind one interface; the sandbox that ships with qafila stands behind it too.

A real authority (BADR through PortNet, ICS2, CHIEF's successors …) is another class with these four
methods: it sends a dataset and translates what comes back into an `Answer`.
"""

from __future__ import annotations

import csv
import hashlib
import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Protocol

from qafila.clearance import clearance_messages as m
from qafila.clearance.declaration import Declaration
from qafila.clearance.lifecycle import State
from qafila.clearance.mapping import missing
from qafila.core.message import Choice, Message, clauses, fact
from qafila.core.money import ExchangeRates
from qafila.core.unknown_rate import UnknownRate
from qafila.customs.restrictions import Finding


@dataclass(frozen=True, slots=True)
class Case:
    """What the authority is shown: the declaration and what is known of its goods and parties."""

    declaration: Declaration
    restrictions: tuple[Finding, ...] = ()
    open_hits: int = 0  # screening hits that nobody has cleared


@dataclass(frozen=True, slots=True)
class Answer:
    """What the authority says: the state it puts the declaration in, and why."""

    state: State
    reason: Message
    asks: tuple[str, ...] = ()  # fields that it wants mended or explained


class Authority(Protocol):
    """A customs authority."""

    name: str

    def advise(self, case: Case) -> Answer:
        """Pre-loading: assessed, information_requested or do_not_load."""

    def lodge(self, case: Case) -> Answer:
        """On lodging: accepted, information_requested or refused."""

    def channel(self, case: Case) -> Answer:
        """After acceptance: green, orange or red."""

    def inspect(self, case: Case) -> Answer:
        """After an inspection or a check of papers: released, held or refused."""


@dataclass(frozen=True, slots=True)
class Risk:
    id: str
    test: str
    argument: str
    points: int
    text: Message


class Sandbox:
    """An authority on this machine: risk rules from sandbox-risks.csv, the same answer to the same case.

    It is for learning, testing and rehearsing; its rules are not those of any country.
    """

    name = "sandbox"
    orange = 30
    red = 60

    def __init__(self, rates: ExchangeRates) -> None:
        self._rates = rates

    def advise(self, case: Case) -> Answer:
        """Prohibited goods and open screening hits do not load; vague words are asked about."""
        if barred := [f for f in case.restrictions if f.restriction.prohibited]:
            return Answer(State.DO_NOT_LOAD, barred[0].reason)
        if case.open_hits:
            return Answer(State.DO_NOT_LOAD, m.PARTIES_OPEN(n=case.open_hits))
        vague = [
            f"lines[{i}].description"
            for i, line in enumerate(case.declaration.lines)
            if is_vague(line.description)
        ]
        if vague:
            return Answer(State.INFORMATION_REQUESTED, m.VAGUE(), tuple(vague))
        return Answer(State.ASSESSED, m.ASSESSED())

    def lodge(self, case: Case) -> Answer:
        """Refuses what is prohibited, asks for what is missing, accepts the rest."""
        if barred := [f for f in case.restrictions if f.restriction.prohibited]:
            return Answer(State.REFUSED, barred[0].reason)
        if lacking := missing(case.declaration):
            fields = tuple(m.field for m in lacking)
            return Answer(
                State.INFORMATION_REQUESTED, m.FIELDS_MISSING(fields=Choice(fields, every=True)), fields
            )
        return Answer(State.ACCEPTED, m.ACCEPTED())

    def channel(self, case: Case) -> Answer:
        """Green below 30 points of risk, orange below 60, red from there."""
        told = [(risk.points, risk.text) for risk in risks() if self._applies(risk, case)]
        points = sum(p for p, _ in told)
        state = State.GREEN if points < self.orange else State.ORANGE if points < self.red else State.RED
        named = clauses(m.RISK(risk=text, points=p) for p, text in told)
        why = m.NO_RISK(points=points) if named is None else m.RISKS(points=points, risks=named)
        return Answer(state, why)

    def inspect(self, case: Case) -> Answer:
        """Holds goods whose papers are not there; releases the others."""
        lacking = [f for f in case.restrictions if not f.lifted]
        if lacking:
            asks = tuple(f"lines[{f.item}].proofs" for f in lacking)
            document = lacking[0].restriction.document
            why = (
                m.STANDS_AGAINST(reason=lacking[0].reason) if document is None else m.NEEDS(document=document)
            )
            return Answer(State.HELD, why, asks)
        return Answer(State.RELEASED, m.AS_DECLARED())

    def _applies(self, risk: Risk, case: Case) -> bool:
        declaration = case.declaration
        if risk.test == "value_above_eur":
            value = self._value_eur(declaration)
            return value is None or value > Decimal(risk.argument)
        if risk.test == "hs_prefix":
            prefixes = tuple(risk.argument.split())
            return any(line.hs.startswith(prefixes) for line in declaration.lines if line.hs)
        if risk.test == "restriction_open":
            return any(not f.lifted for f in case.restrictions)
        if risk.test == "open_hit":
            return case.open_hits > 0
        if risk.test == "value_per_kg_below_eur":
            value, weight = self._value_eur(declaration), declaration.gross_kg
            return value is not None and bool(weight) and value / (weight or 1) < Decimal(risk.argument)
        if risk.test == "dispatched_from":
            return declaration.country_of_dispatch in risk.argument.split()
        if risk.test == "sample_percent":
            # drawn by what is declared, not by the declaration's number: nobody opens it anew for a better draw
            of = f"{declaration.parcel or declaration.id}|{declaration.procedure.value}|{declaration.territory}"
            draw = int.from_bytes(hashlib.sha256(of.encode()).digest()[:4], "big") / 2**32
            return draw * 100 < float(risk.argument)
        raise ValueError(f"sandbox-risks.csv {risk.id}: unknown test {risk.test!r}")

    def _value_eur(self, declaration: Declaration) -> Decimal | None:
        if declaration.value is None:
            return None
        try:
            day = declaration.invoice_date or date.max  # undated: the newest rate
            return declaration.value.amount / self._rates.quote(declaration.value.currency, day).per_eur
        except UnknownRate:
            return None


_VAGUE_WORDS = (
    "gift gifts sample samples goods item items parts accessories product products stuff merchandise various "
    "misc other cadeau cadeaux echantillon échantillon marchandise marchandises articles divers produit "
    "produits accessoires هدية عينة بضاعة منتجات 礼品 样品 货物 商品 配件"
)
_VAGUE = frozenset(_VAGUE_WORDS.split())


def is_vague(description: str) -> bool:
    """Whether a description says nothing about the goods: nothing but words such as gift, sample, 礼品."""
    words = re.findall(r"\w+", description.lower())
    telling = [w for w in words if w not in _VAGUE and not w.isdigit() and len(w) > 1]
    return not telling


@cache
def risks() -> tuple[Risk, ...]:
    with (files("qafila.clearance") / "sandbox-risks.csv").open(encoding="utf-8") as lines:
        return tuple(
            Risk(r["id"], r["test"], r["argument"], int(r["points"]), fact("clearance", r["text"]))
            for r in csv.DictReader(lines)
        )
