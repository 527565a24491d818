"""A build-up that came from outside, judged before it is kept or printed: each ULD against its own limits."""

from __future__ import annotations

from qafila.air import air_messages as say
from qafila.air.flight import Flight, LoadPlan
from qafila.core.message import Message
from qafila.packing.checking import Standing, flaws


def unsound(flight: Flight, plan: LoadPlan) -> list[Message]:
    """What is wrong with the ULDs of a plan: too heavy, pieces outside of the contour, in one another, unsupported, overloaded,
    ready too late, or with codes that may not share a ULD. Positions are judged by `arrange`."""
    types = {t.name: t for t in flight.types}
    segments = {s.name: s for s in flight.segments}
    found: list[Message] = []
    for n, uld in enumerate(plan.ulds):
        type, segment, name = types[uld.type], segments[uld.segment], f"U{n + 1}"
        if uld.weight > type.most + 1e-6:
            found.append(say.ULD_HEAVY(uld=name, weight=round(uld.weight), most=round(type.most)))
        lots = [segment.lots[p.lot] for p in uld.pieces]
        stack = [Standing(lot.kind, p.start, p.size) for lot, p in zip(lots, uld.pieces, strict=True)]
        late = any(lot.ready + type.seconds > segment.departs for lot in lots)
        codes = frozenset[str]().union(*(lot.kind.codes for lot in lots))
        if late or any(pair <= codes for pair in flight.apart) or flaws(type.contour, stack):
            found.append(say.ULD_UNSOUND(uld=name))
    return found
