"""Signing in and out: by e-mail and password, by an API key, or by a link that works once.

A session is a row that a random token in a cookie names; only the token's hash is kept. It stands while its person
or key, the membership and the tenant stand, and ends on the server at sign-out.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from qafila.core.message import Message
from qafila.runtime.accounts import accounts_messages, secrets, service, session_store, store
from qafila.runtime.accounts.accounts_acting import doorkeeping
from qafila.runtime.accounts.accounts_faults import LinkOver, NotLetIn, NotYours, TooManyAttempts
from qafila.runtime.accounts.model import Actor, ApiKey, Membership, Rights
from qafila.runtime.accounts.roles import ADMINISTRATOR
from qafila.runtime.accounts.tenants import LOCAL, Tenant, TenantKind
from qafila.runtime.database import administrator

LIFETIME = timedelta(days=30)
IDLE = timedelta(days=7)
LINK_LIFETIME = timedelta(days=1)
_NOTED = timedelta(minutes=5)  # how exactly the last use of a session is kept: not every request writes
_WATCHED = timedelta(minutes=15)
_PAIR, _EMAIL, _ADDRESS = (
    8,
    50,
    150,
)  # failures within `_WATCHED` that bar: one guesser, one account, one address
_OPERATOR = "per_local"


@dataclass(frozen=True, slots=True)
class Session:
    """Who is signed in: the actor of this request, and where else the person may act."""

    actor: Actor
    tenant: Tenant
    elsewhere: tuple[Membership, ...] = ()


def sign_in(email: str, password: str, address: str, now: datetime, device: str = "") -> str:
    """Signs a person in; the token of the new session.

    Args:
        email: as it was typed.
        password: as it was typed.
        address: from where it is asked: guessers are barred by it.
        now: this moment.
        device: what the browser keeps of an earlier session (see `device_of`). One in which this person was signed in before
            is counted by itself, so that nobody elsewhere can bar the person from it.

    Raises:
        NotLetIn: e-mail and password do not belong together, or the person may act nowhere.
        TooManyAttempts: from here, or for this e-mail, too many failed in the last quarter of an hour.
    """
    plain = email.replace("\0", "").strip().lower()[:320]
    subjects = {f"{plain} {address}": _PAIR, plain: _EMAIL, address: _ADDRESS}
    with doorkeeping() as connection:
        found = store.person_by_email(connection, plain)
        if found is not None and _knows(connection, found[0].id, device):
            subjects = {f"{plain} {device}": _PAIR}
        _bar(connection, subjects, now)
    good = secrets.verified(found[1] if found else None, password)
    if found is None or not good or found[0].disabled:
        raise _failed(subjects, now, accounts_messages.NOT_LET_IN())
    with doorkeeping() as connection:
        session_store.forgive(connection, next(iter(subjects)))
        if found[1] and secrets.outdated(found[1]):
            store.set_sign_in(connection, found[0].id, None, secrets.rehashed(password))
        return begin(connection, found[0].id, now)


def device_of(token: str) -> str:
    """What a browser keeps when a session is over: it says that somebody was signed in there, and opens nothing."""
    return _device(secrets.digest(token))


def _device(digest: bytes) -> str:
    return hashlib.sha256(b"device " + digest).hexdigest()


def _knows(connection: Connection, person_id: str, device: str) -> bool:
    """Whether a device had a session of a person that is still remembered."""
    if not device:
        return False
    return any(
        hmac.compare_digest(_device(digest), device)
        for digest in session_store.digests_of(connection, person_id)
    )


def sign_in_with_key(presented: str, address: str, now: datetime) -> str:
    """Begins a session of an API key. Raises NotLetIn and TooManyAttempts as `sign_in` does."""
    subjects = {address: _ADDRESS}
    with doorkeeping() as connection:
        _bar(connection, subjects, now)
        actor = service.authenticate(connection, presented.strip())
    if actor is None:
        raise _failed(subjects, now, accounts_messages.KEY_NOT_KNOWN())
    token = secrets.token()
    with doorkeeping() as connection:
        session_store.begin(connection, secrets.digest(token), actor.tenant, now + LIFETIME, key_id=actor.id)
    return token


def begin(connection: Connection, person_id: str, now: datetime, tenant_id: str | None = None) -> str:
    """Begins a session of a person, for a tenant or for the first of his; the token. As the doorkeeper.

    Raises NotLetIn where he may act nowhere, or not there.
    """
    there = [m for m in store.memberships_of(connection, person_id) if tenant_id in (None, m.tenant_id)]
    if not there:
        raise NotLetIn(accounts_messages.NOT_LET_IN(), accounts_messages.TRY_AGAIN_OR_ASK())
    token = secrets.token()
    session_store.begin(
        connection, secrets.digest(token), there[0].tenant_id, now + LIFETIME, person_id=person_id
    )
    store.log(connection, there[0].tenant_id, person_id, "signed-in", person_id)
    session_store.forget_old(connection, now - LIFETIME)
    return token


def _bar(connection: Connection, subjects: dict[str, int], now: datetime) -> None:
    failures = session_store.count_failures(connection, list(subjects), now - _WATCHED)
    if any(failures.get(subject, 0) >= most for subject, most in subjects.items()):
        minutes = _WATCHED // timedelta(minutes=1)
        raise TooManyAttempts(
            accounts_messages.TOO_MANY_ATTEMPTS(), accounts_messages.WAIT_MINUTES(minutes=minutes)
        )


def bar_address(address: str, now: datetime) -> None:
    """Raises TooManyAttempts where too many failed from an address lately."""
    with doorkeeping() as connection:
        _bar(connection, {address: _ADDRESS}, now)


def not_let_in(address: str, now: datetime, told: Message, remedy: Message | None = None) -> NotLetIn:
    """What an attempt from an address that failed is told; it is counted."""
    return _failed({address: _ADDRESS}, now, told, remedy)


def _failed(
    subjects: dict[str, int], now: datetime, told: Message, remedy: Message | None = None
) -> NotLetIn:
    with doorkeeping() as connection:
        session_store.add_failures(connection, list(subjects), now)
    return NotLetIn(told, remedy or accounts_messages.TRY_AGAIN_OR_ASK())


def session(token: str, rights: Rights, now: datetime) -> Session | None:
    """The session of a token, or None where it is over or nothing."""
    if not token:
        return None
    digest = secrets.digest(token)
    with doorkeeping() as connection:
        row = session_store.live(connection, digest, now, now - IDLE)
        if row is None:
            return None
        if now - row.seen_at > _NOTED:
            session_store.seen(connection, digest, now)
        tenant = Tenant(row.tenant_id, row.tenant_name, row.tenant_since, False, TenantKind(row.kind))
        if row.key_id is not None:
            key = ApiKey(row.key_id, row.tenant_id, row.key_name, frozenset(row.scopes), row.key_since)
            return Session(service.actor_of_key(key, tenant), tenant)
        elsewhere = store.memberships_of(connection, row.person_id)
    actor = Actor(
        tenant=tenant.id,
        kind=tenant.kind,
        id=row.person_id,
        name=row.person_name if row.firm is None else f"{row.person_name}, {row.firm}",
        roles=frozenset(row.roles),
        scopes=rights.of_roles(tenant.kind, row.roles),
        person=True,
    )
    return Session(actor, tenant, tuple(m for m in elsewhere if m.tenant_id != tenant.id))


def switch(token: str, person_id: str, tenant_id: str) -> None:
    """Lets a person's session act for another tenant of his. Raises NotYours."""
    with doorkeeping() as connection:
        if all(m.tenant_id != tenant_id for m in store.memberships_of(connection, person_id)):
            raise NotYours(accounts_messages.NO_TENANT(id=tenant_id), field="tenant", value=tenant_id)
        session_store.move(connection, secrets.digest(token), tenant_id)


