"""Changes of ONE Record's objects: asked for, decided by the holder, and done whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from qafila.cargo import cargo_messages, cargo_standing, store
from qafila.cargo.cargo_exchange import PENDING, Who, checked, id_of, plain, put_object
from qafila.cargo.vocabulary import CONTEXT, Names
from qafila.core.fault import Conflict, Fault, Forbidden, NotFound
from qafila.core.identifiers.own import new_id

ACCEPTED, REJECTED, REVOKED, FAILED = (
    "REQUEST_ACCEPTED", "REQUEST_REJECTED", "REQUEST_REVOKED", "REQUEST_FAILED",
)  # fmt: skip


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
        raise NotFound(cargo_messages.NO_OBJECT(id=id[:80]), field="id", value=id[:80])
    about = change.get("api:hasLogisticsObject", {})
    about_id = str(about.get("@id", "")) if isinstance(about, Mapping) else ""
    if about_id and id_of(about_id, who.base) != known.object:
        raise Fault(cargo_messages.NO_OBJECT(id=about_id[:80]), field="#/api:hasLogisticsObject")
    revision = int(plain(change.get("api:hasRevision", 0)) or 0)
    if revision != known.latest:
        raise Conflict(
            cargo_messages.OTHER_REVISION(told=revision, now=known.latest),
            cargo_messages.ASK_AGAIN(),
            field="#/api:hasRevision",
        )
    request = new_id("chg")
    readers = [known.tenant]
    store.put_request(
        connection,
        {
            "id": request,
            "kind": "ChangeRequest",
            "object": known.object,
            "status": PENDING,
            "document": dict(told),
            "tenant": who.tenant,
            "readers": readers,
            "at": at,
        },
    )
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
        raise NotFound(cargo_messages.NO_REQUEST(id=request[:80]), field="id", value=request[:80])
    holder = _holder(connection, row)
    if (status == REVOKED and row.tenant != who.tenant) or (
        status != REVOKED and not (who.hub or holder == who.tenant)
    ):
        raise Forbidden(cargo_messages.FOREIGN(), field="id", value=request[:80])
    errors: list[str] = []
    if status == ACCEPTED and row.kind == "ChangeRequest":
        store.lock(connection, row.object)
        known = store.get(connection, row.object)
        try:
            fresh = changed(
                known.document, row.document, f"{who.base}/logistics-objects/{row.object}", known.latest
            )
            put_object(connection, row.object, fresh, who, (), at, known.tenant, known, request)
        except Fault as wrong:
            status, errors = FAILED, [str(wrong)]
    cargo_standing.move(connection, row, status, who.base, at, errors)
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
    if int(plain(told.get("api:hasRevision", revision))) != revision:
        raise Conflict(
            cargo_messages.OTHER_REVISION(told=str(plain(told["api:hasRevision"])), now=revision),
            cargo_messages.ASK_AGAIN(),
        )
    fresh = deepcopy(dict(document))
    own = Names(fresh.get("@context"))
    operations = told.get("api:hasOperation", [])
    for one in operations if isinstance(operations, list) else [operations]:
        operation = {names.short(k): v for k, v in one.items()}
        if str(plain(operation.get("api:s"))) not in (uri, uri.rpartition("/")[2]):
            raise Fault(
                cargo_messages.DOCUMENT_WRONG(
                    pointer="api:s", reason=str(plain(operation.get("api:s")))[:200]
                ),
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
        name = own.short(str(plain(operation["api:p"])))
        key = next((k for k in fresh if own.short(k) == name), name)
        objects = operation.get("api:o", [])
        for value in objects if isinstance(objects, list) else [objects]:
            _one(fresh, key, {names.short(k): v for k, v in value.items()}, adds, own)
    if not isinstance(fresh.get("@context"), list):
        fresh["@context"] = {**CONTEXT, **(fresh.get("@context") or {})}
    checked({**fresh, "@id": uri}, "cargo:LogisticsObject")
    return fresh


def _one(fresh: dict[str, Any], key: str, told: Mapping[str, Any], adds: bool, own: Names) -> None:
    datatype, said = str(plain(told.get("api:hasDatatype"))), str(plain(told.get("api:hasValue")))
    value = _valued(datatype, said)
    there = fresh.get(key)
    values = there if isinstance(there, list) else [] if there is None else [there]
    if adds:
        values = [*values, value]
    else:
        kept = [v for v in values if _same(v) != _same(value)]
        if len(kept) == len(values):
            raise Conflict(cargo_messages.NOT_THERE(property=own.short(key)), cargo_messages.ASK_AGAIN())
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
