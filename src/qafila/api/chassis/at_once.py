"""Endpoints that programs ask some hundred times a second: a plain request is gone through in one go, in one thread.

FastAPI sends each plain dependency of an endpoint to a thread of its own and works out a tree of them: that took longer than
an offer. A route `AtOnce` looks at the key, reads the body and acts in a single turn of a thread. Whatever is not plain (no
good key, a missing scope, a body that is not in form, an address with a query) goes the usual way, before anything was done:
so its answers are those of all other endpoints.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

import orjson
from anyio import CapacityLimiter
from anyio.lowlevel import RunVar
from anyio.to_thread import run_sync
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from qafila.api.chassis.authentication import actor_of
from qafila.api.chassis.page_walking import scopes_of
from qafila.context import Context
from qafila.openness.privacy import reads
from qafila.runtime.accounts.model import Actor
from qafila.runtime.accounts.tenants import TenantKind

AT_ONCE = 10
"""Requests of each of these routes that a process works on at a time, as many as its pool keeps connections: more of them would
open connections for a moment, and wait for one another. The others wait in the order in which they came."""

_LARGEST = 1024 * 1024  # bytes of a body; what is larger goes the usual way
_LONGEST_KEY = 200

_turns: RunVar[dict[str, CapacityLimiter]] = RunVar("turns of the routes AtOnce")


@dataclass(frozen=True, slots=True)
class Asked:
    """A plain request.

    Attributes:
        body: the model of the endpoint, as it was sent.
        actor: who asks, with the scopes that the endpoint asks for.
        context: for no tenant yet.
        key: the `Idempotency-Key`, where one was sent.
    """

    body: Any
    actor: Actor
    context: Context
    key: str | None


def at_once(model: type[BaseModel], act: Callable[[Asked], Response]) -> Callable[..., Any]:
    """Says of an endpoint of a router whose `route_class` is `AtOnce` how a plain request is answered.

    Args:
        model: of its body.
        act: what the endpoint does, with the same answer.
    """

    def said(endpoint: Any) -> Any:
        endpoint.at_once = model, act
        return endpoint

    return said


class AtOnce(APIRoute):
    """A route that goes through plain requests in one go."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The usual handler, behind one for plain requests."""
        usual = super().get_route_handler()
        if (told := getattr(self.endpoint, "at_once", None)) is None:
            return usual
        model, act = told
        scopes = scopes_of(self.dependant) - {""}
        if scopes & reads.SCOPES or self.param_convertors:
            raise ValueError(
                f"{self.path} reads what is noted, or names an id: it cannot be gone through at once"
            )

        async def handler(request: Request) -> Response:
            if not _plain(request):
                return await usual(request)
            try:
                body = await request.body()
            except ClientDisconnect as gone:
                raise HTTPException(400) from gone  # as FastAPI says it
            found = await run_sync(_answered, request, body, model, act, scopes, limiter=_limiter(self.path))
            return await usual(request) if found is None else found

        return handler


def _limiter(path: str) -> CapacityLimiter:
    """That of a route in this event loop: offers do not wait for bookings, which wait for one another."""
    turns = _turns.get(None)
    if turns is None:
        _turns.set(turns := {})
    return turns.setdefault(path, CapacityLimiter(AT_ONCE))


def _plain(request: Request) -> bool:
    if request.scope["query_string"]:
        return False
    headers = request.headers
    length, key = headers.get("content-length", ""), headers.get("idempotency-key")
    return (
        headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json"
        and length.isdecimal()
        and int(length) <= _LARGEST
        and (key is None or 0 < len(key) <= _LONGEST_KEY)
    )


def _answered(
    request: Request,
    body: bytes,
    model: type[BaseModel],
    act: Callable[[Asked], Response],
    scopes: frozenset[str],
) -> Response | None:
    """The answer; None where the usual way must be gone, and nothing was done."""
    actor = actor_of(request.headers.get("authorization", ""))
    if actor is None or actor.kind is TenantKind.STATION or not all(map(actor.may, scopes)):
        return None
    try:
        told = model.model_validate(orjson.loads(body))
    except (orjson.JSONDecodeError, ValidationError):
        return None
    return act(Asked(told, actor, request.app.state.context(), request.headers.get("idempotency-key")))
