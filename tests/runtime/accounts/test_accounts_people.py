from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, ProgrammingError

from qafila.floors import RIGHTS
from qafila.runtime.accounts import accounts_people, service, session_store, sessions, store
from qafila.runtime.accounts.accounts_acting import acting, doorkeeping, managing
from qafila.runtime.accounts.accounts_faults import (
    BadEmail,
    BadName,
    BadPassword,
    EmailTaken,
    LastAdministrator,
    LinkOver,
    MoreThanOwn,
    UnknownPerson,
    UnknownRole,
)
from qafila.runtime.accounts.model import Actor, Rights
from qafila.runtime.accounts.roles import ROLES
from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.database import administrator
from qafila.runtime.floor import Floor, Scope
from qafila.shipping.floor import FLOOR as SHIPPING
from tests.runtime.accounts.somebody import NOW, PASSWORD, address, somebody, tenant


def test_somebody_is_invited_and_joins_once() -> None:
    souk, email = tenant(), address()
    boss = somebody(souk, "administrator")
    made, token = accounts_people.invite(boss, RIGHTS, email.upper(), ["clerk", "broker"], NOW)
    assert made.email == email
    assert accounts_people.invited(token, NOW).tenant.id == souk.id
    session = accounts_people.accept(token, "  Nadia   Idrissi ", PASSWORD, NOW)
    here = sessions.session(session, RIGHTS, NOW)
    assert here is not None
    assert (here.actor.name, here.actor.roles) == ("Nadia Idrissi", {"clerk", "broker"})
    for again in (
        lambda: accounts_people.accept(token, "N", PASSWORD, NOW),
        lambda: accounts_people.invited(token, NOW),
    ):
        with pytest.raises(LinkOver):
            again()
    assert sessions.sign_in(email, PASSWORD, "here", NOW)


@pytest.mark.parametrize("how", ["withdrawn", "old", "suspended", "replaced", "mistyped"])
def test_an_invitation_that_is_over_opens_nothing(how: str) -> None:
    souk, email, at = tenant(), address(), NOW
    boss = somebody(souk, "administrator")
    made, token = accounts_people.invite(boss, RIGHTS, email, ["clerk"], NOW)
    if how == "withdrawn":
        accounts_people.withdraw(boss, made.id, NOW)
    elif how == "old":
        at = NOW + timedelta(days=8)
    elif how == "suspended":
        with administrator() as connection:
            service.suspend(connection, souk.id)
    elif how == "replaced":
        accounts_people.invite(boss, RIGHTS, email, ["picker"], NOW)
    else:
        token = token[:-1] + ("A" if token[-1] != "A" else "B")
    with pytest.raises(LinkOver):
        accounts_people.accept(token, "N", PASSWORD, at)


def test_who_has_an_account_joins_with_it_and_nobody_else_does() -> None:
    first, second, email = tenant(name="First"), tenant(name="Second"), address()
    nadia = somebody(first, "clerk", email=email)
    other = somebody(first, "clerk", email=address())
    _, token = accounts_people.invite(somebody(second, "administrator"), RIGHTS, email, ["broker"], NOW)
    with pytest.raises(EmailTaken):
        accounts_people.accept(token, "Somebody", PASSWORD, NOW)
    with pytest.raises(BadEmail):
        accounts_people.join(token, other.id, NOW)
    assert accounts_people.join(token, nadia.id, NOW) == second.id
    with doorkeeping() as connection:
        there = {m.tenant_id: m.roles for m in store.memberships_of(connection, nadia.id)}
    assert there == {first.id: {"clerk"}, second.id: {"broker"}}


def test_what_is_wrong_with_an_invitation_is_said() -> None:
    boss = somebody(tenant(), "administrator")
    for bad in (
        "",
        "nobody",
        "a@b",
        "a b@example.org",
        "a@example..org",
        "x" * 250 + "@example.org",
        "a\0@example.org",
    ):
        with pytest.raises(BadEmail):
            accounts_people.invite(boss, RIGHTS, bad, ["clerk"], NOW)
    for roles in ([], ["planner"], ["regulator"], ["king"], ["clerk", "compliance"]):
        with pytest.raises(UnknownRole):
            accounts_people.invite(boss, RIGHTS, address(), roles, NOW)
    _, token = accounts_people.invite(boss, RIGHTS, address(), ["clerk"], NOW)
    with pytest.raises(BadName):
        accounts_people.accept(token, "  ", PASSWORD, NOW)
    with pytest.raises(BadPassword):
        accounts_people.accept(token, "Nadia", "short", NOW)
    assert accounts_people.accept(token, "Nadia", PASSWORD, NOW)  # what was wrong before did not use it up


def test_nobody_gives_more_than_he_may_do_himself() -> None:
    """A key that invites makes no administrator of its holder."""
    souk = tenant()
    clerk, boss = somebody(souk, "clerk"), somebody(souk, "administrator")
    key = Actor(
        tenant=souk.id,
        kind=souk.kind,
        id="key_x",
        name="",
        scopes=frozenset({"accounts:write", "events:read"}),
    )
    acts: list[Callable[[], object]] = [
        lambda: accounts_people.invite(key, RIGHTS, address(), ["administrator"], NOW),
        lambda: accounts_people.invite(key, RIGHTS, address(), ["clerk"], NOW),
        lambda: accounts_people.set_roles(key, RIGHTS, clerk.id, ["administrator"]),
    ]
    for act in acts:
        with pytest.raises(MoreThanOwn):
            act()
    accounts_people.set_roles(boss, RIGHTS, clerk.id, ["administrator"])


