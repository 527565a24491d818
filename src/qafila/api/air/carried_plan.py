"""A plan that a page carries with it: flight file and build-up, packed into text and read back with every check."""

from __future__ import annotations

import zlib
from base64 import b64decode, b64encode
from binascii import Error as NoBase64

import orjson
from pydantic import ValidationError

from qafila.air import air_messages as say
from qafila.air.flight import BuiltUld, Costs, Flight, LoadPlan, Stowed
from qafila.api.air.flight_schema import FlightIn
from qafila.core.fault import Fault

LARGEST = 32 * 2**20  # bytes, unpacked


def pack(content: bytes) -> str:
    """Bytes as text that a form carries."""
    return b64encode(zlib.compress(content, 6)).decode()


def unpack(text: str) -> bytes:
    """The bytes of such a text. Raises Fault."""
    try:
        unpacker = zlib.decompressobj()
        content = unpacker.decompress(b64decode(text, validate=True), LARGEST)
    except (NoBase64, ValueError, zlib.error) as broken:
        raise Fault(say.NOT_THIS_PLAN(), field="flight") from broken
    if unpacker.unconsumed_tail or not content:
        raise Fault(say.NOT_THIS_PLAN(), field="flight")
    return content


def plan_text(plan: LoadPlan) -> str:
    """A plan as text: ULDs with their pieces, positions on each leg, what stays behind."""
    told = {
        "ulds": [[u.type, u.segment, [[p.lot, *p.start, *p.size] for p in u.pieces]] for u in plan.ulds],
        "stands": [dict(leg) for leg in plan.stands],
    }
    return pack(orjson.dumps(told))


def flight_of(text: str) -> FlightIn:
    """The flight file that a page carries. Raises Fault."""
    try:
        return FlightIn.model_validate_json(unpack(text))
    except ValidationError as broken:
        raise Fault(say.NOT_THIS_PLAN(), field="flight") from broken


def plan_of(text: str, flight: Flight) -> LoadPlan:
    """The plan that a page carries, weighed anew from the flight's own pieces. Raises Fault where it is none of this flight."""
    try:
        told = orjson.loads(unpack(text))
        kinds = {t.name: t for t in flight.types}
        lots = {s.name: s.lots for s in flight.segments}
        used: dict[tuple[str, int], int] = {}
        ulds = []
        for type, segment, pieces in told["ulds"]:
            stowed = []
            for lot, x, y, z, length, width, height in pieces:
                if not 0 <= int(lot) < len(lots[segment]):
                    raise ValueError(lot)
                used[segment, lot] = used.get((segment, lot), 0) + 1
                stowed.append(
                    Stowed(int(lot), (int(x), int(y), int(z)), (int(length), int(width), int(height)))
                )
            weight = kinds[type].tare + sum(lots[segment][p.lot].kind.weight for p in stowed)
            ulds.append(BuiltUld(type, segment, tuple(stowed), weight))
        if any(n > lots[s][lot].count for (s, lot), n in used.items()):
            raise ValueError("more pieces than booked")
        stands = tuple({str(p): int(u) for p, u in leg.items()} for leg in told["stands"])
        names = {p.name for p in flight.aircraft.positions}
        if len(stands) != len(flight.legs) or any(
            not 0 <= u < len(ulds) or p not in names for leg in stands for p, u in leg.items()
        ):
            raise ValueError("positions")
        for n, leg in enumerate(flight.legs):
            if sorted(stands[n].values()) != [i for i, u in enumerate(ulds) if u.segment in leg.segments]:
                raise ValueError("on board")
        behind = {
            (s.name, n): lot.count - used.get((s.name, n), 0)
            for s in flight.segments
            for n, lot in enumerate(s.lots)
            if lot.count > used.get((s.name, n), 0)
        }
        penalty = sum(lots[s][n].penalty * left for (s, n), left in behind.items())
        cost = sum(kinds[u.type].cost for u in ulds)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as broken:
        raise Fault(say.NOT_THIS_PLAN(), field="plan") from broken
    return LoadPlan(tuple(ulds), stands, behind, Costs(penalty, cost, 0.0, 0.0), (), (), 0.0)
