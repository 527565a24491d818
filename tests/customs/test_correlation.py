"""What became of a code of an older edition, by the tables that are loaded."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from qafila.customs.correlation import became, read_correlation, store_correlation
from qafila.customs.customs_exchange import ConsignmentError, consignment_from
from qafila.customs.schedules import folder
from tests.shipping.drafts import orders_of

TABLE = "HS2017,HS2022\n8517.70,8517.71\n8517.70,8517.79\n9006.52,9006.53\n"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "table.csv"
    path.write_text(TABLE, encoding="utf-8")
    return path


@pytest.fixture
def _loaded(table: Path) -> Iterator[None]:
    kept = store_correlation(read_correlation(table, "HS2017", "HS2022", "WCO table"), folder())
    yield
    kept.unlink()


def test_a_table_answers_whichever_way_round_it_is(table: Path, tmp_path: Path) -> None:
    assert became("851770", "HS2022", tmp_path) is None
    kept = store_correlation(read_correlation(table, "HS2017", "HS2022", "WCO table"), tmp_path)
    assert became("851770", "HS2022", tmp_path) == ("HS2017", ["851771", "851779"])
    assert became("900652", "HS2022", tmp_path) == ("HS2017", ["900653"])
    assert became("610999", "HS2022", tmp_path) is None
    kept.unlink()
    store_correlation(
        read_correlation(table, "HS2022", "HS2017", "WCO table"), tmp_path
    )  # its columns as they are
    assert became("900653", "HS2022", tmp_path) == ("HS2017", ["900652"])


@pytest.mark.usefixtures("_loaded")
def test_the_refusal_of_an_older_code_names_what_it_became() -> None:
    head = "order_id,country,city,title,quantity,unit_price,currency,hs\n"
    orders, (one, several, other) = orders_of(
        f"{head}1,FR,Lyon,Camera,1,5,EUR,900652\n2,FR,Lyon,Part,1,5,EUR,851770\n3,FR,Lyon,Shirt,1,5,EUR,610999\n"
    )
    assert not orders
    assert str(one.reason) == "HS 2022 has no subheading 900652."
    assert str(one.remedy) == "It is a code of HS2017; in HS 2022 it became 900653."
    assert str(several.remedy) == "It is a code of HS2017; in HS 2022 it became 851771 or 851779."
    assert str(other.remedy).startswith("Codes near it are 610990")
    with pytest.raises(ConsignmentError, match="It is a code of HS2017; in HS 2022 it became 900653"):
        consignment_from(
            {"from": "CN", "to": "MA", "currency": "EUR", "goods": [{"hs": "900652", "value": 5}]},
            date(2026, 11, 26),
        )
