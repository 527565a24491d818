"""Load sheet and NOTOC say where everything stands; the flight file and the command lead there."""

from __future__ import annotations

import json
from pathlib import Path

import pypdfium2
import pytest
from typer.testing import CliRunner

from qafila.air.air_papers import load_sheet, notoc, notoc_facts
from qafila.air.loading import Loading, load
from qafila.api.air.flight_schema import FlightIn, told
from qafila.cli.main import app
from tests.air.flight_files import asked


@pytest.fixture(scope="module")
def loading() -> Loading:
    flight = FlightIn.model_validate(asked())
    return load(flight.flight(), flight.papers(), 1.5, steps=30)


def text(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    return "\n".join(page.get_textpage().get_text_bounded() for page in document)


def test_what_is_held_does_not_fly(loading: Loading) -> None:
    answer = told(loading.flight, loading)
    assert [(one["shipment"], one["code"]) for one in answer["stopped"]] == [("S3", "air.do_not_load")]
    assert answer["behind"] == []
    assert [len(uld["pieces"]) for uld in answer["ulds"]] == [12]
    assert answer["costs"]["ulds"] == 200


def test_the_load_sheet_says_where_what_stands(loading: Loading) -> None:
    said = text(load_sheet(loading))
    (place,) = loading.plan.stands[0]
    for word in (
        "Load sheet",
        "QF1",
        "CMN-DSS",
        place,
        "U1",
        "PMC",
        "700",
        "S3",
        "EU ICS2 says: do not load.",
    ):
        assert word in said


def test_the_notoc_names_dangerous_goods_with_their_position(loading: Loading) -> None:
    papers = FlightIn.model_validate(asked()).papers()
    (place,) = loading.plan.stands[0]
    facts = notoc_facts(loading, papers)
    assert facts["dangerous"] == [
        [place, "U1", "S2", "UN1263", "PAINT", "3", "II", "364", "1", "20 L", "RFL"]
    ]
    said = text(notoc(loading, papers))
    assert "UN1263" in said
    assert "S3" not in said


def test_the_command_writes_plan_and_papers(tmp_path: Path) -> None:
    file, out = tmp_path / "flight.json", tmp_path / "out"
    file.write_text(json.dumps(asked()))
    done = CliRunner().invoke(app, ["air", "load", str(file), "--seconds", "1", "-o", str(out)])
    assert done.exit_code == 0, done.output
    assert "cost 2" in done.output
    assert json.loads((out / "plan.json").read_bytes())["ulds"][0]["weight"] == 700
    assert (out / "load-sheet.pdf").read_bytes().startswith(b"%PDF")
    assert (out / "notoc.pdf").read_bytes().startswith(b"%PDF")


def test_a_file_that_is_no_flight_is_told_where(tmp_path: Path) -> None:
    wrong = asked()
    wrong["segments"][0]["lots"][1]["weight"] = -3
    file = tmp_path / "flight.json"
    file.write_text(json.dumps(wrong))
    done = CliRunner().invoke(app, ["air", "load", str(file)])
    assert done.exit_code == 2
    assert "segments/0/lots/1/weight" in done.output
    assert "-3" in done.output
