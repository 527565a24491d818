"""Goods under bond: what came into the warehouse with duty suspended, and what was released from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, text

from qafila.clearance import clearance_messages as m
from qafila.clearance import store
from qafila.clearance.declaration import Declaration, DeclarationLine, Procedure
from qafila.clearance.lifecycle import State, Step, StepRefused, said
from qafila.clearance.store import Filed
from qafila.clearance.written import usual_dataset
from qafila.core.fault import Fault
from qafila.core.identifiers.own import new_id
from qafila.core.money import Money


@dataclass(frozen=True, slots=True)
class Stock:
    """What is left of one line of an entry."""

    entry_id: str
    line: int
    description: str
    hs: str
    entered: Decimal
    left: Decimal
    warehouse: str
    since: datetime


def receive(connection: Connection, filed: Filed, by: str, at: datetime) -> None:
    """Enters every line of a declaration that was bonded, once."""
    for index, line in enumerate(filed.declaration.lines):
        connection.execute(
            text(
                "INSERT INTO bonded_moves (merchant_id, entry_id, line, quantity, at, by) "
                "SELECT :m, :e, :l, :q, :at, :by WHERE NOT EXISTS "
                "(SELECT FROM bonded_moves WHERE merchant_id = :m AND entry_id = :e AND line = :l)"
            ),
            {
                "m": filed.merchant_id,
                "e": filed.declaration.id,
                "l": index,
                "q": line.quantity or Decimal(1),
                "at": at,
                "by": by,
            },
        )


def stock(connection: Connection, entry_id: str | None = None) -> list[Stock]:
    """What lies under bond, the oldest first; lines of which nothing is left are left out."""
    rows = connection.execute(
        text(
            """
            SELECT entry_id, line, sum(quantity) AS left, sum(quantity) FILTER (WHERE release_id IS NULL) AS entered,
                min(at) AS since
            FROM bonded_moves WHERE CAST(:e AS text) IS NULL OR entry_id = :e
            GROUP BY merchant_id, entry_id, line HAVING sum(quantity) > 0 ORDER BY min(at), entry_id, line
            """
        ),
        {"e": entry_id},
    ).all()
    found = []
    for row in rows:
        declaration = store.get(connection, row.entry_id).declaration
        line = declaration.lines[row.line]
        found.append(
            Stock(
                row.entry_id,
                row.line,
                line.description,
                line.hs,
                row.entered,
                row.left,
                declaration.warehouse,
                row.since,
            )
        )
    return found


def release(
    connection: Connection, entry_id: str, quantities: Mapping[int, Decimal], by: str, at: datetime
) -> Declaration:
    """Takes goods out of bond: opens the import declaration for them, whose duty is due by the law of its day.

    `quantities` maps the entry's lines to what leaves; value, weights and the shares of freight and
    insurance leave in proportion. Raises StepRefused where the goods are not under bond, Fault where there
    is less than asked.
    """
    filed = store.get(connection, entry_id, lock=True)
    if filed.state is not State.BONDED:
        standing = m.NOT_BONDED(id=entry_id, state=said(filed.state))
        raise StepRefused(standing, m.RELEASE_FROM_BOND(), field="state", value=filed.state.value)
    if not quantities:
        raise Fault(m.NONE_LEAVES(), m.SAY_PIECES(), field="quantities")
    left = {s.line: s.left for s in stock(connection, entry_id)}
    for line, quantity in quantities.items():
        if quantity <= 0 or quantity > left.get(line, Decimal(0)):
            asked = m.TOO_MANY_ASKED(line=line + 1, asked=quantity, left=left.get(line, Decimal(0)))
            raise Fault(asked, m.ASK_FOR_LESS(), field=f"quantities[{line}]", value=str(quantity))
    entry = filed.declaration
    lines = tuple(_part(entry.lines[n], quantity) for n, quantity in sorted(quantities.items()))
    share = _share(entry, lines)
    declaration = replace(
        entry,
        id=new_id("dcl"),
        procedure=Procedure.IMPORT,
        dataset=usual_dataset(Procedure.IMPORT, entry.territory),
        lines=lines,
        previous_document=entry.id,
        gross_kg=None if entry.gross_kg is None else (entry.gross_kg * share).quantize(Decimal("0.001")),
        freight=_of(entry.freight, share),
        insurance=_of(entry.insurance, share),
    )
    store.insert(connection, filed.merchant_id, [declaration], at, by)
    for line, quantity in quantities.items():
        _move(connection, filed, entry_id, line, -quantity, declaration.id, by, at)
    return declaration


def put_back(connection: Connection, released: Filed, by: str, at: datetime) -> None:
    """Lays goods back under bond whose import declaration was withdrawn."""
    for row in _of_release(connection, released):
        _move(connection, released, row.entry_id, row.line, -row.quantity, released.declaration.id, by, at)


def settle(connection: Connection, released: Filed, by: str, at: datetime) -> None:
    """Closes an entry when the last of its goods was released for import."""
    for entry_id in {row.entry_id for row in _of_release(connection, released)}:
        entry = store.get(connection, entry_id, lock=True)
        others = {
            filed.state
            for filed in store.of_parcel(connection, entry.declaration.parcel)
            if filed.declaration.previous_document == entry_id
        }
        done = others <= {State.RELEASED, State.WITHDRAWN}
        if entry.state is State.BONDED and done and not stock(connection, entry_id):
            store.note(connection, entry, Step(State.RELEASED, at, by, m.ALL_RELEASED()))


def _of_release(connection: Connection, released: Filed) -> Sequence[Row[Any]]:
    """What an import declaration took out of bond, by line; nothing where it took none or it was put back."""
    return connection.execute(
        text(
            "SELECT entry_id, line, sum(quantity) AS quantity FROM bonded_moves "
            "WHERE merchant_id = :m AND release_id = :r GROUP BY entry_id, line HAVING sum(quantity) <> 0"
        ),
        {"m": released.merchant_id, "r": released.declaration.id},
    ).all()


def _move(
    connection: Connection,
    filed: Filed,
    entry_id: str,
    line: int,
    quantity: Decimal,
    release_id: str,
    by: str,
    at: datetime,
) -> None:
    connection.execute(
        text(
            "INSERT INTO bonded_moves (merchant_id, entry_id, line, quantity, release_id, at, by) "
            "VALUES (:m, :e, :l, :q, :r, :at, :by)"
        ),
        {
            "m": filed.merchant_id,
            "e": entry_id,
            "l": line,
            "q": quantity,
            "r": release_id,
            "at": at,
            "by": by,
        },
    )


def _part(line: DeclarationLine, quantity: Decimal) -> DeclarationLine:
    share = quantity / (line.quantity or Decimal(1))
    return replace(
        line,
        quantity=quantity,
        net_kg=None if line.net_kg is None else (line.net_kg * share).quantize(Decimal("0.001")),
        gross_kg=None if line.gross_kg is None else (line.gross_kg * share).quantize(Decimal("0.001")),
        value=_of(line.value, share),
    )


def _share(entry: Declaration, lines: tuple[DeclarationLine, ...]) -> Decimal:
    """The part of the entry that leaves, by value; by pieces where values are not all known."""
    whole = entry.value
    parts = [line.value for line in lines]
    if whole is not None and whole.amount and all(p is not None for p in parts):
        return sum((p.amount for p in parts if p is not None), start=Decimal(0)) / whole.amount
    pieces = sum((line.quantity or Decimal(1) for line in entry.lines), start=Decimal(0))
    return sum((line.quantity or Decimal(1) for line in lines), start=Decimal(0)) / pieces


def _of(money: Money | None, share: Decimal) -> Money | None:
    return None if money is None else (money * share).rounded()
