"""/plan-comparisons: plans of one demand side by side."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from qafila.api.chassis.authentication import PlansReader
from qafila.api.chassis.problems import Problem, responses
from qafila.api.planning.plans import finished_view
from qafila.planning.planning_comparing import compare
from qafila.planning.reopening import NotAPlan
from qafila.shipping.plans import kept_plans as plans

router = APIRouter(prefix="/plan-comparisons", tags=["plans"])
_DENIED = ("unauthorized", "insufficient-scope")


class ScenarioOut(BaseModel):
    """The figures of one plan among several; money in its currency."""

    name: str
    currency: str
    prices: dict[str, float] = Field(description="as it was asked with")
    cost: float
    cost_by_kind: dict[str, float]
    gap: float
    parcels: int
    unserved: int
    late_parcels: int
    co2e_kg: float
    rides_a_parcel: float
    departures: int = Field(description="that carry anything")
    fullest: float = Field(description="share of its weight on the fullest departure")
    half_empty: int = Field(description="departures that carry something and less than half of their weight")


@router.get(
    "",
    operation_id="comparePlans",
    summary="Plans of one demand side by side",
    responses=responses(*_DENIED, "invalid-request", "not-found", "not-possible"),
)
def compare_plans(
    _: PlansReader,
    plan: Annotated[list[str], Query(min_length=2, max_length=8, examples=[["week-48", "week-48-b"]])],
) -> list[ScenarioOut]:
    """In the order given; they must be of one demand and in one currency."""
    for name in plan:
        finished_view(name)
    try:
        return [ScenarioOut(**asdict(one)) for one in compare([plans.folder(name) for name in plan])]
    except NotAPlan as error:
        raise Problem("not-possible", error.message, error.remedy) from None
