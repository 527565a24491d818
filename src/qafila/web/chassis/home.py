"""/: what qafila is, and its three doors."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from qafila.web.chassis.asking import context_of
from qafila.web.chassis.pages import page
from qafila.web.chassis.visitor import public
from qafila.web.network.atlas import atlas

router = APIRouter(include_in_schema=False, dependencies=[Depends(public)])


@router.get("/")
def home(request: Request) -> Response:
    """The first page."""
    return page(request, "home.html", atlas=atlas(context_of(request)))
