"""The rulebook: every territory's law, agreements and schedules, shipped and imported, with its look-ups."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from qafila.core.fault import Fault, NotFound
from qafila.core.message import Choice, Country, Message, Value
from qafila.core.money import ExchangeRates
from qafila.customs import customs_messages as m
from qafila.customs import reading_messages as say
from qafila.customs.assessment import Rule
from qafila.customs.charge_plan import Plan, order_of_codes
from qafila.customs.customs_preference import Agreement, Grant, read_agreement
from qafila.customs.customs_rules import ChargeRule, Circumstances, Territory
from qafila.customs.expressions import NOT_GRANTED, NOT_LOADED, Rate
from qafila.customs.origin import RuleSet, stored_origin_rules
from qafila.customs.rule_reading import read_tables, read_territory, read_toml
from qafila.customs.schedules import Match, Schedule, folder, stored_schedules
from qafila.customs.vat import vat_table

EVERY_ORIGIN = "*"
_A_COUNTRY = 2  # letters of its code; longer ones are of parts with rates of their own


class UnknownTerritory(NotFound, LookupError):
    """No rules are loaded for a destination."""

    kind = "no-rules"


@dataclass(frozen=True, slots=True)
class Found:
    """A rate looked up, with where it comes from and what to be told about it."""

    rate: Rate
    source: Rule
    note: Message | None
    warnings: tuple[Message, ...]


@dataclass(eq=False)
class Rulebook:
    """Everything the engine needs to know about the law. Build it once; `plans` fills as it is used."""

    territories: dict[str, Territory]
    agreements: dict[str, Agreement]
    schedules: dict[str, tuple[Schedule, ...]] = field(default_factory=dict)
    origin_rules: dict[str, list[RuleSet]] = field(
        default_factory=dict
    )  # by agreement, where they are loaded
    plans: dict[tuple[object, ...], Plan] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.codes = {t.id: order_of_codes(t) for t in self.territories.values()}
        self._periods: dict[tuple[str, ExchangeRates], list[date]] = {}
        self._changes = {t.id: _changes(t) for t in self.territories.values()}
        self._by_country = {country: t for t in self.territories.values() for country in t.countries}
        for territory in self.territories.values():
            _check(territory)

    @property
    def countries(self) -> frozenset[str]:
        """Every country whose import charges are known."""
        return frozenset(self._by_country)

    def territory(self, country: str) -> Territory:
        """The customs territory of a country; raises UnknownTerritory with the remedy."""
        found = self._by_country.get(country)
        if found is None:
            known = Choice(
                tuple(Country(code) for code in sorted(self._by_country) if len(code) == _A_COUNTRY),
                every=True,
            )
            raise UnknownTerritory(
                m.NO_RULES(country=Country(country)), m.RULES_THERE_ARE(countries=known), value=country
            )
        return found

    def tariff(self, charge: ChargeRule, case: Circumstances) -> Found:
        """The rate of a table, or of the national schedule that overrides it."""
        if charge.schedule and case.hs:
            for schedule in self.schedules.get(case.territory, ()):
                match = schedule.find(charge.code, case.hs, case.on, case.edition)
                if match is not None:
                    return _from_schedule(charge, schedule, match)
        assert charge.table is not None
        row = charge.table.find(case.hs, case.on, case.country)
        if row is None:
            warning = (
                m.NO_RATE_KNOWN(charge=charge.name, hs=case.hs)
                if case.hs
                else m.NO_RATE_WITHOUT_CODE(charge=charge.name)
            )
            return Found(Rate(unread=NOT_LOADED), unknown(charge.rule), None, (warning,))
        source = Rule(
            id=f"{charge.rule.id}/{row.hs or 'default'}",
            legal_basis=charge.rule.legal_basis,
            source=row.source or (m.BROAD_TABLE() if row.confidence == "indicative" else charge.rule.source),
            valid_from=max(row.valid_from, charge.rule.valid_from),
            valid_to=min((d for d in (row.valid_to, charge.rule.valid_to) if d), default=None),
            confidence=row.confidence,
        )
        warnings: list[Message] = []
        edition = self.territories[case.territory].hs_edition
        if case.hs and case.edition != edition and row.hs:
            warnings.append(m.OTHER_EDITION(hs=case.hs, edition=case.edition, own=edition))
        if charge.kind == "duty" and not case.hs:
            warnings.append(m.CODE_IS_MISSING())
        elif charge.kind == "duty" and row.confidence == "indicative":
            told: dict[str, Value] = {
                "charge": charge.name,
                "rate": row.rate.said,
                "hs": case.hs,
                "command": f"`qafila customs import --territory {case.territory}`",
            }
            warnings.append(m.INDICATIVE(prefix=row.hs, **told) if row.hs else m.INDICATIVE_DEFAULT(**told))
        return Found(row.rate, source, row.note, tuple(warnings))

    def grant(self, case: Circumstances) -> Grant | Message:
        """The preferential rate that is claimed, or why it is not given."""
        agreement = self.agreements.get(case.preference)
        if agreement is None:
            return m.NO_AGREEMENT(known=Choice(tuple(sorted(self.agreements)), every=True))
        party = agreement.party(case.country, case.origin, case.on, case.sender)
        if party is None or not case.hs:
            return agreement.refusal(case.country, case.origin, case.hs, case.on)
        for schedule in self.schedules.get(case.territory, ()):
            match = schedule.find(agreement.id, case.hs, case.on, case.edition)
            if match is not None and match.rate.unread == NOT_GRANTED:
                return m.SCHEDULE_GRANTS_NONE(
                    source=schedule.origin.source, hs=case.hs, agreement=agreement.name
                )
            if match is not None and match.rate.unread:
                return m.PREFERENCE_UNREAD(agreement=agreement.name, hs=case.hs, words=match.rate.unread)
            if match is not None:  # the schedule grants it in whichever chapter
                source = schedule.source(f"{party.source.id}/{match.hs}", party.source, match)
                return Grant(agreement, match.rate, source)
        found = agreement.concession(case.country, case.origin, case.hs, case.on, case.sender)
        if found is None:
            return agreement.refusal(case.country, case.origin, case.hs, case.on)
        if found.share is not None:
            return Grant(agreement, Rate(), found.source, found.share)
        if found.rate is not None:
            return Grant(agreement, found.rate, found.source)
        return m.PREFERENCE_NOT_LOADED(agreement=agreement.name, hs=case.hs)

    def against(self, charge: ChargeRule, case: Circumstances) -> Found | None:
        """A measure that an imported schedule has against goods of one origin (anti-dumping, countervailing duty);
        None where it has none for these goods."""
        for schedule in self.schedules.get(case.territory, ()):
            for origin in (case.origin, EVERY_ORIGIN):
                match = schedule.find(f"{charge.code}@{origin}", case.hs, case.on, case.edition)
                if match is not None:
                    return _from_schedule(charge, schedule, match)
        return None

    def changes(self, territory: str, after: date, until: date) -> list[date]:
        """The days in between on which the territory's law changes, rates in tables included."""
        return [day for day in self._changes[territory] if after < day <= until]

    def period(self, territory: str, on: date, rates: ExchangeRates) -> int:
        """The number of the span of days, around this one, in which neither the law nor a rate changes."""
        key = (territory, rates)
        days = self._periods.get(key)
        if days is None:
            changing = set(self._changes[territory]) | rates.days
            for agreement in self.agreements.values():
                changing |= _days(c.source for c in agreement.concessions)
            for schedule in self.schedules.get(territory, ()):
                changing |= {line.valid_from for line in schedule.lines}
                changing |= {line.valid_to + timedelta(days=1) for line in schedule.lines if line.valid_to}
            days = self._periods[key] = sorted(changing)
        return bisect_right(days, on)

    def agreements_for(
        self, importing: str, origin: str, hs: str, on: date, sender: str = ""
    ) -> list[Agreement]:
        """Agreements under which these goods may be preferred."""
        return [
            a for a in self.agreements.values() if a.concession(importing, origin, hs, on, sender) is not None
        ]


