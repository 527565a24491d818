"""/sorting: what is done to single parcels, and shifts that hand over."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Header, Response

from qafila.api.chassis import api_messages as say
from qafila.api.chassis.api_asking import Now, TheContext
from qafila.api.chassis.authentication import EventsReader
from qafila.api.chassis.problems import Problem, responses
from qafila.api.chassis.speaking import said
from qafila.api.sorting.centres import Manager, Reader, Worker, by_of
from qafila.api.sorting.sorting_schema import HandOverIn, MeasureIn, RecallIn, RelabelIn
from qafila.network.network_joining import operated
from qafila.network.timetable import Mode
from qafila.runtime.accounts.accounts_acting import acting, sending
from qafila.runtime.accounts.tenants import TenantKind
from qafila.shipping import printed
from qafila.shipping.bookings import records
from qafila.sorting import measuring, parcel_acts
from qafila.sorting.induction import induction
from qafila.tracking import custody

router = APIRouter(prefix="/sorting", tags=["sorting"])
merchants = APIRouter()
"""What merchants ask of their own parcels."""
_DENIED = ("unauthorized", "insufficient-scope")
_DONE = responses(*_DENIED, "not-found", "invalid-request", "not-possible")
Key = Annotated[
    str, Header(alias="Idempotency-Key", min_length=1, max_length=200, description="The act's own key.")
]


@router.post("/recalls", operation_id="recallParcels", summary="Call parcels back", responses=_DONE)
def recall(told: RecallIn, actor: Manager, now: Now, context: TheContext) -> dict[str, int]:
    """Every sorter keeps them back within seconds, until the recall is ended. A station recalls what comes to its places."""
    custody.checked(actor, told.parcels, operated(context.network.feed))
    return {"parcels": parcel_acts.recall(told.parcels, told.because, told.ended, by_of(actor), now)}


@router.post(
    "/centres/{facility}/relabels",
    operation_id="relabelParcel",
    summary="A new label, the same number",
    responses=_DONE,
)
def relabel(facility: str, told: RelabelIn, actor: Worker, context: TheContext) -> dict[str, Any]:
    """Finds the one parcel that is meant by what can be read of its number and notes that it is labelled anew; `label` is
    the address of its label."""
    custody.at_place(actor, facility, context.network.feed)
    custody.checked(actor, [told.number], operated(context.network.feed))
    like = induction().line(facility, context).like(told.number) if "?" in told.number else []
    with acting(actor) as connection:
        number = parcel_acts.relabel(
            connection, facility[:80], told.number, like, by_of(actor), context.now()
        )
    return {"parcel": number, "label": f"sorting/labels/{number}"}


@router.get(
    "/labels/{number}",
    operation_id="readRelabel",
    summary="A parcel's label, anew",
    response_model=None,
    responses={
        **responses(*_DENIED, "not-found"),
        200: {"content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}},
    },
)
def label(number: str, actor: Worker, context: TheContext) -> Response:
    """The label of a parcel, as it was; only for who sees its booking: the hub's own people."""
    if actor.kind is not TenantKind.HUB:
        raise Problem("not-found", say.NO_PARCEL(number=number[:40]))
    with acting(actor) as connection:
        found = printed.booked(connection, [number[:40]])[0]
    if found is None:
        raise Problem("not-found", say.NO_PARCEL(number=number[:40]))
    made = printed.labels([found], context)
    return Response(made.content, media_type=made.media_type, headers={"cache-control": "private, no-store"})


@router.post(
    "/centres/{facility}/measures",
    operation_id="measureParcel",
    summary="Weigh and measure a parcel",
    responses=_DONE,
)
def measure(facility: str, told: MeasureIn, actor: Worker, context: TheContext, key: Key) -> dict[str, Any]:
    """Keeps what a machine weighed and measured beside what was booked, with its proof, and the grams charged by each.

    Where the published terms say so (`rates.measured_weight`) and certificate and picture are given, `charged` is what
    carriage costs more by it."""
    custody.at_place(actor, facility, context.network.feed)
    custody.checked(actor, [told.parcel], operated(context.network.feed))
    proof = {"machine": told.machine, "certificate": told.certificate, "picture_sha256": told.picture_sha256}
    now = context.now()
    air = next((m.volumetric_kg_per_m3 for m in context.network.feed.modes if m.mode is Mode.AIR), 0)
    at = min(told.at, now) if told.at else now
    made = measuring.Measured(facility[:80], told.parcel, told.grams, told.size_mm, at, key, proof)
    return measuring.measure(made, by_of(actor), air)


@router.get(
    "/measures/{number}",
    operation_id="readMeasures",
    summary="What machines measured",
    responses=responses(*_DENIED, "not-found"),
)
def measures(number: str, actor: Reader) -> list[dict[str, Any]]:
    """What machines said of a parcel, the newest first."""
    with acting(actor) as connection:
        found = [dict(row._mapping) for row in measuring.measures(connection, number[:40])]
    if not found:
        raise Problem("not-found", say.NOT_MEASURED(number=number[:40]))
    return found


@merchants.get(
    "/parcels/{number}/measures",
    tags=["parcels"],
    operation_id="readMyMeasures",
    summary="What machines measured of one's own parcel",
    responses=responses(*_DENIED, "not-found"),
)
def my_measures(number: str, actor: EventsReader) -> list[dict[str, Any]]:
    """What machines said of a parcel of one's own, with their proof and what it costs more, the newest first. Who does not
    agree complains (`POST /complaints`, topic `price`, subject the parcel's number)."""
    with sending(actor) as connection:
        if records.parcel(connection, number[:40]) is None:
            raise Problem("not-found", say.NO_PARCEL(number=number[:40]))
        return [dict(row._mapping) for row in measuring.measures(connection, number[:40])]


@router.post(
    "/centres/{facility}/shifts/{shift}",
    operation_id="handOverShift",
    summary="Hand a shift over",
    responses=_DONE,
)
def hand_over(
    facility: str, shift: str, told: HandOverIn, actor: Worker, now: Now, context: TheContext
) -> dict[str, Any]:
    """Ends a shift by count: what was counted in each chute beside the books; the differences are kept."""
    custody.at_place(actor, facility, context.network.feed)
    since = min(told.since, now)
    done = parcel_acts.hand_over(facility[:80], shift[:80], since, told.counts, told.to, by_of(actor), now)
    return done | {"differences": [said(d) for d in done["differences"]]}
