from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from qafila.core.identifiers.own import new_id
from qafila.floors import RIGHTS
from qafila.runtime.accounts import accounts_people, secrets, service, sessions, store
from qafila.runtime.accounts.accounts_acting import doorkeeping
from qafila.runtime.accounts.accounts_faults import BadPassword, LinkOver, NotLetIn, NotYours, TooManyAttempts
from qafila.runtime.accounts.accounts_people import SignIn
from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.database import administrator
from tests.runtime.accounts.somebody import NOW, PASSWORD, address, somebody, tenant


def test_who_signs_in_acts_in_his_roles_until_he_signs_out() -> None:
    souk, email = tenant(), address()
    amina = somebody(souk, "clerk", email=email)
    token = sessions.sign_in(f" {email.upper()} ", PASSWORD, "here", NOW)
    here = sessions.session(token, RIGHTS, NOW)
    assert here is not None
    assert (here.actor.id, here.actor.tenant, here.actor.person) == (amina.id, souk.id, True)
    assert here.actor.scopes == RIGHTS.of_roles(TenantKind.MERCHANT, ["clerk"])
    assert "customs:write" not in here.actor.scopes
    sessions.sign_out(token, NOW)
    assert sessions.session(token, RIGHTS, NOW) is None


def test_a_session_ends_by_time_and_by_lying_idle() -> None:
    email = address()
    somebody(tenant(), "clerk", email=email)
    token = sessions.sign_in(email, PASSWORD, "here", NOW)
    almost = NOW + sessions.IDLE - timedelta(minutes=6)
    assert sessions.session(token, RIGHTS, almost) is not None  # seen: the idle time begins anew
    assert sessions.session(token, RIGHTS, almost + sessions.IDLE - timedelta(minutes=6)) is not None
    assert sessions.session(token, RIGHTS, almost + 3 * sessions.IDLE) is None
    fresh = sessions.sign_in(email, PASSWORD, "here", NOW)
    for day in range(1, 30):
        assert sessions.session(fresh, RIGHTS, NOW + timedelta(days=day)) is not None
    assert sessions.session(fresh, RIGHTS, NOW + timedelta(days=30, minutes=1)) is None


@pytest.mark.parametrize("end", ["membership", "person", "tenant", "password"])
def test_a_session_ends_with_what_it_stands_on(end: str) -> None:
    souk, email = tenant(), address()
    amina = somebody(souk, "clerk", email=email)
    token = sessions.sign_in(email, PASSWORD, "here", NOW)
    kept = sessions.sign_in(email, PASSWORD, "there", NOW)
    with administrator() as connection:
        if end == "membership":
            store.delete_membership(connection, souk.id, amina.id)
        elif end == "person":
            store.set_disabled(connection, amina.id, True)
        elif end == "tenant":
            service.suspend(connection, souk.id)
    if end == "password":
        accounts_people.set_sign_in(amina.id, SignIn(email, "five camels at the well", PASSWORD), NOW, kept)
        assert sessions.session(kept, RIGHTS, NOW) is not None  # the one that changed it
    assert sessions.session(token, RIGHTS, NOW) is None


def test_other_roles_hold_at_the_next_request() -> None:
    souk, email = tenant(), address()
    amina = somebody(souk, "clerk", email=email)
    token = sessions.sign_in(email, PASSWORD, "here", NOW)
    with administrator() as connection:
        store.put_membership(connection, souk.id, amina.id, ["picker"])
    here = sessions.session(token, RIGHTS, NOW)
    assert here is not None
    assert not here.actor.may("bookings:write")


def test_nobody_learns_whether_an_email_is_known() -> None:
    email = address()
    somebody(tenant(), "clerk", email=email)
    told = set()
    for who, password in ((email, "wrong wrong wrong"), (address(), PASSWORD), ("\0", "x"), ("", "")):
        with pytest.raises(NotLetIn) as refused:
            sessions.sign_in(who, password, new_id("ip"), NOW)
        told.add(str(refused.value))
    assert len(told) == 1


def test_a_closed_account_and_one_without_a_tenant_are_not_let_in() -> None:
    souk, email = tenant(), address()
    amina = somebody(souk, "clerk", email=email)
    with administrator() as connection:
        store.set_disabled(connection, amina.id, True)
    with pytest.raises(NotLetIn):
        sessions.sign_in(email, PASSWORD, "here", NOW)
    with administrator() as connection:
        store.set_disabled(connection, amina.id, False)
        store.delete_membership(connection, souk.id, amina.id)
    with pytest.raises(NotLetIn):
        sessions.sign_in(email, PASSWORD, "here", NOW)


