"""What others ask of ONE Record: subscriptions, and how their requests are served."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from qafila.cargo import cargo_messages, cargo_standing, store
from qafila.cargo.cargo_exchange import PENDING, Who, checked, count, id_of, plain, read
from qafila.cargo.changing import ACCEPTED
from qafila.cargo.objects import Node, instant
from qafila.cargo.vocabulary import CONTEXT, Names, ancestors
from qafila.core.fault import Fault, NotFound
from qafila.core.identifiers.own import new_id


def subscribe(connection: Connection, document: Any, who: Who, at: datetime) -> str:
    """Asks for a subscription; the hub's own is accepted at once, others' where they may read what they ask for.

    Raises Fault where it is none, NotFound where the topic is an object that is not there for who asks.
    """
    told = checked(document, "api:Subscription")
    names = Names(told.get("@context"))
    flat = {names.short(k): v for k, v in told.items()}
    kind = names.short(str(plain(flat["api:hasTopicType"]))).removeprefix("api:")
    topic = str(plain(flat["api:hasTopic"]))
    topic = names.iri(topic) if kind == "LOGISTICS_OBJECT_TYPE" else id_of(topic, who.base)
    if kind == "LOGISTICS_OBJECT_TYPE" and not ancestors(names.short(topic)):
        raise Fault(
            cargo_messages.DOCUMENT_WRONG(pointer="api:hasTopic", reason=topic[:200]),
            cargo_messages.READ_ONTOLOGY(),
            field="#/api:hasTopic",
        )
    if kind == "LOGISTICS_OBJECT_IDENTIFIER" and store.get(connection, topic) is None:
        raise NotFound(cargo_messages.NO_OBJECT(id=topic[:80]), field="#/api:hasTopic", value=topic[:80])
    events = flat["api:includeSubscriptionEventType"]
    asked = [
        names.short(str(plain(e))).removeprefix("api:")
        for e in (events if isinstance(events, list) else [events])
    ]
    ends = plain(flat.get("api:expiresAt"))
    request, id = new_id("sub"), new_id("sbn")
    store.put_request(
        connection,
        {
            "id": request,
            "kind": "SubscriptionRequest",
            "object": id,
            "status": PENDING,
            "document": dict(told),
            "tenant": who.tenant,
            "readers": [],
            "at": at,
        },
    )
    store.put_subscription(
        connection,
        {
            "id": id,
            "request": request,
            "tenant": who.tenant,
            "topic_type": kind,
            "topic": topic,
            "events": asked,
            "document": dict(told),
            "expires_at": datetime.fromisoformat(str(ends)) if ends else None,
            "hub": who.hub,
        },
    )
    # who may read a thing may hear of it: row-level security has hidden the rest already
    cargo_standing.move(connection, store.request(connection, request), ACCEPTED, who.base, at)
    return request


def request_document(row: Any, base: str) -> Node:
    """A request as it is served."""
    inner = "api:hasChange" if row.kind == "ChangeRequest" else "api:hasSubscription"
    body = {k: v for k, v in row.document.items() if k != "@context"}
    if row.kind == "SubscriptionRequest":
        body["@id"] = f"{base}/subscriptions/{row.object}"
    made: Node = {
        "@context": {
            **CONTEXT,
            **(row.document.get("@context") if isinstance(row.document.get("@context"), Mapping) else {}),
        },
        "@id": f"{base}/action-requests/{row.request}",
        "@type": f"api:{row.kind}",
        inner: body,
        "api:hasRequestStatus": {"@id": f"api:{row.status}"},
        "api:isRequestedAt": instant(row.at.isoformat()),
        "api:isRequestedBy": {"@id": f"{base}/logistics-objects/company-{row.tenant}"},
    }
    if row.errors:
        made["api:hasError"] = [
            {
                "@type": "api:Error",
                "api:hasTitle": "The change cannot be done",
                "api:hasErrorDetail": [
                    {"@type": "api:ErrorDetail", "api:hasCode": "409", "api:hasMessage": e}
                    for e in row.errors
                ],
            }
        ]
    return made


def audit_trail(connection: Connection, id: str, base: str) -> Node:
    """The requests to change an object, and its newest revision. Raises NotFound."""
    row, _ = read(connection, id, base)
    return {
        "@context": dict(CONTEXT),
        "@id": f"{base}/logistics-objects/{row.object}/audit-trail",
        "@type": "api:AuditTrail",
        "api:hasLatestRevision": count(row.latest),
        "api:hasActionRequest": [
            {k: v for k, v in request_document(r, base).items() if k != "@context"}
            for r in store.requests_of(connection, row.object)
        ],
    }
