"""ONE Record's exchange: objects with their revisions, changes that are asked for and decided, subscriptions, notifications."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from qafila.cargo import messages, store
from qafila.cargo.objects import Node, instant, link
from qafila.cargo.vocabulary import API, CONTEXT, Names, ancestors, flaws
from qafila.core.fault import Conflict, Fault, Forbidden, NotFound
from qafila.core.identifiers.own import new_id

_ID = re.compile(r"[A-Za-z0-9._~-]{1,200}")
PENDING, ACCEPTED, REJECTED, REVOKED, FAILED = (
    "REQUEST_PENDING", "REQUEST_ACCEPTED", "REQUEST_REJECTED", "REQUEST_REVOKED", "REQUEST_FAILED",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Who:
    """Who exchanges: a tenant, whether it is the hub that holds this server, and the server's base address."""

    tenant: str
    hub: bool
    base: str


def checked(document: Any, wanted: str = "") -> Mapping[str, Any]:
    """A document that the ontology allows. Raises Fault with the first flaw."""
    found = flaws(document, wanted)
    if found:
        wrong = messages.DOCUMENT_WRONG(pointer=found[0].pointer[:200] or "/", reason=found[0].reason[:200])
        raise Fault(wrong, messages.READ_ONTOLOGY(), field=f"#{found[0].pointer[:200]}")
    assert isinstance(document, Mapping)
    return document


def id_of(uri: str, base: str) -> str:
    """The id of an object by its address here, or the id itself. Raises NotFound."""
    id = uri.strip()
    prefix = f"{base}/logistics-objects/"
    id = id.removeprefix(prefix)
    if not _ID.fullmatch(id):
        raise NotFound(messages.NO_OBJECT(id=uri[:80]), field="id", value=uri[:80])
    return id


def create(connection: Connection, document: Any, who: Who, at: datetime) -> str:
    """Takes an object that somebody made; returns its id. Raises Fault where the ontology does not allow it."""
    told = checked(document, "cargo:LogisticsObject")
    id = new_id("lo")
    _put(connection, id, told, who, (), at, who.tenant)
    return id


def publish(
    connection: Connection, nodes: Sequence[Node], who: Who, readers: Sequence[str], at: datetime
) -> int:
    """Brings objects of the house up to date: what is new is created, what changed gets a revision; returns how many did."""
    changed = 0
    for one in nodes:
        id = id_of(str(one["@id"]), who.base)
        store.lock(connection, id)
        known = store.get(connection, id)
        if known is not None and _bare(known.document) == _bare(one):
            continue
        _put(connection, id, one, who, readers, at, who.tenant, known)
        changed += 1
    return changed


def _bare(document: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in document.items() if k not in ("api:hasRevision", "api:hasLatestRevision", "@id")}


def _put(
    connection: Connection, id: str, document: Mapping[str, Any], who: Who, readers: Sequence[str], at: datetime,
    owner: str, known: Any = None, triggered: str = "",
) -> None:  # fmt: skip
    names = Names(document.get("@context"))
    told = document["@type"]
    type = names.iri(told[0] if isinstance(told, list) else told)
    revision = known.latest + 1 if known is not None else 1
    kept = _bare(document)
    store.put(connection, id, type, kept, revision, owner, readers, at)
    event = "LOGISTICS_OBJECT_CREATED" if known is None else "LOGISTICS_OBJECT_UPDATED"
    note: Node = {
        "@context": dict(CONTEXT), "@type": "api:Notification", "api:hasEventType": {"@id": f"api:{event}"},
        "api:hasLogisticsObject": link(who.base, id),
        "api:hasLogisticsObjectType": {"@type": "http://www.w3.org/2001/XMLSchema#anyURI", "@value": type},
    }  # fmt: skip
    if triggered:
        note["api:isTriggeredBy"] = {"@id": f"{who.base}/action-requests/{triggered}"}
    if known is not None:
        before = known.document
        keys = sorted(
            names.iri(k)
            for k in kept.keys() | before.keys()
            if kept.get(k) != before.get(k) and not k.startswith("@")
        )
        note["api:hasChangedProperty"] = [
            {"@type": "http://www.w3.org/2001/XMLSchema#anyURI", "@value": k} for k in keys
        ]
    store.notify(connection, event, id, type, note, at)


