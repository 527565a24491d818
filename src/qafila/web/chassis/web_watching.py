"""What an operator's machines ask of a running server: is it alive, is it ready, what does it count."""

from __future__ import annotations

import hmac
import logging
import re
import secrets
import time
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

from fastapi import APIRouter, Depends, Request
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qafila.runtime import telemetry
from qafila.runtime.database import administrator, engine
from qafila.runtime.database.migrate import newest, version
from qafila.runtime.jobs import store
from qafila.runtime.settings import settings
from qafila.web.chassis.visitor import public

router = APIRouter(include_in_schema=False, dependencies=[Depends(public)])
_log = logging.getLogger("qafila.http")
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


@router.get("/healthz")
def alive() -> Response:
    """The process answers."""
    return PlainTextResponse("ok")


@router.get("/readyz")
def ready(request: Request) -> Response:
    """Whether it can do its work now: the database answers and is of this version, the network is there."""
    found: dict[str, str] = {}
    try:
        # a newer one serves as well: a server of the version before goes on until the new one has taken over
        found["database"] = "ok" if (version(engine()) or "") >= newest() else "it is of an older version"
    except (SQLAlchemyError, OSError):
        found["database"] = "it does not answer"
    try:
        context = request.app.state.context()
        found["network"] = "ok" if context.network.feed.facilities else "it is empty"
    except Exception:  # whatever is wrong with it, the server is not ready, and the log says why
        _log.exception("the network cannot be loaded")
        found["network"] = "it cannot be loaded"
    fine = all(state == "ok" for state in found.values())
    return JSONResponse({"ready": fine, **found}, 200 if fine else 503)


@router.get("/metrics")
def metrics(request: Request) -> Response:
    """Prometheus' text format: counts of requests and jobs, no names and no goods.

    Where `QAFILA_METRICS_TOKEN` is set, only for who sends it as a bearer token.
    """
    wanted = settings().metrics_token
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    if wanted is not None and not hmac.compare_digest(given.encode(), wanted.encode()):
        return PlainTextResponse("Send the token of the operator as a bearer token.", 401)
    with suppress(
        SQLAlchemyError, OSError
    ):  # a database that does not answer keeps nobody from the other figures
        with administrator("the jobs of all processes are counted") as connection:
            jobs, waits = store.counts(connection)
        telemetry.JOBS.clear()
        for (job, state), n in jobs.items():
            telemetry.JOBS.labels(job, state).set(n)
        telemetry.JOBS_WAIT.set(waits)
    return Response(telemetry.metrics(), media_type="text/plain; version=0.0.4; charset=utf-8")


class WatchedMiddleware:
    """Gives each request an id, counts and times it, and logs it without its query."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        told = headers.get(b"x-request-id", b"").decode("latin-1")
        id = told if _ID.fullmatch(told) else secrets.token_hex(8)
        status = 500
        began = time.perf_counter()

        async def answered(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), (b"x-request-id", id.encode())]
            await send(message)

        seen: dict[str, Scope] = {}
        scope[_SEEN] = seen  # what stands between this and the router may go on with a copy of the scope
        telemetry.UNDER_WAY.inc()
        with telemetry.told_with(request=id), telemetry.span("http", method=scope["method"]):
            try:
                await self._app(scope, receive, answered)
            finally:
                took = time.perf_counter() - began
                telemetry.UNDER_WAY.dec()
                route = _route(seen.get("scope", scope))
                telemetry.REQUESTS.labels(route, scope["method"], str(status)).inc()
                telemetry.SECONDS.labels(route).observe(took)
                _log.info(
                    "answered",
                    extra={
                        "method": scope["method"],
                        "route": route,
                        "status": status,
                        "ms": round(took * 1e3),
                    },
                )


class RoutedMiddleware:
    """Shows the WatchedMiddleware around it the scope in which the router leaves its route; the innermost of all."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if _SEEN in scope:
            scope[_SEEN]["scope"] = scope
        await self._app(scope, receive, send)


_SEEN = "qafila.seen"


def routed(scope: Scope, path: str) -> None:
    """Says which address it was that is answered before any router is asked, for counts and logs."""
    if _SEEN in scope:
        scope[_SEEN]["scope"] = {"route": SimpleNamespace(path=path)}


def _route(scope: Scope) -> str:
    """The template of the address, so that numbers and tokens in it are no labels of their own."""
    path = getattr(scope.get("route"), "path", None)
    root = scope.get("root_path", "")
    if path is None:
        return Path(root).as_posix() + "/*" if root else "*"
    return f"{root}{path}"
