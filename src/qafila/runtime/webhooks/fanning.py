"""Events become messages to the endpoints of their owners: a projection, so that each becomes one exactly once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import Connection

from qafila.runtime.events.projection import Projection, Recorded
from qafila.runtime.webhooks import store

TRIES = 10


def _fan_out(connection: Connection, events: Sequence[Recorded]) -> None:
    endpoints = store.listening(connection, {r.owner for r in events if r.owner is not None})
    store.put(
        connection,
        [
            store.New(
                endpoint.tenant, endpoint.id, r.position, subject_of(r), r.event.type, body_of(r), TRIES
            )
            for r in events
            for endpoint in endpoints.get(r.owner or "", ())
            if r.position > endpoint.since and (not endpoint.types or r.event.type in endpoint.types)
        ],
    )


def subject_of(recorded: Recorded) -> str:
    """What is sent in order: the events of one subject."""
    return f"{recorded.event.subject_kind}:{recorded.event.subject_id}"


def body_of(recorded: Recorded) -> bytes:
    """The body of the message of an event, as docs/webhooks.md says. Nothing of the reporter's free text is in it."""
    event = recorded.event
    data: dict[str, Any] = {
        "id": event.id,
        "subject": {"kind": event.subject_kind, "id": event.subject_id},
        "type": event.type,
        "time_kind": event.time_kind,
        "time": event.given_time(),
        "facility": event.facility,
        "leg": event.leg,
        "reporter": event.source.role,
        "recorded_at": event.recorded_at,
        "position": recorded.position,
    }
    return orjson.dumps(
        {"type": f"{event.subject_kind}.{event.type}", "timestamp": event.given_time(), "data": data}
    )


WEBHOOKS = Projection("webhooks", _fan_out)
