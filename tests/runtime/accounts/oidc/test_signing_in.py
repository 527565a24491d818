"""Signing in with a provider that really signs, on a real port, through the pages; and attacks on it."""

from __future__ import annotations

import base64
import json
import re
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from starlette.testclient import TestClient
from typer.testing import CliRunner

from qafila.cli.main import app as command
from qafila.core.fault import NotFound
from qafila.core.identifiers.own import new_id
from qafila.floors import RIGHTS
from qafila.runtime.accounts import accounts_people, sessions, store
from qafila.runtime.accounts.accounts_acting import doorkeeping
from qafila.runtime.accounts.accounts_faults import NotLetIn
from qafila.runtime.accounts.model import Actor
from qafila.runtime.accounts.oidc import proof, provider, signing_in
from qafila.runtime.accounts.tenants import Tenant
from qafila.runtime.database import administrator
from qafila.runtime.settings import Settings, own_settings
from tests.runtime.accounts.oidc.provider_server import CLIENT, SECRET, Provider, running
from tests.web.visitors import HERE, signed_in, tenant

HUB = "http://127.0.0.1:8400"


@pytest.fixture
def two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Provider, Provider]]:
    """Two providers, one with RSA and one with elliptic curves, as the operator names them."""
    kept = tmp_path / "secret"
    kept.write_text(f"{SECRET}\n", encoding="utf-8")
    with running("RS256") as one, running("ES256") as other:
        told = [
            {
                "id": "one",
                "name": "Company One",
                "issuer": one.issuer,
                "client_id": CLIENT,
                "client_secret_file": str(kept),
            },
            {"id": "other", "issuer": other.issuer, "client_id": CLIENT, "client_secret": SECRET},
        ]
        other.auth_methods = ["client_secret_post"]
        other.says_issuer = False
        monkeypatch.setenv("QAFILA_SIGN_IN_PROVIDERS", json.dumps(told))
        own_settings.cache_clear()
        provider._known.clear()
        yield one, other
    monkeypatch.undo()
    own_settings.cache_clear()


@pytest.fixture
def browser(app: FastAPI, two: tuple[Provider, Provider]) -> TestClient:
    return fresh(app)


def fresh(app: FastAPI) -> TestClient:
    made = TestClient(app, base_url=HUB, follow_redirects=False)
    made.headers.update(HERE)
    return made


def email() -> str:
    return f"{new_id('a')}@example.org"


def known(mail: str | None, of: Tenant | None = None) -> str:
    """A person with an e-mail and a password that nobody types; the id."""
    id = new_id("per")
    with administrator() as connection:
        store.insert_person(connection, id, "Amina", mail, "no hash" if mail else None)
        store.put_membership(connection, (of or tenant()).id, id, ["clerk"])
    return id


def sent_off(browser: TestClient, id: str = "one", **query: str) -> str:
    """The address to which a browser is led that signs in."""
    led = browser.get(f"/sign-in/with/{id}", params=query)
    assert led.status_code == 303, led.text
    return str(led.headers["location"])


def link(browser: TestClient, at: Provider, id: str = "one") -> Any:
    """Links the account of whoever is signed in; the page after it."""
    page = browser.post(f"/account/providers/{id}")
    (address,) = re.findall(r'href="(http[^"]+authorize[^"]+)"', page.text)
    assert page.headers["refresh"] == f"0; url={unescape(address)}"
    return browser.get(at.let_in(unescape(address)))


def linked(app: FastAPI, at: Provider, id: str = "one") -> str:
    """A person who is linked with the provider's person of this moment; the id."""
    at.user = {"sub": new_id("u"), "email": email(), "email_verified": True, "name": "Amina"}
    who = known(at.user["email"])
    assert link(signed_in(fresh(app), who), at, id).headers["location"].endswith("/account#providers")
    return who


def who(browser: TestClient) -> str | None:
    found = sessions.session(browser.cookies.get("qafila_session") or "", RIGHTS, datetime.now(UTC))
    return None if found is None else found.actor.id


