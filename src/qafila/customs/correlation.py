"""Correlation tables between editions of the Harmonised System: codes are converted only by one that is loaded."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from string import digits

from qafila.core.fault import Fault
from qafila.customs import reading_messages as say


@dataclass(frozen=True, slots=True)
class Correlation:
    """From the six-digit codes of one edition to those of another; one code may become several."""

    edition_from: str
    edition_to: str
    source: str
    codes: dict[str, list[str]]

    def convert(self, hs: str) -> list[str]:
        """The codes of the other edition; national digits beyond six are dropped where the code changes."""
        targets = self.codes.get(hs[:6])
        if targets is None:
            return []
        return [hs] if targets == [hs[:6]] else targets


_EDITION = re.compile(r"HS(?:19|20)\d\d")  # it names the file that keeps the correlation


def read_correlation(path: Path, edition_from: str, edition_to: str, source: str) -> Correlation:
    """A correlation from CSV: its first two columns are the code before and the code after.

    Raises Fault naming the row. A code without a row keeps its number (the table lists changes)."""
    for edition in (edition_from, edition_to):
        if not _EDITION.fullmatch(edition):
            raise Fault(say.NO_EDITION(edition=edition[:40]), say.WRITE_EDITION(), value=edition[:40])
    codes: dict[str, list[str]] = {}
    number = 0
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            for number, cells in enumerate(csv.reader(lines)):
                pair = ["".join(ch for ch in cell if ch in digits) for cell in cells[:2]]
                if len(pair) < 2 or any(len(code) != 6 for code in pair):
                    if number == 0:
                        continue  # the header
                    told = say.TWO_CODES(cells=", ".join(cells[:2]) or "-")
                    raise Fault(say.IN_ROW(file=path.name, row=number, told=told))
                codes.setdefault(pair[0], []).append(pair[1])
    except (UnicodeDecodeError, csv.Error) as error:
        told = say.NOT_READ(why=str(error))
        raise Fault(say.IN_ROW(file=path.name, row=number, told=told)) from None
    return Correlation(edition_from, edition_to, source, codes)


def store_correlation(correlation: Correlation, folder: Path) -> Path:
    """Keep a correlation in the home folder."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{correlation.edition_from}-{correlation.edition_to}.correlation.json"
    path.write_text(
        json.dumps(
            {
                "from": correlation.edition_from,
                "to": correlation.edition_to,
                "source": correlation.source,
                "codes": correlation.codes,
            }
        ),
        encoding="utf-8",
    )
    return path


def stored_correlations(folder: Path) -> dict[tuple[str, str], Correlation]:
    """Every correlation kept, by its two editions."""
    found = {}
    for path in sorted(folder.glob("*.correlation.json")):
        data = json.loads(path.read_text(encoding="utf-8"))
        found[data["from"], data["to"]] = Correlation(data["from"], data["to"], data["source"], data["codes"])
    return found


def became(hs6: str, edition: str, folder: Path) -> tuple[str, list[str]] | None:
    """The older edition that had a code of six digits, and what it became in `edition` (HS2022), by the
    correlations in the folder, whichever way round they are; None where none of them knows the code.
    """
    stamps = tuple((path, path.stat().st_mtime_ns) for path in sorted(folder.glob("*.correlation.json")))
    for (before, after), correlation in _loaded(folder, stamps).items():
        if after == edition and (codes := correlation.codes.get(hs6)):
            return before, codes
        if before == edition and (codes := [new for new, old in correlation.codes.items() if hs6 in old]):
            return after, codes
    return None


@lru_cache(maxsize=4)
def _loaded(folder: Path, _stamps: tuple[tuple[Path, int], ...]) -> dict[tuple[str, str], Correlation]:
    return stored_correlations(folder)
