"""A plan's reservations on departures: put in place of the former plan's, at once, and given back.

One plan is in place at a time. What it reserves on a departure is held for a service class: bookings of that
class draw from it first (capacity.py), others only see the rest. Nothing here can oversell: what does not fit
beside what is booked is not reserved, and said.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import orjson
import polars as pl
from sqlalchemy import Connection, text

from qafila.openness import openness_recording
from qafila.openness.model import Decision
from qafila.planning import planning_messages as planning
from qafila.planning.reopening import NotAPlan
from qafila.shipping.bookings.capacity import KEY, OPEN, Departure

_LOCK = 4_040_001  # of the advisory lock: one plan is put in place at a time


@dataclass(frozen=True, slots=True)
class Reservation:
    """What a plan needs of one departure for one service class."""

    departure: Departure
    departs_at: datetime
    service_class: str
    grams: int
    cm3: int
    total_g: int  # of the departure, as the plan knew it
    total_cm3: int


@dataclass(frozen=True, slots=True)
class InPlace:
    """The plan whose reservations hold."""

    plan: str
    placed_at: datetime


@dataclass(frozen=True, slots=True)
class Placed:
    """What became of the reservations that a plan asked for."""

    departures: int
    grams: int
    cm3: int
    short_g: int  # asked for, and no longer free
    short_cm3: int


RESERVATIONS = "shipping.reservations"


def of_plan(folder: Path, after: datetime) -> list[Reservation]:
    """What a plan's folder needs of departures that leave after an instant. Raises NotAPlan."""
    try:
        epoch = datetime.fromisoformat(
            str(orjson.loads((folder / "plan.json").read_bytes())["epoch"])
        ).astimezone(UTC)
        tables = {
            name: pl.read_parquet(folder / f"{name}.parquet")
            for name in ("legs", "paths", "commodities", "rides", "segments")
        }
    except (OSError, ValueError, KeyError, pl.exceptions.PolarsError) as error:
        raise NotAPlan(
            planning.NOT_A_PLAN_BECAUSE(folder=str(folder), why=str(error).splitlines()[0])
        ) from None
    minute = (after - epoch).total_seconds() / 60
    needed = (
        tables["legs"]
        .join(tables["paths"].select("path", "commodity"), on="path")
        .join(tables["commodities"].select("commodity", "service_class", "grams", "cm3"), on="commodity")
        .join(tables["rides"].select("ride", "first_segment", "segment_count"), on="ride")
        .with_columns(
            pl.int_ranges("first_segment", pl.col("first_segment") + pl.col("segment_count"))
            .cast(pl.List(pl.Int32))
            .alias("segment")
        )
        .explode("segment")
        .group_by("segment", "service_class")
        .agg(
            (pl.col("parcels") * pl.col("grams")).sum().ceil().cast(pl.Int64).alias("g"),
            (pl.col("parcels") * pl.col("cm3")).sum().ceil().cast(pl.Int64).alias("v"),
        )
        .join(tables["segments"], on="segment")
        .filter(pl.col("depart") > minute)
        .sort("service", "day", "call", "service_class")
    )
    return [
        Reservation(
            (r["service"], r["day"], r["call"]),
            epoch + timedelta(minutes=r["depart"]),
            r["service_class"],
            r["g"],
            r["v"],
            r["capacity_g"],
            r["capacity_cm3"],
        )
        for r in needed.iter_rows(named=True)
    ]


