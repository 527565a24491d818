"""People of a tenant: invited, let in, given roles, taken off; and what each changes of his own account."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from qafila.core.identifiers.own import new_id
from qafila.runtime.accounts import accounts_messages, secrets, session_store, sessions, store
from qafila.runtime.accounts.accounts_acting import doorkeeping, managing
from qafila.runtime.accounts.accounts_faults import (
    BadEmail,
    BadPassword,
    EmailTaken,
    LastAdministrator,
    LinkOver,
    MoreThanOwn,
    UnknownPerson,
)
from qafila.runtime.accounts.model import Actor, Person, Rights
from qafila.runtime.accounts.roles import ADMINISTRATOR
from qafila.runtime.accounts.service import get, named
from qafila.runtime.accounts.session_store import Invitation
from qafila.runtime.accounts.tenants import Tenant

INVITED_FOR = timedelta(days=7)
_EMAIL = re.compile(r"[^@\s\0]{1,64}@[^@\s\0.]+(\.[^@\s\0.]+)+")


@dataclass(frozen=True, slots=True)
class Invited:
    """What the link of an invitation leads to."""

    invitation: Invitation
    tenant: Tenant
    known: Person | None  # who signs in with the invited e-mail already


def address(email: str) -> str:
    """An e-mail address in small letters. Raises BadEmail."""
    plain = email.strip().lower()
    if len(plain) > 254 or not _EMAIL.fullmatch(plain):
        raise BadEmail(
            accounts_messages.NO_EMAIL(), accounts_messages.WRITE_AN_EMAIL(), field="email", value=email[:80]
        )
    return plain


def invite(
    actor: Actor, rights: Rights, email: str, roles: Iterable[str], now: datetime
) -> tuple[Invitation, str]:
    """Asks somebody to join the actor's tenant; the invitation, and the secret of its link, which is shown once.

    Raises BadEmail, UnknownRole, and MoreThanOwn.
    """
    wanted = _to_give(actor, rights, roles)
    made = Invitation(
        new_id("inv"), actor.tenant, address(email), wanted, actor.signature, now, now + INVITED_FOR, True
    )
    token = secrets.token()
    with managing(actor) as connection:
        session_store.invite(connection, made, secrets.digest(token), wanted)
        store.log(connection, actor.tenant, actor.signature, "invited", made.email, roles=wanted)
    return made, token


def _to_give(actor: Actor, rights: Rights, roles: Iterable[str]) -> frozenset[str]:
    """Roles that the actor may give: none that may do more than he may himself."""
    wanted = rights.checked_roles(actor.kind, roles)
    if more := rights.of_roles(actor.kind, wanted) - actor.scopes:
        told = accounts_messages.MORE_THAN_OWN(scopes=", ".join(sorted(more)))
        raise MoreThanOwn(told, accounts_messages.ASK_FOR_IT(), field="roles")
    return wanted


def withdraw(actor: Actor, invitation_id: str, now: datetime) -> None:
    """Takes an invitation back. Raises LinkOver where there is none that is open."""
    with managing(actor) as connection:
        if not session_store.withdraw(connection, actor.tenant, invitation_id, now):
            raise _over()
        store.log(connection, actor.tenant, actor.signature, "invitation-withdrawn", invitation_id)


def invited(token: str, now: datetime) -> Invited:
    """What an invitation's link leads to. Raises LinkOver."""
    with doorkeeping() as connection:
        return opened(connection, token, now)


def opened(connection: Connection, token: str, now: datetime) -> Invited:
    """As `invited`, locked until the transaction ends. As the doorkeeper. Raises LinkOver."""
    found = session_store.invitation(connection, secrets.digest(token), now)
    tenant = None if found is None or not found.open else get(connection, found.tenant_id)
    if found is None or tenant is None or tenant.suspended:
        raise _over()
    known = store.person_by_email(connection, found.email)
    return Invited(found, tenant, known[0] if known else None)


def accept(token: str, name: str, password: str, now: datetime) -> str:
    """Makes the account of somebody who was invited and signs him in; the token of the session.

    Raises LinkOver, BadName, BadPassword, and EmailTaken where somebody signs in with the e-mail already: he joins.
    """
    plain = named(name)
    with doorkeeping() as connection:
        what = opened(connection, token, now)
    hashed = secrets.hashed(password, plain, what.invitation.email, what.invitation.email.split("@")[0])
    with doorkeeping() as connection:
        what = opened(connection, token, now)  # locked now: who comes second finds it used
        id = new_id("per")
        if not store.insert_person(connection, id, plain, what.invitation.email, hashed):
            raise EmailTaken(
                accounts_messages.EMAIL_TAKEN(), accounts_messages.SIGN_IN_INSTEAD(), field="email"
            )
        let_in(connection, what.invitation, id, now)
        return sessions.begin(connection, id, now, what.tenant.id)


