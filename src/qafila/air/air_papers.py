"""Load sheet and NOTOC (notification to the captain) of a load plan as PDF."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

from qafila.air.air_drawing import side_view, uld_picture
from qafila.air.air_explaining import LeftBehind
from qafila.air.loading import Loading, Lots
from qafila.runtime.runtime_pages import typeset


def load_sheet(loading: Loading) -> bytes:
    """The load sheet: the aircraft from the side on each leg, what stands where, balance, every ULD as a picture.

    Raises:
        FontsMissing: the fonts were not built.
    """
    return _set(load_sheet_facts(loading))


def notoc(loading: Loading, papers: Lots) -> bytes:
    """The notification to the captain: dangerous goods and other special loads, with their positions.

    Raises:
        FontsMissing: the fonts were not built.
    """
    return _set(notoc_facts(loading, papers))


def load_sheet_facts(loading: Loading) -> dict[str, Any]:
    """What a load sheet says."""
    flight, made = loading.flight, loading.plan
    craft = flight.aircraft
    most = min((limit.most for limit in craft.limits if not limit.positions), default=0.0)
    positions = {p.name: p for p in craft.positions}
    kinds = {t.name: t for t in flight.types}
    lots = {segment.name: segment.lots for segment in flight.segments}
    legs = []
    for n, leg in enumerate(flight.legs):
        load = sum(made.ulds[u].weight for u in made.stands[n].values())
        empty = craft.empty_weight + leg.fuel
        decks: dict[str, float] = defaultdict(float)
        for name, u in made.stands[n].items():
            decks[positions[name].deck] += made.ulds[u].weight
        rows = [
            [
                name,
                f"U{u + 1}",
                made.ulds[u].type,
                made.ulds[u].segment,
                str(len(made.ulds[u].pieces)),
                _kg(made.ulds[u].weight),
                _kg(min(positions[name].most, kinds[made.ulds[u].type].most)),
                " ".join(
                    sorted(
                        {c for p in made.ulds[u].pieces for c in lots[made.ulds[u].segment][p.lot].kind.codes}
                    )
                ),
            ]
            for name, u in sorted(made.stands[n].items(), key=lambda at: positions[at[0]].arm)
        ]
        legs.append(
            {
                "name": leg.name,
                "picture": side_view(flight, made, n),
                "empty": _kg(craft.empty_weight),
                "fuel": _kg(leg.fuel),
                "load": _kg(load),
                "zero_fuel": _kg(craft.empty_weight + load),
                "total": _kg(empty + load),
                "free": _kg(most - load) if most else "–",
                "ulds": str(len(rows)),
                "decks": [[deck or "all", _kg(weight)] for deck, weight in sorted(decks.items())]
                if len(decks) > 1
                else [],
                "arm": f"{made.arms[n]:.1f}",
                "forward": f"{craft.forward:.0f}",
                "aft": f"{craft.aft:.0f}",
                "side": f"{abs(made.lateral[n]) / 100:.0f}",
                "which": "right" if made.lateral[n] >= 0 else "left",
                "rows": rows,
            }
        )
    ulds = []
    for n, uld in enumerate(made.ulds):
        volume = sum(lots[uld.segment][p.lot].kind.volume for p in uld.pieces)
        ulds.append(
            {
                "id": f"U{n + 1}",
                "type": uld.type,
                "segment": uld.segment,
                "weight": f"{uld.weight:.0f}",
                "fill": f"{100 * volume / kinds[uld.type].contour.volume:.0f}",
                "picture": uld_picture(kinds[uld.type], uld, lots[uld.segment]),
            }
        )
    return {
        **_head(loading, "Load sheet", "load"),
        "legs": legs,
        "ulds": ulds,
        "behind": [_row(one) for one in (*loading.stopped, *loading.behind)],
    }


def notoc_facts(loading: Loading, papers: Lots) -> dict[str, Any]:
    """What a NOTOC says: one row for each lot in each ULD."""
    flight, made = loading.flight, loading.plan
    lots = {segment.name: segment.lots for segment in flight.segments}
    place: dict[int, str] = {}
    for stands in made.stands:
        for name, u in stands.items():
            place.setdefault(u, name)
    dangerous, special = [], []
    for u, uld in enumerate(made.ulds):
        for n in sorted({p.lot for p in uld.pieces}):
            lot = lots[uld.segment][n]
            pieces = str(sum(p.lot == n for p in uld.pieces))
            codes = " ".join(sorted(lot.kind.codes))
            known = papers.get((uld.segment, n))
            where = [place[u], f"U{u + 1}", lot.shipment]
            if known is not None and (goods := known.dangerous) is not None:
                dangerous.append(
                    [
                        *where,
                        goods.un,
                        goods.name,
                        goods.hazard,
                        goods.group,
                        goods.instruction,
                        pieces,
                        goods.net,
                        codes,
                    ]
                )
            elif codes:
                special.append([*where, pieces, codes])
    return {**_head(loading, "NOTOC", "notoc"), "dangerous": dangerous, "special": special}


def _head(loading: Loading, title: str, kind: str) -> dict[str, Any]:
    flight = loading.flight
    departs = datetime.fromtimestamp(min(s.departs for s in flight.segments), UTC)
    return {
        "kind": kind,
        "title": title,
        "flight": flight.name,
        "aircraft": flight.aircraft.name,
        "departs": f"{departs:%Y-%m-%d %H:%M} UTC",
    }


def _kg(weight: float) -> str:
    """Whole kg, thousands apart by a thin space, as they are read out."""
    return f"{weight:,.0f}".replace(",", "\u202f")


def _row(one: LeftBehind) -> list[str]:
    return [one.segment, one.lot.shipment, str(one.count), str(one.why), str(one.remedy)]


def _set(facts: dict[str, Any]) -> bytes:
    return typeset("qafila.air", "papers.typ", facts)
