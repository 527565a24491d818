"""The tables of bags, pallets, ULDs and vehicles, and of the acts on them. SQL, and only its SQL."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zlib import crc32

import orjson
from sqlalchemy import Connection, text

from qafila.sorting.nesting import Act, Emptied, Log, Moved, Put

LOOK_BACK = timedelta(days=60)
"""How late an act may be and still change what was told of others."""
_DRAWERS = 64
"""Parcels of one drawer wait for each other: a lock for each of thousands would be too many for the database."""
_ORDER = "at, (tenant || '|' || key) COLLATE \"C\""
_MOVES = {"depart": "departed", "arrive": "arrived"}


def queue(connection: Connection, alone: bool, children: Iterable[str]) -> None:
    """Waits for its turn: an act that moves or nests many alone, others side by side unless they touch the same parcel."""
    kind = "pg_advisory_xact_lock" if alone else "pg_advisory_xact_lock_shared"
    connection.execute(text(f"SELECT {kind}(hashtextextended('sorting units', 17))"))
    drawers = sorted({crc32(child.encode()) % _DRAWERS for child in children})
    for drawer in drawers:
        connection.execute(text("SELECT pg_advisory_xact_lock(18, :d)"), {"d": drawer})


def unit(connection: Connection, id: str) -> Any:
    """The row of a unit; None."""
    return connection.execute(text("SELECT * FROM units WHERE unit = :u"), {"u": id}).one_or_none()


def kinds(connection: Connection, ids: Collection[str]) -> dict[str, str]:
    """The kind of each of these that is a unit."""
    rows = connection.execute(text("SELECT unit, kind FROM units WHERE unit = ANY(:u)"), {"u": list(ids)})
    return {row.unit: row.kind for row in rows}


def put_unit(connection: Connection, row: Mapping[str, Any]) -> None:
    """Adds a unit, or changes where it is bound for."""
    connection.execute(
        text(
            """
            INSERT INTO units (unit, kind, rank, made_at, facility, destination, chute, service, day, position)
            VALUES (:unit, :kind, :rank, :at, :facility, :destination, :chute, :service, :day, :position)
            ON CONFLICT (unit) DO UPDATE SET facility = EXCLUDED.facility, destination = EXCLUDED.destination,
                chute = EXCLUDED.chute, service = EXCLUDED.service, day = EXCLUDED.day, position = EXCLUDED.position
            """
        ),
        row,
    )


def put_position(connection: Connection, id: str, position: str) -> None:
    """Says where in the aircraft a ULD stands."""
    connection.execute(text("UPDATE units SET position = :p WHERE unit = :u"), {"u": id, "p": position})


def put_act(connection: Connection, row: Mapping[str, Any]) -> bool:
    """Adds an act; False where its key is known."""
    done = connection.execute(
        text(
            "INSERT INTO unit_acts (tenant, key, fingerprint, act, unit, child, facility, details, by, device, at) "
            "VALUES (:tenant, :key, :fingerprint, :act, :unit, :child, :facility, CAST(:details AS jsonb), :by, :device, "
            ":at) ON CONFLICT (tenant, key) DO NOTHING"
        ),
        {**row, "details": orjson.dumps(row["details"], default=str).decode()},
    ).rowcount
    return bool(done)


def put_acts(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Adds many acts that nobody else can have sent: those that follow from scans at the induction."""
    if rows:
        connection.execute(
            text(
                "INSERT INTO unit_acts (tenant, key, fingerprint, act, unit, child, facility, by, device, at) "
                "SELECT tenant, key, '', act, unit, child, facility, by, device, at "
                "FROM json_to_recordset(CAST(:r AS json)) AS r (tenant text, key text, act text, unit text, child text, "
                "facility text, by text, device text, at timestamptz) ON CONFLICT (tenant, key) DO NOTHING"
            ),
            {"r": orjson.dumps(list(rows)).decode()},
        )


def nested_once(connection: Connection, parcels: Collection[str]) -> set[str]:
    """Those of some parcels that were ever put into something."""
    return set(
        connection.execute(
            text("SELECT DISTINCT child FROM unit_acts WHERE child = ANY(:p) AND act = 'load'"),
            {"p": list(parcels)},
        ).scalars()
    )


def time_of(connection: Connection, tenant: str, key: str) -> datetime:
    """When an act that is known was done."""
    found: datetime = connection.execute(
        text("SELECT at FROM unit_acts WHERE tenant = :t AND key = :k"), {"t": tenant, "k": key}
    ).scalar_one()
    return found


def fingerprint(connection: Connection, tenant: str, key: str) -> bytes:
    """What an act that is known stands for."""
    return bytes(
        connection.execute(
            text("SELECT fingerprint FROM unit_acts WHERE tenant = :t AND key = :k"), {"t": tenant, "k": key}
        ).scalar_one()
    )


def acts(connection: Connection, id: str) -> list[Any]:
    """The acts on a unit itself, in order of their time."""
    return list(
        connection.execute(text(f"SELECT * FROM unit_acts WHERE unit = :u ORDER BY {_ORDER}"), {"u": id})
    )


def inside_ever(connection: Connection, id: str, since: datetime) -> set[str]:
    """Everything that was put into a unit after an instant, and what was put into that, through all layers."""
    return set(
        connection.execute(
            text(
                """
                WITH RECURSIVE inside (child) AS (
                    SELECT child FROM unit_acts WHERE unit = :u AND act = 'load' AND at > :since
                    UNION
                    SELECT a.child FROM unit_acts a JOIN inside i ON a.unit = i.child WHERE a.act = 'load' AND a.at > :far
                )
                SELECT child FROM inside
                """
            ),
            {"u": id, "since": since, "far": since - LOOK_BACK},
        ).scalars()
    )


