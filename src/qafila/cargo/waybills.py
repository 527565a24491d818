"""Air waybills: a master over parcels, and houses within it; FWB, FHL and FFM content as JSON."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import orjson
from sqlalchemy import Connection, text

from qafila.cargo import messages
from qafila.core.fault import Conflict, Fault, NotFound
from qafila.core.identifiers import awb
from qafila.core.identifiers.errors import InvalidNumber


@dataclass(frozen=True, slots=True)
class House:
    """A house waybill: some of a master's parcels, under one trade of one shipper."""

    number: str
    parcels: tuple[str, ...]
    shipper: str = ""
    consignee: str = ""
    goods: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a master waybill is issued for.

    Attributes:
        number: 3 + 8 digits, the last of them serial modulo 7.
        parcels: those that stand on it directly; those of its houses are on it too.
        codes: special handling codes (IATA), such as ECC or PER.
    """

    number: str
    origin: str
    destination: str
    carrier: str
    parcels: tuple[str, ...] = ()
    houses: tuple[House, ...] = ()
    flights: tuple[str, ...] = ()
    shipper: str = ""
    consignee: str = ""
    agent: str = ""
    goods: str = "CONSOLIDATION"
    codes: tuple[str, ...] = ()
    readers: tuple[str, ...] = ()  # tenants that may read it beside the hub


def issue(connection: Connection, wanted: Wanted, tenant: str, at: datetime) -> dict[str, Any]:
    """Issues a master waybill with its houses, and gives its FWB content.

    Raises:
        Fault: the number's check digit is wrong, a house stands twice or is empty, nothing is on it.
        Conflict: the number is issued, or a parcel is on another waybill.
    """
    try:
        number = awb.parse(wanted.number)
    except InvalidNumber as wrong:
        raise Fault(messages.AWB_WRONG(what=str(wrong)), field="number", value=wanted.number[:40]) from wrong
    seen: set[str] = set()
    for house in wanted.houses:
        if house.number in seen or not house.parcels or not 0 < len(house.number) <= 20:
            raise Fault(
                messages.HOUSE_WRONG(number=house.number[:40]), field="houses", value=house.number[:40]
            )
        seen.add(house.number)
    on_it = [*wanted.parcels, *(p for h in wanted.houses for p in h.parcels)]
    if not on_it:
        raise Fault(messages.NOTHING_ON_IT(), field="parcels")
    boxes = _boxes(connection, on_it)
    rows = connection.execute(
        text("SELECT parcel, waybill FROM waybill_parcels WHERE parcel = ANY(:p)"), {"p": on_it}
    )
    taken = {r.parcel: r.waybill for r in rows}
    for parcel in on_it:
        if parcel not in boxes or parcel in taken or on_it.count(parcel) > 1:
            other = taken.get(parcel, "–")
            raise Conflict(
                messages.NO_PARCEL(number=parcel[:40], other=other), field="parcels", value=parcel[:40]
            )
    houses = [
        {"number": h.number, "shipper": h.shipper, "consignee": h.consignee, "goods": h.goods, "parcels": list(h.parcels), **_sum(boxes, h.parcels)}
        for h in wanted.houses
    ]  # fmt: skip
    document = {
        "number": number, "prefix": number[:3], "serial": number[4:], "type": "MASTER" if houses else "DIRECT",
        "origin": wanted.origin, "destination": wanted.destination, "carrier": wanted.carrier, "flights": list(wanted.flights),
        "shipper": wanted.shipper, "consignee": wanted.consignee, "agent": wanted.agent, "goods": wanted.goods,
        "special_handling": list(wanted.codes), "parcels": list(wanted.parcels), **_sum(boxes, on_it), "houses": houses,
        "issued_at": at,
    }  # fmt: skip
    done = connection.execute(
        text(
            "INSERT INTO waybills (waybill, tenant, readers, document, issued_at) "
            "VALUES (:n, :t, :r, CAST(:d AS jsonb), :at) ON CONFLICT DO NOTHING"
        ),
        {"n": number, "t": tenant, "r": list(wanted.readers), "d": orjson.dumps(document).decode(), "at": at},
    ).rowcount
    if not done:
        raise Conflict(messages.AWB_KNOWN(number=number), field="number", value=number)
    house_of = {p: h.number for h in wanted.houses for p in h.parcels}
    connection.execute(
        text(
            "INSERT INTO waybill_parcels (parcel, waybill, house, grams) "
            "SELECT p, :n, coalesce(CAST(:h AS jsonb)->>p, ''), CAST(CAST(:g AS jsonb)->>p AS bigint) "
            "FROM unnest(CAST(:p AS text[])) AS p"
        ),
        {
            "n": number,
            "p": on_it,
            "h": orjson.dumps(house_of).decode(),
            "g": orjson.dumps({p: boxes[p][0] for p in on_it}).decode(),
        },
    )
    return document


def _boxes(connection: Connection, numbers: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Grams and cm³ of parcels."""
    rows = connection.execute(
        text(
            "SELECT number, grams, length_mm::bigint * width_mm * height_mm / 1000 AS cm3 FROM parcels WHERE number = ANY(:n)"
        ),
        {"n": list(numbers)},
    )
    return {r.number: (int(r.grams), int(r.cm3)) for r in rows}


