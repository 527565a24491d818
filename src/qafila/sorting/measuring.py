"""What machines weigh and measure: kept beside what was booked, with its proof; and what carriage costs more by it.

A price changes only where the published terms say so, both when the parcel was booked and when it was measured, and only by
a machine that gives its certificate and a picture. The term is `rates.measured_weight`: a share in per cent by which the
weight charged may be more than was booked. Beyond it carriage is charged by what was measured, at the booked price a
kilogram, once for each parcel. What turns out lighter is not paid back: the booking was of room.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import orjson
from sqlalchemy import Connection, text

from qafila.core.fault import Fault, NotFound
from qafila.core.identifiers import s10
from qafila.core.money import Money
from qafila.ledger import charging
from qafila.openness import openness_terms
from qafila.openness import store as openness
from qafila.runtime.database import Role, acting_as
from qafila.runtime.events import store as histories
from qafila.shipping.bookings import records
from qafila.sorting import sorting_happenings as what
from qafila.sorting import sorting_messages
from qafila.sorting.misreads import plain
from qafila.sorting.model import By
from qafila.sorting.parcel_acts import parcel_event

TOPIC, TERM = "rates", "measured_weight"


@dataclass(frozen=True, slots=True)
class Measured:
    """What a machine said of a parcel: grams, three sides in mm, when, where, and its proof.

    Attributes:
        key: the act's own: the same key is the same measure.
        proof: `machine`, `certificate` of its calibration, `picture_sha256`.
    """

    facility: str
    number: str
    grams: int
    size_mm: tuple[int, int, int]
    at: datetime
    key: str
    proof: Mapping[str, str]

    @property
    def proven(self) -> bool:
        """Whether it can change a price."""
        return bool(self.proof.get("certificate") and self.proof.get("picture_sha256"))


def chargeable_grams(grams: int, size_mm: tuple[int, int, int], kg_per_m3: int) -> int:
    """Grams that are charged: the weight, or the volume at so many kg a cubic metre, whichever is more."""
    a, b, c = size_mm
    return max(grams, int(-(-Decimal(a * b * c) * kg_per_m3 // Decimal(1_000_000))))


def tolerance(of: openness_terms.Terms) -> Decimal | None:
    """The share in per cent that the terms allow; None where they say nothing of it, or nothing that is a share."""
    try:
        share = Decimal(of.value(TOPIC, TERM))
    except (KeyError, InvalidOperation):
        return None
    return share if share.is_finite() and 0 <= share < 1000 else None


def supplement(freight: Money, booked_g: int, measured_g: int, share: Decimal) -> Money | None:
    """What carriage costs more; None where the weight charged keeps to what was booked, or to its share above it.

    Args:
        freight: what was paid for the parcel by its booked weight.
        booked_g, measured_g: grams charged by what was booked and by what was measured.
        share: in per cent.
    """
    extra = measured_g - booked_g
    if booked_g <= 0 or extra * 100 <= booked_g * share:
        return None
    more = (freight * (Decimal(extra) / booked_g)).rounded()
    return more if more.amount > 0 else None


def measure(told: Measured, by: By, kg_per_m3: int = 0) -> dict[str, Any]:
    """Keeps a measure, and charges what carriage costs more by it where the terms say so.

    Args:
        kg_per_m3: by how many kg a cubic metre is charged; 0: by weight alone.

    Returns:
        Booked and measured figures, the grams charged by each, whether they differ, and `charged`: the supplement, with
        the version of the terms by which it is.

    Raises NotFound, and Fault where no parcel is like that.
    """
    if not (0 < told.grams < 10_000_000 and all(0 < side <= 100_000 for side in told.size_mm)):
        raise Fault(
            sorting_messages.MEASURE_WRONG(grams=told.grams, size=" × ".join(map(str, told.size_mm))),
            field="grams",
            value=str(told.grams),
        )
    number = plain(told.number)
    if not s10.is_valid(number):
        raise _none(number)
    with acting_as(
        Role.OPERATOR
    ) as connection:  # the booked figures are the hub's to compare, whoever measures
        owner = connection.execute(
            text("SELECT merchant_id FROM parcels WHERE number = :n"), {"n": number}
        ).scalar_one_or_none()
        box = records.parcel(connection, number)
        if owner is None or box is None:
            raise _none(number)
        booked = (box.length_mm, box.width_mm, box.height_mm)
        weights = (
            chargeable_grams(box.grams, booked, kg_per_m3),
            chargeable_grams(told.grams, told.size_mm, kg_per_m3),
        )
        more = _more(connection, told, number, weights)
    document: dict[str, Any] = {
        "booked": {"grams": box.grams, "size_mm": sorted(booked), "charged_g": weights[0]},
        "measured": {"grams": told.grams, "size_mm": sorted(told.size_mm), "charged_g": weights[1]},
        "proof": {name: value for name, value in told.proof.items() if value},
    }
    document["differs"] = document["booked"] != document["measured"]
    with acting_as(Role(by.role), by.tenant) as connection:
        if (known := _known(connection, told)) is not None:
            return {"parcel": number, **known}
        if more is not None and charging.charge(
            connection, _pending(told, number, str(owner), weights, more)
        ):
            money, version = more[:2]
            document["charged"] = {"amount": str(money.amount), "currency": money.currency, "terms": version}
        done = connection.execute(
            text(
                "INSERT INTO sort_measures (merchant_id, parcel, facility, key, at, document) "
                "VALUES (:m, :p, :f, :k, :at, CAST(:d AS jsonb)) ON CONFLICT (facility, key) DO NOTHING"
            ),
            {
                "m": owner,
                "p": number,
                "f": told.facility,
                "k": told.key[:200],
                "at": told.at,
                "d": orjson.dumps(document).decode(),
            },
        ).rowcount
        if done:
            own = f"measure|{told.facility}|{told.key}"
            made = parcel_event(what.MEASURED, number, told.at, by, own, told.facility, document)
            histories.append(connection, str(owner), [made])
    return {"parcel": number, **document}


def _none(number: str) -> NotFound:
    return NotFound(
        sorting_messages.NO_PARCEL(number=number[:40]),
        sorting_messages.CHECK_NUMBER(),
        field="parcel",
        value=number[:40],
    )


def _known(connection: Connection, told: Measured) -> Any:
    """What the same act said before; two at once wait for each other here."""
    connection.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:k, 23))"), {"k": f"{told.facility}|{told.key}"}
    )
    return connection.execute(
        text("SELECT document FROM sort_measures WHERE facility = :f AND key = :k"),
        {"f": told.facility, "k": told.key[:200]},
    ).scalar_one_or_none()


def _more(
    connection: Connection, told: Measured, number: str, weights: tuple[int, int]
) -> tuple[Money, str, str, str] | None:
    """The supplement, the version of the terms, and the countries between which the parcel is carried."""
    record = records.record(connection, number)
    if record is None or not told.proven or record.entry.cancelled_at is not None:
        return None
    known = openness.published(connection)
    now = openness_terms.in_force(told.at, known)
    share = tolerance(now)
    if share is None or tolerance(openness_terms.in_force(record.entry.booked_at, known)) is None:
        return None
    boxes = records.of_shipment(
        connection, next(b.shipment_id for b in [records.parcel(connection, number)] if b)
    )
    all_grams = sum(b.grams for b in boxes) or 1
    own = next((b.grams for b in boxes if b.number == number), all_grams)
    money = supplement(record.entry.price * (Decimal(own) / all_grams), *weights, share)
    if money is None:
        return None
    return money, now.version, record.order.sender.country, record.entry.country


def _pending(
    told: Measured, number: str, owner: str, weights: tuple[int, int], more: tuple[Money, str, str, str]
) -> charging.Pending:
    money, _, start, end = more
    said = f"{weights[0]} g → {weights[1]} g, {told.proof['machine']}"
    return charging.Pending(
        f"measured:{number}",
        owner,
        "measured_freight",
        f"{number}/measured",
        said,
        money,
        start,
        end,
        told.at,
    )


def measures(connection: Connection, number: str) -> list[Any]:
    """What machines said of a parcel, the newest first."""
    return list(
        connection.execute(
            text(
                "SELECT facility, at, document FROM sort_measures WHERE parcel = :p ORDER BY at DESC, seq DESC"
            ),
            {"p": plain(number)},
        )
    )
