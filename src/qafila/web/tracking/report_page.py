"""/report: telling what happened to parcels, from a list of numbers: for drivers and stations without a system of their own."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import Response

from qafila.core.identifiers import s10
from qafila.network.network_joining import operated
from qafila.runtime.accounts.accounts_acting import acting
from qafila.runtime.accounts.model import Actor
from qafila.runtime.events.events_types import EVENT_TYPES
from qafila.tracking.event import ParcelEvent
from qafila.tracking.tracking_recording import record
from qafila.tracking.tracking_report import Report
from qafila.web.chassis.page_frame import page
from qafila.web.chassis.visitor import requires
from qafila.web.chassis.web_asking import context_of

router = APIRouter(include_in_schema=False)
Reporter = Annotated[Actor, Depends(requires("events:write"))]
MOST = 100
_TOLD = (
    ParcelEvent.COLLECTED, ParcelEvent.ARRIVED, ParcelEvent.DEPARTED, ParcelEvent.OUT_FOR_DELIVERY, ParcelEvent.DELIVERED,
    ParcelEvent.DELIVERY_FAILED, ParcelEvent.AWAITING_PICKUP, ParcelEvent.HANDED_OVER, ParcelEvent.CUSTOMS_HELD, ParcelEvent.CUSTOMS_RELEASED,
)  # fmt: skip


@router.get("/report")
def ask(request: Request, actor: Reporter) -> Response:
    """The form."""
    return _form(request, actor)


def _form(
    request: Request, actor: Actor, numbers: str = "", type: str = "", receipts: list[object] | None = None
) -> Response:
    return page(
        request,
        "report.html",
        422 if receipts and any(getattr(r, "event", None) is None for r in receipts) else 200,
        types=[EVENT_TYPES[t.value] for t in _TOLD if actor.reporter in EVENT_TYPES[t.value].reporters],
        numbers=numbers,
        chosen=type,
        receipts=receipts or [],
    )


@router.post("/report")
def tell(
    request: Request,
    actor: Reporter,
    numbers: Annotated[str, Form()] = "",
    type: Annotated[str, Form()] = "",
    facility: Annotated[str, Form()] = "",
) -> Response:
    """Records it for each number; what is refused stays in the form."""
    context = context_of(request, actor.tenant)
    now = context.now()
    typed = list(
        dict.fromkeys(
            "".join(line.split()).upper() for line in numbers.replace(",", "\n").splitlines() if line.strip()
        )
    )
    told = [
        Report(
            s10.parse(n) if s10.is_valid(n) else n,
            type,
            now,
            actor.source("page"),
            facility=facility.strip() or None,
        )
        for n in typed[:MOST]
    ]
    with acting(actor) as connection:
        feed = context.network.feed
        receipts = record(connection, told, now, feed.facility, operated(feed))
    left = "\n".join(
        [r.subject for r, got in zip(told, receipts, strict=True) if got.event is None] + typed[MOST:]
    )
    return _form(request, actor, left, type, list(receipts))
