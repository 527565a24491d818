"""What the log is told so that figures need nothing beside it: the kind of each tenant, and where data lie."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, text

from qafila.openness import openness_recording
from qafila.openness.model import Decision

TENANT, DATA_PLACES = "openness.tenant", "openness.data_places"

_NEWEST = """
SELECT DISTINCT ON (e.subject) e.subject, o.value FROM log_entries e JOIN log_openings o ON o.entry_id = e.entry_id AND o.field = 'kind'
WHERE e.kind = 'openness.tenant' ORDER BY e.subject, e.entry_id DESC
"""


def register(connection: Connection, places: Sequence[str], now: datetime) -> int:
    """Tells the log the kinds of tenants that it does not know, and where data lie where that has changed.

    Args:
        connection: as the operator.
        places: each `WHAT;COUNTRY;HOLDER`, such as `database;MA;Example Hosting, Casablanca`.
        now: when.

    Returns:
        How many entries were added.
    """
    known = {
        subject: json.loads(kind) if kind else None for subject, kind in connection.execute(text(_NEWEST))
    }
    told = [
        Decision(TENANT, id, now, {}, {"kind": kind}, id)
        for id, kind in connection.execute(text("SELECT tenant_id, kind FROM tenants ORDER BY tenant_id"))
        if known.get(id) != kind
    ]
    declared = {"places": [_place(one) for one in places]}
    newest = connection.execute(
        text("SELECT entry FROM log_entries WHERE kind = :k ORDER BY entry_id DESC LIMIT 1"),
        {"k": DATA_PLACES},
    ).scalar()
    before = json.loads(bytes(newest))["said"]["places"] if newest is not None else []
    if before != declared["places"]:
        told.append(Decision(DATA_PLACES, "hub", now, declared, {}))
    openness_recording.record(connection, told)
    return len(told)


def _place(said: str) -> dict[str, str]:
    what, country, holder = ([part.strip() for part in said.split(";", 2)] + ["", ""])[:3]
    return {"what": what, "country": country, "holder": holder}
