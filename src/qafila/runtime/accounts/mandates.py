"""Mandates: a merchant lets a whole firm of brokers act at its customs desk, whoever works there at the time.

A firm's brokers and administrators act for the merchant in the role `broker`, and in no other. It ends when either side
ends it, on its last day, and while the firm is suspended; a session that acts by it is over at the next request.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from qafila.core.fault import Conflict, Fault, NotFound
from qafila.core.identifiers.own import new_id
from qafila.core.message import template
from qafila.runtime.accounts import accounts_messages, store
from qafila.runtime.accounts.accounts_acting import doorkeeping, managing
from qafila.runtime.accounts.accounts_faults import MoreThanOwn
from qafila.runtime.accounts.model import Actor, Rights
from qafila.runtime.accounts.tenants import Tenant, TenantKind

NO_BROKER = template("accounts.no_broker", "There is no firm of customs brokers with the id {id}.")
CHOOSE_ONE = template("accounts.choose_a_broker", "Choose one of the list.")
NOT_FOR_YOU = template("accounts.no_mandate_of_yours", "Only who sends goods gives a mandate.")
GIVEN_ALREADY = template("accounts.given_already", "{name} has your mandate already.")
NO_MANDATE = template("accounts.no_mandate", "There is no such mandate, or it has ended.")
PAST_DAY = template("accounts.past_day", "The last day has passed already.")

BROKER = "broker"


@dataclass(frozen=True, slots=True)
class Mandate:
    """A firm acts for a merchant. `until` None: until it is ended."""

    id: str
    merchant: str
    merchant_name: str
    broker: str
    broker_name: str
    given_by: str
    given_at: datetime
    until: datetime | None
    ended_at: datetime | None


def brokers() -> list[Tenant]:
    """The firms of brokers that are in force, by name."""
    with doorkeeping() as db:
        return [t for t in store.tenants(db) if t.kind is TenantKind.BROKER and not t.suspended]


def give(actor: Actor, rights: Rights, broker: str, now: datetime, until: datetime | None = None) -> str:
    """Gives a firm the actor's mandate; its id.

    Args:
        actor: who gives it, for his own tenant.
        rights: the scopes there are.
        broker: the firm's id.
        now: the clock.
        until: when it ends by itself; None: when somebody ends it.

    Raises:
        NotFound: there is no such firm. MoreThanOwn: the actor may not do himself what its brokers could.
        Conflict: it has one already, or the tenant sends no goods. Fault: the last day has passed.
    """
    if actor.kind not in (TenantKind.MERCHANT, TenantKind.HUB):
        raise Conflict(NOT_FOR_YOU(), field="broker")
    firm = next((one for one in brokers() if one.id == broker), None)
    if firm is None:
        raise NotFound(NO_BROKER(id=broker[:60]), CHOOSE_ONE(), field="broker", value=broker[:60])
    if more := rights.of_roles(actor.kind, [BROKER]) - actor.scopes:
        told = accounts_messages.MORE_THAN_OWN(scopes=", ".join(sorted(more)))
        raise MoreThanOwn(told, accounts_messages.ASK_FOR_IT(), field="broker")
    if until is not None and until <= now:
        raise Fault(PAST_DAY(), field="until", value=until.date().isoformat())
    id = new_id("mnd")
    with managing(actor) as db:
        db.execute(  # one that has run out is over: another may be given
            text(
                "UPDATE mandates SET ended_at = until, ended_by = 'its last day' "
                "WHERE tenant_id = :t AND broker_id = :b AND ended_at IS NULL AND until <= :now"
            ),
            {"t": actor.tenant, "b": broker, "now": now},
        )
        given = db.execute(
            text(
                "INSERT INTO mandates (tenant_id, mandate_id, broker_id, given_by, given_at, until) "
                "VALUES (:t, :id, :b, :by, :now, :until) ON CONFLICT DO NOTHING"
            ),
            {"t": actor.tenant, "id": id, "b": broker, "by": actor.signature, "now": now, "until": until},
        ).rowcount
        if not given:
            raise Conflict(GIVEN_ALREADY(name=firm.name), field="broker", value=broker)
        store.log(db, actor.tenant, actor.signature, "mandate-given", id, broker=broker)
    return id


def end(actor: Actor, mandate_id: str, now: datetime) -> None:
    """Ends a mandate at once, by whoever gave it or has it. Raises NotFound where none is open."""
    with managing(actor) as db:
        ended = db.execute(
            text(
                "UPDATE mandates SET ended_at = :now, ended_by = :by WHERE mandate_id = :id AND ended_at IS NULL"
            ),
            {"id": mandate_id, "by": actor.signature, "now": now},
        ).rowcount
        if not ended:
            raise NotFound(NO_MANDATE(), field="mandate", value=mandate_id[:60])
        store.log(db, actor.tenant, actor.signature, "mandate-ended", mandate_id)


def seen_by(actor: Actor) -> list[Mandate]:
    """Those that the actor's tenant gave or has, open ones first, then the newest."""
    with managing(actor) as db:
        rows = _rows(db)
    with doorkeeping() as db:  # the other side's name
        names = {t.id: t.name for t in store.tenants(db)} if rows else {}
    return [
        Mandate(
            id, tenant, names.get(tenant, tenant), broker, names.get(broker, broker), by, at, until, ended
        )
        for id, tenant, broker, by, at, until, ended in rows
    ]


def _rows(db: Connection) -> list[tuple[str, str, str, str, datetime, datetime | None, datetime | None]]:
    rows = db.execute(
        text(
            "SELECT mandate_id, tenant_id, broker_id, given_by, given_at, until, ended_at FROM mandates "
            "ORDER BY ended_at DESC NULLS FIRST, given_at DESC LIMIT 500"
        )
    )
    return [tuple(row) for row in rows]
