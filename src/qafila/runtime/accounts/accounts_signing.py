"""Whose hand an act is: the person who is signed in, or one whom a key of a device names among its own organisation's people."""

from __future__ import annotations

from qafila.core.fault import Fault, Forbidden
from qafila.core.message import template
from qafila.runtime.accounts import store
from qafila.runtime.accounts.accounts_acting import doorkeeping
from qafila.runtime.accounts.model import Actor

ANOTHER_PERSON = template("accounts.another_person", "You are signed in as {name}, not as {said}.")
SIGN_YOURSELF = template("accounts.sign_yourself", "Leave it out: an act bears the name of who is signed in.")
NOT_OF_YOURS = template("accounts.not_of_yours", "Nobody in your organisation is called {said}.")
NAME_A_MEMBER = template(
    "accounts.name_a_member",
    "Name a person of your organisation by name or e-mail, or nobody: then the key's name stands.",
)


class NotHisHand(Forbidden):
    """A person acts in another's name."""


def hand(actor: Actor, by: str) -> str:
    """The name under which an act is written down.

    Args:
        actor: who asks.
        by: the person who is said to act; empty where none is said.

    Raises:
        NotHisHand: somebody who is signed in names another.
        Fault: a key names nobody of its organisation.
    """
    said = by.strip()
    if not said or said.casefold() == actor.name.casefold():
        return actor.name
    if actor.person:
        told = ANOTHER_PERSON(name=actor.name, said=said[:80])
        raise NotHisHand(told, SIGN_YOURSELF(), field="by", value=said[:80])
    with doorkeeping() as connection:
        people = [person for person, _ in store.members(connection, actor.tenant) if not person.disabled]
    for person in people:
        if said == person.id or said.casefold() in (person.name.casefold(), (person.email or "").casefold()):
            return person.name
    raise Fault(NOT_OF_YOURS(said=said[:80]), NAME_A_MEMBER(), field="by", value=said[:80])