def _sum(boxes: Mapping[str, tuple[int, int]], parcels: Sequence[str]) -> dict[str, Any]:
    grams, cm3 = (sum(boxes[p][i] for p in parcels) for i in (0, 1))
    kg, m3 = Decimal(grams) / 1000, Decimal(cm3) / 1_000_000
    # IATA: 6,000 cm³ count as a kilogram; to the half kilogram above
    chargeable = max(kg, Decimal(cm3) / 6000)
    half = -(-chargeable * 2 // 1) / 2
    return {"pieces": len(parcels), "kg": str(kg), "m3": f"{m3:.3f}", "chargeable_kg": f"{half:.1f}"}


def waybill(connection: Connection, number: str) -> dict[str, Any]:
    """The FWB content of a waybill; raises NotFound."""
    plain = number
    with contextlib.suppress(InvalidNumber):
        plain = awb.parse(number)
    found = connection.execute(
        text("SELECT document FROM waybills WHERE waybill = :n"), {"n": plain[:40]}
    ).scalar_one_or_none()
    if found is None:
        raise NotFound(messages.NO_AWB(number=number[:40]), field="number", value=number[:40])
    return {"message": "FWB", **found}


def houses(connection: Connection, number: str) -> dict[str, Any]:
    """The FHL content of a master: its houses; raises NotFound."""
    told = waybill(connection, number)
    return {
        "message": "FHL", "master": told["number"], "origin": told["origin"], "destination": told["destination"],
        "pieces": told["pieces"], "kg": told["kg"], "houses": told["houses"],
    }  # fmt: skip


def manifest(
    connection: Connection, flight: str, units: Sequence[tuple[str, str, Sequence[str]]]
) -> dict[str, Any]:
    """The FFM content of a flight: by ULD, each waybill with its pieces and weight aboard; what is on no waybill is named.

    Args:
        units: ULD, its position, and the parcels in it; loose parcels have an empty ULD.
    """
    told = []
    for uld, position, parcels in units:
        rows = connection.execute(
            text(
                "SELECT waybill, count(*) AS pieces, sum(grams) AS grams FROM waybill_parcels "
                "WHERE parcel = ANY(:p) GROUP BY 1 ORDER BY 1"
            ),
            {"p": list(parcels)},
        ).all()
        on = {
            r.waybill: {"waybill": r.waybill, "pieces": r.pieces, "kg": str(Decimal(int(r.grams)) / 1000)}
            for r in rows
        }
        for n in on:
            whole = waybill(connection, n)
            on[n] |= {"of": whole["pieces"], "part": on[n]["pieces"] < whole["pieces"], "origin": whole["origin"],
                      "destination": whole["destination"], "goods": whole["goods"], "special_handling": whole["special_handling"]}  # fmt: skip
        known = set(
            connection.execute(
                text("SELECT parcel FROM waybill_parcels WHERE parcel = ANY(:p)"), {"p": list(parcels)}
            ).scalars()
        )
        told.append(
            {
                "uld": uld or None,
                "position": position or None,
                "waybills": list(on.values()),
                "without_waybill": sorted(set(parcels) - known),
            }
        )
    return {"message": "FFM", "flight": flight, "ulds": told}
