"""Agreements: who is a party, which goods get which rate, and which proof of origin their value needs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from importlib.resources.abc import Traversable
from typing import Any

from qafila.core.fault import Fault
from qafila.core.message import Choice, Country, Message
from qafila.core.money import ExchangeRates, Money
from qafila.customs import customs_messages as m
from qafila.customs import reading_messages as say
from qafila.customs.assessment import Rule
from qafila.customs.expressions import Rate, parse_rate
from qafila.customs.rule_reading import RulesError, in_file, money, read_toml, rule_of, said


@dataclass(frozen=True, slots=True)
class Concession:
    """What one party grants to goods of the other."""

    source: Rule
    importing: frozenset[str]  # countries
    origins: frozenset[str]
    hs: tuple[str, ...]
    not_hs: tuple[str, ...]
    rate: Rate | None  # None: by the staging that the operator imported with the schedule
    share: Decimal | None = None  # of the usual duty that is still paid, instead of a rate
    free_circulation: bool = False  # for goods in free circulation there, of whatever origin: a customs union

    def between(self, importing: str, origin: str, sender: str) -> bool:
        """Does it hold between these countries?"""
        return importing in self.importing and (sender if self.free_circulation else origin) in self.origins

    def covers(self, importing: str, origin: str, hs: str, on: date, sender: str = "") -> bool:
        """Does it hold for these goods on that day? `sender`: the country they are sent from, if not that of origin."""
        return (
            self.between(importing, origin, sender or origin)
            and self.source.valid_from <= on
            and (self.source.valid_to is None or on <= self.source.valid_to)
            and bool(hs)
            and (not self.hs or hs.startswith(self.hs))
            and not (self.not_hs and hs.startswith(self.not_hs))
        )


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof of origin and for which value it serves."""

    kind: str  # eur1, origin_declaration, importer_claim, certificate …
    name: Message
    made_by: Message
    up_to: tuple[Money, ...]  # value of the originating goods; any one of them; empty: no limit
    importing: frozenset[str]  # empty: all
    source: Rule

    def serves(self, value: Money, importing: str, on: date, rates: ExchangeRates) -> bool:
        """Is it enough for goods of that value?"""
        if self.importing and importing not in self.importing:
            return False
        if not (
            self.source.valid_from <= on and (self.source.valid_to is None or on <= self.source.valid_to)
        ):
            return False
        return not self.up_to or any(
            rates.convert(value, limit.currency, on).amount <= limit.amount for limit in self.up_to
        )


@dataclass(frozen=True, slots=True)
class Agreement:
    """A preferential trade agreement as data."""

    id: str
    name: Message
    rule: Rule
    concessions: tuple[Concession, ...]
    proofs: tuple[Proof, ...]  # the least burdensome first

    def proof_for(self, value: Money, importing: str, on: date, rates: ExchangeRates) -> Proof | None:
        """The least burdensome proof that serves goods of this value."""
        return next((p for p in self.proofs if p.serves(value, importing, on, rates)), None)

    def concession(
        self, importing: str, origin: str, hs: str, on: date, sender: str = ""
    ) -> Concession | None:
        """What the importing country grants to these goods on that day."""
        return next((c for c in self.concessions if c.covers(importing, origin, hs, on, sender)), None)

    def party(self, importing: str, origin: str, on: date, sender: str = "") -> Concession | None:
        """What says that it is in force between two countries, whichever goods it names."""
        for c in self.concessions:
            begun = c.source.valid_from <= on and (c.source.valid_to is None or on <= c.source.valid_to)
            if begun and c.between(importing, origin, sender or origin):
                return c
        return None

    def refusal(self, importing: str, origin: str, hs: str, on: date) -> Message:
        """Why nothing is granted."""
        if not hs:
            return m.HS_MISSING()
        pairs = [c for c in self.concessions if importing in c.importing and origin in c.origins]
        if not pairs:
            return m.GRANTS_NOTHING(agreement=self.name, origin=Country(origin), country=Country(importing))
        if not any(c.source.valid_from <= on and (c.source.valid_to or on) >= on for c in pairs):
            return m.NOT_IN_FORCE(agreement=self.name)
        return m.NOT_COVERED(agreement=self.name, hs=hs)


@dataclass(frozen=True, slots=True)
class Grant:
    """A preferential rate and where it comes from."""

    agreement: Agreement
    rate: Rate
    source: Rule
    share: Decimal | None = None  # of the usual duty, instead of a rate


def read_agreement(file: Traversable, groups: dict[str, frozenset[str]]) -> Agreement:
    """An agreement from TOML. Parties are countries or groups (EU, EFTA, AfCFTA …)."""
    data = read_toml(file)
    head = data["agreement"]
    defaults: dict[str, Any] = {
        k: head[k] for k in ("legal_basis", "source", "valid_from", "confidence", "valid_to") if k in head
    }
    own = {**groups, **{name: frozenset(v) for name, v in data.get("groups", {}).items()}}

    def countries(names: list[str]) -> frozenset[str]:
        unknown = [n for n in names if n not in own and len(n) != 2]
        if unknown:
            raise RulesError(say.NO_COUNTRY(names=Choice(tuple(unknown), every=True)))
        return frozenset().union(*(own.get(n, frozenset({n})) for n in names))

    try:
        return Agreement(
            id=head["id"],
            name=said(head["name"]),
            rule=rule_of({**defaults, "id": head["id"]}),
            concessions=tuple(
                Concession(
                    source=rule_of({**defaults, **c}),
                    importing=countries(c["importing"]),
                    origins=countries(c["origins"]),
                    hs=_chapters(c.get("hs", [])),
                    not_hs=_chapters(c.get("not_hs", [])),
                    rate=parse_rate(c["rate"]) if "rate" in c else None,
                    share=Decimal(str(c["share_of_duty"])) if "share_of_duty" in c else None,
                    free_circulation=c.get("free_circulation", False),
                )
                for c in data["concession"]
            ),
            proofs=tuple(
                Proof(
                    kind=p["kind"],
                    name=said(p["name"]),
                    made_by=said(p["made_by"]),
                    up_to=tuple(money(limit) for limit in p.get("up_to", [])),
                    importing=countries(p.get("importing", [])),
                    source=rule_of({**defaults, **p}),
                )
                for p in data["proof"]
            ),
        )
    except (Fault, KeyError, ValueError) as error:
        raise in_file(file.name, error) from error


def _chapters(parts: list[str]) -> tuple[str, ...]:
    """Prefixes; "25-97" is every chapter between."""
    prefixes: list[str] = []
    for part in parts:
        first, _, last = part.partition("-")
        prefixes += [str(n).zfill(len(first)) for n in range(int(first), int(last or first) + 1)]
    return tuple(prefixes)
