"""Rounds that a carrier drives for the hub: its drivers see these, and act on the parcels of these alone.

The hub's tables are not a carrier's to read. So what is its own is asked for here, by its tenant, before anything is shown or
done; what it does is told in its name.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, text

from qafila.context import Context
from qafila.core.fault import Fault, NotFound
from qafila.delivery import at_door, delivery_doing, store
from qafila.delivery import delivery_messages as m
from qafila.delivery.dayplan import no_round
from qafila.delivery.model import Delivery
from qafila.runtime.accounts.model import Actor
from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.answered import acts
from qafila.runtime.database import Role, acting_as

AGO = timedelta(days=7)
"""Rounds of so many days are still shown."""


def rounds(carrier: str, today: date) -> list[Any]:
    """The rounds of a carrier's vehicles, the newest day first, with how many stops they have and how many are over."""
    with acting_as(Role.OPERATOR) as connection:
        rows = connection.execute(
            text(
                "SELECT r.*, (SELECT count(*) FROM deliveries d WHERE d.round_id = r.round_id) AS stops, (SELECT count(*) FROM "
                "deliveries d WHERE d.round_id = r.round_id AND d.state NOT IN ('planned', 'out')) AS over FROM rounds r "
                "WHERE carrier = :c AND day >= :d ORDER BY day DESC, facility, vehicle, made_at"
            ),
            {"c": carrier, "d": today - AGO},
        )
        return list(rows)


def round_of(carrier: str, id: str) -> tuple[Any, list[Delivery]]:
    """A round of a carrier with its stops in order. Raises NotFound; the same for another's round as for none."""
    with acting_as(Role.OPERATOR) as connection:
        row = store.round_row(connection, id[:80])
        if row is None or not carrier or row.carrier != carrier:
            raise no_round(id)
        return row, store.deliveries(connection, "d.round_id = :r", r=row.round_id)


def act(
    context: Context, actor: Actor, key: str, at: datetime, device: str, told: Mapping[str, Any], late: bool
) -> dict[str, Any]:
    """Does an act of a carrier's driver, once by its key.

    Raises NotFound where round or parcel is on none of the carrier's rounds, and what `doing.do` raises.
    """
    given = at_door.told_from(told)
    number, noted = "".join(given.parcel.split()).upper(), f"haul:{key}"
    with acting_as(Role.OPERATOR) as connection:
        facility = _known(
            connection, actor.tenant, noted
        )  # sent again: its parcel may have left the round by it
        if not facility and given.round:
            row = store.round_row(connection, given.round[:80])
            if row is None or row.carrier != actor.tenant:
                raise no_round(given.round)
            facility = row.facility
        if not _known(connection, actor.tenant, noted) and (number or not given.round):
            facility = _of_parcel(connection, actor.tenant, number, at.date(), late)
            if not facility:
                raise NotFound(
                    m.NO_DELIVERY(parcel=number[:40]), m.SCAN_IT(), field="parcel", value=number[:40]
                )
    made = acts.Act(noted, acts.Actor(actor.tenant, actor.name, device, Role.OPERATOR.value), at)
    return delivery_doing.do(context, made, actor.source(device), facility, given, late)


def _known(connection: Connection, carrier: str, key: str) -> str:
    """At which station an act with this key was done; empty: none was."""
    found = connection.execute(
        text("SELECT facility FROM storage_acts WHERE tenant = :t AND key = :k"), {"t": carrier, "k": key}
    ).scalar()
    return str(found or "")


def _of_parcel(connection: Connection, carrier: str, parcel: str, today: date, late: bool) -> str:
    """The station of a parcel that a carrier's driver has; empty: he has none.

    It is on one of the carrier's rounds, or was taken out on one lately: a failed attempt, a call of the station or a vehicle
    that fell out takes a parcel off a round while it is still in the van. Where it is on another's round by now, only what was
    done before, and is told late, is his.
    """
    found = connection.execute(
        text(
            "SELECT r.facility FROM deliveries d JOIN rounds r USING (round_id) WHERE d.parcel = :p AND r.carrier = :c "
            "UNION ALL SELECT r.facility FROM deliveries d JOIN events e ON e.subject_kind = 'parcel' AND e.subject_id = d.parcel "
            "AND e.type = 'out_for_delivery' JOIN rounds r ON r.round_id = e.details->>'round' AND r.facility = d.facility "
            "WHERE d.parcel = :p AND r.carrier = :c AND r.day >= :d AND (d.round_id IS NULL OR :late) LIMIT 1"
        ),
        {"p": parcel, "c": carrier, "d": today - AGO, "late": late},
    ).scalar()
    return str(found or "")


def checked(carrier: str) -> str:
    """A carrier whose vehicle it may be; empty stays empty. Raises Fault where it is none."""
    if not carrier:
        return ""
    with acting_as(Role.OPERATOR) as connection:
        found = connection.execute(
            text("SELECT kind FROM tenants WHERE tenant_id = :t"), {"t": carrier}
        ).scalar()
    if found != TenantKind.CARRIER.value:
        raise Fault(m.NO_CARRIER(carrier=carrier[:60]), field="carrier", value=carrier[:60])
    return carrier
