"""The preview tells what shipping the same file refuses."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from qafila.context import Context, of_this_home
from qafila.runtime.database import administrator
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
    "7,CN,Hangzhou,NO,Stavanger,lithium battery pack,850760,1,9,EUR",  # the vans there take no batteries
    "8,CN,Hangzhou,NO,Stavanger,ceramic mug,691110,1,9,EUR",
)


options = Options(documents=False, workers=1)


@pytest.fixture
def here() -> Context:
    """This home at one moment, for a merchant of the test's own."""
    with administrator() as connection:
        return of_this_home(merchants.create(connection, "A test").id).at(datetime.now(UTC))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "orders.csv"
    path.write_text("\n".join([HEADER, *ROWS]), encoding="utf-8")
    return path


def test_what_cannot_be_booked_is_told_before_as_it_is_refused_after(
    here: Context, file: Path, tmp_path: Path
) -> None:
    seen = preview(here, file, options)
    assert seen.ready == 3
    assert [p.row for p in seen.problems] == [3, 4, 5, 7, 8]
    assert str(seen.problems[-1].reason).startswith(
        "No way between Hangzhou delivery station and Stavanger delivery station takes these goods (lithium"
    )
    assert [w for w in map(str, seen.warnings) if "streets" not in w] == []
    assert [(p.row, p.field, str(p.reason), str(p.remedy)) for p in seen.problems] == refused(
        here, file, options, tmp_path
    )


def test_a_day_that_cannot_be_kept_is_told(here: Context, file: Path, tmp_path: Path) -> None:
    now = here.now()
    dated = replace(options, rule="promise", promise_by=now.date() + timedelta(days=2))
    seen = preview(here, file, dated)
    assert seen.ready == 0
    assert "The earliest promise is" in str(seen.problems[0].reason)
    assert [(p.row, p.field, str(p.reason), str(p.remedy)) for p in seen.problems] == refused(
        here, file, dated, tmp_path
    )
    assert preview(here, file, replace(dated, promise_by=now.date() + timedelta(days=80))).ready == 3


def refused(here: Context, file: Path, options: Options, tmp_path: Path) -> list[tuple[int, str, str, str]]:
    """What shipping the file refuses, by row."""
    summary = ship_file(here, file, tmp_path / "out", options)
    with (tmp_path / "out" / "rejected.csv").open(encoding="utf-8", newline="") as lines:
        rejected = list(csv.DictReader(lines))
    assert summary.parcels == len(ROWS) - len(rejected)
    return [(int(r["row"]), r["field"], r["reason"], r["remedy"]) for r in rejected]


def test_a_long_file_is_looked_at_within_bounds_and_says_so(
    here: Context, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for bound in ("CLASSIFIED", "ROUTED", "PROMISED"):
        monkeypatch.setattr(previewing, bound, 0)
    seen = preview(here, file, replace(options, rule="promise", promise_by=datetime.now(UTC).date()))
    assert any(
        str(w).startswith("Goods of 1 more descriptions have no HS code") for w in map(str, seen.warnings)
    )
    assert 3 in [p.row for p in seen.problems]  # a code that was given is looked at all the same
    assert 8 not in [p.row for p in seen.problems]
    assert "Whether there is a way for 4 more orders is told when they are booked." in map(str, seen.warnings)
    assert "Whether 4 more orders keep their day is told when they are booked." in map(str, seen.warnings)
