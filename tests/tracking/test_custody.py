"""A carrier works at the places where its services call."""

from __future__ import annotations

from contextlib import suppress
from types import SimpleNamespace
from typing import Any, cast

import pytest

from qafila.core.identifiers.own import new_id
from qafila.runtime.accounts.model import Actor
from qafila.runtime.accounts.tenants import TenantKind
from qafila.tracking.custody import NotServed, at_place
from tests.runtime.accounts.somebody import tenant


def test_a_carrier_works_where_its_services_call() -> None:
    mine, other, none = (tenant(TenantKind.CARRIER, new_id("carrier")) for _ in range(3))
    callers = {
        mine.id: frozenset({"SC-A", "SC-B"}),
        other.name: frozenset({"SC-C"}),
        "Old Post": frozenset({"SC-D"}),
    }
    feed = cast(Any, SimpleNamespace(callers=callers))

    def allowed(actor: Actor) -> set[str]:
        found = set()
        for facility in ("SC-A", "SC-B", "SC-C", "SC-D", "SC-E"):
            with suppress(NotServed):
                at_place(actor, facility, feed)
                found.add(facility)
        return found

    def carrier(one: Any) -> Actor:
        return Actor(tenant=one.id, kind=TenantKind.CARRIER, id="key_1", name="scanner")

    assert allowed(carrier(mine)) == {"SC-A", "SC-B"}
    assert allowed(carrier(other)) == {"SC-C"}  # by its name
    assert allowed(carrier(none)) == {"SC-D"}  # where nobody of the hub's carriers operates
    assert allowed(Actor(tenant="local", kind=TenantKind.HUB, id="key_2", name="hub")) == {
        "SC-A",
        "SC-B",
        "SC-C",
        "SC-D",
        "SC-E",
    }
    with pytest.raises(NotServed):
        at_place(carrier(mine), "SC-D", feed)