def last_emptied(connection: Connection, id: str, before: datetime) -> datetime | None:
    """When a unit was emptied last before an instant."""
    return connection.execute(
        text("SELECT max(at) FROM unit_acts WHERE unit = :u AND act = 'empty' AND at < :b"),
        {"u": id, "b": before},
    ).scalar_one()


def log_of(connection: Connection, children: Iterable[str]) -> Log:
    """All acts that say where these lie and lay, and what happened to what held them."""
    found: list[Act] = []
    todo, seen = set(children), set()
    asked: set[str] = set()
    while todo:
        seen |= todo
        rows = connection.execute(
            text("SELECT * FROM unit_acts WHERE child = ANY(:c) AND act IN ('load', 'unload')"),
            {"c": list(todo)},
        ).all()
        found += [act_of(row) for row in rows]
        units = {row.unit for row in rows if row.act == "load"}
        fresh = units - asked  # a unit may be one of the children, too
        asked |= fresh
        rows = connection.execute(
            text("SELECT * FROM unit_acts WHERE unit = ANY(:u) AND act IN ('empty', 'depart', 'arrive')"),
            {"u": list(fresh)},
        ).all()
        found += [act_of(row) for row in rows]
        todo = units - seen
    return Log(found)


def key_of(act: str, tenant: str, key: str) -> str:
    """What orders acts of one instant: what is put in or taken out comes before a move, and that before an emptying."""
    return f"{1 if act in _MOVES else 2 if act == 'empty' else 0}|{tenant}|{key}"


def act_of(row: Any) -> Act:
    """A row as an act of nesting."""
    key = key_of(row.act, row.tenant, row.key)
    if row.act in ("load", "unload"):
        return Put(row.at, key, row.child, row.unit if row.act == "load" else "")
    if row.act == "empty":
        return Emptied(row.at, key, row.unit)
    return Moved(row.at, key, row.unit, _MOVES[row.act], row.facility)


def owners(connection: Connection, numbers: Collection[str]) -> dict[str, str]:
    """The merchant of each of these that is a parcel."""
    rows = connection.execute(
        text("SELECT number, merchant_id FROM parcels WHERE number = ANY(:n)"), {"n": list(numbers)}
    )
    return {row.number: row.merchant_id for row in rows}


def told(connection: Connection, parcels: Collection[str]) -> list[Any]:
    """What was told of units' acts in these parcels' histories."""
    return list(
        connection.execute(text("SELECT * FROM unit_told WHERE parcel = ANY(:p)"), {"p": list(parcels)})
    )


def put_told(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Notes what was told."""
    if rows:
        connection.execute(
            text(
                "INSERT INTO unit_told (parcel, merchant_id, event_id, act, step, reporter, tenant, device, told_at) "
                "SELECT * FROM json_to_recordset(CAST(:r AS json)) AS r (parcel text, merchant_id text, event_id uuid, "
                "act text, step text, reporter text, tenant text, device text, told_at timestamptz)"
            ),
            {"r": orjson.dumps(list(rows)).decode()},
        )


def take_back(connection: Connection, parcel: str, event_id: str) -> None:
    """Notes that what was told was taken back."""
    connection.execute(
        text("UPDATE unit_told SET taken_back = true WHERE parcel = :p AND event_id = :e"),
        {"p": parcel, "e": event_id},
    )


def contents(connection: Connection, id: str) -> list[str]:
    """What lies directly in a unit now."""
    rows = connection.execute(
        text(
            f"""
            SELECT child FROM (
                SELECT DISTINCT ON (a.child) a.child, a.act, a.unit, a.at
                FROM unit_acts a
                WHERE a.act IN ('load', 'unload')
                    AND a.child IN (SELECT child FROM unit_acts WHERE unit = :u AND act = 'load')
                ORDER BY a.child, {_ORDER.replace("at,", "a.at DESC,").replace("tenant", "a.tenant").replace("key)", "a.key)")} DESC
            ) AS last
            WHERE act = 'load' AND unit = :u AND NOT EXISTS (
                SELECT FROM unit_acts e WHERE e.unit = :u AND e.act = 'empty'
                    AND e.at >= last.at)
            ORDER BY child
            """
        ),
        {"u": id},
    )
    return list(rows.scalars())


def open_bags(connection: Connection, facility: str) -> dict[str, str]:
    """The bag that hangs open at each chute of a centre: the one that was opened last and not closed since."""
    rows = connection.execute(
        text(
            """
            SELECT DISTINCT ON (u.chute) u.chute, u.unit, last.act FROM units u
            JOIN LATERAL (SELECT act, at FROM unit_acts WHERE unit = u.unit AND act IN ('open', 'close', 'seal', 'empty')
                ORDER BY at DESC, seq DESC LIMIT 1) AS last ON true
            WHERE u.facility = :f AND u.chute <> '' AND last.act = 'open' ORDER BY u.chute, last.at DESC
            """
        ),
        {"f": facility},
    )
    return {row.chute: row.unit for row in rows}


def of_facility(connection: Connection, facility: str, limit: int = 200) -> list[Any]:
    """Units that were opened at a facility or are bound for it, the newest first."""
    return list(
        connection.execute(
            text(
                "SELECT * FROM units WHERE facility = :f OR destination = :f ORDER BY made_at DESC, unit LIMIT :n"
            ),
            {"f": facility, "n": limit},
        )
    )


def draw(connection: Connection, series: str) -> int:
    """The next number of a series, from 1: each is given once."""
    found: int = connection.execute(
        text(
            "INSERT INTO unit_numbers (series, last) VALUES (:s, 1) "
            "ON CONFLICT (series) DO UPDATE SET last = unit_numbers.last + 1 RETURNING last"
        ),
        {"s": series},
    ).scalar_one()
    return found
