"""/air/load-plans: a flight in, its load plan out, as JSON or as the papers of the crew."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field

from qafila.air import air_keeping
from qafila.air import air_messages as say
from qafila.air.air_explaining import explain
from qafila.air.air_papers import load_sheet, notoc
from qafila.air.air_telling import decide
from qafila.air.arranging import arrange
from qafila.air.loading import Loading, Lots, admitted
from qafila.api.air.carried_plan import flight_of, pack, plan_of, plan_text
from qafila.api.air.flight_schema import FlightIn, told
from qafila.api.chassis.api_asking import TheContext
from qafila.api.chassis.authentication import requires
from qafila.api.chassis.common_schema import In
from qafila.api.chassis.problems import responses
from qafila.context import Context
from qafila.core.fault import Fault
from qafila.runtime.accounts.model import Actor

_DONE = responses("unauthorized", "insufficient-scope", "not-found", "invalid-request", "not-possible")
Planner = Annotated[Actor, Depends(requires("air:plan"))]


class MovesIn(In):
    """ULDs to other positions."""

    revision: int = Field(ge=1, description="of the plan that was looked at")
    at: dict[Annotated[str, Field(max_length=20)], Annotated[str, Field(max_length=40)]] = Field(
        min_length=1, max_length=100, description="the position of each ULD that is moved: U1: A1"
    )
    why: str = Field(min_length=1, max_length=500)


class CloseIn(In):
    """The plan that is closed, as it was looked at."""

    revision: int = Field(ge=1)
    why: str = Field(default="", max_length=500)


class WithdrawIn(In):
    """The plan that is withdrawn, as it was looked at."""

    revision: int = Field(ge=1)
    why: str = Field(min_length=1, max_length=500)


router = APIRouter(prefix="/air", tags=["air"])
_PDF: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}}
}


@router.post(
    "/load-plans",
    operation_id="planLoad",
    summary="Build up the ULDs of a flight and place them",
    response_model=None,
    responses={**responses("unauthorized", "insufficient-scope", "invalid-request", "not-possible"), **_PDF},
)
def plan_load(
    request: Request,
    flight: FlightIn,
    actor: Annotated[Actor, Depends(requires("air:plan"))],
    context: TheContext,
    seconds: Annotated[float, Query(ge=1, le=60, description="How long to search; longer is better.")] = 10.0,
    seed: Annotated[int, Query(ge=0, description="Of the search.")] = 0,
    paper: Annotated[
        Literal["", "load-sheet", "notoc"], Query(description="Answer with this paper as PDF.")
    ] = "",
    keep: Annotated[bool, Query(description="Keep it, to be changed and closed.")] = False,
    why: Annotated[str, Query(max_length=500, description="Of a kept plan: what for.")] = "",
) -> Response | dict[str, Any]:
    """ULDs with their pieces, positions and balance on each leg, costs, and why what stays behind does.

    With `keep` the plan stays (refused where the flight has one that stands, or one carries a parcel of this from the same airport), with an id and a revision; with `paper` too, Content-Location says where it is kept. Which lots stay behind goes to the log.
    """
    papers = flight.papers()
    loading = decide(context, actor.tenant, flight.flight(), papers, flight.owners(), seconds, seed)
    kept = None
    if keep:
        file = pack(flight.model_dump_json(exclude_defaults=True).encode())
        kept = air_keeping.keep(
            context,
            who(actor),
            loading.flight,
            loading.plan,
            file,
            plan_text(loading.plan),
            why,
        )
    if paper:
        answer = _paper(paper, loading, papers)
        if kept:
            root = request.scope.get("root_path", "")
            answer.headers["content-location"] = f"{root}/air/load-plans/{kept.id}?paper={paper}"
        return answer
    return told(loading.flight, loading) | (_standing(kept) if kept else {})


def _paper(paper: str, loading: Loading, papers: Lots) -> Response:
    content = load_sheet(loading) if paper == "load-sheet" else notoc(loading, papers)
    return Response(content, media_type="application/pdf")


def who(actor: Actor) -> air_keeping.Who:
    """Who acts on a kept plan."""
    return air_keeping.Who(actor.tenant, actor.name, actor.source())


def _standing(kept: air_keeping.Kept) -> dict[str, Any]:
    return {"plan": kept.id, "state": kept.state, "revision": kept.revision, "changed_at": kept.changed_at}


def loading_of(kept: air_keeping.Kept) -> tuple[FlightIn, Loading]:
    """The flight and the plan that are kept, weighed and balanced anew."""
    flight = flight_of(kept.asked)
    let_in, stopped = admitted(flight.flight(), flight.papers())
    plan = arrange(let_in, plan_of(kept.document, let_in), {}).plan
    return flight, Loading(let_in, plan, tuple(explain(let_in, plan)), stopped)


@router.get(
    "/load-plans",
    operation_id="listLoadPlans",
    summary="Kept load plans",
    responses=responses("unauthorized", "insufficient-scope"),
)
def list_plans(
    actor: Planner, flight: Annotated[str, Query(max_length=200, description="Of this flight alone.")] = ""
) -> list[dict[str, Any]]:
    """One's own, the newest first."""
    return [
        {"flight": k.flight, "cost": str(k.cost), **_standing(k)}
        for k in air_keeping.listed(actor.tenant, flight)
    ]


