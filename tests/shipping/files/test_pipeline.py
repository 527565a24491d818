"""`ship_file` end to end, on the reference network and a real PostgreSQL."""

from __future__ import annotations

import csv
import json
import os
import random
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pypdfium2
import pytest
from jsonschema import Draft7Validator

from qafila.context import Context, of_this_home
from qafila.practice.lessons import page_teaching
from qafila.runtime.database import administrator
from qafila.samples import sample
from qafila.shipping import merchants
from qafila.shipping.files.pipeline import Options, ship_file
from qafila.shipping.files.summary import Summary
from qafila.shipping.orders.columns import FileRefused

HEADER = "order_id,origin_country,origin_city,destination_country,destination_city,title,quantity,unit_price,currency,weight_kg"


options = Options(documents=False)


@pytest.fixture
def here() -> Context:
    """This home for a merchant of the test's own, so that no order was booked before."""
    with administrator() as connection:
        return of_this_home(merchants.create(connection, "A test").id)


def lines(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as source:
        return list(csv.DictReader(source))


def write(path: Path, *rows: str) -> Path:
    path.write_text("\n".join([HEADER, *rows]), encoding="utf-8")
    return path


def balanced(summary: Summary, out: Path) -> None:
    assert summary.rows == summary.booked + summary.rejected
    shipped = [int(n) for line in lines(out / "shipments.csv") for n in line["rows"].split()]
    refused = [int(line["row"]) for line in lines(out / "rejected.csv")]
    assert sorted(shipped + refused) == list(range(2, summary.rows + 2))
    assert all(line["reason"] and line["remedy"] for line in lines(out / "rejected.csv"))
    assert all(line["learn"] == page_teaching("order-files") for line in lines(out / "rejected.csv"))


def test_the_sample_orders(here: Context, tmp_path: Path) -> None:
    summary = ship_file(here, sample(), tmp_path, replace(options, documents=True))
    balanced(summary, tmp_path)
    assert (summary.rows, summary.rejected) == (57, 4)
    assert {line["field"] for line in lines(tmp_path / "rejected.csv")} == {
        "destination_city",
        "unit_price",
        "weight_kg",
        "quantity",
    }
    assert len(pypdfium2.PdfDocument(tmp_path / "labels.pdf")) == 53
    assert len(pypdfium2.PdfDocument(tmp_path / "documents.pdf")) >= 2 * 53 - 4  # four stay within Morocco
    shipments = lines(tmp_path / "shipments.csv")
    for line in shipments:
        parts = sum(float(line[k]) for k in ("goods", "price", "insurance", "duty", "vat", "other"))
        assert parts == pytest.approx(float(line["landed_cost"]), abs=0.005)
    events = json.loads((tmp_path / "events.jsonld").read_text(encoding="utf-8"))
    seen = {e["epcList"][0].rpartition(":")[2] for e in events["epcisBody"]["eventList"]}
    assert seen == {line["parcel"] for line in shipments}


def test_a_second_run_books_nothing_and_tells_the_same(here: Context, tmp_path: Path) -> None:
    first = ship_file(here, sample("woocommerce.csv"), tmp_path / "1", options)
    second = ship_file(here, sample("woocommerce.csv"), tmp_path / "2", options)
    assert first.booked == second.booked == second.already_booked == 3
    assert first.already_booked == 0
    for name in ("shipments.csv", "rejected.csv", "events.jsonld"):
        assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "2" / name).read_bytes()


def test_an_id_that_comes_again_with_other_content_is_refused(here: Context, tmp_path: Path) -> None:
    row = "A1,CN,Shenzhen,MA,Casablanca,Cable,{},5,USD,0.1"
    ship_file(here, write(tmp_path / "a.csv", row.format(1)), tmp_path / "a", options)
    summary = ship_file(here, write(tmp_path / "b.csv", row.format(2)), tmp_path / "b", options)
    balanced(summary, tmp_path / "b")
    (refused,) = lines(tmp_path / "b" / "rejected.csv")
    assert "other content" in refused["reason"]


