"""The quick spelling is the standard's, whatever is spelled."""

from __future__ import annotations

import contextlib

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from qafila.openness.log.canonical import canonical

_TEXTS = st.text(st.characters(codec=None, exclude_categories=()), max_size=8)  # also halves of characters
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXTS, inner, max_size=4),
    max_leaves=12,
)


@given(_VALUES)
def test_it_is_what_the_standard_says(value: object) -> None:
    wanted: bytes | None = None
    with contextlib.suppress(ValueError):
        wanted = rfc8785.dumps(value)  # type: ignore[arg-type]
    if wanted is None:
        with pytest.raises(ValueError):  # noqa: PT011  # which one is the library's affair
            canonical(value)
    else:
        assert canonical(value) == wanted


@pytest.mark.parametrize(
    "value",
    [
        {"\ufb33": 1, "😂": 2, "\u20ac": 3, "\r": 4, "1": 5, "\u0080": 6, "ö": 7},  # RFC 8785, section 3.2.3
        {"a": '\x00\x1f\x7f\b\t\n\f\r"\\/\u2028é'},
        {"n": [2**53 - 1, -(2**53) + 1, 0, True, None]},
        {"f": 1e21, "g": 0.1, "h": -0.0},
        (1, ("a",)),
    ],
)
def test_cases_that_are_easy_to_get_wrong(value: object) -> None:
    assert canonical(value) == rfc8785.dumps(value)  # type: ignore[arg-type]
