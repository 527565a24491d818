"""Cabotage: where a foreign carrier may not carry goods from one place of a country to another.

Rules are rows of the feed (cabotage.csv), by country or territory, mode, the carriers that they are for and date. Whose
carrier a service is says its `flag`. Goods that stay aboard are not concerned: what is barred is to load in a country what
is unloaded in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from functools import cached_property

from qafila.network import network_messages as m
from qafila.network.model import Cabotage, CabotageRule, Call, Feed, LocalTime, Service
from qafila.network.network_report import Report
from qafila.network.timetable import Mode

EVERYWHERE = EVERYBODY = "*"

_TOURS = (Mode.DELIVERY, Mode.COLLECTION)


class CabotageLaw:
    """The rules of a feed, asked service by service."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed

    def concerning(self, service: Service, calls: Sequence[Call], board: int, leave: int) -> list[Cabotage]:
        """The rules that may concern a ride, whatever the day; none where it is nobody's cabotage.

        Args:
            service: what rides.
            calls: its calls.
            board: number of the call at which goods are loaded.
            leave: number of the call at which they are unloaded.
        """
        if not service.flag or service.mode in _TOURS or not self._feed.cabotage:
            return []
        a, b = (self._feed.facility[calls[n].facility] for n in (board, leave))
        areas: tuple[str, ...]
        within: tuple[str, ...]
        if a.country == b.country:
            if service.flag == a.country:
                return []
            areas, within = (a.country, a.territory, EVERYWHERE), ("country", "territory")
        elif a.territory == b.territory:
            areas, within = (a.territory,), ("territory",)
        else:
            return []
        rows = self._by_mode.get(service.mode, ())
        mine = [r for r in rows if r.area in areas and r.within in within and self._is_for(r, service.flag)]
        mine.sort(key=lambda r: (areas.index(r.area), EVERYBODY in r.carriers, r.mode is None))
        return mine

    def bars(
        self, rules: Sequence[Cabotage], day: date, calls: Sequence[Call], board: int, leave: int
    ) -> bool:
        """Whether the rule in force on a day bars a ride, given the rules that may concern it."""
        for rule in rules:
            if rule.valid_from <= day and (rule.valid_to is None or day <= rule.valid_to):
                if rule.rule is CabotageRule.LIMITED:
                    return not self._within_limit(rule, calls, board, leave)
                return rule.rule is CabotageRule.BARRED
        return False

    def _within_limit(self, rule: Cabotage, calls: Sequence[Call], board: int, leave: int) -> bool:
        """Whether a carriage follows one from abroad, in so many days, with few enough before it.

        Loading at the first call of the country is the first carriage, at the next the second, and so on.
        """
        country = self._feed.facility[calls[board].facility].country
        entry = board
        while entry >= 0 and self._feed.facility[calls[entry].facility].country == country:
            entry -= 1
        if entry < 0:  # it begins there: nothing was carried in
            return False
        came, ends = calls[entry + 1].arrive, calls[leave].arrive
        if came is None or ends is None:
            return False
        return board - entry <= rule.operations and ends - came <= LocalTime(rule.days * 1440)

    @cached_property
    def _by_mode(self) -> dict[Mode, tuple[Cabotage, ...]]:
        return {mode: tuple(r for r in self._feed.cabotage if r.mode in (None, mode)) for mode in Mode}

    def _is_for(self, rule: Cabotage, flag: str) -> bool:
        for carriers in rule.carriers:
            territory = self._feed.territory.get(carriers)
            if carriers in (EVERYBODY, flag) or (territory is not None and flag in territory.countries):
                return True
        return False


def check(feed: Feed, report: Report) -> None:
    """Report flags and rules that cannot be meant."""

    def country(text: str) -> bool:
        return len(text) == 2 and text.isascii() and text.isupper()

    for i, service in enumerate(feed.services):
        if service.flag and not country(service.flag):
            report.add("services", i, "flag", service.flag, m.NOT_A_COUNTRY(), m.USE_FLAG())
    for i, rule in enumerate(feed.cabotage):
        known = rule.area in feed.territory
        if rule.area != EVERYWHERE and not known and not country(rule.area):
            report.add("cabotage", i, "area", rule.area, m.NO_AREA(), m.USE_AREA())
        if rule.within not in ("country", "territory") or (rule.within == "territory" and not known):
            report.add("cabotage", i, "within", rule.within, m.NOT_WITHIN(), m.USE_WITHIN())
        for carriers in rule.carriers:
            if carriers != EVERYBODY and carriers not in feed.territory and not country(carriers):
                report.add("cabotage", i, "carriers", carriers, m.NO_AREA(), m.USE_AREA())
        if not rule.carriers:
            report.add("cabotage", i, "carriers", "", m.NO_CARRIERS(), m.EVERYBODY())
        if rule.rule is CabotageRule.LIMITED and (rule.operations < 1 or rule.days < 1):
            report.add("cabotage", i, "operations", rule.operations, m.NO_LIMIT(), m.GIVE_LIMIT())
        if rule.valid_to is not None and rule.valid_to < rule.valid_from:
            report.add("cabotage", i, "valid_to", rule.valid_to, m.BEFORE_FROM(), m.SWAP_DATES())


def changes(rules: Sequence[Cabotage], first: date, count: int) -> list[int]:
    """Days from `first`, of `count`, on which another rule may come into force; 0 among them."""
    days = {0}
    for rule in rules:
        for limit in (rule.valid_from, rule.valid_to + timedelta(days=1) if rule.valid_to else None):
            if limit is not None and 0 < (limit - first).days < count:
                days.add((limit - first).days)
    return sorted(days)
