"""What is promised to parcels by their class of service."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class ServiceClass:
    """What a class promises by itself, where a row states nothing else."""

    due_hours: float | None
    late_per_parcel_hour: float


@cache
def service_classes() -> dict[str, ServiceClass]:
    """The table that qafila ships (planning/facts/service-classes.csv)."""
    with (files("qafila.planning") / "facts" / "service-classes.csv").open(encoding="utf-8") as lines:
        return {
            row["service_class"]: ServiceClass(
                float(row["due_hours"]) if row["due_hours"] else None, float(row["late_per_parcel_hour"])
            )
            for row in csv.DictReader(lines)
        }
