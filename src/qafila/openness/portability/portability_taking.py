"""A merchant takes everything of its own along by itself: a job writes the folder, and one file of it is there to fetch."""

from __future__ import annotations

import os
import shutil
import zipfile
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import text

from qafila.context import Context
from qafila.core.fault import NotFound
from qafila.openness import openness_messages as m
from qafila.openness.portability import portability_leaving
from qafila.runtime.accounts import service
from qafila.runtime.database import Role, acting_as, administrator
from qafila.runtime.jobs import queue
from qafila.runtime.jobs.jobs_types import Job, Running
from qafila.runtime.jobs.store import Kept
from qafila.runtime.settings import settings


def write(
    context: Context, folder: Path, tell: Callable[[str, int, int], None] | None = None
) -> dict[str, Any]:
    """Writes everything of the context's tenant to a new folder, with its signed manifest; returns the manifest.

    Raises:
        UnknownTenant: there is no such tenant.
        FileExistsError: there is something in the folder.
    """
    with acting_as(Role.OPERATOR) as connection:
        tenant = service.get(connection, context.tenant)
    with administrator("names of keys are told to their owner; no role reads them for him") as connection:
        names = connection.execute(
            text("SELECT name FROM api_keys WHERE tenant_id = :t ORDER BY key_id"), {"t": context.tenant}
        ).scalars()
        keys = [str(name) for name in names]
    with portability_leaving.transaction(context.tenant) as connection:
        manifest = portability_leaving.leave(connection, context, folder, tell)
    portability_leaving.finish(folder, manifest, tenant.name, keys)
    return manifest


def packed(folder: Path, out: Path) -> None:
    """Makes one ZIP file of a folder; whoever reads it sees the whole file or none."""
    beside = out.with_suffix(".part")
    beside.unlink(missing_ok=True)
    handle = os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "wb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for path in sorted(one for one in folder.rglob("*") if one.is_file()):
            made.write(path, str(path.relative_to(folder)))
    beside.replace(out)


def _run(running: Running) -> Mapping[str, Any]:
    context: Context = running.context
    out = file_of(running.id)
    out.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder = out.with_suffix("")
    shutil.rmtree(folder, ignore_errors=True)  # killed in the middle, it begins anew
    try:
        manifest = write(context, folder, running.tell)
        packed(folder, out)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return {
        "at": manifest["at"],
        "files": len(manifest["files"]),
        "bytes": out.stat().st_size,
        "rows": {Path(f["path"]).stem: f["rows"] for f in manifest["files"] if f.get("rows")},
        "receipts": sum(f["path"].endswith(".tlog-proof") for f in manifest["files"]),
        "key": manifest["log"]["key"],
    }


TAKE = Job(name="openness.take_along", run=_run)
"""Writes everything of a merchant's own."""


def file_of(job: str) -> Path:
    """Where the file of a job lies."""
    return settings().home / "leaving" / f"{job}.zip"


def ask(tenant: str, by: str) -> Kept:
    """Asks for everything of a tenant's own; who asked stands beside it."""
    return queue.ask(TAKE, tenant, {"by": by})


def find(tenant: str, id: str) -> Kept:
    """What a tenant asked for, by its id. Raises NotFound where there is none, or it is another's."""
    kept = queue.find(id=id)
    if kept is None or kept.name != TAKE.name or kept.tenant != tenant:
        raise NotFound(m.NOTHING_TAKEN(id=id), field="id", value=id)
    return kept


def fetched(tenant: str, id: str) -> Path:
    """The file of what a tenant asked for. Raises NotFound where it is not made yet, or gone again."""
    kept = find(tenant, id)
    path = file_of(kept.id)
    if kept.state != "done" or not path.is_file():
        raise NotFound(m.NOT_THERE_TO_FETCH(id=id), m.ASK_ANEW(), field="id", value=id)
    return path


def newest(tenant: str, limit: int = 10) -> list[tuple[str, str, datetime, bool]]:
    """What a tenant asked for last: id, state, when, and whether the file is still there."""
    with administrator("whose jobs they are, whoever asked has looked up") as connection:
        rows = connection.execute(
            text(
                "SELECT job_id, state, asked_at FROM jobs WHERE name = :n AND merchant_id = :t ORDER BY job_id DESC LIMIT :l"
            ),
            {"n": TAKE.name, "t": tenant, "l": limit},
        ).all()
    return [(row.job_id, row.state, row.asked_at, file_of(row.job_id).is_file()) for row in rows]


def unpacked(file: Path, folder: Path) -> Path:
    """Unpacks such a file into an empty folder, which it returns.

    Raises:
        NotWhole: it is no such file, or names what lies outside the folder.
    """
    from qafila.openness.portability.arriving import NotWhole

    try:
        with zipfile.ZipFile(file) as packed_file:
            for name in packed_file.namelist():
                if not (folder / name).resolve().is_relative_to(folder.resolve()):
                    raise NotWhole(m.FILE_NOT_LISTED(file=name), m.LEAVE_AGAIN(), field=name)
            packed_file.extractall(folder)
    except (zipfile.BadZipFile, OSError) as error:
        raise NotWhole(m.NO_MANIFEST(folder=str(file), why=str(error)), m.LEAVE_AGAIN()) from None
    return folder
