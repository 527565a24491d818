"""The network as the map shows it: its facilities with their traffic, its lanes, and what leaves next."""

from __future__ import annotations

import gzip
import hashlib
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property, lru_cache

import numpy as np
import orjson

from qafila.context import Context
from qafila.network.installed import Network
from qafila.network.model import Facility, Feed
from qafila.network.statistics import departures_by_mode
from qafila.network.timetable import Mode, Timetable
from qafila.runtime.language import Language
from qafila.web.chassis.page_frame import facility_name

WEEK = 7 * 1440


@dataclass(frozen=True, slots=True)
class Departure:
    """One service leaving a facility, on one day."""

    service_id: str
    mode: str
    to: Facility
    depart: datetime
    arrive: datetime
    cut_off: datetime
    capacity_kg: float


@dataclass(frozen=True, slots=True)
class Payload:
    """JSON for the map, compressed once."""

    body: bytes
    etag: str


class Atlas:
    """One compiled network, seen as a map over its second week (the first may start in the middle)."""

    def __init__(self, feed: Feed, timetable: Timetable) -> None:
        self.feed = feed
        self.timetable = timetable
        self.facilities = {
            f: feed.facility[id] for f, id in enumerate(timetable.facility_ids) if id in feed.facility
        }
        self._points: dict[str, Payload] = {}
        self._index = {id: f for f, id in enumerate(timetable.facility_ids)}

    @cached_property
    def _modes(self) -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
        """[services] mode of each service."""
        return np.array(
            [
                int(self.feed.service[s].mode) if s in self.feed.service else 0
                for s in self.timetable.service_ids
            ],
            dtype=np.uint8,
        )

    @cached_property
    def _week(self) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        """Segments that depart within one full week."""
        start = WEEK if self.timetable.minutes >= 2 * WEEK else 0
        depart = np.asarray(self.timetable.segment_depart)
        return np.flatnonzero((depart >= start) & (depart < start + WEEK))

    @cached_property
    def lanes(self) -> list[tuple[int, int, int, int]]:
        """(from, to, mode, departures a week); vans' rounds, which go nowhere on a map, left out."""
        week, t = self._week, self.timetable
        rows = np.stack(
            [t.segment_from[week], t.segment_to[week], self._modes[t.segment_service[week]]], axis=1
        ).astype(np.int64)
        rows = rows[(rows[:, 0] != rows[:, 1]) & (rows[:, 2] < int(Mode.DELIVERY))]
        unique, counts = np.unique(rows, axis=0, return_counts=True)
        return [(int(a), int(b), int(m), int(n)) for (a, b, m), n in zip(unique, counts, strict=True)]

    @cached_property
    def departures_per_week(self) -> dict[int, int]:
        """Departures a week by facility."""
        count = np.bincount(self.timetable.segment_from[self._week], minlength=self.timetable.facilities)
        return {f: int(n) for f, n in enumerate(count)}

    @cached_property
    def tonnes_per_week(self) -> dict[int, float]:
        """Payload that leaves in a week, in tonnes, by facility: what its point is sized by."""
        grams = np.bincount(
            self.timetable.segment_from[self._week],
            weights=self.timetable.segment_capacity_g[self._week].astype(float),
            minlength=self.timetable.facilities,
        )
        return {f: float(g) / 1e6 for f, g in enumerate(grams)}

    @cached_property
    def kinds(self) -> Counter[str]:
        """How many facilities there are of each kind."""
        return Counter(str(f.kind.value) for f in self.facilities.values())

    @cached_property
    def modes(self) -> Counter[str]:
        """Departures of a regular week by mode: what `qafila network stats` counts."""
        return Counter({mode.name.lower(): n for mode, n in departures_by_mode(self.feed).items()})

    def find(self, facility_id: str) -> Facility | None:
        """A facility by its id."""
        return self.feed.facility.get(facility_id)

    def next_departures(self, facility_id: str, now: datetime, limit: int = 12) -> list[Departure]:
        """What leaves a facility from now on, soonest first; vans' rounds left out."""
        t, f = self.timetable, self._index.get(facility_id)
        if f is None:
            return []
        there = np.flatnonzero(
            (t.segment_from == f) & (t.segment_depart >= t.minute(now)) & (t.segment_to != f)
        )
        found: list[Departure] = []
        for s in there[np.argsort(t.segment_depart[there], kind="stable")][:limit]:
            service = t.service_ids[t.segment_service[s]]
            depart = t.instant(t.segment_depart[s])
            calls = self.feed.service_calls.get(service, [])
            call = int(t.segment_call[s])
            before = calls[call].cut_off_minutes if call < len(calls) else 0
            found.append(
                Departure(
                    service,
                    Mode(int(self._modes[t.segment_service[s]])).name.lower(),
                    self.facilities[int(t.segment_to[s])],
                    depart,
                    t.instant(t.segment_arrive[s]),
                    depart - timedelta(minutes=before),
                    float(t.segment_capacity_g[s]) / 1000,
                )
            )
        return found

    def search(self, words: str, kind: str = "") -> list[Facility]:
        """Facilities whose name, city, country or id holds every word; those with the most departures first, as the list tells them."""
        wanted = words.casefold().split()
        hits = [
            (f, facility)
            for f, facility in self.facilities.items()
            if (not kind or facility.kind.value == kind)
            and all(
                w
                in f"{facility.name} {facility.city} {facility.country} {facility.id} {facility.iata}".casefold()
                for w in wanted
            )
        ]
        hits.sort(key=lambda hit: (-self.departures_per_week[hit[0]], hit[1].name))
        return [facility for _, facility in hits]

    def weekly(self, facility: Facility) -> int:
        """Departures a week of one facility."""
        return self.departures_per_week.get(self._index.get(facility.id, -1), 0)

    def points(self, language: Language) -> Payload:
        """GeoJSON: one point for each facility, named as a reader of a language says it."""
        if language.code not in self._points:
            self._points[language.code] = self._made_points(language)
        return self._points[language.code]

    def _made_points(self, language: Language) -> Payload:
        return _payload(
            {
                "type": "FeatureCollection",
                "features": [
                    {
                        "type": "Feature",
                        "id": f,
                        "geometry": {"type": "Point", "coordinates": [round(p.lon, 4), round(p.lat, 4)]},
                        "properties": {
                            "id": p.id,
                            "name": facility_name(p, language),
                            "city": p.city,
                            "country": p.country,
                            "kind": p.kind.value,
                            "departures": self.departures_per_week[f],
                            "tonnes": round(self.tonnes_per_week[f], 1),
                        },
                    }
                    for f, p in self.facilities.items()
                ],
            }
        )

    @cached_property
    def lines(self) -> Payload:
        """Lanes as [from, to, mode, departures a week]; from and to are the points' feature ids.

        The browser draws the great circles: their points would be forty times as many bytes.
        """
        return _payload({"modes": [m.name.lower() for m in Mode], "lanes": self.lanes})


def _payload(content: object) -> Payload:
    plain = orjson.dumps(content)
    return Payload(gzip.compress(plain, 6), f'"{hashlib.blake2b(plain, digest_size=10).hexdigest()}"')


def atlas(context: Context) -> Atlas:
    """The atlas of a context's network around its present day; made once a week."""
    today = context.now().date()
    return _atlas(context.network, today - timedelta(days=today.weekday()))


@lru_cache(maxsize=2)
def _atlas(network: Network, monday: date) -> Atlas:
    return Atlas(network.feed, network.timetable(monday))
