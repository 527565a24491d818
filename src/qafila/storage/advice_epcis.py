"""An advice as EPCIS 2.0 (JSON-LD) tells it: what a supplier says that he shipped.

Of a document the events with the step `shipping` count. Goods are named by class (with or without lot) or one by one, as
GS1 Digital Links or as EPC URNs; logistic units are opened by the document's own aggregation events. Lots and expiry that
commissioning events tell (ILMD) are taken over.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from sqlalchemy import Connection

from qafila.core.fault import Fault
from qafila.core.identifiers import gs1
from qafila.core.values import value
from qafila.storage import scanning, storage_messages, store
from qafila.storage.advices import Advice, AdviceLine
from qafila.storage.model import Condition, normal_code

_MOST = 2000
_DEEPEST = 6
_SHIPPED = ("shipping", "departing")
_FACILITY = "urn:x-qafila:facility:"
_GOODS = "urn:x-qafila:goods:"


@value
class Named:
    """Goods as an identifier names them. `code` is a GTIN of 14 digits, one of our own SKUs, or the identifier itself."""

    code: str
    lot: str = ""
    serial: str = ""
    expires_on: date | None = None


def read(
    connection: Connection,
    document: Mapping[str, Any],
    owner: str,
    facility: str = "",
    places: Mapping[str, str] | None = None,
) -> list[Advice]:
    """The advices that a document tells, one for each despatch advice that it names.

    Args:
        document: an EPCISDocument, as JSON.
        owner: whose goods they are; their products are looked up.
        facility: where they come, of events that do not say, or that say a place which is not known.
        places: facilities by their GLN.

    Raises:
        Fault: it is no such document, nothing was shipped, goods that the owner does not have, or a destination that is
            not known.
    """
    events = _events(document)
    children, told = _inside(events), _told_of(events)
    found: dict[tuple[str, str], Advice] = {}
    lines: dict[tuple[str, str], list[AdviceLine]] = {}
    for n, event in enumerate(events):
        if _word(event.get("bizStep")) not in _SHIPPED or event.get("action") == "DELETE":
            continue
        place = _destination(event, places or {}, n + 1, facility)
        if not place:
            raise Fault(
                storage_messages.EPCIS_NO_PLACE(event=n + 1),
                storage_messages.EPCIS_SAY_PLACE(),
                field="facility",
            )
        id = _transaction(event) or str(event.get("eventID", ""))[-80:] or f"epcis-{n + 1}"
        condition = Condition.DAMAGED if _word(event.get("disposition")) == "damaged" else Condition.GOOD
        found.setdefault((id, place), Advice(id[:80], owner, place, (), _party(event)))
        mine = lines.setdefault((id, place), [])
        for identifier, quantity in _goods(event, children):
            named = _completed(named_by(identifier), told.get(identifier))
            sku, pieces = _product(connection, owner, named, identifier)
            line = AdviceLine(sku, pieces * quantity, named.lot, named.expires_on, condition.value)
            _add(mine, line)
    made = [replace(advice, lines=tuple(lines[key])) for key, advice in found.items() if lines[key]]
    if not made:
        raise Fault(storage_messages.EPCIS_NOTHING(), storage_messages.EPCIS_FORM(), field="epcisBody")
    if max(len(advice.lines) for advice in made) > _MOST:
        raise Fault(
            storage_messages.ADVICE_ROWS(rows=max(len(a.lines) for a in made), most=_MOST), field="epcisBody"
        )
    return made


def _add(lines: list[AdviceLine], new: AdviceLine) -> None:
    """Adds a line to one of the same goods; a lot that is told with two days of expiry stays two lines."""
    for n, one in enumerate(lines):
        same = (one.sku, one.lot, one.condition) == (new.sku, new.lot, new.condition)
        if same and (one.expires_on == new.expires_on or None in (one.expires_on, new.expires_on)):
            lines[n] = replace(
                one, pieces=one.pieces + new.pieces, expires_on=one.expires_on or new.expires_on
            )
            return
    lines.append(new)


def _events(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    body = document.get("epcisBody")
    listed = body.get("eventList") if isinstance(body, Mapping) else None
    if not isinstance(listed, list):
        raise Fault(storage_messages.EPCIS_UNREADABLE(), storage_messages.EPCIS_FORM(), field="epcisBody")
    if len(listed) > 10_000 or not all(isinstance(event, Mapping) for event in listed):
        raise Fault(
            storage_messages.EPCIS_UNREADABLE(), storage_messages.EPCIS_FORM(), field="epcisBody.eventList"
        )
    return _valid(listed)


def _valid(listed: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The events that hold: each once, however often the document has it, and none that was declared an error."""
    wrong = {
        str(event["eventID"]) for event in listed if event.get("errorDeclaration") and event.get("eventID")
    }
    seen: set[str] = set()
    found = []
    for event in listed:
        id = str(event.get("eventID") or "")
        if event.get("errorDeclaration") or (id and (id in seen or id in wrong)):
            continue
        seen.add(id)
        found.append(event)
    return found