def invite(of: Tenant, mail: str) -> str:
    boss = Actor(tenant=of.id, kind=of.kind, id="per_boss", name="Boss", scopes=RIGHTS.of_kind(of.kind))
    return accounts_people.invite(boss, RIGHTS, mail, ["clerk"], datetime.now(UTC))[1]


@pytest.mark.parametrize("which", [0, 1])
def test_an_account_is_linked_by_its_holder_and_opened_with_it(
    app: FastAPI, two: tuple[Provider, Provider], which: int
) -> None:
    at, id = two[which], ("one", "other")[which]
    person = linked(app, at, id)
    later = fresh(app)
    assert f"/sign-in/with/{id}?next=%2Fshipments" in unescape(later.get("/sign-in?next=/shipments").text)
    back = later.get(at.let_in(sent_off(later, id, next="/shipments")))
    assert back.headers["location"] == "/shipments"
    assert who(later) == person
    (kept,) = signing_in.links_of(person)
    assert (kept.issuer, kept.email) == (at.issuer, at.user["email"])
    assert kept.used_at is not None
    assert at.user["email"] in later.get("/account").text
    at.user["email"] = "another@example.org"  # it is the subject that is linked: an e-mail may change
    third = fresh(app)
    assert third.get(at.let_in(sent_off(third, id))).status_code == 303
    assert who(third) == person
    later.post(f"/account/providers/{id}/remove")
    assert signing_in.links_of(person) == []
    assert fresh(app).get(at.let_in(sent_off(third, id))).status_code == 403


def test_an_e_mail_alone_opens_nothing(browser: TestClient, two: tuple[Provider, Provider]) -> None:
    at = two[0]
    at.user["email"] = email()
    person = known(at.user["email"])
    answer = browser.get(at.let_in(sent_off(browser)))
    assert answer.status_code == 403
    assert "No account here is linked with this sign-in at Company One." in unescape(answer.text)
    assert who(browser) is None
    assert signing_in.links_of(person) == []


def test_an_invitation_is_accepted_with_a_verified_e_mail(
    app: FastAPI, two: tuple[Provider, Provider]
) -> None:
    at, souk = two[0], tenant()
    at.user = {"sub": new_id("u"), "email": email().upper(), "email_verified": True, "name": "Nadia  B."}
    mail = at.user["email"].lower()
    token = invite(souk, mail)
    browser = fresh(app)
    assert f"/sign-in/with/one?next=%2Faccount&invitation={token}" in unescape(
        browser.get(f"/invitation/{token}").text
    )
    for wrong in (
        {"email_verified": False},
        {"email_verified": 1},
        {"email": "other@example.org"},
        {"email": None},
    ):
        right, at.user = at.user, {**at.user, **wrong}
        assert browser.get(at.let_in(sent_off(browser, invitation=token))).status_code == 403, wrong
        assert who(browser) is None
        at.user = right
    assert browser.get(at.let_in(sent_off(browser, invitation=token))).status_code == 303
    person = who(browser)
    assert person is not None
    found, has_password = accounts_people.own(person)
    assert (found.name, found.email, has_password) == ("Nadia B.", mail, False)
    # the way in is kept: it is the only one
    alone = browser.post("/account/providers/one/remove")
    assert alone.status_code == 422
    assert "only way" in alone.text
    assert len(signing_in.links_of(person)) == 1
    # and the invitation is used up
    assert browser.get("/sign-in/with/one", params={"invitation": token}).status_code == 403
    # somebody known who is invited elsewhere is linked by the invitation, and joins
    two[1].user = {"sub": new_id("u"), "email": mail, "email_verified": "true"}
    second, other = fresh(app), tenant()
    led = sent_off(second, "other", invitation=invite(other, mail))
    assert second.get(two[1].let_in(led)).status_code == 303
    assert who(second) == person
    assert {one.issuer for one in signing_in.links_of(person)} == {at.issuer, two[1].issuer}


def test_another_e_mail_or_another_account_is_not_linked(
    app: FastAPI, two: tuple[Provider, Provider]
) -> None:
    at = two[0]
    first = linked(app, at)
    second = signed_in(fresh(app), known(None))
    assert "linked with another account" in unescape(link(second, at).text)
    third = signed_in(fresh(app), known(email()))
    assert "and here it is" in unescape(link(third, at).text)
    at.user = {**at.user, "sub": new_id("u"), "email_verified": False}
    assert "has been verified" in unescape(link(signed_in(fresh(app), known(None)), at).text)
    assert len(signing_in.links_of(first)) == 1


