"""/shipments/{id}/label and /documents, and many labels at once: what is printed, as PDF or ZPL."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from pydantic import Field

from qafila.api.chassis import api_messages as say
from qafila.api.chassis.api_asking import TheContext
from qafila.api.chassis.authentication import BookingsReader
from qafila.api.chassis.common_schema import In, shown
from qafila.api.chassis.problems import Problem, responses
from qafila.runtime.accounts.accounts_acting import sending
from qafila.runtime.accounts.model import Actor
from qafila.shipping import printed
from qafila.shipping.papers.labels import BookedShipment

router = APIRouter(tags=["papers"])
_DENIED = ("unauthorized", "insufficient-scope", "not-found")
_FILES: dict[str, Any] = {"application/pdf": {}, "application/vnd.zebra.zpl": {}}
Form = Annotated[
    Literal["pdf", "a4", "zpl"],
    Query(description="pdf: 4 × 6 inches, one a page; a4: four a sheet; zpl: for label printers"),
]
Dpi = Annotated[int, Query(description="dots per inch of the label printer, for zpl: 203 or 300")]


class LabelsIn(In):
    """Labels to be printed at once."""

    model_config = shown({"ids": ["bkg_1c02f2d1b0d14e0e8a55", "CQ473124829MA"], "format": "a4"})

    ids: list[str] = Field(
        min_length=1,
        max_length=printed.MOST,
        description="bookings, shipments or parcels' numbers, in the order of printing",
    )
    format: Literal["pdf", "a4", "zpl"] = "pdf"
    dpi: Literal[203, 300] = 203


class DocumentsIn(In):
    """Shipments whose papers are printed at once."""

    model_config = shown({"ids": ["bkg_1c02f2d1b0d14e0e8a55", "CQ473124829MA"]})

    ids: list[str] = Field(
        min_length=1, max_length=printed.MOST, description="bookings, shipments or parcels' numbers"
    )


@router.get(
    "/shipments/{shipment_id}/label",
    operation_id="readLabel",
    summary="The label of a shipment",
    response_class=Response,
    responses={
        200: {"content": _FILES, "description": "The label; of a cancelled booking it is void and says so."},
        **responses(*_DENIED, "invalid-request"),
    },
)
def label(
    shipment_id: str, actor: BookingsReader, context: TheContext, format: Form = "pdf", dpi: Dpi = 203
) -> Response:
    """As PDF, on A4, or as ZPL."""
    made = printed.labels(_found(actor, [shipment_id]), context.of(actor.tenant), format, dpi)
    return _sent(made, "label")


@router.get(
    "/shipments/{shipment_id}/documents",
    operation_id="readDocuments",
    summary="Invoice and customs forms of a shipment",
    response_class=Response,
    responses={
        200: {"content": {"application/pdf": {}}, "description": "The papers."},
        **responses(*_DENIED, "not-cancellable"),
    },
)
def documents(shipment_id: str, actor: BookingsReader, context: TheContext) -> Response:
    """The papers that travel with the parcel, as PDF."""
    made = printed.papers(_found(actor, [shipment_id]), context.of(actor.tenant))
    return _sent(made, "documents")


@router.post(
    "/labels",
    operation_id="printLabels",
    summary="Many labels at once",
    response_class=Response,
    responses={
        200: {"content": _FILES, "description": "The labels, in the order asked for."},
        **responses(*_DENIED, "invalid-request"),
    },
)
def many(asked: LabelsIn, actor: BookingsReader, context: TheContext) -> Response:
    """Up to 500 labels in one file."""
    made = printed.labels(_found(actor, asked.ids), context.of(actor.tenant), asked.format, asked.dpi)
    return _sent(made, "labels")


@router.post(
    "/documents",
    operation_id="printDocuments",
    summary="The papers of many shipments at once",
    response_class=Response,
    responses={
        200: {"content": {"application/pdf": {}}, "description": "The papers, in the order asked for."},
        **responses(*_DENIED),
    },
)
def many_documents(asked: DocumentsIn, actor: BookingsReader, context: TheContext) -> Response:
    """Invoices and customs forms of up to 500 shipments in one PDF; cancelled ones have none."""
    made = printed.papers(_found(actor, asked.ids), context.of(actor.tenant))
    return _sent(made, "documents")


def _found(actor: Actor, ids: list[str]) -> list[BookedShipment]:
    with sending(actor) as connection:
        found = printed.booked(connection, ids)
    for id, parcel in zip(ids, found, strict=True):
        if parcel is None:
            raise Problem("not-found", say.NO_SHIPMENT(id=id))
    return [parcel for parcel in found if parcel is not None]


def _sent(made: printed.Printed, name: str) -> Response:
    headers = {
        "content-disposition": f'inline; filename="{name}.{made.ending}"',
        "cache-control": "private, no-store",
    }
    return Response(made.content, media_type=made.media_type, headers=headers)
