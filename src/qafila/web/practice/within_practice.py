"""/practice/in/…: the hub's pages within a learner's own place. They are the same pages; what is under them is not real."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from qafila.floors import RIGHTS
from qafila.practice import place as places
from qafila.practice import practice_running
from qafila.practice.place import Place, State
from qafila.runtime.accounts.model import Actor
from qafila.runtime.accounts.sessions import Session
from qafila.runtime.accounts.tenants import Tenant, TenantKind
from qafila.web.chassis.visitor import session_of
from qafila.web.chassis.web_asking import context_of

INSIDE = "/practice/in"

_MAY = re.compile(
    r"/today|/today/hub\.json|/ship|/ship/offer|/shipments(/.*)?|/t(/.*)?|/desk(/.*)?|/storage(/.*)?|/network(/.*)?|/duty"
    r"|/report|/terms|/oversight|/plan(/.*)?|/rounds(/.*)?|/money(/.*)?|/sorting(/.*)?|/air(/.*)?|/fleet(/.*)?"
)
"""Pages that work in a place. Signing in and out, people, keys, files and webhooks are of the real hub alone."""

_NO_JOBS = frozenset({"/plan", "/oversight"})
"""What begins work in the background is not begun in a place."""


class PracticeMiddleware:
    """Takes `/practice/in` off an address and lets what is inside answer from the learner's own place."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(f"{INSIDE}/"):
            await self._app(scope, receive, send)
            return
        path = scope["path"].removeprefix(INSIDE)
        prefix = scope["state"].get("prefix", "")
        real = await run_in_threadpool(session_of, Request(scope))
        place = places.of(real.actor.id) if real is not None and real.actor.person else None
        state = place.state() if place is not None else None
        closed = not _MAY.fullmatch(path) or (scope["method"] not in ("GET", "HEAD") and path in _NO_JOBS)
        if real is None or place is None or state is None or state.under is None or closed:
            # a scanner that sends later what was done in a place that is closed by now goes on: a redirection it would wait for
            by_program = Request(scope).headers.get("content-type", "").startswith("application/json")
            answer = Response(status_code=410) if by_program else RedirectResponse(f"{prefix}/practice", 303)
            await answer(scope, receive, send)
            return
        if state.running is not None:
            await run_in_threadpool(practice_running.catch_up, place, context_of(Request(scope)))
        inner: dict[str, Any] = {
            **scope["state"],
            "prefix": prefix + INSIDE,
            "within": INSIDE,
            "session": _session(state, real),
            "practice": place,
            "opens": _MAY.fullmatch,
        }
        with place.entered():
            await self._app({**scope, "state": inner, "path": path, "raw_path": path.encode()}, receive, send)


def _session(state: State, real: Session) -> Session:
    """The learner as his lesson has him: in its organisation and its role."""
    under = state.under
    assert under is not None
    kind = TenantKind(under.kind)
    actor = Actor(
        tenant=under.tenant,
        kind=kind,
        id=real.actor.id,
        name=real.actor.name,
        roles=frozenset({under.role}),
        scopes=RIGHTS.of_roles(kind, [under.role]),
        person=True,
    )
    return Session(actor, Tenant(under.tenant, "Practice", datetime.now(UTC), False, kind))


def place_of(request: Request) -> Place | None:
    """The place that a page is shown in; None in the real hub."""
    found: Place | None = getattr(request.state, "practice", None)
    return found