def read(connection: Connection, id: str, base: str, at: datetime | None = None) -> tuple[Any, Node]:
    """An object as it is served: its row, and the document with address and revisions. Raises NotFound."""
    found = store.get(connection, id_of(id, base), at)
    if found is None:
        raise NotFound(messages.NO_OBJECT(id=id[:80]), field="id", value=id[:80])
    return found, _served(found, base)


def _served(row: Any, base: str) -> Node:
    context = row.document.get("@context")
    with_api = {**context, "api": API} if isinstance(context, Mapping) else [context, {"api": API}]
    return {
        **row.document, "@context": with_api, "@id": f"{base}/logistics-objects/{row.object}",
        "api:hasRevision": _count(row.revision), "api:hasLatestRevision": _count(row.latest),
    }  # fmt: skip


def _count(number: int) -> Node:
    return {"@type": "http://www.w3.org/2001/XMLSchema#positiveInteger", "@value": str(number)}


def embedded(connection: Connection, document: Node, base: str, depth: int = 3) -> Node:
    """A document with the objects of this server that it names put into it, some layers deep, each once on a way."""

    def grown(value: Any, left: int, above: frozenset[str]) -> Any:
        if isinstance(value, list):
            return [grown(v, left, above) for v in value]
        if not isinstance(value, dict):
            return value
        id = str(value.get("@id", ""))
        if (
            value.keys() == {"@id"}
            and id.startswith(f"{base}/logistics-objects/")
            and left
            and id not in above
        ):
            row = store.get(connection, id_of(id, base))
            if row is None:
                return value
            inner = {k: v for k, v in _served(row, base).items() if k != "@context"}
            return {k: grown(v, left - 1, above | {id}) for k, v in inner.items()}
        return {k: v if k == "@context" else grown(v, left, above) for k, v in value.items()}

    return {
        k: v if k == "@context" else grown(v, depth, frozenset({str(document["@id"])}))
        for k, v in document.items()
    }


def ask_change(connection: Connection, id: str, document: Any, who: Who, at: datetime) -> str:
    """Asks for a change of an object; the holder's own is done at once. Returns the request's id.

    Raises:
        NotFound: there is no such object.
        Fault: the change is none, or of another object.
        Conflict: it is of another revision than the newest.
    """
    told = checked(document, "api:Change")
    names = Names(told.get("@context"))
    change = {names.short(k): v for k, v in told.items()}
    known = store.get(connection, id_of(id, who.base))
    if known is None:
        raise NotFound(messages.NO_OBJECT(id=id[:80]), field="id", value=id[:80])
    about = change.get("api:hasLogisticsObject", {})
    about_id = str(about.get("@id", "")) if isinstance(about, Mapping) else ""
    if about_id and id_of(about_id, who.base) != known.object:
        raise Fault(messages.NO_OBJECT(id=about_id[:80]), field="#/api:hasLogisticsObject")
    revision = int(_plain(change.get("api:hasRevision", 0)) or 0)
    if revision != known.latest:
        raise Conflict(
            messages.OTHER_REVISION(told=revision, now=known.latest),
            messages.ASK_AGAIN(),
            field="#/api:hasRevision",
        )
    request = new_id("chg")
    readers = [known.tenant]
    store.put_request(
        connection,
        {"id": request, "kind": "ChangeRequest", "object": known.object, "status": PENDING, "document": dict(told),
         "tenant": who.tenant, "readers": readers, "at": at},
    )  # fmt: skip
    if known.tenant == who.tenant or (who.hub and known.tenant != who.tenant and _house(known.object)):
        decide(connection, request, ACCEPTED, who, at)
    return request


def _house(id: str) -> bool:
    """Whether an object is made of what this house knows: only its own acts change it."""
    return id.partition("-")[0] in (
        "piece",
        "shipment",
        "waybill",
        "uld",
        "composition",
        "loading",
        "movement",
    )


