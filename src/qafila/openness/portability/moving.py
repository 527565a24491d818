"""A merchant's leaving and arriving as jobs: they are done whatever becomes of who asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from qafila.core.fault import Conflict, Fault
from qafila.openness.portability import arriving, leaving
from qafila.openness.verifier import read_key
from qafila.runtime.accounts import service
from qafila.runtime.database import Role, acting_as, administrator
from qafila.runtime.jobs import folders
from qafila.runtime.jobs.types import Running


def leave(running: Running) -> Mapping[str, Any]:
    """Writes everything of the job's tenant; `rows`, `files`, and the `key` of its signature. Raises UnknownTenant."""
    merchant = running.tenant or ""
    with acting_as(Role.OPERATOR) as connection:
        tenant = service.get(connection, merchant)
    with administrator("names of keys are told to their owner; no role reads them for him") as connection:
        keys = connection.exec_driver_sql(
            "SELECT name FROM api_keys WHERE tenant_id = %s ORDER BY key_id", (merchant,)
        ).scalars()
        names = [str(name) for name in keys]
    with folders.handing_out(running.id) as out:
        with leaving.transaction(merchant) as connection:
            manifest = leaving.leave(connection, running.context, out, running.tell)
        leaving.finish(out, manifest, tenant.name, names)
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
            done = arriving.arrive(connection, folders.find(folder), keys)
    except (Fault, Conflict):
        folders.let_go(folder)
        raise
    folders.let_go(folder)
    return asdict(done)
