"""Passkeys (WebAuthn): a device keeps a private key, we keep the public one, and no secret goes over the line.

The authenticator must verify its holder (a finger, a face, a PIN). A challenge is answered once, within five minutes, on the
site for which the key was made: a copy of the page elsewhere gets no answer that is worth anything here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import orjson
import webauthn
from sqlalchemy import Connection, text
from webauthn.helpers import base64url_to_bytes, options_to_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from qafila.core.fault import Conflict, Fault, NotFound
from qafila.core.message import template
from qafila.runtime.accounts import accounts_messages, sessions, store
from qafila.runtime.accounts.accounts_acting import doorkeeping

NOT_MADE = template("accounts.passkey_not_made", "The passkey could not be made.")
TRY_AGAIN = template("accounts.passkey_again", "Try again; a request holds for five minutes.")
OTHER_SITE = template("accounts.passkey_other_site", "Passkeys work at {address} only.")
OPEN_THERE = template("accounts.passkey_open_there", "Open that address and try again.")
TOO_MANY = template("accounts.passkeys_too_many", "You have {count} passkeys already.")
REMOVE_ONE = template("accounts.passkey_remove_one", "Remove one that you do not use.")
NO_PASSKEY = template("accounts.no_passkey", "You have no such passkey.")

MOST = 20
LASTS = timedelta(minutes=5)
_REQUIRED = UserVerificationRequirement.REQUIRED


class NotHere(Fault):
    """Passkeys are not for the address at which the page was opened."""


@dataclass(frozen=True, slots=True)
class Site:
    """The site for which passkeys are made: its origin as browsers say it, and its name."""

    origin: str
    host: str


def site(asked: str, public: str) -> Site:
    """The site at which a page was asked for, where passkeys may be made.

    Args:
        asked: scheme and host of the request.
        public: the address of this hub (`QAFILA_PUBLIC_ADDRESS`); `localhost` may do so, too.

    Raises:
        NotHere: it is another, such as a number: a browser would make none there, or for somebody else.
    """
    known = {f"{parts.scheme}://{parts.netloc}" for parts in [urlsplit(public)]}
    parts = urlsplit(asked)
    if f"{parts.scheme}://{parts.netloc}" in known or (
        parts.scheme == "http" and parts.hostname == "localhost"
    ):
        return Site(f"{parts.scheme}://{parts.netloc}", parts.hostname or "")
    raise NotHere(OTHER_SITE(address=public), OPEN_THERE(), field="passkey")


@dataclass(frozen=True, slots=True)
class Passkey:
    """One of a person's, as the page shows it."""

    id: str  # the credential's, in hexadecimal
    name: str
    made_at: datetime
    used_at: datetime | None


def of(person_id: str) -> list[Passkey]:
    """A person's passkeys, the newest first."""
    with doorkeeping() as db:
        rows = db.execute(
            text(
                "SELECT credential_id, name, made_at, used_at FROM passkeys WHERE person_id = :p ORDER BY made_at DESC"
            ),
            {"p": person_id},
        )
        return [Passkey(bytes(row[0]).hex(), row[1], row[2], row[3]) for row in rows]


def ask_to_make(person_id: str, at: Site, now: datetime) -> str:
    """What the browser is asked with to make one, as JSON. Raises Conflict where there are too many."""
    with doorkeeping() as db:
        found = store.person(db, person_id)
        assert found is not None
        known = db.execute(
            text("SELECT credential_id FROM passkeys WHERE person_id = :p"), {"p": person_id}
        ).scalars()
        there = [PublicKeyCredentialDescriptor(id=bytes(one)) for one in known]
        if len(there) >= MOST:
            raise Conflict(TOO_MANY(count=len(there)), REMOVE_ONE(), field="passkey")
        wish = AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=_REQUIRED
        )
        made = webauthn.generate_registration_options(
            rp_id=at.host,
            rp_name="qafila",
            user_id=person_id.encode(),
            user_name=found[0].email or found[0].name,
            user_display_name=found[0].name,
            exclude_credentials=there,
            authenticator_selection=wish,
        )
        _ask(db, made.challenge, person_id, now)
    return options_to_json(made)


