"""Scans at the induction, answered before a request is gone through: a belt waits for each of them.

What is answered is what the endpoint of the same address answers. Whatever is not plain here is left to it: a key that opens
nothing, another's place, a body that is not in form, an `Idempotency-Key`, a centre that is not at work yet.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from types import SimpleNamespace
from urllib.parse import unquote

import orjson
from anyio.to_thread import run_sync
from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qafila.api.sorting.centres import answers, by_of, readings
from qafila.api.sorting.sorting_schema import ScansIn
from qafila.context import Context
from qafila.core.fault import Fault
from qafila.runtime.accounts.believing import KEYS
from qafila.runtime.accounts.model import Actor
from qafila.runtime.accounts.tenants import TenantKind
from qafila.sorting.induction import Line, induction

_ADDRESS = re.compile(r"/sorting/centres/([^/]+)/scans")
_ROUTE = SimpleNamespace(path="/sorting/centres/{facility}/scans")
_LARGEST = 256 * 1024  # bytes of a body; what is larger is no scan of a belt


class QuickScans:
    """Middleware that answers `POST /sorting/centres/{facility}/scans` by itself.

    Args:
        app: what answers all else.
        context: the surroundings of the API, asked for anew at each request.
    """

    def __init__(self, app: ASGIApp, context: Callable[[], Context]) -> None:
        self._app = app
        self._context = context

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "POST" or scope["query_string"]:
            await self._app(scope, receive, send)
            return
        found = _ADDRESS.fullmatch(scope["path"].removeprefix(scope.get("root_path", "")))
        headers = dict(scope["headers"]) if found else {}
        if found is None or b"idempotency-key" in headers or not _is_json(headers):
            await self._app(scope, receive, send)
            return
        first = await receive()
        body = first.get("body", b"")
        answer = None
        if not first.get("more_body") and len(body) <= _LARGEST:
            with suppress(Fault, SQLAlchemyError):  # nothing was taken down: the endpoint says what is wrong
                answer = await self._answer(unquote(found[1]), headers.get(b"authorization", b""), body)
        if answer is None:
            await self._app(scope, _again(first, receive), send)
            return
        scope["route"] = _ROUTE  # for counts and logs
        content = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(answer))]
        await send({"type": "http.response.start", "status": 200, "headers": content})
        await send({"type": "http.response.body", "body": answer})

    async def _answer(self, facility: str, authorization: bytes, body: bytes) -> bytes | None:
        """The answer's body; None where the endpoint must say it."""
        known = await KEYS.of(authorization)
        if known is None or not known.may_at("sorting:work", facility):
            return None
        if known.actor.kind is TenantKind.CARRIER:
            return None  # whether it serves the centre is asked of the network
        try:
            told = ScansIn.model_validate_json(body)
        except ValidationError:
            return None
        context = self._context()
        line = induction().at_work(facility, context)
        if line is None:
            return None
        if told.durable or not all(line.knows(s.code) for s in told.scans):
            return await run_sync(_scanned, line, told, known.actor, context)  # it may ask the database
        return _scanned(line, told, known.actor, context)


def _scanned(line: Line, told: ScansIn, actor: Actor, context: Context) -> bytes:
    here = induction()
    done = here.scan(line, readings(told, context.now()), by_of(actor, told.station))
    if told.durable:
        here.recorder.wait(done[-1].number)
    return orjson.dumps(answers(done))


def _is_json(headers: dict[bytes, bytes]) -> bool:
    return headers.get(b"content-type", b"").partition(b";")[0].strip().lower() == b"application/json"


def _again(first: Message, receive: Receive) -> Receive:
    """A receive that gives once more what was taken."""
    waiting = [first]

    async def given() -> Message:
        return waiting.pop() if waiting else await receive()

    return given
