"""`qafila account` and `qafila merchant`: from an empty home to somebody who is let in, and out again."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from qafila.cli.main import app
from qafila.core.identifiers.own import new_id
from qafila.floors import RIGHTS
from qafila.runtime.accounts import accounts_people, service, sessions
from qafila.runtime.accounts.accounts_acting import doorkeeping
from qafila.runtime.accounts.tenants import LOCAL
from qafila.runtime.database import administrator

run = CliRunner()
PASSWORD = "four camels at the well"


def made(kind: str) -> str:
    return json.loads(run.invoke(app, ["account", "create", "Somebody", "--kind", kind, "--json"]).stdout)[
        "id"
    ]


def test_a_link_of_the_command_line_signs_this_machines_operator_in() -> None:
    said = run.invoke(app, ["account", "link", "--at", "https://hub.example.org/"])
    address, _, token = said.stdout.strip().rpartition("/enter/")
    assert address == "https://hub.example.org"
    now = datetime.now(UTC)
    here = sessions.session(sessions.enter(token, now), RIGHTS, now)
    assert here is not None
    assert here.actor.tenant == LOCAL
    assert here.actor.scopes == RIGHTS.of_kind(here.actor.kind)
    assert run.invoke(app, ["account", "link", "nobody@example.org"]).exit_code == 3


def test_somebody_is_invited_closed_and_opened() -> None:
    carrier, email, now = made("carrier"), f"{new_id('a')}@example.org", datetime.now(UTC)
    wrong = run.invoke(app, ["account", "invite", carrier, email, "--role", "planner"])
    assert wrong.exit_code == 2
    assert "dispatcher" in wrong.stderr  # what there is instead
    said = run.invoke(app, ["account", "invite", carrier, email, "--role", "driver"])
    accounts_people.accept(said.stdout.strip().rpartition("/")[2], "Yassine", PASSWORD, now)
    (member,) = json.loads(run.invoke(app, ["account", "people", carrier, "--json"]).stdout)
    assert (member["name"], member["email"], member["roles"]) == ("Yassine", email, ["driver"])
    token = sessions.sign_in(email, PASSWORD, "here", now)
    assert run.invoke(app, ["account", "close", email]).exit_code == 0
    assert sessions.session(token, RIGHTS, now) is None
    assert run.invoke(app, ["account", "open", email]).exit_code == 0
    assert sessions.session(token, RIGHTS, now) is not None
    assert run.invoke(app, ["account", "close", "nobody@example.org"]).exit_code == 3


@pytest.mark.parametrize("group", ["account", "merchant"])
def test_who_is_suspended_does_nothing_at_any_door(group: str, tmp_path: Path) -> None:
    souk = made("merchant")
    key = json.loads(run.invoke(app, [group, "key", souk, "--json"]).stdout)["key"]
    file = tmp_path / "orders.csv"
    file.write_text("order,city,country,title,quantity,unit_price,currency\n1,Lyon,FR,argan oil,1,10,EUR\n")
    assert run.invoke(app, [group, "suspend", souk]).exit_code == 0
    assert f"{souk}  merchant   Somebody  (suspended)" in run.invoke(app, ["account", "list"]).stdout
    with doorkeeping() as connection:
        assert service.authenticate(connection, key) is None
    refused = run.invoke(app, ["ship", str(file), "--merchant", souk, "--out", str(tmp_path / "out")])
    assert refused.exit_code == 2
    assert "has suspended Somebody" in refused.stderr
    assert run.invoke(app, [group, "let-in", souk]).exit_code == 0
    with doorkeeping() as connection:
        assert service.authenticate(connection, key) is not None
    assert run.invoke(app, [group, "suspend", "nobody"]).exit_code == 2
    with administrator() as connection:
        acts = connection.execute(
            text("SELECT act FROM account_log WHERE tenant_id = :t AND by LIKE 'command line%' ORDER BY seq"),
            {"t": souk},
        ).scalars()
        assert list(acts) == ["tenant-created", "key-issued", "suspended", "let-in-again"]