# of the former plan and of the new one, in the order in which bookings lock
_HOLD = text(
    f"""
    SELECT service_id, service_day, call, total_g - taken_g - held_g, total_cm3 - taken_cm3 - held_cm3 FROM capacity
    WHERE reserved_g > 0 OR reserved_cm3 > 0 OR (service_id, service_day, call) IN (
        SELECT service_id, service_day, call FROM json_to_recordset(CAST(:rows AS json)) AS k ({KEY})
        UNION SELECT service_id, service_day, call FROM reservations)
    ORDER BY service_id, service_day, call
    FOR NO KEY UPDATE
    """
)
_EMPTY = text(
    """
    WITH gone AS (DELETE FROM reservations WHERE departs_at < :before RETURNING *),
    free AS (
        SELECT service_id, service_day, call, sum(reserved_g - drawn_g) AS grams, sum(reserved_cm3 - drawn_cm3) AS cm3
        FROM gone GROUP BY 1, 2, 3
    )
    UPDATE capacity c SET reserved_g = reserved_g - free.grams, reserved_cm3 = reserved_cm3 - free.cm3 FROM free
    WHERE (c.service_id, c.service_day, c.call) = (free.service_id, free.service_day, free.call)
    """
)
_RESERVE = text(
    f"""
    WITH k AS (
        SELECT * FROM json_to_recordset(CAST(:rows AS json))
        AS k ({KEY}, service_class text, departs_at timestamptz, grams bigint, cm3 bigint)
    ),
    made AS (
        INSERT INTO reservations
            (service_id, service_day, call, service_class, departs_at, reserved_g, reserved_cm3)
        SELECT service_id, service_day, call, service_class, departs_at, grams, cm3 FROM k
    ),
    whole AS (SELECT service_id, service_day, call, sum(grams) AS grams, sum(cm3) AS cm3 FROM k GROUP BY 1, 2, 3)
    UPDATE capacity c SET reserved_g = whole.grams, reserved_cm3 = whole.cm3 FROM whole
    WHERE (c.service_id, c.service_day, c.call) = (whole.service_id, whole.service_day, whole.call)
    """
)


def put_in_place(
    connection: Connection,
    plan: str,
    wanted: Sequence[Reservation],
    now: datetime,
    absorbed: Collection[tuple[str, str]] | None = None,
    returned: Collection[tuple[str, str]] = (),
) -> Placed:
    """Replaces the reservations of the former plan by those wanted, all in one transaction.

    `absorbed` are the bookings (merchant, booking) whose load is subtracted from the plan's capacities, by
    default all that stand; `returned` are cancelled ones whose load no longer is. Bookings of the departures
    concerned wait until the transaction ends. Runs as the operator.
    """
    connection.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": _LOCK})
    _mark(connection, plan, absorbed, returned)  # before any departure: who cancels locks in this order too
    ordered = sorted(wanted, key=lambda r: (r.departure, r.service_class))
    keys = {
        r.departure: {
            "service_id": r.departure[0],
            "service_day": r.departure[1],
            "call": r.departure[2],
            "total_g": r.total_g,
            "total_cm3": r.total_cm3,
        }
        for r in ordered
    }
    rows = orjson.dumps(list(keys.values())).decode()
    connection.execute(OPEN, {"rows": rows})
    free = {(s, d, c): [g, v] for s, d, c, g, v in connection.execute(_HOLD, {"rows": rows})}
    connection.execute(_EMPTY, {"before": datetime.max.replace(tzinfo=UTC)})
    fitted, placed = _fit(ordered, free)
    if fitted:
        connection.execute(_RESERVE, {"rows": orjson.dumps(fitted).decode()})
    connection.execute(
        text(
            "INSERT INTO plan_in_place (plan, placed_at) VALUES (:plan, :now) "
            "ON CONFLICT (one) DO UPDATE SET plan = excluded.plan, placed_at = excluded.placed_at"
        ),
        {"plan": plan, "now": now},
    )
    _tell(connection, plan, fitted, placed, now)
    return placed


def _tell(
    connection: Connection, plan: str, fitted: Sequence[Mapping[str, object]], placed: Placed, now: datetime
) -> None:
    """Tells the log what a plan holds for which class on which departure: who may have room is a decision, too."""
    rows = [
        [f"{r['service_id']}/{r['service_day']}/{r['call']}", r["service_class"], r["grams"], r["cm3"]]
        for r in fitted
    ]
    said = {
        "act": "placed",
        "departures": placed.departures,
        "grams": placed.grams,
        "cm3": placed.cm3,
        "short_g": placed.short_g,
        "short_cm3": placed.short_cm3,
    }
    hidden = {"plan": plan, "reserved": orjson.dumps(rows)}
    openness_recording.record(connection, [Decision(RESERVATIONS, plan, now, said, hidden)])