def test_who_begins_to_link_and_signs_out_links_nothing(app: FastAPI, two: tuple[Provider, Provider]) -> None:
    at = two[0]
    one, other = known(None), known(None)
    browser = signed_in(fresh(app), one)
    page = browser.post("/account/providers/one")
    (address,) = re.findall(r'href="(http[^"]+authorize[^"]+)"', page.text)
    signed_in(browser, other)
    assert browser.get(at.let_in(unescape(address))).status_code == 422
    assert signing_in.links_of(one) == signing_in.links_of(other) == []


def forged(at: Provider, header: dict[str, Any], claims: dict[str, Any], signature: bytes = b"") -> str:
    parts = [json.dumps(header).encode(), json.dumps(claims).encode(), signature]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


def hmac_by_public_key(at: Provider, claims: dict[str, Any]) -> str:
    secret = OctKey.import_key(at.key.as_pem(private=False))
    return jwt.encode({"alg": "HS256", "kid": at.key.kid}, claims, secret, algorithms=["HS256"])


def by_a_key_of_its_own(at: Provider, claims: dict[str, Any]) -> str:
    own = RSAKey.generate_key(2048, {"kid": at.key.kid})
    header = {"alg": "RS256", "kid": at.key.kid, "jwk": own.as_dict(private=False)}
    return jwt.encode(header, claims, own, algorithms=["RS256"])


