from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from qafila.shipping.files.gathering import Pieces


@given(st.lists(st.binary()))
def test_pieces_come_back_as_they_were_put_and_in_their_order(put: list[bytes]) -> None:
    pieces = Pieces()
    assert not pieces
    for piece in put:
        pieces.add(piece)
    assert len(pieces) == len(put)
    assert list(pieces) == put
    assert list(pieces) == put  # and again
    pieces.add(b"later")
    assert list(pieces) == [*put, b"later"]