def _from_schedule(charge: ChargeRule, schedule: Schedule, match: Match) -> Found:
    source = schedule.source(f"{charge.rule.id}/{match.hs}", charge.rule, match)
    if match.rate.unread:
        return Found(match.rate, unknown(source), match.note, match.warnings)
    return Found(match.rate, source, match.note, match.warnings)


def unknown(rule: Rule) -> Rule:
    """The source of a rate that is not known: nobody may take its line for an official figure."""
    return Rule(rule.id, rule.legal_basis, rule.source, rule.valid_from, rule.valid_to, "unknown")


def _changes(territory: Territory) -> list[date]:
    days = _days([c.rule for c in territory.charges] + [t.rule for t in territory.thresholds])
    for note in territory.notes:
        days |= (
            {note.valid_from}
            if note.valid_to is None
            else {note.valid_from, note.valid_to + timedelta(days=1)}
        )
    for _, _, start, end in territory.currencies:
        days |= {start} if end is None else {start, end + timedelta(days=1)}
    for charge in territory.charges:
        if charge.table is not None:
            days |= charge.table.changes()
    return sorted(days)


def _days(rules: Iterable[Rule]) -> set[date]:
    found = set()
    for rule in rules:
        found.add(rule.valid_from)
        if rule.valid_to is not None:
            found.add(rule.valid_to + timedelta(days=1))
    return found


