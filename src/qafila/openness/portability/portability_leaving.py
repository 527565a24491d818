"""Everything of a merchant in one folder: a JSON line for each row, receipts, events as EPCIS, and a manifest with hashes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from qafila.context import Context
from qafila.openness import openness_receipts, openness_recording, store
from qafila.openness.portability.portability_tables import LEFT, RECORDS, Table, recorded, travelling
from qafila.runtime.database import Role, engine
from qafila.runtime.database.connection import become
from qafila.runtime.privacy.sealing import SEALED, opened

FORMAT = "qafila-merchant/1"

Extra = Callable[[Connection, Context], Iterator[bytes]]
"""What a floor adds beside its rows: a file of the context's tenant, in pieces."""

EXTRAS: dict[str, Extra] = {}
"""Files that floors add, by their names in the folder."""

Filling = Callable[[Connection, Context], Iterator[tuple[str, bytes]]]
"""What a floor adds as a folder of files: each file's name and content."""

FOLDERS: dict[str, Filling] = {}
"""Folders that floors add, by their names."""


@contextmanager
def transaction(merchant_id: str) -> Iterator[Connection]:
    """A transaction of the merchant's own that sees one state of the database throughout."""
    with engine().execution_options(isolation_level="REPEATABLE READ").begin() as connection:
        become(connection, Role.MERCHANT, merchant_id)
        yield connection


def leave(
    connection: Connection, context: Context, out: Path, tell: Callable[[str, int, int], None] | None = None
) -> dict[str, Any]:
    """Writes everything of the context's tenant to a folder; returns the manifest.

    Args:
        connection: of `transaction`: what moves meanwhile is either whole in it or not at all, and row-level security
            keeps others' rows out.
        context: the tenant, and the clock that dates the folder.
        out: an empty or new folder.
        tell: is told how far it is: what is written, tables done, tables.

    Raises:
        FileExistsError: there is something in the folder.
    """
    out.mkdir(parents=True, exist_ok=True)
    if any(out.iterdir()):
        raise FileExistsError(f"{out} is not empty; give a new folder")
    files: list[dict[str, Any]] = []
    ring = openness_recording.keys()
    tables = list(travelling(connection))
    for n, table in enumerate(tables):
        if tell is not None:
            tell("Writing rows", n, len(tables))
        if may_read(connection, table.name):
            files.append(_write(out, f"tables/{table.name}.jsonl", _rows(connection, table, context.tenant)))
    for table in recorded(connection):
        if may_read(connection, table.name):
            lines = _records(connection, table, context.tenant, ring.signer.name)
            files.append(_write(out, f"records/{table.name}.jsonl", lines))
    files += _receipts(connection, context, out)
    for name, extra in sorted(EXTRAS.items()):
        files.append(_write(out, name, extra(connection, context)))
    for name, filling in sorted(FOLDERS.items()):
        files += [_write(out, f"{name}/{file}", [content]) for file, content in filling(connection, context)]
    return {
        "format": FORMAT,
        "merchant": {"id": context.tenant, "name": ""},
        "at": context.now().isoformat(),
        "log": {"origin": ring.signer.name, "key": str(ring.first), "statements": list(ring.statements)},
        "files": files,
        "left": LEFT,
        "records": {name: why for name, (why, _) in RECORDS.items()},
    }


def finish(out: Path, manifest: dict[str, Any], name: str, keys: list[str]) -> None:
    """Writes the manifest with what only the hub knows, and signs its hash with the log's key.

    Args:
        out: the folder.
        manifest: of `leave`.
        name: the merchant's name.
        keys: names of its API keys; their secrets stay behind.
    """
    manifest["merchant"]["name"] = name
    manifest["keys"] = keys
    written = json.dumps(manifest, ensure_ascii=False, indent=1).encode()
    (out / "manifest.json").write_bytes(written)
    said = f"qafila merchant manifest v1\n{manifest['log']['origin']}\nsha256 {hashlib.sha256(written).hexdigest()}\n"
    (out / "manifest.note").write_bytes(openness_recording.keys().signer.note(said))


def may_read(connection: Connection, table: str) -> bool:
    """Whether the role of a transaction may read a table."""
    return bool(
        connection.execute(text("SELECT has_any_column_privilege(:t, 'SELECT')"), {"t": table}).scalar_one()
    )


