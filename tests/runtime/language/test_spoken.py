"""Which language a reader gets, and its catalogue."""

from __future__ import annotations

import pytest

from qafila.runtime.language import preferred, words


@pytest.mark.parametrize(
    ("accept", "cookie", "expected"),
    [
        ("", None, "en"),
        ("fr-MA,fr;q=0.9,en;q=0.8", None, "fr"),
        ("de, ar;q=0.5, en;q=0.4", None, "ar"),
        ("zh-TW", None, "zh"),
        ("en;q=0.1, zh;q=0.9", None, "zh"),
        ("fr", "ar", "ar"),
        ("fr", "xx", "fr"),
        ("fr;q=x,,;q=1", None, "en"),
    ],
)
def test_preferred(accept: str, cookie: str | None, expected: str) -> None:
    assert preferred(accept, cookie).code == expected


def test_arabic_plurals_have_six_forms_that_are_used() -> None:
    speak = words("ar").ngettext
    said = [speak("%(num)s offer", "%(num)s offers", n) for n in (0, 1, 2, 3, 11, 100)]
    assert len(set(said)) == 6
