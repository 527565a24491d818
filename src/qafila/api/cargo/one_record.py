"""/one-record: logistics objects as linked data, by IATA's ONE Record API of 2025-07."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from email.utils import format_datetime
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Body, Depends, Query, Request, Response

from qafila.api.cargo.air_waybills import Reader, who_of
from qafila.api.chassis.api_asking import Now
from qafila.api.chassis.authentication import requires
from qafila.api.chassis.problems import Problem, responses, say_also
from qafila.cargo import cargo_exchange, cargo_messages, changing, objects, requests, store
from qafila.cargo.objects import Node
from qafila.cargo.triples import triples
from qafila.cargo.vocabulary import CONTEXT, facts
from qafila.core.fault import Fault, NotFound
from qafila.runtime.accounts.accounts_acting import acting
from qafila.runtime.accounts.model import Actor
from qafila.runtime.events import store as histories
from qafila.runtime.events.envelope import SubjectKind
from qafila.runtime.events.events_types import EVENT_TYPES

router = APIRouter(prefix="/one-record", tags=["one-record"])


def _error(problem: Mapping[str, Any]) -> dict[str, Any]:
    """A problem as an api:Error, which stands beside its members: they are none of JSON-LD's."""
    details = problem.get("errors") or [{"detail": problem["detail"]}]
    return {
        "@context": dict(CONTEXT),
        "@type": "api:Error",
        "api:hasTitle": problem["title"],
        "api:hasErrorDetail": [
            {
                "@type": "api:ErrorDetail",
                "api:hasCode": str(problem["status"]),
                "api:hasMessage": one["detail"],
            }
            for one in details
        ],
    }


say_also("one-record", _error, "application/ld+json")
_DENIED = ("unauthorized", "insufficient-scope")
_LD: dict[int | str, dict[str, Any]] = {200: {"content": {"application/ld+json": {}, "text/turtle": {}}}}
_READ: dict[int | str, dict[str, Any]] = {**responses(*_DENIED, "not-found", "not-acceptable"), **_LD}
_DONE = responses(*_DENIED, "not-found", "invalid-request", "not-possible")
Writer = Annotated[Actor, Depends(requires("cargo:write"))]
Document = Annotated[dict[str, Any], Body(description="JSON-LD with its context inside.")]
_VERSION = "2.2.0"


def _answer(request: Request, document: Any, status: int = 200, **headers: str) -> Response:
    """A document in the form that is asked for: JSON-LD, or RDF as Turtle or N-Triples."""
    wanted = request.headers.get("accept", "*/*").lower()
    told = {name.replace("_", "-").title(): value for name, value in headers.items()}
    if any(kind in wanted for kind in ("*/*", "application/*", "ld+json", "application/json")):
        kind = (
            "application/json"
            if "application/json" in wanted and "ld+json" not in wanted
            else "application/ld+json"
        )
        tail = f"; version={_VERSION}" if kind.endswith("ld+json") else ""
        return Response(orjson.dumps(document, default=str), status, told, media_type=f"{kind}{tail}")
    for kind in ("text/turtle", "application/n-triples"):
        if kind in wanted:
            return Response("\n".join([*triples(document), ""]), status, told, media_type=kind)
    raise Problem("not-acceptable")


@router.get(
    "/",
    operation_id="readOneRecordServer",
    summary="Server information",
    responses={**responses(*_DENIED, "not-acceptable"), **_LD},
    response_model=None,
)
def server(actor: Reader, request: Request) -> Response:
    """What this server holds and speaks."""
    base = who_of(actor, request).base
    uris = [{"@type": "xsd:anyURI", "@value": facts()[name]} for name in ("cargo", "api")]
    told: Node = {
        "@context": dict(CONTEXT),
        "@id": f"{base}/",
        "@type": "api:ServerInformation",
        "api:hasDataHolder": {"@type": "cargo:Company", "@id": f"{base}/logistics-objects/company-local"},
        "api:hasServerEndpoint": {"@type": "xsd:anyURI", "@value": base},
        "api:hasSupportedApiVersion": [_VERSION],
        "api:hasSupportedContentType": ["application/ld+json", "text/turtle", "application/n-triples"],
        "api:hasSupportedLanguage": ["en-US"],
        "api:hasSupportedOntology": uris,
        "api:hasSupportedOntologyVersion": uris,
    }
    return _answer(request, told)


