"""What is printed of bookings, as a person or a program asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from qafila.context import Context
from qafila.core.fault import Fault, NotFound
from qafila.core.message import Choice
from qafila.shipping.bookings import records
from qafila.shipping.papers import papers_messages as say
from qafila.shipping.papers.documents import documents_pdf
from qafila.shipping.papers.labels import BookedShipment, labels_pdf
from qafila.shipping.papers.printing import four_up, zpl

MOST = 500
"""Labels that are printed at once; more come in several requests."""


@dataclass(frozen=True, slots=True)
class Printed:
    """A file for a printer."""

    content: bytes
    media_type: str
    ending: str


def booked(connection: Connection, ids: Sequence[str]) -> list[BookedShipment | None]:
    """The shipments of bookings, shipments or parcels' numbers, in the order asked; None for what there is not. Of a
    parcel's number that parcel alone is meant; the parcels of a cancelled booking are void."""
    found: list[BookedShipment | None] = []
    for one in ids:
        record = records.record(connection, one)
        if record is None:
            found.append(None)
            continue
        entry = record.entry
        only = entry.parcels.index(one) if one in entry.parcels and len(entry.parcels) > 1 else None
        found.append(
            BookedShipment(
                entry.parcels,
                record.order,
                record.offer,
                entry.booked_at.date(),
                void=entry.cancelled_at is not None,
                only=only,
                alone=record.alone,
            )
        )
    return found


def labels(parcels: Sequence[BookedShipment], context: Context, form: str = "pdf", dpi: int = 203) -> Printed:
    """The label of each parcel in a form: `pdf` (4 × 6 inches, one a page), `a4` (four a sheet), `zpl` (at 203 or 300 dots per inch).

    Raises:
        Fault: a form or resolution that there is not.
    """
    if form not in ("pdf", "a4", "zpl"):
        forms = Choice(("pdf", "a4", "zpl"))
        raise Fault(say.NO_FORM(form=form), say.USE_FORM(forms=forms), field="format", value=form)
    made = labels_pdf(parcels, context.network.feed.facility)
    if form == "zpl":
        return Printed(zpl(made, dpi), "application/vnd.zebra.zpl", "zpl")
    return Printed(four_up(made) if form == "a4" else made, "application/pdf", "pdf")


def papers(parcels: Sequence[BookedShipment], context: Context) -> Printed:
    """Invoices and customs forms, as one PDF. Raises NotFound where all bookings were cancelled: they have none."""
    standing = [parcel for parcel in parcels if not parcel.void]
    if not standing:
        raise NotFound(say.CANCELLED())
    return Printed(
        documents_pdf(standing, context.network.feed.facility, context.rules), "application/pdf", "pdf"
    )
