"""What the house knows, as logistics objects of ONE Record (JSON-LD, data model 3.2 of 2025-07)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from qafila.cargo.vocabulary import CODES, CONTEXT

Node = dict[str, Any]
_XSD = "http://www.w3.org/2001/XMLSchema#"
STATUS = {
    "booked": "BKD", "collected": "RCS", "departed": "DEP", "arrived": "ARR", "awaiting_pickup": "NFD", "delivered": "DLV",
    "customs_released": "CCD", "packed_in": "PRE",
}  # fmt: skip
"""IATA status code of an event; others have none, and are told by their name."""


def address(base: str, id: str) -> str:
    """The URI of a logistics object on a server."""
    return f"{base}/logistics-objects/{quote(id, safe='-._~')}"


def key(kind: str, name: str) -> str:
    """An object's id on this server: its kind and its number, with nothing that an address would have to escape."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "-._~") else f"~{ord(c):x}~" for c in name)
    return f"{kind}-{plain}"


def node(base: str, id: str, kind: str, **told: Any) -> Node:
    """A logistics object; properties without a value are left out."""
    made: Node = {"@context": dict(CONTEXT), "@id": address(base, id), "@type": f"cargo:{kind}"}
    return made | {f"cargo:{name}": value for name, value in told.items() if value not in (None, "", [], ())}


def link(base: str, id: str) -> Node:
    """A reference to another object."""
    return {"@id": address(base, id)}


def code(name: str, value: str) -> Node:
    """An element of a published code list."""
    return {"@id": f"{CODES}{name}#{value}"}


def measure(value: float | str, unit: str) -> Node:
    """A value with its unit (UN/CEFACT Recommendation 20)."""
    return {
        "@type": "cargo:Value",
        "cargo:numericalValue": {"@type": f"{_XSD}double", "@value": float(value)},
        "cargo:unit": code("MeasurementUnitCode", unit),
    }


def instant(text: str) -> Node:
    """An instant."""
    return {"@type": f"{_XSD}dateTime", "@value": text}


def words(code: str, description: str = "", of: str = "") -> Node:
    """An element of an open code list, with its code."""
    made: Node = {"@type": "cargo:CodeListElement", "cargo:code": code}
    if description:
        made["cargo:codeDescription"] = description
    if of:
        made["cargo:codeListName"] = of
    return made


def location(name: str, codes: Sequence[tuple[str, str]] = ()) -> Node:
    """A place, by its name and its codes (code, list)."""
    made: Node = {"@type": "cargo:Location", "cargo:locationName": name}
    if codes:
        made["cargo:locationCodes"] = [words(c, of=of) for c, of in codes]
    return made


def party(name: str, role: str) -> Node:
    """A company in a role (IATA participant identifier)."""
    return {
        "@type": "cargo:Party",
        "cargo:partyRole": code("ParticipantIdentifier", role),
        "cargo:partyDetails": {"@type": "cargo:Company", "cargo:name": name},
    }


def piece(
    base: str,
    number: str,
    grams: int,
    size_mm: tuple[int, int, int],
    waybill: str,
    goods: str,
    codes: Sequence[str],
) -> Node:
    """A parcel."""
    length, width, height = size_mm
    return node(
        base,
        key("piece", number),
        "Piece",
        upid=number,
        goodsDescription=goods or None,
        coload=False,
        grossWeight=measure(grams / 1000, "KGM"),
        dimensions={
            "@type": "cargo:Dimensions",
            "cargo:length": measure(length / 1000, "MTR"),
            "cargo:width": measure(width / 1000, "MTR"),
            "cargo:height": measure(height / 1000, "MTR"),
            "cargo:volume": measure(round(length * width * height / 1e9, 6), "MTQ"),
        },
        otherIdentifiers=[
            {
                "@type": "cargo:OtherIdentifier",
                "cargo:otherIdentifierType": "UPU S10",
                "cargo:textualValue": number,
            }
        ],
        ofShipment=[link(base, key("shipment", waybill))],
        specialHandlingCodes=[code("SpecialHandlingCode", c) for c in codes],
    )


def shipment(base: str, name: str, waybill: str, told: Mapping[str, Any], parcels: Sequence[str]) -> Node:
    """What one waybill covers."""
    parties = [party(told[w], r) for w, r in (("shipper", "SHP"), ("consignee", "CNE")) if told.get(w)]
    return node(
        base,
        key("shipment", name),
        "Shipment",
        goodsDescription=told.get("goods"),
        totalGrossWeight=measure(told["kg"], "KGM"),
        pieces=[link(base, key("piece", p)) for p in parcels],
        waybill=link(base, key("waybill", waybill)),
        involvedParties=parties,
    )


