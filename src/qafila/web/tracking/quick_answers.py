"""Tracking by number, answered before anything else of a page or of the API is gone through.

It is what programs ask most, of anybody, and needs neither session nor key. The answers are those of the API's own
endpoint, which answers whatever is not plain here: numbers that there are not, addresses with a query.
"""

from __future__ import annotations

import gzip
import hashlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from anyio.to_thread import run_sync
from sqlalchemy.exc import SQLAlchemyError
from starlette.types import ASGIApp, Receive, Scope, Send

from qafila.api.chassis.api_asking import places_of
from qafila.api.tracking.public_tracking import FRESH_SECONDS, public_tracking
from qafila.context import Context
from qafila.core.identifiers import s10
from qafila.core.identifiers.errors import InvalidNumber
from qafila.runtime.language import preferred
from qafila.web.chassis.web_watching import routed

ADDRESS = "/api/v1/tracking/"
LOOKS_EVERY = timedelta(seconds=1)
"""How long an answer is given again before the history is looked at: as long as live pages take to tell what happened."""
_KEPT = 10_000
_SMALL = 1000  # bytes below which nothing is gained by packing


@dataclass(slots=True)
class _Answer:
    at: datetime
    network: str
    body: bytes
    tag: bytes
    packed: bytes | None = None


class QuickAnswers:
    """Middleware that answers `GET /api/v1/tracking/{number}` by itself.

    Args:
        app: what answers all else.
        context: the surroundings of the API, asked for anew at each request.
    """

    def __init__(self, app: ASGIApp, context: Callable[[], Context]) -> None:
        self._app = app
        self._context = context
        self._kept: OrderedDict[str, _Answer] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "GET" and scope["path"].startswith(ADDRESS):
            answer = None if scope["query_string"] else await self._answer(scope["path"][len(ADDRESS) :])
            if answer is not None:
                routed(scope, f"{ADDRESS}{{number}}")
                await _send(answer, dict(scope["headers"]), send)
                return
        await self._app(scope, receive, send)

    async def _answer(self, told: str) -> _Answer | None:
        try:
            number = s10.parse(told)
        except InvalidNumber:
            return None
        context = self._context()
        known = self._kept.get(number)
        if known is not None and known.network == context.network.id:
            age = context.now() - known.at
            if timedelta(0) <= age < LOOKS_EVERY:
                return known
        try:
            found = await run_sync(_look, context, number)
        except SQLAlchemyError:
            return None  # the endpoint says it as all endpoints do
        if found is None:
            self._kept.pop(number, None)
            return None
        if known is not None and known.tag == found.tag:
            found.packed = known.packed
        self._kept[number] = found
        self._kept.move_to_end(number)
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return found


def _look(context: Context, number: str) -> _Answer | None:
    now = context.now()
    found = public_tracking(number, now, places_of(context))
    if found is None:
        return None
    body = found.model_dump_json(by_alias=True).encode()
    tag = f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'.encode()
    return _Answer(now, context.network.id, body, tag)


async def _send(answer: _Answer, asked: dict[bytes, bytes], send: Send) -> None:
    headers = [
        (b"etag", answer.tag),
        (b"cache-control", b"public, max-age=%d" % FRESH_SECONDS),
    ]
    if (known := asked.get(b"if-none-match")) is not None and _has(known, answer.tag):
        headers.append((b"vary", b"Accept-Encoding"))
        await send({"type": "http.response.start", "status": 304, "headers": headers})
        await send({"type": "http.response.body", "body": b""})
        return
    body = answer.body
    if len(body) >= _SMALL and b"gzip" in asked.get(b"accept-encoding", b""):
        if answer.packed is None:
            answer.packed = gzip.compress(body, 6, mtime=0)
        body = answer.packed
        headers.append((b"content-encoding", b"gzip"))
    headers += [
        (b"vary", b"Accept-Encoding, Accept-Language"),
        (b"content-type", b"application/json"),
        (b"content-language", _language(asked.get(b"accept-language", b""))),
        (b"content-length", b"%d" % len(body)),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _has(known: bytes, tag: bytes) -> bool:
    told = {one.strip().removeprefix(b"W/") for one in known.split(b",")}
    return tag in told or b"*" in told


@lru_cache(maxsize=1000)
def _language(accepted: bytes) -> bytes:
    return preferred(accepted.decode("latin-1")).code.encode()
