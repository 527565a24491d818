"""/storage/advices: deliveries that are announced, by API, by a file or by EPCIS; docks; how receiving ended."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Body, File, Form, Query, UploadFile
from sqlalchemy import text

from qafila.api.chassis import api_messages as say
from qafila.api.chassis.api_asking import Now, TheContext
from qafila.api.chassis.problems import Problem, responses
from qafila.api.storage.storage_schema import AdviceIn, AppointmentIn
from qafila.api.storage.warehouses import Key, Owner, Reader, Worker, Writer, act_of, owner_of
from qafila.runtime.accounts.accounts_acting import acting
from qafila.runtime.database import Role
from qafila.storage import (
    advice_epcis,
    advice_file,
    advices,
)

router = APIRouter(prefix="/storage", tags=["storage"])
_DENIED = ("unauthorized", "insufficient-scope")
_DONE = responses(*_DENIED, "not-found", "invalid-request", "key-reused", "not-possible")


@router.post(
    "/advices",
    operation_id="announceDelivery",
    summary="Announce a delivery",
    status_code=201,
    responses=_DONE,
)
def announce(told: AdviceIn, actor: Writer, now: Now, key: Key, owner: Owner = None) -> dict[str, Any]:
    """Announces a delivery; announced again before it arrives, its lines are replaced."""
    lines = tuple(advices.AdviceLine(x.sku, x.pieces, x.lot, x.expires_on, x.condition) for x in told.lines)
    advice = advices.Advice(
        told.id, owner_of(actor, owner), told.facility, lines, told.supplier, told.expected_at
    )
    return advices.announce(act_of(actor, key, now), advice)


@router.get(
    "/advices/{advice}",
    operation_id="readAdvice",
    summary="Read a delivery",
    responses=responses(*_DENIED, "not-found"),
)
def read_advice(advice: str, actor: Reader, owner: Owner = None) -> dict[str, Any]:
    """A delivery and what came of it."""
    with acting(actor) as connection:
        found = connection.execute(
            text("SELECT * FROM advices WHERE merchant_id = :o AND advice_id = :a"),
            {"o": owner_of(actor, owner), "a": advice},
        ).one_or_none()
        if found is None:
            raise Problem("not-found", say.NO_ADVICE(id=advice))
        lines = advices.lines(connection, owner_of(actor, owner), advice)
    return dict(found._mapping) | {"lines": [dict(r._mapping) for r in lines]}


@router.post(
    "/advices/{advice}/appointment", operation_id="appointDock", summary="Book a dock", responses=_DONE
)
def appoint(
    advice: str, told: AppointmentIn, actor: Writer, now: Now, key: Key, owner: Owner = None
) -> dict[str, Any]:
    """Gives a delivery a dock for some minutes."""
    act = act_of(actor, key, now)
    # docks are everybody's: whether one is free is seen by the hub's role alone
    act = replace(act, by=replace(act.by, role=Role.OPERATOR.value))
    return advices.appoint(act, owner_of(actor, owner), advice, told.dock, told.since, told.minutes)


@router.post("/advices/{advice}/close", operation_id="closeAdvice", summary="End receiving", responses=_DONE)
def close(advice: str, actor: Worker, now: Now, key: Key, owner: Owner = None) -> dict[str, Any]:
    """Ends receiving and tells the differences."""
    return advices.close(act_of(actor, key, now), owner_of(actor, owner), advice)


@router.post(
    "/advices/file",
    operation_id="announceByFile",
    summary="Announce a delivery by a file",
    status_code=201,
    responses=_DONE,
)
def announce_file(
    actor: Writer,
    now: Now,
    key: Key,
    file: Annotated[UploadFile, File()],
    id: Annotated[str, Form(min_length=1, max_length=80)],
    facility: Annotated[str, Form(min_length=1, max_length=80)],
    supplier: Annotated[str, Form(max_length=200)] = "",
    expected_at: Annotated[datetime | None, Form()] = None,
    owner: Owner = None,
) -> dict[str, Any]:
    """A CSV or XLSX with the columns sku and pieces, and lot, expires_on and condition where they are known."""
    lines = tuple(advice_file.read(file.file.read()))
    advice = advices.Advice(id, owner_of(actor, owner), facility, lines, supplier, expected_at)
    return advices.announce(act_of(actor, key, now), advice)


@router.post(
    "/advices/epcis",
    operation_id="announceByEpcis",
    summary="Announce deliveries by EPCIS",
    status_code=201,
    responses=_DONE,
)
def announce_epcis(
    told: Annotated[dict[str, Any], Body()],
    actor: Writer,
    context: TheContext,
    key: Key,
    facility: Annotated[
        str,
        Query(
            max_length=80,
            description="where they come, if the document does not say, or a place not known here",
        ),
    ] = "",
    owner: Owner = None,
) -> dict[str, Any]:
    """An EPCIS 2.0 document (JSON-LD) of what was shipped: an advice for each despatch advice that it names. Goods are found
    by GTIN or by their own codes; lots, expiry and serial numbers are taken over."""
    of = owner_of(actor, owner)
    with acting(actor) as connection:
        places = {f.gln: f.id for f in context.network.feed.facilities if f.gln}
        found = advice_epcis.read(connection, told, of, facility, places)
    done = [advices.announce(act_of(actor, f"{key}/{n}", context.now()), one) for n, one in enumerate(found)]
    return {"advices": done}