def test_each_kind_of_bad_row(here: Context, tmp_path: Path) -> None:
    good = "G{},CN,Shenzhen,MA,Casablanca,Cable,1,5,USD,0.1"
    bad = [
        "B1,CN,Shenzhen,MA,Casablanka-Nord,Cable,1,5,USD,0.1",
        "B2,CN,Shenzhen,MA,Casablanca,Cable,1,5,USD,-1",
        "B3,CN,Shenzhen,MA,Casablanca,Cable,x,5,USD,0.1",
        "B4,CN,Shenzhen,CN,Shenzhen,Cable,1,5,USD,0.1",
        "B5,CN,Shenzhen,MA,Casablanca,Cable,1,5,USD,0.1,,,",
        "B6,CN,Shenzhen,MA",
        ",CN,Shenzhen,MA,Casablanca,Cable,1,5,USD,0.1",
        'B7,CN,Shenzhen,MA,Casablanca,"Cable,1,5,USD,0.1',
        "B8,CN,Shenzhen,MA,Casablanca,C\0able,1,5,USD,0.1",
        "B9,CN,Shenzhen,IS,Reykjavik,Cable,1,5,USD,0.1",
        good.format(1),
    ]
    file = write(tmp_path / "o.csv", good.format(1), *bad, good.format(2))
    summary = ship_file(here, file, tmp_path / "out", options)
    balanced(summary, tmp_path / "out")
    assert (summary.rows, summary.booked) == (13, 3)  # B5's surplus cells are empty
    assert {line["order_id"] for line in lines(tmp_path / "out" / "shipments.csv")} == {"G1", "B5", "G2"}


def test_a_parcel_within_one_town_goes_over_its_station(here: Context, tmp_path: Path) -> None:
    head = "order_id,destination_country,destination_city,address,title,quantity,unit_price,currency\n"
    rows = "T1,MA,الدار البيضاء,12 rue Ibn Batouta,Tray,1,90,MAD\nT2,MA,Casablanca,,Tray,1,90,MAD\n"
    (tmp_path / "o.csv").write_text(head + rows, encoding="utf-8")
    summary = ship_file(here, tmp_path / "o.csv", tmp_path / "out", replace(options, documents=True))
    balanced(summary, tmp_path / "out")
    (booked,), (refused,) = (
        lines(tmp_path / "out" / "shipments.csv"),
        lines(tmp_path / "out" / "rejected.csv"),
    )
    assert set(booked["legs"].split(" → ")) == {"DS-MA-CASABLANCA"}
    assert booked["modes"] == "collection → delivery"
    assert (refused["order_id"], refused["field"]) == ("T2", "line1")  # a street is missing, as in the form


def test_a_mangled_file_is_balanced_too(here: Context, tmp_path: Path) -> None:
    dice = random.Random(5)
    text = sample().read_text(encoding="utf-8")
    for turn in range(4):
        mangled = list(text)
        for _ in range(60):
            spot = dice.randrange(text.index("\n") + 1, len(mangled))
            mangled[spot] = dice.choice(['"', ",", "\n", "\0", ";", "9", "-", "", "é", "\ufffd"])
        (tmp_path / "m.csv").write_bytes("".join(mangled).encode())
        summary = ship_file(here, tmp_path / "m.csv", tmp_path / str(turn), options)
        balanced(summary, tmp_path / str(turn))
        assert summary.booked > 10


