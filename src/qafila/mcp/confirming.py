"""Confirmations: a booking is made only for who has shown a person what it costs, and says so with what was shown.

A confirmation names the offer, its price and the key that asked, and lapses after ten minutes. It is no secret of a
person: where the agent's program can ask its user itself (elicitation), that is asked instead.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable

LASTS = 600
"""Seconds for which a confirmation can be used."""


class Confirmations:
    """Gives confirmations and knows its own again; each process has its own secret."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._secret = secrets.token_bytes(32)
        self._clock = clock

    def give(self, key: str, offer: str, price: str) -> str:
        """A confirmation for a key's owner to send back."""
        until = int(self._clock()) + LASTS
        return f"{until}.{self._signed(until, key, offer, price)}"

    def holds(self, confirmation: str, key: str, offer: str, price: str) -> bool:
        """Whether it was given for just this, and has not lapsed."""
        until, _, signature = confirmation.partition(".")
        if not until.isascii() or not until.isdecimal() or len(until) > 12 or int(until) < self._clock():
            return False
        return hmac.compare_digest(signature.encode(), self._signed(int(until), key, offer, price).encode())

    def _signed(self, until: int, key: str, offer: str, price: str) -> str:
        told = "\x1f".join((str(until), key.partition(".")[0], offer, price))
        return hmac.new(self._secret, told.encode(), hashlib.sha256).hexdigest()[:32]
