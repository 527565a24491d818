"""The SQL of sessions, sign-in links, invitations and failed attempts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, text


@dataclass(frozen=True, slots=True)
class Invitation:
    """Somebody is asked to join a tenant. `open` until accepted, withdrawn or too old."""

    id: str
    tenant_id: str
    email: str
    roles: frozenset[str]
    invited_by: str
    invited_at: datetime
    expires_at: datetime
    open: bool


# -- sessions


def begin(
    connection: Connection,
    secret_hash: bytes,
    tenant_id: str,
    expires_at: datetime,
    *,
    person_id: str | None = None,
    key_id: str | None = None,
) -> None:
    """Begins a session of a person or a key."""
    connection.execute(
        text(
            "INSERT INTO sessions (secret_hash, person_id, key_id, tenant_id, expires_at) "
            "VALUES (:hash, :person, :key, :tenant, :expires)"
        ),
        {"hash": secret_hash, "person": person_id, "key": key_id, "tenant": tenant_id, "expires": expires_at},
    )


def live(connection: Connection, secret_hash: bytes, now: datetime, seen_after: datetime) -> Row[Any] | None:
    """A session that stands: neither over nor idle, its person, key, membership and tenant all in force."""
    return connection.execute(
        text(
            """
            SELECT s.tenant_id, s.seen_at, t.name AS tenant_name, t.kind, t.created_at AS tenant_since,
                p.person_id, p.name AS person_name, m.roles, m.firm,
                k.key_id, k.name AS key_name, k.scopes, k.created_at AS key_since
            FROM sessions s JOIN tenants t USING (tenant_id)
                LEFT JOIN people p ON p.person_id = s.person_id AND p.disabled_at IS NULL
                LEFT JOIN acting_memberships m ON m.person_id = s.person_id AND m.tenant_id = s.tenant_id
                LEFT JOIN api_keys k ON k.key_id = s.key_id AND k.revoked_at IS NULL
                    AND (k.expires_at IS NULL OR k.expires_at > :now)
            WHERE s.secret_hash = :hash AND s.ended_at IS NULL AND s.expires_at > :now AND s.seen_at > :after
                AND t.suspended_at IS NULL AND (k.key_id IS NOT NULL OR p.person_id IS NOT NULL AND m.roles IS NOT NULL)
            """
        ),
        {"hash": secret_hash, "now": now, "after": seen_after},
    ).one_or_none()


def seen(connection: Connection, secret_hash: bytes, now: datetime) -> None:
    """Notes that a session is in use."""
    connection.execute(
        text("UPDATE sessions SET seen_at = :now WHERE secret_hash = :hash"),
        {"now": now, "hash": secret_hash},
    )


def move(connection: Connection, secret_hash: bytes, tenant_id: str) -> None:
    """Lets a session act for another tenant."""
    connection.execute(
        text("UPDATE sessions SET tenant_id = :t WHERE secret_hash = :hash"),
        {"t": tenant_id, "hash": secret_hash},
    )


def digests_of(connection: Connection, person_id: str) -> list[bytes]:
    """The hashes of a person's sessions, also of those that are over, while they are kept; the latest first."""
    rows = connection.execute(
        text("SELECT secret_hash FROM sessions WHERE person_id = :p ORDER BY expires_at DESC LIMIT 1000"),
        {"p": person_id},
    )
    return [bytes(one) for one in rows.scalars()]


def end(connection: Connection, secret_hash: bytes, now: datetime) -> None:
    """Ends a session."""
    connection.execute(
        text("UPDATE sessions SET ended_at = coalesce(ended_at, :now) WHERE secret_hash = :hash"),
        {"now": now, "hash": secret_hash},
    )


def end_all(connection: Connection, person_id: str, now: datetime, but: bytes = b"") -> int:
    """Ends every session of a person but one; returns how many."""
    return connection.execute(
        text(
            "UPDATE sessions SET ended_at = :now WHERE person_id = :p AND ended_at IS NULL AND secret_hash <> :but"
        ),
        {"now": now, "p": person_id, "but": but},
    ).rowcount


def forget_old(connection: Connection, before: datetime) -> None:
    """Deletes sessions, links and failures that have been over since before an instant."""
    for statement in (
        "DELETE FROM sessions WHERE expires_at < :before OR ended_at < :before",
        "DELETE FROM sign_in_links WHERE expires_at < :before",
        "DELETE FROM sign_in_failures WHERE at < :before",
    ):
        connection.execute(text(statement), {"before": before})


# -- links that sign in once


def put_link(connection: Connection, secret_hash: bytes, person_id: str, expires_at: datetime) -> None:
    """A link that signs a person in once; links made for him before are none any more."""
    connection.execute(
        text("DELETE FROM sign_in_links WHERE person_id = :p AND used_at IS NULL"), {"p": person_id}
    )
    connection.execute(
        text("INSERT INTO sign_in_links (secret_hash, person_id, expires_at) VALUES (:hash, :p, :expires)"),
        {"hash": secret_hash, "p": person_id, "expires": expires_at},
    )


