"""The ID token: what a provider signs about a person, for us, for this one sign-in, now."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.jws import extract_compact

from qafila.runtime.settings import SignInProvider

_LEEWAY = 60  # seconds by which two clocks may differ
_MOST_KEYS = 50
_LONGEST = 32_768
_KINDS: Mapping[str, tuple[type[RSAKey | ECKey | OKPKey], tuple[str, ...]]] = {
    "RSA": (RSAKey, ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")),
    "EC": (ECKey, ("ES256", "ES384", "ES512")),
    "OKP": (OKPKey, ("EdDSA", "Ed25519")),
}
"""Kinds of keys and what they sign with. `none` and the symmetric HS… are not among them: with those, whoever reads
a public key could sign."""
_LEAST_BITS = 2048


class NotProved(Exception):
    """The token proves nothing; the text says why, for the log."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a token says of a person.

    Attributes:
        subject: who it is at the provider; e-mails change, this does not.
        email: in small letters, or empty.
        verified: whether the provider has verified the e-mail.
        name: as the provider calls the person, or empty.
    """

    subject: str
    email: str
    verified: bool
    name: str


def proved(
    of: SignInProvider, keys: Iterable[Mapping[str, Any]], token: str, nonce: str, now: datetime
) -> Mapping[str, Any]:
    """The claims of an ID token, after every check of OpenID Connect Core 3.1.3.7.

    Args:
        of: the provider that was asked.
        keys: its public keys (JWK).
        token: as it came.
        nonce: what this one sign-in was asked with.
        now: this moment.

    Raises:
        NotProved: signed by another key or another way, for somebody else, by somebody else, too old, or for another sign-in.
    """
    claims = _signed(list(keys)[:_MOST_KEYS], token)
    rules = jwt.JWTClaimsRegistry(
        now=int(now.timestamp()),
        leeway=_LEEWAY,
        iss={"essential": True, "value": of.issuer},
        sub={"essential": True},
        aud={"essential": True, "value": of.client_id},
        exp={"essential": True},
        iat={"essential": True},
    )
    try:
        rules.validate(claims)
    except JoseError as error:
        raise NotProved(str(error)) from None
    given = claims.get("nonce")
    if not isinstance(given, str) or not hmac.compare_digest(given.encode(), nonce.encode()):
        raise NotProved("the nonce is another")
    audience = claims["aud"]
    several = isinstance(audience, list) and len(audience) > 1
    if (several or "azp" in claims) and claims.get("azp") != of.client_id:
        raise NotProved("the token is for another party")
    if not 0 < len(claims["sub"]) <= 255:
        raise NotProved("the subject is empty or too long")
    return claims


def _signed(keys: list[Mapping[str, Any]], token: str) -> dict[str, Any]:
    if not isinstance(token, str) or len(token) > _LONGEST:
        raise NotProved("there is no token")
    try:
        header = extract_compact(token.encode()).headers()
    except (JoseError, ValueError, TypeError):
        raise NotProved("it is no signed token") from None
    algorithm, name = header.get("alg"), header.get("kid")
    for key in keys:
        kind, algorithms = _KINDS.get(str(key.get("kty")), (RSAKey, ()))
        wrong_use = key.get("use", "sig") != "sig" or key.get("alg", algorithm) != algorithm
        if algorithm not in algorithms or wrong_use or (name is not None and key.get("kid") != name):
            continue
        try:
            public = kind.import_key(
                {part: value for part, value in key.items() if part not in ("use", "key_ops")}
            )
            if isinstance(public.public_key, RSAPublicKey) and public.public_key.key_size < _LEAST_BITS:
                continue
            return jwt.decode(token, public, algorithms=[str(algorithm)]).claims
        except (JoseError, ValueError, TypeError):
            continue
    raise NotProved(f"no key of the provider signed it (alg {algorithm!s:.20}, kid {name!s:.60})")


def told(claims: Mapping[str, Any]) -> Told:
    """What claims say of a person. Some providers write `email_verified` as a text."""
    email = claims.get("email")
    name = claims.get("name")
    return Told(
        subject=claims["sub"],
        email=email.strip().lower() if isinstance(email, str) else "",
        verified=claims.get("email_verified") is True or claims.get("email_verified") == "true",
        name=" ".join(name.split())[:200] if isinstance(name, str) else "",
    )
