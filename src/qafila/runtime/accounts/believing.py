"""Keys that are believed for a second without another look: the one place for doors that are asked a thousand times a second.

All other doors look at each request. A key that ends, a tenant that is suspended and a place that is taken from a station
end what is opened here within that second.
"""

from __future__ import annotations

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from anyio.to_thread import run_sync

from qafila.runtime.accounts import accounts_places as places
from qafila.runtime.accounts import service
from qafila.runtime.accounts.accounts_acting import looking
from qafila.runtime.accounts.model import Actor
from qafila.runtime.accounts.tenants import TenantKind

SECONDS = 1.0
"""How long a key is taken as good without another look."""

_KEPT = 1_000


@dataclass(frozen=True, slots=True)
class Believed:
    """Who has a key, at which facilities it may act (None: at all), and until when that is believed."""

    actor: Actor
    places: frozenset[str] | None
    until: float

    def may_at(self, scope: str, facility: str) -> bool:
        """Whether the key opens a scope at a facility."""
        return self.actor.may(scope) and (self.places is None or facility in self.places)


class BelievedKeys:
    """The keys that were found in force within the last second. Only hashes of them are kept.

    Args:
        clock: seconds, which only go on.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: OrderedDict[bytes, Believed] = OrderedDict()

    def known(self, authorization: bytes) -> Believed | None:
        """Who has the key of an `Authorization` header, where it was found good within the last second."""
        presented = _presented(authorization)
        found = self._kept.get(_mark(presented)) if presented else None
        return found if found is not None and self._clock() < found.until else None

    async def of(self, authorization: bytes) -> Believed | None:
        """As `known`, and looked up where it is not; None for a key that opens nothing. Raises SQLAlchemyError."""
        presented = _presented(authorization)
        if not presented:
            return None
        mark = _mark(presented)
        found = self._kept.get(mark)
        began = self._clock()
        if found is not None and began < found.until:
            return found
        found = await run_sync(_look, presented.decode("latin-1"), began + SECONDS)
        if found is None:
            self._kept.pop(mark, None)
            return None
        self._kept[mark] = found
        self._kept.move_to_end(mark)
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return found


def _presented(authorization: bytes) -> bytes:
    scheme, _, presented = authorization.partition(b" ")
    return presented.strip() if scheme.lower() == b"bearer" else b""


def _mark(presented: bytes) -> bytes:
    return hashlib.sha256(presented).digest()


def _look(presented: str, until: float) -> Believed | None:
    with looking() as connection:
        actor = service.authenticate(connection, presented)
    if actor is None:
        return None
    if actor.kind is not TenantKind.STATION:
        return Believed(actor, None, until)
    with looking() as connection:
        return Believed(actor, frozenset(places.of(connection, actor.tenant)), until)


KEYS = BelievedKeys()
"""Those of this process."""
