"""Demand files that nobody prepared: rows are refused by field with a remedy, files with what is missing."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from qafila.planning import planning_job
from qafila.planning.demand import DemandError, read, write
from qafila.planning.planning_problem import Commodities
from tests.planning import networks

HEAD = "id,origin,destination,release,due,late_price,m3,max_transfers,goods,parcels,kg"
GOOD = {
    "id": "x", "origin": "F0", "destination": "F1", "release": "2026-01-05T18:00:00Z", "due": "", "late_price": "",
    "m3": "", "max_transfers": "", "goods": "", "parcels": "3", "kg": "4",
}  # fmt: skip


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("origin", "NOWHERE"),
        ("origin", ""),
        ("destination", "F0"),
        ("destination", "F1/door"),
        ("release", "2020-01-05T18:00:00Z"),
        ("release", "2029-01-05"),
        ("release", "0001-01-01"),
        ("release", "soon"),
        ("due", "tomorrow"),
        ("late_price", "-1"),
        ("late_price", "1e300"),
        ("late_price", "much"),
        ("m3", "-1"),
        ("max_transfers", "-1"),
        ("max_transfers", "1.5"),
        ("max_transfers", "16"),
        ("max_transfers", "few"),
        ("m3", "nan"),
        ("goods", "NONSENSE"),
        ("parcels", "0"),
        ("parcels", "-1"),
        ("parcels", "1.5"),
        ("parcels", "NaN"),
        ("parcels", "99999999999999999999"),
        ("kg", ""),
        ("kg", "-20"),
        ("kg", "inf"),
        ("kg", "1e300"),
        ("kg", "1e-9"),
        ("kg", "1,500"),
        ("kg", "10 20"),
    ],
)
def test_a_bad_row_is_refused_by_its_field(field: str, value: str, tmp_path: Path) -> None:
    file = tmp_path / "demand.csv"
    rows = [GOOD | {"id": "bad", field: value}, GOOD]
    file.write_text("\n".join([HEAD, *(",".join(f'"{v}"' for v in r.values()) for r in rows)]))
    demand, problems = read(file, networks.timetable(0))
    assert demand.ids == ("x",)
    assert [(p.row, p.field) for p in problems] == [(2, field)]
    assert problems[0].reason
    assert problems[0].remedy


@pytest.mark.parametrize("written", ["1,5", "1.5", "١٫٥", "1.5e0"])
def test_weights_are_read_as_they_are_written(written: str, tmp_path: Path) -> None:
    file = tmp_path / "demand.csv"
    file.write_text(
        "\n".join([HEAD, ",".join(f'"{v}"' for v in (GOOD | {"kg": written}).values())]), encoding="utf-8"
    )
    demand, problems = read(file, networks.timetable(0))
    assert not problems
    assert demand.grams.tolist() == [500.0]  # of three parcels


OPTIONAL = (
    "id",
    "release",
    "due",
    "service_class",
    "late_price",
    "merchant_class",
    "m3",
    "goods",
    "max_transfers",
)


@pytest.mark.parametrize("blank", ["", "  ", '" "'])
@pytest.mark.parametrize("ending", [".csv", ".parquet"])
def test_blank_optional_cells_are_columns_left_out(blank: str, ending: str, tmp_path: Path) -> None:
    needed = {"origin": "F0", "destination": "F1", "parcels": "3", "kg": "4"}
    bare, blanks = tmp_path / "bare.csv", tmp_path / f"blank{ending}"
    bare.write_text(",".join(needed) + "\n" + ",".join(needed.values()) + "\n")
    if ending == ".csv":
        row = needed | dict.fromkeys(OPTIONAL, blank)
        blanks.write_text(",".join(row) + "\n" + ",".join(row.values()) + "\n")
    else:  # columns of nothing, of the type of nothing
        pl.DataFrame([needed | dict.fromkeys(OPTIONAL)]).write_parquet(blanks)
    said, problems = read(blanks, networks.timetable(0))
    unsaid, _ = read(bare, networks.timetable(0))
    assert not problems
    for name in Commodities.__dataclass_fields__:
        assert np.array_equal(getattr(said, name), getattr(unsaid, name)), name


def test_a_limit_of_transfers_is_read_and_written(tmp_path: Path) -> None:
    file, again = tmp_path / "demand.csv", tmp_path / "again.csv"
    rows = [GOOD | {"id": "a", "max_transfers": "0"}, GOOD | {"id": "b", "max_transfers": "15"}, GOOD]
    file.write_text("\n".join([HEAD, *(",".join(r.values()) for r in rows)]))
    timetable = networks.timetable(0)
    demand, problems = read(file, timetable)
    assert not problems
    assert demand.limits.tolist() == [1, 16, 0]
    write(again, demand, timetable)
    assert read(again, timetable)[0].limits.tolist() == [1, 16, 0]


def test_an_instant_that_is_none_is_blamed_on_its_own_column(tmp_path: Path) -> None:
    file = tmp_path / "demand.csv"
    row = GOOD | {"release": "", "due": "tomorrow"}
    file.write_text("\n".join([HEAD, ",".join(row.values())]))
    assert [p.field for p in read(file, networks.timetable(0))[1]] == ["due"]


def test_typed_columns_say_the_same_as_their_text(tmp_path: Path) -> None:
    text = pl.DataFrame(
        {
            "id": ["1", "2", "2"], "origin": ["F0", " F1 ", "F2"], "destination": ["F1", "F2", "F3"],
            "release": ["2026-01-05T18:00:00Z", None, "2026-01-05T01:00:00Z"], "due": [None, "2026-01-06T00:00:01Z", None],
            "parcels": ["3", "4", "5"], "kg": ["4.5", "1e1", "5"], "m3": [None, "0.25", "nan"],
        }
    )  # fmt: skip
    typed = text.with_columns(
        pl.col("id", "parcels").cast(pl.Int64),
        pl.col("kg", "m3").cast(pl.Float64),
        pl.col("release", "due").str.to_datetime(time_zone="UTC"),
    )
    text.write_csv(tmp_path / "a.csv")
    typed.write_parquet(tmp_path / "b.parquet")
    (a, refused), (b, refused_too) = (
        read(tmp_path / f, networks.timetable(0)) for f in ("a.csv", "b.parquet")
    )
    assert [(p.row, p.field, p.value) for p in refused] == [(4, "id", "2")]
    assert [(p.row, p.field, p.value) for p in refused_too] == [(4, "id", "2")]
    assert a.ids == b.ids == ("1", "2")
    for name, values in (
        ("release", [1080, 0]),
        ("due", [1080 + 192 * 60, 1441]),
        ("parcels", [3, 4]),
        ("grams", [1500.0, 2500.0]),
        ("cm3", [0.0, 62500.0]),
        ("origin", [0, 1]),
    ):
        assert getattr(a, name).tolist() == getattr(b, name).tolist() == values


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b"", "empty"),
        (b"id,origin,parcels\na,F0,3\n", "missing: destination and kg.*The file has: id, origin, parcels"),
        (b"origin;destination;parcels;kg\nF0;F1;3;4\n", "separated by commas"),
        (b"Origin,origin,destination,parcels,kg\nF0,F0,F1,3,4\n", "occurs twice: origin"),
        ("id,origin,destination,parcels,kg\né,F0,F1,3,4\n".encode("latin-1"), "UTF-8"),
        ((HEAD + "\n").encode("utf-16"), "are missing"),
    ],
)
def test_what_is_no_demand_says_why(text: bytes, says: str, tmp_path: Path) -> None:
    (tmp_path / "demand.csv").write_bytes(text)
    with pytest.raises(DemandError, match=says):
        read(tmp_path / "demand.csv", networks.timetable(0))


def test_a_mistyped_year_does_not_stretch_the_timetable(tmp_path: Path) -> None:
    file = tmp_path / "demand.csv"
    file.write_text(
        "release\n0001-01-01\n2016-01-07\n2026-01-07\n2026-01-09T23:30:00-05:00\n2062-01-08\nlater\n"
    )
    assert planning_job.densest(planning_job.releases(file)) == (date(2026, 1, 7), date(2026, 1, 10))
    assert planning_job.densest([]) == (None, None)
