"""What comes in: announced, given a dock, received with differences, put where the rule or people say."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from qafila.core.fault import Conflict, Fault
from qafila.runtime.database import administrator
from qafila.storage import (
    advices,
    outbound,
    putting_away,
    scanning,
    shelving,
    storage_orders,
    storage_receiving,
    storage_reserving,
)
from qafila.storage.advices import Advice, AdviceLine
from qafila.storage.model import Goods
from qafila.storage.outbound import OutboundOrder
from qafila.storage.storage_receiving import Received
from tests.storage.houses import NOW, act, fill, free, owner, warehouse


def test_differences_are_told_when_receiving_ends() -> None:
    facility, merchant = warehouse(), owner()
    expires = date(2027, 11, 30)
    advice = Advice("A1", merchant, facility, (AdviceLine("TEA", 10, "T1", expires), AdviceLine("LAMP", 4)))
    advices.announce(act(), advice)
    got = storage_receiving.receive(act(), facility, merchant, "A1", "DOCK-1", Received("TEA", 8, "T1"))
    assert (got["unexpected"], got["put_at"][-2:]) == (False, "-2")  # nobody orders it yet: a reserve shelf
    storage_receiving.receive(act(), facility, merchant, "A1", "DOCK-1", Received("LAMP", 1, damaged=True))
    storage_receiving.receive(act(), facility, merchant, "A1", "DOCK-1", Received("LAMP", 3))
    odd = storage_receiving.receive(
        act(), facility, merchant, "A1", "DOCK-1", Received("PHONE", 1, serial="S")
    )
    assert odd["unexpected"] is True
    closed = advices.close(act(), merchant, "A1")
    assert closed["differences"] == [
        {"sku": "TEA", "lot": "T1", "announced": 10, "received": 8, "damaged": 0},
        {"sku": "LAMP", "lot": "", "announced": 4, "received": 3, "damaged": 1},
        {"sku": "PHONE", "lot": "", "announced": 0, "received": 1, "damaged": 0},
    ]
    with pytest.raises(Conflict, match="closed"):
        storage_receiving.receive(act(), facility, merchant, "A1", "DOCK-1", Received("LAMP", 1))
    with administrator() as connection:
        assert shelving.audit(connection) == []
        came = shelving.trace(connection, merchant, "TEA", "T1")["came"]
    assert [(c["advice"], c["pieces"]) for c in came] == [("A1", 8)]


def test_goods_without_what_they_are_kept_by_are_not_taken() -> None:
    facility, merchant = warehouse(), owner()
    for received, words in (
        (Received("TEA", 5), "kept by lot"),
        (Received("TEA", 5, "NEW"), "no date was given"),
        (Received("PHONE", 1), "kept by serial"),
        (Received("PHONE", 2, serial="S"), "no number of pieces"),
        (Received("HAM", 1, "H"), "weighed piece by piece"),
        (Received("LAMP", 0), "no number of pieces"),
        (Received("NOTHING", 1), "no product NOTHING"),
    ):
        with pytest.raises(Fault, match=words):
            storage_receiving.receive(act(), facility, merchant, "", "DOCK-1", received)
    with pytest.raises(Fault, match="no place DOCK-9"):
        storage_receiving.receive(act(), facility, merchant, "", "DOCK-9", Received("LAMP", 1))


def test_a_dock_is_given_once_at_a_time() -> None:
    facility, merchant = warehouse(), owner()
    for id in ("A1", "A2"):
        advices.announce(act(), Advice(id, merchant, facility, (AdviceLine("LAMP", 1),)))
    advices.appoint(act(), merchant, "A1", "DOCK-1", NOW, 60)
    with pytest.raises(Conflict, match="DOCK-1 is taken"):
        advices.appoint(act(), merchant, "A2", "DOCK-1", NOW + timedelta(minutes=30), 60)
    advices.appoint(act(), merchant, "A2", "DOCK-1", NOW + timedelta(minutes=60), 60)
    advices.appoint(act(), merchant, "A2", "DOCK-2", NOW, 60)


def test_hazards_and_cold_goods_go_to_their_zone_and_nowhere_else() -> None:
    facility, merchant = warehouse(), owner()
    got = storage_receiving.receive(act(), facility, merchant, "", "DOCK-1", Received("PAINT", 2))
    assert got["put_at"].startswith("D-")
    with pytest.raises(Fault, match="not for hazards"):
        putting_away.put_away(act(), facility, "DOCK-1", "A-01-L-1", Goods(merchant, "PAINT"), 2)
    putting_away.put_away(act(), facility, "DOCK-1", got["put_at"], Goods(merchant, "PAINT"), 2)
    with pytest.raises(Fault, match="no room"):
        fill(facility, merchant, "LAMP", 34, "A-01-L-1")  # 34 × 12 litres do not go into 400


def test_where_people_put_it_instead_is_learned() -> None:
    facility, merchant = warehouse(), owner()
    fill(facility, merchant, "LAMP", 1, "A-01-L-2")
    for _ in range(3):
        got = storage_receiving.receive(act(), facility, merchant, "", "DOCK-1", Received("LAMP", 1))
        assert got["put_at"] == "A-01-L-2"  # beside the same goods
        putting_away.put_away(
            act(), facility, "DOCK-1", "C-07-R-1", Goods(merchant, "LAMP"), 1, got["put_at"]
        )
    got = storage_receiving.receive(act(), facility, merchant, "", "DOCK-1", Received("LAMP", 1))
    assert got["put_at"] == "C-07-R-1"


def test_what_is_waited_for_goes_from_the_dock_to_the_order() -> None:
    facility, merchant = warehouse(), owner()
    outbound.place_order(act(), OutboundOrder("O1", merchant, facility, (("LAMP", 2),)))
    got = storage_receiving.receive(act(), facility, merchant, "", "DOCK-1", Received("LAMP", 5))
    assert got["cross_dock"] == [{"order": "O1", "pieces": 2}]
    assert storage_reserving.reserve_waiting(act(), facility)["complete"] == ["O1"]
    with administrator() as connection:
        from_ = storage_orders.told(connection, merchant, "O1")["lines"][0]["from"]
    assert [(f["place"], f["pieces"]) for f in from_] == [("DOCK-1", 2)]
    assert free(facility, merchant, "LAMP") == (5, 2)


def test_codes_of_all_kinds_are_understood() -> None:
    facility, merchant = warehouse(), owner()
    with administrator() as connection:
        case = scanning.resolve(connection, facility, "16111234567892", merchant)
        assert (case.product, case.pieces) == ("TEA", 12)
        label = scanning.resolve(connection, facility, "]C1010611123456789517271130" + "10T1", merchant)
        assert (label.product, label.lot, label.expires_on) == ("TEA", "T1", date(2027, 11, 30))
        link = scanning.resolve(connection, facility, "https://id.gs1.org/01/06111234567895/10/T2", merchant)
        assert (link.product, link.lot) == ("TEA", "T2")
        assert scanning.resolve(connection, facility, " A-01-L-1 ").place == "A-01-L-1"
        with pytest.raises(Fault, match="has the code"):
            scanning.resolve(connection, facility, "??", merchant)


def test_a_face_that_runs_low_is_filled_from_reserve() -> None:
    facility, merchant = warehouse(), owner()
    fill(facility, merchant, "LAMP", 2, "A-01-L-1")
    fill(facility, merchant, "LAMP", 30, "B-01-L-2")
    with administrator() as connection:
        wanted = shelving.replenishments(connection, facility)
    assert [(w["sku"], w["from"], w["to"], w["pieces"]) for w in wanted] == [
        ("LAMP", "B-01-L-2", "A-01-L-1", 30)
    ]
