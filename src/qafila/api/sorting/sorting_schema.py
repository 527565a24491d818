"""What /sorting takes."""

from __future__ import annotations

from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

Id = Annotated[str, Field(min_length=1, max_length=80)]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ChuteIn(_In):
    """A chute: who serves it, how far its bags are carried, and how many parcels it takes in a shift (0: any)."""

    id: Id
    zone: str = Field("", max_length=40)
    metres: float = Field(0, ge=0, le=5_000)
    room: int = Field(0, ge=0, le=10_000_000)


class CentreIn(_In):
    """A sorting centre."""

    chutes: list[ChuteIn] = Field(min_length=1, max_length=2_000)
    special: dict[str, Id] = Field(
        description="The chute of each reason: unknown (needed), damaged, overweight, oversize, held, missed, recalled, astray, no_chute."
    )
    limits: dict[str, Annotated[int, Field(ge=1, le=10_000_000)]] = Field(
        default_factory=dict, description="grams, longest_mm, girth_mm of what the sorter carries."
    )
    around: int = Field(0, ge=0, le=1_440, description="Minutes from induction into the departure.")
    bag: int = Field(20, ge=1, le=10_000, description="Parcels in a bag.")


class ScanIn(_In):
    """One thing on the belt."""

    code: str = Field(max_length=200, description="What was read; `?` for a character that was not.")
    at: AwareDatetime | None = None
    damaged: bool = False
    grams: int = Field(0, ge=0, le=10_000_000)
    size_mm: tuple[int, int, int] = (0, 0, 0)
    key: str = Field("", max_length=200, description="The scan's own key: the same key is the same scan.")
    again_from: str = Field(
        "", max_length=80, description="In the second pass: the group's chute it comes from."
    )
    put: str = Field(
        "",
        max_length=80,
        description="The chute it was put into already, decided without connection; `chute` of the "
        "answer is where it belongs.",
    )


class ScansIn(_In):
    """Scans of one station, in order."""

    station: str = Field("", max_length=80)
    scans: list[ScanIn] = Field(min_length=1, max_length=500)
    durable: bool = Field(False, description="Answer only once their events are committed.")


class PlanIn(_In):
    """What a sort plan is made of."""

    shift: Id
    since: AwareDatetime
    until: AwareDatetime
    flows: dict[Id, Annotated[int, Field(ge=0, le=100_000_000)]] | None = Field(
        None,
        max_length=5_000,
        description="Next stop to parcels; left out: what is booked through the centre in the shift.",
    )
    of_plan: str = Field(
        "",
        pattern="^([a-z0-9][a-z0-9-]{0,59})?$",
        description="Or the name of a planner's plan whose flows are sorted.",
    )
    seconds: float = Field(20, ge=0.1, le=60)
    in_place: bool = True


class HandOverIn(_In):
    """The end of a shift: what was counted in each chute."""

    counts: dict[Id, Annotated[int, Field(ge=0, le=10_000_000)]]
    to: str = Field("", max_length=80, description="Who takes over.")
    since: AwareDatetime = Field(description="When the shift began.")


class RelabelIn(_In):
    """A parcel whose label cannot be read: its number, or as much as can be read of it."""

    number: str = Field(max_length=40)


class MeasureIn(_In):
    """What a machine weighed and measured."""

    parcel: str = Field(max_length=40)
    grams: int = Field(ge=1, le=10_000_000)
    size_mm: tuple[
        Annotated[int, Field(ge=1, le=100_000)],
        Annotated[int, Field(ge=1, le=100_000)],
        Annotated[int, Field(ge=1, le=100_000)],
    ]
    machine: Id
    certificate: str = Field("", max_length=120, description="Of the machine's last calibration.")
    picture_sha256: str = Field(
        "", pattern="^([0-9a-f]{64})?$", description="Of the machine's picture, as proof."
    )
    at: AwareDatetime | None = None


class RecallIn(_In):
    """Parcels that are called back, or no longer."""

    parcels: list[Annotated[str, Field(max_length=40)]] = Field(min_length=1, max_length=1_000)
    because: str = Field(min_length=1, max_length=500)
    ended: bool = False
