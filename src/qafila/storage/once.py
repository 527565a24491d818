"""Acts: what a person or a device asks for is done once, however often it is sent, and all of it or nothing."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from hashlib import blake2b
from typing import Any

import orjson
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from qafila.core.fault import Conflict
from qafila.runtime.database import Role, acting_as
from qafila.storage import messages
from qafila.storage.model import Act

Answer = Mapping[str, Any]

_RETRIES = 12
_AGAIN = frozenset({"40001", "40P01"})
"""Serialization failure and deadlock: PostgreSQL asks to begin anew."""


class KeyReused(Conflict):
    """An act's key came with another content than before."""

    kind = "key-reused"


class NotEnough(Conflict):
    """What was to be taken is not there, or others have it reserved."""

    kind = "not-enough"


@contextmanager
def floor_transaction() -> Iterator[Connection]:
    """A transaction of the hub's people, on all owners' goods."""
    with acting_as(Role.OPERATOR) as connection:
        yield connection


def perform(
    act: Act, kind: str, facility: str, asked: Mapping[str, Any], do: Callable[[Connection], Answer]
) -> dict[str, Any]:
    """Does an act in one transaction and returns its answer; done before, it returns the answer of then.

    Args:
        act: its key, who acts, and when.
        kind: what it is, for the record: `pick`, `receive` …
        facility: where.
        asked: what JSON can hold of the request; the same key with another content is a fault.
        do: does it and returns what JSON can hold. It may be called several times, each in a new transaction,
            where PostgreSQL asks for that.

    Raises:
        KeyReused: the key stands for another request.
        NotEnough: more was to be taken than is there.
    """
    print_ = blake2b(
        orjson.dumps([kind, facility, asked], option=orjson.OPT_SORT_KEYS, default=str), digest_size=16
    ).digest()
    for attempt in range(_RETRIES):
        try:
            with acting_as(Role(act.by.role), act.by.tenant) as connection:
                known = _begin(connection, act, kind, facility, print_)
                if known is not None:
                    return {**known, "repeated": True}
                answer = dict(do(connection))
                connection.execute(
                    text("UPDATE storage_acts SET answer = CAST(:a AS jsonb) WHERE tenant = :t AND key = :k"),
                    {"a": orjson.dumps(answer, default=str).decode(), "t": act.by.tenant, "k": act.key},
                )
            return orjson.loads(orjson.dumps({**answer, "repeated": False}, default=str))
        except IntegrityError as error:
            raise _told(error) from error
        except (OperationalError, DBAPIError) as error:
            if getattr(error.orig, "sqlstate", "") not in _AGAIN or attempt + 1 == _RETRIES:
                raise
            time.sleep(random.random() * 0.02 * 2**attempt if attempt < 6 else random.random())
    raise AssertionError("unreachable")


def _begin(
    connection: Connection, act: Act, kind: str, facility: str, print_: bytes
) -> dict[str, Any] | None:
    """Notes the act; where it was noted before, waits until that is done and returns its answer."""
    made = connection.execute(
        text(
            "INSERT INTO storage_acts (tenant, key, kind, facility, fingerprint, by, device, at) "
            "VALUES (:t, :k, :kind, :f, :p, :by, :d, :at) ON CONFLICT DO NOTHING"
        ),
        {"t": act.by.tenant, "k": act.key, "kind": kind, "f": facility, "p": print_, "by": act.by.name,
         "d": act.by.device, "at": act.at},
    ).rowcount  # fmt: skip
    if made:
        return None
    row = connection.execute(
        text("SELECT fingerprint, answer FROM storage_acts WHERE tenant = :t AND key = :k"),
        {"t": act.by.tenant, "k": act.key},
    ).one()
    if bytes(row.fingerprint) != print_:
        raise KeyReused(messages.KEY_REUSED(key=act.key), messages.NEW_KEY(), field="key", value=act.key)
    return dict(row.answer)


def _told(error: IntegrityError) -> Exception:
    """What a broken rule of the database means to people; the error itself where it is no rule of ours."""
    diag = getattr(error.orig, "diag", None)
    rule = getattr(diag, "constraint_name", "") or ""
    values = error.params if isinstance(error.params, dict) else {}
    sku, place = str(values.get("sku", "")), str(values.get("source") or values.get("place") or "")
    if rule in ("never_negative", "never_promised_twice"):
        return NotEnough(
            messages.NOT_ENOUGH(pieces=int(values.get("pieces", 0) or 0), sku=sku, place=place),
            messages.COUNT_IT(), field="pieces", value=str(values.get("pieces", "")),
        )  # fmt: skip
    if rule in ("a_serial_is_in_one_place", "a_serial_is_one_piece"):
        serial = str(values.get("serial", ""))
        return Conflict(
            messages.SERIAL_ELSEWHERE(serial=serial, sku=sku),
            messages.SERIAL_ONE(),
            field="serial",
            value=serial,
        )
    return error
