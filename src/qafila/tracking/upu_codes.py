"""The words of others for our events: UPU EMSEVT codes, EPCIS bizStep and disposition (data, not code)."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Protocol

from qafila.network.model import Feed
from qafila.runtime.events.envelope import Event, SubjectKind
from qafila.runtime.events.events_types import EVENT_TYPES, Codes, types_of
from qafila.tracking.event import ParcelEvent


@dataclass(frozen=True, slots=True)
class Place:
    """What tracking wants to know of a facility."""

    name: str
    city: str
    country: str  # ISO 3166 alpha-2
    timezone: str  # IANA
    gln: str = ""


Places = Mapping[str, Place]


class _Sited(Protocol):
    @property
    def country(self) -> str: ...


_UNKNOWN = Codes("other", "unknown")


@cache
def codes(type: str, stage: str = "") -> Codes:
    """The codes of an event type at a stage of the way (`stages`)."""
    known = EVENT_TYPES.get(type)
    table = {c.stage: c for c in known.codes} if known is not None else {}
    if (found := table.get(stage) or table.get("")) is not None:
        return found
    elsewhere = next(iter(table.values()), _UNKNOWN)
    return replace(elsewhere, upu="")


@cache
def type_of_upu(code: str) -> str | None:
    """Our event type for a UPU EMSEVT code."""
    return next((t.name for t in EVENT_TYPES.values() if any(c.upu == code for c in t.codes if code)), None)


@cache
def type_of_epcis(biz_step: str, disposition: str, kind: SubjectKind = SubjectKind.PARCEL) -> str:
    """Our event type for EPCIS' bare words: that of exactly this pair, else what `facts/epcis-steps.csv` says of the
    step alone, else `noted`.

    A step alone never brings what is grave or final: a pallet that is inspected or held is not thereby at customs.
    """
    for type in types_of(kind):
        if any((c.biz_step, c.disposition) == (biz_step, disposition) for c in type.codes):
            return type.name
    return (
        _steps().get(biz_step, ParcelEvent.NOTED.value)
        if kind is SubjectKind.PARCEL
        else ParcelEvent.NOTED.value
    )


@cache
def _steps() -> dict[str, str]:
    with (files("qafila") / "facts" / "epcis-steps.csv").open(encoding="utf-8") as lines:
        return {r["biz_step"]: r["type"] for r in csv.DictReader(lines)}


def stages(history: Iterable[Event], places: Mapping[str, _Sited]) -> dict[str, str]:
    """The stage at which each event of one parcel happens, by event id; where it has none it is left out.

    outward: in the country of origin, where the goods leave it; transit: in a third country; inward: where
    they enter the country of destination; inland: in it, behind that; delivery: at the last facility.
    """
    history = list(history)
    way = sorted((e for e in history if e.time_kind == "planned"), key=lambda e: (e.time, e.leg or 0))
    stops = [e.facility for e in way if e.facility is not None]
    known = [f for f in stops if f in places]
    if not known:
        return {}
    first, last = places[known[0]].country, places[known[-1]].country
    leaves = next((f for f in reversed(known) if places[f].country == first), None)
    enters = next((f for f in known if places[f].country == last), None)
    found: dict[str, str] = {}
    for event in history:
        place = places.get(event.facility or "")
        if place is None:
            # papers go ahead of the parcel: what customs say of a declaration is said of no place
            if (told := _STAGE_OF.get(event.details.get("procedure", ""))) is not None:
                found[event.id] = told
            continue
        if first == last:
            stage = "delivery" if event.facility == known[-1] else ""
        elif place.country == first:
            stage = "outward" if event.facility == leaves else ""
        elif place.country != last:
            stage = "transit"
        elif event.facility == enters:
            stage = "inward"
        else:
            stage = "delivery" if event.facility == known[-1] else "inland"
        if stage:
            found[event.id] = stage
    return found


def sides(history: Iterable[Event], places: Mapping[str, _Sited]) -> dict[str, str]:
    """On which side customs spoke: outward, transit or inward, by the ids of events of customs."""
    history = list(history)
    spoken = {e.id for e in history if e.type in _CUSTOMS}
    return {id: stage for id, stage in stages(history, places).items() if id in spoken and stage in _SIDES}


_CUSTOMS = {ParcelEvent.CUSTOMS_PRESENTED, ParcelEvent.CUSTOMS_HELD, ParcelEvent.CUSTOMS_RELEASED}
_SIDES = ("outward", "transit", "inward")
_STAGE_OF = {"export": "outward", "import": "inward", "transit": "transit", "bonded": "inward"}


def places(feed: Feed) -> Places:
    """The facilities of a feed, as tracking wants them."""
    return {f.id: Place(f.name, f.city, f.country, f.timezone, f.gln) for f in feed.facilities}
