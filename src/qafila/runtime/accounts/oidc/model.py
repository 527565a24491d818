"""What a sign-in with a provider is made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in that a browser has begun and the provider has not yet answered.

    Attributes:
        provider: id of the provider that was asked; no other may answer.
        browser: hash of the token that the browser keeps; no other may come back.
        nonce: stands in the ID token again.
        verifier: what proves to the provider that it is us who asked (PKCE).
        next: the page to go on to.
        person: who links it with his account, or None.
    """

    provider: str
    browser: bytes
    nonce: str
    verifier: str
    next: str
    person: str | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A person of a provider who is a person here."""

    issuer: str
    subject: str
    email: str
    linked_at: datetime
    used_at: datetime | None
