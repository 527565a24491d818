"""Lists by page: a cursor that stays right while things are added, and ETags for what seldom changes."""

from __future__ import annotations

import base64
import hashlib
from typing import Annotated, Generic, TypeVar

from fastapi import Query, Request, Response
from pydantic import BaseModel, Field

from qafila.api.chassis import api_messages as m
from qafila.api.chassis.api_faults import ErrorItem
from qafila.api.chassis.problems import Problem
from qafila.api.chassis.speaking import said

T = TypeVar("T")

Limit = Annotated[int, Query(ge=1, le=500, description="How many at most.")]
Cursor = Annotated[
    str | None, Query(max_length=200, description="The `next` of the page before; the first page without it.")
]


class Page(BaseModel, Generic[T]):
    """One page of a list."""

    items: list[T]
    next: str | None = Field(default=None, description="cursor of the next page; null on the last")


def encode(position: str) -> str:
    """A position as a cursor that nobody is tempted to make up."""
    return base64.urlsafe_b64encode(position.encode()).decode().rstrip("=")


def decode(cursor: str | None) -> str | None:
    """The position of a cursor; raises Problem where it is none."""
    if cursor is None:
        return None
    try:
        return base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
    except ValueError:  # not of base64, or of no text
        raise bad_cursor() from None


def bad_cursor() -> Problem:
    """The answer to a cursor that was not given out."""
    item = ErrorItem(pointer="#/query/cursor", detail=said(m.NOT_A_CURSOR()), remedy=said(m.BEGIN_WITHOUT()))
    return Problem("invalid-request", errors=[item])


def tagged(request: Request, body: BaseModel, seconds: int = 0, private: bool = True) -> Response:
    """A body with its ETag; 304 without it where the client has the very same. It may be kept `seconds`."""
    data = body.model_dump_json(by_alias=True).encode()
    tag = f'"{hashlib.blake2b(data, digest_size=12).hexdigest()}"'
    headers = {
        "ETag": tag,
        "Cache-Control": f"{'private' if private else 'public'}, max-age={seconds}"
        + ("" if seconds else ", no-cache"),
        "Vary": "Authorization" if private else "Accept-Encoding",
    }
    known = {t.strip().removeprefix("W/") for t in request.headers.get("if-none-match", "").split(",")}
    if tag in known or "*" in known:
        return Response(status_code=304, headers=headers)
    return Response(data, media_type="application/json", headers=headers)
