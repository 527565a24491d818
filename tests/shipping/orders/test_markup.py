"""Tags of shops' editors go; what only looks like one stays."""

from __future__ import annotations

import pytest

from qafila.shipping.orders.markup import without_markup


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("T-shirt <S>", "T-shirt <S>"),
        ("Bâtiment <A>, Size <40>", "Bâtiment <A>, Size <40>"),
        ("<p>Tapis</p><p>en <b>laine</b>", "Tapis en laine"),
        ("<a href='u'>lien</a> &amp; plus", "lien & plus"),
        ("<P>open", "<P>open"),
        ("1 < 2 &lt; 3", "1 < 2 < 3"),
    ],
)
def test_tags_go_and_sizes_stay(cell: str, text: str) -> None:
    assert without_markup(cell) == text
