"""What /sorting/units and /sorting/despatches take."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

Id = Annotated[str, Field(min_length=1, max_length=80)]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class UnitActIn(_In):
    """One act of a scanner on a bag, pallet, ULD or vehicle."""

    key: Annotated[str, Field(min_length=1, max_length=200)]
    act: Literal["open", "load", "unload", "close", "seal", "depart", "arrive", "empty"]
    unit: Id
    at: AwareDatetime | None = None
    child: str = Field(
        "", max_length=80, description="What is put in or taken out: a parcel or a smaller unit."
    )
    facility: str = Field("", max_length=80)
    kind: Literal["", "bag", "pallet", "uld", "vehicle"] = ""
    destination: str = Field("", max_length=80)
    chute: str = Field("", max_length=80, description="The chute that fills it.")
    service: str = Field("", max_length=80)
    day: int | None = Field(None, ge=0, le=100_000)
    position: str = Field("", max_length=40, description="Of a ULD in its aircraft.")
    seal: str = Field("", max_length=80)
    late: bool = Field(
        False,
        description="Done without connection, and sent later: it is kept, with a warning where it does not fit.",
    )


class UnitActsIn(_In):
    """Acts of a scanner, in the order in which they were done."""

    station: str = Field("", max_length=80)
    acts: list[UnitActIn] = Field(min_length=1, max_length=500)


class DrawIn(_In):
    """A new number: an SSCC under a GS1 company prefix, or an S9 receptacle of a despatch."""

    prefix: str = Field("", pattern="^([0-9]{6,12})?$", description="GS1 company prefix.")
    despatch: str = Field("", max_length=30, description="S8 number; its next receptacle.")
    last: bool = False
    registered: bool = False
    grams: int = Field(0, ge=0, le=999_900)


class DespatchIn(_In):
    """A despatch that is closed here."""

    origin: str = Field(pattern="^[A-Z]{2}[A-Z0-9]{3}[A-Z]$", description="Office of exchange (IMPC code).")
    destination: str = Field(pattern="^[A-Z]{2}[A-Z0-9]{3}[A-Z]$")
    category: Literal["A", "B", "C", "D"]
    subclass: str = Field(pattern="^[A-Z]{2}$")
    serial: int = Field(ge=1, le=9_999)
    facility: Id
    to: str = Field("", max_length=80, description="The facility that it goes to.")
    bags: list[Annotated[str, Field(max_length=40)]] = Field(min_length=1, max_length=999)
    transport: str = Field("", max_length=80)


class PredesIn(_In):
    """PREDES content of another office: as JSON, or as an interchange with one IFCSUM."""

    facility: Id
    document: dict[str, Any] = Field(default_factory=dict)
    edifact: str = Field("", max_length=4_000_000)
