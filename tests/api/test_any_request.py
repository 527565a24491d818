"""Whatever is sent to whatever address: no failure of ours, no page, and each refusal a problem that says what to do.

Schemathesis makes the requests from the API's own OpenAPI document; a run by hand makes as many as are asked for:
`QAFILA_TRIES=200 pytest tests/api/test_any_request.py`.
"""

from __future__ import annotations

import os

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.core.result import Ok

from qafila.context import Context
from qafila.floors import RIGHTS
from qafila.runtime.accounts import service as accounts
from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.database import administrator
from tests.applications import api_on

TRIES = int(os.environ.get("QAFILA_TRIES", "4"))


def _key(kind: TenantKind) -> str:
    with administrator() as connection:
        tenant = accounts.create(connection, "Anybody", kind)
        return accounts.issue_key(connection, RIGHTS, tenant.id)[1]


def _tried(surroundings: Context, headers: dict[str, str]) -> int:
    app = api_on(lambda: surroundings)
    schema = schemathesis.openapi.from_asgi("/openapi.json", app)
    count = 0
    for found in schema.get_all_operations():
        assert isinstance(found, Ok), found
        operation = found.ok()

        @settings(
            max_examples=TRIES,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def sent(case: schemathesis.Case) -> None:
            nonlocal count
            count += 1
            answer = case.call(headers=headers, timeout=120)
            assert answer.status_code < 500, _said(case, answer)
            kind = answer.headers.get("content-type", [""])[0]
            assert "html" not in kind, _said(case, answer)
            if answer.status_code >= 400:
                assert kind == "application/problem+json", _said(case, answer)
                assert answer.json()["type"].startswith("/problems/"), _said(case, answer)

        sent()
    return count


def _said(case: schemathesis.Case, answer: schemathesis.Response) -> str:
    """What was sent and answered; a body that is no text has no command that sends it."""
    try:
        sent = case.as_curl_command()
    except UnicodeDecodeError:
        sent = f"{case.method} {case.formatted_path} {case.body!r:.400}"
    return f"{sent}\n{answer.status_code} {answer.text[:400]}"


def test_a_hub_sends_anything(surroundings: Context) -> None:
    key = _key(TenantKind.HUB)
    assert _tried(surroundings, {"Authorization": f"Bearer {key}"}) > 100


def test_a_regulator_and_nobody_send_anything(surroundings: Context) -> None:
    key = _key(TenantKind.REGULATOR)
    _tried(surroundings, {"Authorization": f"Bearer {key}"})
    _tried(surroundings, {})