def _fit(
    wanted: Sequence[Reservation], free: dict[Departure, list[int]]
) -> tuple[list[dict[str, object]], Placed]:
    """What of each is free; where classes together ask for more, each gets the same share of what it asked."""
    by_departure: dict[Departure, list[Reservation]] = {}
    for r in wanted:
        by_departure.setdefault(r.departure, []).append(r)
    rows: list[dict[str, object]] = []
    got, asked = np.zeros(2, np.int64), np.zeros(2, np.int64)
    for departure, some in by_departure.items():
        need = np.array([(r.grams, r.cm3) for r in some], np.int64)
        whole, left = need.sum(axis=0), np.array(free[departure], np.int64).clip(min=0)
        # whole numbers all through: a float's rounding must not promise a gram that is not there
        given = [
            tuple(
                int(n) * min(int(f), int(w)) // int(w) if w else 0
                for n, w, f in zip(row, whole, left, strict=True)
            )
            for row in need
        ]
        asked += whole
        got += np.array(given, np.int64).sum(axis=0)
        rows += [
            {
                "service_id": departure[0],
                "service_day": departure[1],
                "call": departure[2],
                "service_class": r.service_class,
                "departs_at": r.departs_at,
                "grams": g,
                "cm3": v,
            }
            for r, (g, v) in zip(some, given, strict=True)
            if g or v
        ]
    short = asked - got
    return rows, Placed(len(by_departure), int(got[0]), int(got[1]), int(short[0]), int(short[1]))


def _mark(
    connection: Connection,
    plan: str,
    absorbed: Collection[tuple[str, str]] | None,
    returned: Collection[tuple[str, str]],
) -> None:
    if absorbed is None:
        connection.execute(
            text("UPDATE bookings SET seen_by = :plan WHERE cancelled_at IS NULL AND seen_by IS NULL"),
            {"plan": plan},
        )
        connection.execute(
            text("UPDATE bookings SET seen_by = NULL WHERE cancelled_at IS NOT NULL AND seen_by IS NOT NULL")
        )
        return
    for some, seen_by in ((absorbed, plan), (returned, None)):
        if some:
            connection.execute(
                text(
                    "UPDATE bookings SET seen_by = :plan WHERE (merchant_id, booking_id) IN "
                    "(SELECT unnest(CAST(:m AS text[])), unnest(CAST(:b AS text[])))"
                ),
                {"plan": seen_by, "m": [m for m, _ in some], "b": [b for _, b in some]},
            )


def release(connection: Connection, departing_before: datetime | None = None) -> int:
    """Gives reservations back to everybody: those departing before an instant, or all, and then no plan is in
    place. Returns how many. Runs as the operator."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": _LOCK})
    before = departing_before or datetime.max.replace(tzinfo=UTC)
    connection.execute(_HOLD, {"rows": "[]"})
    count = connection.execute(
        text("SELECT count(*) FROM reservations WHERE departs_at < :b"), {"b": before}
    ).scalar_one()
    connection.execute(_EMPTY, {"before": before})
    plan = in_place(connection)
    if departing_before is None:
        connection.execute(text("DELETE FROM plan_in_place"))
    if count:
        now = connection.execute(text("SELECT now()")).scalar_one()
        said = {
            "act": "released",
            "reservations": int(count),
            "before": None if departing_before is None else before.isoformat(),
        }
        hidden = {"plan": plan.plan if plan else ""}
        openness_recording.record(
            connection, [Decision(RESERVATIONS, plan.plan if plan else "none", now, said, hidden)]
        )
    return int(count)


def in_place(connection: Connection) -> InPlace | None:
    """The plan whose reservations hold. Runs as the operator."""
    row = connection.execute(text("SELECT plan, placed_at FROM plan_in_place")).one_or_none()
    return None if row is None else InPlace(row.plan, row.placed_at)
