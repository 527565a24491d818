"""`qafila customs classify` and `decide` as a person or a program runs them."""

from __future__ import annotations

import getpass
import json
from pathlib import Path

from sqlalchemy import text
from typer.testing import CliRunner

from qafila.cli.clearance.customs_commands import app
from qafila.runtime.database import merchant_transaction

runner = CliRunner()


def test_a_title_as_json() -> None:
    done = runner.invoke(app, ["classify", "Polarized sunglasses", "--json"])
    assert done.exit_code == 0
    answer = json.loads(done.stdout)
    assert answer["candidates"][0]["hs6"] == "900410"
    assert 0 < answer["candidates"][0]["confidence"] < 1
    assert answer["edition"] == "HS 2022"


def test_a_title_for_people() -> None:
    done = runner.invoke(app, ["classify", "Handbag"])
    assert done.exit_code == 0
    assert "420222" in done.stdout
    assert "What is it made of" in " ".join(done.stdout.split())


def test_a_file_gives_one_result_a_row_in_order(tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text("order_id,title,category\nO-1,Fishing lure,\nO-2,,\nO-3,gift,\n", "utf-8")
    done = runner.invoke(app, ["classify", "--csv", str(file), "--json"])
    assert done.exit_code == 1  # a row could not be used
    results = json.loads(done.stdout)
    assert [r["order_id"] for r in results] == ["O-1", "O-2", "O-3"]
    assert results[0]["candidates"][0]["hs6"] == "950790"
    assert results[2]["candidates"] == []
    assert results[2]["question"]
    assert "orders.csv row 3: title is empty" in done.stderr


def test_a_decision_is_remembered_from_the_file(tmp_path: Path) -> None:
    file = tmp_path / "decisions.csv"
    made = runner.invoke(
        app, ["decide", "S-9", "4420.19", "--decisions", str(file), "--title", "Owl", "--by", "Amal"]
    )
    assert made.exit_code == 0
    done = runner.invoke(app, ["classify", "Owl", "--sku", "S-9", "--decisions", str(file), "--json"])
    answer = json.loads(done.stdout)
    assert answer["remembered"] is True
    assert [c["hs6"] for c in answer["candidates"]] == ["442019"]


def test_a_code_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "decisions.csv"
    done = runner.invoke(app, ["decide", "S-9", "123456", "--decisions", str(file)])
    assert done.exit_code == 1
    assert not file.exists()


def test_wrong_usage() -> None:
    assert runner.invoke(app, ["classify"]).exit_code == 2
    assert runner.invoke(app, ["classify", "x", "--csv", "y.csv"]).exit_code == 2
    assert runner.invoke(app, ["classify", "--csv", "none.csv"]).exit_code == 2
    assert runner.invoke(app, ["classify", "x", "--decisions-hs", "y.csv"]).exit_code == 2


def test_a_decision_kept_for_the_merchant_answers_from_then_on() -> None:
    made = runner.invoke(app, ["decide", "CLI-7", "442019", "--title", "Owl of cedar", "--by", "Amal"])
    assert made.exit_code == 0, made.stderr
    answer = json.loads(runner.invoke(app, ["classify", "thing", "--sku", "CLI-7", "--json"]).stdout)
    assert answer["remembered"] is True
    assert [c["hs6"] for c in answer["candidates"]] == ["442019"]
    nobody = runner.invoke(app, ["classify", "thing", "--sku", "CLI-7", "--merchant", "", "--json"])
    assert json.loads(nobody.stdout)["remembered"] is False


def test_a_decision_kept_for_the_merchant_is_somebodys() -> None:
    """The user of this machine stands in the record, and what he says of himself only behind it."""
    for more, said in ((), ""), (("--by", "Amina"), ": Amina"):
        made = runner.invoke(app, ["decide", "CLI-8", "442019", "--title", "Owl", *more])
        assert made.exit_code == 0, made.stderr
        with merchant_transaction("local") as connection:
            by = connection.execute(
                text(
                    "SELECT decided_by FROM classification_decisions WHERE sku = 'CLI-8' ORDER BY seq DESC LIMIT 1"
                )
            ).scalar_one()
        assert by == f"command line: {getpass.getuser()}{said}"