def sign_out(token: str, now: datetime) -> None:
    """Ends a session on the server, whoever kept its token."""
    with doorkeeping() as connection:
        session_store.end(connection, secrets.digest(token), now)


# -- links


def link_for(connection: Connection, person_id: str, now: datetime) -> str:
    """A token that signs a person in once, within a day; earlier ones are none any more. As the doorkeeper."""
    token = secrets.token()
    session_store.put_link(connection, secrets.digest(token), person_id, now + LINK_LIFETIME)
    return token


def enter(token: str, now: datetime) -> str:
    """Uses a link up; the token of the new session. Raises LinkOver."""
    with doorkeeping() as connection:
        person_id = session_store.use_link(connection, secrets.digest(token), now)
        found = None if person_id is None else store.person(connection, person_id)
        if found is None or found[0].disabled:
            raise LinkOver(accounts_messages.LINK_OVER(), accounts_messages.ASK_FOR_A_NEW_LINK())
        return begin(connection, found[0].id, now)


def first_link(now: datetime, anyway: bool = False) -> str | None:
    """The token of a link that signs this machine's operator in, so that a first start needs no set-up.

    None where an administrator of a hub has a password: then he signs in with it; unless it is asked for `anyway`,
    by who holds the file system.
    """
    with administrator(
        "the first operator is made by the house itself, for whoever holds the machine"
    ) as connection:
        service.local(connection)
        if not anyway and store.hub_has_a_password(connection):
            return None
        store.insert_person(connection, _OPERATOR, "Operator", None, None)
        store.put_membership(connection, LOCAL, _OPERATOR, [ADMINISTRATOR])
        return link_for(connection, _OPERATOR, now)
