"""Errors as problem details (RFC 9457): what is wrong, where, and what to do."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlalchemy.exc import DataError, IntegrityError
from starlette.exceptions import HTTPException

from qafila.api.chassis import faults
from qafila.api.chassis.faults import ErrorItem
from qafila.api.chassis.speaking import said
from qafila.core.fault import Fault
from qafila.core.message import Message
from qafila.runtime.accounts.doors import public

_log = logging.getLogger("qafila.api")

_OF_FAULTS = {
    "not-found": "not-found", "conflict": "not-possible", "not-enough": "not-possible", "key-reused": "key-reused",
    "forbidden": "insufficient-scope",
}  # fmt: skip
"""The kind of problem that a kind of fault is, where they are called differently; any other is a request that is not valid."""


def _pointer(field: str) -> str:
    """A fault's field as a JSON pointer: lines[2].pieces is #/lines/2/pieces."""
    return (
        field if field.startswith("#") else "#/" + field.replace("[", "/").replace("]", "").replace(".", "/")
    )


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem."""

    status: int
    title: str
    meaning: str


KINDS: dict[str, Kind] = {
    "invalid-request": Kind(422, "The request is not valid", "One or more fields are missing or wrong; `errors` names each by its JSON pointer."),
    "unauthorized": Kind(401, "No valid API key", "Send `Authorization: Bearer KEY` with a key that is in force."),
    "insufficient-scope": Kind(403, "The API key does not open this", "The key lacks the scope that `scope` names."),
    "not-found": Kind(404, "There is no such thing", "Nothing of yours has this id."),
    "method-not-allowed": Kind(405, "This method is not allowed here", "See the methods of this address in the OpenAPI document."),
    "key-reused": Kind(409, "The idempotency key was used for another request", "A key stands for one request; use a new key for a new one."),
    "still-at-work": Kind(409, "The first request with this key is still at work", "`Retry-After` says after how many seconds to send it again."),
    "cut-off-before-answer": Kind(409, "The first request with this key was cut off", "It may have been done: look, and send it with a new key if not."),
    "already-booked": Kind(409, "The order is booked already", "An order has one booking at a time."),
    "booking-cancelled": Kind(409, "This was booked and cancelled", "The same request does not book it again: ask for new offers, or send another idempotency key."),
    "offer-expired": Kind(410, "The offer has expired", "Ask for new offers."),
    "cut-off-passed": Kind(410, "The cut-off has passed", "Ask for new offers."),
    "full": Kind(409, "A departure is full", "Others booked the last room since the offer was made; ask for new offers."),
    "no-offer": Kind(422, "There is no offer for this order", "`constraint` says what binds, `remedy` what would lift it."),
    "not-cancellable": Kind(409, "The booking cannot be cancelled", "The carrier has the parcel."),
    "no-rules": Kind(422, "No rules are loaded for this destination", "`qafila customs import` loads a national schedule."),
    "not-possible": Kind(409, "It is not possible as things stand", "`detail` says what stands in the way."),
    "media-type": Kind(415, "The media type is not supported", "Send JSON."),
    "too-many": Kind(429, "Too many requests", "`Retry-After` says after how many seconds to ask again."),
    "too-large": Kind(413, "The request is too large", "Send it in several parts."),
    "internal": Kind(500, "Something broke on our side", "It is in the server's log; nothing was done by half."),
}  # fmt: skip
"""Every kind of problem that the API answers with, by its code."""


class ProblemDetails(BaseModel):
    """Problem details (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str | None = None
    remedy: str | None = Field(default=None, description="what would lift it")
    instance: str | None = None
    errors: list[ErrorItem] | None = None


class Problem(Exception):
    """Raised by an endpoint; answered as problem+json."""

    def __init__(
        self,
        code: str,
        detail: Message | str | None = None,
        remedy: Message | str | None = None,
        errors: Sequence[ErrorItem] = (),
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(str(detail or code))
        self.code, self.detail, self.remedy = code, detail, remedy
        self.errors, self.headers, self.more = errors, headers, more


def of_fault(fault: Fault) -> Problem:
    """What a person did wrong, as a problem: of its own kind where the API has one of that name."""
    code = fault.kind if fault.kind in KINDS else _OF_FAULTS.get(fault.kind, "invalid-request")
    item = ErrorItem(
        pointer=_pointer(fault.field),
        detail=said(fault.message),
        remedy=said(fault.remedy) if fault.remedy else None,
    )
    return Problem(code, fault.message, fault.remedy, errors=[item] if fault.field else ())


def responses(*codes: str) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI description of the problems that an endpoint may answer with."""
    by_status: dict[int | str, list[str]] = {}
    for code in codes:
        by_status.setdefault(KINDS[code].status, []).append(f"`{code}`: {KINDS[code].title}")
    return {
        status: {
            "description": "; ".join(told),
            "content": {
                "application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}
            },
        }
        for status, told in by_status.items()
    }


def answer(request: Request, problem: Problem) -> JSONResponse:
    """A problem as a response."""
    kind = KINDS[problem.code]
    body: dict[str, Any] = {
        "type": f"{request.scope.get('root_path', '')}/problems/{problem.code}",
        "title": kind.title,
        "status": kind.status,
        "detail": _told(problem.detail) if problem.detail else kind.meaning,
        "instance": request.scope.get("root_path", "") + request.scope["path"].removeprefix(request.scope.get("root_path", "")),
    }  # fmt: skip
    if problem.remedy:
        body["remedy"] = _told(problem.remedy)
    if problem.errors:
        body["errors"] = [e.model_dump(exclude_none=True) for e in problem.errors]
    return JSONResponse(
        body | problem.more, kind.status, dict(problem.headers or {}), media_type="application/problem+json"
    )


def _told(text: Message | str) -> str:
    return said(text) if isinstance(text, Message) else text


async def check_address(request: Request) -> None:
    """Refuses what stands in the address and no database keeps; a dependency of every endpoint."""
    errors = [
        ErrorItem(pointer=f"#/{where}/{name}", detail=faults.ZERO[0], remedy=faults.ZERO[1])
        for where, given in (("path", request.path_params), ("query", request.query_params))
        for name, value in given.items()
        if "\0" in str(value)
    ]
    if errors:
        raise Problem("invalid-request", errors=errors)


def install(app: FastAPI) -> None:
    """Makes every error of an application a problem."""

    @app.exception_handler(Problem)
    def _problem(request: Request, problem: Problem) -> JSONResponse:
        return answer(request, problem)

    @app.exception_handler(Fault)
    def _fault(request: Request, fault: Fault) -> JSONResponse:
        return answer(request, of_fault(fault))

    @app.exception_handler(RequestValidationError)
    def _invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        return answer(request, Problem("invalid-request", errors=faults.items(error.errors(), error.body)))

    @app.exception_handler(HTTPException)
    def _http(request: Request, error: HTTPException) -> JSONResponse:
        code = {404: "not-found", 405: "method-not-allowed", 413: "too-large", 415: "media-type"}.get(
            error.status_code, "internal" if error.status_code >= 500 else "invalid-request"
        )
        return answer(request, Problem(code, str(error.detail), headers=error.headers))

    @app.exception_handler(DataError)
    def _unstorable(request: Request, error: DataError) -> JSONResponse:
        _log.warning("%s %s: %s", request.method, request.url.path, error.orig)
        reason = "A text or a number in the request cannot be kept."
        remedy = "Take zero characters (U+0000) out of texts, and check that numbers and times are in reason."
        return answer(request, Problem("invalid-request", reason, remedy))

    @app.exception_handler(IntegrityError)
    def _conflicting(request: Request, error: IntegrityError) -> JSONResponse:
        _log.warning("%s %s: %s", request.method, request.url.path, type(error.orig).__name__)
        reason = "The request names something that there is not, or that is taken already."
        return answer(request, Problem("invalid-request", reason, "Check the ids in it."))

    @app.exception_handler(Exception)
    def _failure(request: Request, error: Exception) -> JSONResponse:
        _log.exception("%s %s failed", request.method, request.url.path, exc_info=error)
        return answer(request, Problem("internal"))

    app.include_router(_router)


_router = APIRouter(prefix="/problems", tags=["problems"], dependencies=[Depends(public)])


class KindOut(BaseModel):
    """What a kind of problem means."""

    code: str
    status: int
    title: str
    meaning: str


@_router.get("/{code}", operation_id="readProblemKind", summary="What a kind of problem means")
def read_kind(code: str) -> KindOut:
    """The page behind a problem's `type`."""
    if code not in KINDS:
        raise Problem("not-found", f"There is no kind of problem {code!r}.")
    kind = KINDS[code]
    return KindOut(code=code, status=kind.status, title=kind.title, meaning=kind.meaning)
