"""`qafila ship` at the terminal: what it prints, and its exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from qafila.cli.main import app
from qafila.runtime.database import administrator
from qafila.samples import sample
from qafila.shipping import merchants


@pytest.fixture
def merchant() -> str:
    """A merchant of the test's own."""
    with administrator() as connection:
        return merchants.create(connection, "A test").id


def ship(*arguments: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["ship", *map(str, arguments)])
    return result.exit_code, result.stdout


def test_json_is_all_that_is_on_stdout(merchant: str, tmp_path: Path) -> None:
    code, out = ship(
        sample("shopify.csv"),
        "--out",
        tmp_path,
        "--merchant",
        merchant,
        "--no-documents",
        "--json",
        "--from",
        "Fès, MA",
    )
    told = json.loads(out)
    assert code == 0
    assert (told["rows"], told["booked"], told["rejected"]) == (7, 6, 1)
    assert told["seconds"] > 0
    assert told["estimated"] == 6
    assert told["warnings"] == []
    assert Path(told["files"]["shipments.csv"]).exists()


def test_a_person_reads_what_happened_and_strict_is_strict(merchant: str, tmp_path: Path) -> None:
    code, out = ship(
        sample("woocommerce.csv"), "--out", tmp_path, "--merchant", merchant, "--no-documents", "--strict"
    )
    assert code == 1
    for words in (
        "4 rows",
        "3 booked",
        "1 rejected",
        "Casablanca, MA is taken",
        "The order was cancelled",
        "rejected.csv",
    ):
        assert words in " ".join(out.split())


def test_a_refused_file(merchant: str, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("order_id,title\n1,Rug\n")
    code, out = ship(tmp_path / "x.csv", "--out", tmp_path / "out", "--merchant", merchant, "--json")
    assert code == 1
    assert (json.loads(out)["booked"], "destination_city" in json.loads(out)["error"]) == (0, True)
    assert ship(tmp_path / "none.csv", "--out", tmp_path / "out")[0] == 1


def test_wrong_usage(tmp_path: Path) -> None:
    for more in (
        ["--rule", "nicest"],
        ["--rule", "promise"],
        ["--from", "Nowhere"],
        ["--merchant", "nobody"],
    ):
        assert ship(sample(), "--out", tmp_path, *more)[0] == 2
