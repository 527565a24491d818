"""What strangers write is shown in a terminal, and commands nothing."""

from __future__ import annotations

import io
import re

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.table import Table

from qafila.core.terminal import plain, uncommanded
from tests.guards import SOURCE

_WRITTEN = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=30)


@given(st.one_of(_WRITTEN, st.sampled_from(["[/]", "[red]", "[/x]", "\\[b]", "[link=x]a", "a\\", "[[]"])))
def test_what_is_written_is_what_is_shown(written: str) -> None:
    out = io.StringIO()
    Console(file=out, width=400, emoji=False).print(f"[bold]{plain(written)}[/] end", highlight=False)
    assert out.getvalue() == f"{written} end\n"


def test_a_terminal_obeys_nothing_of_it() -> None:
    assert uncommanded("\x1b[2J\x07Fès\r\n\tx\x9b") == "�[2J�Fès�\n\tx�"
    out = io.StringIO()
    table = Table()
    table.add_row(plain("\x1b]0;title\x07[/]"))
    Console(file=out, width=60).print(table)
    assert "\x1b" not in out.getvalue()
    assert "]0;title" in out.getvalue()


def test_every_command_prints_to_a_terminal_of_ours() -> None:
    for path in SOURCE.rglob("*.py"):
        if path.name != "terminal.py":
            assert not re.search(r"\bConsole\(", path.read_text(encoding="utf-8")), (
                f"{path}: use core.terminal.Terminal"
            )
