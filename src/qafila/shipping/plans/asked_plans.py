"""What a plan is asked with, as it is kept beside the plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from math import isfinite
from pathlib import Path
from typing import Any

import orjson

from qafila.core.fault import Fault
from qafila.shipping.plans import plans_messages as m

LONGEST = 900.0
"""Seconds that a search may take at most."""

MOST_TRANSFERS, DEAREST, MOST_ABOVE = 15, 1e6, 10.0
"""Transfers that may be asked for at most, what a ride, a tonne or a full departure may cost at most, and by how many
times the least cost a design with fewer changes may cost more."""

LINES_FILE = "asked-lines.csv"


class PlanRefused(Fault):
    """A plan cannot be asked for like this; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a plan is asked with: a demand file, or an earlier plan with what broke, grew or was widened.

    Prices are in the currency of the network.
    """

    name: str
    asked_at: datetime
    demand: str = ""  # ending of the file's name: .csv or .parquet
    start: str = ""  # first day, ISO 8601; empty: by the demand
    origin: str = ""  # name of the earlier plan
    disruptions: tuple[str, ...] = ()
    at: str = ""  # instant of the disruption, ISO 8601
    widen: int | None = None  # row of the earlier plan whose capacity is a tenth more
    seconds: float = 90.0
    gap: float = 0.001
    max_transfers: int | None = None  # for rows of the demand that state none; None: no limit
    ride_price: float = 0.0  # of each ride that a parcel boards
    co2e_price: float = 90.0  # of a tonne
    lines: bool = False  # whether there is a file of lines (LINES_FILE): departures are decided, too
    few_changes: float | None = (
        None  # by which part a design with fewer changed lines may cost more than the least
    )
    balance_price: float = 0.0  # of a departure or sorting queue that is full

    @property
    def decides(self) -> bool:
        """Whether departures are decided, or how even they are loaded, and not the ways alone."""
        return self.lines or self.balance_price > 0

    def within_limits(self) -> Asked:
        """The same, the time and the gap brought within what is allowed. Raises PlanRefused."""

        def refuse(field: str, value: float | None, most: float) -> None:
            if value is not None and not (isfinite(value) and 0 <= value <= most):
                raise PlanRefused(m.BETWEEN(low=0, high=int(most)), field=field, value=str(value))

        refuse("max_transfers", self.max_transfers, MOST_TRANSFERS)
        for field in ("ride_price", "co2e_price", "balance_price"):
            refuse(field, getattr(self, field), DEAREST)
        refuse("few_changes", self.few_changes, MOST_ABOVE)
        if self.few_changes is not None and not self.lines:
            raise PlanRefused(m.NEEDS_LINES(), field="few_changes", value=str(self.few_changes))
        if self.origin and (self.decides or self.max_transfers is not None or self.ride_price):
            raise PlanRefused(m.AS_BEFORE(plan=self.origin), field="from", value=self.origin)
        return replace(self, seconds=min(max(self.seconds, 1.0), LONGEST), gap=min(max(self.gap, 0.0), 1.0))


def read_asked(place: Path) -> Asked | None:
    """What a plan's folder says it was asked with; None where it says nothing."""
    stored = read_json(place / "asked.json")
    if stored is None:
        return None
    told: Sequence[str] = stored["disruptions"]
    at = datetime.fromisoformat(stored["asked_at"]).astimezone(UTC)
    return Asked(**{**stored, "asked_at": at, "disruptions": tuple(told)})


def read_json(path: Path) -> dict[str, Any] | None:
    """A JSON document; None where there is none."""
    try:
        found: dict[str, Any] = orjson.loads(path.read_bytes())
        return found
    except (OSError, orjson.JSONDecodeError):
        return None
