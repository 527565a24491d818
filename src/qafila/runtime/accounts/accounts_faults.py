"""What can go wrong with accounts."""

from __future__ import annotations

from qafila.core.fault import Conflict, Fault, Forbidden, NotFound
from qafila.runtime.accounts import accounts_messages


class UnknownTenant(NotFound):
    """No tenant has this id, or not for who asks."""

    def __init__(self, tenant_id: str) -> None:
        super().__init__(accounts_messages.NO_TENANT(id=tenant_id), field="tenant", value=tenant_id)


class UnknownPerson(NotFound):
    """No person has this id or e-mail, or not in this tenant."""

    def __init__(self, person: str) -> None:
        super().__init__(accounts_messages.NO_PERSON(person=person), field="person", value=person)


class UnknownScope(Fault, ValueError):
    """A scope does not exist, or is none for this kind of tenant."""


class UnknownRole(Fault, ValueError):
    """A role does not exist, or is none of this kind of tenant."""


class EmailTaken(Conflict):
    """Somebody signs in with this e-mail already."""


class BadPassword(Fault, ValueError):
    """A password that nobody should use."""


class NotLetIn(Forbidden):
    """Sign-in is refused: it is not said whether e-mail, password or the account is the reason."""


class TooManyAttempts(Forbidden):
    """Sign-in is barred for a while after many failures."""

    kind = "too-many-attempts"


class LinkOver(Conflict):
    """An invitation or a link is unknown, used, withdrawn or too old: it is not said which."""


class NotYours(NotFound):
    """A tenant in which the person has no role."""


class LastAdministrator(Conflict):
    """A tenant keeps at least one administrator."""


class BadName(Fault, ValueError):
    """A name is empty or too long."""


class Suspended(Forbidden):
    """The operator has suspended the tenant: nothing is done for it."""


class BadEmail(Fault, ValueError):
    """It is no e-mail address, or not the one that was invited."""


class MoreThanOwn(Forbidden):
    """Somebody would give a role that may do more than he may himself."""
