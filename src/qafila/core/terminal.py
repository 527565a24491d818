"""Text from outside in a terminal: it is shown as it is written, and commands nothing."""

from __future__ import annotations

import unicodedata
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.text import Text

_KEPT = "\n\t"


def uncommanded(text: object) -> str:
    """A text without signs that a terminal obeys: each is shown as U+FFFD.

    Args:
        text: what somebody else wrote, or what quotes it.

    Returns:
        The text; line breaks and tabs stay.
    """
    return "".join(
        "\N{REPLACEMENT CHARACTER}" if unicodedata.category(sign) == "Cc" and sign not in _KEPT else sign
        for sign in str(text)
    )


def plain(text: object) -> str:
    """A text to stand inside Rich's markup: its brackets are brackets, and it commands nothing.

    Args:
        text: what somebody else wrote, or what quotes it.

    Returns:
        The text, escaped for `rich.console.Console.print` and for the cells of its tables.
    """
    return escape(uncommanded(text))


class Terminal(Console):
    """Where a command's people read. Without markup and emoji unless asked for, so that a text is shown as it is.

    Args:
        markup: the caller's own texts hold Rich's markup; what comes from outside goes through `plain`.
        options: of `rich.console.Console`.
    """

    def __init__(self, *, markup: bool = False, **options: Any) -> None:
        super().__init__(markup=markup, emoji=False, **options)

    def render_str(self, text: str, **options: Any) -> Text:
        """As Rich does it, without signs that a terminal obeys."""
        return super().render_str(uncommanded(text), **options)
