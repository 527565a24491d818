"""The SQL of complaints."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, text

from qafila.openness.complaints.model import Complaint, Step

_COLUMNS = "complaint_id, merchant_id, topic, subject, words, filed_at, filed_by, acknowledge_by, answer_by"


def insert(connection: Connection, made: Complaint) -> None:
    """Keeps a new complaint."""
    connection.execute(
        text(
            f"INSERT INTO complaints ({_COLUMNS}) VALUES (:id, :owner, :topic, :subject, :words, :at, :by, :ack, :answer)"
        ),
        {
            "id": made.id,
            "owner": made.owner,
            "topic": made.topic,
            "subject": made.subject,
            "words": made.words,
            "at": made.filed_at,
            "by": made.filed_by,
            "ack": made.acknowledge_by,
            "answer": made.answer_by,
        },
    )


def add(connection: Connection, owner: str, id: str, step: Step) -> None:
    """Adds a step to a complaint."""
    connection.execute(
        text(
            "INSERT INTO complaint_steps (merchant_id, complaint_id, step, at, by, outcome, words) "
            "VALUES (:owner, :id, :step, :at, :by, :outcome, :words)"
        ),
        {
            "owner": owner,
            "id": id,
            "step": step.step,
            "at": step.at,
            "by": step.by,
            "outcome": step.outcome,
            "words": step.words,
        },
    )


def lock(connection: Connection, id: str) -> None:
    """Lets others who add to a complaint wait until this transaction ends."""
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('complaint ' || :id))"), {"id": id})


def find(connection: Connection, id: str) -> Complaint | None:
    """One complaint that the connection's role sees."""
    return next(iter(_complaints(connection, "complaint_id = :id", {"id": id})), None)


def newest(
    connection: Connection, before: str | None = None, limit: int = 50, open_only: bool = False
) -> list[Complaint]:
    """The complaints that the role sees, the newest first, from behind `before`; or those that wait for an answer, the most urgent first."""
    if open_only:
        return _complaints(
            connection,
            "NOT EXISTS (SELECT FROM complaint_steps s WHERE s.complaint_id = complaints.complaint_id AND s.step IN ('answered', 'withdrawn')) "
            "ORDER BY answer_by, complaint_id LIMIT :limit",
            {"limit": limit},
        )
    return _complaints(
        connection,
        "(CAST(:before AS text) IS NULL OR complaint_id < :before) ORDER BY complaint_id DESC LIMIT :limit",
        {"before": before, "limit": limit},
    )


def _complaints(connection: Connection, where: str, values: dict[str, Any]) -> list[Complaint]:
    rows = connection.execute(text(f"SELECT {_COLUMNS} FROM complaints WHERE {where}"), values).all()
    steps: dict[str, list[Step]] = {}
    for row in connection.execute(
        text(
            "SELECT complaint_id, step, at, by, outcome, words FROM complaint_steps WHERE complaint_id = ANY(:ids) ORDER BY seq"
        ),
        {"ids": [row[0] for row in rows]},
    ):
        steps.setdefault(row[0], []).append(Step(*row[1:]))
    return [
        Complaint(
            row.complaint_id,
            row.merchant_id,
            row.topic,
            row.subject,
            row.words,
            row.filed_at,
            row.filed_by,
            row.acknowledge_by,
            row.answer_by,
            tuple(steps.get(row.complaint_id, ())),
        )
        for row in rows
    ]
