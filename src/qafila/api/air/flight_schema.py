"""A flight as JSON: aircraft, ULD types, legs, and what is booked; read by the API, the command and the page."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from qafila.air.flight import Aircraft, Flight, Leg, Limit, Lot, Position, Segment, UldType
from qafila.air.gate import Dangerous, Papers, Security
from qafila.api.chassis.speaking import said
from qafila.packing.pieces import TURNS, UPRIGHT, Contour, Cut, Kind

Cm = Annotated[int, Field(gt=0, le=10_000)]
Kg = Annotated[float, Field(gt=0, le=1_000_000, allow_inf_nan=False)]
Arm = Annotated[float, Field(ge=-100_000, le=100_000, description="in cm")]
Money = Annotated[float, Field(ge=0, le=1_000_000_000)]


Bears = Annotated[float, Field(ge=0, le=1_000_000)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PositionIn(_Strict):
    """A place for one ULD; arms in cm from the nose and from the centre line (left is negative)."""

    name: str
    arm: Arm
    most: Kg
    takes: list[str]
    blocked_by: list[str] = []
    lateral: Arm = 0.0
    deck: str = ""


class LimitIn(_Strict):
    """Positions that together take no more than `most` kg; none: all of them."""

    name: str
    most: Kg
    positions: list[str] = []


class AircraftIn(_Strict):
    """An aircraft by tail or type: positions, limits, and the arms between which its centre of gravity must lie."""

    name: str
    positions: list[PositionIn] = Field(min_length=1)
    overlaps: list[tuple[str, str]] = []
    limits: list[LimitIn] = []
    empty_weight: Kg
    empty_arm: Arm
    forward: Arm
    aft: Arm
    best: Arm


class UldTypeIn(_Strict):
    """A type of ULD: inner length, width and height, cut corners as two points of (width, height)."""

    name: str
    size: tuple[Cm, Cm, Cm]
    cuts: list[tuple[tuple[Arm, Arm], tuple[Arm, Arm]]] = []
    tare: float = Field(ge=0, le=1_000_000)
    most: Kg
    minutes: int = Field(ge=0, le=100_000, description="to build one up")
    cost: Money


class LegIn(_Strict):
    """One take-off and landing; `cost_per_cm` is what each cm off the best arm costs in fuel."""

    name: str
    fuel: float = Field(ge=0, le=1_000_000)
    cost_per_cm: Money
    segments: list[str]


class SecurityIn(_Strict):
    """From the consignment security declaration."""

    status: str = Field(default="", examples=["SPX"])
    received_from: str = Field(default="", examples=["KC"])
    methods: list[str] = Field(default=[], examples=[["XRY"]])
    declaration: str = ""


class DangerousIn(_Strict):
    """From the shipper's declaration for dangerous goods."""

    un: str = Field(pattern=r"^(UN|ID)\d{4}$")
    name: str = ""
    hazard: str = ""
    instruction: str = ""
    group: str = ""
    net: str = ""
    charge: int | None = Field(default=None, ge=0, le=100)


class LotIn(_Strict):
    """Pieces of one kind in one shipment: length, width, height in cm, kg each."""

    shipment: str
    piece: str
    size: tuple[Cm, Cm, Cm]
    weight: Kg
    count: int = Field(default=1, gt=0, le=100_000)
    ready: AwareDatetime | None = None
    penalty: float = Field(gt=0, le=1_000_000_000, description="what leaving one piece costs")
    turns: int = Field(
        default=UPRIGHT, ge=1, le=sum(TURNS), description="bits of allowed orientations; 5 is upright, 63 any"
    )
    bears: tuple[Bears, Bears, Bears] = Field(
        default=(1.0, 1.0, 1.0), description="kg a cm² bears, by the side that stands upright"
    )
    codes: list[str] = []
    security: SecurityIn | None = None
    hold: str = Field(default="", description="the authority that says: do not load")
    dangerous: DangerousIn | None = None
    merchant: str = Field(
        default="", max_length=80, description="whose it is; no rule looks at it, only the log keeps it"
    )
    parcels: list[Annotated[str, Field(max_length=80)]] = Field(
        default=[],
        max_length=100_000,
        description="the parcels that it is made of; a parcel leaves an airport on one kept plan",
    )
    undeclared: str = Field(
        default="", description="dangerous goods by the order's own words, without a shipper's declaration"
    )


class SegmentIn(_Strict):
    """What is booked between two airports."""

    name: str
    departs: AwareDatetime
    origin: str = Field(
        default="", max_length=80, description="where it is taken on; else the name stands for it"
    )
    lots: list[LotIn]


