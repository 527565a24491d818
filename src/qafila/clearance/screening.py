"""Screening at work: the operator's lists in the database, the hits, and who cleared whom and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import orjson
from pydantic import TypeAdapter
from sqlalchemy import Connection, text

from qafila.clearance import clearance_messages as m
from qafila.clearance.declaration import Declaration
from qafila.core.fault import Conflict, Fault
from qafila.core.identifiers.own import new_id
from qafila.core.message import Choice, Message
from qafila.core.message_json import from_json, to_json
from qafila.customs.screening import Listed, Party, Screener

_PARTIES: TypeAdapter[tuple[Listed, ...]] = TypeAdapter(tuple[Listed, ...])
VERDICTS = ("cleared", "confirmed")


@dataclass(frozen=True, slots=True)
class FoundHit:
    """A party of a declaration that may be on a list, and what was decided."""

    id: str
    merchant_id: str
    declaration_id: str
    role: str
    party_name: str
    list_id: str
    listed_id: str
    listed_name: str
    score: float
    reason: Message
    found_at: datetime
    verdict: str | None
    decided_by: str | None
    decided_at: datetime | None
    why: str | None


@dataclass(frozen=True, slots=True)
class LoadedList:
    """A list as it was loaded."""

    id: str
    source: str
    loaded_at: datetime
    parties: int


class UnknownHit(Conflict):
    """There is no hit of this id."""


def load(connection: Connection, list_id: str, source: str, parties: Sequence[Listed]) -> None:
    """Puts a list in the place of the one with the same id. As the operator."""
    connection.execute(
        text(
            "INSERT INTO screening_lists (list_id, source, parties) VALUES (:id, :source, CAST(:parties AS jsonb)) "
            "ON CONFLICT (list_id) DO UPDATE SET source = :source, parties = CAST(:parties AS jsonb), loaded_at = now()"
        ),
        {"id": list_id, "source": source, "parties": _PARTIES.dump_json(tuple(parties)).decode()},
    )


def loaded(connection: Connection) -> list[LoadedList]:
    """The lists there are. As the operator."""
    rows = connection.execute(
        text(
            "SELECT list_id, source, loaded_at, jsonb_array_length(parties) AS parties FROM screening_lists ORDER BY list_id"
        )
    )
    return [LoadedList(r.list_id, r.source, r.loaded_at, r.parties) for r in rows]


def screener(connection: Connection) -> Screener:
    """The lists as they are now, made ready for matching; built anew only when one changed. As the operator."""
    versions = connection.execute(
        text("SELECT list_id, loaded_at::text FROM screening_lists ORDER BY list_id")
    ).all()
    key = tuple((id, at) for id, at in versions)
    if key not in _screeners:
        parties: list[Listed] = []
        for document in connection.execute(
            text("SELECT parties FROM screening_lists ORDER BY list_id")
        ).scalars():
            parties += _PARTIES.validate_python(document)
        _screeners.clear()
        _screeners[key] = Screener(parties)
    return _screeners[key]


_screeners: dict[tuple[tuple[str, str], ...], Screener] = {}


def screen(connection: Connection, merchant_id: str, declarations: Sequence[Declaration]) -> int:
    """Screens the parties of declarations and files the hits; returns how many are new. As the operator.

    A party whom somebody cleared for the same merchant against the same listed one is not brought up again.
    """
    ready = screener(connection)
    if not ready.parties:
        return 0
    find = lru_cache(maxsize=None)(ready.screen)
    rows = []
    for declaration in declarations:
        for role in ("exporter", "importer", "declarant"):
            party = getattr(declaration, role)
            if not party.name:
                continue
            for hit in find(
                Party(party.name, party.country, identifiers=(party.number,) if party.number else ())
            ):
                rows.append(
                    {
                        "hit_id": new_id("hit"),
                        "declaration_id": declaration.id,
                        "role": role,
                        "party_name": party.name,
                        "list_id": hit.listed.list_id,
                        "listed_id": hit.listed.id,
                        "listed_name": hit.matched_name,
                        "score": hit.score,
                        "reason": to_json(hit.reason),
                    }
                )
    if not rows:
        return 0
    return connection.execute(
        text(
            """
            INSERT INTO screening_hits (merchant_id, hit_id, declaration_id, role, party_name, list_id, listed_id,
                listed_name, score, reason)
            SELECT :m, r.* FROM json_to_recordset(CAST(:rows AS json)) AS r (hit_id text, declaration_id text,
                role text, party_name text, list_id text, listed_id text, listed_name text, score real, reason jsonb)
            WHERE NOT EXISTS (SELECT FROM screening_hits h WHERE h.merchant_id = :m AND h.party_name = r.party_name
                AND h.list_id = r.list_id AND h.listed_id = r.listed_id AND h.verdict = 'cleared')
            ON CONFLICT (merchant_id, declaration_id, role, list_id, listed_id) DO NOTHING
            """
        ),
        {"m": merchant_id, "rows": orjson.dumps(rows).decode()},
    ).rowcount


def hits(
    connection: Connection, declaration_id: str | None = None, open_only: bool = False, limit: int = 200
) -> list[FoundHit]:
    """Hits, of one declaration or of all, the strongest first."""
    rows = connection.execute(
        text(
            """
            SELECT hit_id AS id, merchant_id, declaration_id, role, party_name, list_id, listed_id, listed_name, score, reason,
                found_at, verdict, decided_by, decided_at, why
            FROM screening_hits
            WHERE (CAST(:d AS text) IS NULL OR declaration_id = :d) AND (NOT :open OR verdict IS NULL)
            ORDER BY score DESC, found_at LIMIT :limit
            """
        ),
        {"d": declaration_id, "open": open_only, "limit": limit},
    )
    return [FoundHit(**{**row, "reason": from_json(row["reason"])}) for row in rows.mappings()]


def blocking(connection: Connection, declaration_id: str) -> int:
    """How many hits of a declaration are not cleared: open ones and confirmed ones."""
    return int(
        connection.execute(
            text(
                "SELECT count(*) FROM screening_hits WHERE declaration_id = :d AND verdict IS DISTINCT FROM 'cleared'"
            ),
            {"d": declaration_id},
        ).scalar_one()
    )


def decide(connection: Connection, hit_id: str, verdict: str, by: str, why: str, at: datetime) -> None:
    """Records who cleared or confirmed a hit, and why. As the operator.

    Raises UnknownHit, and Fault where no reason is given: a clearance without one proves nothing.
    """
    if verdict not in VERDICTS:
        allowed = m.VERDICTS_ARE(verdicts=Choice(VERDICTS))
        raise Fault(m.NO_VERDICT(verdict=verdict), allowed, field="verdict", value=verdict)
    if not why.strip() or not by.strip():
        raise Fault(m.NO_REASON(), m.RECORD_STANDS(), field="why")
    changed = connection.execute(
        text(
            "UPDATE screening_hits SET verdict = :v, decided_by = :by, decided_at = :at, why = :why "
            "WHERE hit_id = :id AND verdict IS NULL"
        ),
        {"v": verdict, "by": by, "at": at, "why": why, "id": hit_id},
    )
    if not changed.rowcount:
        raise UnknownHit(m.NO_OPEN_HIT(id=hit_id), m.SEE_HITS(), value=hit_id)
