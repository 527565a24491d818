"""Signing in with a provider: the authorization code flow of OpenID Connect with PKCE.

A provider says who somebody is at its place. Who that is here is decided here: an account is linked by its holder who is
signed in, or by whoever opens an invitation; and only where the provider has verified the same e-mail. An e-mail alone
opens no account.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode, urlsplit

from sqlalchemy import Connection

from qafila.core.fault import Conflict, Fault, NotFound
from qafila.core.identifiers.own import new_id
from qafila.core.message import Message
from qafila.runtime.accounts import accounts_messages as accounts_messages
from qafila.runtime.accounts import accounts_people, secrets, sessions
from qafila.runtime.accounts import store as accounts
from qafila.runtime.accounts.accounts_acting import doorkeeping
from qafila.runtime.accounts.accounts_faults import EmailTaken
from qafila.runtime.accounts.oidc import oidc_messages, proof, provider, store
from qafila.runtime.accounts.oidc.model import Begun, Link
from qafila.runtime.settings import SignInProvider, settings

_log = logging.getLogger(__name__)
LASTS = timedelta(minutes=10)


class NotHere(Fault):
    """The provider sends browsers back to another address than that of this page."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Where the browser is sent, and what it keeps until it comes back."""

    address: str
    kept: str


@dataclass(frozen=True, slots=True)
class CameBack:
    """With what a browser comes back from a provider; each part is what the address says, or empty."""

    state: str
    code: str
    issuer: str
    kept: str  # by the browser, since it was sent off


@dataclass(frozen=True, slots=True)
class Entered:
    """What a sign-in led to.

    Attributes:
        session: token of the new session; None where an account was linked with the session that stands.
        next: the page to go on to.
    """

    session: str | None
    next: str


def checked_here(of: SignInProvider, asked: str) -> None:
    """Raises NotHere where the page was asked for at another address than browsers come back to.

    Args:
        of: the provider.
        asked: scheme and host of the request.
    """
    public = urlsplit(settings().public_address)
    if asked != f"{public.scheme}://{public.netloc}":
        told = oidc_messages.OTHER_SITE(name=provider.title(of), address=settings().public_address)
        raise NotHere(told, oidc_messages.OPEN_THERE(), field="provider")