def make(person_id: str, answer: Mapping[str, Any], name: str, at: Site, now: datetime) -> None:
    """Keeps the passkey that the browser made. Raises Fault where the answer is none to a question of ours."""
    with doorkeeping() as db:
        try:
            made = webauthn.verify_registration_response(
                credential=dict(answer),
                expected_challenge=_asked(db, answer, person_id, now),
                expected_rp_id=at.host,
                expected_origin=at.origin,
                require_user_verification=True,
            )
        except (WebAuthnException, _Unasked, ValueError, TypeError, KeyError, AttributeError):
            made = None
        if made is not None:
            db.execute(
                text(
                    "INSERT INTO passkeys (credential_id, person_id, public_key, sign_count, name, made_at) "
                    "VALUES (:id, :p, :key, :count, :name, :now) ON CONFLICT DO NOTHING"
                ),
                {
                    "id": made.credential_id,
                    "p": person_id,
                    "key": made.credential_public_key,
                    "count": made.sign_count,
                    "name": " ".join(name.split())[:80] or "–",
                    "now": now,
                },
            )
            store.log(db, None, person_id, "passkey-made", made.credential_id.hex()[:32])
    if made is None:  # outside: the challenge is used up whatever the answer was
        raise Fault(NOT_MADE(), TRY_AGAIN(), field="passkey")


def remove(person_id: str, id: str) -> None:
    """Removes one of a person's. Raises NotFound."""
    with doorkeeping() as db:
        try:
            raw = bytes.fromhex(id)
        except ValueError:
            raw = b""
        gone = db.execute(
            text("DELETE FROM passkeys WHERE person_id = :p AND credential_id = :id"),
            {"p": person_id, "id": raw},
        ).rowcount
        if not gone:
            raise NotFound(NO_PASSKEY(), field="passkey", value=id[:60])
        store.log(db, None, person_id, "passkey-removed", id[:32])


def ask_to_sign_in(at: Site, now: datetime) -> str:
    """What the browser is asked with to sign somebody in, as JSON; it is not said who has passkeys."""
    made = webauthn.generate_authentication_options(rp_id=at.host, user_verification=_REQUIRED)
    with doorkeeping() as db:
        _ask(db, made.challenge, None, now)
    return options_to_json(made)


def sign_in(answer: Mapping[str, Any], at: Site, address: str, now: datetime) -> str:
    """Signs in whoever holds the passkey that answered; the token of the session.

    Raises:
        NotLetIn: the answer is none to a question of ours, the key is not known, or its holder's account is closed.
        TooManyAttempts: from this address too many failed lately.
    """
    sessions.bar_address(address, now)
    with doorkeeping() as db:
        person_id = _proved(db, answer, at, now)
        if person_id is not None:
            found = store.person(db, person_id)
            if found is not None and not found[0].disabled:
                return sessions.begin(db, person_id, now)
    raise sessions.not_let_in(address, now, accounts_messages.PASSKEY_NOT_KNOWN())


def _proved(db: Connection, answer: Mapping[str, Any], at: Site, now: datetime) -> str | None:
    try:
        challenge = _asked(db, answer, None, now)
        row = db.execute(
            text(
                "SELECT credential_id, person_id, public_key, sign_count FROM passkeys WHERE credential_id = :id FOR UPDATE"
            ),
            {"id": base64url_to_bytes(str(answer["rawId"]))},
        ).one_or_none()
        if row is None:
            return None
        proved = webauthn.verify_authentication_response(
            credential=dict(answer),
            expected_challenge=challenge,
            expected_rp_id=at.host,
            expected_origin=at.origin,
            credential_public_key=bytes(row.public_key),
            credential_current_sign_count=row.sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, _Unasked, ValueError, TypeError, KeyError, AttributeError):
        return None
    db.execute(
        text("UPDATE passkeys SET sign_count = :n, used_at = :now WHERE credential_id = :id"),
        {"n": proved.new_sign_count, "now": now, "id": bytes(row.credential_id)},
    )
    return str(row.person_id)


class _Unasked(Exception):
    """An answer to no question of ours, or to one of long ago."""


def _ask(db: Connection, challenge: bytes, person_id: str | None, now: datetime) -> None:
    db.execute(text("DELETE FROM passkey_challenges WHERE expires_at < :now"), {"now": now})
    db.execute(
        text("INSERT INTO passkey_challenges (challenge, person_id, expires_at) VALUES (:c, :p, :until)"),
        {"c": challenge, "p": person_id, "until": now + LASTS},
    )


def _asked(db: Connection, answer: Mapping[str, Any], person_id: str | None, now: datetime) -> bytes:
    """The challenge that an answer says it answers, used up. Raises _Unasked."""
    told = orjson.loads(base64url_to_bytes(str(answer["response"]["clientDataJSON"])))
    challenge = base64url_to_bytes(str(told["challenge"]))
    used = db.execute(
        text(
            "DELETE FROM passkey_challenges WHERE challenge = :c AND person_id IS NOT DISTINCT FROM :p "
            "AND expires_at > :now RETURNING 1"
        ),
        {"c": challenge, "p": person_id, "now": now},
    ).scalar()
    if not used:
        raise _Unasked
    return challenge
