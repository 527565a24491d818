"""The rules of a warehouse: when orders are released, what a cart carries, from when on a count is doubted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from decimal import Decimal, InvalidOperation
from typing import Any

import orjson
from sqlalchemy import Connection, text

from qafila.core.fault import Fault
from qafila.core.values import value
from qafila.storage import scanning, storage_messages, store

CUT_OFF, WAVELESS, BY_HAND = "cut-off", "waveless", "by-hand"


@value
class Rules:
    """What a warehouse does by itself.

    Attributes:
        release: `cut-off` (a wave as soon as a departure's cut-off comes near), `waveless` (orders go to the floor as
            they come, together as soon as they fill a cart, or their cut-off comes near) or `by-hand`.
        lead_minutes: how long before its cut-off an order is released: what picking and packing take.
        compartments, litres: what a cart carries.
        count_limit_pieces, count_limit_value: a difference above either needs a second count by another person.
    """

    release: str = CUT_OFF
    lead_minutes: int = 60
    compartments: int = 12
    litres: int = 240
    count_limit_pieces: int = 5
    count_limit_value: Decimal = Decimal(200)


_RANGES: dict[str, tuple[int, int]] = {
    "lead_minutes": (0, 2880),
    "compartments": (1, 200),
    "litres": (1, 10_000),
    "count_limit_pieces": (0, 1_000_000),
    "count_limit_value": (0, 1_000_000_000),
}


def read(told: Mapping[str, Any], known: Rules | None = None) -> Rules:
    """Rules as they are told; what is not named stays as it is known. Raises Fault, naming the rule and its value."""
    found = known or Rules()
    names = {f.name for f in fields(Rules)}
    for name, given in told.items():
        if name not in names:
            raise Fault(
                storage_messages.NO_RULE(rule=name[:40], known=", ".join(sorted(names))), field=name[:40]
            )
        if name == "release":
            if given not in (CUT_OFF, WAVELESS, BY_HAND):
                raise _fault(name, given, f"{CUT_OFF}, {WAVELESS}, {BY_HAND}")
            found = replace(found, release=given)
            continue
        least, most = _RANGES[name]
        try:
            number = Decimal(str(given))
            whole = name != "count_limit_value"
            if isinstance(given, bool) or not least <= number <= most or (whole and number != int(number)):
                raise ValueError
        except (InvalidOperation, ValueError, OverflowError):
            raise _fault(name, given, f"{least:,} – {most:,}") from None
        changed: dict[str, Any] = {name: int(number) if whole else number}
        found = replace(found, **changed)
    return found


def of(connection: Connection, facility: str) -> Rules:
    """The rules of a warehouse; the usual ones where it has none of its own."""
    known = store.warehouse(connection, facility)
    return Rules() if known is None else read(known.rules)


def put(connection: Connection, facility: str, told: Mapping[str, Any]) -> Rules:
    """Changes some rules of a warehouse. Raises Unknown where it has no layout, Fault for what is no rule."""
    known = store.warehouse(connection, facility)
    if known is None:
        raise scanning.Unknown(
            storage_messages.NO_WAREHOUSE(facility=facility),
            storage_messages.SET_UP(),
            field="facility",
            value=facility,
        )
    found = read(told, read(known.rules))
    connection.execute(
        text("UPDATE warehouses SET rules = CAST(:r AS jsonb) WHERE facility = :f"),
        {
            "f": facility,
            "r": orjson.dumps({f.name: getattr(found, f.name) for f in fields(Rules)}, default=str).decode(),
        },
    )
    return found


def _fault(name: str, given: object, allowed: str) -> Fault:
    return Fault(
        storage_messages.BAD_RULE(rule=name, value=str(given)[:40], allowed=allowed),
        field=name,
        value=str(given)[:40],
    )