def decide(connection: Connection, request: str, status: str, who: Who, at: datetime) -> str:
    """Accepts, rejects or revokes a request; an accepted change is done. Returns the status that it has now: a change that
    cannot be done any more has failed.

    Raises:
        NotFound: there is no such request that is open.
        Forbidden: another holds the object; or revoking, another asked.
    """
    row = store.request(connection, request, lock=True)
    if row is None or row.status != PENDING or status not in (ACCEPTED, REJECTED, REVOKED):
        raise NotFound(messages.NO_REQUEST(id=request[:80]), field="id", value=request[:80])
    holder = _holder(connection, row)
    if (status == REVOKED and row.tenant != who.tenant) or (
        status != REVOKED and not (who.hub or holder == who.tenant)
    ):
        raise Forbidden(messages.FOREIGN(), field="id", value=request[:80])
    errors: list[str] = []
    if status == ACCEPTED and row.kind == "ChangeRequest":
        store.lock(connection, row.object)
        known = store.get(connection, row.object)
        try:
            fresh = changed(
                known.document, row.document, f"{who.base}/logistics-objects/{row.object}", known.latest
            )
            _put(connection, row.object, fresh, who, (), at, known.tenant, known, request)
        except Fault as wrong:
            status, errors = FAILED, [str(wrong)]
    store.set_status(connection, request, status, at, errors)
    return status


def _holder(connection: Connection, row: Any) -> str:
    if row.kind == "SubscriptionRequest":
        return ""
    found = store.get(connection, row.object)
    return "" if found is None else str(found.tenant)


def changed(
    document: Mapping[str, Any], change: Mapping[str, Any], uri: str, revision: int
) -> dict[str, Any]:
    """A document after a change: its operations all done, or none.

    Raises:
        Conflict: the change is of another revision, or takes away what is not there.
        Fault: an operation names another subject, or the result is not what the ontology allows.
    """
    names = Names(change.get("@context"))
    told = {names.short(k): v for k, v in change.items()}
    if int(_plain(told.get("api:hasRevision", revision))) != revision:
        raise Conflict(
            messages.OTHER_REVISION(told=str(_plain(told["api:hasRevision"])), now=revision),
            messages.ASK_AGAIN(),
        )
    fresh = deepcopy(dict(document))
    own = Names(fresh.get("@context"))
    operations = told.get("api:hasOperation", [])
    for one in operations if isinstance(operations, list) else [operations]:
        operation = {names.short(k): v for k, v in one.items()}
        if str(_plain(operation.get("api:s"))) not in (uri, uri.rpartition("/")[2]):
            raise Fault(
                messages.DOCUMENT_WRONG(pointer="api:s", reason=str(_plain(operation.get("api:s")))[:200]),
                field="#/api:s",
            )
        adds = (
            names.short(
                str(
                    operation["api:op"]["@id"]
                    if isinstance(operation["api:op"], Mapping)
                    else operation["api:op"]
                )
            )
            == "api:ADD"
        )
        name = own.short(str(_plain(operation["api:p"])))
        key = next((k for k in fresh if own.short(k) == name), name)
        objects = operation.get("api:o", [])
        for value in objects if isinstance(objects, list) else [objects]:
            _one(fresh, key, {names.short(k): v for k, v in value.items()}, adds, own)
    if not isinstance(fresh.get("@context"), list):
        fresh["@context"] = {**CONTEXT, **(fresh.get("@context") or {})}
    checked({**fresh, "@id": uri}, "cargo:LogisticsObject")
    return fresh


def _one(fresh: dict[str, Any], key: str, told: Mapping[str, Any], adds: bool, own: Names) -> None:
    datatype, said = str(_plain(told.get("api:hasDatatype"))), str(_plain(told.get("api:hasValue")))
    value = _valued(datatype, said)
    there = fresh.get(key)
    values = there if isinstance(there, list) else [] if there is None else [there]
    if adds:
        values = [*values, value]
    else:
        kept = [v for v in values if _same(v) != _same(value)]
        if len(kept) == len(values):
            raise Conflict(messages.NOT_THERE(property=own.short(key)), messages.ASK_AGAIN())
        values = kept
    if not values:
        fresh.pop(key, None)
    else:
        fresh[key] = values[0] if len(values) == 1 and not isinstance(there, list) else values


def _valued(datatype: str, said: str) -> Any:
    kind = datatype.rpartition("#")[2]
    if datatype.startswith("http://www.w3.org/2001/XMLSchema"):
        if kind == "boolean":
            return said == "true"
        if kind == "string":
            return said
        return {"@type": datatype, "@value": said}
    return {"@id": said}