NOW = int(datetime.now(UTC).timestamp())
WRONG: dict[str, dict[str, Any]] = {
    "another nonce": {"nonce": "x"},
    "no nonce": {"nonce": None},
    "many nonces": {"nonce": ["x"]},
    "another audience": {"aud": "somebody-else"},
    "several audiences for another party": {"aud": [CLIENT, "somebody-else"]},
    "another party": {"azp": "somebody-else"},
    "another issuer": {"iss": "https://login.example"},
    "too old": {"exp": NOW - 120},
    "endless": {"exp": None},
    "from tomorrow": {"iat": NOW + 86_400},
    "not yet": {"nbf": NOW + 3_600},
    "nobody": {"sub": ""},
    "a number": {"sub": 7},
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_token_that_is_wrong_in_one_point_opens_nothing(
    app: FastAPI, two: tuple[Provider, Provider], wrong: str
) -> None:
    at = two[0]
    linked(app, at)
    at.tamper = lambda claims: {k: v for k, v in {**claims, **WRONG[wrong]}.items() if v is not None}
    browser = fresh(app)
    answer = browser.get(at.let_in(sent_off(browser)))
    assert answer.status_code == 403
    assert "Company One did not prove who you are." in unescape(answer.text)
    assert who(browser) is None


def test_a_token_signed_in_a_wrong_way_opens_nothing(app: FastAPI, two: tuple[Provider, Provider]) -> None:
    at = two[0]
    person = linked(app, at)
    for sign in (
        lambda claims: forged(at, {"alg": "none"}, claims),
        lambda claims: forged(at, {"alg": "None", "kid": at.key.kid}, claims, b"x"),
        lambda claims: hmac_by_public_key(at, claims),
        lambda claims: by_a_key_of_its_own(at, claims),
        lambda claims: at.signed(claims)[:-6] + "AAAAAA",
        lambda claims: at.signed(claims).split(".")[0],
        lambda claims: "",
    ):
        at.sign = sign
        browser = fresh(app)
        assert browser.get(at.let_in(sent_off(browser))).status_code == 403
        assert who(browser) is None
    at.sign = at.signed
    at.tamper = lambda claims: {**claims, "aud": [CLIENT, "somebody-else"], "azp": CLIENT}
    browser = fresh(app)
    browser.get(at.let_in(sent_off(browser)))
    assert who(browser) == person


def test_a_weak_key_and_one_for_encryption_prove_nothing(two: tuple[Provider, Provider]) -> None:
    at, of, now = two[0], provider.named("one"), datetime.now(UTC)
    claims = {
        "iss": at.issuer,
        "aud": CLIENT,
        "sub": "u",
        "iat": int(now.timestamp()),
        "exp": int(now.timestamp()) + 300,
        "nonce": "n",
    }
    assert proof.proved(of, at.published, at.signed(claims), "n", now)["sub"] == "u"
    for changed in ({"use": "enc"}, {"alg": "RS512"}, {"kid": "another"}, {"kty": "oct", "k": "eA"}):
        with pytest.raises(proof.NotProved):
            proof.proved(of, [{**at.published[0], **changed}], at.signed(claims), "n", now)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the library says so too, of the key that we make here
        weak = RSAKey.generate_key(1024)
        token = jwt.encode({"alg": "RS256"}, claims, weak, algorithms=["RS256"])
        with pytest.raises(proof.NotProved):
            proof.proved(of, [weak.as_dict(private=False)], token, "n", now)


def test_keys_are_changed_and_the_one_before_proves_nothing(
    app: FastAPI, two: tuple[Provider, Provider]
) -> None:
    for at, id in zip(two, ("one", "other"), strict=True):
        person = linked(app, at, id)
        before = at.key
        at.rotate()
        browser = fresh(app)
        browser.get(at.let_in(sent_off(browser, id)))
        assert who(browser) == person
        browser, new = fresh(app), at.key
        at.key = before
        assert browser.get(at.let_in(sent_off(browser, id))).status_code == 403
        at.key = new


def test_an_answer_is_taken_once_by_the_browser_that_asked_in_time(
    app: FastAPI, two: tuple[Provider, Provider]
) -> None:
    at = two[0]
    linked(app, at)
    browser, thief = fresh(app), fresh(app)
    back = at.let_in(sent_off(browser))
    sent_off(thief)
    assert thief.get(back).status_code == 403  # another browser, and with that it is used up
    assert browser.get(back).status_code == 403
    back = at.let_in(sent_off(browser))
    assert browser.get(back).status_code == 303
    replayed = fresh(app)
    replayed.cookies.update(browser.cookies)
    replayed.cookies.delete("qafila_session")
    assert replayed.get(back).status_code == 403
    # the code alone, with a state of its own
    code = back.split("code=")[1].split("&")[0]
    own = at.let_in(sent_off(thief))
    assert thief.get(re.sub(r"code=[^&]+", f"code={code}", own)).status_code == 403
    assert who(thief) is None
    led = signing_in.begin(provider.named("one"), datetime.now(UTC), "/")
    state = dict(part.split("=") for part in led.address.split("?")[1].split("&"))["state"]
    came = signing_in.CameBack(state, "x", at.issuer, led.kept)
    with pytest.raises(NotLetIn):
        signing_in.finish(
            provider.named("one"), came, None, "192.0.2.7", datetime.now(UTC) + timedelta(minutes=11)
        )


def test_one_provider_does_not_answer_for_another(app: FastAPI, two: tuple[Provider, Provider]) -> None:
    one, other = two
    linked(app, one)
    browser = fresh(app)
    back = one.let_in(sent_off(browser))
    elsewhere = re.sub(r"&iss=[^&]+", "", back.replace("/with/one/", "/with/other/"))
    assert browser.get(elsewhere).status_code == 403
    assert "/token" not in other.asked  # the code never went to it
    for wrong in (other.issuer, ""):  # a provider that says it names itself, and does not, or names another
        back = one.let_in(sent_off(browser))
        before = one.asked.count("/token")
        assert browser.get(re.sub(r"iss=[^&]+", f"iss={wrong}", back)).status_code == 403
        assert one.asked.count("/token") == before
    # the same subject at another issuer is somebody else
    other.user = dict(one.user)
    browser = fresh(app)
    assert browser.get(other.let_in(sent_off(browser, "other"))).status_code == 403
    assert who(browser) is None


def test_an_e_mail_told_beside_the_token_counts_for_the_same_person_only(
    app: FastAPI, two: tuple[Provider, Provider]
) -> None:
    at = two[0]
    at.email_in_token = False
    person = linked(app, at)
    assert signing_in.links_of(person)[0].email == at.user["email"]
    at.about = {**at.user, "sub": "somebody else"}
    browser = fresh(app)
    assert browser.get(at.let_in(sent_off(browser))).status_code == 403


def test_who_is_refused_there_or_whose_account_is_closed_is_told(
    app: FastAPI, two: tuple[Provider, Provider]
) -> None:
    at = two[0]
    person = linked(app, at)
    browser = fresh(app)
    state = at.let_in(sent_off(browser)).split("state=")[1].split("&")[0]
    refused = browser.get(f"/sign-in/with/one/back?error=access_denied&state={state}")
    assert refused.status_code == 403
    assert "did not let you in" in refused.text
    with doorkeeping() as db:
        store.set_disabled(db, person, True)
    assert browser.get(at.let_in(sent_off(browser))).status_code == 403
    assert browser.get("/sign-in/with/nobody").status_code == 403
    assert browser.get("/sign-in/with/one/back").status_code == 403
    with pytest.raises(NotFound):
        signing_in.unlink(known(email()), at.issuer)


def test_pages_in_every_language_and_only_at_the_hubs_own_address(
    app: FastAPI, two: tuple[Provider, Provider]
) -> None:
    for language, words in (
        ("fr", "Se connecter avec Company One"),
        ("ar", "Company One"),
        ("zh", "Company One"),
    ):
        browser = fresh(app)
        assert words in unescape(browser.get(f"/{language}/sign-in").text)
    elsewhere = TestClient(app, base_url="http://other.test", follow_redirects=False)
    led = elsewhere.get("/sign-in/with/one?next=/ship")
    assert led.headers["location"] == f"{HUB}/sign-in/with/one?next=/ship"
    assert sent_off(fresh(app), next="//evil.test").startswith(two[0].issuer)


def test_a_provider_that_does_not_work_is_said_to_the_visitor_and_explained_to_the_operator(
    app: FastAPI, two: tuple[Provider, Provider]
) -> None:
    fine = CliRunner().invoke(command, ["account", "providers"])
    assert fine.exit_code == 0, fine.output
    assert f"{HUB}/sign-in/with/one/back" in fine.output
    assert f"RSA {two[0].key.kid}" in fine.output
    provider._known.clear()
    two[0].issuer_said = "https://login.example"
    browser = fresh(app)
    told = browser.get("/sign-in/with/one")
    assert told.status_code == 403
    assert "does not work at present" in told.text
    wrong = CliRunner().invoke(command, ["account", "providers"])
    assert wrong.exit_code == 3
    assert "The provider calls itself https://login.example" in wrong.output
    two[0].issuer_said = ""
    for broken in (b"not json", b"[1]", b"{}"):
        two[0].answer = lambda *_: (200, broken)  # type: ignore[method-assign]  # noqa: B023
        assert browser.get("/sign-in/with/one").status_code == 403
    two[0].answer = lambda *_: (500, b"")  # type: ignore[method-assign]
    assert browser.get("/sign-in/with/one").status_code == 403


def test_the_setting_says_what_is_wrong_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    good = {"id": "one", "issuer": "https://login.example", "client_id": "qafila"}
    for wrong, said in (
        ([{**good, "issuer": "http://login.example"}], "https"),
        ([{**good, "issuer": "https://login.example?x"}], "without a query"),
        ([{**good, "id": "../one"}], "pattern"),
        ([good, {**good, "id": "two"}], "same issuer twice"),
        ([{**good, "secret": "x"}], "secret"),
    ):
        monkeypatch.setenv("QAFILA_SIGN_IN_PROVIDERS", json.dumps(wrong))
        with pytest.raises(ValueError, match=said):
            Settings()


def test_what_is_kept_holds_no_secret_of_an_invitation(app: FastAPI, two: tuple[Provider, Provider]) -> None:
    token = invite(tenant(), email())
    sent_off(fresh(app), invitation=token)
    with administrator("a test looks at all that is kept") as db:
        rows = db.exec_driver_sql("SELECT * FROM oidc_begun").all()
    assert rows
    assert token not in str(rows)
