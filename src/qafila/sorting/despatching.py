"""Despatches between offices of exchange: what is announced (PREDES), what came (RESDES), and how the two differ.

The content is that of the UPU's messages M41 PREDES 2.1 and M14 RESDES 1.1, written as JSON of our own: their EDIFACT forms
are sold by the UPU and not public. docs/sorting.md lists every field.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import Connection, text

from qafila.core.fault import Conflict, Fault, NotFound
from qafila.core.identifiers import upu
from qafila.core.identifiers.errors import InvalidNumber
from qafila.core.identifiers.upu import Despatch, Receptacle
from qafila.sorting import sorting_messages
from qafila.sorting import units_store as store


def announce(
    connection: Connection,
    despatch: Despatch,
    facility: str,
    destination: str,
    bags: Sequence[str],
    transport: str,
    at: datetime,
) -> dict[str, Any]:
    """Closes a despatch over bags that carry its number, and gives its PREDES content.

    Args:
        bags: S9 numbers; each is of this despatch, and its receptacle numbers are all different.
        transport: the service that takes it.

    Raises:
        Fault: a bag is of another despatch, or stands there twice.
        NotFound: a bag is not known here.
        Conflict: the despatch is announced already.
    """
    number, seen = str(despatch), set()
    told = []
    for bag in bags:
        try:
            receptacle = upu.parse_s9(bag)
        except InvalidNumber as wrong:
            raise Fault(
                sorting_messages.BAG_WRONG(bag=bag[:40], what=str(wrong)), field="bags", value=bag[:40]
            ) from wrong
        if str(receptacle.despatch) != number or receptacle.serial in seen:
            raise Fault(
                sorting_messages.BAG_ELSEWHERE(bag=bag[:40], despatch=number), field="bags", value=bag[:40]
            )
        seen.add(receptacle.serial)
        if store.unit(connection, bag) is None:
            raise NotFound(
                sorting_messages.NO_UNIT(unit=bag), sorting_messages.OPEN_IT(), field="bags", value=bag
            )
        told.append(_receptacle(bag, receptacle, store.contents(connection, bag)))
    document = {
        "message": "PREDES",
        "despatch": number,
        "origin": despatch.origin,
        "destination": despatch.destination,
        "category": despatch.category,
        "subclass": despatch.subclass,
        "closed_at": at,
        "transport": transport,
        "receptacles": told,
        "total": {
            "receptacles": len(told),
            "items": sum(len(r["items"]) for r in told),
            "kg": round(sum(r["kg"] for r in told), 1),
        },
    }
    _keep(connection, number, facility, destination, "out", document, at)
    return document


def _receptacle(id: str, told: Receptacle, items: Sequence[str]) -> dict[str, Any]:
    return {
        "id": id,
        "number": told.serial,
        "last": told.last,
        "registered": told.registered,
        "kg": told.grams / 1000,
        "items": list(items),
    }


def expect(connection: Connection, document: dict[str, Any], facility: str, at: datetime) -> str:
    """Takes a PREDES content that another office sent; returns the despatch's number. Raises Fault and Conflict."""
    try:
        despatch = str(upu.parse_s8(str(document["despatch"])))
        for receptacle in document["receptacles"]:
            if str(upu.parse_s9(str(receptacle["id"])).despatch) != despatch:
                raise Fault(
                    sorting_messages.BAG_ELSEWHERE(bag=str(receptacle["id"])[:40], despatch=despatch),
                    field="receptacles",
                )
            _ = [str(item) for item in receptacle.get("items", [])]
    except (InvalidNumber, KeyError, TypeError) as wrong:
        raise Fault(
            sorting_messages.BAG_WRONG(bag="PREDES", what=str(wrong)[:200]), field="despatch"
        ) from wrong
    _keep(connection, despatch, facility, str(document.get("origin", ""))[:80], "in", document, at)
    return despatch


def _keep(
    connection: Connection,
    number: str,
    facility: str,
    other: str,
    direction: str,
    document: dict[str, Any],
    at: datetime,
) -> None:
    done = connection.execute(
        text(
            "INSERT INTO despatches (despatch, facility, destination, direction, document, at) "
            "VALUES (:n, :f, :d, :way, CAST(:doc AS jsonb), :at) ON CONFLICT DO NOTHING"
        ),
        {
            "n": number,
            "f": facility,
            "d": other,
            "way": direction,
            "doc": orjson.dumps(document, default=str).decode(),
            "at": at,
        },
    ).rowcount
    if not done:
        raise Conflict(sorting_messages.DESPATCH_KNOWN(despatch=number), field="despatch", value=number)


def despatch(connection: Connection, number: str) -> Any:
    """The row of a despatch; raises NotFound."""
    found = connection.execute(
        text("SELECT * FROM despatches WHERE despatch = :n"), {"n": number[:40]}
    ).one_or_none()
    if found is None:
        raise NotFound(
            sorting_messages.NO_DESPATCH(despatch=number[:40]), field="despatch", value=number[:40]
        )
    return found


