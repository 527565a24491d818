"""What /delivery takes."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field

from qafila.api.chassis.common_schema import In, Instant
from qafila.delivery.at_door import Told, told_from

Id = Annotated[str, Field(min_length=1, max_length=80)]


class VehicleIn(In):
    """A vehicle of a station; what is not said is that of its kind."""

    kind: str = Field(min_length=1, max_length=40, description="van, car, motorcycle, bicycle or walker")
    driver: str = Field(default="", max_length=120)
    max_g: int = Field(default=0, ge=0, le=50_000_000)
    max_cm3: int = Field(default=0, ge=0, le=200_000_000)
    max_pieces: int = Field(default=0, ge=0, le=5000)
    from_minute: int = Field(default=480, ge=0, le=2160, description="of the station's day")
    until_minute: int = Field(default=1080, ge=0, le=2160)
    skills: list[Id] = Field(default_factory=list, max_length=20)
    trips: int = Field(default=1, ge=1, le=9)
    active: bool = True
    carrier: str = Field(
        default="",
        max_length=80,
        description="the tenant whose vehicle it is; empty: the hub's own; not said: as it stands",
    )


class RoundsIn(In):
    """What to plan."""

    day: date
    coming: bool = Field(default=False, description="parcels that are still expected, too")


class HauledActIn(In):
    """What a driver did. `kind` says which of the fields it needs; see docs/delivery.md."""

    kind: Id
    at: Instant | None = Field(default=None, description="when it was done; now, where it is not said")
    late: bool = Field(default=False, description="it was done without connection")
    by: str = Field(default="", max_length=80)
    device: str = Field(default="", max_length=80)
    round: str = Field(default="", max_length=80)
    parcel: str = Field(default="", max_length=40)
    reason: str = Field(default="", max_length=40)
    left: str = Field(default="", max_length=40)
    detail: str = Field(default="", max_length=300)
    point: str = Field(default="", max_length=80)
    name: str = Field(default="", max_length=120)
    signature: str = Field(
        default="", max_length=60_000, description="the path of an SVG: M and L with whole numbers"
    )
    photo: str = Field(default="", max_length=900_000, description="JPEG or PNG, base64")
    code: str = Field(default="", max_length=20)
    collected: str = Field(default="", max_length=40)
    lat: float | None = Field(default=None, ge=-90, le=90)
    lon: float | None = Field(default=None, ge=-180, le=180)
    answer: str = Field(
        default="", max_length=40, description="of a call: confirmed, other_day, wrong_number, no_answer"
    )
    day: str = Field(default="", max_length=10, description="which day the buyer wants, as YYYY-MM-DD")

    def told(self) -> Told:
        """As the floor knows it."""
        given: dict[str, Any] = self.model_dump()
        return told_from(given)


class DoorActIn(HauledActIn):
    """What a driver did at a station of the hub."""

    facility: Id


class FallOutIn(In):
    """A vehicle that cannot go on, and where it stands."""

    lat: float = Field(ge=-90, le=90)
    lon: float = Field(ge=-180, le=180)


class CompartmentIn(In):
    """A compartment: inner sides in mm."""

    id: Id
    size_mm: tuple[int, int, int]
    adapter: str = Field(default="counter", max_length=40)


class CompartmentsIn(In):
    """The compartments of a point."""

    compartments: list[CompartmentIn] = Field(min_length=1, max_length=2000)


class LimitIn(In):
    """How much a place takes a day."""

    kind: Literal["point", "returns"]
    per_day: int | None = Field(default=None, ge=0, le=100_000, description="none: no limit")


class OpenIn(In):
    """What somebody typed or showed at a point."""

    code: str = Field(min_length=4, max_length=60)
    name: str = Field(default="", max_length=120)
    collected: str = Field(default="", max_length=40)
