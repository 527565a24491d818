"""/air/load-plans: a flight in, its load plan out, as JSON or as the papers of the crew."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Response

from qafila.air.papers import load_sheet, notoc
from qafila.air.telling import decide
from qafila.api.air.flight_schema import FlightIn, told
from qafila.api.chassis.asking import TheContext
from qafila.api.chassis.authentication import requires
from qafila.api.chassis.problems import responses
from qafila.runtime.accounts.model import Actor

router = APIRouter(prefix="/air", tags=["air"])
_PDF: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}}
}


@router.post(
    "/load-plans",
    operation_id="planLoad",
    summary="Build up the ULDs of a flight and place them",
    response_model=None,
    responses={**responses("unauthorized", "insufficient-scope", "invalid-request"), **_PDF},
)
def plan_load(
    flight: FlightIn,
    actor: Annotated[Actor, Depends(requires("air:plan"))],
    context: TheContext,
    seconds: Annotated[float, Query(ge=1, le=60, description="How long to search; longer is better.")] = 10.0,
    seed: Annotated[int, Query(ge=0, description="Of the search.")] = 0,
    paper: Annotated[
        Literal["", "load-sheet", "notoc"], Query(description="Answer with this paper as PDF.")
    ] = "",
) -> Response | dict[str, Any]:
    """ULDs with their pieces, positions and balance on each leg, costs, and why what stays behind does.

    The plan is not kept: the same flight with the same seed may be asked for again. Which lots stay behind goes to the log.
    """
    papers = flight.papers()
    loading = decide(context, actor.tenant, flight.flight(), papers, flight.owners(), seconds, seed)
    if paper == "load-sheet":
        return Response(load_sheet(loading), media_type="application/pdf")
    if paper == "notoc":
        return Response(notoc(loading, papers), media_type="application/pdf")
    return told(loading.flight, loading)
