"""Who is asking: the API key in `Authorization: Bearer …`, and what it opens.

Every endpoint names its scope by `requires`, or says that it is `public`; a test walks them all.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from qafila.api.chassis.problems import Problem
from qafila.floors import RIGHTS
from qafila.openness.privacy import reads
from qafila.openness.privacy.reads import door
from qafila.runtime.accounts import accounts_messages, accounts_places, service
from qafila.runtime.accounts.model import Actor
from qafila.runtime.database import Role
from qafila.runtime.database.database_standing import speaking_as

_bearer = HTTPBearer(auto_error=False, scheme_name="apiKey", description="An API key.")
_Credentials = Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)]


def actor_of(authorization: str) -> Actor | None:
    """Who has the key of an `Authorization` header; None where none was sent that is in force."""
    scheme, _, secret = authorization.partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        return None
    return _holder(secret.strip())


def _holder(secret: str) -> Actor | None:
    with speaking_as(Role.DOORKEEPER) as connection:
        return service.authenticate(connection, secret)


def _actor(credentials: _Credentials) -> Actor:
    actor = None if credentials is None else _holder(credentials.credentials)
    if actor is None:
        raise Problem("unauthorized", headers={"WWW-Authenticate": 'Bearer realm="qafila"'})
    return actor


_actor.scope = ""  # type: ignore[attr-defined]  # the matrix test reads it: whoever has a key
Anybody = Annotated[Actor, Depends(_actor)]
"""Whoever has a key that is in force."""


@cache
def requires(scope: str) -> Callable[..., Actor]:
    """A dependency: whoever asks, where he holds this scope. Raises ValueError where no floor declares it."""
    if scope not in RIGHTS.scopes:
        raise ValueError(f"no floor declares the scope {scope}")

    def actor(actor: Annotated[Actor, Depends(_actor)], request: Request) -> Actor:
        if actor.may(scope) and scope in reads.SCOPES:
            reads.note(
                actor,
                f"{request.method} {door(request)}",
                next(iter(request.path_params.values()), ""),
                datetime.now(UTC),
            )
        if not actor.may(scope):
            raise Problem(
                "insufficient-scope",
                accounts_messages.NEEDS_SCOPE(scope=scope, meaning=RIGHTS.meaning(scope)()),
                accounts_messages.USE_A_KEY_THAT_HAS_IT(),
                headers={"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{scope}"'},
                scope=scope,
            )
        accounts_places.guard(actor, request.method, request.path_params, request.query_params)
        return actor

    actor.scope = scope  # type: ignore[attr-defined]  # the matrix test reads it
    return actor


def _reader_or_nobody(credentials: _Credentials, request: Request) -> Actor | None:
    return None if credentials is None else requires("customs:read")(_actor(credentials), request)


OffersReader = Annotated[Actor, Depends(requires("offers:read"))]
BookingsReader = Annotated[Actor, Depends(requires("bookings:read"))]
BookingsWriter = Annotated[Actor, Depends(requires("bookings:write"))]
EventsReader = Annotated[Actor, Depends(requires("events:read"))]
EventsWriter = Annotated[Actor, Depends(requires("events:write"))]
CustomsReader = Annotated[Actor, Depends(requires("customs:read"))]
CustomsWriter = Annotated[Actor, Depends(requires("customs:write"))]
Decider = Annotated[Actor, Depends(requires("screening:decide"))]
CustomsReaderOrNobody = Annotated[Actor | None, Depends(_reader_or_nobody)]
"""Who asks, where a key is given; a key that is given must be good."""
PlansReader = Annotated[Actor, Depends(requires("plans:read"))]
PlansWriter = Annotated[Actor, Depends(requires("plans:write"))]
