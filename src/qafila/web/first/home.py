"""/: what qafila is, and its three doors."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from qafila.runtime import runtime_hub
from qafila.web.chassis.page_frame import link, page
from qafila.web.chassis.visitor import public, session_of
from qafila.web.chassis.web_asking import context_of
from qafila.web.network.atlas import atlas

router = APIRouter(include_in_schema=False, dependencies=[Depends(public)])


@router.get("/")
def home(request: Request) -> Response:
    """The first page; whoever is signed in goes on to his own."""
    if session_of(request) is not None:
        return RedirectResponse(link(request, "/today"), 303)
    return welcome(request)


@router.get("/welcome")
def welcome(request: Request) -> Response:
    """The first page as a stranger sees it."""
    return page(request, "home.html", hub=runtime_hub.read(), atlas=atlas(context_of(request)))
