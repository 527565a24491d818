"""Values compare by what they hold, and come out of a pickle as they were, smaller there."""

from __future__ import annotations

import pickle
from dataclasses import dataclass, replace

from qafila.core.values import value
from tests.shipping.parcels import parcel


@value
class Pair:
    left: str
    right: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Plain:
    left: str
    right: tuple[int, ...]


def test_values_come_back_in_a_smaller_pickle() -> None:
    many, plainly = ([kind(f"سلام {n}", (n, -n)) for n in range(100)] for kind in (Pair, Plain))
    travelled = pickle.loads(pickle.dumps(many))
    assert travelled == many
    assert all(type(one) is Pair for one in travelled)
    assert len(pickle.dumps(many)) < len(pickle.dumps(plainly))


def test_an_order_with_all_that_is_in_it_comes_back() -> None:
    one = parcel()
    assert pickle.loads(pickle.dumps((one.order, one.offer))) == (one.order, one.offer)


def test_values_are_equal_by_what_they_hold_and_so_are_their_hashes() -> None:
    one, same, other = Pair("a", (1,)), Pair("a", (1,)), Pair("a", (2,))
    assert one == same != other
    assert {one, same, other} == {one, other}
    assert replace(one, right=(2,)) == other
    assert not hasattr(one, "__dict__")
