"""Room of places as an operator sets it: how much a place takes a day, and its compartments. What was typed becomes values here."""

from __future__ import annotations

import re

from sqlalchemy import Connection, text

from qafila.core.fault import Fault, NotFound
from qafila.core.figures import NotAFigure, number
from qafila.core.message import Template
from qafila.delivery import delivery_messages as m
from qafila.delivery.delivery_points import Compartment

MOST_AT_ONCE = 200
LARGEST_MM = 5000
_NAME = re.compile(r"[\w.-]{1,20}")


def places(connection: Connection) -> list[str]:
    """Every facility that has a fleet, compartments or a limit."""
    rows = connection.execute(
        text(
            "SELECT facility FROM fleet UNION SELECT facility FROM compartments UNION SELECT facility FROM place_limits ORDER BY 1"
        )
    )
    return list(rows.scalars())


def whole(written: str, field: str, least: int, most: int, words: Template) -> int:
    """A whole number as it was typed, in any country's digits. Raises Fault, with the value, where it is none or out of bounds."""
    try:
        found = number(written)
    except NotAFigure:
        found = None
    if found is None or found != int(found) or not least <= found <= most:
        raise Fault(words(value=written[:20], most=most), field=field, value=written[:20])
    return int(found)


def per_day(written: str, field: str) -> int | None:
    """A limit as it was typed; empty: none. Raises Fault."""
    return whole(written, field, 0, 100_000, m.ROOM_PER_DAY) if written.strip() else None


def compartments(
    facility: str, name: str, count: str, sides: tuple[str, str, str], adapter: str
) -> list[Compartment]:
    """Compartments of one size as they were typed: one of this name, or several with numbers behind it.

    Raises Fault where the name, a side or the count cannot be.
    """
    plain = name.strip()
    if not _NAME.fullmatch(plain):
        raise Fault(m.ROOM_NAME(value=plain[:30]), field="name", value=plain[:30])
    length, width, height = (
        whole(side, field, 1, LARGEST_MM, m.ROOM_SIDE)
        for side, field in zip(sides, ("length", "width", "height"), strict=True)
    )
    many = whole(count, "count", 1, MOST_AT_ONCE, m.ROOM_COUNT) if count.strip() else 1
    names = [plain] if many == 1 else [f"{plain}{n}" for n in range(1, many + 1)]
    return [
        Compartment(facility, each, (length, width, height), adapter.strip() or "counter") for each in names
    ]


def out_of_order(connection: Connection, facility: str, compartment: str, broken: bool) -> None:
    """A compartment takes nothing more, or takes parcels again; what lies in it stays until it is fetched. Raises NotFound."""
    done = connection.execute(
        text("UPDATE compartments SET broken = :b WHERE facility = :f AND compartment = :c"),
        {"b": broken, "f": facility, "c": compartment},
    ).rowcount
    if not done:
        raise NotFound(m.NO_COMPARTMENT(value=compartment[:30]), field="compartment", value=compartment[:30])
