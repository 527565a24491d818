"""The application of /api/v1; mounted by the portal, or served alone."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import Depends, FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qafila.api.accounts import own_key
from qafila.api.air import load_plans
from qafila.api.cargo import air_waybills, one_record
from qafila.api.carriers import joining_routes
from qafila.api.chassis import api_messages as say
from qafila.api.chassis import problems
from qafila.api.chassis.answering_once import AnsweringOnce
from qafila.api.chassis.problems import Problem, ProblemDetails
from qafila.api.chassis.speaking import Speaking
from qafila.api.clearance import declarations
from qafila.api.clearance import duties_and_codes as customs
from qafila.api.delivery import hauled
from qafila.api.delivery import pickup as delivery_points
from qafila.api.delivery import rounds as delivery
from qafila.api.fleet import allotted, fleet_board, flights_to_load
from qafila.api.ledger import banking_routes, cash_routes, claims, invoices, remittances
from qafila.api.ledger import ledger as books
from qafila.api.network import network_questions as network
from qafila.api.network import ways
from qafila.api.openness import complaints, exports, log_receipts, oversight, privacy, published_terms
from qafila.api.planning import comparisons, plans
from qafila.api.returns import returns
from qafila.api.shipping import bookings, handovers, offers, order_files, paper_routes, pickups, saved
from qafila.api.sorting import bag_routes, parcels_at_work
from qafila.api.sorting import centres as sorting
from qafila.api.sorting.quick_scans import QuickScans
from qafila.api.storage import coming_in, fulfilments, going_out, warehouse_office, warehouses
from qafila.api.tracking import events, parcels
from qafila.api.webhooks import endpoints as webhooks
from qafila.context import Context, of_this_home
from qafila.floors import RIGHTS
from qafila.runtime.answered.store import KEPT_DAYS

_LARGEST = 20 * 1024 * 1024

_DESCRIPTION = f"""
Ship parcels across the network: ask for offers, book one, follow the parcel.

**Keys.** Send `Authorization: Bearer KEY`. `qafila merchant key MERCHANT` issues one. Scopes:
{"; ".join(f"`{name}` ({scope.meaning()})" for name, scope in RIGHTS.scopes.items())}. The network, tracking by number
and the meaning of problems need no key.

**Errors** are problem details (RFC 9457, `application/problem+json`); `errors` names each field by its JSON
pointer and `remedy` says what to do.

**Once only.** Send an `Idempotency-Key` with any POST or PATCH: the same request with the same key acts once and gets
the same answer, however often it is sent; another request with that key is refused. Answers are kept for {KEPT_DAYS} days.

**Pages.** A list gives `next`; send it back as `cursor`.
"""


def create_app(context: Callable[[], Context] = of_this_home) -> FastAPI:
    """The API on a context, asked for anew at each request. Its addresses begin at the root of where it is mounted: /offers, /bookings, …"""
    app = FastAPI(
        title="qafila",
        version="1",
        description=_DESCRIPTION,
        openapi_url="/openapi.json",
        docs_url=None,  # their pages load scripts from elsewhere
        redoc_url=None,
        separate_input_output_schemas=False,
        dependencies=[Depends(problems.check_address)],
        responses={
            "default": {
                "model": ProblemDetails,
                "description": "A problem (RFC 9457)",
                "content": {"application/problem+json": {}},
            }
        },
    )
    app.state.context = context
    for part in (
        parcels,  # a request tries one address after the other: what is asked most comes first
        offers,
        bookings,
        order_files,
        paper_routes,
        events,
        customs,
        declarations,
        network,
        ways,
        plans,
        comparisons,
        coming_in,
        going_out,
        warehouse_office,
        warehouses,
        fulfilments,
        sorting,
        bag_routes,
        parcels_at_work,
        air_waybills,
        one_record,
        delivery_points,
        hauled,
        delivery,
        load_plans,
        fleet_board,
        allotted,
        flights_to_load,
        webhooks,
        log_receipts,
        saved,
        pickups,
        oversight,
        exports,
        own_key,
        complaints,
        published_terms,
        cash_routes,
        books,
        privacy,
        banking_routes,
        remittances,
        invoices,
        claims,
        handovers,
        returns,
        joining_routes,
    ):
        app.include_router(part.router)
    app.include_router(parcels_at_work.merchants)
    problems.install(app)
    app.add_middleware(AnsweringOnce, api=app)
    app.add_middleware(GZipMiddleware, minimum_size=2000)
    app.add_middleware(QuickScans, context=lambda: app.state.context())
    app.add_middleware(_Bounded)
    app.add_middleware(Speaking)
    return app


class _Bounded:
    """Refuses bodies that are too large, whether or not they say how large they are."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        told = request.headers.get("content-length", "0")
        if told.isdecimal() and int(told) > _LARGEST:
            await problems.answer(request, _too_large())(scope, receive, send)
            return
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > _LARGEST:
                raise HTTPException(413)  # the framework makes 400 of any other
            return message

        await self._app(scope, counted, send)


def _too_large() -> Problem:
    return Problem("too-large", say.TOO_LARGE_REQUEST(megabytes=_LARGEST // 1024**2), say.SEND_IN_PARTS())
