"""Transactions on what concerns a tenant itself: the hub and the regulator see everybody's, whoever else his own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from qafila.runtime.accounts.model import Actor
from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.database import Role, acting_as

_ALL = {TenantKind.HUB: Role.OPERATOR, TenantKind.REGULATOR: Role.REGULATOR}


@contextmanager
def seeing(actor: Actor) -> Iterator[Connection]:
    """A transaction of an actor: a carrier or a station is bound to its own rows here, as a merchant is."""
    with acting_as(_ALL.get(actor.kind, Role.MERCHANT), actor.tenant) as connection:
        yield connection
