"""What a provider says of itself: its addresses and its keys, asked for and checked."""

from __future__ import annotations

import base64
import http.client
import logging
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote_plus, urlencode, urlsplit

import orjson

from qafila.core.fault import Fault, NotFound
from qafila.core.message import Message
from qafila.runtime.accounts.oidc import oidc_messages
from qafila.runtime.outgoing import Manners, Refused, request
from qafila.runtime.settings import SignInProvider, settings

_log = logging.getLogger(__name__)
_MANNERS = Manners(
    inside=True, patience=10, most=1 << 20
)  # the operator named it: it may be in his own network
_HOLDS = timedelta(minutes=10)


class NotAnswering(Fault):
    """A provider cannot be reached, or does not answer as a provider does; `message` is for the operator."""


@dataclass(frozen=True, slots=True)
class Description:
    """What the provider's discovery document says, as far as we use it.

    Attributes:
        authorize: where the browser is sent.
        exchange: where a code is exchanged for tokens.
        keys: where its public keys are.
        about: where claims on the person are, if it has that.
        says_issuer: whether each answer to the browser names the issuer (RFC 9207).
        secret_in_form: whether the client's secret goes into the form, and not into a header.
    """

    authorize: str
    exchange: str
    keys: str
    about: str | None
    says_issuer: bool
    secret_in_form: bool


def offered() -> Sequence[SignInProvider]:
    """The providers of this hub, in the order of the setting."""
    return settings().sign_in_providers


def named(id: str) -> SignInProvider:
    """The provider with this id. Raises NotFound."""
    for one in offered():
        if one.id == id:
            return one
    raise NotFound(oidc_messages.NO_PROVIDER(id=id[:40]), field="provider", value=id[:40])


def title(of: SignInProvider) -> str:
    """What people call it."""
    return of.name or of.id


def back_address(of: SignInProvider) -> str:
    """Where the provider sends browsers back: one address for each, so that none can answer for another."""
    return f"{settings().public_address.rstrip('/')}/sign-in/with/{of.id}/back"


_known: dict[str, tuple[datetime, Description]] = {}
_lock = threading.Lock()


def description(of: SignInProvider, now: datetime) -> Description:
    """The provider's description, asked for at most every ten minutes.

    Raises:
        NotAnswering: it cannot be read, names another issuer, or lacks an address.
    """
    with _lock:
        until, found = _known.get(of.issuer, (now, None))
    if found is not None and now < until:
        return found
    found = _read(of)
    with _lock:
        _known[of.issuer] = now + _HOLDS, found
    return found


def _read(of: SignInProvider) -> Description:
    told = answer("GET", f"{of.issuer.rstrip('/')}/.well-known/openid-configuration")
    if told.get("issuer") != of.issuer:
        raise _wrong(oidc_messages.OTHER_ISSUER(theirs=str(told.get("issuer"))[:200], ours=of.issuer))
    ways = told.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    return Description(
        authorize=_address(of, told, "authorization_endpoint"),
        exchange=_address(of, told, "token_endpoint"),
        keys=_address(of, told, "jwks_uri"),
        about=_address(of, told, "userinfo_endpoint") if told.get("userinfo_endpoint") else None,
        says_issuer=told.get("authorization_response_iss_parameter_supported") is True,
        secret_in_form="client_secret_basic" not in ways and "client_secret_post" in ways,
    )


def _address(of: SignInProvider, told: Mapping[str, Any], what: str) -> str:
    """An address of the description: as safe as the issuer's own."""
    found = told.get(what)
    scheme = urlsplit(found).scheme if isinstance(found, str) else ""
    if not isinstance(found, str) or scheme not in ("https", urlsplit(of.issuer).scheme):
        raise _wrong(oidc_messages.LACKS(what=what))
    return found


def keys(at: Description) -> list[Mapping[str, Any]]:
    """The public keys as they are now. They are read anew for each sign-in: a key that was withdrawn proves nothing any more.

    Raises:
        NotAnswering: they cannot be read, or there is none.
    """
    found = answer("GET", at.keys).get("keys")
    usable: list[Mapping[str, Any]] = (
        [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
    )
    if not usable:
        raise _wrong(oidc_messages.NO_KEY(address=at.keys))
    return usable


def exchanged(of: SignInProvider, at: Description, code: str, verifier: str) -> Mapping[str, Any]:
    """The tokens for a code. Raises NotAnswering, also where the provider refuses the code."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": back_address(of),
        "code_verifier": verifier,
    }
    headers = {"content-type": "application/x-www-form-urlencoded"}
    secret = _secret(of)
    if secret is None or at.secret_in_form:
        form |= {"client_id": of.client_id} | ({"client_secret": secret} if secret is not None else {})
    else:  # RFC 6749 2.3.1: each part is encoded as in a form before the two are joined
        pair = f"{quote_plus(of.client_id)}:{quote_plus(secret)}"
        headers["authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    return answer("POST", at.exchange, urlencode(form).encode(), headers)


def told_of(at: Description, access_token: str) -> Mapping[str, Any]:
    """What the provider tells of the person, beyond the token. Raises NotAnswering."""
    assert at.about is not None
    return answer("GET", at.about, None, {"authorization": f"Bearer {access_token}"})


def _secret(of: SignInProvider) -> str | None:
    if of.client_secret_file is None:
        return None if of.client_secret is None else of.client_secret.get_secret_value()
    try:
        return of.client_secret_file.read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        raise _wrong(oidc_messages.NO_SECRET(why=str(error))) from None


def answer(
    method: str, address: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
) -> Mapping[str, Any]:
    """The JSON object at an address. Raises NotAnswering where there is none."""
    try:
        got = request(method, address, body, {"accept": "application/json", **(headers or {})}, _MANNERS)
    except (Refused, OSError, http.client.HTTPException, ValueError) as error:
        raise _wrong(oidc_messages.UNREACHABLE(address=address, why=str(error)[:200])) from None
    try:
        told = orjson.loads(got.body)
    except orjson.JSONDecodeError:
        told = None
    if got.status != 200:
        why = str(told.get("error", ""))[:100] if isinstance(told, dict) else ""
        raise _wrong(oidc_messages.ANSWERED(address=address, status=got.status, told=why or "-"))
    if not isinstance(told, dict):
        raise _wrong(oidc_messages.NO_JSON(address=address))
    return told


def _wrong(what: Message) -> NotAnswering:
    _log.warning("a sign-in provider: %s", what)
    return NotAnswering(what, oidc_messages.LOOK_AT_SETTING(), field="provider")
