"""Every POST and PATCH acts once for an `Idempotency-Key`, however often it is sent.

The header is that of the IETF draft of the same name. Endpoints that name it themselves (offers, bookings, what a
scanner does) note the key in the transaction of the act; for all others this middleware keeps the answer.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from functools import cached_property

from anyio import sleep
from anyio.to_thread import run_sync
from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import compile_path
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qafila.api.chassis import api_messages as say
from qafila.api.chassis import problems
from qafila.api.chassis.authentication import actor_of
from qafila.api.chassis.page_walking import doors
from qafila.core.fault import Fault
from qafila.runtime.answered.store import Asked, KeptAnswer, StillAtIt, claim, give_up, keep, leave_open

HEADER = "idempotency-key"
_LONGEST = 200
_METHODS = frozenset({"POST", "PATCH"})
_PATIENCE_SECONDS = 5.0
_BETWEEN_SECONDS = 0.05
_KEPT_HEADERS = frozenset({"content-type", "content-language", "location", "content-disposition"})


class AnsweringOnce:
    """Middleware that answers a request with a key that it knows as it answered it before."""

    def __init__(self, app: ASGIApp, api: FastAPI) -> None:
        self._app = app
        self._api = api

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in _METHODS:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        key = headers.get(HEADER)
        if key is None or self._notes_the_key_itself(scope):
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        if not 0 < len(key) <= _LONGEST:
            wrong = problems.Problem(
                "invalid-request",
                say.KEY_LENGTH(),
                say.SEND_KEY(),
            )
            await problems.answer(request, wrong)(scope, receive, send)
            return
        actor = await run_sync(actor_of, headers.get("authorization", ""))
        if actor is None or not all(actor.may(one) for one in self._asked_for(scope)):
            # public, or the endpoint says that no good key came: what was answered to a wider key is not for a narrower one
            await self._app(scope, receive, send)
            return
        body = await request.body()
        asked = Asked(
            actor.tenant, f"{scope['method']} {scope['path']}", key, _fingerprint(scope, headers, body)
        )
        try:
            kept = await _claimed(asked)
        except Fault as fault:
            problem = problems.of_fault(fault)
            if isinstance(fault, StillAtIt):
                problem.headers = {"Retry-After": "1"}
            await problems.answer(request, problem)(scope, receive, send)
            return
        if kept is not None:
            again = Response(kept.body, kept.status, {**kept.headers, "idempotency-replayed": "true"})
            await again(scope, receive, send)
            return
        await self._answered(asked, body, scope, receive, send)

    async def _answered(self, asked: Asked, body: bytes, scope: Scope, receive: Receive, send: Send) -> None:
        """Lets the request act and keeps what it is answered, before whoever asked sees it."""
        given = False

        async def given_again() -> Message:
            nonlocal given
            if given:
                return await receive()
            given = True
            return {"type": "http.request", "body": body, "more_body": False}

        start: Message = {}
        parts: list[bytes] = []

        async def gathered(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = message
                return
            parts.append(message.get("body", b""))
            if message.get("more_body"):
                return
            whole = b"".join(parts)
            if start["status"] < 400:
                named = Headers(raw=start["headers"])
                headers = {name: named[name] for name in _KEPT_HEADERS if name in named}
                await run_sync(keep, asked, KeptAnswer(start["status"], headers, whole))
            elif start["status"] < 500:  # refused: nothing was done
                await run_sync(give_up, asked)
            else:  # it may have acted before it broke
                await run_sync(leave_open, asked)
            await send(start)
            await send({"type": "http.response.body", "body": whole})

        try:
            await self._app(scope, given_again, gathered)
        except Exception:
            await run_sync(leave_open, asked)
            raise

    def _notes_the_key_itself(self, scope: Scope) -> bool:
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        return any(method == scope["method"] and form.match(path) for method, form in self._noting)

    def _asked_for(self, scope: Scope) -> frozenset[str]:
        """The scopes that the endpoint of an address asks for."""
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        return next(
            (asked for method, form, asked in self._doors if method == scope["method"] and form.match(path)),
            frozenset(),
        )

    @cached_property
    def _doors(self) -> list[tuple[str, re.Pattern[str], frozenset[str]]]:
        return [
            (d.method, compile_path(d.path)[0], d.scopes - {""})
            for d in doors(self._api)
            if d.method in _METHODS
        ]

    @cached_property
    def _noting(self) -> list[tuple[str, re.Pattern[str]]]:
        """Method and address of each endpoint that names the header, as the OpenAPI document tells."""
        return [
            (method.upper(), compile_path(path)[0])
            for path, methods in self._api.openapi()["paths"].items()
            for method, told in methods.items()
            if any(p["in"] == "header" and p["name"].lower() == HEADER for p in told.get("parameters", ()))
        ]


def _fingerprint(scope: Scope, headers: Headers, body: bytes) -> bytes:
    total = hashlib.sha256()
    for part in (scope["query_string"], headers.get("content-type", "").encode(), body):
        total.update(len(part).to_bytes(8) + part)
    return total.digest()


async def _claimed(asked: Asked, attempt: Callable[[Asked], KeptAnswer | None] = claim) -> KeptAnswer | None:
    """Claims the key; while another request with it is at work, waits a little for its answer.

    Raises:
        Fault: see `claim`.
    """
    waited = 0.0
    while True:
        try:
            return await run_sync(attempt, asked)
        except StillAtIt:
            if waited >= _PATIENCE_SECONDS:
                raise
            await sleep(_BETWEEN_SECONDS)
            waited += _BETWEEN_SECONDS
