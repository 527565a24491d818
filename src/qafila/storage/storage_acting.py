"""What people do with goods: each act once, and what a broken rule of the stock means to them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from qafila.core.fault import Conflict
from qafila.runtime.answered import acts
from qafila.runtime.database import Role, acting_as
from qafila.storage import storage_messages


class NotEnough(Conflict):
    """What was to be taken is not there, or others have it reserved."""

    kind = "not-enough"


@contextmanager
def floor_transaction() -> Iterator[Connection]:
    """A transaction of the hub's people, on all owners' goods."""
    with acting_as(Role.OPERATOR) as connection:
        yield connection


def _told(error: IntegrityError) -> Exception:
    """What a broken rule of the database means to people; the error itself where it is no rule of ours."""
    diag = getattr(error.orig, "diag", None)
    rule = getattr(diag, "constraint_name", "") or ""
    values = error.params if isinstance(error.params, dict) else {}
    sku, place = str(values.get("sku", "")), str(values.get("source") or values.get("place") or "")
    if rule in ("never_negative", "never_promised_twice"):
        return NotEnough(
            storage_messages.NOT_ENOUGH(pieces=int(values.get("pieces", 0) or 0), sku=sku, place=place),
            storage_messages.COUNT_IT(),
            field="pieces",
            value=str(values.get("pieces", "")),
        )
    if rule in ("a_serial_is_in_one_place", "a_serial_is_one_piece"):
        serial = str(values.get("serial", ""))
        return Conflict(
            storage_messages.SERIAL_ELSEWHERE(serial=serial, sku=sku),
            storage_messages.SERIAL_ONE(),
            field="serial",
            value=serial,
        )
    return error


perform = partial(acts.perform, meaning=_told)
"""`acts.perform`, which says what of the stock was in the way: NotEnough where more was to be taken than is there."""
