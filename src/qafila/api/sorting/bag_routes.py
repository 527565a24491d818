"""/sorting/units and /sorting/despatches: bags, pallets, ULDs and vehicles; what was announced and what came."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse

from qafila.api.chassis.api_asking import Now, TheContext
from qafila.api.chassis.problems import responses
from qafila.api.chassis.speaking import said
from qafila.api.sorting import edi
from qafila.api.sorting.bags_schema import DespatchIn, DrawIn, PredesIn, UnitActsIn
from qafila.api.sorting.centres import Reader, Worker, by_of
from qafila.core.fault import Fault, NotFound
from qafila.core.identifiers import gs1, gs1_elements, upu
from qafila.core.identifiers.errors import InvalidNumber
from qafila.core.identifiers.upu import Despatch, Receptacle
from qafila.runtime.accounts.accounts_acting import acting
from qafila.shipping.papers.barcodes import code128_svg, gs1_svg
from qafila.sorting import despatching, epcis_units, sorting_edifact, sorting_messages, units, units_store
from qafila.sorting.nesting import flat
from qafila.sorting.units import UnitAct
from qafila.tracking import custody

router = APIRouter(prefix="/sorting", tags=["sorting"])
_DENIED = ("unauthorized", "insufficient-scope")
_DONE = responses(*_DENIED, "not-found", "invalid-request", "key-reused", "not-possible")
_READ = responses(*_DENIED, "not-found")


@router.post(
    "/units/acts", operation_id="actOnUnits", summary="Acts on bags and what holds them", responses=_DONE
)
def act(told: UnitActsIn, actor: Worker, now: Now, context: TheContext) -> list[dict[str, Any]]:
    """Opens, fills, closes, seals, moves and empties. Acts are done one by one, each once by its key and at its own time:
    those sent later or twice change nothing that is newer. What is refused says why; the others are done."""
    by = by_of(actor, told.station)
    answers: list[dict[str, Any]] = []
    for n, one in enumerate(told.acts):
        since = now - timedelta(
            microseconds=len(told.acts) - n
        )  # without a time of their own they are in this order
        given = one.model_dump() | {"at": min(one.at, now) if one.at else since, "timed": one.at is not None}
        try:
            custody.at_place(actor, one.facility, context.network.feed)
            answer = units.perform(UnitAct(**given), by, now)
        except Fault as fault:
            if len(told.acts) == 1:
                raise
            refused = {
                "key": one.key,
                "state": "refused",
                "detail": said(fault.message),
                "field": fault.field,
            }
            answers.append(refused | {"remedy": said(fault.remedy) if fault.remedy else None})
            continue
        warnings = [said(w) for w in answer["warnings"]]
        answers.append({"key": one.key, "state": "done", **answer, "warnings": warnings})
    return answers


@router.post(
    "/units/numbers",
    operation_id="drawUnitNumber",
    summary="A new number for a bag",
    status_code=201,
    responses=_DONE,
)
def draw(told: DrawIn, actor: Worker) -> dict[str, str]:
    """The next SSCC of a GS1 company prefix, or the next receptacle (S9) of a despatch; each is given once."""
    with acting(actor) as connection:
        try:
            if told.despatch:
                despatch = upu.parse_s8(told.despatch)
                serial = units_store.draw(connection, f"S9 {despatch}")
                return {"number": str(Receptacle(despatch, serial, told.last, told.registered, told.grams))}
            return {"number": gs1.sscc(told.prefix, units_store.draw(connection, f"SSCC {told.prefix}"))}
        except (InvalidNumber, ValueError) as wrong:
            what = sorting_messages.BAG_WRONG(
                bag=told.despatch or told.prefix or "–",
                what=wrong.told if isinstance(wrong, Fault) else str(wrong)[:200],
            )
            raise Fault(what, field="despatch" if told.despatch else "prefix") from wrong


@router.get("/units/{unit}", operation_id="readUnit", summary="A bag and what is in it", responses=_READ)
def read(unit: str, actor: Reader) -> dict[str, Any]:
    """A unit's state, what lies in it through all layers, and what holds it."""
    with acting(actor) as connection:
        row = _row(connection, unit)
        inside: dict[str, list[str]] = {}
        todo = [row.unit]
        while todo:
            one = todo.pop()
            inside[one] = units_store.contents(connection, one)
            todo += list(units_store.kinds(connection, inside[one]))
        acts = units_store.acts(connection, row.unit)
        return {
            **row._mapping,
            "state": units.state(acts),
            "contents": inside[row.unit],
            "parcels": flat(inside, row.unit),
            "within": units.whereabouts(connection, row.unit),
            "acts": [
                {
                    "act": a.act,
                    "child": a.child or None,
                    "facility": a.facility or None,
                    "at": a.at,
                    "by": a.by,
                }
                for a in acts
            ],
        }