def _check(territory: Territory) -> None:
    """What a rule file may get wrong although each of its lines can be read."""
    known = {t.id for t in territory.thresholds}
    depended_on = {name for c in territory.charges for name in c.base.charges}
    conditions = [(c.rule.id, c.when) for c in territory.charges] + [
        ("note", n.when) for n in territory.notes
    ]
    for place, when in conditions:
        for name in (*when.within, *when.above):
            if name not in known:
                raise Fault(say.NO_THRESHOLD(rule=place, name=name, territory=territory.name))
    for charge in territory.charges:
        late = charge.scope == "consignment" or charge.waived_up_to is not None
        if late and charge.code in depended_on:
            raise Fault(say.KNOWN_LATE(rule=charge.rule.id))


def build(
    folder: Traversable,
    schedules: dict[str, tuple[Schedule, ...]] | None = None,
    origin_rules: dict[str, list[RuleSet]] | None = None,
) -> Rulebook:
    """A rulebook from a folder of rules (territories, tables/, agreements/)."""
    tables = read_tables(folder / "tables")
    if "EU-vat" in tables:
        tables["EU-vat"] = vat_table(tables["EU-vat"])
    territories = [
        read_territory(file, tables)
        for file in sorted(folder.iterdir(), key=lambda f: f.name)
        if file.name.endswith(".toml") and file.name not in ("groups.toml", "presets.toml")
    ]
    groups = {name: frozenset(members) for name, members in read_toml(folder / "groups.toml").items()}
    agreements = [
        read_agreement(file, groups)
        for file in sorted((folder / "agreements").iterdir(), key=lambda f: f.name)
        if file.name.endswith(".toml")
    ]
    return Rulebook(
        {t.id: t for t in territories}, {a.id: a for a in agreements}, schedules or {}, origin_rules or {}
    )


def rulebook() -> Rulebook:
    """The rules shipped with qafila and the schedules that the operator imported.

    Read once; read again when something is imported, also by another process (the folder's time tells)."""
    kept = folder()
    return _rulebook(kept.stat().st_mtime_ns if kept.is_dir() else 0)


@lru_cache(maxsize=1)
def _rulebook(_stamp: int) -> Rulebook:
    return build(files("qafila.customs") / "rules", stored_schedules(), stored_origin_rules())
