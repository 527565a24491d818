"""What goes into a pickle as its values comes out as it was, and is smaller there."""

from __future__ import annotations

import pickle
from dataclasses import dataclass

from qafila.pickling import by_values
from tests.shipping.parcels import parcel


@by_values
@dataclass(frozen=True, slots=True)
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
