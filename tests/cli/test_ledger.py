"""`qafila ledger`: a day of money by commands."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from typer.testing import CliRunner

from qafila.cli.main import app
from qafila.ledger import posting
from qafila.ledger.claims import claims_deciding
from qafila.runtime.database import Role
from tests.ledger.tills import RATES, act, mad, parcel, shop
from tests.shipping.bookables import NOW

RICE = "001561191000066"


def run(*words: str, code: int = 0) -> str:
    done = CliRunner().invoke(app, ["ledger", *words])
    assert done.exit_code == code, done.output
    return done.output


def test_a_merchant_is_invoiced_a_claim_decided_and_the_whole_adds_up(tmp_path: Path) -> None:
    souk = shop()
    number = parcel(souk, mad(50))
    assert "Nothing is said yet" in run("party", souk, code=1)
    run("party", "--name", "Hub SA", "--country", "ma", "--ice", RICE, "--vat", "MA40303265")
    assert RICE in run(
        "party",
        souk,
        "--name",
        "Souk",
        "--country",
        "MA",
        "--ice",
        RICE,
        "--iban",
        "007780000112345678901248",
    )
    assert "15 digits" in run("party", souk, "--name", "Souk", "--country", "MA", "--ice", "12", code=1)
    since, until = (NOW - timedelta(days=1)).date().isoformat(), (NOW + timedelta(days=2)).date().isoformat()
    told = run("invoice", souk, "--since", since, "--until", until, "-o", str(tmp_path), "--language", "ar")
    assert "1 line" in told
    assert {p.suffix for p in tmp_path.iterdir()} == {".pdf", ".xml"}
    assert "Nothing is left" in run("invoice", souk, "--since", since, "--until", until)
    claim = posting.transact(
        lambda c: claims_deciding.file(
            c, act(at=NOW + timedelta(days=2)), number, "lost", mad(9), "", {}, RATES
        ),
        Role.MERCHANT,
        souk,
    )
    assert claim.id in run("claims")
    run("decide", claim.id, "9", code=1)  # other than proposed, and no reason
    run("decide", claim.id, "nine", code=1)
    assert "granted" in run("decide", claim.id, "9", "--why", "lost by us")
    assert "sent" in run("remit", souk, "--send")
    assert "receivable" in run("balances", souk)
    assert "claim_granted" in run("lines", souk)
    assert "adds up to zero" in run("audit")
    assert "no entry" in run("reverse", str(10**12), "--why", "x", code=2)


def test_licences_are_stated_and_ended_by_commands() -> None:
    run("licence", "GB", "--kind", "payment_institution", "--number", "F 1", "--authority", "FCA", code=1)
    told = run(
        "licence",
        "GB",
        "--kind",
        "payment_institution",
        "--number",
        "F 1",
        "--authority",
        "FCA",
        "--since",
        "2026-01-01",
    )
    assert "F 1" in told
    assert "2026-05-01" in run("licence", "GB", "--number", "F 1", "--until", "2026-05-01")
    run(
        "licence",
        "GB",
        "--kind",
        "bakery",
        "--number",
        "F 2",
        "--authority",
        "FCA",
        "--since",
        "2026-01-01",
        code=1,
    )
