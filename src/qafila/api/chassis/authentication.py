"""Who is asking: the API key in `Authorization: Bearer …`, and what it opens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from qafila.api.chassis.problems import Problem
from qafila.runtime.database import administrator
from qafila.shipping import merchants

_bearer = HTTPBearer(auto_error=False, scheme_name="apiKey", description="A merchant's API key.")
_Credentials = Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)]


def _key(credentials: _Credentials) -> merchants.ApiKey:
    key = None
    if credentials is not None:
        with administrator() as connection:
            key = merchants.authenticate(connection, credentials.credentials)
    if key is None:
        raise Problem("unauthorized", headers={"WWW-Authenticate": 'Bearer realm="qafila"'})
    return key


def holder_of(scope: str) -> Callable[[merchants.ApiKey], str]:
    """A dependency: the id of the merchant whose key has this scope."""
    if scope not in merchants.SCOPES:
        raise ValueError(f"no such scope: {scope}")

    def merchant(key: Annotated[merchants.ApiKey, Depends(_key)]) -> str:
        if scope not in key.scopes:
            raise Problem(
                "insufficient-scope",
                f"This needs the scope {scope} ({merchants.SCOPES[scope]}).",
                "Use a key that has it.",
                headers={"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{scope}"'},
                scope=scope,
            )
        return key.merchant_id

    return merchant


def _reader_or_nobody(credentials: _Credentials) -> str | None:
    return None if credentials is None else holder_of("customs:read")(_key(credentials))


OffersReader = Annotated[str, Depends(holder_of("offers:read"))]
BookingsReader = Annotated[str, Depends(holder_of("bookings:read"))]
BookingsWriter = Annotated[str, Depends(holder_of("bookings:write"))]
EventsReader = Annotated[str, Depends(holder_of("events:read"))]
EventsWriter = Annotated[str, Depends(holder_of("events:write"))]
CustomsReader = Annotated[str, Depends(holder_of("customs:read"))]
CustomsWriter = Annotated[str, Depends(holder_of("customs:write"))]
CustomsReaderOrNobody = Annotated[str | None, Depends(_reader_or_nobody)]
"""The merchant, where a key is given; a key that is given must be good."""
PlansReader = Annotated[str, Depends(holder_of("plans:read"))]
PlansWriter = Annotated[str, Depends(holder_of("plans:write"))]
