"""A merchant that opens an account by itself, where the hub lets everybody in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from qafila.core.fault import Forbidden
from qafila.core.identifiers.own import new_id
from qafila.core.message import template
from qafila.runtime import runtime_hub
from qafila.runtime.accounts import accounts_messages, accounts_people, secrets, sessions, store
from qafila.runtime.accounts.accounts_faults import EmailTaken
from qafila.runtime.accounts.roles import ADMINISTRATOR
from qafila.runtime.accounts.service import create, named
from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.database import administrator

CLOSED = template("accounts.closed", "This hub adds its merchants itself.")
ASK_IT = template("accounts.ask_the_hub", "Ask the hub for an invitation.")


_WHY = "an organisation that comes by itself is made by the house: before that nobody has any rights in it"


class Closed(Forbidden):
    """The hub lets in whom it invites, and nobody else."""


@dataclass(frozen=True, slots=True)
class Newcomer:
    """What somebody who opens an account says of himself."""

    firm: str
    name: str
    email: str
    password: str


def join(who: Newcomer, now: datetime) -> str:
    """Makes a merchant with its first administrator and signs him in; the token of the session.

    Raises Closed, BadName, BadEmail, BadPassword and EmailTaken.
    """
    if not runtime_hub.read().open:
        raise Closed(CLOSED(), ASK_IT())
    firm, name, email = named(who.firm), named(who.name), accounts_people.address(who.email)
    hashed = secrets.hashed(who.password, name, firm, email, email.split("@")[0])
    with administrator(_WHY) as connection:
        id = new_id("per")
        if not store.insert_person(connection, id, name, email, hashed):
            raise EmailTaken(
                accounts_messages.EMAIL_TAKEN(),
                accounts_messages.SIGN_IN_INSTEAD(),
                field="email",
                value=email,
            )
        made = create(connection, firm, TenantKind.MERCHANT, id)
        store.put_membership(connection, made.id, id, [ADMINISTRATOR])
        store.log(connection, made.id, id, "joined", id, roles=[ADMINISTRATOR])
        return sessions.begin(connection, id, now, made.id)
