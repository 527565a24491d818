"""From an offer over HTTP to its receipt, checked by the verifier."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from qafila.openness import sequencing, verifier
from tests.api.conftest import MONDAY, Login, order
from tests.openness.logs import fresh_log


def test_an_offer_is_promised_at_once_and_its_receipt_can_be_had_in_seconds(
    login: Login, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with fresh_log(tmp_path, monkeypatch):
        merchant, other = login(), login()
        key = verifier.read_key(merchant.get("log/key").json()["key"])
        asked = order()
        offers = merchant.post("offers", json=asked).json()
        promised = verifier.check_promise(offers["promise"].encode(), [key])
        waits = merchant.get(f"log/receipts/{asked['id']}")
        assert waits.status_code == 404
        assert "will be in the log by" in waits.json()["detail"]
        sequencing.integrate(MONDAY)
        (told,) = merchant.get(f"log/receipts/{asked['id']}").json()
        verdict = verifier.check_receipt(verifier.read_receipt(told["receipt"].encode()), [key])
        assert verifier.from_base64(promised["leaf"]) == verdict.leaf
        entry = verifier.read_receipt(told["receipt"].encode()).extra
        assert entry is not None
        verifier.check_openings(json.loads(entry), told["openings"])
        answer = json.loads(told["openings"]["answer"]["value"])
        assert [one["price"] for one in answer] == [one["price"]["amount"] for one in offers["offers"]]
        for private in ("Roux", "Souk", offers["offers"][0]["id"], asked["id"]):
            assert private not in entry.decode()
        assert other.get(f"log/receipts/{asked['id']}").status_code == 404


def test_the_same_question_gets_the_same_promise(
    login: Login, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with fresh_log(tmp_path, monkeypatch):
        merchant, asked = login(), order()
        first, again = (
            merchant.post("offers", json=asked, headers={"Idempotency-Key": "k"}).json() for _ in range(2)
        )
        assert first["promise"] == again["promise"]
