"""Stock after storms: never negative, never twice, always the sum of its movements, on the real PostgreSQL."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from qafila.core.fault import Fault
from qafila.runtime.answered.acts import Act
from qafila.runtime.database import administrator
from qafila.storage import fetching, outbound, releasing, shelving, storage_counting
from qafila.storage.model import Goods
from qafila.storage.outbound import OutboundOrder
from qafila.storage.releasing import Wish
from tests.storage.houses import act, fill, free, name, owner, warehouse

PICKERS = 50
PLACES = ["A-01-L-1", "A-02-L-1", "B-01-L-1", "B-02-R-1", "C-09-L-1"]


def _twice(pool: ThreadPoolExecutor, asks: list[tuple[object, ...]]) -> list[object]:
    """Sends every request twice at once, in any order; returns the answers, or the faults."""

    def send(ask: tuple[object, ...]) -> object:
        do, *rest = ask
        try:
            return do(*rest)  # type: ignore[operator]
        except Fault as fault:
            return fault

    doubled = asks * 2
    random.Random(4).shuffle(doubled)
    return list(pool.map(send, doubled))


def test_fifty_pickers_at_once_with_every_request_sent_twice() -> None:
    """50 pickers take 3 pieces each from 100: 33 get them, each once, and one piece is left."""
    facility, merchant = warehouse(), owner()
    goods = fill(facility, merchant, "TEA", 100, PLACES[0], "T")
    asks = [
        (shelving.shift, act(by=f"picker {n}"), facility, PLACES[0], PLACES[1 + n % 4], goods, 3)
        for n in range(PICKERS)
    ]
    with ThreadPoolExecutor(2 * PICKERS // 3) as pool:
        answers = _twice(pool, asks)
    done = [a for a in answers if isinstance(a, dict)]
    assert sum(not a["repeated"] for a in done) == 33
    assert len(done) + sum(getattr(a, "kind", "") == "not-enough" for a in answers) == len(answers)
    with administrator() as connection:
        left = shelving.audit(connection)
        there = {
            r.place: r.pieces
            for r in connection.execute(
                text("SELECT place, pieces FROM stock WHERE facility = :f AND pieces > 0"), {"f": facility}
            )
        }
    assert left == []
    assert there[PLACES[0]] == 1
    assert sum(there.values()) == 100


def test_orders_are_never_promised_the_same_piece() -> None:
    facility, merchant = warehouse(), owner()
    fill(facility, merchant, "LAMP", 20, PLACES[0])
    fill(facility, merchant, "TEA", 20, PLACES[1], "T")
    orders = [
        OutboundOrder(
            f"O{n}", merchant, facility, (("LAMP", 1), ("TEA", 1)) if n % 2 else (("TEA", 1), ("LAMP", 1))
        )
        for n in range(30)
    ]
    with ThreadPoolExecutor(20) as pool:
        answers = _twice(pool, [(outbound.place_order, act(), order) for order in orders])
    assert all(isinstance(a, dict) for a in answers)
    reserved = {a["order"] for a in answers if a["state"] == "reserved"}  # type: ignore[index]
    assert len(reserved) <= 20
    assert free(facility, merchant, "LAMP") == (20, 20)
    assert free(facility, merchant, "TEA") == (20, 20)
    with administrator() as connection:
        assert shelving.audit(connection) == []


def test_a_day_of_pickers_that_send_everything_twice() -> None:
    facility, merchant = warehouse(), owner()
    for place in PLACES:
        fill(facility, merchant, "LAMP", 12, place)
    for n in range(24):
        outbound.place_order(act(), OutboundOrder(f"O{n}", merchant, facility, (("LAMP", 1 + n % 3),)))
    releasing.release(act(), facility, Wish(compartments=3))

    def work(picker: int) -> int:
        by, dice, count = f"picker {picker}", random.Random(picker), 0
        while True:
            begun = act(by=by)
            seen = fetching.begin(begun, facility)
            assert fetching.begin(begun, facility)["tour"] == seen["tour"]
            if not seen["tour"]:
                return count
            while seen["next"]:
                stop, scan = seen["next"], act(by=by)
                if dice.random() < 0.1:
                    seen = fetching.short(scan, seen["tour"], stop["pick"])
                    again = fetching.short(scan, seen["tour"], stop["pick"])
                else:
                    seen = fetching.fetch(scan, seen["tour"], stop["pick"], stop["pieces"])
                    again = fetching.fetch(scan, seen["tour"], stop["pick"], stop["pieces"])
                    count += 1
                assert again == {**seen, "repeated": True}

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(work, range(8))) > 0
    with administrator() as connection:
        assert shelving.audit(connection) == []
        ends = {
            r.state
            for r in connection.execute(
                text("SELECT state FROM outbound WHERE facility = :f"), {"f": facility}
            )
        }
        assert ends <= {"picked", "cancelled"}
        fetched = connection.execute(
            text(
                "SELECT coalesce(sum(pieces), 0) FROM stock s JOIN places p USING (facility, place) WHERE s.facility = :f "
                "AND p.kind = 'cart'"
            ),
            {"f": facility},
        ).scalar_one()
        picked = connection.execute(
            text("SELECT sum(picked) FROM outbound_lines WHERE merchant_id = :m"), {"m": merchant}
        ).scalar_one()
    assert fetched == picked
    assert free(facility, merchant, "LAMP")[0] == 60


_ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("shift"), st.sampled_from(PLACES), st.sampled_from(PLACES), st.integers(1, 6)),
        st.tuples(st.just("receive"), st.sampled_from(PLACES), st.just(""), st.integers(1, 6)),
        st.tuples(st.just("order"), st.just(""), st.just(""), st.integers(1, 6)),
        st.tuples(st.just("cancel"), st.just(""), st.just(""), st.integers(0, 5)),
        st.tuples(st.just("count"), st.sampled_from(PLACES), st.just(""), st.integers(0, 9)),
        st.tuples(st.just("correct"), st.sampled_from(PLACES), st.just(""), st.integers(0, 9)),
        st.tuples(st.just("release"), st.just(""), st.just(""), st.just(0)),
        st.tuples(st.just("pick"), st.just(""), st.just(""), st.integers(0, 2)),
        st.tuples(st.just("short"), st.just(""), st.just(""), st.just(0)),
    ),
    max_size=14,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_ACTS)
def test_whatever_is_done_stock_is_the_sum_of_its_movements(acts: list[tuple[str, str, str, int]]) -> None:
    facility, merchant = warehouse(), owner()
    goods, orders = Goods(merchant, "LAMP"), []
    for kind, one, two, n in acts:
        key = Act(name("storm-"), act().by, act().at)
        for _ in range(2):
            try:
                if kind == "receive":
                    fill(facility, merchant, "LAMP", n, one)
                elif kind == "shift":
                    shelving.shift(key, facility, one, two, goods, n)
                elif kind == "order":
                    orders.append(key.key)
                    outbound.place_order(key, OutboundOrder(key.key, merchant, facility, (("LAMP", n),)))
                elif kind == "cancel" and orders:
                    outbound.cancel(key, merchant, orders[n % len(orders)])
                elif kind == "count":
                    storage_counting.count(key, facility, one, goods, n)
                elif kind == "correct":
                    storage_counting.correct(key, facility, one, goods, n, "storm")
                elif kind == "release":
                    releasing.release(key, facility, Wish())
                elif kind in ("pick", "short"):
                    seen = fetching.begin(act(), facility)
                    if seen["next"]:
                        stop = seen["next"]
                        if kind == "pick":
                            fetching.fetch(
                                key, seen["tour"], stop["pick"], min(n, stop["pieces"]) or stop["pieces"]
                            )
                        else:
                            fetching.short(key, seen["tour"], stop["pick"])
            except Fault:
                pass
    with administrator() as connection:
        assert shelving.audit(connection) == []
        low = connection.execute(
            text("SELECT count(*) FROM stock WHERE pieces < 0 OR reserved < 0 OR reserved > pieces")
        ).scalar_one()
    assert low == 0