def use_link(connection: Connection, secret_hash: bytes, now: datetime) -> str | None:
    """Uses a link up; the id of its person, or None where it opens nothing (any more)."""
    return connection.execute(
        text(
            "UPDATE sign_in_links SET used_at = :now WHERE secret_hash = :hash AND used_at IS NULL "
            "AND expires_at > :now RETURNING person_id"
        ),
        {"hash": secret_hash, "now": now},
    ).scalar_one_or_none()


# -- failed attempts


def count_failures(connection: Connection, subjects: Sequence[str], since: datetime) -> dict[str, int]:
    """How often each of some subjects failed since an instant."""
    rows = connection.execute(
        text(
            "SELECT subject, count(*) FROM sign_in_failures WHERE subject = ANY(:s) AND at > :since GROUP BY subject"
        ),
        {"s": list(subjects), "since": since},
    )
    return {subject: int(n) for subject, n in rows}


def add_failures(connection: Connection, subjects: Sequence[str], at: datetime) -> None:
    """Notes a failed attempt under each of some subjects."""
    connection.execute(
        text("INSERT INTO sign_in_failures (subject, at) SELECT s, :at FROM unnest(CAST(:s AS text[])) s"),
        {"s": list(subjects), "at": at},
    )


def forgive(connection: Connection, subject: str) -> None:
    """Forgets the failures of a subject that has now got in."""
    connection.execute(text("DELETE FROM sign_in_failures WHERE subject = :s"), {"s": subject})


# -- invitations

_INVITATION = (
    "invitation_id, tenant_id, email, roles, invited_by, invited_at, expires_at, "
    "accepted_at IS NULL AND withdrawn_at IS NULL AND expires_at > :now AS open"
)


def invite(
    connection: Connection, invitation: Invitation, secret_hash: bytes, roles: Collection[str]
) -> None:
    """Adds an invitation; open ones of the same e-mail to the same tenant are withdrawn."""
    connection.execute(
        text(
            "UPDATE invitations SET withdrawn_at = :at WHERE tenant_id = :t AND email = :email "
            "AND accepted_at IS NULL AND withdrawn_at IS NULL"
        ),
        {"t": invitation.tenant_id, "email": invitation.email, "at": invitation.invited_at},
    )
    connection.execute(
        text(
            "INSERT INTO invitations (tenant_id, invitation_id, secret_hash, email, roles, invited_by, invited_at, "
            "expires_at) VALUES (:t, :id, :hash, :email, :roles, :by, :at, :expires)"
        ),
        {
            "t": invitation.tenant_id,
            "id": invitation.id,
            "hash": secret_hash,
            "email": invitation.email,
            "roles": sorted(roles),
            "by": invitation.invited_by,
            "at": invitation.invited_at,
            "expires": invitation.expires_at,
        },
    )


def invitations(connection: Connection, tenant_id: str, now: datetime) -> list[Invitation]:
    """A tenant's invitations that are open, newest first."""
    rows = connection.execute(
        text(
            f"SELECT {_INVITATION} FROM invitations WHERE tenant_id = :t AND accepted_at IS NULL "
            "AND withdrawn_at IS NULL AND expires_at > :now ORDER BY invitation_id DESC"
        ),
        {"t": tenant_id, "now": now},
    )
    return [_invitation(row) for row in rows]


def invitation(connection: Connection, secret_hash: bytes, now: datetime) -> Invitation | None:
    """The invitation of a link, whether or not it is open; locked until the transaction ends. As the doorkeeper."""
    row = connection.execute(
        text(f"SELECT {_INVITATION} FROM invitations WHERE secret_hash = :hash FOR UPDATE"),
        {"hash": secret_hash, "now": now},
    ).one_or_none()
    return None if row is None else _invitation(row)


def withdraw(connection: Connection, tenant_id: str, invitation_id: str, now: datetime) -> bool:
    """Takes an open invitation back."""
    return bool(
        connection.execute(
            text(
                "UPDATE invitations SET withdrawn_at = :now WHERE tenant_id = :t AND invitation_id = :id "
                "AND accepted_at IS NULL AND withdrawn_at IS NULL"
            ),
            {"now": now, "t": tenant_id, "id": invitation_id},
        ).rowcount
    )


def accepted(connection: Connection, invitation: Invitation, now: datetime) -> None:
    """Marks an invitation as accepted. As the doorkeeper."""
    connection.execute(
        text("UPDATE invitations SET accepted_at = :now WHERE tenant_id = :t AND invitation_id = :id"),
        {"now": now, "t": invitation.tenant_id, "id": invitation.id},
    )


def _invitation(row: Row[Any]) -> Invitation:
    return Invitation(
        row.invitation_id,
        row.tenant_id,
        row.email,
        frozenset(row.roles),
        row.invited_by,
        row.invited_at,
        row.expires_at,
        row.open,
    )