def test_a_refused_file_leaves_nothing(here: Context, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(random.Random(1).randbytes(10_000_000))
    with pytest.raises(FileRefused):
        ship_file(here, tmp_path / "x.csv", tmp_path / "out", options)
    assert not (tmp_path / "out").exists()


def test_killed_in_the_middle_and_run_again(
    here: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(
        tmp_path / "o.csv",
        *(f"K{n},CN,Shenzhen,MA,Casablanca,Cable no {n},1,5,USD,0.{n % 9 + 1}" for n in range(120)),
    )
    script = (
        "import sys, os\nfrom pathlib import Path\nfrom qafila.context import of_this_home\nfrom qafila.shipping.files import pipeline\npipeline.BATCH = 20\n"
        "done = []\n"
        "def progress(what, n, of):\n"
        "    if what == 'Booking' and n >= 60: os.kill(os.getpid(), 9)\n"
        f"pipeline.ship_file(of_this_home({here.tenant!r}), Path({str(file)!r}), Path({str(tmp_path / 'out')!r}), "
        f"pipeline.Options(documents=False), progress)\n"
    )
    killed = subprocess.run([sys.executable, "-c", script], env=os.environ, capture_output=True, timeout=120)
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()[-800:]
    assert not list((tmp_path / "out").glob("*.csv"))
    summary = ship_file(here, file, tmp_path / "out", options)
    balanced(summary, tmp_path / "out")
    assert (summary.booked, summary.already_booked) == (120, 60)
    assert len({line["parcel"] for line in lines(tmp_path / "out" / "shipments.csv")}) == 120
    again = ship_file(here, file, tmp_path / "out", options)
    assert again.already_booked == 120


def test_processes_beside_this_one_give_the_same(
    here: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qafila.shipping.files.pipeline.ALONE", 10)
    monkeypatch.setattr("qafila.shipping.files.pipeline.BATCH", 10)
    summary = ship_file(here, sample(), tmp_path, replace(options, workers=2))
    balanced(summary, tmp_path)
    assert summary.booked == 53
    rows = [int(line["rows"]) for line in lines(tmp_path / "shipments.csv")]
    assert rows == sorted(rows)


def test_the_real_orders(here: Context, shared_data: Path, tmp_path: Path) -> None:
    summary = ship_file(here, shared_data / "orders" / "aliexpress-dev.csv", tmp_path, options)
    balanced(summary, tmp_path)
    assert summary.rows == 316
    assert summary.booked >= 280
    schema = json.loads((shared_data / "epcis" / "EPCIS-JSON-Schema.json").read_text(encoding="utf-8"))
    events = json.loads((tmp_path / "events.jsonld").read_text(encoding="utf-8"))
    few = events | {"epcisBody": {"eventList": events["epcisBody"]["eventList"][:40]}}
    assert not list(Draft7Validator(schema).iter_errors(few))


def test_restricted_goods_and_codes_to_confirm_are_told_in_the_result(here: Context, tmp_path: Path) -> None:
    rows = [
        "R1,MA,Casablanca,ES,Madrid,Ivoire sculpté,1,120,EUR,0.5",
        "R2,MA,Casablanca,ES,Madrid,Théière en argent,x,120,EUR,0.5",
    ]
    summary = ship_file(here, write(tmp_path / "o.csv", *rows), tmp_path / "out", options)
    (line,) = summary.lines
    assert "CITES" in json.dumps(line.needs)
    assert line.to_confirm == ["Ivoire sculpté"]  # of what, it is not known: no code is declared
    assert (summary.restricted, summary.unconfirmed) == (1, 1)


def test_a_row_is_named_by_the_files_own_heading(here: Context, tmp_path: Path) -> None:
    head = "Numéro de commande;Expéditeur ville;Ville;Pays;Nom;Adresse;Article;Qté;Prix;Devise;Poids (kg)\n"
    rows = "\nN1;Fès;Lyon;France;Lea;1 rue X;Tapis;1;abc;EUR;3\nN2;Fès;Lyon;France;Lea;1 rue X;Tapis;1;90;EUR;3\n"
    (tmp_path / "o.csv").write_text(head + rows, encoding="utf-8")
    ship_file(here, tmp_path / "o.csv", tmp_path / "out", options)
    (refused,) = lines(tmp_path / "out" / "rejected.csv")
    # the header is row 1, the blank line row 2: as a spreadsheet numbers them
    assert (refused["row"], refused["field"], refused["heading"]) == ("3", "unit_price", "Prix")
    (booked,) = lines(tmp_path / "out" / "shipments.csv")
    assert (booked["rows"], booked["from"]) == ("4", "Fès, MA")
