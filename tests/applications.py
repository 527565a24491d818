"""The applications of tests, made once in a process: their routes and forms take half a second to build."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from fastapi import FastAPI

from qafila.api import app as api
from qafila.context import Context, of_this_home

_ASKED: list[Callable[[], Context]] = [of_this_home]


def api_on(context: Callable[[], Context] = of_this_home) -> FastAPI:
    """The API. There is one, on the context asked for last: a test that needs two at a time makes its own."""
    _ASKED[0] = context
    return _api()


@cache
def _api() -> FastAPI:
    return api.create_app(lambda: _ASKED[0]())


@cache
def portal_of_home() -> FastAPI:
    """The portal on what this home has. Raises RuntimeError where the front end is not built."""
    from qafila.web.portal import create_app

    return create_app()
