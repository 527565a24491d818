"""The SQL of sign-ins with providers: those that have begun, and who is linked."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, text

from qafila.runtime.accounts.oidc.model import Begun, Link


def begin(connection: Connection, state: bytes, what: Begun, now: datetime, until: datetime) -> None:
    """Keeps what was begun; what is too old goes."""
    connection.execute(text("DELETE FROM oidc_begun WHERE expires_at < :now"), {"now": now})
    connection.execute(
        text(
            "INSERT INTO oidc_begun (state_hash, provider, browser_hash, nonce, verifier, next, person_id, expires_at) "
            "VALUES (:state, :provider, :browser, :nonce, :verifier, :next, :person, :until)"
        ),
        {
            "state": state,
            "provider": what.provider,
            "browser": what.browser,
            "nonce": what.nonce,
            "until": until,
            "verifier": what.verifier,
            "next": what.next,
            "person": what.person,
        },
    )


def take(connection: Connection, state: bytes, now: datetime) -> Begun | None:
    """What was begun under a state, used up by this; None where there is nothing or it is too old."""
    row = connection.execute(
        text(
            "DELETE FROM oidc_begun WHERE state_hash = :state RETURNING provider, browser_hash, nonce, verifier, next, "
            "person_id, expires_at"
        ),
        {"state": state},
    ).one_or_none()
    if row is None or row.expires_at < now:
        return None
    return Begun(row.provider, bytes(row.browser_hash), row.nonce, row.verifier, row.next, row.person_id)


def holder(connection: Connection, issuer: str, subject: str) -> str | None:
    """The person with whom a provider's person is linked."""
    return connection.execute(
        text("SELECT person_id FROM oidc_links WHERE issuer = :issuer AND subject = :subject"),
        {"issuer": issuer, "subject": subject},
    ).scalar_one_or_none()


def link(connection: Connection, person_id: str, link: Link) -> str:
    """Links one, unless it is linked already; the person with whom it is linked then."""
    connection.execute(
        text(
            "INSERT INTO oidc_links (issuer, subject, person_id, email, linked_at) "
            "VALUES (:issuer, :subject, :person, :email, :at) ON CONFLICT DO NOTHING"
        ),
        {
            "issuer": link.issuer,
            "subject": link.subject,
            "person": person_id,
            "email": link.email,
            "at": link.linked_at,
        },
    )
    found = holder(connection, link.issuer, link.subject)
    assert found is not None
    return found


def used(connection: Connection, issuer: str, subject: str, now: datetime) -> None:
    """Notes that somebody signed in with one."""
    connection.execute(
        text("UPDATE oidc_links SET used_at = :now WHERE issuer = :issuer AND subject = :subject"),
        {"now": now, "issuer": issuer, "subject": subject},
    )


def links(connection: Connection, person_id: str) -> list[Link]:
    """A person's, the newest first."""
    rows = connection.execute(
        text(
            "SELECT issuer, subject, email, linked_at, used_at FROM oidc_links WHERE person_id = :p ORDER BY linked_at DESC"
        ),
        {"p": person_id},
    )
    return [Link(*row) for row in rows]


def unlink(connection: Connection, person_id: str, issuer: str) -> int:
    """Removes a person's links with an issuer; how many there were."""
    return connection.execute(
        text("DELETE FROM oidc_links WHERE person_id = :p AND issuer = :issuer"),
        {"p": person_id, "issuer": issuer},
    ).rowcount


def other_ways(connection: Connection, person_id: str, but_issuer: str) -> int:
    """In how many ways a person can sign in beside one issuer. The person is locked until the transaction ends."""
    connection.execute(text("SELECT FROM people WHERE person_id = :p FOR UPDATE"), {"p": person_id})
    return int(
        connection.execute(
            text(
                "SELECT (SELECT count(*) FROM people WHERE person_id = :p AND password_hash IS NOT NULL AND email IS NOT NULL) "
                "+ (SELECT count(*) FROM passkeys WHERE person_id = :p) "
                "+ (SELECT count(*) FROM oidc_links WHERE person_id = :p AND issuer <> :issuer)"
            ),
            {"p": person_id, "issuer": but_issuer},
        ).scalar_one()
    )
