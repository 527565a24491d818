"""Acts: what a person or a device asks for is done once, however often it is sent, and all of it or nothing.

The key is noted in the transaction of the act itself, with its answer: so it is known under the key exactly where it was
done. (`store` keeps answers of requests that act in several transactions, where nobody can know that.)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from qafila.core.values import value
from qafila.runtime.answered.keys import fingerprint, same
from qafila.runtime.database import Role, acting_as
from qafila.runtime.database.connection import as_the_house
from qafila.runtime.database.patience import patiently

Answer = Mapping[str, Any]


@value
class Actor:
    """Who acts: a person or device of a tenant, and the role of the database under which he does."""

    tenant: str
    name: str
    device: str = ""
    role: str = "qafila_operator"


@value
class Act:
    """One request of a person or device, done once however often it is sent."""

    key: str
    by: Actor
    at: datetime  # when the scanner says it was done; aware
    said: bytes = b""  # fingerprint of the request as it was sent, where what it means depends on what lies there by then


def perform(
    act: Act,
    kind: str,
    facility: str,
    asked: Mapping[str, Any],
    do: Callable[[Connection], Answer],
    meaning: Callable[[IntegrityError], Exception] | None = None,
    first: Callable[[], object] | None = None,
) -> dict[str, Any]:
    """Does an act in one transaction and returns its answer; done before, it returns the answer of then.

    Args:
        act: its key, who acts, and when.
        kind: what it is, for the record: `pick`, `receive` …
        facility: where.
        asked: what JSON can hold of the request; the same key with another content is a fault.
        do: does it and returns what JSON can hold. It may be called several times, each in a new transaction,
            where PostgreSQL asks for that, or where the connection was lost: the key tells whether it was done.
        meaning: what a broken rule of the database means to people.
        first: waits for what `do` needs, before anything is locked; not called where the act was done before.

    Raises:
        KeyReused: the key stands for another request.
        What `first` raises.
        What `meaning` makes of a broken rule.
    """
    meant = fingerprint(kind, facility, asked)
    prints = [act.said, meant] if act.said else [meant]

    def once() -> dict[str, Any]:
        with acting_as(Role(act.by.role), act.by.tenant) as connection:
            before = _begin(connection, act, kind, facility, prints)
            if before is not None:
                return {**before, "repeated": True}
            answer = dict(do(connection))
            _answered(connection, act, answer)
        done: dict[str, Any] = orjson.loads(orjson.dumps({**answer, "repeated": False}, default=str))
        return done

    def before() -> dict[str, Any] | None:
        with acting_as(Role(act.by.role), act.by.tenant) as connection:
            return _done(connection, act, prints)

    if first is not None:
        if (done := patiently(before, lost=True)) is not None:
            return {**done, "repeated": True}
        first()
    try:
        return patiently(once, lost=True)
    except IntegrityError as error:
        if meaning is None:
            raise
        raise meaning(error) from error


def known(act: Act, *more: str) -> dict[str, Any] | None:
    """What was answered to the same request, as it was sent (`Act.said`), under the act's key, or else under one of `more`;
    None where nothing was done under these keys yet. Raises KeyReused where the key stands for another request."""
    keys = [act.key, *more]
    with acting_as(Role(act.by.role), act.by.tenant) as connection:
        rows = {row.key: row for row in _rows(connection, act.by.tenant, keys)}
    for key in keys:
        if key in rows and rows[key].answer is not None:
            same(key, rows[key].fingerprint, act.said)
            return {**rows[key].answer, "repeated": True}
    return None


def _rows(connection: Connection, tenant: str, keys: Sequence[str]) -> Sequence[Any]:
    return connection.execute(
        text("SELECT key, fingerprint, answer FROM storage_acts WHERE tenant = :t AND key = ANY(:k)"),
        {"t": tenant, "k": list(keys)},
    ).all()


def noted(
    connection: Connection, act: Act, kind: str, asked: Mapping[str, Any], do: Callable[[Connection], Any]
) -> Any:
    """Does an act in the caller's transaction, and returns what JSON holds of its answer; done before, the answer of then.

    Args:
        connection: acts as whoever the act is done as; the key is noted as the house.
        act: its key, who acts, and when.
        kind: what it is, for the record.
        asked: what JSON can hold of the request; the same key with another content is a fault.
        do: does it, and returns what JSON can hold.

    Raises KeyReused where the key stands for another request.
    """
    with as_the_house(connection):
        before = _begin(connection, act, kind, "", [fingerprint(kind, asked)])
    if before is not None:
        return before["answer"]
    answer = orjson.loads(orjson.dumps(do(connection), default=str))
    with as_the_house(connection):
        _answered(connection, act, {"answer": answer})
    return answer


def _answered(connection: Connection, act: Act, answer: Answer) -> None:
    connection.execute(
        text("UPDATE storage_acts SET answer = CAST(:a AS jsonb) WHERE tenant = :t AND key = :k"),
        {"a": orjson.dumps(answer, default=str).decode(), "t": act.by.tenant, "k": act.key},
    )


def _begin(
    connection: Connection, act: Act, kind: str, facility: str, prints: Sequence[bytes]
) -> dict[str, Any] | None:
    """Notes the act under the first of its fingerprints; where it was noted before, waits until that is done and returns its
    answer."""
    made = connection.execute(
        text(
            "INSERT INTO storage_acts (tenant, key, kind, facility, fingerprint, by, device, at) "
            "VALUES (:t, :k, :kind, :f, :p, :by, :d, :at) ON CONFLICT DO NOTHING"
        ),
        {
            "t": act.by.tenant,
            "k": act.key,
            "kind": kind,
            "f": facility,
            "p": prints[0],
            "by": act.by.name,
            "d": act.by.device,
            "at": act.at,
        },
    ).rowcount
    return None if made else _done(connection, act, prints)


def _done(connection: Connection, act: Act, prints: Sequence[bytes]) -> dict[str, Any] | None:
    """What was answered to the act; None where it was not done yet. Raises KeyReused."""
    for row in _rows(connection, act.by.tenant, [act.key]):
        if bytes(row.fingerprint) not in prints:
            same(act.key, row.fingerprint, prints[0])
        return dict(row.answer)
    return None
