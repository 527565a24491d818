"""Transactions as whoever acts: the database sees the actor's kind as a role and binds it to its rows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from qafila.runtime.accounts.model import Actor
from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.database import Role, acting_as
from qafila.runtime.database.database_standing import reading_as

ROLES = {
    TenantKind.HUB: Role.OPERATOR,
    TenantKind.MERCHANT: Role.MERCHANT,
    TenantKind.CARRIER: Role.PARTNER,
    TenantKind.STATION: Role.PARTNER,
    TenantKind.AUTHORITY: Role.PARTNER,
    TenantKind.BROKER: Role.MERCHANT,  # its own rows, of which there are none: it acts as a member of merchants
    TenantKind.REGULATOR: Role.REGULATOR,
}
"""The role under which a kind of tenant acts on goods."""


@contextmanager
def acting(actor: Actor) -> Iterator[Connection]:
    """A transaction on goods as the actor's kind sees them: a hub everybody's, a merchant his own."""
    with acting_as(ROLES[actor.kind], actor.tenant) as connection:
        yield connection


@contextmanager
def sending(actor: Actor) -> Iterator[Connection]:
    """A transaction on the goods that the actor's own tenant sends, whatever else its kind sees.

    A regulator sends nothing, and reads what everybody sends.
    """
    with acting_as(sender(actor), actor.tenant) as connection:
        yield connection


def sender(actor: Actor) -> Role:
    """The role under which an actor sees what its tenant sends."""
    return Role.REGULATOR if actor.kind is TenantKind.REGULATOR else Role.MERCHANT


@contextmanager
def managing(actor: Actor) -> Iterator[Connection]:
    """A transaction on the people, roles and keys of the actor's tenant."""
    with acting_as(Role.ACCOUNTS, actor.tenant) as connection:
        yield connection


@contextmanager
def doorkeeping() -> Iterator[Connection]:
    """A transaction that finds out who asks: it sees accounts and nothing of any goods."""
    with acting_as(Role.DOORKEEPER) as connection:
        yield connection


@contextmanager
def looking() -> Iterator[Connection]:
    """As `doorkeeping`, for one statement that finds out who asks: what every request of a program begins with."""
    with reading_as(Role.DOORKEEPER) as connection:
        yield connection
