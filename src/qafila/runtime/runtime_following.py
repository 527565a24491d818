"""What a worker does with events as they come in: projections are advanced, webhooks are sent."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence

from qafila.runtime.events.advancing import advance
from qafila.runtime.events.projection import Projection
from qafila.runtime.webhooks import sending
from qafila.runtime.webhooks.fanning import WEBHOOKS

log = logging.getLogger(__name__)
_EVERY = 0.5  # seconds between looks while nothing comes in


def follow(projections: Sequence[Projection], stop: threading.Event) -> None:
    """Advances projections and sends webhooks until `stop` is set. Any number of workers do so at once."""
    senders = [
        threading.Thread(target=sending.send_until, args=(stop,), name=f"webhooks {n}", daemon=True)
        for n in range(sending.AT_ONCE)
    ]
    for sender in senders:
        sender.start()
    every = [WEBHOOKS, *projections]
    while not stop.is_set():
        moved = 0
        for projection in every:
            try:
                moved += advance(projection)
            except Exception:
                log.exception("the projection %s does not advance", projection.name)
        if not moved:
            stop.wait(_EVERY)
