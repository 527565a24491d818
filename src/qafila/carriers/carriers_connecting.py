"""A carrier's line to its own system: set and ended by its people, looked at by it and the hub."""

from __future__ import annotations

from urllib.parse import urlsplit

from sqlalchemy import Connection

from qafila.carriers import carriers_messages as m
from qafila.carriers import store
from qafila.carriers.adapters import names
from qafila.core.fault import Conflict, Fault
from qafila.runtime.accounts import service
from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.database import administrator
from qafila.runtime.events import store as history
from qafila.runtime.settings import settings

_WHY = "secrets are not for the carriers' role to read; the carrier has asked at a door"


def connect(carrier: str, adapter: str, address: str, secret: str = "", *, by_hub: bool = False) -> None:
    """Connects a carrier's system from now on.

    Args:
        carrier: the tenant's id.
        adapter: the name of the adapter.
        address: as the adapter reads it: of `http` an address, of `files` a folder.
        secret: what the system asks for; kept, and shown to nobody.
        by_hub: whether the hub sets it, which may name folders and addresses of its own network.

    Raises:
        Fault: there is no such adapter, or the address is none.
    """
    if adapter not in names():
        raise Fault(
            m.NO_ADAPTER(name=adapter[:40]), m.KNOWN_ADAPTERS(names=", ".join(names())), field="adapter"
        )
    inside = by_hub or settings().webhooks_inside
    if adapter == "files":
        if not by_hub:
            raise Fault(m.NO_ADDRESS(), m.FOLDER_BY_COMMAND(), field="address", value=address[:200])
    else:
        _check(address, inside)
    with administrator(_WHY) as db:
        store.connect(db, carrier, adapter, address, secret[:500], inside, history.settled(db))


def needs_carrier(connection: Connection, tenant: str) -> None:
    """Raises UnknownTenant, Suspended, and Conflict where it is of another kind."""
    found = service.active(connection, tenant)
    if found.kind is not TenantKind.CARRIER:
        raise Conflict(m.NO_CARRIER(name=found.name), field="carrier", value=tenant)


def disconnect(carrier: str) -> bool:
    """Ends it; False where there was none. What the carrier has, it has."""
    with administrator(_WHY) as db:
        return store.disconnect(db, carrier)


def _check(address: str, inside: bool) -> None:
    try:
        parts = urlsplit(address)
        good = bool(parts.hostname) and parts.port != 0 and not parts.username and address.isprintable()
    except ValueError:
        good, parts = False, urlsplit("")
    if (
        not good
        or len(address) > 500
        or " " in address
        or parts.scheme not in (("https", "http") if inside else ("https",))
    ):
        raise Fault(m.NO_ADDRESS(), m.USE_HTTPS(), field="address", value=address[:200])
