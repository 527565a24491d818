"""/hub/draw: a network drawn on the map: a place by a click or a town's name, a line between two, and what comes of it."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, time, timedelta
from functools import cache, partial
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from qafila.core.fault import Fault
from qafila.core.message import AS_IT_IS
from qafila.network import drafting, drawn, installed
from qafila.network import feed as feeds
from qafila.network import network_messages as m
from qafila.network.drawn import CannotDraw, Drawing, DrawnLine
from qafila.network.model import Feed, Kind
from qafila.network.naming import place_named
from qafila.network.network_report import FeedErrors
from qafila.network.timetable import Mode
from qafila.runtime import runtime_hub
from qafila.runtime.accounts.model import Actor
from qafila.runtime.language import render
from qafila.web.chassis.page_frame import language_of, link, page
from qafila.web.chassis.visitor import requires
from qafila.web.chassis.web_asking import context_of

router = APIRouter(include_in_schema=False)
Operator = Annotated[Actor, Depends(requires("tenants:write"))]
Text = Annotated[str, Form()]
_MONDAY = datetime(2024, 1, 1, tzinfo=UTC)
"""Any Monday: days of the week and times of day are shown as those of this one."""


@router.get("/hub/draw")
def shown(request: Request, actor: Operator, done: str = "") -> Response:
    """What is drawn, and the two forms that draw more."""
    return _shown(request, done=done)


def _shown(request: Request, status: int = 200, **told: Any) -> Response:
    drawing = drafting.read()
    language = language_of(request)
    names = {p.id: render(AS_IT_IS(text=place_named(p.id, p.name, p.kind)), language) for p in drawing.places}
    points = [{"id": p.id, "name": names[p.id], "lat": p.lat, "lon": p.lon} for p in drawing.places]
    lines = [{"from": n.start, "to": n.end, "mode": n.mode.name.lower()} for n in drawing.lines]
    given: dict[str, Any] = {"fault": None, "problems": [], "done": "", "typed": {}, **told}
    return page(
        request,
        "draw.html",
        status,
        drawing=drawing,
        names=names,
        kinds=drawn.KINDS,
        points={"points": points, "lines": lines},
        modes=[mode.name.lower() for mode in drawn.ENDS],
        at=lambda n: _MONDAY + timedelta(minutes=n.depart),
        weekdays=[(_MONDAY + timedelta(days=n)).date() for n in range(7)],
        **given,
    )


@router.get("/hub/draw/near")
def near(request: Request, actor: Operator, lat: float, lon: float) -> Response:
    """The town at a point of the map, for the form."""
    try:
        found = drafting.town_at(lat, lon)
    except Fault:
        return JSONResponse({"town": ""}, headers={"cache-control": "private, no-store"})
    return JSONResponse(
        {"town": found.name, "country": found.country}, headers={"cache-control": "private, no-store"}
    )


@router.post("/hub/draw/place")
def place(
    request: Request,
    actor: Operator,
    kind: Text = "",
    town: Text = "",
    country: Text = "",
    name: Text = "",
    lat: Text = "",
    lon: Text = "",
    doors: Annotated[bool, Form()] = False,
) -> Response:
    """One more place: where the map was clicked, else at the town that is named."""
    typed = {
        "kind": kind,
        "town": town,
        "country": country,
        "name": name,
        "doors": doors,
        "lat": lat,
        "lon": lon,
    }
    try:
        at = _point(lat, lon)
        found = drafting.town_at(*at) if at else drafting.town(town, country)
        chosen = Kind(kind) if kind in {k.value for k in drawn.KINDS} else Kind.WAREHOUSE
        drafting.change(lambda drawing: drawing.with_place(found, chosen, name, at, doors))
    except Fault as fault:
        return _shown(request, 422, fault=fault, typed=typed)
    return RedirectResponse(link(request, "/hub/draw?done=place"), 303)


def _point(lat: str, lon: str) -> tuple[float, float] | None:
    try:
        found = float(lat), float(lon)
    except ValueError:
        return None
    return found if abs(found[0]) <= 90 and abs(found[1]) <= 180 else None


@router.post("/hub/draw/line")
def line(
    request: Request,
    actor: Operator,
    start: Text = "",
    end: Text = "",
    mode: Text = "road",
    depart: Text = "",
    kg: Text = "",
    days: Annotated[list[int] | None, Form()] = None,
    back: Annotated[bool, Form()] = False,
) -> Response:
    """One more line, and the one that comes back where it is wanted."""
    run = "".join("1" if n in (days or []) else "0" for n in range(7))
    typed = {
        "start": start,
        "end": end,
        "mode": mode,
        "depart": depart,
        "kg": kg,
        "days": days or [],
        "back": back,
        "line": True,
    }
    try:
        made = DrawnLine(start, end, _mode(mode), run, _minutes(depart), _whole(kg))
        drafting.change(partial(Drawing.with_line, line=made, back=back))
    except Fault as fault:
        return _shown(request, 422, fault=fault, typed=typed)
    return RedirectResponse(link(request, "/hub/draw?done=line"), 303)


def _mode(name: str) -> Mode:
    if name.upper() not in Mode.__members__:
        raise CannotDraw(m.NO_LINE_MODE(), m.CHOOSE_MODE(), field="mode", value=name[:20])
    return Mode[name.upper()]


def _minutes(text: str) -> int:
    try:
        at = time.fromisoformat(text.strip())
    except ValueError:
        raise CannotDraw(m.NO_HOUR(), m.WRITE_HOUR(), field="depart", value=text[:20]) from None
    return at.hour * 60 + at.minute


def _whole(text: str) -> int:
    plain = "".join(str(int(c)) for c in text[:12] if c.isdecimal())
    return int(plain or 0)


@router.post("/hub/draw/remove")
def remove(request: Request, actor: Operator, place: Text = "", line: Text = "") -> Response:
    """Takes a place with its lines, or a line, away."""
    if line.isdecimal():
        drafting.change(lambda drawing: drawing.without_line(int(line[:6])))
    else:
        drafting.change(lambda drawing: drawing.without_place(place))
    return RedirectResponse(link(request, "/hub/draw"), 303)


@router.post("/hub/draw/use")
def use(request: Request, actor: Operator) -> Response:
    """Makes the drawing the network of this hub; checked as every feed is."""
    try:
        made = drawn.feed_of(
            drafting.read(),
            _reference(),
            runtime_hub.read().name or "qafila",
            context_of(request).now().date(),
        )
        with tempfile.TemporaryDirectory() as folder:
            feeds.write(made, Path(folder))
            installed.install(feeds.read(Path(folder)))
    except FeedErrors as errors:
        return _shown(request, 422, problems=errors.problems[:40])
    except Fault as fault:
        return _shown(request, 422, fault=fault)
    return RedirectResponse(link(request, "/hub?done=network"), 303)


@cache
def _reference() -> Feed:
    from qafila.network.reference import build  # takes a few seconds, and is wanted once

    return build()