def test_a_tenant_keeps_an_administrator() -> None:
    souk = tenant()
    boss, clerk = somebody(souk, "administrator"), somebody(souk, "clerk")
    for act in (
        lambda: accounts_people.remove(boss, boss.id),
        lambda: accounts_people.set_roles(boss, RIGHTS, boss.id, ["clerk"]),
    ):
        with pytest.raises(LastAdministrator):
            act()
    accounts_people.set_roles(boss, RIGHTS, clerk.id, ["administrator", "clerk"])
    accounts_people.remove(replace(clerk, scopes=boss.scopes), boss.id)
    with pytest.raises(LastAdministrator):
        accounts_people.remove(clerk, clerk.id)


def test_another_tenants_people_invitations_and_keys_are_not_there() -> None:
    boss, victim = somebody(tenant(), "administrator"), tenant(name="Victim")
    theirs = somebody(victim, "administrator")
    invitation, _ = accounts_people.invite(theirs, RIGHTS, address(), ["clerk"], NOW)
    with managing(theirs) as connection:
        key, _ = service.issue_key(connection, RIGHTS, victim.id, ["offers:read"])
    acts: list[tuple[Callable[[], object], type[Exception]]] = [
        (lambda: accounts_people.remove(boss, theirs.id), UnknownPerson),
        (lambda: accounts_people.set_roles(boss, RIGHTS, theirs.id, ["clerk"]), UnknownPerson),
        (lambda: accounts_people.withdraw(boss, invitation.id, NOW), LinkOver),
    ]
    for act, refused in acts:
        with pytest.raises(refused):
            act()
    with managing(boss) as connection:
        assert not service.revoke_key(connection, key.id, boss.tenant)
        for seen in (
            store.members(connection, victim.id),
            store.keys(connection, victim.id),
            session_store.invitations(connection, victim.id, NOW),
        ):
            assert seen == []
        assert [t.id for t in store.tenants(connection)] == [boss.tenant]
    with pytest.raises(ProgrammingError, match="row-level security"), managing(boss) as connection:
        store.put_membership(connection, victim.id, boss.id, ["administrator"])
    with managing(theirs) as connection:
        assert [k.id for k in store.keys(connection, victim.id)] == [key.id]


@pytest.mark.parametrize(
    "secret",
    [
        "password_hash FROM people",
        "secret_hash FROM sessions",
        "secret_hash FROM api_keys",
        "secret_hash FROM invitations",
    ],
)
@pytest.mark.parametrize("kind", list(TenantKind))
def test_no_role_on_goods_or_people_reads_a_secret(kind: TenantKind, secret: str) -> None:
    actor = somebody(tenant(kind), "administrator")
    for transaction in (acting, managing):
        with pytest.raises(DBAPIError, match="permission denied"), transaction(actor) as connection:
            connection.execute(text(f"SELECT {secret}"))


def test_a_regulator_changes_nothing_in_the_database_itself() -> None:
    actor = somebody(tenant(TenantKind.REGULATOR), "regulator")
    with acting(actor) as connection:
        tables = (
            connection.execute(
                text(
                    "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND "
                    "(has_any_column_privilege(oid, 'INSERT') OR has_any_column_privilege(oid, 'UPDATE') "
                    "OR has_table_privilege(oid, 'DELETE'))"
                )
            )
            .scalars()
            .all()
        )
    assert tables == []


def test_the_record_says_who_did_what_and_is_not_rewritten() -> None:
    souk = tenant()
    boss, clerk = somebody(souk, "administrator", name="Boss"), somebody(souk, "clerk")
    accounts_people.set_roles(boss, RIGHTS, clerk.id, ["picker"])
    accounts_people.remove(boss, clerk.id)
    with managing(boss) as connection:
        told = connection.execute(text("SELECT by, act, subject FROM account_log ORDER BY seq")).all()
    assert [tuple(row) for row in told][-2:] == [
        (f"Boss ({boss.id})", "roles-given", clerk.id),
        (f"Boss ({boss.id})", "removed", clerk.id),
    ]
    with pytest.raises(DBAPIError), managing(boss) as connection:
        connection.execute(text("UPDATE account_log SET by = 'somebody else'"))


def test_rights_are_those_that_floors_declare() -> None:
    with pytest.raises(ValueError, match="two floors declare the scope offers:read"):
        Rights.of([SHIPPING, SHIPPING])
    strange = Floor(name="x", scopes=(Scope("x:y", SHIPPING.scopes[0].meaning, roles=("king",)),))
    with pytest.raises(ValueError, match="king"):
        Rights.of([strange])
    for kind in TenantKind:
        everything = RIGHTS.of_roles(kind, ["administrator"])
        assert everything == RIGHTS.of_kind(kind)
        for role in ROLES:
            assert RIGHTS.of_roles(kind, [role]) <= everything
        assert RIGHTS.of_roles(kind, []) == frozenset()
    nobody_clears_his_own = {k for k in TenantKind if "screening:decide" in RIGHTS.of_kind(k)}
    assert nobody_clears_his_own == {TenantKind.HUB}


def test_every_role_is_documented() -> None:
    said = (Path(__file__).parents[3] / "docs" / "accounts.md").read_text(encoding="utf-8")
    told = {
        name: (kinds, meaning)
        for name, kinds, meaning in re.findall(r"\| `(\w+)` \| ([\w, ]+) \| (.*) \|", said)
    }
    for role in ROLES.values():
        kinds, meaning = told[role.name]
        assert meaning == str(role.meaning())
        assert set(kinds.split(", ")) == set(role.kinds) or (
            kinds == "every kind" and role.kinds == set(TenantKind)
        )