def waybills(base: str, told: Mapping[str, Any]) -> list[Node]:
    """A master or direct waybill with its shipment, its houses with theirs."""
    number, houses = told["number"], told["houses"]
    parties = [
        party(told[w], r)
        for w, r in (("shipper", "SHP"), ("consignee", "CNE"), ("agent", "AGT"), ("carrier", "AIR"))
        if told.get(w)
    ]
    ends = {
        "departureLocation": location(told["origin"], [(told["origin"], "IATA airport code")]),
        "arrivalLocation": location(told["destination"], [(told["destination"], "IATA airport code")]),
    }
    every = [*told["parcels"], *(p for h in houses for p in h["parcels"])]
    made = [
        node(
            base,
            key("waybill", number),
            "Waybill",
            waybillPrefix=told["prefix"],
            waybillNumber=told["serial"],
            waybillType={"@id": f"cargo:{told['type']}"},
            **ends,
            involvedParties=parties,
            shipment=link(base, key("shipment", number)),
            carrierDeclarationDate=instant(told["issued_at"]),
            houseWaybills=[link(base, key("waybill", f"{number}~{h['number']}")) for h in houses],
        ),
        shipment(base, number, number, told, every),
    ]
    for house in houses:
        name = f"{number}~{house['number']}"
        made += [
            node(
                base,
                key("waybill", name),
                "Waybill",
                waybillNumber=house["number"],
                waybillType={"@id": "cargo:HOUSE"},
                **ends,
                masterWaybill=link(base, key("waybill", number)),
                shipment=link(base, key("shipment", name)),
                involvedParties=[
                    party(house[w], r) for w, r in (("shipper", "SHP"), ("consignee", "CNE")) if house[w]
                ],
            ),
            shipment(base, name, name, house, house["parcels"]),
        ]
    return made


def uld(base: str, number: str, parcels: Sequence[str], position: str, movement: str) -> list[Node]:
    """A ULD, its build-up, and its loading into a movement."""
    composition, loading = key("composition", number), key("loading", number)
    made = [
        node(
            base,
            key("uld", number),
            "ULD",
            uldTypeCode=words(number[:3], of="IATA ULD type code"),
            uldSerialNumber=number[3:-2] or None,
            ownerCode=words(number[-2:], of="IATA airline designator"),
            inUnitComposition=link(base, composition),
        ),
        node(
            base,
            composition,
            "UnitComposition",
            compositionIdentifier=number,
            loadingUnit=link(base, key("uld", number)),
            compositionActions=[
                {
                    "@type": "cargo:Composing",
                    "cargo:compositionType": {"@id": "cargo:COMPOSITION"},
                    "cargo:loadingUnit": link(base, key("uld", number)),
                    "cargo:composedPieces": [link(base, key("piece", p)) for p in parcels],
                }
            ],
        ),
    ]
    if movement:
        made.append(
            node(
                base,
                loading,
                "Loading",
                loadingType={"@id": "cargo:LOADING"},
                loadedUnits=[link(base, key("uld", number))],
                loadingPositionIdentifier=position or None,
                servedActivity=link(base, movement),
            )
        )
    return made


def movement(
    base: str,
    id: str,
    identifier: str,
    ends: tuple[Node | None, Node | None],
    times: Sequence[tuple[str, str, str]],
    loadings: Sequence[str],
) -> Node:
    """A flight or a run.

    Args:
        times: direction (OUTBOUND, INBOUND), kind (SCHEDULED, ACTUAL), instant.
        loadings: ids of its loadings.
    """
    return node(
        base,
        id,
        "TransportMovement",
        transportIdentifier=identifier,
        departureLocation=ends[0],
        arrivalLocation=ends[1],
        movementTimes=[
            {
                "@type": "cargo:MovementTime",
                "cargo:direction": {"@id": f"cargo:{direction}"},
                "cargo:movementTimeType": {"@id": f"cargo:{kind}"},
                "cargo:movementTimestamp": instant(at),
            }
            for direction, kind, at in times
        ],
        loadingActions=[link(base, one) for one in loadings],
    )


def event(
    base: str, of: str, id: str, name: str, type: str, at: str, recorded: str, kind: str, place: str
) -> Node:
    """A logistics event of an object."""
    made: Node = {
        "@context": dict(CONTEXT),
        "@id": f"{address(base, of)}/logistics-events/{id}",
        "@type": "cargo:LogisticsEvent",
        "cargo:eventDate": instant(at),
        "cargo:creationDate": instant(recorded),
        "cargo:eventName": name,
        "cargo:eventTimeType": {"@id": f"cargo:{kind.upper()}"},
        "cargo:partialEventIndicator": False,
        "cargo:eventFor": link(base, of),
    }
    if type in STATUS:
        made["cargo:eventCode"] = code("StatusCode", STATUS[type])
    if place:
        made["cargo:eventLocation"] = location(place)
    return made