@router.get(
    "/load-plans/{plan}",
    operation_id="readLoadPlan",
    summary="A kept load plan",
    response_model=None,
    responses={**responses("unauthorized", "insufficient-scope", "not-found"), **_PDF},
)
def read_plan(
    plan: str,
    actor: Planner,
    paper: Annotated[
        Literal["", "load-sheet", "notoc"], Query(description="Answer with this paper as PDF.")
    ] = "",
) -> Response | dict[str, Any]:
    """The plan as it stands, and who built, changed and closed it, when and why."""
    kept, acts = air_keeping.read(actor.tenant, plan)
    flight, loading = loading_of(kept)
    if paper:
        return _paper(paper, loading, flight.papers())
    done = [
        {
            "revision": a.revision,
            "act": a.act,
            "by": a.by,
            "why": a.why,
            "moved": a.moved,
            "cost": str(a.cost),
            "at": a.at,
        }
        for a in acts
    ]
    return told(loading.flight, loading) | _standing(kept) | {"acts": done}


@router.post(
    "/load-plans/{plan}/changes",
    operation_id="changeLoadPlan",
    summary="Move ULDs of a kept plan",
    responses=_DONE,
)
def change_plan(plan: str, told_: MovesIn, actor: Planner, context: TheContext) -> dict[str, Any]:
    """Each ULD to a position on all of its legs. Refused where a rule of the aircraft is broken, or where it was changed meanwhile."""
    kept, _ = air_keeping.read(actor.tenant, plan)
    return _standing(moved(context, actor, kept, told_.revision, told_.at, told_.why))


def moved(
    context: Context, actor: Actor, kept: air_keeping.Kept, revision: int, at: Mapping[str, str], why: str
) -> air_keeping.Kept:
    """A kept plan with ULDs (`U1` …) at other positions. Raises Fault where a rule is broken, and what `keeping.change` raises."""
    air_keeping.still(kept, revision)  # the moves are made on the plan that was looked at, or not at all
    _, loading = loading_of(kept)
    numbers = {f"U{n + 1}": n for n in range(len(loading.plan.ulds))}
    for uld, place in at.items():
        if uld not in numbers:
            raise Fault(say.NO_SUCH_POSITION(uld=uld[:20], position=place[:20]), field="at", value=uld[:20])
    made = arrange(loading.flight, loading.plan, {numbers[uld]: place for uld, place in at.items()})
    if made.wrong:
        raise Fault(made.wrong[0][1], field="at", value=", ".join(f"{u} {p}" for u, p in at.items())[:200])
    return air_keeping.change(
        context, who(actor), kept.id, revision, plan_text(made.plan), made.plan.costs.total, at, why
    )


@router.post(
    "/load-plans/{plan}/close", operation_id="closeLoadPlan", summary="Close a load plan", responses=_DONE
)
def close_plan(plan: str, told_: CloseIn, actor: Planner, context: TheContext) -> dict[str, Any]:
    """Nobody changes it any more."""
    return _standing(air_keeping.close(context, who(actor), plan, told_.revision, told_.why))


@router.post(
    "/load-plans/{plan}/withdraw",
    operation_id="withdrawLoadPlan",
    summary="Withdraw a load plan",
    responses=_DONE,
)
def withdraw_plan(plan: str, told_: WithdrawIn, actor: Planner, context: TheContext) -> dict[str, Any]:
    """Also a closed one, where its flight does not leave so: the flight and its parcels are free for another plan."""
    return _standing(air_keeping.withdraw(context, who(actor), plan, told_.revision, told_.why))