def _rows(connection: Connection, table: Table, owner: str) -> Iterator[bytes]:
    """The rows as JSON, as PostgreSQL writes them: no number passes through a float."""
    for line in _lines(connection, table, table.columns, owner):
        yield _opened(connection, table, line).encode() + b"\n"
    for line in brought(connection, owner, table.name):
        yield line.encode() + b"\n"


def _records(connection: Connection, table: Table, owner: str, origin: str) -> Iterator[bytes]:
    """The rows as records of this installation, and those that the merchant brought from others."""
    columns = [name for name in table.columns if _may_read_column(connection, table.name, name)]
    begin = f'{{"installation":{json.dumps(origin)},"row":'
    for line in _lines(connection, table, columns, owner):
        yield f"{begin}{line}}}\n".encode()
    for line in brought(connection, owner, f"records/{table.name}"):
        yield line.encode() + b"\n"


def brought(connection: Connection, owner: str, name: str) -> list[str]:
    """What a merchant brought for a table for which there was no place, or as records of a table (`records/NAME`)."""
    rows = connection.execute(
        text("SELECT row FROM brought_rows WHERE tenant_id = :owner AND table_name = :t ORDER BY row"),
        {"owner": owner, "t": name},
    )
    return list(rows.scalars())


def _lines(connection: Connection, table: Table, names: Sequence[str], owner: str) -> Iterator[str]:
    columns = ", ".join(f't."{name}"' for name in names)
    order = ", ".join(f't."{name}"' for name in (*table.counted, *table.key)) or "1"
    for (line,) in connection.execution_options(yield_per=2000).execute(
        text(
            f"SELECT row_to_json(r)::text FROM (SELECT {columns} FROM {table.name} t "
            f'WHERE t."{table.owner}" = :owner ORDER BY {order}) r'
        ),
        {"owner": owner},
    ):
        yield line


def _may_read_column(connection: Connection, table: str, column: str) -> bool:
    said = text("SELECT has_column_privilege(:t, :c, 'SELECT')")
    return bool(connection.execute(said, {"t": table, "c": column}).scalar_one())


def _opened(connection: Connection, table: Table, line: str) -> str:
    """A row; of an event with what lies sealed in it opened, for the keys stay here."""
    if table.name != "events" or f'"{SEALED}"' not in line:
        return line
    row = json.loads(line)
    if isinstance(row["details"], dict):
        row["details"] = dict(opened(connection, row["details"]))
    return json.dumps(row, ensure_ascii=False)


def _receipts(connection: Connection, context: Context, out: Path) -> list[dict[str, Any]]:
    """A receipt and openings for each entry that is in the log; what waits has its promise instead."""
    files = []
    given = openness_receipts.receipts_of_all(connection)
    inside = {one.entry.entry_id for one in given}
    for one in given:
        name = f"receipts/{_plain(one.entry.kind)}-{one.entry.index}"
        files.append(_write(out, f"{name}.tlog-proof", [one.receipt]))
        files.append(_write(out, f"{name}.openings.json", [one.openings]))
    for entry in store.entries(connection):
        if entry.entry_id not in inside:
            files.append(
                _write(
                    out,
                    f"receipts/{_plain(entry.kind)}-n{entry.entry_id}.promise",
                    [openness_recording.promised(entry)],
                )
            )
    for row in connection.execute(text("SELECT name, receipt, openings FROM brought_receipts ORDER BY name")):
        files.append(_write(out, f"receipts/{row.name}", [row.receipt.encode()]))
        if row.openings:
            files.append(_write(out, f"receipts/{_opener(row.name)}", [row.openings.encode()]))
    return files


def _plain(kind: str) -> str:
    return kind.replace("/", "_")


def _opener(receipt: str) -> str:
    return receipt.removesuffix(".tlog-proof") + ".openings.json"


def _write(out: Path, name: str, pieces: Iterable[bytes]) -> dict[str, Any]:
    path = out / name
    path.parent.mkdir(parents=True, exist_ok=True)
    total, size, lines = hashlib.sha256(), 0, 0
    with path.open("wb") as file:
        for piece in pieces:
            file.write(piece)
            total.update(piece)
            size += len(piece)
            lines += piece.count(b"\n")
    told: dict[str, Any] = {"path": name, "sha256": total.hexdigest(), "bytes": size}
    return {**told, "rows": lines} if name.endswith(".jsonl") else told
