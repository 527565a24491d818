"""Takes in what a merchant brought from another installation. It may come again, newer: what is known is not doubled."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from qafila.core.fault import Conflict, Fault
from qafila.openness import openness_messages as m
from qafila.openness import openness_recording
from qafila.openness.portability.portability_leaving import FORMAT
from qafila.openness.portability.portability_tables import Table, travelling
from qafila.openness.privacy.sealing_old import seal_old
from qafila.openness.verifier import Broken, Key, read_note, verified


class NotWhole(Fault):
    """The folder is not what its manifest says."""


@dataclass(slots=True)
class Arrived:
    """What came of it.

    Attributes:
        tenant: the merchant's id, the same as before.
        name: its name.
        origin: the name of the log of the installation that it comes from.
        rows: rows that are new here, by table.
        aside: rows for which there is no place here, such as stock in a warehouse that is not; they are kept and
            leave again with the merchant.
        receipts: receipts that came along.
        records: rows that came along as records of the installations that wrote them.
    """

    tenant: str
    name: str
    origin: str = ""
    rows: dict[str, int] = field(default_factory=dict)
    aside: dict[str, int] = field(default_factory=dict)
    receipts: int = 0
    records: int = 0


def checked(folder: Path, keys: Sequence[Key] = ()) -> dict[str, Any]:
    """The manifest of a folder in which every file is as it says.

    Args:
        folder: what `leaving` wrote.
        keys: if given, one of them must have signed the manifest: those of the log that the merchant comes from.

    Raises:
        NotWhole: naming the file that is missing, changed, or not in the manifest.
    """
    try:
        written = (folder / "manifest.json").read_bytes()
        manifest: dict[str, Any] = json.loads(written)
        listed = {one["path"]: one["sha256"] for one in manifest["files"]}
        id, _ = manifest["merchant"]["id"], manifest["merchant"]["name"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise NotWhole(m.NO_MANIFEST(folder=str(folder), why=str(error)), m.LEAVE_AGAIN()) from None
    if manifest.get("format") != FORMAT or not isinstance(id, str) or not id:
        raise NotWhole(m.OTHER_FORMAT(format=str(manifest.get("format"))), m.LEAVE_AGAIN())
    there = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} - {
        "manifest.json",
        "manifest.note",
    }
    for name in sorted(there ^ listed.keys()):
        told = m.FILE_MISSING if name in listed else m.FILE_NOT_LISTED
        raise NotWhole(told(file=name), m.LEAVE_AGAIN(), field=name)
    for name, stated in listed.items():
        if hashlib.sha256((folder / name).read_bytes()).hexdigest() != stated:
            raise NotWhole(m.FILE_CHANGED(file=name), m.LEAVE_AGAIN(), field=name)
    if keys:
        _signed(folder, written, keys)
    return manifest


def _signed(folder: Path, written: bytes, keys: Sequence[Key]) -> None:
    try:
        note = read_note((folder / "manifest.note").read_bytes())
        if not verified(note, keys) or f"sha256 {hashlib.sha256(written).hexdigest()}\n" not in note.text:
            raise Broken("no key that was given has signed this manifest")
    except (OSError, Broken) as error:
        raise NotWhole(m.NOT_SIGNED(why=str(error)), m.LEAVE_AGAIN(), field="manifest.note") from None


def arrive(connection: Connection, folder: Path, keys: Sequence[Key] = ()) -> Arrived:
    """Takes a merchant in, whole or not at all.

    Args:
        connection: as the owner of the tables; its transaction is the caller's.
        folder: what `leaving` wrote at the other installation.
        keys: see `checked`.

    Raises:
        NotWhole: the folder is not what its manifest says.
        Conflict: a number that the merchant brings is somebody else's here.
    """
    manifest = checked(folder, keys)
    done = Arrived(manifest["merchant"]["id"], manifest["merchant"]["name"], str(manifest["log"]["origin"]))
    connection.execute(
        text(
            "INSERT INTO tenants (tenant_id, name, kind) VALUES (:id, :name, 'merchant') ON CONFLICT DO NOTHING"
        ),
        {"id": done.tenant, "name": done.name},
    )
    tables = {table.name: table for table in travelling(connection)}
    names = [Path(one["path"]).stem for one in manifest["files"] if one["path"].startswith("tables/")]
    pending = [*(one for one in tables if one in names), *(one for one in names if one not in tables)]
    while pending:  # what refers to rows by a rule and not by a key comes in the next round
        late = [name for name in pending if not _take_in(connection, tables.get(name), name, folder, done)]
        if late == pending:
            for name in late:
                _put_aside(connection, name, folder, done)
            break
        pending = late
    _records(connection, folder, manifest, done)
    _receipts(connection, folder, manifest, done)
    _pass_numbers(connection)
    seal_old(connection, _parcels(connection, done.tenant), at_most=_ALL)
    return done


_ALL = 1 << 40


def _parcels(connection: Connection, tenant: str) -> list[str]:
    return list(
        connection.execute(text("SELECT number FROM parcels WHERE merchant_id = :t"), {"t": tenant}).scalars()
    )


def _take_in(connection: Connection, table: Table | None, name: str, folder: Path, done: Arrived) -> bool:
    """Whether the rows of a table have found their place; False where what they refer to is not here, or not yet."""
    if not _stage(connection, table, name, folder, done):
        return True
    if table is None:
        return False
    if table.key and table.owner not in table.key:
        same = (
            " AND ".join(f't."{one}" = r."{one}"' for one in table.key if one not in table.counted) or "false"
        )
        others = connection.execute(
            text(
                f"SELECT {_said(table)} FROM arriving a, json_populate_record(NULL::{table.name}, a.line) r "
                f'JOIN {table.name} t ON {same} WHERE t."{table.owner}" <> r."{table.owner}" LIMIT 1'
            )
        ).scalar()
        if others is not None and not set(table.key) & set(table.counted):
            raise Conflict(m.TAKEN_HERE(table=name, why=str(others)), field=name)
    try:
        with connection.begin_nested():
            if name == "bookings":
                _booked_elsewhere(connection, done)
            done.rows[name] = connection.execute(text(_insert(table))).rowcount
    except IntegrityError as error:
        if isinstance(error.orig, psycopg.errors.ForeignKeyViolation):
            return False
        if isinstance(error.orig, psycopg.errors.UniqueViolation):
            raise Conflict(
                m.TAKEN_HERE(table=name, why=str(error.orig).splitlines()[-1]), field=name
            ) from None
        raise
    return True


def _booked_elsewhere(connection: Connection, done: Arrived) -> None:
    """Notes which bookings were made at another installation: it carries them, and invoices them."""
    connection.execute(
        text(
            "INSERT INTO brought_bookings (tenant_id, booking_id, installation) "
            "SELECT :t, a.line->>'booking_id', :i FROM arriving a WHERE NOT EXISTS "
            "(SELECT FROM bookings b WHERE (b.merchant_id, b.booking_id) = (:t, a.line->>'booking_id')) ON CONFLICT DO NOTHING"
        ),
        {"t": done.tenant, "i": done.origin},
    )


def _said(table: Table) -> str:
    """The key of a row as text."""
    return " || ' ' || ".join(f't."{one}"::text' for one in table.key)


def _stage(connection: Connection, table: Table | None, name: str, folder: Path, done: Arrived) -> int:
    """Brings the rows of a file into a passing table; returns how many. Raises NotWhole for rows of others."""
    lines = (folder / "tables" / f"{name}.jsonl").read_bytes().splitlines()
    owners = {
        row.get(table.owner if table else "merchant_id", row.get("tenant_id"))
        for row in map(json.loads, lines)
    }
    if owners - {done.tenant}:
        raise NotWhole(m.ROWS_OF_OTHERS(file=f"tables/{name}.jsonl"), m.LEAVE_AGAIN(), field=name)
    connection.execute(text("CREATE TEMP TABLE IF NOT EXISTS arriving (n bigint, line json) ON COMMIT DROP"))
    connection.execute(text("TRUNCATE arriving"))
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    with driver.cursor() as cursor, cursor.copy("COPY arriving (n, line) FROM STDIN") as copy:
        for n, line in enumerate(lines):
            copy.write_row((n, line.decode()))
    return len(lines)


def _put_aside(connection: Connection, name: str, folder: Path, done: Arrived) -> None:
    _stage(connection, None, name, folder, done)
    done.aside[name] = connection.execute(
        text(
            "INSERT INTO brought_rows (tenant_id, table_name, row) SELECT :owner, :name, line::text FROM arriving "
            "ON CONFLICT DO NOTHING"
        ),
        {"owner": done.tenant, "name": name},
    ).rowcount


def _insert(table: Table) -> str:
    """Adds rows in their order; those that are known are brought up to date, or left where rows never change."""
    own = [name for name in table.columns if name not in table.counted]
    columns = ", ".join(f'"{name}"' for name in own)
    values = ", ".join(f'r."{name}"' for name in own)
    source = f"FROM arriving a, json_populate_record(NULL::{table.name}, a.line) r"
    if not table.key or set(table.key) & set(table.counted):  # numbered here: known by all that they say
        bare = "".join(f" - '{name}'" for name in table.counted)
        known = f'SELECT FROM {table.name} t WHERE t."{table.owner}" = r."{table.owner}" AND to_jsonb(t){bare} = to_jsonb(r){bare}'
        return f"INSERT INTO {table.name} ({columns}) SELECT {values} {source} WHERE NOT EXISTS ({known}) ORDER BY a.n"
    key = ", ".join(f'"{name}"' for name in table.key)
    change = [name for name in own if name not in table.key]
    said = f"INSERT INTO {table.name} ({columns}) SELECT {values} {source} ORDER BY a.n ON CONFLICT ({key}) "
    if table.fixed or not change:
        return said + "DO NOTHING"
    sets = ", ".join(f'"{name}" = excluded."{name}"' for name in change)
    return said + f'DO UPDATE SET {sets} WHERE {table.name}."{table.owner}" = excluded."{table.owner}"'


def _records(connection: Connection, folder: Path, manifest: Mapping[str, Any], done: Arrived) -> None:
    """Keeps what other installations wrote of the merchant; the newest folder has all of it."""
    own = own_name()
    for one in manifest["files"]:
        if not one["path"].startswith("records/"):
            continue
        name = one["path"].removesuffix(".jsonl")
        lines = (folder / one["path"]).read_bytes().splitlines()
        owner = recorded_owner(Path(name).name, lines)
        if owner - {done.tenant}:
            raise NotWhole(m.ROWS_OF_OTHERS(file=one["path"]), m.LEAVE_AGAIN(), field=one["path"])
        kept = [line.decode() for line in lines if json.loads(line)["installation"] != own]
        connection.execute(
            text("DELETE FROM brought_rows WHERE tenant_id = :t AND table_name = :n"),
            {"t": done.tenant, "n": name},
        )
        if kept:
            connection.execute(
                text(
                    "INSERT INTO brought_rows (tenant_id, table_name, row) SELECT :t, :n, unnest(CAST(:r AS text[])) ON CONFLICT DO NOTHING"
                ),
                {"t": done.tenant, "n": name, "r": kept},
            )
        done.records += len(kept)


def own_name() -> str:
    """The name of this installation's log: its own records are its rows."""
    return openness_recording.keys().signer.name


