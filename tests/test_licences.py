"""What is delivered with qafila may be used under its licence: nothing of it is GPL."""

from __future__ import annotations

import importlib.metadata
import re
from pathlib import Path

import pytest

REQUIRED = Path(__file__).parents[1] / "requirements" / "run.txt"
_GPL = re.compile(r"(?<!L)GPL|General Public License", re.IGNORECASE)
_LESSER = re.compile(r"LGPL|Lesser General Public|Library General Public", re.IGNORECASE)


def _names() -> list[str]:
    return re.findall(r"^([A-Za-z0-9_.-]+)==", REQUIRED.read_text(encoding="utf-8"), re.MULTILINE)


def _told(name: str) -> str:
    try:
        told = importlib.metadata.metadata(name)
    except importlib.metadata.PackageNotFoundError:
        return ""  # of another platform
    classes = [c for c in told.get_all("Classifier") or () if c.startswith("License")]
    # a licence's whole text may name others; its head is its name
    return " ".join((told.get("License-Expression") or "", (told.get("License") or "")[:60], *classes))


def _is_gpl(told: str) -> bool:
    if " OR " in told:
        return all(_is_gpl(one) for one in told.split(" OR "))
    return bool(_GPL.search(told)) and not _LESSER.search(told)


@pytest.mark.parametrize(
    ("told", "gpl"),
    [
        ("GNU General Public License v2 or later (GPLv2+)", True),
        ("GPL-3.0-or-later", True),
        ("LGPL-3.0-only", False),
        ("MIT OR GPL-2.0", False),
        ("GNU Lesser General Public License v3 (LGPLv3)", False),
        ("MIT", False),
        ("AGPL-3.0", True),
    ],
)
def test_it_is_told_which_is_which(told: str, gpl: bool) -> None:
    assert _is_gpl(told) == gpl


def test_nothing_that_is_needed_is_gpl() -> None:
    names = _names()
    assert len(names) > 80
    found = {name: told for name in names if _is_gpl(told := _told(name))}
    assert not found