def begin(
    of: SignInProvider, now: datetime, next: str, person: str | None = None, invitation: str | None = None
) -> Asked:
    """Begins a sign-in with a provider.

    Args:
        of: the provider.
        now: this moment.
        next: the page to go on to afterwards.
        person: who links it with his account.
        invitation: token of the invitation that is accepted with it.

    Raises:
        Fault: the provider cannot be reached; LinkOver: there is no such invitation.
    """
    at = _described(of, now)
    if invitation is not None:
        accounts_people.invited(invitation, now)
    state, kept, nonce, verifier = (secrets.token() for _ in range(4))
    if invitation is not None:  # its token is a secret: the browser keeps it, and we a hash of both
        kept = f"{kept}.{invitation}"
    begun = Begun(of.id, secrets.digest(kept), nonce, verifier, next[:500], person)
    with doorkeeping() as db:
        store.begin(db, secrets.digest(state), begun, now, now + LASTS)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    query = urlencode(
        {
            "response_type": "code",
            "client_id": of.client_id,
            "redirect_uri": provider.back_address(of),
            "scope": "openid email profile",
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
    )
    return Asked(f"{at.authorize}{'&' if urlsplit(at.authorize).query else '?'}{query}", kept)


def finish(of: SignInProvider, came: CameBack, person: str | None, address: str, now: datetime) -> Entered:
    """Signs in, accepts an invitation, or links an account, as it was begun.

    Args:
        of: the provider at whose address the browser came back.
        came: with what.
        person: who is signed in in this browser, or None.
        address: from where it is asked: guessers are barred by it.
        now: this moment.

    Raises:
        NotLetIn: nothing was begun, it was refused there, or what came proves nothing.
        TooManyAttempts: from this address too many failed lately.
        Conflict, Fault: the e-mail is not verified, or another; or it is linked with another account.
        LinkOver: the invitation is over.
    """
    sessions.bar_address(address, now)
    with doorkeeping() as db:  # used up whatever comes of it
        begun = store.take(db, secrets.digest(came.state), now)
    same_browser = begun is not None and hmac.compare_digest(begun.browser, secrets.digest(came.kept))
    if begun is None or not same_browser or begun.provider != of.id or begun.person not in (None, person):
        raise _refused(of, address, now, oidc_messages.NOT_PROVED(name=provider.title(of)))
    if not came.code:
        raise _refused(of, address, now, oidc_messages.REFUSED(name=provider.title(of)))
    told = _who(of, came, begun, address, now)
    if invitation := came.kept.partition(".")[2]:
        return _invited(of, begun, invitation, told, now)
    if begun.person is not None:
        with doorkeeping() as db:
            found = accounts.person(db, begun.person)
            assert found is not None
            _link(db, of, begun.person, found[0].email, told, now)
        return Entered(None, begun.next)
    with doorkeeping() as db:
        who = store.holder(db, of.issuer, told.subject)
        found = None if who is None else accounts.person(db, who)
        if found is not None and not found[0].disabled:
            store.used(db, of.issuer, told.subject, now)
            return Entered(sessions.begin(db, found[0].id, now), begun.next)
    not_linked = oidc_messages.NOT_LINKED(name=provider.title(of))
    raise sessions.not_let_in(address, now, not_linked, oidc_messages.LINK_IT())


def _described(of: SignInProvider, now: datetime) -> provider.Description:
    try:
        return provider.description(of, now)
    except provider.NotAnswering:
        raise Fault(
            oidc_messages.NOT_ANSWERING(name=provider.title(of)), oidc_messages.OTHERWISE(), field="provider"
        ) from None


def _refused(of: SignInProvider, address: str, now: datetime, told: Message) -> Fault:
    return sessions.not_let_in(address, now, told, oidc_messages.BEGIN_AGAIN())


def _who(of: SignInProvider, came: CameBack, begun: Begun, address: str, now: datetime) -> proof.Told:
    """Who the provider says it is, proved. Raises NotLetIn."""
    at = _described(of, now)
    try:
        if came.issuer != of.issuer and (
            came.issuer or at.says_issuer
        ):  # RFC 9207: another provider's answer
            raise proof.NotProved("another issuer answered")
        tokens = provider.exchanged(of, at, came.code, begun.verifier)
        claims = proof.proved(of, provider.keys(at), str(tokens.get("id_token", "")), begun.nonce, now)
        access = tokens.get("access_token")
        if "email" not in claims and at.about is not None and isinstance(access, str):
            more = provider.told_of(at, access)
            if more.get("sub") != claims["sub"]:  # OpenID Connect Core 5.3.2
                raise proof.NotProved("the provider tells of somebody else")
            claims = {**more, **claims}
        return proof.told(claims)
    except (proof.NotProved, provider.NotAnswering) as error:
        _log.warning("a sign-in with %s proved nothing: %s", of.id, error)
    raise _refused(of, address, now, oidc_messages.NOT_PROVED(name=provider.title(of)))


def _invited(of: SignInProvider, begun: Begun, token: str, told: proof.Told, now: datetime) -> Entered:
    with doorkeeping() as db:
        what = accounts_people.opened(db, token, now)
        invitation = what.invitation
        _checked_email(of, invitation.email, told)
        if what.known is not None:
            who = what.known.id
        else:
            who = new_id("per")
            name = told.name or invitation.email.split("@")[0]
            if not accounts.insert_person(db, who, name, invitation.email, None):
                raise EmailTaken(accounts_messages.EMAIL_TAKEN(), oidc_messages.BEGIN_AGAIN(), field="email")
        _link(db, of, who, invitation.email, told, now)
        accounts_people.let_in(db, invitation, who, now)
        return Entered(sessions.begin(db, who, now, what.tenant.id), begun.next)


def _link(
    db: Connection, of: SignInProvider, who: str, email: str | None, told: proof.Told, now: datetime
) -> None:
    """Links an account of whoever has shown that it is his. Raises Fault and Conflict; nothing stays then."""
    _checked_email(of, email, told)
    held_by = store.link(db, who, Link(of.issuer, told.subject, told.email, now, None))
    if held_by != who:
        raise Conflict(
            oidc_messages.OTHERS(name=provider.title(of)), oidc_messages.UNLINK_THERE(), field="provider"
        )
    accounts.log(db, None, who, "provider-linked", of.id)


def _checked_email(of: SignInProvider, ours: str | None, told: proof.Told) -> None:
    if not told.verified or not told.email:
        raise Fault(
            oidc_messages.NOT_VERIFIED(name=provider.title(of)), oidc_messages.VERIFY_IT(), field="provider"
        )
    if ours is not None and told.email != ours:
        said = oidc_messages.OTHER_EMAIL(name=provider.title(of), theirs=told.email, ours=ours)
        raise Fault(said, oidc_messages.SAME_EMAIL(), field="provider", value=told.email)


def links_of(person_id: str) -> list[Link]:
    """A person's links with providers, the newest first."""
    with doorkeeping() as db:
        return store.links(db, person_id)


def unlink(person_id: str, issuer: str) -> None:
    """Removes a person's link with a provider. Raises NotFound, and Conflict where he could sign in no more."""
    with doorkeeping() as db:
        if not store.other_ways(db, person_id, issuer):
            raise Conflict(oidc_messages.LAST_WAY(), oidc_messages.SET_A_PASSWORD(), field="provider")
        if not store.unlink(db, person_id, issuer):
            raise NotFound(oidc_messages.NO_LINK(), field="provider", value=issuer[:200])
        accounts.log(db, None, person_id, "provider-unlinked", issuer)


def _key_names(keys: list[Mapping[str, object]]) -> str:
    return ", ".join(f"{one.get('kty')} {one.get('kid', '')}".strip() for one in keys)


def looked_at(of: SignInProvider, now: datetime) -> str:
    """What the provider says of itself, for the operator: its keys. Raises provider.NotAnswering."""
    at = provider.description(of, now)
    return _key_names(provider.keys(at))
