"""How a request of ONE Record stands, and that who made it hears of it where he asked to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from qafila.cargo import store
from qafila.cargo.cargo_exchange import plain
from qafila.cargo.objects import Node, link
from qafila.cargo.vocabulary import CONTEXT, Names

_WANTED = "api:notifyRequestStatusChange"
_KINDS = {"ChangeRequest": "CHANGE_REQUEST", "SubscriptionRequest": "SUBSCRIPTION_REQUEST"}


def move(
    connection: Connection, row: Any, status: str, base: str, at: datetime, errors: Sequence[str] = ()
) -> None:
    """Moves a request on, and tells who made it, if he wanted that (`api:notifyRequestStatusChange`).

    Args:
        connection: as who decides; the other need not be seen by him.
        row: the request, as the store has it.
        status: `REQUEST_ACCEPTED` and the like.
        base: the server's address.
        at: when.
        errors: why it failed.
    """
    store.set_status(connection, row.request, status, at, errors)
    names = Names(row.document.get("@context"))
    wanted = next((plain(v) for k, v in row.document.items() if names.short(k) == _WANTED), False)
    if str(wanted).lower() != "true":
        return
    event = f"{_KINDS[row.kind]}_{status.removeprefix('REQUEST_')}"
    note: Node = {
        "@context": dict(CONTEXT),
        "@type": "api:Notification",
        "api:hasEventType": {"@id": f"api:{event}"},
        "api:isTriggeredBy": {"@id": f"{base}/action-requests/{row.request}"},
    }
    if row.kind == "ChangeRequest":
        note["api:hasLogisticsObject"] = link(base, row.object)
    store.notify_request(connection, row.request, note, at)
