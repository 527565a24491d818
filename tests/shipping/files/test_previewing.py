"""The preview tells what shipping the same file refuses, as far as it can be known without a way."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from qafila.database import administrator
from qafila.shipping import merchants
from qafila.shipping.files import previewing
from qafila.shipping.files.pipeline import Options, ship_file
from qafila.shipping.files.previewing import preview

HEADER = "order_id,origin_country,origin_city,destination_country,destination_city,title,hs,quantity,unit_price,currency"
ROWS = (
    "1,CN,Shenzhen,MA,Casablanca,ceramic bowl,691110,1,9,EUR",
    "2,CN,Shenzhen,MA,Casablanca,shopping bags of polyethylene,392321,1,9,EUR",
    "3,CN,Shenzhen,FR,Lyon,fireworks rockets,,1,9,EUR",
    "4,CN,Shenzhen,EG,Cairo,camera drone,880622,1,9,EUR",
    "5,CN,Shenzhen,FR,Lyon,camera drone,880622,1,9,EUR",
    "6,CN,Shenzhen,FR,Lyon,ceramic mug,999999,1,9,EUR",
)


@pytest.fixture
def options() -> Options:
    with administrator() as connection:
        return Options(merchant=merchants.create(connection, "A test").id, documents=False, workers=1)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "orders.csv"
    path.write_text("\n".join([HEADER, *ROWS]), encoding="utf-8")
    return path


def test_prohibited_goods_are_told_before_as_they_are_refused_after(
    options: Options, file: Path, tmp_path: Path
) -> None:
    seen = preview(file, options)
    assert seen.ready == 2
    assert [p.row for p in seen.problems] == [2, 3, 4, 6]
    summary = ship_file(file, tmp_path / "out", options)
    assert summary.parcels == 2
    with (tmp_path / "out" / "rejected.csv").open(encoding="utf-8", newline="") as lines:
        refused = [(int(r["row"]), r["field"], r["reason"], r["remedy"]) for r in csv.DictReader(lines)]
    assert [(p.row, p.field, p.reason, p.remedy) for p in seen.problems] == refused


def test_a_long_file_is_looked_at_within_bounds_and_says_so(
    options: Options, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(previewing, "CLASSIFIED", 0)
    seen = preview(file, options)
    assert any(w.startswith("Goods of 1 more descriptions have no HS code") for w in seen.warnings)
    assert 2 in [p.row for p in seen.problems]  # a code that was given is looked at all the same
