"""Despatches and what happened to them as UN/EDIFACT, directory D.01B: IFCSUM for what is despatched, IFTSTA for its status.

The UPU sells its own forms of PREDES and RESDIT (M41, M49), and they are not public: these are profiles of the messages of the
United Nations, which are. What is taken from public descriptions of the UPU: S8 and S9 numbers, its status codes (code list 24)
and its code as an agency in element 3055 (139). docs/sorting.md lists every segment.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from qafila.core.core_edifact import Interchange, Message, NotEdifact, Segment, instant, read_instant, segment
from qafila.core.fault import Fault
from qafila.core.identifiers import upu
from qafila.core.identifiers.errors import InvalidNumber
from qafila.sorting import sorting_messages

IFCSUM, IFTSTA = "IFCSUM:D:01B:UN", "IFTSTA:D:01B:UN"
_UPU = "139"
_MANIFEST, _STATUS_REPORT = "785", "77"
_CREATED, _CHANGED = "137", "334"
_FROM, _TO, _AT = "5", "8", "175"
_NUMBER, _PLACE, _PLACE_NAME = 35, 25, 256
"""Characters of the elements 1004, 1490, 7402 and 8212; of a place's code (3225); of a place's name (3224)."""
_ITEMS_A_SEGMENT, _SEGMENTS_A_GOODS_ITEM = 5, 99


def despatch(document: Mapping[str, Any]) -> Message:
    """PREDES content as IFCSUM: the despatch, and a consignment for each receptacle with the items in it.

    Raises Fault, which names the field, where the content lacks what every despatch has, a time is none or has no offset, or a
    value is longer than its element.
    """
    receptacles = document["receptacles"]
    items = sum(len(r.get("items", ())) for r in receptacles)
    found = [
        segment("BGM", _MANIFEST, _held(document, "despatch", _NUMBER), "9"),
        segment("DTM", (_CREATED, _instant(document, "closed_at"), "304")),
        segment("CNT", ("8", str(items))),
        segment("CNT", ("10", str(len(receptacles)))),
        _transport(document, "transport"),
        segment("LOC", _FROM, (_held(document, "origin", _PLACE), "", _UPU)),
        segment("LOC", _TO, (_held(document, "destination", _PLACE), "", _UPU)),
    ]
    for n, receptacle in enumerate(receptacles, 1):
        told = dict(enumerate(receptacle.get("items", ())))
        at = f"receptacles/{n - 1}"
        held = [_held(told, k, _NUMBER, f"{at}/items") for k in told]
        found += _receptacle(n, _held(receptacle, "id", _NUMBER, at), held)
    return Message(IFCSUM, tuple(found))


def _receptacle(n: int, id: str, items: Sequence[str]) -> Iterator[Segment]:
    grams = upu.parse_s9(id).grams
    yield segment("CNI", str(n), id)
    yield segment("CNT", ("7", f"{grams / 1000:.1f}", "KGM"))
    yield segment("CNT", ("8", str(len(items))))
    each = [items[k : k + _ITEMS_A_SEGMENT] for k in range(0, len(items), _ITEMS_A_SEGMENT)]
    for k in range(0, len(each), _SEGMENTS_A_GOODS_ITEM):
        told = each[k : k + _SEGMENTS_A_GOODS_ITEM]
        yield segment("GID", str(k // _SEGMENTS_A_GOODS_ITEM + 1), (str(sum(map(len, told))), "PK"))
        yield from (segment("GIN", "ML", *numbers) for numbers in told)


def _transport(document: Mapping[str, Any], field: str) -> Segment:
    """A service: its number where it is short enough for one, else its name."""
    service = _held(document, field, _NUMBER) if document.get(field) else ""
    if len(service) <= 17:
        return segment("TDT", "20", service)
    return segment("TDT", "20", "", "", "", "", "", "", ("", "", "", service))


def read_despatch(message: Message) -> dict[str, Any]:
    """PREDES content from IFCSUM. Raises NotEdifact where it is none, or its totals are not those of what is in it."""
    _of_type(message, IFCSUM)
    number = _one(message, "BGM").get(1)
    places = {s.get(0): s.get(1) for s in message.segments if s.tag == "LOC"}
    transport = _one(message, "TDT")
    try:
        told = upu.parse_s8(number)
        receptacles = [_read_receptacle(group) for group in _groups(message.segments, "CNI")]
    except InvalidNumber as wrong:
        raise NotEdifact(str(wrong)) from wrong
    head = list(_until(message.segments, "CNI"))
    items = sum(len(r["items"]) for r in receptacles)
    _agrees(head, {"8": items, "10": len(receptacles)}, number)
    return {
        "message": "PREDES",
        "despatch": number,
        "origin": places.get(_FROM, ""),
        "destination": places.get(_TO, ""),
        "category": told.category,
        "subclass": told.subclass,
        "closed_at": read_instant(_one(message, "DTM").get(0, 1)),
        "transport": transport.get(1) or transport.get(7, 3),
        "receptacles": receptacles,
        "total": {
            "receptacles": len(receptacles),
            "items": items,
            "kg": round(sum(r["kg"] for r in receptacles), 1),
        },
    }


def _read_receptacle(group: Sequence[Segment]) -> dict[str, Any]:
    id = group[0].get(1)
    told = upu.parse_s9(id)
    items = [e[0] for s in group if s.tag == "GIN" for e in s.elements[1:]]
    _agrees(group, {"8": len(items)}, id)
    return {
        "id": id,
        "number": told.serial,
        "last": told.last,
        "registered": told.registered,
        "kg": told.grams / 1000,
        "items": items,
    }


def status(document: Mapping[str, Any]) -> Message:
    """RESDIT content as IFTSTA: a consignment for each receptacle, with what happened to it in order. Raises Fault as `despatch`."""
    found = [
        segment("BGM", _STATUS_REPORT, _held(document, "consignment", _NUMBER), "9"),
        segment("DTM", (_CREATED, _instant(document, "prepared_at"), "304")),
    ]
    by_bag: dict[str, list[Mapping[str, Any]]] = {}
    for n, one in enumerate(document["statuses"]):
        by_bag.setdefault(_held(one, "id", _NUMBER, f"statuses/{n}"), []).append(one)
    for n, (id, told) in enumerate(by_bag.items(), 1):
        found.append(segment("CNI", str(n), id))
        for one in told:
            found.append(segment("STS", "1", (str(one["status"]), "24", _UPU)))
            found.append(segment("DTM", (_CHANGED, _instant(one, "at"), "304")))
            if one.get("facility"):
                place = _held(one, "facility", _PLACE_NAME)
                code = (place,) if len(place) <= _PLACE else ("", "", "", place)
                found.append(segment("LOC", _AT, code))
            if document.get("service"):
                found.append(_transport(document, "service"))
    return Message(IFTSTA, tuple(found))


def read_status(message: Message) -> dict[str, Any]:
    """RESDIT content from IFTSTA. Raises NotEdifact where it is none."""
    _of_type(message, IFTSTA)
    statuses: list[dict[str, Any]] = []
    service = ""
    for group in _groups(message.segments, "CNI"):
        for told in _groups(group, "STS"):
            found: dict[str, Any] = {"id": group[0].get(1), "status": told[0].get(1)}
            for s in told[1:]:
                if s.tag == "DTM" and s.get(0) == _CHANGED:
                    found["at"] = read_instant(s.get(0, 1))
                elif s.tag == "LOC":
                    found["facility"] = s.get(1) or s.get(1, 3)
                elif s.tag == "TDT":
                    service = s.get(1) or s.get(7, 3)
            if "at" not in found:
                raise NotEdifact(f"the status {found['status']!r} of {found['id']!r} has no time")
            statuses.append(found)
    return {
        "message": "RESDIT",
        "consignment": _one(message, "BGM").get(1),
        "service": service,
        "prepared_at": read_instant(_one(message, "DTM").get(0, 1)),
        "statuses": statuses,
    }


def interchange(message: Message, sender: str, recipient: str, reference: str, at: datetime) -> Interchange:
    """A message on its way to a partner. `core_edifact.write` holds the lengths of its head."""
    return Interchange(sender, recipient, reference, at, (message,))


def _held(document: Mapping[Any, Any], field: Any, most: int, of: str = "") -> str:
    """A value of the content that stands in an element of so many characters. Raises Fault."""
    value, name = document.get(field), f"{of}/{field}".lstrip("/")
    if value is None or not str(value).strip() or isinstance(value, Mapping | list):
        raise Fault(sorting_messages.EDIFACT_LACKS(field=name), sorting_messages.READ_AS_JSON(), field=name)
    if len(str(value)) > most:
        raise Fault(
            sorting_messages.EDIFACT_LONG(field=name, length=len(str(value)), most=most),
            sorting_messages.READ_AS_JSON(),
            field=name,
            value=str(value)[:60],
        )
    return str(value)


def _instant(document: Mapping[str, Any], field: str) -> str:
    """A time of the content in format 304. Raises Fault: one without its offset could be any of a day."""
    told = document.get(field)
    if not told:
        raise Fault(sorting_messages.EDIFACT_LACKS(field=field), sorting_messages.READ_AS_JSON(), field=field)
    try:
        return instant(told if isinstance(told, datetime) else datetime.fromisoformat(str(told)))
    except (ValueError, OverflowError):
        raise Fault(
            sorting_messages.EDIFACT_TIME(field=field),
            sorting_messages.READ_AS_JSON(),
            field=field,
            value=str(told)[:60],
        ) from None


def _of_type(message: Message, type: str) -> None:
    if message.type != type:
        raise NotEdifact(f"{message.type[:40]!r} is not {type}")


def _one(message: Message, tag: str) -> Segment:
    found = next((s for s in message.segments if s.tag == tag), None)
    if found is None:
        raise NotEdifact(f"the message has no {tag}")
    return found


def _until(segments: Sequence[Segment], tag: str) -> Iterator[Segment]:
    for one in segments:
        if one.tag == tag:
            return
        yield one


def _groups(segments: Sequence[Segment], tag: str) -> list[list[Segment]]:
    """The groups that begin with a tag, each with what follows until the next."""
    found: list[list[Segment]] = []
    for one in segments:
        if one.tag == tag:
            found.append([one])
        elif found:
            found[-1].append(one)
    return found


def _agrees(segments: Sequence[Segment], counted: Mapping[str, int], of: str) -> None:
    """Raises NotEdifact where a control total is another than what was counted."""
    for one in segments:
        said = counted.get(one.get(0)) if one.tag == "CNT" else None
        if said is not None and one.get(0, 1) != str(said):
            raise NotEdifact(f"{of[:40]!r} says {one.get(0, 1)[:20]!r} of what are {said}")
