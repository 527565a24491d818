"""The hub alive: where parcels are now and what is on its way, for the map of the operator's first screen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from sqlalchemy import text
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response, StreamingResponse

from qafila.context import Context
from qafila.runtime.accounts.accounts_acting import acting
from qafila.runtime.accounts.model import Actor
from qafila.runtime.events.events_watching import TooMany
from qafila.runtime.language import DEFAULT, Language
from qafila.tracking.event import ParcelEvent
from qafila.tracking.tracking_event_types import PARCEL_EVENTS
from qafila.web.chassis.page_frame import facility_name, language_of
from qafila.web.chassis.visitor import requires
from qafila.web.chassis.web_asking import context_of
from qafila.web.tracking.live_page import stream

router = APIRouter(include_in_schema=False)
Watcher = Annotated[Actor, Depends(requires("hub:watch"))]

_DAYS = 30
_PATIENCE = 20.0
_EVERY = 2.0
_MOST = 40
"""Watchers of the whole hub in one process."""

_NOW = """
    WITH last AS (
        SELECT DISTINCT ON (subject_id) subject_id, type, facility, leg, time FROM events
        WHERE subject_kind = 'parcel' AND time_kind = 'actual' AND type <> 'retracted' AND time BETWEEN :since AND :now
        ORDER BY subject_id, time DESC, seq DESC
    )
    SELECT last.type, coalesce(last.facility, l.from_facility) AS facility, l.to_facility, l.service_id, count(*) AS n FROM last
    LEFT JOIN parcels p ON p.number = last.subject_id AND last.type IN ('departed', 'booked')
    LEFT JOIN shipments s ON (s.merchant_id, s.shipment_id) = (p.merchant_id, p.shipment_id)
    LEFT JOIN booking_legs l ON (l.merchant_id, l.booking_id) = (s.merchant_id, s.booking_id) AND l.leg = coalesce(last.leg, 0)
    WHERE coalesce(last.facility, l.from_facility) IS NOT NULL AND last.type <> ALL(:over)
    GROUP BY 1, 2, 3, 4
"""
_OVER = sorted(t.name for t in PARCEL_EVENTS if t.effect is not None and t.effect.over)
_WITH_CUSTOMS = frozenset({ParcelEvent.CUSTOMS_PRESENTED.value, ParcelEvent.CUSTOMS_HELD.value})


def now(actor: Actor, here: Context, language: Language = DEFAULT) -> dict[str, Any]:
    """Facilities with how many parcels are there or are booked from there, and lanes with how many are on them, by the last that was told of each.

    What was not told of for 30 days is left out.
    """
    at = here.now()
    with acting(actor) as connection:
        rows = connection.execute(
            text(_NOW), {"since": at - timedelta(days=_DAYS), "now": at, "over": _OVER}
        ).all()
    there: dict[str, dict[str, int]] = {}
    lanes: dict[tuple[str, str, str], int] = {}
    services = here.network.feed.service
    for row in rows:
        if row.type == "departed" and row.to_facility is not None:
            service = services.get(row.service_id)
            mode = service.mode.name.lower() if service else "road"
            key = (row.facility, row.to_facility, mode)
            lanes[key] = lanes.get(key, 0) + row.n
            continue
        place = there.setdefault(row.facility, {"here": 0, "customs": 0})
        place["here"] += row.n
        if row.type in _WITH_CUSTOMS:
            place["customs"] += row.n
    facilities = here.network.feed.facility
    return {
        "at": at.isoformat(),
        "places": [
            {
                "id": id,
                "name": facility_name(facilities[id], language),
                "lon": facilities[id].lon,
                "lat": facilities[id].lat,
                **told,
            }
            for id, told in sorted(there.items())
            if id in facilities
        ],
        "lanes": [
            {
                "from": [facilities[a].lon, facilities[a].lat],
                "to": [facilities[b].lon, facilities[b].lat],
                "name": facility_name(facilities[b], language),
                "mode": mode,
                "parcels": n,
            }
            for (a, b, mode), n in sorted(lanes.items())
            if a in facilities and b in facilities and a != b
        ],
    }


@router.get("/today/hub.json")
def hub(request: Request, actor: Watcher) -> Response:
    """The hub at this moment."""
    told = now(actor, context_of(request), language_of(request))
    return JSONResponse(told, headers={"cache-control": "private, no-store"})


@router.get("/today/live")
async def live(request: Request, actor: Watcher) -> StreamingResponse:
    """A stream of `moved`, each with the position of the newest event."""
    return StreamingResponse(
        stream(_growth(actor)),
        media_type="text/event-stream",
        headers={"cache-control": "no-store", "x-accel-buffering": "no"},
    )


_watching: set[object] = set()


async def _growth(actor: Actor) -> AsyncIterator[int | None]:
    """The position of the newest event, each time that it has moved; None where nothing did for a while."""
    if len(_watching) >= _MOST:
        raise TooMany
    me = object()
    _watching.add(me)
    try:
        known, quiet = await run_in_threadpool(_newest, actor), 0.0
        yield None
        while True:
            await asyncio.sleep(_EVERY)
            seen = await run_in_threadpool(_newest, actor)
            quiet += _EVERY
            if seen != known:
                known, quiet = seen, 0.0
                yield seen
            elif quiet >= _PATIENCE:
                quiet = 0.0
                yield None
    finally:
        _watching.discard(me)


def _newest(actor: Actor) -> int:
    with acting(actor) as connection:
        return int(connection.execute(text("SELECT coalesce(max(seq), 0) FROM events")).scalar_one())
