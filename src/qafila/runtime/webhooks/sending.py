"""Sending messages: of each subject in order, each attempt under a number of its own, until it arrives or is dead.

An attempt is noted before it is made. Whoever is killed in the middle leaves the message to others, who find it due
when its lease is over: they send it under the same `webhook-id` with a higher `webhook-attempt`, so that a receiver
who had got it can tell.
"""

from __future__ import annotations

import http.client
import logging
import random
import threading
import time

from qafila.runtime.database import administrator
from qafila.runtime.outgoing import Manners, Refused, request
from qafila.runtime.webhooks import store, webhooks_signing
from qafila.runtime.webhooks.store import Due

log = logging.getLogger(__name__)
BESIDE_EVENTS: dict[str, str] = {}
"""Types of messages that are made of no event, and the media type of each; a floor adds its own. An endpoint of such a type
has no other, for their positions are counted by themselves."""
AT_ONCE = 4
"""Requests that one worker makes at the same time."""

_BECAUSE = "messages go to the endpoints of every tenant, with their secrets"
_PATIENCE = 15.0  # seconds for one whole request
_LEASE = 3 * _PATIENCE
_REST = (
    5.0  # seconds; doubled with each failure of an endpoint from the fifth in a row on, up to five minutes
)
_WAITS = (5.0, 300.0, 1800.0, 7200.0, 18_000.0, 36_000.0, 50_400.0, 72_000.0, 86_400.0)
"""Seconds before each further try."""


def send_until(stop: threading.Event) -> None:
    """Sends what is due until `stop` is set."""
    while not stop.is_set():
        try:
            sent = send_some()
        except Exception:
            log.exception("webhooks cannot be sent for the moment")
            sent = 0
        if not sent:
            stop.wait(0.3 + random.random() * 0.4)


def send_some(limit: int = 1) -> int:
    """Tries some messages that are due; gives how many."""
    with administrator(because=_BECAUSE) as connection:
        due = store.claim(connection, limit, _LEASE)
    for message in due:
        _try(message)
    return len(due)


def _try(due: Due) -> None:
    stamp = int(time.time())
    headers = {
        "content-type": BESIDE_EVENTS.get(due.type, "application/json"),
        "user-agent": "qafila-webhooks/1",
        "webhook-attempt": str(due.attempt),
        **webhooks_signing.headers(due.secrets, due.id, stamp, due.body),
    }
    status: int | None = None
    error, after = "", ""
    try:
        status, after = _post(due, headers)
        if not 200 <= status < 300:
            error = f"the receiver answered {status}"
    except (OSError, http.client.HTTPException, Refused, ValueError) as failure:
        error = str(failure) or type(failure).__name__
    with administrator(because=_BECAUSE) as connection:
        if not error and status is not None:
            store.was_sent(connection, due, status)
            return
        tried = max(len(_WAITS) + 1 - due.tries_left, 0)
        wait = None if due.tries_left <= 1 else _WAITS[min(tried, len(_WAITS) - 1)] * random.uniform(1.0, 1.2)
        if wait is not None and after.isdecimal():
            wait = max(wait, min(float(after), _WAITS[-1]))
        store.was_not_sent(connection, due, status, error, wait, _REST)
        if status == http.client.GONE:
            store.disable(connection, due.endpoint, "gone")


def _post(due: Due, headers: dict[str, str]) -> tuple[int, str]:
    """Posts; status and Retry-After."""
    answer = request("POST", due.url, due.body, headers, Manners(due.inside, _PATIENCE))
    return answer.status, answer.headers.get("retry-after", "")
