"""For whom a request acts.

On one machine nobody signs in: whoever comes from this machine, under a name of this machine, is its own
merchant. Everybody else signs in with an API key and gets a signed cookie, which ends with the key.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import time
from functools import cache
from urllib.parse import quote, urlsplit

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from qafila.runtime.database import administrator
from qafila.runtime.settings import settings
from qafila.shipping import merchants
from qafila.web.chassis.pages import link, page

COOKIE = "qafila_session"
LIFETIME = 30 * 24 * 3600  # seconds
_HERE = {"127.0.0.1", "::1", "localhost"}

router = APIRouter(include_in_schema=False)


class SignInNeeded(Exception):
    """A page that is a merchant's own was asked for by nobody known."""


def merchant_of(request: Request) -> str:
    """Id of the merchant for whom a request acts; raises SignInNeeded."""
    known = _from_cookie(request.cookies.get(COOKIE, ""))
    if known is not None:
        request.state.signed_in = True
        return known
    if _from_this_machine(request):
        with administrator() as connection:
            return merchants.local(connection).id
    raise SignInNeeded


def may(request: Request, scope: str) -> bool:
    """Whether a scope is open to whoever asks: all are on this machine, else those of the key he came with.

    Raises SignInNeeded.
    """
    merchant = merchant_of(request)
    if not getattr(request.state, "signed_in", False):
        return True
    key_id = request.cookies[COOKIE].split("~")[1]
    with administrator() as connection:
        return any(k.id == key_id and scope in k.scopes for k in merchants.keys(connection, merchant))


def _from_this_machine(request: Request) -> bool:
    """By address and by name: a foreign page that has its own name point here has the wrong name."""
    client = request.client.host if request.client else ""
    named = urlsplit(f"//{request.headers.get('host', '')}").hostname
    return client in _HERE and named in _HERE


def _from_cookie(cookie: str) -> str | None:
    parts = cookie.split("~")
    if len(parts) != 4 or not hmac.compare_digest(parts[3], _signature(*parts[:3])):
        return None
    merchant, key_id, expires = parts[:3]
    if int(expires) < time.time():
        return None
    with administrator() as connection:
        held = [k for k in merchants.keys(connection, merchant) if k.id == key_id and k.revoked_at is None]
        alive = bool(held) and (held[0].expires_at is None or held[0].expires_at.timestamp() > time.time())
        return merchant if alive and not merchants.get(connection, merchant).suspended else None


def _signature(*parts: str) -> str:
    return hmac.new(_secret(), "~".join(parts).encode(), hashlib.sha256).hexdigest()


@cache
def _secret() -> bytes:
    """The key of the cookies' signatures, made once in a home and readable by its owner only."""
    path = settings().home / "web-secret"
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            file.write(secrets.token_bytes(32))
    except FileExistsError:
        pass
    return path.read_bytes()


def sign_in_address(request: Request) -> str:
    """Where to sign in, to come back to the page that asked for it."""
    wanted = request.scope["path"] if request.method == "GET" else "/"
    return link(request, f"/sign-in?next={quote(wanted)}")


def _inside(address: str) -> str:
    """An address of this site, whatever was asked for."""
    return address if address.startswith("/") and not address.startswith(("//", "/\\")) else "/"


@router.get("/sign-in")
def ask(request: Request, next: str = "/") -> Response:
    """The form for the key."""
    return page(request, "sign_in.html", next=_inside(next), refused=False)


@router.post("/sign-in")
def sign_in(request: Request, key: str = Form(""), next: str = Form("/")) -> Response:
    """Takes a key and remembers its merchant."""
    with administrator() as connection:
        found = merchants.authenticate(connection, key.strip())
    if found is None:
        return page(request, "sign_in.html", 403, next=_inside(next), refused=True)
    parts = (found.tenant, found.id, str(int(time.time()) + LIFETIME))
    answer = RedirectResponse(link(request, _inside(next)), 303)
    answer.set_cookie(
        COOKIE, "~".join((*parts, _signature(*parts))), max_age=LIFETIME, httponly=True, samesite="lax",
        secure=request.url.scheme == "https",
    )  # fmt: skip
    return answer


@router.post("/sign-out")
def sign_out(request: Request) -> Response:
    """Forgets the merchant."""
    answer = RedirectResponse(link(request, "/"), 303)
    answer.delete_cookie(COOKIE)
    return answer
