"""Air waybills: a master over parcels, and houses within it; FWB and FHL content as JSON, and what they say of a parcel."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import orjson
from sqlalchemy import Connection, text

from qafila.cargo import cargo_messages
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
    security: Mapping[str, Any] | None = None
    dangerous: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a master waybill is issued for.

    Attributes:
        number: 3 + 8 digits, the last of them serial modulo 7.
        parcels: those that stand on it directly; those of its houses are on it too.
        codes: special handling codes (IATA), such as ECC or PER.
        security: the consignment security declaration: `status`, `received_from`, `methods`, `declaration`; a house's own
            holds for its parcels.
        dangerous: what the shipper declares of dangerous goods on it: `un`, `name`, `hazard`, `instruction`, `group`, `net`,
            `charge`; a house's own holds for its parcels, and the master's for those that stand on it directly.
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
    security: Mapping[str, Any] | None = None
    dangerous: Mapping[str, Any] | None = None


def issue(connection: Connection, wanted: Wanted, tenant: str, at: datetime) -> dict[str, Any]:
    """Issues a master waybill with its houses, and gives its FWB content.

    Raises:
        Fault: the number's check digit is wrong, a house stands twice or is empty, nothing is on it.
        Conflict: the number is issued, or a parcel is on another waybill.
    """
    try:
        number = awb.parse(wanted.number)
    except InvalidNumber as wrong:
        raise Fault(
            cargo_messages.AWB_WRONG(what=str(wrong)), field="number", value=wanted.number[:40]
        ) from wrong
    seen: set[str] = set()
    for house in wanted.houses:
        if house.number in seen or not house.parcels or not 0 < len(house.number) <= 20:
            raise Fault(
                cargo_messages.HOUSE_WRONG(number=house.number[:40]), field="houses", value=house.number[:40]
            )
        seen.add(house.number)
    on_it = [*wanted.parcels, *(p for h in wanted.houses for p in h.parcels)]
    if not on_it:
        raise Fault(cargo_messages.NOTHING_ON_IT(), field="parcels")
    boxes = _boxes(connection, on_it)
    rows = connection.execute(
        text("SELECT parcel, waybill FROM waybill_parcels WHERE parcel = ANY(:p)"), {"p": on_it}
    )
    taken = {r.parcel: r.waybill for r in rows}
    for parcel in on_it:
        if parcel not in boxes or parcel in taken or on_it.count(parcel) > 1:
            other = taken.get(parcel, "–")
            raise Conflict(
                cargo_messages.NO_PARCEL(number=parcel[:40], other=other), field="parcels", value=parcel[:40]
            )
    houses = [
        {
            "number": h.number,
            "shipper": h.shipper,
            "consignee": h.consignee,
            "goods": h.goods,
            "parcels": list(h.parcels),
            **_sum(boxes, h.parcels),
            **_papers(h.security, h.dangerous),
        }
        for h in wanted.houses
    ]
    document = {
        "number": number,
        "prefix": number[:3],
        "serial": number[4:],
        "type": "MASTER" if houses else "DIRECT",
        "origin": wanted.origin,
        "destination": wanted.destination,
        "carrier": wanted.carrier,
        "flights": list(wanted.flights),
        "shipper": wanted.shipper,
        "consignee": wanted.consignee,
        "agent": wanted.agent,
        "goods": wanted.goods,
        "special_handling": list(wanted.codes),
        "parcels": list(wanted.parcels),
        **_sum(boxes, on_it),
        "houses": houses,
        "issued_at": at,
        **_papers(wanted.security, wanted.dangerous),
    }
    done = connection.execute(
        text(
            "INSERT INTO waybills (waybill, tenant, readers, document, issued_at) "
            "VALUES (:n, :t, :r, CAST(:d AS jsonb), :at) ON CONFLICT DO NOTHING"
        ),
        {"n": number, "t": tenant, "r": list(wanted.readers), "d": orjson.dumps(document).decode(), "at": at},
    ).rowcount
    if not done:
        raise Conflict(cargo_messages.AWB_KNOWN(number=number), field="number", value=number)
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


def _papers(security: Mapping[str, Any] | None, dangerous: Mapping[str, Any] | None) -> dict[str, Any]:
    """What is said of security and dangerous goods; nothing where nothing is."""
    told = {"security": security, "dangerous": dangerous}
    return {name: dict(value) for name, value in told.items() if value}


@dataclass(frozen=True, slots=True)
class OnWaybill:
    """What a parcel's waybill says of it; `Wanted` says what each is."""

    waybill: str
    codes: tuple[str, ...]
    security: Mapping[str, Any]
    dangerous: Mapping[str, Any]


def of_parcels(connection: Connection, numbers: Sequence[str]) -> dict[str, OnWaybill]:
    """What waybills say of parcels; those that are on none are not in it."""
    rows = connection.execute(
        text(
            "SELECT p.parcel, p.house, w.waybill, w.document FROM waybill_parcels p JOIN waybills w USING (waybill) "
            "WHERE p.parcel = ANY(:n)"
        ),
        {"n": list(numbers)},
    )
    found = {}
    for row in rows:
        master = row.document
        house: dict[str, Any] = next((h for h in master["houses"] if h["number"] == row.house), {})
        found[row.parcel] = OnWaybill(
            row.waybill,
            tuple(master["special_handling"]),
            house.get("security") or master.get("security", {}),
            house.get("dangerous", {}) if house else master.get("dangerous", {}),
        )
    return found


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
        raise NotFound(cargo_messages.NO_AWB(number=number[:40]), field="number", value=number[:40])
    return {"message": "FWB", **found}


def houses(connection: Connection, number: str) -> dict[str, Any]:
    """The FHL content of a master: its houses; raises NotFound."""
    told = waybill(connection, number)
    return {
        "message": "FHL",
        "master": told["number"],
        "origin": told["origin"],
        "destination": told["destination"],
        "pieces": told["pieces"],
        "kg": told["kg"],
        "houses": told["houses"],
    }
