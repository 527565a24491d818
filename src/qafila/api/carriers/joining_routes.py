"""/carriers: a carrier brings its rate card and timetable, connects its system, and leaves; merchants take its labels."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, Field

from qafila.api.chassis.api_asking import Now, TheFeed
from qafila.api.chassis.api_faults import ErrorItem
from qafila.api.chassis.authentication import BookingsReader, requires
from qafila.api.chassis.common_schema import In, shown
from qafila.api.chassis.problems import Problem, responses
from qafila.api.chassis.speaking import said
from qafila.carriers import carriers_connecting, carriers_messages, feeds, store
from qafila.core.fault import NotFound
from qafila.network.network_report import FeedErrors
from qafila.runtime.accounts.accounts_acting import acting, sending
from qafila.runtime.accounts.model import Actor

router = APIRouter(prefix="/carriers", tags=["carriers"])
_DENIED = ("unauthorized", "insufficient-scope")
Reader = Annotated[Actor, Depends(requires("carriers:read"))]
Writer = Annotated[Actor, Depends(requires("carriers:write"))]
_MOST = 200  # problems that an answer names


class FeedIn(In):
    """A rate card and a timetable: CSV files by name, as docs/feed.md has them."""

    model_config = shown(
        {"files": {"services.csv": "id,mode,operator,vehicle,calendar,rate\n…", "rates.csv": "…"}}
    )

    files: dict[str, str] = Field(
        max_length=20, description="services, calls, capacities, rates; others where needed"
    )


class FeedOut(BaseModel):
    """What came into the network."""

    rows: dict[str, int] = Field(description="rows of each file")
    network: str = Field(description="the id of the network with it; empty where it was only checked")


@router.put(
    "/feed",
    operation_id="bringFeed",
    summary="Join by a rate card and a timetable",
    responses=responses(*_DENIED, "invalid-request", "too-large"),
)
def bring(
    told: FeedIn,
    actor: Writer,
    now: Now,
    check: Annotated[bool, Query(description="only check it, and change nothing")] = False,
) -> FeedOut:
    """The carrier's services stand beside the operator's own from now on and are ranked by the same rule. What it brought
    before is replaced; the change is told to the transparency log. Each problem is told by file, line and column."""
    files = feeds.files_of({name: text.encode() for name, text in told.files.items()})
    try:
        made = feeds.bring(actor.tenant, files, now, dry=check)
    except FeedErrors as wrong:
        raise Problem("invalid-request", errors=_items(wrong)) from None
    return FeedOut(rows=dict(made.rows), network=made.network)


def _items(wrong: FeedErrors) -> list[ErrorItem]:
    return [
        ErrorItem(
            pointer=f"#/files/{p.file}/{p.row}/{p.column}", detail=said(p.reason), remedy=said(p.remedy)
        )
        for p in wrong.problems[:_MOST]
    ]


@router.get(
    "/feed",
    operation_id="readFeed",
    summary="What you have in the network",
    response_class=Response,
    responses={200: {"content": {"application/zip": {}}}, **responses(*_DENIED)},
)
def read(actor: Writer, feed: TheFeed) -> Response:
    """A ZIP of CSV files that can be brought again."""
    return Response(feeds.packed(feed, actor.tenant), media_type="application/zip")


@router.delete(
    "/feed",
    operation_id="leaveNetwork",
    summary="Leave the network",
    responses=responses(*_DENIED, "not-possible"),
)
def leave(actor: Writer, now: Now) -> dict[str, int]:
    """Takes the carrier's services out; what is booked on them stays booked."""
    return {"services": feeds.take_out(actor.tenant, now)}


class LineIn(In):
    """How the carrier's own system is reached."""

    model_config = shown({"adapter": "http", "address": "https://api.carrier.example/qafila", "secret": "…"})

    adapter: str = Field(max_length=40)
    address: str = Field(max_length=500)
    secret: str = Field(default="", max_length=500, description="sent as a bearer token; never shown again")


class LineOut(BaseModel):
    """A line, and how it goes."""

    carrier: str
    adapter: str
    address: str
    read_at: datetime | None = Field(description="when it was last asked")
    trouble: str = Field(description="why it could not be reached at last; empty where it was")
    refused: int = Field(description="of its events, how many could not be recorded")
    refusal: str = Field(description="the last reason")


@router.put(
    "/line",
    operation_id="connectCarrier",
    summary="Connect your system",
    status_code=204,
    responses=responses(*_DENIED, "invalid-request"),
)
def connect(told: LineIn, actor: Writer) -> None:
    """From now on parcels that ride with the carrier are given to its system, and labels and events come back."""
    carriers_connecting.connect(actor.tenant, told.adapter, told.address, told.secret)


@router.delete(
    "/line",
    operation_id="disconnectCarrier",
    summary="End the connection",
    status_code=204,
    responses=responses(*_DENIED, "not-found"),
)
def disconnect(actor: Writer) -> None:
    """Nothing is given to the system any more."""
    if not carriers_connecting.disconnect(actor.tenant):
        raise Problem("not-found")


@router.get(
    "/lines",
    operation_id="listCarrierConnections",
    summary="How the connections go",
    responses=responses(*_DENIED),
)
def lines(actor: Reader) -> list[LineOut]:
    """A carrier's own line; for the hub, all."""
    if not _sees_lines(actor):
        return []
    with acting(actor) as connection:
        return [
            LineOut(
                carrier=s.carrier,
                adapter=s.adapter,
                address=s.address,
                read_at=s.read_at,
                trouble=s.trouble,
                refused=s.refused,
                refusal=s.refusal,
            )
            for s in store.states(connection)
        ]


def _sees_lines(actor: Actor) -> bool:
    return actor.kind in ("carrier", "hub")


@router.get(
    "/labels/{parcel}",
    operation_id="readCarrierLabel",
    summary="A carrier's own label",
    response_class=Response,
    responses={
        200: {"content": {"application/pdf": {}, "image/png": {}, "application/zpl": {}}},
        **responses(*_DENIED, "not-found"),
    },
)
def label(parcel: str, actor: BookingsReader) -> Response:
    """The label that the carrier's system made for a parcel of yours."""
    with sending(actor) as connection:
        found = store.label_of(connection, parcel[:40])
    if found is None:
        raise NotFound(carriers_messages.NO_LABEL(parcel=parcel[:40]), field="parcel", value=parcel[:40])
    return Response(found.content, media_type=found.kind)
