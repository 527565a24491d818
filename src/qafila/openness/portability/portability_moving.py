"""A merchant's leaving and arriving as jobs: they are done whatever becomes of who asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from qafila.core.fault import Conflict, Fault
from qafila.openness.portability import arriving, portability_taking
from qafila.openness.verifier import read_key
from qafila.runtime.database import administrator
from qafila.runtime.jobs import jobs_folders
from qafila.runtime.jobs.jobs_types import Running


def leave(running: Running) -> Mapping[str, Any]:
    """Writes everything of the job's tenant; `rows`, `files`, and the `key` of its signature. Raises UnknownTenant."""
    with jobs_folders.handing_out(running.id) as out:
        manifest = portability_taking.write(running.context, out, running.tell)
    return {
        "rows": sum(one.get("rows", 0) for one in manifest["files"]),
        "files": len(manifest["files"]),
        "key": manifest["log"]["key"],
    }


def arrive(running: Running) -> Mapping[str, Any]:
    """Takes a merchant in from a folder that was handed in (`folder`, `keys`); what came of it (`Arrived`).

    Raises:
        NotWhole, Conflict: as `arriving.arrive`; the folder is let go, for it must be mended first.
    """
    folder = running.arguments["folder"]
    running.tell("Taking rows in", 0, 1)
    try:
        with administrator("rows arrive in the tables of all floors at once") as connection:
            keys = [read_key(one) for one in running.arguments["keys"]]
            done = arriving.arrive(connection, jobs_folders.find(folder), keys)
    except (Fault, Conflict):
        jobs_folders.let_go(folder)
        raise
    jobs_folders.let_go(folder)
    return asdict(done)
