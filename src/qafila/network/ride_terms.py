"""What moving costs, emits and takes, looked up for one day: rate cards, emission factors, customs dwell."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import numpy as np

from qafila.core.geo import great_circle_km
from qafila.core.money import Money, exchange_rates
from qafila.network.model import Call, Clearance, Emission, Facility, Feed, Rate, Service
from qafila.network.timetable import COST_UNIT, Goods, Mode


class NoTerms(LookupError):
    """A service has no rate or no emission factor in force on the day."""


def in_force(valid_from: date, valid_to: date | None, on: date) -> bool:
    """Whether a rule with these limits holds on a day; both limits belong to it."""
    return valid_from <= on and (valid_to is None or on <= valid_to)


CARRIED_BY_NONE = {Mode.AIR: Goods.OTHER_DANGEROUS, Mode.BELLY: Goods.OTHER_DANGEROUS}
"""Goods that no service of a mode takes, whatever its feed says (the prohibitions by mode of customs/rules)."""


class Terms:
    """The terms of a feed on one day, by facility index and mode as arrays."""

    def __init__(self, feed: Feed, on: date) -> None:
        self._feed, self._on = feed, on
        self.service_mode = np.array([int(s.mode) for s in feed.services], dtype=np.int64)
        self.service_forbids = np.array(
            [int(s.forbids | CARRIED_BY_NONE.get(s.mode, Goods.NONE)) for s in feed.services], dtype=np.int64
        )
        self.volumetric = np.zeros(len(Mode), dtype=np.int64)
        for mode in feed.modes:
            self.volumetric[mode.mode] = mode.volumetric_kg_per_m3
        self._rates = {r.id: r for r in feed.rates if in_force(r.valid_from, r.valid_to, on)}
        self._emissions = {
            (e.mode, e.vehicle): e for e in feed.emissions if in_force(e.valid_from, e.valid_to, on)
        }
        self._per_kg: dict[tuple[str, int], int] = {}
        self._fixed: dict[tuple[str, str], int] = {}
        self._dwell(feed)

    def _dwell(self, feed: Feed) -> None:
        """Minutes of handling, clearance and transit, and the desk, by facility and mode of arrival."""
        shape = (len(feed.facilities), len(Mode))
        self.handling, self.clearance, self.transit, self.desk = (
            np.zeros(shape, dtype=np.int64) for _ in range(4)
        )
        self.clearance_fee: dict[tuple[str, Mode], Decimal] = {}
        own = {(c.territory, c.mode): c for c in feed.clearances}
        special = {(t.facility, t.mode): t for t in feed.transfers}
        desks: dict[tuple[str, str], int] = {("", ""): 0}
        for i, facility in enumerate(feed.facilities):
            for mode in Mode:
                rule = own.get((facility.territory, mode)) or own.get((facility.territory, None)) or _FREE
                self.clearance_fee[facility.territory, mode] = rule.fee
                here = special.get((facility.id, mode)) or special.get((facility.id, None))
                handling, clearance, transit, desk = (
                    facility.handling_minutes,
                    rule.clearance_minutes,
                    rule.transit_minutes,
                    rule.desk_hours,
                )
                if here is not None:
                    handling = handling if here.handling_minutes is None else here.handling_minutes
                    clearance = clearance if here.clearance_minutes is None else here.clearance_minutes
                    transit = transit if here.transit_minutes is None else here.transit_minutes
                    desk = desk if here.desk_hours is None else here.desk_hours
                self.handling[i, mode], self.clearance[i, mode], self.transit[i, mode] = (
                    handling,
                    clearance,
                    transit,
                )
                pair = (desk, facility.timezone) if desk and facility.gateway else ("", "")
                self.desk[i, mode] = desks.setdefault(pair, len(desks))
        self.desk_list = list(desks)
        self.desk_pairs = set(desks) - {("", "")}

    def rate(self, service: Service) -> Rate:
        """The rate card of a service; raises NoTerms where none is in force."""
        try:
            return self._rates[service.rate]
        except KeyError:
            raise NoTerms(
                f"no rate {service.rate!r} in force on {self._on}; add a row to rates.csv"
            ) from None

    def emission(self, service: Service) -> Emission:
        """The emission factor of a service; raises NoTerms where none is in force."""
        found = self._emissions.get((service.mode, service.vehicle)) or self._emissions.get(
            (service.mode, "")
        )
        if found is None:
            raise NoTerms(
                f"no CO2e factor for {service.mode.name.lower()} {service.vehicle!r} in force on {self._on}; "
                "add a row to emissions.csv"
            )
        return found

    def km(self, service: Service, before: Call, call: Call) -> float:
        """Activity distance between two consecutive calls: as stated, else great-circle by the factor's rule."""
        if call.km is not None:
            return call.km
        rule = self.emission(service)
        a, b = self._feed.facility[before.facility], self._feed.facility[call.facility]
        return great_circle_km(a.lat, a.lon, b.lat, b.lon) * rule.detour_factor + rule.extra_km

    def co2e_mg_per_kg(self, service: Service, km: float) -> int:
        """CO2e of one kg over a distance: g/tkm × km = g/t = mg/kg × 1000 / 1000."""
        return round(self.emission(service).g_per_tkm * km)

    def cost(
        self, service: Service, target: Facility, km: float, cleared: bool, to_door: bool
    ) -> tuple[int, int]:
        """COST_UNITs for each parcel (handling at the far end and release included) and for each kg."""
        rate = self.rate(service)
        key = (rate.id, round(km))
        if key not in self._per_kg:
            per_kg = rate.per_kg + rate.per_kg_1000km * round(km) / 1000
            self._per_kg[key] = self._units(per_kg, rate.currency)
        if (rate.id, "") not in self._fixed:
            self._fixed[rate.id, ""] = self._units(rate.per_parcel, rate.currency)
        fees = Decimal(0) if to_door else target.handling_fee
        if cleared:
            fees += self.clearance_fee[target.territory, service.mode]
        return self._fixed[rate.id, ""] + round(fees * COST_UNIT), self._per_kg[key]

    def _units(self, amount: Decimal, currency: str) -> int:
        money = exchange_rates().convert(Money(amount, currency), self._feed.currency, self._on)
        return round(money.amount * COST_UNIT)


_FREE = Clearance("", None, 0, "", 0, Decimal(0))
