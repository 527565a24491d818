"""The served application: the pages, with the HTTP API beside them."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DataError
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import RedirectResponse, Response

from qafila.api.app import create_app as create_api
from qafila.context import Context, of_this_home
from qafila.core.fault import Fault
from qafila.floors import RIGHTS
from qafila.runtime.accounts import accounts_messages
from qafila.runtime.database import engine
from qafila.runtime.database.patience import away
from qafila.runtime.language import render
from qafila.runtime.settings import settings
from qafila.web.accounts import account_page as account
from qafila.web.accounts import passkey_pages, provider_pages
from qafila.web.accounts import people_page as people
from qafila.web.accounts import tenants_page as organisations
from qafila.web.air import load_page
from qafila.web.carriers import carriers_page as carriers
from qafila.web.chassis import docs, session, web_watching
from qafila.web.chassis.assets import Assets
from qafila.web.chassis.language import LanguageMiddleware, localised
from qafila.web.chassis.limiting import LimitMiddleware
from qafila.web.chassis.page_frame import GUIDES, language_of, page, translate
from qafila.web.chassis.security import SecurityMiddleware
from qafila.web.chassis.session import sign_in_address
from qafila.web.chassis.visitor import ScopeNeeded, SignInNeeded, session_of
from qafila.web.chassis.web_watching import RoutedMiddleware, WatchedMiddleware
from qafila.web.clearance import desk_page as desk
from qafila.web.clearance import duty_page as duty
from qafila.web.delivery import door_page as door
from qafila.web.delivery import hauled_page
from qafila.web.delivery import places_page as places
from qafila.web.delivery import points_page as points
from qafila.web.delivery import rounds_page as rounds
from qafila.web.first import alive, draw_page, home, hub_page
from qafila.web.first import prices_page as prices
from qafila.web.first import today_page as today
from qafila.web.fleet import board_page as fleet_board
from qafila.web.ledger import money_pages
from qafila.web.network import network_page as network
from qafila.web.openness import complaints_page as complaints
from qafila.web.openness import leave_page as leave
from qafila.web.openness import log_files
from qafila.web.openness import oversight_page as oversight
from qafila.web.openness import privacy_page as privacy
from qafila.web.openness import terms_page as terms
from qafila.web.planning import comparison_page as plan_comparison
from qafila.web.planning import planner_page as planner
from qafila.web.practice import practice_page as practice
from qafila.web.practice.practice_page import guide
from qafila.web.practice.within_practice import PracticeMiddleware
from qafila.web.returns import buyers_page, returns_page
from qafila.web.shipping import handovers_page as handovers
from qafila.web.shipping import orders_file
from qafila.web.shipping import pickups_page as pickups
from qafila.web.shipping import saved_page as saved
from qafila.web.shipping import ship_page as ship
from qafila.web.shipping import shipments_page as shipments
from qafila.web.sorting import induction_page
from qafila.web.sorting import sorting_pages as sorting
from qafila.web.storage import docks_page, goods_pages, office_pages
from qafila.web.storage import storage_pages as storage
from qafila.web.tracking import live_page as live
from qafila.web.tracking import report_page as report
from qafila.web.tracking import track_page as track
from qafila.web.tracking.quick_answers import QuickAnswers
from qafila.web.webhooks import webhooks_page as webhooks


def create_app(context: Callable[[], Context] = of_this_home) -> FastAPI:
    """Pages at /, the API at /api/v1, both on a context that is asked for anew at each request. Raises RuntimeError where the front end is not built."""
    app = FastAPI(title="qafila", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.context = context
    api = create_api(context)
    # a request tries one address after the other: what programs ask a thousand times comes first
    app.mount("/api/v1", api)
    app.mount("/static", Assets(), name="static")
    for part in (
        web_watching,
        home,
        prices,
        hub_page,
        draw_page,
        practice,
        report,
        today,
        alive,
        network,
        session,
        account,
        passkey_pages,
        provider_pages,
        people,
        organisations,
        orders_file,
        saved,
        pickups,
        ship,
        shipments,
        live,
        webhooks,
        track,
        duty,
        desk,
        storage,
        goods_pages,
        docks_page,
        office_pages,
        induction_page,
        sorting,
        rounds,
        hauled_page,
        places,
        points,
        buyers_page,
        door,
        returns_page,
        load_page,
        fleet_board,
        money_pages,
        planner,
        plan_comparison,
        log_files,
        oversight,
        carriers,
        handovers,
        complaints,
        terms,
        privacy,
        leave,
    ):
        app.include_router(part.router)
    app.include_router(docs.router_for(api))
    app.add_exception_handler(SignInNeeded, _sign_in)
    app.add_exception_handler(ScopeNeeded, _forbidden)
    app.add_exception_handler(Fault, _fault)
    app.add_exception_handler(HTTPException, _problem)
    app.add_exception_handler(RequestValidationError, _problem)
    app.add_exception_handler(DataError, _problem)  # a text or a number that no database keeps
    app.add_exception_handler(Exception, _failure)
    app.add_middleware(RoutedMiddleware)
    GUIDES[:] = [guide]
    app.add_middleware(PracticeMiddleware)
    app.add_middleware(GZipMiddleware, minimum_size=1000)
    app.add_middleware(SecurityMiddleware)
    app.add_middleware(LanguageMiddleware)
    app.add_middleware(QuickAnswers, context=lambda: api.state.context())
    if settings().limits:
        app.add_middleware(LimitMiddleware, connect=lambda: engine().connect())
    app.add_middleware(WatchedMiddleware)
    return app


def _problem(request: Request, problem: Exception) -> Response:
    status = problem.status_code if isinstance(problem, HTTPException) else 422
    _ = translate(request)
    if status == 404:
        title, text = _("There is no such page"), _("The address may be mistyped, or what it named is gone.")
    else:
        title, text = (
            _("That did not work"),
            _("The address or the form contains something that cannot be used."),
        )
    return page(request, "problem.html", status, title=title, text=text)


def _sign_in(request: Request, problem: Exception) -> Response:
    return RedirectResponse(sign_in_address(request), 303)


def _forbidden(request: Request, problem: Exception) -> Response:
    """Says which right is missing, and where else the person has it."""
    assert isinstance(problem, ScopeNeeded)
    here, scope = session_of(request), problem.scope
    elsewhere = [m for m in (here.elsewhere if here else ()) if scope in RIGHTS.of_roles(m.kind, m.roles)]
    return page(
        request,
        "forbidden.html",
        403,
        elsewhere=elsewhere,
        next=request.scope["path"] if request.method == "GET" else "/",
        needs=accounts_messages.NEEDS_SCOPE(scope=scope, meaning=RIGHTS.meaning(scope)()),
        remedy=accounts_messages.ASK_FOR_IT(),
    )


_STATUS = {"not-found": 404, "conflict": 409, "forbidden": 403, "too-many": 429, "unavailable": 503}


def _fault(request: Request, fault: Exception) -> Response:
    """What was asked for cannot be done as it was asked, and no form of the page says it better."""
    assert isinstance(fault, Fault)
    language = language_of(request)
    text = " ".join(render(said, language) for said in (fault.message, fault.remedy) if said is not None)
    title = translate(request)("That did not work")
    return page(request, "problem.html", _STATUS.get(fault.kind, 422), title=title, text=text)


def _failure(request: Request, problem: Exception) -> Response:
    """Answered outside of every middleware: what they give a request and its answer is done here."""
    request = Request(localised(request.scope))
    _ = translate(request)
    if gone := away(problem):
        title = _("Not to be reached for a moment")
        text = _(
            "The database is being started again, or too many ask at once. Please try again in some seconds."
        )
    else:
        title = _("Something broke on our side")
        text = _("The server's log says what. Nothing was booked by this request: please try again.")
    answer = page(request, "problem.html", 503 if gone else 500, title=title, text=text)
    if gone:
        answer.headers["retry-after"] = "2"
    answer.headers["content-language"] = language_of(request).code
    return answer
