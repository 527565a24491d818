"""What tenants do with their webhooks, each one transaction."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import urlsplit

from qafila.core.fault import Conflict, Fault, NotFound
from qafila.core.identifiers.own import new_id
from qafila.runtime.database import administrator, merchant_transaction
from qafila.runtime.events import store as history
from qafila.runtime.events.advancing import begin
from qafila.runtime.events.events_types import EVENT_TYPES
from qafila.runtime.settings import settings
from qafila.runtime.webhooks import store, webhooks_signing
from qafila.runtime.webhooks import webhooks_messages as say
from qafila.runtime.webhooks.fanning import TRIES, WEBHOOKS
from qafila.runtime.webhooks.sending import BESIDE_EVENTS
from qafila.runtime.webhooks.store import Endpoint, Message

OVERLAP = timedelta(hours=24)
"""For so long an old secret signs beside the new one."""

MOST = 20
_LONGEST = 200
_BECAUSE = "secrets are not for the merchants' role to read; the tenant has asked at a door"


def create(
    tenant: str, url: str, types: Sequence[str] = (), description: str = "", hub: bool = False
) -> tuple[Endpoint, str]:
    """Has a tenant's events sent to an address from now on.

    Args:
        types: names of event types; none: all.
        hub: whether the tenant is the hub, which may name addresses of its own network.

    Returns:
        The endpoint, and its secret, which is shown this once.

    Raises:
        Fault: of the fields url, event_types, description; Conflict where there are too many.
    """
    inside = hub or settings().webhooks_inside
    _check(url, types, description, inside)
    id, secret = new_id("whe"), webhooks_signing.new_secret()
    with administrator(because=_BECAUSE) as connection:
        if len(there := store.endpoints(connection, tenant)) >= MOST:
            raise Conflict(say.TOO_MANY(count=len(there)), say.REMOVE_ONE())
        since = history.settled(connection)
        begin(connection, WEBHOOKS, since)  # no worker may have run yet
        store.insert(
            connection,
            {
                "tenant": tenant,
                "id": id,
                "url": url,
                "description": description,
                "types": sorted(set(types)),
                "secret": secret,
                "since": since,
                "inside": inside,
            },
        )
    return find(tenant, id), webhooks_signing.shown(secret)


def every(tenant: str) -> list[Endpoint]:
    """A tenant's endpoints, the oldest first."""
    with merchant_transaction(tenant) as connection:
        return store.endpoints(connection, tenant)


def find(tenant: str, id: str) -> Endpoint:
    """One of a tenant's endpoints. Raises NotFound."""
    for endpoint in every(tenant):
        if endpoint.id == id:
            return endpoint
    raise NotFound(say.NO_ENDPOINT(id=id), say.LIST_THEM(), field="id", value=id)


def rotate(tenant: str, id: str) -> str:
    """A new secret, shown this once; the old one signs beside it for `OVERLAP`. Raises NotFound."""
    secret = webhooks_signing.new_secret()
    _change(
        tenant,
        id,
        "old_secret = secret, old_until = now() + make_interval(secs => :overlap), secret = :secret",
        overlap=OVERLAP.total_seconds(),
        secret=secret,
    )
    return webhooks_signing.shown(secret)


def enable(tenant: str, id: str, enabled: bool) -> Endpoint:
    """Lets an endpoint on, or off; what happens while it is off is not sent to it. Raises NotFound."""
    if enabled:
        _change(tenant, id, "disabled_at = NULL, disabled_why = '', failures = 0, resting_until = NULL")
    else:
        _change(tenant, id, "disabled_at = coalesce(disabled_at, now()), disabled_why = 'owner'")
    return find(tenant, id)


def remove(tenant: str, id: str) -> None:
    """Ends an endpoint; what waits is not sent any more. Raises NotFound."""
    _change(tenant, id, "deleted_at = now(), secret = '', old_secret = NULL")


def messages(
    tenant: str, id: str, state: str | None = None, before: int | None = None, limit: int = 50
) -> list[Message]:
    """Messages of an endpoint, the newest first. Raises NotFound."""
    find(tenant, id)
    with merchant_transaction(tenant) as connection:
        return store.messages(connection, id, state, before, limit)


def replay(tenant: str, id: str, message: str | None = None) -> int:
    """Sends dead messages again, one or all, in their order, under the ids that they had; how many. Raises NotFound."""
    find(tenant, id)
    with administrator(because=_BECAUSE) as connection:
        store.update(connection, tenant, id, "failures = 0, resting_until = NULL", {})
        return store.revive(connection, tenant, id, message, TRIES)


def _change(tenant: str, id: str, what: str, **values: object) -> None:
    with administrator(because=_BECAUSE) as connection:
        if not store.update(connection, tenant, id, what, values):
            raise NotFound(say.NO_ENDPOINT(id=id), say.LIST_THEM(), field="id", value=id)


def _check(url: str, types: Sequence[str], description: str, inside: bool) -> None:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        parts, host = urlsplit(""), ""
    plain = url.isascii() and url.isprintable() and " " not in url and len(url) <= 2000
    if not plain or parts.scheme not in ("http", "https") or not host or parts.username or parts.password:
        raise Fault(say.NO_URL(), say.USE_URL(), field="url", value=url[:200])
    if not inside and _is_inside(host):
        raise Fault(say.INSIDE(host=host), say.USE_PUBLIC(), field="url", value=url)
    if len(types) > 1 and (alone := next((name for name in types if name in BESIDE_EVENTS), None)):
        raise Fault(say.ALONE(name=alone), say.ONE_MORE_ENDPOINT(), field="event_types", value=alone)
    for name in types:
        if name not in EVENT_TYPES and name not in BESIDE_EVENTS:
            raise Fault(say.NO_TYPE(name=name), say.USE_TYPES(), field="event_types", value=name)
    if len(description) > _LONGEST:
        raise Fault(say.TOO_LONG(count=_LONGEST), say.SHORTEN(), field="description", value=description)


def _is_inside(host: str) -> bool:
    """Whether a host is plainly none of the public network; one that has no address yet may get one."""
    try:
        found = socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)
    except OSError:
        return False
    return all(not ipaddress.ip_address(str(told[0]).partition("%")[0]).is_global for *_, told in found)
