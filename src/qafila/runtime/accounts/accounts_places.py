"""At which facilities a station works. Of these alone it speaks: the database holds it to that, and the doors say so before.

Other kinds of organisations speak of any place: a carrier is bound to the parcels that ride with it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Connection, text

from qafila.core.fault import Conflict, Forbidden, NotFound
from qafila.core.message import template
from qafila.runtime.accounts import service, store
from qafila.runtime.accounts.accounts_acting import doorkeeping
from qafila.runtime.accounts.model import Actor
from qafila.runtime.accounts.tenants import TenantKind

NOT_ITS_PLACE = template("accounts.not_its_place", "Your organisation does not work at {facility}.")
ASK_FOR_THE_PLACE = template(
    "accounts.ask_for_the_place", "Ask the hub to add the place to your organisation."
)
NO_PLACE_SAID = template("accounts.no_place_said", "A station says at which of its places it acts.")
NO_STATION = template("accounts.no_station", "{name} is no station, and bound to no place.")
NO_SUCH_PLACE = template("accounts.no_such_place", "The network has no facility {facility}.")


class NotItsPlace(Forbidden):
    """A station acts at a facility that is not its own."""

    def __init__(self, facility: str) -> None:
        told = NOT_ITS_PLACE(facility=facility[:80]) if facility else NO_PLACE_SAID()
        super().__init__(told, ASK_FOR_THE_PLACE(), field="facility", value=facility[:80])


def of(connection: Connection, tenant_id: str) -> list[str]:
    """The facilities at which an organisation works. As the doorkeeper, the operator, or the organisation itself."""
    rows = connection.execute(
        text("SELECT facility FROM tenant_places WHERE tenant_id = :t ORDER BY facility"), {"t": tenant_id}
    )
    return list(rows.scalars())


def of_all(connection: Connection) -> dict[str, list[str]]:
    """The facilities of every station. As the operator."""
    found: dict[str, list[str]] = {}
    for tenant, facility in connection.execute(
        text("SELECT tenant_id, facility FROM tenant_places ORDER BY tenant_id, facility")
    ):
        found.setdefault(tenant, []).append(facility)
    return found


def checked(actor: Actor, facility: str) -> None:
    """Refuses a station what is not at its place. Raises NotItsPlace."""
    if actor.kind is TenantKind.STATION:
        with doorkeeping() as connection:
            if facility not in of(connection, actor.tenant):
                raise NotItsPlace(facility)


def guard(actor: Actor, method: str, path: Mapping[str, str], query: Mapping[str, str]) -> None:
    """Refuses a station an act at an address that names another's facility; reading is free. Raises NotItsPlace."""
    facility = path.get("facility") or query.get("facility")
    if facility and method not in ("GET", "HEAD"):
        checked(actor, facility)


def give(
    connection: Connection, tenant_id: str, facility: str, by: str, now: datetime, there: Collection[str]
) -> None:
    """Lets a station work at a facility; once more is the same. As the operator.

    Args:
        connection: as the operator.
        tenant_id: the station.
        facility: the id of the facility.
        by: who gives it, for the record.
        now: the clock.
        there: the facilities of the network.

    Raises:
        UnknownTenant, Conflict: it is no station. NotFound: the network has no such facility.
    """
    station = service.get(connection, tenant_id)
    if station.kind is not TenantKind.STATION:
        raise Conflict(NO_STATION(name=station.name), field="tenant", value=tenant_id)
    if facility not in there:
        raise NotFound(NO_SUCH_PLACE(facility=facility[:80]), field="facility", value=facility[:80])
    added = connection.execute(
        text(
            "INSERT INTO tenant_places (tenant_id, facility, since) VALUES (:t, :f, :now) ON CONFLICT DO NOTHING"
        ),
        {"t": tenant_id, "f": facility, "now": now},
    ).rowcount
    if added:
        store.log(connection, tenant_id, by, "place-given", facility)


def end(connection: Connection, tenant_id: str, facility: str, by: str) -> bool:
    """Ends a station's work at a facility; False where it did not work there. As the operator."""
    gone = connection.execute(
        text("DELETE FROM tenant_places WHERE tenant_id = :t AND facility = :f"),
        {"t": tenant_id, "f": facility},
    ).rowcount
    if gone:
        store.log(connection, tenant_id, by, "place-ended", facility)
    return bool(gone)
