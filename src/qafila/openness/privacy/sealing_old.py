"""Seals what histories say of persons that was told before there were keys; nothing of it changes but where it lies."""

from __future__ import annotations

from collections.abc import Sequence

import orjson
from sqlalchemy import Connection, text

from qafila.runtime.privacy import sealing
from qafila.runtime.privacy.sealing import PLAIN


def seal_old(connection: Connection, parcels: Sequence[str] | None = None, at_most: int = 10_000) -> int:
    """Seals details of reported events; returns how many events were concerned.

    Args:
        connection: as the owner of the tables.
        parcels: of these; None: of all, up to `at_most` events.
    """
    rows = connection.execute(
        text(
            """
            SELECT e.subject_id, e.event_id, e.merchant_id, order_of_parcel(e.subject_id) AS order_id, e.details
            FROM events e WHERE e.subject_kind = 'parcel' AND e.reporter <> 'network' AND e.details IS NOT NULL
                AND (CAST(:p AS text[]) IS NULL OR e.subject_id = ANY(:p))
                AND EXISTS (SELECT FROM json_object_keys(e.details) k WHERE k <> ALL(:plain))
                AND order_of_parcel(e.subject_id) IS NOT NULL
            LIMIT :most
            """
        ),
        {"p": None if parcels is None else list(parcels), "plain": [*PLAIN, sealing.SEALED], "most": at_most},
    ).all()
    if not rows:
        return 0
    connection.execute(text("ALTER TABLE events DISABLE TRIGGER append_only"))
    for subject, id, tenant, order, details in rows:
        fresh = sealing.with_sealed(connection, tenant, order, details, PLAIN)
        connection.execute(
            text(
                "UPDATE events SET details = CAST(:d AS json) WHERE subject_kind = 'parcel' AND subject_id = :s AND event_id = :e"
            ),
            {"d": orjson.dumps(fresh).decode(), "s": subject, "e": id},
        )
    connection.execute(text("ALTER TABLE events ENABLE TRIGGER append_only"))
    return len(rows)