def recorded_owner(table: str, lines: Sequence[bytes]) -> set[str]:
    """Whose the rows of a file of records are. Raises NotWhole where it is none."""
    try:
        rows = [json.loads(line)["row"] for line in lines]
        found = {
            str(next(row[name] for name in ("merchant_id", "tenant_id", "tenant", "holder") if name in row))
            for row in rows
        }
    except (ValueError, KeyError, TypeError, StopIteration):
        raise NotWhole(m.FILE_CHANGED(file=f"records/{table}.jsonl"), m.LEAVE_AGAIN(), field=table) from None
    return found


def _receipts(connection: Connection, folder: Path, manifest: Mapping[str, Any], done: Arrived) -> None:
    for one in manifest["files"]:
        name = Path(one["path"]).name
        if not one["path"].startswith("receipts/") or name.endswith(".openings.json"):
            continue
        opener = folder / "receipts" / (name.removesuffix(".tlog-proof") + ".openings.json")
        done.receipts += 1
        connection.execute(
            text(
                "INSERT INTO brought_receipts (tenant_id, name, receipt, openings) VALUES (:t, :n, :r, :o) "
                "ON CONFLICT (tenant_id, name) DO UPDATE SET receipt = excluded.receipt, openings = excluded.openings"
            ),
            {
                "t": done.tenant,
                "n": name,
                "r": (folder / one["path"]).read_text(encoding="utf-8"),
                "o": opener.read_text(encoding="utf-8") if opener.exists() else "",
            },
        )


def _pass_numbers(connection: Connection) -> None:
    """Lets the parcel numbers of this installation go on after those that came along."""
    connection.execute(
        text(
            """
            SELECT setval('parcel_positions', greatest((SELECT last_value FROM parcel_positions), max(position)))
            FROM (
                SELECT r.starts_at + substr(p.number, 3, 8)::bigint - r.first_serial AS position
                FROM parcels p JOIN number_ranges r ON r.service = substr(p.number, 1, 2)
                    AND r.country = substr(p.number, 12, 2)
                    AND substr(p.number, 3, 8)::bigint BETWEEN r.first_serial AND r.first_serial + r.count - 1
            ) known HAVING max(position) IS NOT NULL
            """
        )
    )
