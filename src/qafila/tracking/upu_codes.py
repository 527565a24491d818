"""The words of others for our events: UPU EMSEVT codes, EPCIS bizStep and disposition (data, not code)."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from qafila.network.model import Feed
from qafila.tracking.event import Event, EventType


@dataclass(frozen=True, slots=True)
class Codes:
    """What an event is called elsewhere; `upu` is empty where the UPU has no code for it."""

    upu: str
    biz_step: str
    disposition: str


@dataclass(frozen=True, slots=True)
class Place:
    """What tracking wants to know of a facility."""

    name: str
    city: str
    country: str  # ISO 3166 alpha-2
    timezone: str  # IANA
    gln: str = ""


Places = Mapping[str, Place]


@cache
def _table() -> dict[tuple[str, str], Codes]:
    with (files("qafila") / "facts" / "event-codes.csv").open(encoding="utf-8") as lines:
        return {
            (r["type"], r["stage"]): Codes(r["upu"], r["biz_step"], r["disposition"])
            for r in csv.DictReader(lines)
        }


_UNKNOWN = Codes("", "other", "unknown")


@cache
def codes(type: str, stage: str = "") -> Codes:
    """The codes of an event type at a stage of the way (`stages`)."""
    table = _table()
    if (found := table.get((type, stage)) or table.get((type, ""))) is not None:
        return found
    elsewhere = next((c for (t, _), c in table.items() if t == type), _UNKNOWN)
    return Codes("", elsewhere.biz_step, elsewhere.disposition)


@cache
def type_of_upu(code: str) -> str | None:
    """Our event type for a UPU EMSEVT code."""
    return next((t for (t, _), c in _table().items() if c.upu == code), None)


@cache
def type_of_epcis(biz_step: str, disposition: str) -> str:
    """Our event type for EPCIS' words: by both, else by the step alone, else merely seen."""
    table = _table()
    both = (t for (t, _), c in table.items() if (c.biz_step, c.disposition) == (biz_step, disposition))
    step = (t for (t, _), c in table.items() if c.biz_step == biz_step)
    return next(both, None) or next(step, None) or EventType.SEEN.value


def stages(history: Iterable[Event], places: Places) -> dict[str, str]:
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


_STAGE_OF = {"export": "outward", "import": "inward", "transit": "transit", "bonded": "inward"}


def places(feed: Feed) -> Places:
    """The facilities of a feed, as tracking wants them."""
    return {f.id: Place(f.name, f.city, f.country, f.timezone, f.gln) for f in feed.facilities}
