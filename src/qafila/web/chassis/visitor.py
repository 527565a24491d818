"""Who looks at a page, and what that opens. Every route names its scope by `requires`, or says that it is `public`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache

from starlette.requests import Request

from qafila.floors import RIGHTS
from qafila.openness.privacy import reads
from qafila.runtime.accounts import accounts_places, sessions
from qafila.runtime.accounts.doors import public
from qafila.runtime.accounts.model import Actor
from qafila.runtime.accounts.sessions import Session
from qafila.runtime.limits.addresses import counted_as

__all__ = [
    "COOKIE",
    "DEVICE",
    "ScopeNeeded",
    "SignInNeeded",
    "came_from",
    "holder",
    "public",
    "requires",
    "session_of",
    "signed_in",
]

COOKIE = "qafila_session"
DEVICE = "qafila_device"
"""The cookie that says that somebody was signed in in this browser; it opens nothing."""


class SignInNeeded(Exception):
    """A page for somebody known was asked for by nobody known."""


class ScopeNeeded(Exception):
    """Who asks may not do this where he acts now."""

    def __init__(self, scope: str) -> None:
        super().__init__(scope)
        self.scope = scope


def came_from(request: Request) -> str:
    """From where a request came, as attempts to sign in are counted: one network of IPv6 is one address."""
    return counted_as(request.client.host) if request.client else ""


def session_of(request: Request) -> Session | None:
    """The session of a request, looked up once; None for a stranger."""
    if not hasattr(request.state, "session"):
        token = request.cookies.get(COOKIE, "")
        request.state.session = sessions.session(token, RIGHTS, datetime.now(UTC)) if token else None
    found: Session | None = request.state.session
    return found


def signed_in(request: Request) -> Session:
    """A dependency: the session of whoever is signed in, in whatever role. Raises SignInNeeded."""
    found = session_of(request)
    if found is None:
        raise SignInNeeded
    return found


signed_in.scope = ""  # type: ignore[attr-defined]  # the matrix test reads it: anybody who is signed in


@cache
def requires(scope: str) -> Callable[[Request], Actor]:
    """A dependency: who acts, where he holds this scope. Raises ValueError where no floor declares it.

    The dependency raises SignInNeeded for a stranger and ScopeNeeded for whoever does not hold it.
    """
    if scope not in RIGHTS.scopes:
        raise ValueError(f"no floor declares the scope {scope}")

    def actor(request: Request) -> Actor:
        return holder(request, scope)

    actor.scope = scope  # type: ignore[attr-defined]  # the matrix test reads it
    return actor


def holder(request: Request, scope: str) -> Actor:
    """Who acts, where he holds a scope. Raises SignInNeeded and ScopeNeeded."""
    actor = signed_in(request).actor
    if not actor.may(scope):
        raise ScopeNeeded(scope)
    if scope in reads.SCOPES:
        reads.note(
            actor,
            f"{request.method} {reads.door(request)}",
            next(iter(request.path_params.values()), ""),
            datetime.now(UTC),
        )
    accounts_places.guard(actor, request.method, request.path_params, request.query_params)
    return actor
