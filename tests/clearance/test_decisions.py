from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import Connection, text

from qafila.clearance import decisions
from qafila.core.fault import Fault
from qafila.customs.classification import Decision, classifier
from qafila.runtime.database import administrator, merchant_transaction
from qafila.shipping import merchants

FIRST = Decision("SKU-1", "woven basket of raffia", hs6="460219", by="Salma", on=date(2026, 11, 1))


def test_the_newest_decision_of_a_sku_holds_and_answers_at_once() -> None:
    with administrator() as connection:
        merchant = merchants.create(connection, "A").id
        other = merchants.create(connection, "B").id
    with merchant_transaction(merchant) as connection:
        decisions.record(connection, merchant, FIRST)
        decisions.record(connection, merchant, Decision("SKU-2", "rug", hs6="570110", by="Salma"))
        decisions.record(connection, merchant, Decision("SKU-1", "basket", hs6="460212", by="Salma"))
        kept = decisions.of_merchant(connection, merchant)
    assert [(d.sku, d.hs6) for d in kept] == [("SKU-2", "570110"), ("SKU-1", "460212")]
    answer = classifier().suggest("something else", sku="SKU-1", decisions=kept)
    assert answer.candidates[0].hs6 == "460212"
    with merchant_transaction(other) as connection:
        assert decisions.of_merchant(connection, merchant) == []


@pytest.mark.parametrize(("hs6", "by"), [("4602", "Salma"), ("46021x", "Salma"), ("460219", " ")])
def test_a_decision_without_a_code_or_a_name_is_refused(hs6: str, by: str) -> None:
    with administrator() as connection:
        merchant = merchants.create(connection, "C").id
        with pytest.raises(Fault, match=r"six digits|who decided"):
            decisions.record(connection, merchant, Decision("S", "t", hs6=hs6, by=by))


def test_the_memory_learns_each_decision_at_once_and_forgets_what_was_decided_again() -> None:
    with administrator() as connection:
        merchant = merchants.create(connection, "D").id
    with merchant_transaction(merchant) as connection:
        assert decisions.memory(connection, merchant) is None
        decisions.record(connection, merchant, FIRST)
        memory = decisions.memory(connection, merchant)
        assert memory is not None
        assert classifier().suggest("?", sku="SKU-1", decisions=memory).candidates[0].hs6 == "460219"
        decisions.record(connection, merchant, Decision("SKU-2", "berber rug", hs6="570110", by="Salma"))
        assert decisions.memory(connection, merchant) is memory  # it is taught, not made anew
        assert len(memory) == 2
        decisions.record(connection, merchant, Decision("SKU-1", "basket", hs6="460212", by="Salma"))
        again = decisions.memory(connection, merchant)
        assert again is not None
        assert len(again) == 2  # the first decision on SKU-1 teaches no more
        assert classifier().suggest("?", sku="SKU-1", decisions=again).candidates[0].hs6 == "460212"


def test_a_code_of_six_digits_that_is_none_of_the_hs_is_refused() -> None:
    with administrator() as connection:
        merchant = merchants.create(connection, "E").id
        with pytest.raises(decisions.NotASubheading, match="123456"):
            decisions.record(connection, merchant, Decision("S", "t", hs6="123456", by="Salma"))


def test_the_memory_reads_without_its_lock_and_learns_no_more_than_it_was_asked_for() -> None:
    with administrator() as connection:
        merchant = merchants.create(connection, "F").id
    numbers = []
    with merchant_transaction(merchant) as connection:
        for decision in (FIRST, Decision("", "rug", hs6="570110", by="Salma"), replace(FIRST, hs6="460212")):
            decisions.record(connection, merchant, decision)
            numbers.append(connection.scalar(text("SELECT max(seq) FROM classification_decisions")))
    asked = []

    @contextmanager
    def connect() -> Iterator[Connection]:
        assert not decisions._lock.locked()  # a pool that is empty would wait for whoever waits for the lock
        asked.append(1)
        if len(asked) == 2:  # another request is quicker, and learns all
            decisions.memory_up_to(merchant, numbers[2], connect)
        with merchant_transaction(merchant) as connection:
            yield connection
        assert not decisions._lock.locked()

    sizes = []
    for number in (numbers[0], numbers[1], numbers[1], numbers[2]):
        memory = decisions.memory_up_to(merchant, number, connect)
        assert memory is not None
        sizes.append(len(memory))
    assert sizes == [1, 2, 2, 2]
    answer = classifier().suggest("?", sku="SKU-1", decisions=memory)
    assert answer.candidates[0].hs6 == "460212"
