"""A suspension goes to the log, its reasons to the merchant alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from qafila.core.fault import Fault
from qafila.openness import receipts, sequencing, store, suspending
from qafila.runtime.database import Role, acting_as, administrator, merchant_transaction
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
            first, second = receipts.receipts_of(connection, merchant)
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
