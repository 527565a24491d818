"""A firm's brokers act for a merchant that gave it a mandate: at the customs desk, while it stands, and nowhere else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from starlette.testclient import TestClient

from qafila.core.fault import Conflict, Fault, NotFound
from qafila.floors import RIGHTS
from qafila.openness.privacy import reads
from qafila.runtime.accounts import accounts_people, mandates, service, sessions, store
from qafila.runtime.accounts.accounts_acting import doorkeeping
from qafila.runtime.accounts.accounts_faults import MoreThanOwn
from qafila.runtime.accounts.model import Actor
from qafila.runtime.accounts.tenants import Tenant, TenantKind
from qafila.runtime.database import Role, acting_as, administrator
from tests.web.conftest import app  # noqa: F401  (a fixture)
from tests.web.visitors import HERE, member, signed_in, tenant

NOW = datetime.now(UTC)


def boss(of: Tenant, *scopes: str) -> Actor:
    held = frozenset(scopes) or RIGHTS.of_kind(of.kind)
    return Actor(tenant=of.id, kind=of.kind, id="per_boss", name="Boss", scopes=held, person=True)


def reach(person: str) -> dict[str, frozenset[str]]:
    with doorkeeping() as db:
        return {m.tenant_id: m.roles for m in store.memberships_of(db, person)}


def test_brokers_of_the_firm_act_while_it_stands_and_as_brokers_alone() -> None:
    souk, other, firm = tenant(), tenant(), tenant(TenantKind.BROKER, "Transit")
    youssef, clerk = member(firm.id, "broker"), member(firm.id, "administrator")
    id = mandates.give(boss(souk), RIGHTS, firm.id, NOW)
    assert reach(youssef) == {firm.id: {"broker"}, souk.id: {"broker"}}
    assert reach(clerk)[souk.id] == {"broker"}  # an administrator there is none here
    assert other.id not in reach(youssef)
    late = member(firm.id, "broker", name="Later")  # who comes to the firm comes with it
    assert souk.id in reach(late)
    accounts_people.remove(boss(firm), late)
    assert reach(late) == {}
    with pytest.raises(Conflict, match="already"):
        mandates.give(boss(souk), RIGHTS, firm.id, NOW)
    with administrator() as db:
        service.suspend(db, firm.id)
    assert souk.id not in reach(youssef)
    with administrator() as db:
        service.suspend(db, firm.id, False)
    assert souk.id in reach(youssef)
    with pytest.raises(NotFound):
        mandates.end(boss(other), id, NOW)
    assert souk.id in reach(youssef)
    mandates.end(boss(souk), id, NOW)
    assert souk.id not in reach(youssef)
    again = mandates.give(boss(souk), RIGHTS, firm.id, NOW)
    mandates.end(boss(firm), again, NOW)  # the firm may lay it down, too
    assert souk.id not in reach(youssef)
    seen = mandates.seen_by(boss(souk))
    assert [m.ended_at is not None for m in seen] == [True, True]
    assert mandates.seen_by(boss(other)) == []
    with administrator() as db:
        acts = db.execute(
            text("SELECT act FROM account_log WHERE tenant_id = :t AND subject = :s ORDER BY seq"),
            {"t": souk.id, "s": id},
        ).scalars()
        assert list(acts) == ["mandate-given", "mandate-ended"]


def test_it_ends_on_its_last_day() -> None:
    souk, firm = tenant(), tenant(TenantKind.BROKER, "Transit")
    youssef = member(firm.id, "broker")
    past = NOW - timedelta(days=9)
    mandates.give(boss(souk), RIGHTS, firm.id, past, past + timedelta(days=1))
    assert souk.id not in reach(youssef)
    mandates.give(boss(souk), RIGHTS, firm.id, NOW, NOW + timedelta(days=1))  # and may be given anew
    assert souk.id in reach(youssef)
    with pytest.raises(Fault, match="passed"):
        mandates.give(boss(tenant()), RIGHTS, firm.id, NOW, NOW)


def test_who_may_not_give_one() -> None:
    firm, carrier = tenant(TenantKind.BROKER, "Transit"), tenant(TenantKind.CARRIER, "Rif")
    with pytest.raises(MoreThanOwn):
        mandates.give(boss(tenant(), "accounts:write"), RIGHTS, firm.id, NOW)
    for giver, to in ((tenant(), carrier), (tenant(), tenant())):
        with pytest.raises(NotFound, match="no firm"):
            mandates.give(boss(giver), RIGHTS, to.id, NOW)
    for giver in (carrier, tenant(TenantKind.BROKER, "Other")):
        with pytest.raises(Conflict):
            mandates.give(boss(giver), RIGHTS, firm.id, NOW)


def test_the_database_lets_nobody_give_one_for_another() -> None:
    souk, thief, firm = tenant(), tenant(), tenant(TenantKind.BROKER, "Transit")
    wish = text(
        "INSERT INTO mandates (tenant_id, mandate_id, broker_id, given_by, given_at) VALUES (:t, 'mnd_x', :b, 'x', now())"
    )
    for role, tenant_id in ((Role.ACCOUNTS, thief.id), (Role.ACCOUNTS, firm.id), (Role.MERCHANT, souk.id)):
        refused = pytest.raises(ProgrammingError, match=r"row-level|permission denied")
        with refused, acting_as(role, tenant_id) as db:
            db.execute(wish, {"t": souk.id, "b": firm.id})
    with pytest.raises(ProgrammingError, match="permission denied"), acting_as(Role.ACCOUNTS, firm.id) as db:
        db.execute(text("SELECT * FROM acting_memberships"))


def test_at_the_pages_it_is_given_used_recorded_and_ended(app: FastAPI) -> None:  # noqa: F811
    souk, other, firm = tenant(), tenant(), tenant(TenantKind.BROKER, "Transit SARL")
    youssef = member(firm.id, "broker", name="Youssef")
    merchant, broker = (signed_in(_client(app), who) for who in (member(souk.id), youssef))
    assert "Transit SARL" in merchant.get("/people").text
    assert merchant.post("/people/mandates", data={"broker": firm.id}).status_code == 303
    id = mandates.seen_by(boss(souk))[0].id
    assert broker.post("/switch", data={"tenant": souk.id}).status_code == 303
    assert broker.get("/desk").status_code == 200
    for barred in ("/shipments/new", "/people", "/keys", "/ship", "/webhooks"):
        assert broker.get(barred).status_code in (403, 404), barred
    assert broker.post("/people/mandates", data={"broker": firm.id}).status_code == 403
    assert broker.post("/switch", data={"tenant": other.id}).headers["location"].endswith("/account")
    reads.flush()
    with administrator() as db:
        names = db.execute(
            text("SELECT by_name FROM access_records WHERE by_tenant = :t AND by_id = :p"),
            {"t": souk.id, "p": youssef},
        ).scalars()
        assert set(names) == {"Youssef, Transit SARL"}
    assert merchant.post(f"/people/mandates/{id}/end").status_code == 303
    assert broker.get("/desk").status_code == 303  # over at the next request: to the sign-in
    with doorkeeping() as db:
        assert sessions.begin(db, youssef, NOW)  # the firm's own door is open as before


def _client(app: FastAPI) -> TestClient:  # noqa: F811
    client = TestClient(app, follow_redirects=False)
    client.headers.update(HERE)
    return client
