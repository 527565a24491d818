"""Acts on bags, pallets, ULDs and vehicles as EPCIS 2.0 events: aggregations for what lies in what, object events for the rest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import orjson
from sqlalchemy import Connection, text

CONTEXT: list[Any] = [
    "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
    {"qafila": "urn:x-qafila:epcis:"},
]
_STEPS = {
    "load": ("packing", "in_progress"), "unload": ("unpacking", "in_progress"), "empty": ("unpacking", "in_progress"),
    "open": ("packing", "in_progress"), "close": ("packing", "container_closed"), "seal": ("packing", "container_closed"),
    "depart": ("departing", "in_transit"), "arrive": ("arriving", "in_progress"),
}  # fmt: skip
_LOADING = {"load": "loading", "unload": "unloading"}


def rows(connection: Connection, facility: str = "", after: int = 0, limit: int = 1000) -> list[Any]:
    """Acts in the order in which they became known, after a number, with the kind of their unit."""
    return list(
        connection.execute(
            text(
                "SELECT a.*, u.kind FROM unit_acts a JOIN units u USING (unit) WHERE a.seq > :a "
                "AND (:f = '' OR a.facility = :f) ORDER BY a.seq LIMIT :n"
            ),
            {"f": facility, "a": after, "n": limit},
        )
    )


def name_of(id: str) -> str:
    """The URI of a unit or parcel: a GS1 Digital Link for an SSCC, else a URN of ours."""
    if len(id) == 18 and id.isdigit():
        return f"https://id.gs1.org/00/{id}"
    if len(id) == 13 and id[:2].isalpha() and id[-2:].isalpha():
        return f"urn:x-qafila:s10:{id}"
    return f"urn:x-qafila:unit:{quote(id, safe='')}"


def document(acts: Iterable[Any], created: datetime) -> Iterator[bytes]:
    """An EPCIS document of acts, in pieces."""
    head = orjson.dumps(
        {"@context": CONTEXT, "type": "EPCISDocument", "schemaVersion": "2.0", "creationDate": created}
    )
    yield head[:-1] + b',"epcisBody":{"eventList":['
    comma = b""
    for act in acts:
        yield comma + orjson.dumps(event_of(act))
        comma = b",\n"
    yield b"]}}\n"


def event_of(act: Any) -> dict[str, Any]:
    """The EPCIS event of an act. What was put in is added to its parent; emptying deletes all children (an empty list)."""
    step, disposition = _STEPS[act.act]
    if act.kind == "vehicle":
        step = _LOADING.get(act.act, step)
    made: dict[str, Any] = {
        "eventID": f"urn:x-qafila:unit-act:{act.seq}",
        "eventTime": act.at.astimezone(UTC),
        "eventTimeZoneOffset": "+00:00",
        "recordTime": act.recorded_at,
        "bizStep": step,
        "disposition": disposition,
        "qafila:by": act.by,
    }
    if act.act in ("load", "unload", "empty"):
        made |= {
            "type": "AggregationEvent",
            "action": "ADD" if act.act == "load" else "DELETE",
            "parentID": name_of(act.unit),
            "childEPCs": [name_of(act.child)] if act.child else [],
        }
    else:
        made |= {
            "type": "ObjectEvent",
            "action": "ADD" if act.act == "open" else "OBSERVE",
            "epcList": [name_of(act.unit)],
        }
    if act.facility:
        where = {"id": f"urn:x-qafila:facility:{quote(act.facility, safe='')}"}
        made |= {"readPoint": where, "bizLocation": where}
    return made
