"""Secrets: random tokens kept as hashes, and passwords kept by Argon2."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from qafila.runtime.accounts import accounts_messages
from qafila.runtime.accounts.accounts_faults import BadPassword

LEAST, MOST = 12, 256
"""Characters of a password. NIST SP 800-63B asks for length and for no other rule."""

_hasher = PasswordHasher()  # Argon2id with the parameters of RFC 9106 for little memory: 64 MiB each
_at_once = BoundedSemaphore(4)  # so that a crowd at the door does not take all memory


def token() -> str:
    """256 random bits as text that fits into an address."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> bytes:
    """What is kept of a token. A plain hash is enough: it is 256 random bits, not a password."""
    return hashlib.sha256(secret.encode()).digest()


def same(kept: bytes, presented: str) -> bool:
    """Whether a token is the one of a kept digest, in constant time."""
    return hmac.compare_digest(bytes(kept), digest(presented))


def hashed(password: str, *known: str) -> str:
    """What is kept of a password; raises BadPassword where it is short, or made of `known` words."""
    if len(password) < LEAST:
        raise BadPassword(
            accounts_messages.PASSWORD_SHORT(),
            accounts_messages.PASSWORD_LENGTH(least=LEAST),
            field="password",
        )
    if len(password) > MOST:
        raise BadPassword(
            accounts_messages.PASSWORD_LONG(), accounts_messages.PASSWORD_AT_MOST(most=MOST), field="password"
        )
    plain = password.casefold()
    guessed = any(word and word.casefold() in (plain, plain[: len(word)]) for word in known if len(word) > 5)
    if guessed or len(set(plain)) < 5:
        raise BadPassword(
            accounts_messages.PASSWORD_COMMON(), accounts_messages.PASSWORD_OTHER(), field="password"
        )
    return rehashed(password)


def rehashed(password: str) -> str:
    """What is kept of a password that is known to be right."""
    with _at_once:
        return _hasher.hash(password)


def verified(kept: str | None, password: str) -> bool:
    """Whether a password is the one of a kept hash. As slow where nothing is kept: time tells nobody who is known."""
    try:
        with _at_once:
            return _hasher.verify(kept or _nobody(), password[:MOST]) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def outdated(kept: str) -> bool:
    """Whether a hash was made with weaker parameters than are used now."""
    return _hasher.check_needs_rehash(kept)


@cache
def _nobody() -> str:
    return _hasher.hash(secrets.token_urlsafe(32))
