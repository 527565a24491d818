"""/plan-comparison: plans of one demand side by side, as scenarios."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from qafila.core.message import Message
from qafila.planning.planning_comparing import Scenario, compare
from qafila.planning.reopening import NotAPlan
from qafila.runtime.accounts.model import Actor
from qafila.runtime.language.language_terms import TERMS
from qafila.shipping.plans import kept_plans as plans
from qafila.shipping.plans import plans_messages as m
from qafila.web.chassis.formats import Formats
from qafila.web.chassis.page_frame import language_of, page, translate
from qafila.web.chassis.visitor import requires

router = APIRouter(include_in_schema=False)
Reader = Annotated[Actor, Depends(requires("plans:read"))]
MOST = 8
"""Plans side by side at most."""


@dataclass(frozen=True, slots=True)
class Row:
    """A figure of each plan."""

    name: str
    values: list[float]
    shown: Callable[[float], str]
    marks: bool = True  # whether less is better

    @property
    def least(self) -> float:
        """The least of them."""
        return min(self.values)


@router.get("/plan-comparison")
def side_by_side(
    request: Request, actor: Reader, plan: Annotated[list[str] | None, Query()] = None
) -> Response:
    """The figures of the chosen plans, a column each."""
    names = list(dict.fromkeys(plan or ()))[:MOST]
    fault: Message | None = None
    found: list[Scenario] = []
    done = [name for name in names if (kept := plans.find(name)) is not None and kept.state == "done"]
    if len(done) < 2:
        fault = m.CHOOSE_TWO()
    else:
        try:
            found = compare([plans.folder(name) for name in done])
        except NotAPlan as error:
            fault = error.told
    rows = _rows(request, found) if found else []
    return page(request, "plan_comparison.html", 422 if fault else 200, plans=found, rows=rows, fault=fault)


def _rows(request: Request, found: list[Scenario]) -> list[Row]:
    _ = term = translate(
        request
    )  # two names: `_` marks texts of this page, terms are marked where they stand
    f = Formats(language_of(request))
    kinds = [k for k in TERMS["plan_cost"] if any(one.cost_by_kind.get(k, 0.0) > 0.005 for one in found)]

    def whole(value: float) -> str:
        return f.number(value)

    def row(name: str, values: list[float], shown: Callable[[float], str] = whole, marks: bool = True) -> Row:
        return Row(name, values, shown, marks and len(set(values)) > 1)

    return [
        row(_("Cost"), [one.cost for one in found]),
        *(
            row(term(TERMS["plan_cost"][k]), [one.cost_by_kind.get(k, 0.0) for one in found], marks=False)
            for k in kinds
        ),
        row(_("Gap"), [one.gap for one in found], lambda v: f"{f.number(v * 100, 2)} %", marks=False),
        row(_("Parcels left behind"), [one.unserved for one in found]),
        row(_("Parcels late"), [one.late_parcels for one in found]),
        row(_("tonnes CO₂e"), [one.co2e_kg / 1000 for one in found], lambda v: f.number(v, 1)),
        row(_("Rides a parcel"), [one.rides_a_parcel for one in found], lambda v: f.number(v, 2)),
        row(_("Departures"), [one.departures for one in found], marks=False),
        row(_("Departures less than half full"), [one.half_empty for one in found]),
        row(_("Fullest departure"), [one.fullest for one in found], f.percent, marks=False),
        row(
            _("Price of each ride boarded"),
            [one.prices.get("ride_per_parcel", 0.0) for one in found],
            lambda v: f.number(v, 2),
            marks=False,
        ),
        row(_("Price of a tonne of CO₂e"), [one.prices["co2e_per_tonne"] for one in found], marks=False),
    ]
