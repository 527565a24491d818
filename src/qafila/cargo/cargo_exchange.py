"""ONE Record's objects with their revisions: created, published, read; each new revision is told to who subscribed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from qafila.cargo import cargo_messages, store
from qafila.cargo.objects import Node, link
from qafila.cargo.vocabulary import API, CONTEXT, Names, flaws
from qafila.core.fault import Fault, NotFound
from qafila.core.identifiers.own import new_id

_ID = re.compile(r"[A-Za-z0-9._~-]{1,200}")
PENDING = "REQUEST_PENDING"


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
        wrong = cargo_messages.DOCUMENT_WRONG(
            pointer=found[0].pointer[:200] or "/", reason=found[0].reason[:200]
        )
        raise Fault(wrong, cargo_messages.READ_ONTOLOGY(), field=f"#{found[0].pointer[:200]}")
    assert isinstance(document, Mapping)
    return document


def id_of(uri: str, base: str) -> str:
    """The id of an object by its address here, or the id itself. Raises NotFound."""
    id = uri.strip()
    prefix = f"{base}/logistics-objects/"
    id = id.removeprefix(prefix)
    if not _ID.fullmatch(id):
        raise NotFound(cargo_messages.NO_OBJECT(id=uri[:80]), field="id", value=uri[:80])
    return id


def create(connection: Connection, document: Any, who: Who, at: datetime) -> str:
    """Takes an object that somebody made; returns its id. Raises Fault where the ontology does not allow it."""
    told = checked(document, "cargo:LogisticsObject")
    id = new_id("lo")
    put_object(connection, id, told, who, (), at, who.tenant)
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
        put_object(connection, id, one, who, readers, at, who.tenant, known)
        changed += 1
    return changed


def _bare(document: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in document.items() if k not in ("api:hasRevision", "api:hasLatestRevision", "@id")}


def put_object(
    connection: Connection,
    id: str,
    document: Mapping[str, Any],
    who: Who,
    readers: Sequence[str],
    at: datetime,
    owner: str,
    known: Any = None,
    triggered: str = "",
) -> None:
    """Keeps a revision of an object, and tells it to who subscribed; `triggered`: the request that it is of."""
    names = Names(document.get("@context"))
    told = document["@type"]
    type = names.iri(told[0] if isinstance(told, list) else told)
    revision = known.latest + 1 if known is not None else 1
    kept = _bare(document)
    store.put(connection, id, type, kept, revision, owner, readers, at)
    event = "LOGISTICS_OBJECT_CREATED" if known is None else "LOGISTICS_OBJECT_UPDATED"
    note: Node = {
        "@context": dict(CONTEXT),
        "@type": "api:Notification",
        "api:hasEventType": {"@id": f"api:{event}"},
        "api:hasLogisticsObject": link(who.base, id),
        "api:hasLogisticsObjectType": {"@type": "http://www.w3.org/2001/XMLSchema#anyURI", "@value": type},
    }
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
        raise NotFound(cargo_messages.NO_OBJECT(id=id[:80]), field="id", value=id[:80])
    return found, _served(found, base)


def _served(row: Any, base: str) -> Node:
    context = row.document.get("@context")
    with_api = {**context, "api": API} if isinstance(context, Mapping) else [context, {"api": API}]
    return {
        **row.document,
        "@context": with_api,
        "@id": f"{base}/logistics-objects/{row.object}",
        "api:hasRevision": count(row.revision),
        "api:hasLatestRevision": count(row.latest),
    }


def count(number: int) -> Node:
    """A number as ONE Record writes it."""
    return {"@type": "http://www.w3.org/2001/XMLSchema#positiveInteger", "@value": str(number)}


def plain(value: Any) -> Any:
    """A value of JSON-LD without its type, or the address that it names."""
    return value.get("@value", value.get("@id")) if isinstance(value, Mapping) else value


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