def _row(connection: Any, unit: str) -> Any:
    found = units_store.unit(connection, units.plain(unit[:200])) or units_store.unit(connection, unit[:200])
    if found is None:
        raise NotFound(
            sorting_messages.NO_UNIT(unit=unit[:60]),
            sorting_messages.OPEN_IT(),
            field="unit",
            value=unit[:60],
        )
    return found


@router.get(
    "/units/{unit}/emptied", operation_id="readEmptied", summary="What emptying found", responses=_READ
)
def emptied(unit: str, actor: Reader, at: datetime) -> dict[str, Any]:
    """What was found, what is missing and what is too many, of the emptying at an instant, by the acts that are known now."""
    with acting(actor) as connection:
        row = _row(connection, unit)
        if at.tzinfo is None:
            raise Fault(sorting_messages.NO_TIME(), field="at", value=str(at))
        return units.emptied(connection, row.unit, at)


@router.get(
    "/whereabouts/{number}",
    operation_id="readWhereabouts",
    summary="Bag, ULD, flight and position",
    responses=_READ,
)
def whereabouts(number: str, actor: Reader) -> list[dict[str, Any]]:
    """The units around a parcel or a unit now, from the innermost; 404 where it lies in none."""
    with acting(actor) as connection:
        found = units.whereabouts(connection, units.plain(number[:200]))
    if not found:
        raise NotFound(sorting_messages.IN_NOTHING(number=number[:60]), field="number", value=number[:60])
    return found


@router.get(
    "/units/{unit}/code", operation_id="readUnitCode", summary="What a unit's label carries", responses=_READ
)
def code(unit: str, actor: Reader) -> dict[str, Any]:
    """The code of a unit's label: for an SSCC the GS1 transport elements (Scan4Transport) as element string, as Digital Link
    and as the picture of a Data Matrix; else its number and that of the Code 128. Its routing code stands beside it, to be
    printed in large type: destination, service, position."""
    with acting(actor) as connection:
        row = _row(connection, unit)
    route = "-".join(part for part in (row.destination, row.service, row.position) if part)
    if len(row.unit) == 18 and row.unit.isdigit():
        told = gs1_elements.transport(row.unit, route=_routed(route))
        return {
            "unit": row.unit,
            "routing": route,
            "elements": told,
            "element_string": gs1_elements.bracketed(told),
            "digital_link": gs1_elements.digital_link(told),
            "svg": gs1_svg(gs1_elements.bracketed(told)),
        }
    return {"unit": row.unit, "routing": route, "svg": code128_svg(row.unit)}


def _routed(route: str) -> str:
    """A routing code in the characters that GS1 allows."""
    return re.sub(r"[^A-Za-z0-9\-./_]", "", route)


@router.get(
    "/centres/{facility}/units", operation_id="listUnits", summary="Bags of a centre", responses=_READ
)
def of_centre(facility: str, actor: Reader) -> list[dict[str, Any]]:
    """Units that were opened at a facility or are bound for it, the newest first."""
    with acting(actor) as connection:
        return [
            {
                **row._mapping,
                "state": units.state(units_store.acts(connection, row.unit)),
                "pieces": len(units_store.contents(connection, row.unit)),
            }
            for row in units_store.of_facility(connection, facility[:80])
        ]


@router.get(
    "/epcis",
    operation_id="readUnitsEpcis",
    summary="Acts on units as EPCIS 2.0",
    responses=responses(*_DENIED),
)
def epcis(actor: Reader, now: Now, facility: str = "", after: int = Query(0, ge=0, le=2**62)) -> Response:
    """An EPCIS document of up to 1,000 acts after a number: aggregation events for what lies in what."""
    with acting(actor) as connection:
        pieces = list(epcis_units.document(epcis_units.rows(connection, facility[:80], after), now))
    return StreamingResponse(iter(pieces), media_type="application/ld+json")


