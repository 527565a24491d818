"""What a plan is asked with over the API, and how it is told."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from qafila.api.chassis.common_schema import Day, Instant
from qafila.shipping.plans.asked_plans import DEAREST, LONGEST, MOST_ABOVE, MOST_TRANSFERS

_COMMODITY = {
    "id": "C1", "origin": "WH-MA-CASABLANCA-1", "destination": "SC-FR-LYON", "parcels": 40, "kg": 62.5, "m3": 0.4,
    "release": "2026-11-24T16:00:00Z", "service_class": "express",
}  # fmt: skip
_LINE = {"service": "CMN-CDG-1", "vehicle_cost": 900.0, "line_cost": 200.0, "most": 2}
EXAMPLES = {
    "demand": {
        "summary": "Plan a demand",
        "value": {"name": "week-48", "seconds": 60, "max_transfers": 3, "commodities": [_COMMODITY]},
    },
    "departures": {
        "summary": "Decide departures, too, changing few lines",
        "value": {
            "name": "week-48-c",
            "commodities": [_COMMODITY],
            "few_changes": 0.05,
            "lines": [_LINE, {"service": "CMN-CDG-1", "shift": 120, "vehicle_cost": 900.0}],
        },
    },
    "disruption": {
        "summary": "Plan anew after a cancellation",
        "value": {
            "name": "week-48-b",
            "from": "week-48",
            "disruptions": ["cancel CMN-CDG-1@2026-11-25"],
            "at": "2026-11-25T06:00:00Z",
        },
    },
}
CSV_EXAMPLE = (
    "id,origin,destination,release,service_class,parcels,kg\n"
    "C1,WH-MA-CASABLANCA-1,SC-FR-LYON,2026-11-24T16:00:00Z,express,40,62.5\n"
)


class CommodityIn(BaseModel):
    """Parcels with the same ends, release and class; as a row of a demand file (docs/plan.md)."""

    model_config = ConfigDict(extra="forbid")

    id: str | None = Field(default=None, max_length=200)
    origin: str = Field(description="facility id, `ID/door`, or a city", examples=["WH-MA-CASABLANCA-1"])
    destination: str = Field(examples=["SC-FR-LYON"])
    parcels: int = Field(gt=0, examples=[40])
    kg: float = Field(gt=0, description="of all parcels together", examples=[62.5])
    m3: float | None = Field(default=None, ge=0)
    release: Instant | None = None
    due: Instant | None = None
    service_class: str = Field(default="standard", examples=["express"])
    merchant_class: str = ""
    goods: str = Field(default="", description="kinds of goods, joined by |")
    late_price: float | None = Field(default=None, ge=0, description="for each parcel and hour after due")
    max_transfers: int | None = Field(
        default=None, ge=0, le=MOST_TRANSFERS, description="how often its parcels may change vehicles"
    )


class LineIn(BaseModel):
    """What may be decided of a service, at what cost; as a row of a file of lines (docs/plan.md)."""

    model_config = ConfigDict(extra="forbid")

    service: str = Field(min_length=1, max_length=200, examples=["CMN-CDG-1"])
    shift: int | None = Field(default=None, description="minutes: a copy that leaves so much later")
    vehicle_cost: float | None = Field(default=None, ge=0, description="of each vehicle of a departure")
    line_cost: float | None = Field(default=None, ge=0, description="once if any of its departures runs")
    planned: int | None = Field(default=None, ge=0, description="vehicles of each departure as it is")
    most: int | None = Field(default=None, ge=1, description="vehicles of a departure at most")
    cancel: Literal["yes", "no"] | None = Field(
        default=None, description="no: no departure may have fewer vehicles than planned"
    )
    steps: str | None = Field(
        default=None, max_length=2000, description="step rates", examples=["500=120|1000=200"]
    )


class PlanIn(BaseModel):
    """A demand to plan, or an earlier plan to change."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,59}$", examples=["week-48"])
    commodities: list[CommodityIn] | None = Field(default=None, max_length=100_000)
    start: Day | None = Field(default=None, description="first day; by default that of the first release")
    from_: str | None = Field(default=None, alias="from", description="name of the earlier plan")
    disruptions: list[str] = Field(
        default=[],
        description="`cancel SERVICE[@date]`, `close FACILITY [from..to]`, `redirect FACILITY OTHER`, `peak 3x`",
    )
    at: Instant | None = Field(default=None, description="instant of the disruption")
    widen: int | None = Field(
        default=None, ge=0, description="row of the earlier plan to give a tenth more room"
    )
    seconds: float = Field(default=90, gt=0, le=LONGEST)
    gap: float = Field(default=0.001, ge=0, le=1)
    max_transfers: int | None = Field(
        default=None, ge=0, le=MOST_TRANSFERS, description="for commodities that state none"
    )
    ride_price: float = Field(default=0, ge=0, le=DEAREST, description="of each ride that a parcel boards")
    co2e_price: float = Field(default=90, ge=0, le=DEAREST, description="of a tonne of CO2e")
    lines: list[LineIn] | None = Field(
        default=None, max_length=5000, description="services of which departures are decided, too"
    )
    few_changes: float | None = Field(
        default=None,
        ge=0,
        le=MOST_ABOVE,
        description="change as few lines as a cost of this part over the least allows (0.05: 5 %)",
    )
    balance_price: float = Field(
        default=0,
        ge=0,
        le=DEAREST,
        description="of a departure or sorting queue that is full; half full a quarter",
    )


def _inlined(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema without definitions of its own: the body is read by hand, so FastAPI lists none for it."""
    parts = schema.pop("$defs", {})

    def fill(node: Any) -> Any:
        if isinstance(node, dict):
            if "$ref" in node:
                return fill(parts[node["$ref"].rsplit("/", 1)[-1]])
            return {key: fill(value) for key, value in node.items()}
        return [fill(value) for value in node] if isinstance(node, list) else node

    filled: dict[str, Any] = fill(schema)
    return filled


SCHEMA = _inlined(PlanIn.model_json_schema())


class PlanOut(BaseModel):
    """A plan and where it stands; `summary` is its plan.json (docs/plan.md)."""

    name: str = Field(examples=["week-48"])
    state: str = Field(examples=["done"], description="waiting, running, done, failed or interrupted")
    reason: str = Field(default="", description="why it failed")
    progress: dict[str, float] | None = Field(
        default=None, description="round, seconds, bound, cost of the best plan so far, gap"
    )
    summary: dict[str, Any] | None = None


def as_csv(rows: Sequence[CommodityIn] | Sequence[LineIn] | None) -> bytes | None:
    """Rows of a body as the file that says the same; None where there are none."""
    if not rows:
        return None
    text = io.StringIO()
    writer = csv.DictWriter(text, tuple(type(rows[0]).model_fields))
    writer.writeheader()
    for one in rows:
        writer.writerow({k: v for k, v in one.model_dump(mode="json").items() if v is not None})
    return text.getvalue().encode()