def reconcile(connection: Connection, number: str, facility: str, at: datetime) -> dict[str, Any]:
    """What was said and what came to a facility: receptacles and items that are missing, too many, or came in another bag.

    Raises NotFound.
    """
    row = despatch(connection, number)
    said = {str(r["id"]): set(map(str, r.get("items", []))) for r in row.document["receptacles"]}
    came: dict[str, datetime] = {}
    for id in connection.execute(
        text(
            "SELECT DISTINCT unit FROM unit_acts WHERE facility = :f AND act IN ('arrive', 'empty') AND unit LIKE :n || '%'"
        ),
        {"f": facility, "n": number},
    ).scalars():
        arrived = [
            a.at
            for a in store.acts(connection, id)
            if a.act in ("arrive", "empty") and a.facility == facility
        ]
        came[id] = min(arrived)
    # a bag within a ULD that came in, came in
    for id in said.keys() - came.keys():
        told = [
            t
            for t in store.log_of(connection, [id]).told(id)
            if t.step == "arrived" and t.facility == facility
        ]
        if told:
            came[id] = told[0].at
    receptacles: list[dict[str, Any]] = []
    found_in: dict[str, str] = {}
    for id in sorted(said.keys() | came.keys()):
        acts = store.acts(connection, id)
        opened = any(a.act == "empty" and a.at <= at for a in acts)
        out = {a.child for a in acts if a.act == "unload" and a.at <= at}
        for item in out:
            found_in[item] = id
        receptacles.append(
            {
                "id": id,
                "said": id in said,
                "came_at": came.get(id),
                "opened": opened,
                "found": sorted(out),
                "missing": sorted(said.get(id, set()) - out) if opened else [],
                "surplus": sorted(out - said.get(id, set())),
            }
        )
    said_in = {item: id for id, items in said.items() for item in items}
    elsewhere = [
        {"item": item, "said": said_in[item], "found": id}
        for item, id in sorted(found_in.items())
        if item in said_in and said_in[item] != id
    ]
    moved = {e["item"] for e in elsewhere}
    for one in receptacles:
        one["missing"] = [item for item in one["missing"] if item not in moved]
        one["surplus"] = [item for item in one["surplus"] if item not in moved]
    return {
        "despatch": number,
        "facility": facility,
        "at": at,
        "missing": sorted(id for id in said if id not in came),
        "surplus": sorted(id for id in came if id not in said),
        "receptacles": receptacles,
        "in_another": elsewhere,
        "agrees": all(
            r["said"] and r["came_at"] and not r["missing"] and not r["surplus"] for r in receptacles
        )
        and not elsewhere,
    }


def response(connection: Connection, number: str, facility: str, at: datetime) -> dict[str, Any]:
    """RESDES content: which receptacles of a despatch came, and when. Raises NotFound."""
    found = reconcile(connection, number, facility, at)
    return {
        "message": "RESDES",
        "despatch": number,
        "prepared_at": at,
        "receptacles": [
            {"id": r["id"], "received_at": r["came_at"]} for r in found["receptacles"] if r["came_at"]
        ],
        "missing": found["missing"],
        "surplus": found["surplus"],
    }


def consignment(connection: Connection, unit: str, at: datetime) -> dict[str, Any]:
    """CARDIT content for a vehicle: the receptacles that a post gives to a carrier, with their containers.

    Raises NotFound.
    """
    row = store.unit(connection, unit)
    if row is None:
        raise NotFound(
            sorting_messages.NO_UNIT(unit=unit[:60]),
            sorting_messages.OPEN_IT(),
            field="unit",
            value=unit[:60],
        )
    held: list[dict[str, Any]] = []
    todo: list[tuple[str, str]] = [(unit, "")]
    while todo:
        id, container = todo.pop()
        inside = store.contents(connection, id)
        ranks = store.kinds(connection, inside)
        for child in inside:
            if ranks.get(child) == "bag":
                held.append(
                    {
                        "id": child,
                        "container": container or None,
                        "items": len(store.contents(connection, child)),
                    }
                )
            elif child in ranks:
                todo.append((child, child))
    return {
        "message": "CARDIT",
        "consignment": unit,
        "service": row.service,
        "day": row.day,
        "destination": row.destination,
        "prepared_at": at,
        "receptacles": sorted(held, key=lambda r: r["id"]),
    }


def carrier_says(connection: Connection, unit: str, at: datetime) -> dict[str, Any]:
    """RESDIT content: what happened to each receptacle of a vehicle, by the acts that are known.

    Status codes as in the UPU's code list 24: 74 received by the carrier, 24 uplifted, 21 delivered. Raises NotFound.
    """
    told = consignment(connection, unit, at)
    since = at - timedelta(days=30)
    bags = [
        c for c in store.inside_ever(connection, unit, since) if store.kinds(connection, [c]).get(c) == "bag"
    ]
    statuses = []
    for bag in sorted(bags):
        log = store.log_of(connection, [bag])
        for stay in log.stays(bag):
            statuses.append({"id": bag, "status": "74", "at": stay.begin[0]})
        statuses += [
            {"id": bag, "status": "24" if t.step == "departed" else "21", "at": t.at, "facility": t.facility}
            for t in log.told(bag)
            if t.step in ("departed", "arrived") and unit in t.chain
        ]
    return {
        "message": "RESDIT",
        "consignment": unit,
        "service": told["service"],
        "prepared_at": at,
        "statuses": statuses,
    }
