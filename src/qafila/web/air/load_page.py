"""/air: a flight file in, its load plan drawn: the aircraft from the side, every ULD, and what stays behind and why."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from markupsafe import Markup
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from qafila.air.drawing import side_view, uld_picture
from qafila.air.loading import Loading, load
from qafila.air.papers import load_sheet, notoc
from qafila.api.air.flight_schema import FlightIn
from qafila.runtime.accounts.model import Actor
from qafila.web.chassis.pages import page, translate
from qafila.web.chassis.visitor import requires

router = APIRouter(include_in_schema=False)
LARGEST = 16 * 2**20  # bytes
LONGEST = 60  # seconds

Planner = Annotated[Actor, Depends(requires("air:plan"))]


@router.get("/air")
def asked(request: Request, actor: Planner) -> Response:
    """The form."""
    return page(request, "load_plan.html", loading=None, faults=(), seconds=10)


@router.post("/air")
async def planned(request: Request, actor: Planner) -> Response:
    """The plan of a flight file, or one of its papers."""
    _ = translate(request)
    form = await request.form()
    file = form.get("flight")
    content = b"" if file is None or isinstance(file, str) else await file.read()
    given = str(form.get("seconds") or "10")
    seconds = min(LONGEST, max(1, int(given))) if given.isdecimal() else 10
    faults = []
    flight = None
    if not content:
        faults.append(_("Choose a flight file: this one is empty, or none was chosen."))
    elif len(content) > LARGEST:
        faults.append(_("The file is larger than 16 MB."))
    else:
        try:
            flight = FlightIn.model_validate_json(content)
        except ValidationError as wrong:
            faults += [
                f"{'/'.join(str(part) for part in one['loc'])}: {one['msg']}" for one in wrong.errors()[:20]
            ]
    if flight is None:
        return await run_in_threadpool(
            page, request, "load_plan.html", 422, loading=None, faults=faults, seconds=seconds
        )
    return await run_in_threadpool(_plan, request, flight, seconds, str(form.get("as") or ""))


def _plan(request: Request, flight: FlightIn, seconds: int, wanted: str) -> Response:
    papers = flight.papers()
    loading = load(flight.flight(), papers, seconds)
    if wanted in ("load-sheet", "notoc"):
        pdf = load_sheet(loading) if wanted == "load-sheet" else notoc(loading, papers)
        name = f'attachment; filename="{wanted}.pdf"'
        return Response(pdf, media_type="application/pdf", headers={"content-disposition": name})
    return page(
        request,
        "load_plan.html",
        loading=loading,
        faults=(),
        seconds=seconds,
        legs=[
            (leg, Markup(side_view(loading.flight, loading.plan, n)))
            for n, leg in enumerate(loading.flight.legs)
        ],
        ulds=_ulds(loading),
        left=[*loading.stopped, *loading.behind],
    )


def _ulds(loading: Loading) -> list[dict[str, object]]:
    kinds = {t.name: t for t in loading.flight.types}
    lots = {segment.name: segment.lots for segment in loading.flight.segments}
    places: dict[int, str] = {}
    for stands in loading.plan.stands:
        for name, u in stands.items():
            places.setdefault(u, name)
    return [
        {
            "id": f"U{n + 1}",
            "type": uld.type,
            "segment": uld.segment,
            "place": places[n],
            "pieces": len(uld.pieces),
            "weight": round(uld.weight),
            "fill": sum(lots[uld.segment][p.lot].kind.volume for p in uld.pieces)
            / kinds[uld.type].contour.volume,
            "picture": Markup(uld_picture(kinds[uld.type], uld, lots[uld.segment])),
        }
        for n, uld in enumerate(loading.plan.ulds)
    ]
