"""The customs commands as a person or a program uses them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from qafila.cli.clearance.customs_commands import app
from qafila.customs.schedules import folder

run = CliRunner()
TSHIRT = ["duty", "--from", "CN", "--to", "MA", "--hs", "610910", "--value", "1000", "--currency", "MAD"]


@pytest.fixture
def _clean() -> Iterator[None]:
    yield
    for path in folder().glob("*"):
        path.unlink()


def test_a_single_item_by_options() -> None:
    answer = run.invoke(app, [*TSHIRT, "--freight", "0", "--date", "2023-06-01", "--json"])
    assert answer.exit_code == 0, answer.output
    found = json.loads(answer.stdout)
    assert (found["total"], found["percent_in_all"], found["currency"]) == ("683.00", "68.30", "MAD")
    assert [c["code"] for c in found["charges"]] == ["DI", "TPI", "TVA"]


def test_the_table_for_people_says_why_and_what_if() -> None:
    answer = run.invoke(app, [*TSHIRT, "--freight", "0", "--trade", "c2c", "--value", "1300"])
    assert answer.exit_code == 0, answer.output
    assert "56.30 % in all" in answer.stdout
    assert "Why" in answer.stdout
    assert "indicative" in answer.stdout
    assert "50.00 MAD" in answer.stdout


def test_a_list_of_consignments_goes_on_past_a_bad_one(tmp_path: Path) -> None:
    file = tmp_path / "consignments.json"
    file.write_text(
        json.dumps(
            [
                {
                    "id": "good",
                    "from": "CN",
                    "to": "DE",
                    "date": "2026-07-01",
                    "currency": "EUR",
                    "freight": 0,
                    "goods": [{"hs": "610910", "value": 50, "quantity": 5}],
                },
                {"id": "bad", "from": "CN", "to": "DE", "goods": [{"value": "much", "currency": "EUR"}]},
                {"id": "unknown", "from": "CN", "to": "AQ", "goods": [{"value": 5, "currency": "EUR"}]},
            ]
        )
    )
    answer = run.invoke(app, ["duty", str(file), "--json"])
    assert answer.exit_code == 1
    good, bad, unknown = json.loads(answer.stdout)
    # 3 and 19 % of 53
    assert (good["id"], good["total"]) == ("good", "13.07")
    assert (bad["id"], bad["field"]) == ("bad", "goods[0].value")
    assert "No customs rules are loaded for Antarctica" in unknown["error"]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["duty", "--to", "MA"], 2, "--from"),
        ([*TSHIRT, "--date", "yesterday"], 1, "2026-11-23"),
        ([*TSHIRT, "--hs", "610999"], 1, "near it are 610990"),
        ([*TSHIRT, "--to", "AQ"], 3, "Rules are loaded for"),
        ([*TSHIRT, "--currency", "XYZ"], 3, "No exchange rate is known for XYZ"),
        (["duty", "missing.json"], 2, "missing.json"),
        (["origin", "--hs", "610910", "--agreement", "efta-morocco"], 3, "are not loaded"),
        (["rules", "--territory", "ZZ"], 3, "known are"),
    ],
)
def test_exit_codes_and_reasons(arguments: list[str], code: int, said: str) -> None:
    answer = run.invoke(app, arguments)
    assert answer.exit_code == code, answer.output
    assert said in answer.output


@pytest.mark.usefixtures("_clean")
def test_import_then_duty(tmp_path: Path) -> None:
    file = tmp_path / "adil.csv"
    file.write_text(
        "codification,designation,DI,TVA\n6109100000,T-shirts,10,20\nx,bad,10,20\n", encoding="utf-8"
    )
    arguments = ["import", str(file), "--territory", "ma", "--preset", "adil", "--valid-from", "2026-01-01"]
    answer = run.invoke(app, [*arguments, "--source", "ADIL, 23 November 2026", "--json"])
    assert answer.exit_code == 1  # a row was refused, the others went on
    summary = json.loads(answer.stdout)
    assert (summary["rows"], summary["imported"], summary["rejected"]) == (2, 1, 1)
    assert summary["rejections"][0]["row"] == 2
    # 10 %: 1.1025 × 1.2 = 1.3230
    found = json.loads(run.invoke(app, [*TSHIRT, "--freight", "0", "--date", "2026-11-23", "--json"]).stdout)
    assert found["percent_in_all"] == "32.30"
    assert found["charges"][0]["rule"]["confidence"] == "official"


@pytest.mark.usefixtures("_clean")
def test_import_refuses_what_does_not_fit(tmp_path: Path) -> None:
    file = tmp_path / "tariff.csv"
    file.write_text("code,duty\n6109,12\n")
    common = ["import", str(file), "--valid-from", "2026-01-01", "--source", "gazette"]
    for more, said in (
        (["--territory", "ZZ", "--map", "hs=code", "--map", "rate=duty"], "Known are"),
        (["--territory", "EG", "--map", "hs=kode", "--map", "rate=duty"], "it has code, duty"),
        (["--territory", "EG", "--map", "hs"], "field=column"),
        (["--territory", "EG", "--preset", "none"], "no preset none"),
    ):
        answer = run.invoke(app, [*common, *more])
        assert answer.exit_code == 2, answer.output
        assert said in answer.output


def test_rules_of_a_territory_on_a_day() -> None:
    before = json.loads(
        run.invoke(app, ["rules", "--territory", "EU", "--date", "2026-06-30", "--json"]).stdout
    )
    after = json.loads(
        run.invoke(app, ["rules", "--territory", "EU", "--date", "2026-07-01", "--json"]).stdout
    )
    assert "eu.a00.item" not in {r["id"] for r in before}
    assert "eu.a00.item" in {r["id"] for r in after}
