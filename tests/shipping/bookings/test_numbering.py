from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from qafila.core.identifiers import s10
from qafila.runtime.database import administrator, engine
from qafila.runtime.database.together import together
from qafila.shipping.bookings import numbering
from qafila.shipping.bookings.numbering import RangesExhausted, new_id, parcel_numbers


def some(n: int) -> list[str]:
    with administrator() as connection:
        return parcel_numbers(connection, n)


def test_numbers_are_valid_and_never_given_twice_even_at_once() -> None:
    with ThreadPoolExecutor(8) as pool:
        given = [n for numbers in pool.map(some, [25] * 16) for n in numbers]
    assert len(set(given)) == 400
    assert all(s10.is_valid(n) for n in given)


def test_a_number_of_an_undone_transaction_is_not_given_again() -> None:
    with engine().connect() as connection:
        lost = parcel_numbers(connection, 1)[0]
        connection.rollback()
    assert lost not in some(3)


def test_ranges_follow_each_other_and_end_with_a_remedy() -> None:
    with pytest.raises(RangesExhausted, match="must add one"), administrator() as connection:  # noqa: PT012
        connection.execute(text("DELETE FROM number_ranges"))
        here = connection.execute(text("SELECT nextval('parcel_positions') + 1")).scalar_one()
        connection.execute(
            text("INSERT INTO number_ranges VALUES (:a, 'CA', 'MA', 7, 2), (:b, 'CB', 'MA', 1, 1)"),
            {"a": here, "b": here + 2},
        )
        assert [n[:10] for n in parcel_numbers(connection, 3)] == ["CA00000007", "CA00000008", "CB00000001"]
        parcel_numbers(connection, 1)


def test_ids_sort_by_the_time_they_were_made_in() -> None:
    ids = [new_id("x") for _ in range(2000)]
    assert len(set(ids)) == 2000
    assert [i[:12] for i in ids] == sorted(i[:12] for i in ids)


def test_numbers_that_were_not_needed_are_the_next_to_be_given() -> None:
    with administrator() as connection:
        with together(connection) as asked:
            reserved = numbering.Reserved(asked, 3)
        first = reserved.take(1)
        with together(connection) as asked:
            again = numbering.Reserved(asked, 3)
        assert len({*first, *again.take(3)}) == 4
        with together(connection) as asked:
            none = numbering.Reserved(asked, 0)
        assert none.take(0) == []
