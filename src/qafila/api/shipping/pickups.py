"""/pickups: vans asked to fetch parcels, and the manifests that are signed when they are handed over."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from pydantic import AwareDatetime, BaseModel, Field

from qafila.api.chassis.api_asking import TheContext
from qafila.api.chassis.authentication import BookingsReader, BookingsWriter
from qafila.api.chassis.common_schema import In, shown
from qafila.api.chassis.paging import Cursor, Limit, Page, decode, encode
from qafila.api.chassis.problems import responses
from qafila.context import Context
from qafila.runtime.database import merchant_transaction
from qafila.shipping.bookings.records import Record
from qafila.shipping.pickups import manifest, service
from qafila.shipping.pickups.model import LONGEST, MOST, Pickup

router = APIRouter(tags=["pickups"])
_DENIED = ("unauthorized", "insufficient-scope")
_FILES: dict[str, Any] = {"application/pdf": {}, "text/csv": {}}
Form = Annotated[Literal["pdf", "csv"], Query(description="pdf: to be signed; csv: a line for each parcel")]
Carrier = Annotated[
    str | None,
    Query(max_length=80, description="only what this carrier takes on; without it all, a page for each"),
]
Ids = Annotated[
    list[Annotated[str, Field(max_length=60)]],
    Field(min_length=1, max_length=MOST, description="parcels' numbers, bookings or shipments"),
]


class PickupIn(In):
    """Parcels to be fetched."""

    model_config = shown(
        {
            "parcels": ["CQ473124829MA"],
            "opens": "2026-12-01T09:00:00+01:00",
            "closes": "2026-12-01T12:00:00+01:00",
            "note": "Ring at the blue door",
        }
    )

    parcels: Ids
    opens: AwareDatetime
    closes: AwareDatetime
    address: list[Annotated[str, Field(max_length=LONGEST)]] = Field(
        default_factory=list, max_length=8, description="lines; empty: the sender's address"
    )
    note: str = Field(default="", max_length=LONGEST)


class PickupOut(BaseModel):
    """A pick-up as it stands."""

    id: str
    state: str = Field(description="booked or cancelled")
    station: str = Field(description="the facility whose van comes")
    address: list[str]
    opens: datetime
    closes: datetime
    parcels: list[str]
    weight_kg: float
    note: str
    booked_at: datetime
    cancelled_at: datetime | None
    manifest: str = Field(description="where its manifest is, relative to the API's root")

    @classmethod
    def of(cls, one: Pickup) -> PickupOut:
        """From a pick-up."""
        return cls(
            id=one.id,
            state="cancelled" if one.cancelled_at else "booked",
            station=one.station,
            address=list(one.address),
            opens=one.opens,
            closes=one.closes,
            parcels=list(one.parcels),
            weight_kg=one.grams / 1000,
            note=one.note,
            booked_at=one.booked_at,
            cancelled_at=one.cancelled_at,
            manifest=f"pickups/{one.id}/manifest",
        )


class ManifestIn(In):
    """Parcels that are handed over together, with or without a pick-up."""

    model_config = shown({"parcels": ["CQ473124829MA"], "format": "csv"})

    parcels: Ids
    format: Literal["pdf", "csv"] = "pdf"
    carrier: str | None = Field(default=None, max_length=80)


@router.post(
    "/pickups",
    operation_id="bookPickup",
    summary="Book a pick-up",
    status_code=201,
    responses=responses(*_DENIED, "invalid-request", "not-found", "not-possible"),
)
def book(asked: PickupIn, actor: BookingsWriter, context: TheContext) -> PickupOut:
    """All parcels are fetched by the van of one station; the histories of the parcels say so."""
    made = service.book(
        context.of(actor.tenant), asked.parcels, asked.opens, asked.closes, asked.address, asked.note
    )
    return PickupOut.of(made)


@router.get(
    "/pickups",
    operation_id="listPickups",
    summary="List pick-ups",
    responses=responses(*_DENIED, "invalid-request"),
)
def listed(actor: BookingsReader, limit: Limit = 50, cursor: Cursor = None) -> Page[PickupOut]:
    """The newest first."""
    found = service.listed(actor.tenant, decode(cursor) or "", limit + 1)
    return Page(
        items=[PickupOut.of(one) for one in found[:limit]],
        next=encode(found[limit - 1].id) if len(found) > limit else None,
    )


@router.get(
    "/pickups/{pickup_id}",
    operation_id="readPickup",
    summary="Read a pick-up",
    responses=responses(*_DENIED, "not-found"),
)
def read(pickup_id: str, actor: BookingsReader) -> PickupOut:
    """One of them."""
    return PickupOut.of(service.find(actor.tenant, pickup_id))


@router.post(
    "/pickups/{pickup_id}/cancel",
    operation_id="cancelPickup",
    summary="Cancel a pick-up",
    responses=responses(*_DENIED, "not-found", "not-possible"),
)
def cancel(pickup_id: str, actor: BookingsWriter, context: TheContext) -> PickupOut:
    """No van comes; its parcels can be booked into another."""
    return PickupOut.of(service.cancel(context.of(actor.tenant), pickup_id))


@router.get(
    "/pickups/{pickup_id}/manifest",
    operation_id="readManifest",
    summary="The manifest of a pick-up",
    response_class=Response,
    responses={
        200: {"content": _FILES, "description": "What is handed over, by carrier."},
        **responses(*_DENIED, "invalid-request", "not-found"),
    },
)
def of_pickup(
    pickup_id: str, actor: BookingsReader, context: TheContext, format: Form = "pdf", carrier: Carrier = None
) -> Response:
    """As PDF to be signed, or as CSV."""
    pickup = service.find(actor.tenant, pickup_id)
    return _sent(_found(actor.tenant, pickup.parcels), context, format, carrier, pickup)


@router.post(
    "/manifests",
    operation_id="makeManifest",
    summary="The manifest of some parcels",
    response_class=Response,
    responses={
        200: {"content": _FILES, "description": "What is handed over, by carrier."},
        **responses(*_DENIED, "invalid-request", "not-found"),
    },
)
def of_parcels(asked: ManifestIn, actor: BookingsReader, context: TheContext) -> Response:
    """For parcels that are brought to a station, or handed to a carrier by itself."""
    return _sent(_found(actor.tenant, asked.parcels), context, asked.format, asked.carrier)


def _found(merchant: str, parcels: list[str] | tuple[str, ...]) -> list[Record]:
    with merchant_transaction(merchant) as connection:
        return service.bookings_of(connection, parcels)


def _sent(
    records: list[Record], context: Context, form: str, carrier: str | None, pickup: Pickup | None = None
) -> Response:
    feed = context.network.feed
    some = manifest.of_carrier(manifest.lines(records, feed), carrier)
    if form == "csv":
        content, kind = manifest.as_csv(some), "text/csv; charset=utf-8"
    else:
        content, kind = manifest.as_pdf(some, feed.facility, context.now(), pickup), "application/pdf"
    headers = {
        "content-disposition": f'inline; filename="manifest.{form}"',
        "cache-control": "private, no-store",
    }
    return Response(content, media_type=kind, headers=headers)
