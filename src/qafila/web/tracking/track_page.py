"""/t: public tracking. Whoever has a parcel's number sees where it is, and nothing about persons."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from qafila.core.identifiers import s10
from qafila.core.identifiers.errors import InvalidNumber
from qafila.runtime.database import Role, acting_as
from qafila.tracking import questions_open as desk
from qafila.tracking.store import together
from qafila.web.chassis.page_frame import language_of, link, page, translate
from qafila.web.chassis.visitor import public
from qafila.web.chassis.web_asking import context_of
from qafila.web.shipping.journey import journey

router = APIRouter(include_in_schema=False, dependencies=[Depends(public)])


@router.get("/t")
def ask(request: Request, number: str = "") -> Response:
    """The form; with a number, the way to its page."""
    plain = "".join(number.split()).upper()
    if not plain:
        return page(request, "track.html", number="", journey=None, fault="")
    if not plain.isalnum() or len(plain) > 40:
        return _unknown(request, number.strip()[:60])
    return RedirectResponse(link(request, f"/t/{plain}"), 303)


@router.get("/t/{number}")
def track(request: Request, number: str) -> Response:
    """Where the parcel is."""
    plain = "".join(number.split()).upper()
    if plain != number and plain.isalnum():
        return RedirectResponse(link(request, f"/t/{plain}"), 308)
    now = context_of(request).now()
    with acting_as(Role.PUBLIC) as connection:
        numbers = together(connection, [plain]).get(plain, (plain,))
        found = desk.track_all(connection, numbers, now)
    if found is None:
        return _unknown(request, plain[:60])
    events = found[1][plain]
    facilities = context_of(request).network.feed.facility
    return page(
        request,
        "track.html",
        number=plain,
        journey=journey(events, facilities, now, public=True, language=language_of(request)),
        facilities=facilities,
        public=True,
        known=len(events),
        numbers=numbers,
        shipment=found[0],
        fault="",
    )


def _unknown(request: Request, number: str) -> Response:
    """No such parcel: whether the number is mistyped can be told by its check digit."""
    _ = translate(request)
    try:
        s10.parse(number)
        fault = _(
            "The number is well formed, but no parcel of this network has it. It may be of another carrier, or not booked yet."
        )
    except InvalidNumber:
        fault = _(
            "This is not a parcel number as it stands: two letters, nine digits, two letters. One of them is mistyped: compare it with the label."
        )
    return page(request, "track.html", 404, number=number, journey=None, fault=fault)
