"""EPCIS events as they were told: kept beside the history that is made of them, to be given back equal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, text


@dataclass(frozen=True, slots=True)
class Told:
    """An event in its sender's words.

    Attributes:
        document: the event's JSON.
        context: what stood beside GS1's own in the `@context` of its document: prefixes of extensions.
    """

    document: Mapping[str, Any]
    context: Sequence[Any] = ()


def keep(connection: Connection, owner: str | None, told: Mapping[str, Told]) -> None:
    """Keeps events by the ids that they have in the history; those that are kept already stay as they are."""
    if not told:
        return
    connection.execute(
        text(
            "INSERT INTO epcis_told (merchant_id, event_id, document, context) "
            "VALUES (:owner, :id, CAST(:document AS json), CAST(:context AS json)) ON CONFLICT DO NOTHING"
        ),
        [
            {
                "owner": owner or "",
                "id": id,
                "document": orjson.dumps(one.document).decode(),
                "context": orjson.dumps(one.context).decode() if one.context else None,
            }
            for id, one in told.items()
        ],
    )


def of_events(connection: Connection, owner: str | None, ids: Iterable[str]) -> dict[str, Told]:
    """Those of some events of an owner's subjects, by id."""
    rows = connection.execute(
        text(
            "SELECT CAST(event_id AS text), document, context FROM epcis_told "
            "WHERE merchant_id = :owner AND event_id = ANY(CAST(:ids AS uuid[]))"
        ),
        {"owner": owner or "", "ids": list(ids)},
    )
    return {id: Told(document, context or ()) for id, document, context in rows}


def page(connection: Connection, owner: str | None, after: int, limit: int) -> list[tuple[int, Told]]:
    """An owner's events in the order in which they were kept, from behind a position."""
    rows = connection.execute(
        text(
            "SELECT seq, document, context FROM epcis_told WHERE merchant_id = :owner AND seq > :after "
            "ORDER BY seq LIMIT :limit"
        ),
        {"owner": owner or "", "after": after, "limit": limit},
    )
    return [(seq, Told(document, context or ())) for seq, document, context in rows]