def _word(given: object) -> str:
    """The bare word of CBV, however it is written: `shipping`, a URN, or a web address."""
    return re.split(r"[:/#]|BizStep-|Disp-|BTT-|SDT-", str(given or ""))[-1].casefold()


def _list(event: Mapping[str, Any], name: str) -> list[Any]:
    found = event.get(name)
    return found if isinstance(found, list) else []


def _inside(events: Iterable[Mapping[str, Any]]) -> dict[str, list[tuple[str, int]]]:
    """What lies in each logistic unit, by the aggregation events: the last word on a unit holds."""
    found: dict[str, list[tuple[str, int]]] = {}
    for event in events:
        parent = event.get("parentID")
        if event.get("type") == "AggregationEvent" and isinstance(parent, str):
            if event.get("action") == "DELETE":
                found.pop(parent, None)
            else:
                found[parent] = [*found.get(parent, []), *_listed(event, "childEPCs", "childQuantityList")]
    return found


def _listed(event: Mapping[str, Any], instances: str, classes: str) -> list[tuple[str, int]]:
    """Identifiers and pieces. Raises Fault for a quantity that is no number of pieces."""
    found = [(str(epc)[:400], 1) for epc in _list(event, instances)]
    quantities = _list(event, classes)
    for one in quantities:
        if not isinstance(one, Mapping) or not isinstance(one.get("epcClass"), str):
            raise Fault(storage_messages.EPCIS_UNREADABLE(), storage_messages.EPCIS_FORM(), field=classes)
        given: object = one.get("quantity", 1)
        if one.get("uom") not in (
            None,
            "",
            "EA",
            "C62",
            "H87",
        ):  # weighed goods: how many pieces is said beside
            given = event.get("qafila:pieces") if len(quantities) == 1 else None
        whole = (
            isinstance(given, int | float)
            and not isinstance(given, bool)
            and math.isfinite(given)
            and given == int(given)
        )
        if not whole or not 1 <= int(given) <= 10_000_000:  # type: ignore[call-overload]  # `whole` says that it is a number
            raise Fault(
                storage_messages.EPCIS_QUANTITY(
                    code=one["epcClass"][:80], quantity=str(one.get("quantity"))[:20]
                ),
                storage_messages.WRITE_PIECES(),
                field=classes,
                value=str(one.get("quantity"))[:20],
            )
        found.append((str(one["epcClass"])[:400], int(given)))  # type: ignore[call-overload]  # `whole` says that it is a number
    return found


def _goods(
    event: Mapping[str, Any], children: Mapping[str, list[tuple[str, int]]]
) -> Iterator[tuple[str, int]]:
    """What an event ships: its goods, and those in its logistic units."""
    listed = _listed(event, "epcList", "quantityList")
    if event.get("type") == "AggregationEvent":
        listed = _listed(event, "childEPCs", "childQuantityList")
    for identifier, pieces in listed:
        yield from _opened(identifier, pieces, children, _DEEPEST)


def _opened(
    identifier: str, pieces: int, children: Mapping[str, list[tuple[str, int]]], deep: int
) -> Iterator[tuple[str, int]]:
    if identifier not in children and not _is_unit(identifier):
        yield identifier, pieces
    else:
        if not deep or not children.get(identifier):
            raise Fault(
                storage_messages.EPCIS_CLOSED_UNIT(unit=identifier[:80]),
                storage_messages.EPCIS_OPEN_IT(),
                field="epcisBody",
                value=identifier[:80],
            )
        for inner, count in children[identifier]:
            yield from _opened(inner, count, children, deep - 1)


def _is_unit(identifier: str) -> bool:
    return identifier.startswith("urn:epc:id:sscc:") or bool(re.search(r"/00/\d{18}", identifier))


def _told_of(events: Iterable[Mapping[str, Any]]) -> dict[str, tuple[str, str]]:
    """Lot and expiry by identifier, as commissioning events tell them (ILMD)."""
    found: dict[str, tuple[str, str]] = {}
    for event in events:
        ilmd = event.get("ilmd")
        if not isinstance(ilmd, Mapping):
            continue
        told = {str(name).rpartition(":")[2]: str(given) for name, given in ilmd.items()}
        lot, expires = told.get("lotNumber", ""), told.get("itemExpirationDate", "")
        for identifier, _ in _listed(event, "epcList", "quantityList"):
            found[identifier] = (lot, expires or told.get("bestBeforeDate", ""))
    return found


