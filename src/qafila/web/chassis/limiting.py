"""How often one address or key may ask: what is over is answered with 429 and the seconds to wait.

Whoever sends a key that is in force is counted by its id, everybody else by address: a made-up key is no way round. A wrong
parcel number counts by itself, always by address: few people mistype many, and who tries numbers one by one is stopped soon.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import orjson
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qafila.api.chassis import api_messages as say
from qafila.practice.lessons import LESSONS, page_teaching
from qafila.runtime.accounts.believing import KEYS, BelievedKeys
from qafila.runtime.language import plainly, preferred
from qafila.runtime.limits.addresses import counted_as
from qafila.runtime.limits.limits_counting import Counter, Limit

PROVIDERS = Limit("sign-in-with-a-provider", 60, 300)
EVERYTHING = Limit("everything", 6000, 60)
SIGN_IN = Limit("sign-in", 20, 300)
MISSED = Limit("missed-number", 60, 600)
OPEN_DUTY = Limit("duty-without-key", 120, 60)
FILES = Limit("files", 60, 600)
OPEN_WAYS = Limit("ways-without-key", 60, 60)
JOIN = Limit("join", 10, 3600)
SCANS = Limit("scans", 60_000, 60)
"""What a belt asks singly, with a key: instead of `everything`."""

_NARROWER: tuple[tuple[str, re.Pattern[str], Limit], ...] = (
    ("POST", re.compile(r"/(?:\w\w/)?sign-in"), SIGN_IN),
    ("GET", re.compile(r"/(?:\w\w/)?sign-in/with/.+"), PROVIDERS),
    ("POST", re.compile(r"/api/v1/customs/(?:duty|classify)"), OPEN_DUTY),
    ("GET", re.compile(r"/(?:\w\w/)?duty"), OPEN_DUTY),
    ("POST", re.compile(r"/(?:\w\w/)?ship/file"), FILES),
    ("GET", re.compile(r"/api/v1/network/ways"), OPEN_WAYS),
    ("GET", re.compile(r"/(?:\w\w/)?prices"), OPEN_WAYS),
    ("POST", re.compile(r"/(?:\w\w/)?join"), JOIN),
)
"""Method, address and limit of what is limited more narrowly where it comes without a key."""

_BY_ADDRESS = frozenset({SIGN_IN, PROVIDERS, JOIN})
"""Who tries to get in is counted by address, whatever key he has."""

_SCANS = re.compile(r"/api/v1/sorting/centres/[^/]+/scans")
_NUMBERS = re.compile(r"/(?:\w\w/)?[td]/.+|/api/v1/tracking/.+")


class LimitMiddleware:
    """Counts requests and refuses those over a limit.

    Args:
        app: what answers.
        connect: gives a connection for the counts that all processes share.
        clock: seconds since the epoch.
        keys: knows which keys are in force.
    """

    def __init__(
        self,
        app: ASGIApp,
        connect: Callable[[], Connection] | None = None,
        clock: Callable[[], float] = time.time,
        keys: BelievedKeys = KEYS,
    ) -> None:
        self._app = app
        self._keys = keys
        self._counter = Counter(connect, clock, beside=connect is not None)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in ("/healthz", "/readyz"):
            await self._app(scope, receive, send)
            return
        client = scope.get("client")
        address = counted_as(client[0]) if client else "unknown"
        key = await self._key(scope, address)
        who = address if key is None else f"{address} {key}"
        for limit in _limits(scope, key is not None):
            within, wait = self._counter.left(limit, address if limit in _BY_ADDRESS else who)
            if not within:
                await _refusal(scope, limit, wait)(scope, receive, send)
                return
        if not _NUMBERS.fullmatch(scope["path"]):
            await self._app(scope, receive, send)
            return
        within, wait = self._counter.left(MISSED, address, count=False)
        if not within:
            await _refusal(scope, MISSED, wait)(scope, receive, send)
            return

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 404:
                self._counter.left(MISSED, address)
            await send(message)

        await self._app(scope, receive, counted)

    async def _key(self, scope: Scope, address: str) -> str | None:
        """The id of the key that was sent, which is no secret; None where none was sent that is in force."""
        given = dict(scope["headers"]).get(b"authorization", b"")
        if not given:
            return None
        found = self._keys.known(given)
        # an address that is over its limit has no more keys of its looked up than those of a second ago
        if found is None and self._counter.left(EVERYTHING, address, count=False)[0]:
            try:
                found = await self._keys.of(given)
            except SQLAlchemyError:
                return None  # a database that does not answer stops no request here: what asks it will say so
        return None if found is None else found.actor.id


def _limits(scope: Scope, keyed: bool) -> list[Limit]:
    narrower = [
        limit
        for method, path, limit in _NARROWER
        if scope["method"] == method
        and path.fullmatch(scope["path"])
        and not (keyed and limit in (OPEN_DUTY, OPEN_WAYS))
    ]
    belt = keyed and scope["method"] == "POST" and _SCANS.fullmatch(scope["path"])
    return [SCANS if belt else EVERYTHING, *narrower]


def _refusal(scope: Scope, limit: Limit, wait: int) -> Response:
    headers = {"retry-after": str(wait)}
    if not scope["path"].startswith("/api/"):
        return _page(scope, wait, headers)
    language = preferred(Headers(scope=scope).get("accept-language", ""))
    body = plainly(
        {
            "type": "/api/v1/problems/too-many",
            "title": say.TOO_MANY(),
            "status": 429,
            "detail": say.LIMIT_PASSED(most=limit.most, seconds=limit.seconds, limit=limit.name),
            "remedy": say.WAIT_SECONDS(n=wait),
            "instance": scope["path"],
            "learn": page_teaching(scope["path"].removeprefix("/api/v1/").partition("/")[0]) or LESSONS,
        },
        language,
    )
    return Response(orjson.dumps(body), 429, headers, "application/problem+json")


def _page(scope: Scope, wait: int, headers: dict[str, str]) -> Response:
    """The page that asks for patience, in the reader's language."""
    from qafila.web.chassis.language import localised
    from qafila.web.chassis.page_frame import page, translate

    request = Request(localised(scope))
    _ = translate(request)
    title = _("Too many requests")
    told = _("So many requests came from here that others would wait. Try again in %(seconds)s seconds.")
    answer = page(request, "problem.html", 429, title=title, text=told % {"seconds": wait})
    answer.headers.update(headers)
    return answer
