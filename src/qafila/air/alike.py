"""Who flies of those that are alike: pieces of the same kind that cost the same to leave can stand in for each other.

The search does not ask whose a piece is, but it may come upon one lot before another. So its plan is put right by a rule that
everybody can check: of like pieces those that were ready first fly; of lots that were ready at one time each has the same
share, what is over going to the largest remainder and then in the order of the flight file. Shares are by pieces, so that
nobody gains by splitting a lot.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby

from qafila.air.flight import Flight, LoadPlan
from qafila.air.gate import Papers

Lots = Mapping[tuple[str, int], Papers]


def shares(ready: Sequence[int], count: Sequence[int], fly: int) -> list[int]:
    """How many pieces of each of some like lots fly.

    Args:
        ready: when each lot is ready, in any unit, in the order of the flight file.
        count: the pieces of each.
        fly: how many fly in all.
    """
    found = [0] * len(ready)
    order = sorted(range(len(ready)), key=lambda n: ready[n])
    for _, group in groupby(order, key=lambda n: ready[n]):
        lots = list(group)
        there = sum(count[n] for n in lots)
        some = min(fly, there)
        fly -= some
        for n in lots:
            found[n] = count[n] * some // there if there else 0
        over = some - sum(found[n] for n in lots)
        for n in sorted(lots, key=lambda n: (-(count[n] * some % there), n) if there else (0, n))[:over]:
            found[n] += 1
    return found


def put_right(flight: Flight, papers: Lots, made: LoadPlan) -> LoadPlan:
    """The plan with like pieces exchanged, so that those fly whose turn it is; nothing else of it changes.

    A piece that was ready earlier can lie wherever a later one could, so every limit that was kept is kept.
    """
    seconds = {one.name: one.seconds for one in flight.types}
    ulds = [list(one.pieces) for one in made.ulds]
    behind = dict(made.behind)
    for segment in flight.segments:
        groups: dict[Hashable, list[int]] = defaultdict(list)
        for n, lot in enumerate(segment.lots):
            known = papers.get((segment.name, n))
            groups[lot.kind, lot.penalty, known.dangerous if known else None].append(n)
        for lots in groups.values():
            places = [
                (u, at)
                for u, one in enumerate(made.ulds)
                if one.segment == segment.name
                for at, piece in enumerate(one.pieces)
                if piece.lot in lots
            ]
            if len(lots) < 2 or not places:
                continue
            of = [segment.lots[n] for n in lots]
            fly = shares([one.ready for one in of], [one.count for one in of], len(places))
            turn = sorted(range(len(lots)), key=lambda n: of[n].ready)
            # who is ready late goes where a ULD is built up quickly
            places.sort(key=lambda at: -seconds[made.ulds[at[0]].type])
            taken = [lots[n] for n in turn for _ in range(fly[n])]
            for (u, at), number in zip(places, taken, strict=True):
                ulds[u][at] = replace(ulds[u][at], lot=number)
            for n, number in enumerate(lots):
                behind.pop((segment.name, number), None)
                if of[n].count > fly[n]:
                    behind[segment.name, number] = of[n].count - fly[n]
    built = tuple(replace(one, pieces=tuple(pieces)) for one, pieces in zip(made.ulds, ulds, strict=True))
    return replace(made, ulds=built, behind=behind)
