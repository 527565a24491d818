"""The use cases of the protection of data, each one transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from qafila.network.model import Feed
from qafila.openness.privacy import privacy_people
from qafila.openness.privacy.privacy_people import Erased
from qafila.runtime.database import administrator

_WHY = "a person's data lie in the tables of all floors; each statement is bound to the tenant"


def give(tenant: str, who: str) -> tuple[privacy_people.Person, dict[str, Any]]:
    """A person and everything about it that a tenant has here. Raises NotFound."""
    with administrator(_WHY) as connection:
        person = privacy_people.find(connection, tenant, who)
        return person, privacy_people.give(connection, person)


def erase(tenant: str, who: str, by: str, feed: Feed, now: datetime) -> Erased:
    """Erases a person's data. Raises NotFound, and Conflict where a parcel needs its address."""
    with administrator(_WHY) as connection:
        return privacy_people.erase(connection, privacy_people.find(connection, tenant, who), by, feed, now)