@router.post(
    "/logistics-objects",
    operation_id="createLogisticsObject",
    summary="Create a logistics object",
    status_code=201,
    responses=_DONE,
    response_model=None,
)
def create(document: Document, actor: Writer, now: Now, request: Request) -> Response:
    """Takes an object that the ontology allows; its address is in `Location`."""
    who = who_of(actor, request)
    with acting(actor) as connection:
        id = cargo_exchange.create(connection, document, who, now)
        row, _ = cargo_exchange.read(connection, id, who.base)
    return Response(
        status_code=201, headers={"Location": f"{who.base}/logistics-objects/{id}", "Type": row.type}
    )


@router.get(
    "/logistics-objects/{id}",
    operation_id="readLogisticsObject",
    summary="Read a logistics object",
    responses=_READ,
    response_model=None,
)
def read(
    id: str, actor: Reader, request: Request, at: datetime | None = None, embedded: bool = False
) -> Response:
    """An object with its revisions; `at` an earlier instant, or with what it names put into it (`embedded`)."""
    if at is not None and at.tzinfo is None:
        raise Fault(
            cargo_messages.DOCUMENT_WRONG(pointer="at", reason="it has no zone"), field="at", value=str(at)
        )
    who = who_of(actor, request)
    with acting(actor) as connection:
        row, document = cargo_exchange.read(connection, id, who.base, at)
        if embedded:
            document = cargo_exchange.embedded(connection, document, who.base)
    return _answer(
        request,
        document,
        type=row.type,
        revision=str(row.revision),
        latest_revision=str(row.latest),
        location=document["@id"],
        last_modified=format_datetime(row.at, usegmt=True),
    )


@router.patch(
    "/logistics-objects/{id}",
    operation_id="changeLogisticsObject",
    summary="Ask for a change",
    status_code=201,
    responses=_DONE,
    response_model=None,
)
def change(id: str, document: Document, actor: Writer, now: Now, request: Request) -> Response:
    """Asks for a change (api:Change); the holder's own is done at once. The request's address is in `Location`."""
    who = who_of(actor, request)
    with acting(actor) as connection:
        made = changing.ask_change(connection, id, document, who, now)
    return Response(status_code=201, headers={"Location": f"{who.base}/action-requests/{made}"})


@router.get(
    "/logistics-objects/{id}/audit-trail",
    operation_id="readAuditTrail",
    summary="Audit trail",
    responses=_READ,
    response_model=None,
)
def audit_trail(id: str, actor: Reader, request: Request) -> Response:
    """Every change that was asked for."""
    who = who_of(actor, request)
    with acting(actor) as connection:
        return _answer(request, requests.audit_trail(connection, id, who.base))


@router.get(
    "/logistics-objects/{id}/logistics-events",
    operation_id="readLogisticsEvents",
    summary="Events of an object",
    responses=_READ,
    response_model=None,
)
def events(id: str, actor: Reader, request: Request) -> Response:
    """What happened to a piece or ULD, as its history tells it."""
    who = who_of(actor, request)
    kind = {"piece": SubjectKind.PARCEL, "uld": SubjectKind.HANDLING_UNIT}.get(id.partition("-")[0])
    with acting(actor) as connection:
        row, _ = cargo_exchange.read(connection, id, who.base)
        subject = row.object.partition("-")[2]
        told = histories.histories(connection, [subject], kind).get(subject, []) if kind is not None else []
    items = [
        objects.event(
            who.base,
            row.object,
            e.id,
            EVENT_TYPES[e.type].meaning.english,
            e.type,
            e.time.isoformat(),
            (e.recorded_at or e.time).isoformat(),
            e.time_kind,
            e.facility or "",
        )
        for e in told
        if e.type in EVENT_TYPES and e.time_kind != "planned"
    ]
    return _answer(
        request,
        {
            "@context": dict(CONTEXT),
            "@id": f"{who.base}/logistics-objects/{row.object}/logistics-events",
            "@type": "api:Collection",
            "api:hasTotalItems": {"@type": "xsd:nonNegativeInteger", "@value": str(len(items))},
            "api:hasItem": [{k: v for k, v in item.items() if k != "@context"} for item in items],
        },
    )