def join(token: str, person_id: str, now: datetime) -> str:
    """Lets somebody who is signed in into the tenant that invited him; the tenant's id.

    Raises LinkOver, and BadEmail where another e-mail was invited.
    """
    with doorkeeping() as connection:
        what = opened(connection, token, now)
        if what.known is None or what.known.id != person_id:
            told = accounts_messages.INVITED_AS_ANOTHER(email=what.invitation.email)
            raise BadEmail(told, accounts_messages.SIGN_OUT_FIRST(), field="email")
        let_in(connection, what.invitation, person_id, now)
        return what.tenant.id


def let_in(connection: Connection, invitation: Invitation, person_id: str, now: datetime) -> None:
    """Makes whoever was invited a member, and uses the invitation up. As the doorkeeper."""
    session_store.accepted(connection, invitation, now)
    store.put_membership(connection, invitation.tenant_id, person_id, invitation.roles)
    store.log(connection, invitation.tenant_id, person_id, "joined", person_id, roles=invitation.roles)


def set_roles(actor: Actor, rights: Rights, person_id: str, roles: Iterable[str]) -> None:
    """Gives a member of the actor's tenant other roles. Raises UnknownPerson, UnknownRole, MoreThanOwn, LastAdministrator."""
    wanted = _to_give(actor, rights, roles)
    with managing(actor) as connection:
        _checked_member(connection, actor, person_id, stays=ADMINISTRATOR in wanted)
        store.put_membership(connection, actor.tenant, person_id, wanted)
        store.log(connection, actor.tenant, actor.signature, "roles-given", person_id, roles=wanted)


def remove(actor: Actor, person_id: str) -> None:
    """Ends a membership of the actor's tenant: sessions for it are over. Raises UnknownPerson, LastAdministrator."""
    with managing(actor) as connection:
        _checked_member(connection, actor, person_id, stays=False)
        store.delete_membership(connection, actor.tenant, person_id)
        store.log(connection, actor.tenant, actor.signature, "removed", person_id)


def _checked_member(connection: Connection, actor: Actor, person_id: str, stays: bool) -> None:
    administrators = store.administrators(connection, actor.tenant)
    if all(person.id != person_id for person, _ in store.members(connection, actor.tenant)):
        raise UnknownPerson(person_id)
    if administrators == [person_id] and not stays:
        raise LastAdministrator(
            accounts_messages.LAST_ADMINISTRATOR(), accounts_messages.MAKE_ANOTHER_FIRST(), field="roles"
        )


def own(person_id: str) -> tuple[Person, bool]:
    """A person's own account, and whether it has a password. Raises UnknownPerson."""
    with doorkeeping() as connection:
        found = store.person(connection, person_id)
    if found is None:
        raise UnknownPerson(person_id)
    return found[0], found[1] is not None


@dataclass(frozen=True, slots=True)
class SignIn:
    """With what somebody wants to sign in from now on: `present` is the password so far, where there is one."""

    email: str
    password: str
    present: str = ""


def set_sign_in(person_id: str, wanted: SignIn, now: datetime, session: str = "") -> None:
    """Sets a person's e-mail and password; every session of his but `session` (its token) ends.

    Raises BadEmail, BadPassword, EmailTaken, UnknownPerson.
    """
    plain = address(wanted.email)
    with doorkeeping() as connection:
        found = store.person(connection, person_id)
    if found is None:
        raise UnknownPerson(person_id)
    if found[1] is not None and not secrets.verified(found[1], wanted.present):
        raise BadPassword(
            accounts_messages.PASSWORD_WRONG(), accounts_messages.TYPE_IT_AGAIN(), field="present"
        )
    hashed = secrets.hashed(wanted.password, found[0].name, plain, plain.split("@")[0])
    with doorkeeping() as connection:
        other = store.person_by_email(connection, plain)
        if other is not None and other[0].id != person_id:
            raise EmailTaken(
                accounts_messages.EMAIL_TAKEN(), accounts_messages.WRITE_AN_EMAIL(), field="email"
            )
        store.set_sign_in(connection, person_id, plain, hashed)
        session_store.end_all(connection, person_id, now, secrets.digest(session))
        store.log(connection, None, person_id, "sign-in-changed", person_id)


def _over() -> LinkOver:
    return LinkOver(accounts_messages.LINK_OVER(), accounts_messages.ASK_FOR_A_NEW_LINK())
