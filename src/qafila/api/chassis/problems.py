"""Errors as problem details (RFC 9457): what is wrong, where, and what to do."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlalchemy.exc import DataError, IntegrityError, ProgrammingError
from starlette.exceptions import HTTPException

from qafila.api.chassis import api_faults
from qafila.api.chassis import api_messages as m
from qafila.api.chassis.api_faults import ErrorItem
from qafila.api.chassis.speaking import said
from qafila.core.fault import Fault
from qafila.core.message import Message
from qafila.practice.lessons import LESSONS, page_teaching
from qafila.runtime.accounts.doors import public
from qafila.runtime.database.patience import away

_OF_STATIONS = ("stations_speak_of_their_places", "stations_see_their_places")
"""Policies that hold a station to its places."""
_log = logging.getLogger("qafila.api")

_AGAIN = {"too-many": "10", "unavailable": "2"}
"""After how many seconds the same may be asked again."""
_OF_FAULTS = {
    "not-found": "not-found",
    "not-yet": "not-found",
    "conflict": "not-possible",
    "not-enough": "not-possible",
    "key-reused": "key-reused",
    "forbidden": "insufficient-scope",
}
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
    title: Message
    meaning: Message


KINDS: dict[str, Kind] = {
    "invalid-request": Kind(422, m.INVALID_REQUEST(), m.INVALID_REQUEST_MEANS()),
    "unauthorized": Kind(401, m.UNAUTHORIZED(), m.UNAUTHORIZED_MEANS()),
    "insufficient-scope": Kind(403, m.INSUFFICIENT_SCOPE(), m.INSUFFICIENT_SCOPE_MEANS()),
    "not-found": Kind(404, m.NOT_FOUND(), m.NOT_FOUND_MEANS()),
    "method-not-allowed": Kind(405, m.METHOD_NOT_ALLOWED(), m.METHOD_NOT_ALLOWED_MEANS()),
    "key-reused": Kind(409, m.KEY_REUSED(), m.KEY_REUSED_MEANS()),
    "still-at-work": Kind(409, m.STILL_AT_WORK(), m.STILL_AT_WORK_MEANS()),
    "cut-off-before-answer": Kind(409, m.CUT_OFF_BEFORE_ANSWER(), m.CUT_OFF_BEFORE_ANSWER_MEANS()),
    "already-booked": Kind(409, m.ALREADY_BOOKED(), m.ALREADY_BOOKED_MEANS()),
    "booking-cancelled": Kind(409, m.BOOKING_CANCELLED(), m.BOOKING_CANCELLED_MEANS()),
    "offer-expired": Kind(410, m.OFFER_EXPIRED(), m.OFFER_EXPIRED_MEANS()),
    "cut-off-passed": Kind(410, m.CUT_OFF_PASSED(), m.CUT_OFF_PASSED_MEANS()),
    "full": Kind(409, m.FULL(), m.FULL_MEANS()),
    "no-offer": Kind(422, m.NO_OFFER(), m.NO_OFFER_MEANS()),
    "not-cancellable": Kind(409, m.NOT_CANCELLABLE(), m.NOT_CANCELLABLE_MEANS()),
    "no-rules": Kind(422, m.NO_RULES(), m.NO_RULES_MEANS()),
    "not-possible": Kind(409, m.NOT_POSSIBLE(), m.NOT_POSSIBLE_MEANS()),
    "not-acceptable": Kind(406, m.NOT_ACCEPTABLE(), m.NOT_ACCEPTABLE_MEANS()),
    "media-type": Kind(415, m.MEDIA_TYPE(), m.MEDIA_TYPE_MEANS()),
    "too-many": Kind(429, m.TOO_MANY(), m.TOO_MANY_MEANS()),
    "too-large": Kind(413, m.TOO_LARGE(), m.TOO_LARGE_MEANS()),
    "unavailable": Kind(503, m.UNAVAILABLE(), m.UNAVAILABLE_MEANS()),
    "internal": Kind(500, m.INTERNAL(), m.INTERNAL_MEANS()),
}
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
    learn: str | None = Field(default=None, description="the lesson that teaches it, at the pages of the hub")


class Problem(Exception):
    """Raised by an endpoint; answered as problem+json."""

    def __init__(
        self,
        code: str,
        detail: Message | None = None,
        remedy: Message | None = None,
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
    again = {"Retry-After": _AGAIN[code]} if code in _AGAIN else None
    return Problem(code, fault.message, fault.remedy, errors=[item] if fault.field else (), headers=again)


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
        "title": said(kind.title),
        "status": kind.status,
        "detail": said(problem.detail or kind.meaning),
        "instance": request.scope.get("root_path", "")
        + request.scope["path"].removeprefix(request.scope.get("root_path", "")),
    }
    part = body["instance"].removeprefix(request.scope.get("root_path", "")).strip("/").partition("/")[0]
    if kind.status < 500:
        body["learn"] = page_teaching(part) or LESSONS
    if problem.remedy:
        body["remedy"] = said(problem.remedy)
    if problem.errors:
        body["errors"] = [e.model_dump(exclude_none=True) for e in problem.errors]
    media_type = "application/problem+json"
    if part in _FORMS:
        form, its_own = _FORMS[part]
        body |= form(body)
        if its_own in request.headers.get("accept", "").lower():
            media_type = its_own
    return JSONResponse(body | problem.more, kind.status, dict(problem.headers or {}), media_type=media_type)


Form = Callable[[Mapping[str, Any]], dict[str, Any]]
_FORMS: dict[str, tuple[Form, str]] = {}
"""How a standard that has a form of its own for errors says a problem, by the first part of its addresses, and its media type."""


def say_also(part: str, form: Form, media_type: str) -> None:
    """Problems under an address are told in a standard's own form, too: what `form` makes of the problem stands beside it, and
    who accepts `media_type` gets it as such."""
    _FORMS[part] = form, media_type


async def check_address(request: Request) -> None:
    """Refuses what stands in the address and no database keeps; a dependency of every endpoint."""
    errors = [
        ErrorItem(
            pointer=f"#/{where}/{name}",
            detail=said(m.ZERO_CHARACTER()),
            remedy=said(m.TAKE_THAT_CHARACTER_OUT()),
        )
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
        return answer(
            request, Problem("invalid-request", errors=api_faults.items(error.errors(), error.body))
        )

    @app.exception_handler(HTTPException)
    def _http(request: Request, error: HTTPException) -> JSONResponse:
        code = {404: "not-found", 405: "method-not-allowed", 413: "too-large", 415: "media-type"}.get(
            error.status_code, "internal" if error.status_code >= 500 else "invalid-request"
        )
        return answer(request, Problem(code, headers=error.headers))

    @app.exception_handler(DataError)
    def _unstorable(request: Request, error: DataError) -> JSONResponse:
        _log.warning("%s %s: %s", request.method, request.url.path, error.orig)
        return answer(request, Problem("invalid-request", m.CANNOT_BE_KEPT(), m.CHECK_ZEROS_AND_NUMBERS()))

    @app.exception_handler(UnicodeEncodeError)
    def _unwritable(request: Request, error: UnicodeEncodeError) -> JSONResponse:
        """Half a character, which JSON can name and nothing can write."""
        return answer(request, Problem("invalid-request", m.CANNOT_BE_KEPT(), m.CHECK_ZEROS_AND_NUMBERS()))

    @app.exception_handler(IntegrityError)
    def _conflicting(request: Request, error: IntegrityError) -> JSONResponse:
        _log.warning("%s %s: %s", request.method, request.url.path, type(error.orig).__name__)
        return answer(request, Problem("invalid-request", m.NO_SUCH_NAME(), m.CHECK_IDS()))

    @app.exception_handler(ProgrammingError)
    def _barred(request: Request, error: ProgrammingError) -> JSONResponse:
        if not any(
            policy in str(error.orig) for policy in _OF_STATIONS
        ):  # in the database's language around it
            return _failure(request, error)
        return answer(request, Problem("insufficient-scope", m.NOT_YOUR_PLACE()))

    @app.exception_handler(Exception)
    def _failure(request: Request, error: Exception) -> JSONResponse:
        if away(error):  # the database is started again, or all of its connections are taken: for seconds
            _log.warning("%s %s: %s", request.method, request.url.path, error)
            return answer(request, Problem("unavailable", headers={"Retry-After": "2"}))
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
        raise Problem("not-found", m.NO_KIND_OF_PROBLEM(code=code))
    kind = KINDS[code]
    return KindOut(code=code, status=kind.status, title=said(kind.title), meaning=said(kind.meaning))
