"""The way out: reserved, released, picked, packed, handed over; what is short, instead, cancelled."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import Connection

from qafila.core.fault import Conflict, Fault
from qafila.openness import store as log
from qafila.runtime.answered.keys import KeyReused
from qafila.runtime.database import administrator
from qafila.storage import (
    boxes,
    cartons,
    fetching,
    handing_over,
    kits,
    outbound,
    packing,
    readiness,
    releasing,
    scanning,
    shelving,
    sourcing,
    storage_counting,
    storage_messages,
    storage_orders,
    storage_reserving,
    store,
)
from qafila.storage.model import Condition, Goods, Product, Reason
from qafila.storage.outbound import OutboundOrder
from qafila.storage.releasing import Wish
from qafila.storage.storage_acting import NotEnough
from tests.storage.houses import NOW, act, fill, free, name, owner, soon, warehouse


def _audit() -> None:
    with administrator() as connection:
        assert shelving.audit(connection) == []


def _walk(facility: str, by: str = "Amal") -> list[str]:
    """Picks every open tour to its end; returns the orders in the order of the picks."""
    walked = []
    while tour := (seen := fetching.begin(act(by=by), facility))["tour"]:
        while seen["next"]:
            stop = seen["next"]
            walked.append(stop["order"])
            seen = fetching.fetch(
                act(by=by),
                tour,
                stop["pick"],
                stop["pieces"],
                stop["place"],
                stop["sku"],
                900 if stop["weigh"] else 0,
            )
    return walked


def _state(owner_: str, order: str) -> dict[str, object]:
    with administrator() as connection:
        return storage_orders.told(connection, owner_, order)


def test_an_order_goes_from_shelf_to_departure() -> None:
    facility, merchant = warehouse(), owner()
    fill(facility, merchant, "TEA", 30, "A-03-L-1", "T1")
    fill(facility, merchant, "LAMP", 4, "C-05-R-1")
    placed = outbound.place_order(
        act(), OutboundOrder("O1", merchant, facility, (("TEA", 3), ("LAMP", 1)), cut_off=soon())
    )
    assert placed["state"] == "reserved"
    assert free(facility, merchant, "TEA") == (30, 3)
    wave = releasing.release(act(), facility, Wish(until=soon(5)))
    assert wave["orders"] == 1
    with administrator() as connection:  # what was released, and what waited, is in the log
        (told,) = log.about(connection, wave["wave"])
        opened = {one.field: one.value for one in log.openings(connection, [told.entry_id])[told.entry_id]}
    assert json.loads(opened["answer"] or "") == [
        one["order"] for one in json.loads(opened["inputs"] or "")["waiting"]
    ]
    assert merchant in (opened["owners"] or "")
    # there and back through A to C: 8 m across twice, 5 m into C twice, 3 m into A twice
    assert wave["tours"][0]["metres"] == pytest.approx(16 + 10 + 6)
    assert _walk(facility) == ["O1", "O1"]
    assert _state(merchant, "O1")["state"] == "picked"
    with administrator() as connection:
        advice = packing.advise(connection, merchant, "O1")
    assert advice["carton"] == "L"  # the lamp is 200 mm high, and M has 190 inside
    assert advice["expected_g"] == 3 * 250 + 1800 + 620
    assert len(advice["plan"]) == 4
    assert advice["picture"].startswith("<svg")
    with pytest.raises(Fault, match="weighs 2000 g"):
        packing.pack(act(), merchant, "O1", grams=2000)
    assert packing.pack(act(), merchant, "O1", grams=3190)["state"] == "packed"
    handing_over.hand_over(act(), facility, [(merchant, "O1", 0)], "truck 7")
    assert _state(merchant, "O1")["state"] == "handed_over"
    assert free(facility, merchant, "TEA") == (27, 0)
    _audit()
    with pytest.raises(Conflict):
        outbound.cancel(act(), merchant, "O1")


def test_what_expires_first_goes_first_and_what_keeps_too_short_stays() -> None:
    facility, merchant = warehouse(), owner()
    fill(facility, merchant, "TEA", 5, "A-01-L-1", "LATE", days=300)
    fill(facility, merchant, "TEA", 5, "C-10-L-1", "SOON", days=60)
    fill(facility, merchant, "TEA", 5, "A-02-L-1", "TODAY", days=5)  # less than its least_days of 10
    placed = outbound.place_order(act(), OutboundOrder("O1", merchant, facility, (("TEA", 7),)))
    taken = [(p["lot"], p["pieces"]) for p in placed["lines"][0]["from"]]
    assert taken == [("SOON", 5), ("LATE", 2)]
    _audit()


def test_a_warehouse_is_chosen_by_what_it_can_promise() -> None:
    facility, merchant = warehouse(), owner()
    fill(facility, merchant, "TEA", 5, "A-01-L-1", "KEEPS", days=300)
    fill(facility, merchant, "TEA", 5, "A-02-L-1", "TODAY", days=5)  # less than its least_days of 10
    fill(facility, merchant, "TEA", 5, "A-03-L-1", "HELD", days=300)
    shelving.hold(act(), merchant, "TEA", "HELD", "a recall")
    fill(facility, merchant, "LAMP", 4, "C-01-R-1")
    fill(facility, merchant, "LAMP", 4, "C-02-R-1")
    with administrator() as connection:  # what lies there is doubted until it is counted
        storage_counting.ask(connection, facility, "C-02-R-1", Goods(merchant, "LAMP"), "short", {})
        known = sourcing.free(connection, merchant, ["TEA", "LAMP", "SET"], NOW.date())
    assert known == {facility: {"TEA": 5, "LAMP": 4, "SET": 2}}
    lines = (("TEA", 9), ("LAMP", 9))
    placed = outbound.place_order(act(), OutboundOrder("O1", merchant, facility, lines))
    assert [sum(p["pieces"] for p in line["from"]) for line in placed["lines"]] == [5, 4]
    with administrator() as connection:
        assert sourcing.free(connection, merchant, ["TEA", "LAMP", "SET"], NOW.date()) == {}


def test_kits_are_served_from_their_parts() -> None:
    facility, merchant = warehouse(), owner()
    fill(facility, merchant, "TEA", 10, "A-01-L-1", "T")
    fill(facility, merchant, "LAMP", 10, "A-02-L-1")
    placed = outbound.place_order(act(), OutboundOrder("O1", merchant, facility, (("SET", 2), ("LAMP", 1))))
    assert [(line["sku"], line["pieces"]) for line in placed["lines"]] == [("TEA", 4), ("LAMP", 3)]
    shelving.shift(act(), facility, "A-01-L-1", "PACK-1", Goods(merchant, "TEA", "T"), 2)
    shelving.shift(act(), facility, "A-02-L-1", "PACK-1", Goods(merchant, "LAMP"), 1)
    kits.assemble(act(), facility, "PACK-1", merchant, "SET", 1)
    assert free(facility, merchant, "SET") == (1, 0)
    with pytest.raises(Fault, match="not 2 free pieces of TEA"):
        kits.assemble(act(), facility, "PACK-1", merchant, "SET", 1)
    _audit()


def test_a_kit_that_contains_itself_or_something_unknown_is_refused() -> None:
    facility, merchant = warehouse(), owner()
    with administrator() as connection:
        store.put_product(connection, merchant, Product("RING", "Ring", parts=(("RING-2", 1),)))
        store.put_product(connection, merchant, Product("RING-2", "Ring", parts=(("RING", 1),)))
        store.put_product(connection, merchant, Product("BOX", "Box", parts=(("NOBODY-KNOWS", 1),)))
    with pytest.raises(Fault, match="contains itself"):
        outbound.place_order(act(), OutboundOrder("O1", merchant, facility, (("RING", 1),)))
    with pytest.raises(Fault, match="no product NOBODY-KNOWS"):
        outbound.place_order(act(), OutboundOrder("O2", merchant, facility, (("BOX", 1),)))


def test_the_same_act_sent_twice_is_done_once() -> None:
    facility, merchant = warehouse(), owner()
    goods = fill(facility, merchant, "LAMP", 4, "A-01-L-1")
    key = name("twice-")
    first = shelving.shift(act(key), facility, "A-01-L-1", "B-01-L-1", goods, 3)
    again = shelving.shift(act(key), facility, "A-01-L-1", "B-01-L-1", goods, 3)
    assert (first["repeated"], again["repeated"]) == (False, True)
    assert {**first, "repeated": True} == again
    with pytest.raises(KeyReused):
        shelving.shift(act(key), facility, "A-01-L-1", "B-01-L-1", goods, 1)
    with pytest.raises(NotEnough):
        shelving.shift(act(), facility, "A-01-L-1", "B-01-L-1", goods, 2)
    assert free(facility, merchant, "LAMP") == (4, 0)
    _audit()


def test_what_is_short_is_found_elsewhere_and_the_place_is_counted() -> None:
    facility, merchant = warehouse(), owner()
    fill(facility, merchant, "LAMP", 3, "A-01-L-1")
    fill(facility, merchant, "LAMP", 5, "B-04-L-1")
    outbound.place_order(act(), OutboundOrder("O1", merchant, facility, (("LAMP", 3),)))
    releasing.release(act(), facility, Wish())
    seen = fetching.begin(act(), facility)
    assert seen["next"]["place"] == "A-01-L-1"
    seen = fetching.fetch(act(), seen["tour"], seen["next"]["pick"], 1, "A-01-L-1", "LAMP")
    seen = fetching.short(act(), seen["tour"], seen["next"]["pick"])
    assert (seen["elsewhere"], seen["left_out"]) == (2, 0)
    assert (seen["next"]["place"], seen["next"]["pieces"]) == ("B-04-L-1", 2)
    fetching.fetch(act(), seen["tour"], seen["next"]["pick"], 2)
    assert _state(merchant, "O1")["state"] == "picked"
    with administrator() as connection:
        asked = storage_counting.open_counts(connection, facility)
    assert [(c.place, c.because) for c in asked] == [("A-01-L-1", "short")]
    # nothing more is promised from there until it is counted
    assert (
        outbound.place_order(act(), OutboundOrder("O2", merchant, facility, (("LAMP", 5),)))["state"]
        == "waiting"
    )
    storage_counting.count(act(), facility, "A-01-L-1", Goods(merchant, "LAMP"), 2)
    assert storage_reserving.reserve_waiting(act(), facility)["complete"] == ["O2"]
    _audit()


def test_what_is_nowhere_is_left_out_or_waited_for() -> None:
    for partial, state in ((True, "picked"), (False, "waiting")):
        facility, merchant = warehouse(), owner()
        fill(facility, merchant, "LAMP", 2, "A-01-L-1")
        fill(facility, merchant, "TEA", 2, "A-02-L-1", "T")
        order = OutboundOrder("O1", merchant, facility, (("LAMP", 2), ("TEA", 1)), partial=partial)
        outbound.place_order(act(), order)
        releasing.release(act(), facility, Wish())
        seen = fetching.begin(act(), facility)
        while seen["next"]:
            pick = seen["next"]
            if pick["sku"] == "LAMP":
                seen = fetching.short(act(), seen["tour"], pick["pick"])
                assert (seen["left_out"], seen["waits"]) == ((2, 0) if partial else (0, 2))
            else:
                seen = fetching.fetch(act(), seen["tour"], pick["pick"], pick["pieces"])
        assert _state(merchant, "O1")["state"] == state
        if not partial:  # new goods come, and the order is picked to its end on another tour
            fill(facility, merchant, "LAMP", 2, "B-01-L-1")
            assert storage_reserving.reserve_waiting(act(), facility)["complete"] == ["O1"]
            releasing.release(act(), facility, Wish())
            _walk(facility)
            assert packing.pack(act(), merchant, "O1")["state"] == "packed"
            with administrator() as connection:
                box = boxes.to_put_back(connection, storage_orders.row(connection, merchant, "O1"))
            assert sorted((b["sku"], b["pieces"]) for b in box) == [("LAMP", 2), ("TEA", 1)]
        _audit()


def test_a_substitute_goes_where_the_order_allows_it() -> None:
    facility, merchant = warehouse(), owner()
    fill(facility, merchant, "LAMP", 1, "A-01-L-1")
    fill(facility, merchant, "LAMP-B", 5, "A-02-L-1")
    strict = outbound.place_order(act(), OutboundOrder("O1", merchant, facility, (("LAMP", 3),)))
    assert strict["state"] == "waiting"
    outbound.cancel(act(), merchant, "O1")
    mild = outbound.place_order(
        act(), OutboundOrder("O2", merchant, facility, (("LAMP", 3),), substitute=True)
    )
    assert mild["state"] == "reserved"
    assert [(x["sku"], x["pieces"], x["short"], x["instead_of"]) for x in mild["lines"]] == [
        ("LAMP", 3, 2, ""),
        ("LAMP-B", 2, 0, "LAMP"),
    ]
    _audit()


def test_a_cancellation_in_the_middle_of_a_pick_has_an_end() -> None:
    facility, merchant = warehouse(), owner()
    fill(facility, merchant, "LAMP", 3, "A-01-L-1")
    fill(facility, merchant, "TEA", 3, "B-01-L-1", "T")
    outbound.place_order(act(), OutboundOrder("O1", merchant, facility, (("LAMP", 1), ("TEA", 1))))
    outbound.place_order(act(), OutboundOrder("O2", merchant, facility, (("LAMP", 1),)))
    releasing.release(act(), facility, Wish())
    seen = fetching.begin(act(), facility)
    first = seen["next"]
    seen = fetching.fetch(act(), seen["tour"], first["pick"], 1)
    cancelled = outbound.cancel(act(), merchant, "O1")
    held = [(b["sku"], b["pieces"]) for b in cancelled["put_back"]]
    assert held == ([(first["sku"], 1)] if first["order"] == "O1" else [])
    assert {p["order"] for p in fetching.begin(act(), facility)["stops"]} <= {"O2"}
    _walk(facility)
    assert _state(merchant, "O2")["state"] == "picked"
    for back in cancelled["put_back"]:
        goods = Goods(merchant, back["sku"], back["lot"])
        shelving.shift(act(), facility, back["place"], "A-05-L-1", goods, back["pieces"], Reason.PUT_BACK)
    with pytest.raises(Conflict, match="cancelled"):
        packing.pack(act(), merchant, "O1")
    assert free(facility, merchant, "TEA")[1] == 0
    _audit()


def test_scans_of_something_else_are_refused() -> None:
    facility, merchant = warehouse(), owner()
    fill(facility, merchant, "TEA", 3, "A-01-L-1", "T1")
    fill(facility, merchant, "LAMP", 3, "A-02-L-1")
    outbound.place_order(act(), OutboundOrder("O1", merchant, facility, (("TEA", 2),)))
    releasing.release(act(), facility, Wish())
    seen = fetching.begin(act(), facility)
    tour, pick = seen["tour"], seen["next"]["pick"]
    for given, words in (
        ({"place": "A-02-L-1"}, "the pick is at A-01-L-1"),
        ({"code": "LAMP"}, "the pick is TEA"),
        ({"code": "(01)06111234567895(10)T9"}, "lot T9"),
        ({"pieces": 3}, "too many"),
        ({"code": "123"}, "has the code"),
    ):
        with pytest.raises(Fault, match=words):
            fetching.fetch(act(), tour, pick, **{"pieces": 2, **given})  # type: ignore[arg-type]
    with pytest.raises(Conflict, match="Amal walks"):
        fetching.begin(act(by="Badr"), facility, tour)
    fetching.fetch(act(), tour, pick, 2, "A-01-L-1", "(01)06111234567895(10)T1")
    _audit()


def test_goods_weighed_one_by_one_and_serials_leave_as_they_came() -> None:
    facility, merchant = warehouse(), owner()
    fill(facility, merchant, "HAM", 2, "A-01-L-1", "H", grams=13_000)
    fill(facility, merchant, "PHONE", 1, "A-02-L-1", serial="S1")
    with pytest.raises(Conflict, match="S1 of PHONE lies somewhere else"):
        fill(facility, merchant, "PHONE", 1, "A-03-L-1", serial="S1")
    outbound.place_order(act(), OutboundOrder("O1", merchant, facility, (("HAM", 1), ("PHONE", 1))))
    releasing.release(act(), facility, Wish())
    seen = fetching.begin(act(), facility)
    while seen["next"]:
        pick = seen["next"]
        if pick["weigh"]:
            with pytest.raises(Fault, match="weighed piece by piece"):
                fetching.fetch(act(), seen["tour"], pick["pick"], 1)
        seen = fetching.fetch(act(), seen["tour"], pick["pick"], 1, grams=6_400 if pick["weigh"] else 0)
    with administrator() as connection:
        advice = packing.advise(connection, merchant, "O1")
    assert advice["expected_g"] == 6_400 + 200 + 330
    _audit()


def test_a_recalled_lot_is_told_both_ways_and_promised_no_more() -> None:
    facility, merchant = warehouse(), owner()
    fill(facility, merchant, "TEA", 6, "A-01-L-1", "BAD")
    for order in ("O1", "O2"):
        outbound.place_order(act(), OutboundOrder(order, merchant, facility, (("TEA", 2),)))
    releasing.release(act(), facility, Wish(most=1))
    _walk(facility)
    packing.pack(act(), merchant, "O1")
    handing_over.hand_over(act(), facility, [(merchant, "O1", 0)], "truck")
    found = shelving.hold(act(), merchant, "TEA", "BAD", "recall 7")
    assert [(w["order_id"], w["pieces"]) for w in found["went"]] == [("O1", 2)]
    assert found["promised"] == ["O2"]
    assert [(w["place"], w["pieces"]) for w in found["lies"]] == [("A-01-L-1", 4)]
    assert [c["pieces"] for c in found["came"]] == [6]
    held = outbound.place_order(act(), OutboundOrder("O3", merchant, facility, (("TEA", 1),)))
    assert held["state"] == "waiting"
    shelving.recondition(
        act(), facility, "A-01-L-1", Goods(merchant, "TEA", "BAD"), 2, Condition.BLOCKED, "recall 7"
    )
    _audit()


def test_counts_above_the_limit_need_a_second_person() -> None:
    facility, merchant = warehouse(), owner()
    goods = fill(facility, merchant, "LAMP", 30, "A-01-L-1")
    small = storage_counting.count(act(), facility, "A-01-L-1", goods, 29)
    assert (small["state"], free(facility, merchant, "LAMP")) == ("done", (29, 0))
    large = storage_counting.count(act(), facility, "A-01-L-1", goods, 9)
    assert (large["state"], free(facility, merchant, "LAMP")) == ("again", (29, 0))
    with pytest.raises(Fault, match="Amal counted this before"):
        storage_counting.count(act(), facility, "A-01-L-1", goods, 9)
    assert storage_counting.count(act(by="Badr"), facility, "A-01-L-1", goods, 12)["state"] == "again"
    assert storage_counting.count(act(by="Chafik"), facility, "A-01-L-1", goods, 12)["state"] == "done"
    assert free(facility, merchant, "LAMP") == (12, 0)
    with pytest.raises(Fault, match="needs a reason"):
        storage_counting.correct(act(), facility, "A-01-L-1", goods, 10, " ")
    _audit()


def test_a_count_below_what_is_promised_finds_it_elsewhere_or_lets_it_wait() -> None:
    facility, merchant = warehouse(), owner()
    goods = fill(facility, merchant, "LAMP", 4, "A-01-L-1")
    outbound.place_order(act(), OutboundOrder("O1", merchant, facility, (("LAMP", 2),), cut_off=soon(1)))
    outbound.place_order(act(), OutboundOrder("O2", merchant, facility, (("LAMP", 2),), cut_off=soon(9)))
    fill(facility, merchant, "LAMP", 1, "B-01-L-1")
    storage_counting.correct(act(), facility, "A-01-L-1", goods, 2, "broken")
    assert [_state(merchant, o)["state"] for o in ("O1", "O2")] == ["reserved", "waiting"]
    assert free(facility, merchant, "LAMP") == (3, 3)
    _audit()


def test_goods_of_one_owner_never_serve_another() -> None:
    facility, one, other = warehouse(), owner(), owner()
    fill(facility, one, "LAMP", 4, "A-01-L-1")
    assert (
        outbound.place_order(act(), OutboundOrder("O1", other, facility, (("LAMP", 1),)))["state"]
        == "waiting"
    )
    assert NOW


def _picked(facility: str, merchant: str, order: OutboundOrder) -> None:
    outbound.place_order(act(), order)
    releasing.release(act(), facility, Wish())
    _walk(facility)


def test_an_order_too_large_for_one_carton_is_packed_in_several() -> None:
    facility, merchant = warehouse(), owner()
    for n in range(3):
        fill(facility, merchant, "LAMP", 5, f"A-0{n + 1}-L-1")
    _picked(facility, merchant, OutboundOrder("O1", merchant, facility, (("LAMP", 15),)))
    with administrator() as connection:
        seen = packing.advise(connection, merchant, "O1")
    count = seen["of"]
    assert count > 1
    assert sum(n for one in seen["cartons"] for _, n in one["contents"]) == 15
    weights = {c.name: c for c in cartons.cartons()}
    for n, one in enumerate(seen["cartons"], start=1):
        pieces = sum(n for _, n in one["contents"])
        assert (
            one["expected_g"]
            == pieces * 1800 + weights[one["carton"]].empty_g
            <= weights[one["carton"]].most_g
        )
        key = name("carton-")
        done = packing.pack(act(key), merchant, "O1", grams=one["expected_g"])
        assert packing.pack(act(key), merchant, "O1", grams=one["expected_g"]) == {**done, "repeated": True}
        assert (done["box"], done["state"]) == (n, "packed" if n == count else "picked")
    with administrator() as connection:
        assert len(boxes.of(connection, merchant, "O1", 0)) == count
        box = boxes.to_put_back(connection, storage_orders.row(connection, merchant, "O1"))
    assert sum(b["pieces"] for b in box) == 15
    assert len({b["place"] for b in box}) == count
    handing_over.hand_over(act(), facility, [(merchant, "O1", 0)], "truck")
    assert free(facility, merchant, "LAMP") == (0, 0)
    _audit()


def test_the_packer_says_himself_what_goes_in_which_carton() -> None:
    facility, merchant = warehouse(), owner()
    fill(facility, merchant, "LAMP", 5, "A-01-L-1")
    fill(facility, merchant, "TEA", 5, "B-01-L-1", "T")
    _picked(facility, merchant, OutboundOrder("O1", merchant, facility, (("LAMP", 2), ("TEA", 3))))
    with pytest.raises(Fault, match="not 4 free pieces of TEA"):
        packing.pack(act(), merchant, "O1", contents=(("TEA", 4),))
    assert packing.pack(act(), merchant, "O1", contents=(("TEA", 2),))["left"] == 3
    outbound.cancel(act(), merchant, "O1")
    with administrator() as connection:
        left = boxes.left_over(connection, facility)
    assert sorted((r.place.split(":")[0], r.sku, r.pieces) for r in left) == [
        ("BOX", "TEA", 2),
        ("CART", "LAMP", 2),
        ("CART", "TEA", 1),
    ]
    for r in left:
        shelving.shift(
            act(), facility, r.place, "A-09-L-1", Goods(merchant, r.sku, r.lot), r.pieces, Reason.PUT_BACK
        )
    with administrator() as connection:
        assert boxes.left_over(connection, facility) == []
    _audit()


def test_a_carton_of_ones_own_takes_all_that_is_left() -> None:
    facility, merchant = warehouse(), owner()
    fill(facility, merchant, "LAMP", 15, "A-01-L-1")
    _picked(facility, merchant, OutboundOrder("O1", merchant, facility, (("LAMP", 15),)))
    done = packing.pack(act(), merchant, "O1", carton="crate", grams=30_000)
    assert (done["state"], done["carton"], done["left"]) == ("packed", "crate", 0)


@pytest.mark.parametrize("why", [KeyError("LAMP"), scanning.Unknown(storage_messages.NO_ORDER(order="OK-1"))])
def test_one_order_that_cannot_be_told_does_not_hide_the_others(
    why: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    facility, merchant = warehouse(), owner()
    fill(facility, merchant, "LAMP", 3, "A-03-L-1")
    for n in range(3):
        order = OutboundOrder(f"OK-{n}", merchant, facility, (("LAMP", 1),), cut_off=soon(1 + n))
        outbound.place_order(act(), order)
    releasing.release(act(), facility, Wish())
    _walk(facility)
    told = packing.advise

    def advise(connection: Connection, owner_: str, order: str, part: int = 0) -> dict[str, object]:
        if order == "OK-1":
            raise why
        return told(connection, owner_, order, part)

    monkeypatch.setattr(packing, "advise", advise)
    with administrator() as connection:
        assert [one["order"] for one in packing.ahead(connection, facility)] == ["OK-0", "OK-2"]
        assert [one["order"] for one in packing.ahead(connection, facility, 2)] == ["OK-0", "OK-2"]


def test_a_wave_that_is_sent_again_waits_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    facility, merchant = warehouse(), owner()
    fill(facility, merchant, "LAMP", 1, "A-03-L-1")
    outbound.place_order(act(), OutboundOrder("AGAIN", merchant, facility, (("LAMP", 1),)))
    once = act()
    wave = releasing.release(once, facility, Wish())
    waited = []

    def ready(patience: float | None = None) -> None:
        waited.append(patience)
        raise readiness.Preparing(storage_messages.PREPARING_TOURS())

    monkeypatch.setattr(releasing, "ready", ready)
    assert releasing.release(once, facility, Wish(), 20) == {**wave, "repeated": True}
    with pytest.raises(KeyReused):
        releasing.release(once, facility, Wish(most=1), 20)
    assert waited == []
    with pytest.raises(readiness.Preparing):
        releasing.release(act(), facility, Wish(), 20)
    assert waited == [20]
