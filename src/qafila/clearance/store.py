"""The SQL of declarations, their steps and papers, and of screening hits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson
from pydantic import TypeAdapter
from sqlalchemy import Connection, text

from qafila.clearance import clearance_messages as m
from qafila.clearance.declaration import Declaration
from qafila.clearance.lifecycle import State, Step
from qafila.core.fault import NotFound
from qafila.core.message_json import from_json, to_json

_DECLARATION: TypeAdapter[Declaration] = TypeAdapter(Declaration)


@dataclass(frozen=True, slots=True)
class Filed:
    """A declaration with where it stands."""

    merchant_id: str
    declaration: Declaration
    state: State
    opened_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper that lifts a restriction."""

    restriction_id: str
    number: str
    issued_on: date | None


class UnknownDeclaration(NotFound):
    """There is no declaration of this id, or it is another merchant's."""


def insert(
    connection: Connection, merchant_id: str, declarations: Sequence[Declaration], at: datetime, by: str
) -> list[str]:
    """Opens declarations as drafts; returns the ids of those that were new.

    A parcel that is declared already for the same procedure and territory is passed over.
    """
    if not declarations:
        return []
    rows = [
        {
            "id": d.id,
            "parcel": d.parcel,
            "procedure": d.procedure.value,
            "territory": d.territory,
            "document": orjson.Fragment(_json(d)),
        }
        for d in declarations
    ]
    new = connection.execute(
        text(
            """
            WITH opened AS (
                INSERT INTO declarations (merchant_id, declaration_id, parcel, procedure, territory, state, document,
                    opened_at, changed_at)
                SELECT :merchant, r.id, r.parcel, r.procedure, r.territory, 'draft', r.document, :at, :at
                FROM json_to_recordset(CAST(:rows AS json)) AS r (id text, parcel text, procedure text,
                    territory text, document jsonb)
                ON CONFLICT DO NOTHING RETURNING declaration_id
            ), noted AS (
                INSERT INTO declaration_steps (merchant_id, declaration_id, state, at, by)
                SELECT :merchant, declaration_id, 'draft', :at, :by FROM opened
            )
            SELECT declaration_id FROM opened
            """
        ),
        {"merchant": merchant_id, "rows": orjson.dumps(rows).decode(), "at": at, "by": by},
    )
    return list(new.scalars())


def get(connection: Connection, declaration_id: str, lock: bool = False) -> Filed:
    """One declaration; locked until the transaction ends where asked. Raises UnknownDeclaration."""
    row = connection.execute(
        text(f"{_FILED} WHERE declaration_id = :id {'FOR UPDATE' if lock else ''}"), {"id": declaration_id}
    ).one_or_none()
    if row is None:
        raise UnknownDeclaration(m.NO_DECLARATION(id=declaration_id), m.CHECK_ID(), value=declaration_id)
    return _filed(row)


def of_parcel(connection: Connection, parcel: str) -> list[Filed]:
    """The declarations of a parcel, the oldest first."""
    rows = connection.execute(
        text(f"{_FILED} WHERE parcel = :p ORDER BY opened_at, declaration_id"), {"p": parcel}
    )
    return [_filed(row) for row in rows]


def in_states(
    connection: Connection, states: Iterable[State], limit: int = 200, before: datetime | None = None
) -> list[Filed]:
    """Declarations in some states, those that waited longest first."""
    rows = connection.execute(
        text(
            f"{_FILED} WHERE state = ANY(:states) AND (CAST(:before AS timestamptz) IS NULL OR changed_at < :before) "
            "ORDER BY changed_at, declaration_id LIMIT :limit"
        ),
        {"states": [s.value for s in states], "before": before, "limit": limit},
    )
    return [_filed(row) for row in rows]