def _completed(named: Named, told: tuple[str, str] | None) -> Named:
    if told is None:
        return named
    try:
        expires = date.fromisoformat(told[1][:10]) if told[1] else None
    except ValueError:
        raise Fault(storage_messages.WRITE_DAY(), field="ilmd", value=told[1][:40]) from None
    return replace(named, lot=named.lot or told[0][:80], expires_on=named.expires_on or expires)


def named_by(identifier: str) -> Named:
    """What an identifier names: a GS1 Digital Link, an EPC URN of goods, or one of our own."""
    if identifier.startswith(_GOODS):
        _, *parts = [unquote(part) for part in identifier.removeprefix(_GOODS).split(":")]
        sku, lot, serial = (*parts, "", "", "")[:3]
        return Named(sku or identifier, "" if lot == "-" else lot, serial)
    urn = re.fullmatch(
        r"urn:epc:(?:id:sgtin|idpat:sgtin|class:lgtin):(\d+)\.(\d+)(?:\.(.+))?", identifier, re.DOTALL
    )
    if urn is not None:
        prefix, item, last = urn[1], urn[2], unquote(urn[3] or "")
        digits = item[0] + prefix + item[1:]
        code = f"{digits}{gs1.check_digit(digits)}" if len(digits) == 13 else identifier
        if ":class:lgtin:" in identifier:
            return Named(code, lot=last)
        return Named(code, serial="" if last == "*" else last)
    link = urlsplit(identifier)
    if link.scheme in ("http", "https"):
        keys = [unquote(part) for part in link.path.split("/")]
        told = {keys[n]: keys[n + 1] for n in range(len(keys) - 1) if keys[n] in ("01", "10", "21")}
        if re.fullmatch(r"\d{8}|\d{12,14}", told.get("01", "")):
            seventeen = parse_qs(link.query).get("17", [""])[0]
            expires = (
                scanning.read(f"(01){told['01'].zfill(14)}(17){seventeen}").expires_on if seventeen else None
            )
            return Named(told["01"].zfill(14), told.get("10", ""), told.get("21", ""), expires)
    return Named(identifier)


def _product(connection: Connection, owner: str, named: Named, identifier: str) -> tuple[str, int]:
    """SKU, and for how many pieces the code stands."""
    for of, sku, pieces in store.owners_of_code(connection, normal_code(named.code)):
        if of == owner:
            return sku, pieces
    raise scanning.Unknown(
        storage_messages.NO_CODE(code=identifier[:80]),
        storage_messages.ADD_PRODUCT(),
        field="epcisBody",
        value=identifier[:80],
    )


def _destination(event: Mapping[str, Any], places: Mapping[str, str], number: int, otherwise: str) -> str:
    """The facility to which an event ships; `otherwise` where it says none, or one that is not known. Raises Fault for a place
    that is not known where nobody says otherwise."""
    unknown = ""
    for one in _list(event, "destinationList"):
        told = str(one.get("destination", "")) if isinstance(one, Mapping) else ""
        if told.startswith(_FACILITY):
            return unquote(told.removeprefix(_FACILITY).partition(":")[0])
        if (gln := _gln(told)) in places:
            return places[gln]
        if told and isinstance(one, Mapping) and _word(one.get("type")) == "location":
            unknown = unknown or told
    if unknown and not otherwise:
        raise Fault(
            storage_messages.EPCIS_UNKNOWN_PLACE(event=number, place=unknown[:120]),
            storage_messages.EPCIS_SAY_PLACE(),
            field="facility",
            value=unknown[:80],
        )
    return otherwise


def _gln(told: str) -> str:
    """The GLN of a location or a party, from a Digital Link or a URN; empty where there is none."""
    link = re.search(r"/(?:414|417)/(\d{13})", told)
    if link is not None:
        return link[1]
    urn = re.fullmatch(r"urn:epc:id:(?:sgln|pgln):(\d+)\.(\d*)(?:\..*)?", told)
    digits = urn[1] + urn[2] if urn is not None else ""
    return f"{digits}{gs1.check_digit(digits)}" if len(digits) == 12 else ""


def _party(event: Mapping[str, Any]) -> str:
    """Who ships, as the event names him."""
    for kind in ("possessing_party", "owning_party", "location"):
        for one in _list(event, "sourceList"):
            if isinstance(one, Mapping) and _word(one.get("type")) == kind:
                told = str(one.get("source", ""))
                return (_gln(told) or unquote(re.split("[:/]", told)[-1]))[:200]
    return ""


def _transaction(event: Mapping[str, Any]) -> str:
    """The number of the despatch advice, else of the order."""
    for kind in ("desadv", "po", "inv"):
        for one in _list(event, "bizTransactionList"):
            if isinstance(one, Mapping) and _word(one.get("type")) == kind:
                return unquote(re.split("[:/]", str(one.get("bizTransaction", "")))[-1])
    return ""
