"""A suspension goes to the log, its reasons to the merchant alone."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from qafila.core.fault import Fault
from qafila.openness import openness_receipts, sequencing, store, suspending
from qafila.runtime.accounts import service
from qafila.runtime.database import Role, acting_as, administrator, merchant_transaction
from qafila.runtime.events.envelope import SubjectKind
from qafila.runtime.events.store import histories
from qafila.shipping import merchants
from tests.openness.logs import AT, fresh_log


def test_it_is_in_the_log_and_its_reasons_are_the_merchants(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with fresh_log(tmp_path, monkeypatch):
        with administrator() as connection:
            merchant = merchants.create(connection, "Souk").id
        with acting_as(Role.OPERATOR) as connection:
            suspending.suspend(connection, merchant, True, "hub: Nadia", AT, "Unpaid since May.")
            suspending.suspend(connection, merchant, False, "hub: Nadia", AT)
        sequencing.integrate(AT)
        with merchant_transaction(merchant) as connection:
            first, second = openness_receipts.receipts_of(connection, merchant)
        said = json.loads(first.entry.entry)
        assert (first.entry.kind, said["said"]["reasons_given"]) == ("openness.suspension", True)
        assert (second.entry.kind, json.loads(second.entry.entry)["said"]["reasons_given"]) == (
            "openness.let_in",
            False,
        )
        assert json.loads(json.loads(first.openings)["because"]["value"]) == "Unpaid since May."
        assert b"Unpaid" not in first.entry.entry
        assert merchant.encode() not in first.entry.entry


def test_nobody_who_is_not_there_is_suspended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with fresh_log(tmp_path, monkeypatch):
        with pytest.raises(Fault), acting_as(Role.OPERATOR) as connection:
            suspending.suspend(connection, "mer_none", True, "x", AT, "y")
        with acting_as(Role.OPERATOR) as connection:
            assert list(store.entries(connection)) == []


def test_what_is_announced_holds_from_its_day_and_the_merchant_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with fresh_log(tmp_path, monkeypatch):
        with administrator() as connection:
            merchant, other = (merchants.create(connection, name).id for name in ("Souk", "Rif"))
        with acting_as(Role.OPERATOR) as connection:
            for one in (merchant, other):
                suspending.suspend(
                    connection, one, True, "hub: Nadia", AT, "Two bills are open.", "unpaid", 30
                )
            suspending.suspend(connection, other, False, "hub: Nadia", AT)  # it paid
        suspending.put_into_force(AT + timedelta(days=29))
        assert not suspended(merchant)
        suspending.put_into_force(AT + timedelta(days=30))
        suspending.put_into_force(AT + timedelta(days=30))
        assert suspended(merchant)
        assert not suspended(other)
        with merchant_transaction(merchant) as connection:
            seen = histories(connection, [merchant], SubjectKind.MERCHANT)[merchant]
            (said,) = suspending.statements(connection)
        assert [event.type for event in seen] == ["suspension_announced", "suspended"]
        assert said.begun_at == AT + timedelta(days=30)


def test_the_published_terms_are_kept_or_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with fresh_log(tmp_path, monkeypatch), acting_as(Role.OPERATOR) as connection:
        suspending.checked(connection, "law", "A court has ordered it.", 0, AT)
        suspending.checked(connection, "unpaid", "Two bills are open.", 30, AT)
        for ground, because, days in (("unpaid", "Two bills.", 29), ("law", " ", 0), ("", "x", 0)):
            with pytest.raises(Fault):
                suspending.checked(connection, ground, because, days, AT)


def suspended(tenant: str) -> bool:
    with acting_as(Role.OPERATOR) as connection:
        return service.get(connection, tenant).suspended
