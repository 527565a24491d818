"""/network: the map, its data, a facility's panel, and the same as a list."""

from __future__ import annotations

import gzip
from datetime import timedelta
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from qafila.network.model import Facility
from qafila.runtime.language.language_terms import TERMS
from qafila.web.chassis.page_frame import language_of, link, page, translate
from qafila.web.chassis.visitor import public
from qafila.web.chassis.web_asking import context_of
from qafila.web.network.atlas import Atlas, Payload, atlas

router = APIRouter(include_in_schema=False, dependencies=[Depends(public)])
ROWS = 25


@router.get("/network")
def network(request: Request, q: str = "", kind: str = "", p: int = 1) -> Response:
    """The map above, the list below."""
    return _network(request, atlas(context_of(request)), None, q, kind, p)


@router.get("/network/facility/{facility_id}")
def facility(request: Request, facility_id: str) -> Response:
    """The same page with one facility open."""
    shown = atlas(context_of(request))
    found = shown.find(facility_id)
    if found is None:
        raise HTTPException(404)
    return _network(request, shown, found, "", "", 1)


@router.get("/network/facilities.geojson")
def facilities(request: Request) -> Response:
    """Every facility as a point, for the map."""
    return _json(request, atlas(context_of(request)).points(language_of(request)), "application/geo+json")


@router.get("/network/lanes.json")
def lanes(request: Request) -> Response:
    """Every lane, for the map."""
    return _json(request, atlas(context_of(request)).lines, "application/json")


def _network(
    request: Request, shown: Atlas, opened: Facility | None, q: str, kind: str, number: int
) -> Response:
    found = shown.search(q, kind)
    pages = max(1, -(-len(found) // ROWS))
    number = min(max(number, 1), pages)
    now = context_of(request).now()
    told = translate(request)
    return page(
        request,
        "network.html",
        atlas=shown,
        facility=opened,
        departures=shown.next_departures(opened.id, now) if opened else [],
        minutes=lambda n: timedelta(minutes=n),
        q=q,
        kind=kind,
        kinds={code: told(TERMS["kinds"][code]) for code in shown.kinds},
        one_kind={code: told(TERMS["kind"][code]) for code in shown.kinds},
        found=found[(number - 1) * ROWS : number * ROWS],
        total=len(found),
        pages=pages,
        number_of_page=number,
        page_link=lambda n: link(request, "/network?" + urlencode({"q": q, "kind": kind, "p": n}) + "#list"),
    )


def _json(request: Request, payload: Payload, media_type: str) -> Response:
    headers = {"etag": payload.etag, "cache-control": "no-cache", "vary": "Accept-Encoding"}
    if request.headers.get("if-none-match") == payload.etag:
        return Response(status_code=304, headers=headers)
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return Response(gzip.decompress(payload.body), headers=headers, media_type=media_type)
    return Response(payload.body, headers={**headers, "content-encoding": "gzip"}, media_type=media_type)