def found(
    connection: Connection, states: Iterable[State], search: str = "", limit: int = 60, offset: int = 0
) -> tuple[list[Filed], int]:
    """Declarations in some states that a search finds, those that waited longest first, and how many it finds in all.

    Args:
        search: words of which each stands in the parcel's number, the reference, the goods, an HS code or a party's name;
            empty for all.
    """
    # backslash, per cent and underscore are letters of a search, not patterns
    words = [w.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") for w in search.split()[:8]]
    wanted = " AND ".join(
        [
            "state = ANY(:states)",
            *(f"(parcel || ' ' || document::text) ILIKE :w{n}" for n in range(len(words))),
        ]
    )
    given: dict[str, Any] = {"states": [s.value for s in states]} | {
        f"w{n}": f"%{w}%" for n, w in enumerate(words)
    }
    rows = connection.execute(
        text(f"{_FILED} WHERE {wanted} ORDER BY changed_at, declaration_id LIMIT :limit OFFSET :offset"),
        {**given, "limit": limit, "offset": offset},
    )
    count = connection.execute(text(f"SELECT count(*) FROM declarations WHERE {wanted}"), given).scalar_one()
    return [_filed(row) for row in rows], count


def counts(connection: Connection) -> dict[State, int]:
    """How many declarations are in each state."""
    rows = connection.execute(text("SELECT state, count(*) FROM declarations GROUP BY state"))
    return {State(state): count for state, count in rows}


def note(
    connection: Connection,
    filed: Filed,
    step: Step,
    asks: Sequence[str] = (),
    changes: dict[str, Any] | None = None,
) -> None:
    """Writes a step and moves the declaration to its state."""
    keys = {
        "merchant": filed.merchant_id,
        "id": filed.declaration.id,
        "state": step.state.value,
        "at": step.at,
    }
    connection.execute(
        text(
            "INSERT INTO declaration_steps (merchant_id, declaration_id, state, at, by, reason, asks, changes) "
            "VALUES (:merchant, :id, :state, :at, :by, CAST(:reason AS jsonb), :asks, CAST(:changes AS jsonb))"
        ),
        {
            **keys,
            "by": step.by,
            "reason": orjson.dumps(to_json(step.reason) if step.reason else "").decode(),
            "asks": list(asks),
            "changes": orjson.dumps(changes).decode() if changes else None,
        },
    )
    connection.execute(
        text(
            "UPDATE declarations SET state = :state, changed_at = :at "
            "WHERE merchant_id = :merchant AND declaration_id = :id"
        ),
        keys,
    )


def rewrite(connection: Connection, filed: Filed, declaration: Declaration) -> None:
    """Puts an amended declaration in the place of the former; the step that goes with it keeps what changed."""
    connection.execute(
        text(
            "UPDATE declarations SET document = CAST(:document AS jsonb) "
            "WHERE merchant_id = :merchant AND declaration_id = :id"
        ),
        {"document": _json(declaration).decode(), "merchant": filed.merchant_id, "id": declaration.id},
    )


@dataclass(frozen=True, slots=True)
class NotedStep:
    """A step as it stands in the history."""

    step: Step
    asks: tuple[str, ...]
    changes: dict[str, Any]


def steps(connection: Connection, declaration_id: str) -> list[NotedStep]:
    """Every step of a declaration, in order."""
    rows = connection.execute(
        text(
            "SELECT state, at, by, reason, asks, changes FROM declaration_steps WHERE declaration_id = :id ORDER BY seq"
        ),
        {"id": declaration_id},
    )
    return [
        NotedStep(
            Step(State(r.state), r.at, r.by, from_json(r.reason) or None), tuple(r.asks), r.changes or {}
        )
        for r in rows
    ]


def add_paper(connection: Connection, filed: Filed, paper: Paper, by: str) -> None:
    """Puts a paper to a declaration; the same restriction's paper is put once."""
    connection.execute(
        text(
            "INSERT INTO declaration_papers (merchant_id, declaration_id, restriction_id, number, issued_on, added_by) "
            "VALUES (:m, :d, :r, :n, :on, :by) ON CONFLICT DO NOTHING"
        ),
        {
            "m": filed.merchant_id,
            "d": filed.declaration.id,
            "r": paper.restriction_id,
            "n": paper.number,
            "on": paper.issued_on,
            "by": by,
        },
    )


def papers(connection: Connection, declaration_id: str) -> list[Paper]:
    """The papers put to a declaration."""
    rows = connection.execute(
        text(
            "SELECT restriction_id, number, issued_on FROM declaration_papers WHERE declaration_id = :id "
            "ORDER BY restriction_id"
        ),
        {"id": declaration_id},
    )
    return [Paper(*row) for row in rows]


_FILED = "SELECT merchant_id, document, state, opened_at, changed_at FROM declarations"


def _filed(row: Any) -> Filed:
    return Filed(
        row.merchant_id,
        _DECLARATION.validate_python(row.document),
        State(row.state),
        row.opened_at,
        row.changed_at,
    )


def _json(declaration: Declaration) -> bytes:
    return _DECLARATION.dump_json(declaration)