class FlightIn(_Strict):
    """A flight to load."""

    name: str
    aircraft: AircraftIn
    types: list[UldTypeIn] = Field(min_length=1)
    legs: list[LegIn] = Field(min_length=1)
    segments: list[SegmentIn] = Field(min_length=1)
    apart: list[tuple[str, str]] = Field(default=[], description="codes that may not share a ULD")
    handling: Money = 130.0
    secured: bool = Field(
        default=False,
        description="a lot without a security declaration is stopped; else it is not asked about",
    )

    def flight(self) -> Flight:
        """The engine's values."""
        craft = self.aircraft
        return Flight(
            self.name,
            Aircraft(
                craft.name,
                tuple(
                    Position(
                        p.name, p.arm, p.most, frozenset(p.takes), tuple(p.blocked_by), p.lateral, p.deck
                    )
                    for p in craft.positions
                ),
                frozenset(frozenset(pair) for pair in craft.overlaps),
                tuple(Limit(one.name, one.most, frozenset(one.positions)) for one in craft.limits),
                craft.empty_weight,
                craft.empty_arm,
                craft.forward,
                craft.aft,
                craft.best,
            ),
            tuple(
                UldType(
                    t.name,
                    Contour(t.size, tuple(Cut(*cut) for cut in t.cuts)),
                    t.tare,
                    t.most,
                    t.minutes * 60,
                    t.cost,
                )
                for t in self.types
            ),
            tuple(Leg(leg.name, leg.fuel, leg.cost_per_cm, frozenset(leg.segments)) for leg in self.legs),
            tuple(
                Segment(
                    segment.name,
                    _seconds(segment.departs),
                    tuple(_lot(lot) for lot in segment.lots),
                    segment.origin,
                )
                for segment in self.segments
            ),
            frozenset(frozenset(pair) for pair in self.apart),
            self.handling,
        )

    def owners(self) -> dict[tuple[str, int], str]:
        """Whose lots are, where the file says so."""
        return {
            (segment.name, n): lot.merchant
            for segment in self.segments
            for n, lot in enumerate(segment.lots)
            if lot.merchant
        }

    def papers(self) -> dict[tuple[str, int], Papers]:
        """What is known of lots that say anything of security, dangerous goods or a hold; of all, where all must be secured."""
        known = {}
        for segment in self.segments:
            for n, lot in enumerate(segment.lots):
                says = lot.security is not None or lot.hold or lot.dangerous is not None or lot.undeclared
                if says or self.secured:
                    s = lot.security or SecurityIn()
                    known[segment.name, n] = Papers(
                        Security(s.status, s.received_from, tuple(s.methods), s.declaration),
                        lot.hold,
                        Dangerous(**lot.dangerous.model_dump()) if lot.dangerous else None,
                        lot.undeclared,
                    )
        return known


def _seconds(instant: datetime) -> int:
    return int(instant.timestamp())


def _lot(lot: LotIn) -> Lot:
    kind = Kind(lot.size, lot.weight, lot.bears, lot.turns, frozenset(lot.codes))
    ready = _seconds(lot.ready) if lot.ready else 0
    return Lot(lot.shipment, lot.piece, kind, lot.count, ready, lot.penalty, tuple(lot.parcels))


def told(flight: Flight, loading: Any) -> dict[str, Any]:
    """A loading as JSON: ULDs with their pieces, positions by leg, balance, costs, and what stays behind."""
    made = loading.plan
    lots = {segment.name: segment.lots for segment in flight.segments}
    return {
        "flight": flight.name,
        "ulds": [
            {
                "id": f"U{n + 1}",
                "type": uld.type,
                "segment": uld.segment,
                "weight": uld.weight,
                "pieces": [
                    {
                        "shipment": lots[uld.segment][p.lot].shipment,
                        "piece": lots[uld.segment][p.lot].piece,
                        "start": list(p.start),
                        "size": list(p.size),
                    }
                    for p in uld.pieces
                ],
            }
            for n, uld in enumerate(made.ulds)
        ],
        "legs": [
            {
                "name": leg.name,
                "positions": {name: f"U{u + 1}" for name, u in sorted(stands.items())},
                "centre_of_gravity": round(arm, 2),
                "lateral_moment": round(side / 100, 1),
            }
            for leg, stands, arm, side in zip(flight.legs, made.stands, made.arms, made.lateral, strict=True)
        ],
        "costs": {
            "behind": made.costs.behind,
            "ulds": made.costs.ulds,
            "fuel": round(made.costs.fuel, 2),
            "handling": made.costs.handling,
            "total": round(made.costs.total, 2),
        },
        "gap": made.gap,
        "behind": [_left(one) for one in loading.behind],
        "stopped": [_left(one) for one in loading.stopped],
    }


def _left(one: Any) -> dict[str, Any]:
    return {
        "segment": one.segment,
        "shipment": one.lot.shipment,
        "piece": one.lot.piece,
        "count": one.count,
        "why": said(one.why),
        "code": one.why.id,
        "remedy": said(one.remedy),
    }
