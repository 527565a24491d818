"""Whose hands a parcel goes through: who may do something to it that its history alone does not settle, such as take cash for it.

A hub handles every parcel, a carrier those that ride on its services, a station those that come to its places.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from qafila.core.fault import Forbidden
from qafila.core.identifiers import s10
from qafila.core.identifiers.errors import InvalidNumber
from qafila.network.model import Feed
from qafila.runtime.accounts import accounts_places
from qafila.runtime.accounts.accounts_acting import acting
from qafila.runtime.accounts.model import Actor
from qafila.runtime.accounts.tenants import TenantKind
from qafila.tracking import store
from qafila.tracking import tracking_messages as say


class NotHandled(Forbidden):
    """Who acts on a parcel never has it in his hands."""

    def __init__(self, number: str, kind: TenantKind) -> None:
        carrier = kind is TenantKind.CARRIER
        told, remedy = (say.NOT_CARRIED, say.CARRIED_BY_YOU) if carrier else (say.NEVER_HERE, say.SCAN_FIRST)
        super().__init__(told(), remedy(), field="parcel", value=number[:40])


class NotServed(Forbidden):
    """A carrier works at a facility at which none of its services calls."""

    def __init__(self, facility: str) -> None:
        super().__init__(
            say.NOT_CALLED_AT(facility=facility[:80]),
            say.WHERE_YOU_CALL(),
            field="facility",
            value=facility[:80],
        )


def at_place(actor: Actor, facility: str, feed: Feed) -> None:
    """Refuses work at a facility with which the actor has nothing to do: a station works at its places, a carrier where its
    services call. A carrier that operates no service may work where those call that no tenant operates.

    Args:
        actor: who acts.
        facility: where.
        feed: the network.

    Raises NotItsPlace, NotServed.
    """
    accounts_places.checked(actor, facility)
    if actor.kind is not TenantKind.CARRIER:
        return
    with acting(actor) as connection:
        tenants = store.carriers(connection)
    names = set(tenants) | set(tenants.values())
    mine = {actor.tenant, tenants.get(actor.tenant, actor.tenant)}
    calls = feed.callers
    if mine & calls.keys():
        serves = any(facility in calls.get(one, ()) for one in mine)
    else:
        serves = any(facility in there for operator, there in calls.items() if operator not in names)
    if not serves:
        raise NotServed(facility)


def checked(actor: Actor, numbers: Sequence[str], operators: Mapping[str, str]) -> None:
    """Refuses what is done to parcels that the actor does not handle. What is no number of a parcel is left to who reads it.

    Args:
        actor: who acts.
        numbers: of the parcels, as they were written.
        operators: the operator of each service, a tenant's id or name.

    Raises NotHandled.
    """
    if actor.kind is TenantKind.HUB:
        return
    known = {written: number for written in numbers if (number := _number(written)) is not None}
    if not known:
        return
    with acting(actor) as connection:
        strange = set(known.values()) - handled(connection, actor, sorted(set(known.values())), operators)
    if strange:
        raise NotHandled(next(written for written, number in known.items() if number in strange), actor.kind)


def handled(
    connection: Connection, actor: Actor, numbers: Sequence[str], operators: Mapping[str, str]
) -> set[str]:
    """Those of some parcels that the actor handles, or that there are not. As a partner."""
    if actor.kind is TenantKind.CARRIER:
        return set(numbers) - not_carried(connection, {actor.tenant: set(numbers)}, operators)[actor.tenant]
    if actor.kind is TenantKind.STATION:
        mine, calls = set(accounts_places.of(connection, actor.tenant)), store.places(connection, numbers)
        return {number for number in numbers if number not in calls or calls[number] & mine}
    return set()


def not_carried(
    connection: Connection, asked: Mapping[str, set[str]], operators: Mapping[str, str]
) -> dict[str, set[str]]:
    """Of the parcels that carriers speak of, those that ride with others.

    A parcel is a carrier's where it rides on a service of the carrier. Where no tenant is the operator of the services it
    rides on, as with a timetable of names alone, carriers that operate no service may speak of it.

    Args:
        connection: as a partner.
        asked: numbers by the carrier's tenant.
        operators: the operator of each service, a tenant's id or name.
    """
    rides = store.rides(connection, sorted(set().union(*asked.values())))
    tenants = store.carriers(connection)
    names = set(tenants) | set(tenants.values())
    held = set(operators.values()) & names
    found: dict[str, set[str]] = {}
    for tenant, numbers in asked.items():
        mine = {tenant, tenants.get(tenant, tenant)}
        found[tenant] = set()
        for number in numbers:
            riding = {operators.get(service, "") for service in rides.get(number, ())}
            free = not mine & held and bool(riding - names or not riding)
            if not riding & mine and not free:
                found[tenant].add(number)
    return found


def _number(written: str) -> str | None:
    try:
        return s10.parse(written)
    except InvalidNumber:
        return None