@router.post(
    "/subscriptions",
    operation_id="subscribeOneRecord",
    summary="Subscribe",
    status_code=201,
    responses=_DONE,
    response_model=None,
)
def subscribe(document: Document, actor: Writer, now: Now, request: Request) -> Response:
    """Asks for notifications of an object or of a kind of objects (api:Subscription)."""
    who = who_of(actor, request)
    with acting(actor) as connection:
        made = requests.subscribe(connection, document, who, now)
    return Response(status_code=201, headers={"Location": f"{who.base}/action-requests/{made}"})


@router.get(
    "/action-requests/{id}",
    operation_id="readActionRequest",
    summary="Read a request",
    responses=_READ,
    response_model=None,
)
def read_request(id: str, actor: Reader, request: Request) -> Response:
    """A request to change or to subscribe, and where it stands."""
    who = who_of(actor, request)
    with acting(actor) as connection:
        row = store.request(connection, id[:200])
        if row is None:
            raise NotFound(cargo_messages.NO_REQUEST(id=id[:80]), field="id", value=id[:80])
        return _answer(request, requests.request_document(row, who.base))


@router.patch(
    "/action-requests/{id}",
    operation_id="decideActionRequest",
    summary="Accept or reject",
    status_code=204,
    responses=_DONE,
    response_model=None,
)
def decide(
    id: str,
    actor: Writer,
    now: Now,
    request: Request,
    status: Annotated[str, Query(pattern="^REQUEST_(ACCEPTED|REJECTED)$")],
) -> Response:
    """Accepts or rejects a request; only who holds the object does. A change that cannot be done any more fails."""
    with acting(actor) as connection:
        changing.decide(connection, id[:200], status, who_of(actor, request), now)
    return Response(status_code=204)


@router.delete(
    "/action-requests/{id}",
    operation_id="revokeActionRequest",
    summary="Revoke a request",
    status_code=204,
    responses=_DONE,
    response_model=None,
)
def revoke(id: str, actor: Writer, now: Now, request: Request) -> Response:
    """Takes back one's own request that is still open."""
    with acting(actor) as connection:
        changing.decide(connection, id[:200], changing.REVOKED, who_of(actor, request), now)
    return Response(status_code=204)


@router.get(
    "/notifications",
    operation_id="listNotifications",
    summary="What subscriptions were told",
    responses={**responses(*_DENIED, "not-acceptable"), **_LD},
    response_model=None,
)
def notifications(
    actor: Reader, request: Request, after: Annotated[int, Query(ge=0, le=2**62)] = 0
) -> Response:
    """One's notifications after a number, in order, up to 200; `qafila:next` is the number to go on from."""
    with acting(actor) as connection:
        rows = store.notifications(connection, actor.tenant, after)
    told = {
        "@context": {**CONTEXT, "qafila": "urn:x-qafila:one-record:"},
        "@type": "api:Collection",
        "api:hasTotalItems": {"@type": "xsd:nonNegativeInteger", "@value": str(len(rows))},
        "api:hasItem": [{k: v for k, v in r.document.items() if k != "@context"} for r in rows],
        "qafila:next": rows[-1].seq if rows else after,
    }
    return _answer(request, told)