def test_who_guesses_is_barred_for_a_while_and_others_are_not() -> None:
    email, guesser = address(), new_id("ip")
    somebody(tenant(), "clerk", email=email)
    for _ in range(8):
        with pytest.raises(NotLetIn):
            sessions.sign_in(email, "wrong wrong wrong", guesser, NOW)
    with pytest.raises(TooManyAttempts):
        sessions.sign_in(email, PASSWORD, guesser, NOW)  # even with the right one
    assert sessions.sign_in(email, PASSWORD, "elsewhere", NOW)
    assert sessions.sign_in(email, PASSWORD, guesser, NOW + timedelta(minutes=16))


def test_nobody_bars_a_person_from_the_device_that_is_known() -> None:
    email, here = address(), new_id("ip")
    somebody(tenant(), "clerk", email=email)
    device = sessions.device_of(token := sessions.sign_in(email, PASSWORD, here, NOW))
    sessions.sign_out(token, NOW)
    for n in range(50):
        with pytest.raises(NotLetIn):
            sessions.sign_in(email, "wrong wrong wrong", f"{here}-{n}", NOW)
    with pytest.raises(TooManyAttempts):
        sessions.sign_in(email, PASSWORD, new_id("ip"), NOW)  # a browser that nobody knows
    with pytest.raises(TooManyAttempts):
        sessions.sign_in(email, PASSWORD, here, NOW, sessions.device_of("made up"))
    assert sessions.sign_in(email, PASSWORD, here, NOW, device)
    assert sessions.session(device, RIGHTS, NOW) is None  # it opens nothing
    for _ in range(8):  # who stole it guesses no more than anybody
        with pytest.raises(NotLetIn):
            sessions.sign_in(email, "wrong wrong wrong", new_id("ip"), NOW, device)
    with pytest.raises(TooManyAttempts):
        sessions.sign_in(email, PASSWORD, here, NOW, device)


def test_secrets_are_nowhere_in_the_database() -> None:
    email = address()
    amina = somebody(tenant(), "clerk", email=email)
    token = sessions.sign_in(email, PASSWORD, "here", NOW)
    with doorkeeping() as connection:
        link = sessions.link_for(connection, amina.id, NOW)
    with administrator() as connection:
        for table in ("people", "sessions", "sign_in_links", "sign_in_failures", "account_log"):
            rows = connection.execute(text(f"SELECT t::text FROM {table} t")).scalars().all()
            assert not any(secret in row for row in rows for secret in (PASSWORD, token, link)), table
        (kept,) = connection.execute(
            text("SELECT password_hash FROM people WHERE email = :e"), {"e": email}
        ).scalars()
    assert kept.startswith("$argon2id$")


def test_a_link_signs_in_once_within_a_day() -> None:
    amina = somebody(tenant(), "clerk")
    with doorkeeping() as connection:
        token = sessions.link_for(connection, amina.id, NOW)
    with pytest.raises(LinkOver):
        sessions.enter(token, NOW + timedelta(days=1, seconds=1))
    assert sessions.session(sessions.enter(token, NOW), RIGHTS, NOW) is not None
    for used in (token, "x", ""):
        with pytest.raises(LinkOver):
            sessions.enter(used, NOW)


def test_somebody_of_several_tenants_acts_for_one_at_a_time() -> None:
    """A broker who serves many."""
    first, second, strange = tenant(name="A first"), tenant(name="B second"), tenant(name="C strange")
    email = address()
    driss = somebody(first, "broker", email=email)
    with administrator() as connection:
        store.put_membership(connection, second.id, driss.id, ["clerk"])
    token = sessions.sign_in(email, PASSWORD, "here", NOW)
    here = sessions.session(token, RIGHTS, NOW)
    assert here is not None
    assert (here.tenant.id, [m.tenant_id for m in here.elsewhere]) == (first.id, [second.id])
    assert here.actor.may("customs:write")
    sessions.switch(token, driss.id, second.id)
    here = sessions.session(token, RIGHTS, NOW)
    assert here is not None
    assert here.actor.tenant == second.id
    assert not here.actor.may("customs:write")
    with pytest.raises(NotYours):
        sessions.switch(token, driss.id, strange.id)


@pytest.mark.parametrize("bad", ["short", "aaaaaaaaaaaaaaaa", "x" * 257, "driss.alami 123"])
def test_a_password_that_is_easy_to_guess_is_refused(bad: str) -> None:
    with pytest.raises(BadPassword):
        secrets.hashed(bad, "driss.alami", "driss@example.org")
    assert secrets.verified(secrets.hashed("not that one, ever", "driss.alami"), "not that one, ever")


def test_who_has_a_hub_with_a_password_needs_no_first_link() -> None:
    with administrator() as connection:
        before = store.hub_has_a_password(connection)
    if not before:
        assert sessions.first_link(NOW) is not None
    somebody(tenant(TenantKind.HUB, "Hub"), "administrator", email=address())
    assert sessions.first_link(NOW) is None
    assert sessions.first_link(NOW, anyway=True) is not None