def _same(value: Any) -> str:
    if isinstance(value, Mapping):
        return str(value.get("@id", value.get("@value", value)))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _plain(value: Any) -> Any:
    return value.get("@value", value.get("@id")) if isinstance(value, Mapping) else value


def subscribe(connection: Connection, document: Any, who: Who, at: datetime) -> str:
    """Asks for a subscription; the hub's own is accepted at once, others' where they may read what they ask for.

    Raises Fault where it is none, NotFound where the topic is an object that is not there for who asks.
    """
    told = checked(document, "api:Subscription")
    names = Names(told.get("@context"))
    flat = {names.short(k): v for k, v in told.items()}
    kind = names.short(str(_plain(flat["api:hasTopicType"]))).removeprefix("api:")
    topic = str(_plain(flat["api:hasTopic"]))
    topic = names.iri(topic) if kind == "LOGISTICS_OBJECT_TYPE" else id_of(topic, who.base)
    if kind == "LOGISTICS_OBJECT_TYPE" and not ancestors(names.short(topic)):
        raise Fault(
            messages.DOCUMENT_WRONG(pointer="api:hasTopic", reason=topic[:200]),
            messages.READ_ONTOLOGY(),
            field="#/api:hasTopic",
        )
    if kind == "LOGISTICS_OBJECT_IDENTIFIER" and store.get(connection, topic) is None:
        raise NotFound(messages.NO_OBJECT(id=topic[:80]), field="#/api:hasTopic", value=topic[:80])
    events = flat["api:includeSubscriptionEventType"]
    asked = [
        names.short(str(_plain(e))).removeprefix("api:")
        for e in (events if isinstance(events, list) else [events])
    ]
    ends = _plain(flat.get("api:expiresAt"))
    request, id = new_id("sub"), new_id("sbn")
    store.put_request(
        connection,
        {"id": request, "kind": "SubscriptionRequest", "object": id, "status": PENDING, "document": dict(told),
         "tenant": who.tenant, "readers": [], "at": at},
    )  # fmt: skip
    store.put_subscription(
        connection,
        {"id": id, "request": request, "tenant": who.tenant, "topic_type": kind, "topic": topic, "events": asked,
         "document": dict(told), "expires_at": datetime.fromisoformat(str(ends)) if ends else None, "hub": who.hub},
    )  # fmt: skip
    # who may read a thing may hear of it: row-level security has hidden the rest already
    store.set_status(connection, request, ACCEPTED, at)
    return request


def request_document(row: Any, base: str) -> Node:
    """A request as it is served."""
    inner = "api:hasChange" if row.kind == "ChangeRequest" else "api:hasSubscription"
    body = {k: v for k, v in row.document.items() if k != "@context"}
    if row.kind == "SubscriptionRequest":
        body["@id"] = f"{base}/subscriptions/{row.object}"
    made: Node = {
        "@context": {**CONTEXT, **(row.document.get("@context") if isinstance(row.document.get("@context"), Mapping) else {})},
        "@id": f"{base}/action-requests/{row.request}", "@type": f"api:{row.kind}", inner: body,
        "api:hasRequestStatus": {"@id": f"api:{row.status}"}, "api:isRequestedAt": instant(row.at.isoformat()),
        "api:isRequestedBy": {"@id": f"{base}/logistics-objects/company-{row.tenant}"},
    }  # fmt: skip
    if row.errors:
        made["api:hasError"] = [
            {"@type": "api:Error", "api:hasTitle": "The change cannot be done",
             "api:hasErrorDetail": [{"@type": "api:ErrorDetail", "api:hasCode": "409", "api:hasMessage": e} for e in row.errors]}
        ]  # fmt: skip
    return made


def audit_trail(connection: Connection, id: str, base: str) -> Node:
    """The requests to change an object, and its newest revision. Raises NotFound."""
    row, _ = read(connection, id, base)
    return {
        "@context": dict(CONTEXT), "@id": f"{base}/logistics-objects/{row.object}/audit-trail", "@type": "api:AuditTrail",
        "api:hasLatestRevision": _count(row.latest),
        "api:hasActionRequest": [
            {k: v for k, v in request_document(r, base).items() if k != "@context"} for r in store.requests_of(connection, row.object)
        ],
    }  # fmt: skip