@router.post(
    "/despatches", operation_id="closeDespatch", summary="Close a despatch", status_code=201, responses=_DONE
)
def close_despatch(told: DespatchIn, actor: Worker, now: Now, context: TheContext) -> dict[str, Any]:
    """Closes a despatch over its bags and gives its PREDES content."""
    custody.at_place(actor, told.facility, context.network.feed)
    despatch = Despatch(told.origin, told.destination, told.category, told.subclass, now.year, told.serial)
    with acting(actor) as connection:
        return despatching.announce(
            connection, despatch, told.facility, told.to, told.bags, told.transport, now
        )


@router.post(
    "/despatches/expected",
    operation_id="expectDespatch",
    summary="Take a PREDES",
    status_code=201,
    responses=_DONE,
)
def expect(told: PredesIn, actor: Worker, now: Now, context: TheContext) -> dict[str, str]:
    """Takes what another office announced, as JSON or as IFCSUM."""
    custody.at_place(actor, told.facility, context.network.feed)
    document = edi.despatch_of(told.edifact) if told.edifact else told.document
    with acting(actor) as connection:
        return {"despatch": despatching.expect(connection, document, told.facility, now)}


@router.get("/despatches/{despatch}", operation_id="readDespatch", summary="Read a despatch", responses=_READ)
def read_despatch(despatch: str, actor: Reader) -> dict[str, Any]:
    """The PREDES content of a despatch."""
    with acting(actor) as connection:
        return dict(despatching.despatch(connection, despatch).document)


@router.get(
    "/despatches/{despatch}/ifcsum",
    operation_id="readIfcsum",
    summary="A despatch as UN/EDIFACT",
    response_class=Response,
    responses=edi.RESPONSES,
)
def ifcsum(despatch: str, actor: Reader, now: Now, to: edi.Partner = "") -> Response:
    """The PREDES content as IFCSUM, directory D.01B."""
    with acting(actor) as connection:
        document = dict(despatching.despatch(connection, despatch).document)
    return edi.answer(
        sorting_edifact.despatch(document),
        str(document.get("origin", "")),
        to or str(document.get("destination", "")),
        now,
    )


@router.get(
    "/despatches/{despatch}/reconciliation",
    operation_id="reconcileDespatch",
    summary="What was said and what came",
    responses=_READ,
)
def reconcile(despatch: str, actor: Reader, now: Now, facility: str) -> dict[str, Any]:
    """Receptacles and items that are missing, too many, or came in another bag."""
    with acting(actor) as connection:
        return despatching.reconcile(connection, despatch, facility[:80], now)


@router.get(
    "/despatches/{despatch}/resdes", operation_id="readResdes", summary="RESDES content", responses=_READ
)
def resdes(despatch: str, actor: Reader, now: Now, facility: str) -> dict[str, Any]:
    """Which receptacles of a despatch came to a facility, and when."""
    with acting(actor) as connection:
        return despatching.response(connection, despatch, facility[:80], now)


@router.get("/units/{unit}/cardit", operation_id="readCardit", summary="CARDIT content", responses=_READ)
def cardit(unit: str, actor: Reader, now: Now) -> dict[str, Any]:
    """The receptacles that a vehicle carries, with their containers."""
    with acting(actor) as connection:
        return despatching.consignment(connection, _row(connection, unit).unit, now)


@router.get("/units/{unit}/resdit", operation_id="readResdit", summary="RESDIT content", responses=_READ)
def resdit(unit: str, actor: Reader, now: Now) -> dict[str, Any]:
    """What happened to each receptacle of a vehicle."""
    with acting(actor) as connection:
        return despatching.carrier_says(connection, _row(connection, unit).unit, now)


@router.get(
    "/units/{unit}/iftsta",
    operation_id="readIftsta",
    summary="Status of receptacles as UN/EDIFACT",
    response_class=Response,
    responses=edi.RESPONSES,
)
def iftsta(unit: str, actor: Reader, now: Now, to: edi.Partner = "") -> Response:
    """The RESDIT content as IFTSTA, directory D.01B."""
    with acting(actor) as connection:
        document = despatching.carrier_says(connection, _row(connection, unit).unit, now)
    return edi.answer(sorting_edifact.status(document), "qafila", to or "POST", now)
