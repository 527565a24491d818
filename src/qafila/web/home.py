"""/: what qafila is, and its three doors."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from qafila.web.atlas import atlas
from qafila.web.pages import page

router = APIRouter(include_in_schema=False)


@router.get("/")
def home(request: Request) -> Response:
    """The first page."""
    return page(request, "home.html", atlas=atlas())
