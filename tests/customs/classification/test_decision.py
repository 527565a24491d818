"""Decisions files: alone, joined with orders, and with mistakes in them."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from qafila.customs.classification import DecisionError, read_decisions


def test_csv_with_its_own_codes(tmp_path: Path) -> None:
    file = tmp_path / "decisions.csv"
    file.write_text(
        "sku,title,hs6,by,on\nA-1,Silk scarf,6214.10,Amal,2026-10-01\nA-2,Lure,9507901000,,\nA-3,Bad,95\n",
        "utf-8",
    )
    read = read_decisions(file)
    assert [(d.sku, d.hs6, d.by, d.on) for d in read.decisions] == [
        ("A-1", "621410", "Amal", date(2026, 10, 1)),
        ("A-2", "950790", "", None),
    ]
    assert [str(p) for p in read.problems] == [
        "decisions.csv, row 4: The HS code 95 has fewer than six digits. Give six digits or more."
    ]


def test_orders_joined_with_codes(tmp_path: Path) -> None:
    orders, codes = tmp_path / "orders.csv", tmp_path / "codes.csv"
    orders.write_text('order_id,title,attributes\nO-1,Ring,"{""Material"": ""Zinc""}"\nO-2,Lamp,\n', "utf-8")
    codes.write_text("order_id,hs10_us\nO-1,7117199000\n", "utf-8")
    read = read_decisions(orders, codes)
    assert [(d.sku, d.title, d.attributes, d.hs6) for d in read.decisions] == [
        ("O-1", "Ring", '{"Material": "Zinc"}', "711719")
    ]
    assert read.problems == ()  # O-2 is not decided: that is no mistake


def test_json(tmp_path: Path) -> None:
    file = tmp_path / "decisions.json"
    file.write_text(
        json.dumps([{"sku": "A", "title": "Ring", "attributes": {"Material": "Zinc"}, "hs": "711719"}])
    )
    (decision,) = read_decisions(file).decisions
    assert (decision.attributes, decision.hs6) == ('{"Material": "Zinc"}', "711719")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.json", b"{", "is not JSON"),
        ("b.json", b'{"a": 1}', "must be a list"),
        ("c.csv", b"colour,size\nred,1\n", "has no column sku, order_id or title"),
        ("d.csv", "sku,title\nA,é\n".encode("latin-1"), "is not UTF-8"),
    ],
)
def test_files_that_cannot_be_read(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DecisionError, match=said):
        read_decisions(tmp_path / name)


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(DecisionError, match="no such file"):
        read_decisions(tmp_path / "none.csv")
