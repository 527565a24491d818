"""Load plans that are kept: built, changed by hand, closed; who did it and why. Every server reads the same plan.

A plan has a revision: whoever changes one that another changed meanwhile is told so, and looks again. A closed plan stays as
it is: the crew flies with its papers. A flight has one plan that stands, and a parcel is on one of an airport (`air_claiming`):
who wants another withdraws the first, and says why.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import orjson
from sqlalchemy import Connection, text

from qafila.air import air_claiming, air_happenings
from qafila.air import air_messages as say
from qafila.air.flight import Flight, LoadPlan
from qafila.context import Context
from qafila.core.fault import Conflict, Fault, NotFound
from qafila.core.identifiers.own import new_id
from qafila.runtime.database import Role, acting_as
from qafila.runtime.events import store as history
from qafila.runtime.events.envelope import Source, Subject, SubjectKind
from qafila.runtime.events.events_types import event


@dataclass(frozen=True, slots=True)
class Kept:
    """A plan as it stands. `asked` and `document` are flight file and plan, packed as a page carries them."""

    id: str
    tenant: str
    flight: str
    state: str
    revision: int
    asked: str
    document: str
    cost: Decimal
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Who:
    """Who acts: his tenant, his name, and as whom events are told."""

    tenant: str
    name: str
    source: Source


_COLUMNS = "plan, tenant, flight, state, revision, asked, document, cost, changed_at"


def keep(
    context: Context, who: Who, flight: Flight, plan: LoadPlan, asked: str, document: str, why: str = ""
) -> Kept:
    """Keeps a plan that was built now.

    Args:
        context: the clock.
        who: acts.
        flight: that it is of.
        plan: as it was built.
        asked: the flight file, packed.
        document: the plan, packed.
        why: in the planner's words.

    Raises:
        Conflict: the flight has a plan that stands, or one carries a parcel of this from the same airport.
    """
    now, departs = context.now(), air_claiming.departure(flight)
    made = Kept(
        new_id("lpl"),
        who.tenant,
        flight.name,
        "built",
        1,
        asked,
        document,
        _decimal(plan.costs.total),
        now,
    )
    with acting_as(Role.OPERATOR) as connection:
        done = connection.execute(
            text(
                f"INSERT INTO load_plans ({_COLUMNS}, departs) VALUES (:i, :t, :f, 'built', 1, :a, :d, :c, :at, :departs) "
                "ON CONFLICT (tenant, flight, departs) WHERE state <> 'withdrawn' DO NOTHING"
            ),
            {
                "i": made.id,
                "t": who.tenant,
                "f": flight.name,
                "departs": departs,
                "a": asked,
                "d": document,
                "c": made.cost,
                "at": now,
            },
        )
        if not done.rowcount:
            raise _planned(connection, made, departs)
        air_claiming.claim(connection, who.tenant, made.id, air_claiming.carried(flight, plan))
        _done(connection, made, who, why, {})
    return made


def _planned(connection: Connection, made: Kept, departs: datetime) -> Conflict:
    """That the flight has a plan; it may have been withdrawn since, then it is told without its number."""
    other = connection.execute(
        text(
            "SELECT plan, revision FROM load_plans "
            "WHERE tenant = :t AND flight = :f AND departs = :d AND state <> 'withdrawn'"
        ),
        {"t": made.tenant, "f": made.flight, "d": departs},
    ).one_or_none()
    plan, revision = (other.plan, other.revision) if other else ("?", 0)
    return Conflict(
        say.FLIGHT_PLANNED(flight=made.flight[:60], plan=plan, revision=revision),
        say.CHANGE_OR_WITHDRAW(),
        field="name",
        value=made.flight[:60],
    )


def change(
    context: Context,
    who: Who,
    id: str,
    revision: int,
    document: str,
    cost: float,
    moved: Mapping[str, str],
    why: str,
) -> Kept:
    """Puts a plan in place of the one that is kept.

    Args:
        revision: of the plan that was looked at.
        moved: the new position of each ULD that was moved.

    Raises:
        NotFound: the tenant has no such plan.
        Conflict: it is closed, or was changed by another meanwhile.
        Fault: no reason is given.
    """
    if not why.strip():
        raise Fault(say.SAY_WHY(), field="why")
    return _set(context, who, id, revision, ("changed", document, cost), moved, why)


def close(context: Context, who: Who, id: str, revision: int, why: str = "") -> Kept:
    """Closes a plan: nobody changes it any more. Closed again it stays as it is. Raises NotFound and Conflict."""
    return _set(context, who, id, revision, ("closed", None, None), {}, why)


def withdraw(context: Context, who: Who, id: str, revision: int, why: str) -> Kept:
    """Withdraws a plan, also a closed one: its flight and its parcels are free for another. Withdrawn again it stays so.

    Raises:
        NotFound: the tenant has no such plan.
        Conflict: it was changed by another meanwhile.
        Fault: no reason is given.
    """
    if not why.strip():
        raise Fault(say.SAY_WHY(), field="why")
    return _set(context, who, id, revision, ("withdrawn", None, None), {}, why)


def still(found: Kept, revision: int, closed: bool = False) -> None:
    """Raises Conflict where a plan is withdrawn or closed (but where `closed` ones are meant, too), or has another revision
    than the one that was looked at."""
    if found.state == "withdrawn":
        raise Conflict(
            say.PLAN_WITHDRAWN(plan=found.id[:60]), say.BUILD_ANEW(), field="plan", value=found.id[:60]
        )
    if found.state == "closed" and not closed:
        raise Conflict(
            say.PLAN_CLOSED(plan=found.id[:60]), say.BUILD_ANEW(), field="plan", value=found.id[:60]
        )
    if found.revision != revision:
        raise Conflict(
            say.PLAN_CHANGED(plan=found.id[:60], revision=found.revision),
            say.LOOK_AGAIN(),
            field="revision",
            value=str(revision),
        )


def _set(
    context: Context,
    who: Who,
    id: str,
    revision: int,
    to: tuple[str, str | None, float | None],
    moved: Mapping[str, str],
    why: str,
) -> Kept:
    state, document, cost = to
    now = context.now()
    with acting_as(Role.OPERATOR) as connection:
        found = _one(connection, who.tenant, id, lock=True)
        if found.state == state and state in ("closed", "withdrawn"):
            return found
        still(found, revision, closed=state == "withdrawn")
        made = Kept(
            found.id,
            found.tenant,
            found.flight,
            state,
            revision + 1,
            found.asked,
            document or found.document,
            found.cost if cost is None else _decimal(cost),
            now,
        )
        connection.execute(
            text(
                "UPDATE load_plans SET state = :s, revision = :r, document = :d, cost = :c, changed_at = :at WHERE plan = :i"
            ),
            {"s": state, "r": made.revision, "d": made.document, "c": made.cost, "at": now, "i": id},
        )
        if state == "withdrawn":
            air_claiming.release(connection, id)
        _done(connection, made, who, why, moved)
    return made


def _done(connection: Connection, made: Kept, who: Who, why: str, moved: Mapping[str, str]) -> None:
    said = why.strip()[:500]
    connection.execute(
        text(
            "INSERT INTO load_plan_acts (plan, revision, act, by, why, moved, cost, at) VALUES (:i, :r, :a, :by, :w, CAST(:m AS jsonb), :c, :at)"
        ),
        {
            "i": made.id,
            "r": made.revision,
            "a": made.state,
            "by": who.name[:200],
            "w": said,
            "c": made.cost,
            "at": made.changed_at,
            "m": orjson.dumps(dict(moved)).decode(),
        },
    )
    details = {
        "plan": made.id,
        "revision": made.revision,
        "by": who.name[:200],
        "why": said,
        "moved": dict(moved),
    }
    told = event(
        air_happenings.OF[made.state],
        Subject(SubjectKind.VEHICLE.value, made.flight[:200]),
        made.changed_at,
        who.source,
        details={k: v for k, v in details.items() if v},
    )
    history.append_new(connection, None, [told])


def read(tenant: str, id: str) -> tuple[Kept, list[Any]]:
    """A plan of a tenant, and what was done with it in order. Raises NotFound."""
    with acting_as(Role.OPERATOR) as connection:
        found = _one(connection, tenant, id)
        acts = connection.execute(
            text(
                "SELECT revision, act, by, why, moved, cost, at FROM load_plan_acts WHERE plan = :i ORDER BY revision"
            ),
            {"i": id},
        )
        return found, list(acts)


def listed(tenant: str, flight: str = "", most: int = 50) -> list[Kept]:
    """A tenant's plans, the newest first; of one flight where it is named."""
    with acting_as(Role.OPERATOR) as connection:
        rows = connection.execute(
            text(
                f"SELECT {_COLUMNS} FROM load_plans WHERE tenant = :t AND (:f = '' OR flight = :f) "
                "ORDER BY changed_at DESC, plan LIMIT :n"
            ),
            {"t": tenant, "f": flight, "n": most},
        )
        return [Kept(*row) for row in rows]


def _one(connection: Connection, tenant: str, id: str, lock: bool = False) -> Kept:
    row = connection.execute(
        text(
            f"SELECT {_COLUMNS} FROM load_plans WHERE plan = :i AND tenant = :t{' FOR UPDATE' if lock else ''}"
        ),
        {"i": id, "t": tenant},
    ).one_or_none()
    if row is None:
        raise NotFound(say.NO_PLAN(plan=id[:60]), field="plan", value=id[:60])
    return Kept(*row)


def _decimal(cost: float) -> Decimal:
    return Decimal(str(round(cost, 2)))
