"""What /fleet takes."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

Id = Annotated[str, Field(min_length=1, max_length=80)]
Registration = Annotated[str, Field(pattern=r"^[A-Z0-9]{1,3}-?[A-Z0-9]{2,5}$")]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class TailIn(_In):
    """A tail of the fleet."""

    type: Id
    base: Id
    since: date | None = None
    until: date | None = None


class OutageIn(_In):
    """A time in which a tail or a facility is out of use."""

    kind: Literal["tail", "facility"]
    subject: Id = Field(description="Registration, or facility.")
    begins: AwareDatetime
    ends: AwareDatetime
    because: str = Field("", max_length=500)


class RepairIn(_In):
    """A time whose schedule is to be repaired."""

    begins: AwareDatetime
    ends: AwareDatetime
    seconds: float = Field(10, ge=0.5, le=60)
    across: bool = Field(False, description="Whether tails of another type rating may take part.")


class ChangeIn(_In):
    """What holds for a sector from now on; none of tail, delay and cancelled: the plan again."""

    service: Id
    day: date = Field(description="Service day.")
    call: int = Field(0, ge=0, le=100, description="The call from which it departs, from 0.")
    tail: str = Field("", pattern=r"^([A-Z0-9]{1,3}-?[A-Z0-9]{2,5})?$")
    delay: int = Field(0, ge=0, le=2880, description="Minutes.")
    cancelled: bool = False
    because: str = Field("", max_length=500)


class ChangesIn(_In):
    """Changes that are put in place together, or only looked at."""

    changes: list[ChangeIn] = Field(min_length=1, max_length=500)
    stamp: str = Field(
        "", max_length=40, description="Of the repair: refused where the schedule changed since."
    )
    preview: bool = Field(False, description="Only say what they would do to parcels.")


class DutyIn(_In):
    """A duty of one person."""

    reports: AwareDatetime
    ends: AwareDatetime
    block: int = Field(ge=0, le=1440, description="Minutes off blocks to on blocks, of all sectors.")
    sectors: int = Field(ge=1, le=10)
    pilots: int = Field(2, ge=2, le=4)
    origin: Id
    to: Id
    bunk: bool = Field(False, description="Whether the aircraft has a rest facility of class 1.")


class RosterIn(_In):
    """Duties of one person in order of time."""

    base: Id
    duties: list[DutyIn] = Field(min_length=1, max_length=400)


class AllotmentIn(_In):
    """Room of a flight that a holder gets."""

    id: str = Field("", max_length=80, description="Its own; the same again is the same allotment.")
    service: Id
    day: date
    call: int = Field(0, ge=0, le=100)
    holder: Id = Field(description="The tenant.")
    grams: int = Field(ge=0, le=10**9)
    cm3: int = Field(ge=0, le=10**10)
    release_at: AwareDatetime = Field(description="When what is not drawn goes back.")


class DrawIn(_In):
    """Goods of the holder that ride on his allotment."""

    key: Annotated[str, Field(min_length=1, max_length=200)]
    grams: int = Field(ge=0, le=10**9)
    cm3: int = Field(ge=0, le=10**10)
    waybill: str = Field("", max_length=20)
