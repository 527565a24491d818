"""Reading of the lists that an operator loads: OpenSanctions' simple CSV form, and a plain CSV.

OpenSanctions (targets.simple.csv): id, schema, name, aliases, birth_date, countries, addresses,
identifiers, sanctions, … with several values parted by ";". Plain: name, and any of id, aliases, country,
birth_date, identifiers, reason.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from qafila.core.fault import Fault
from qafila.core.message import Message
from qafila.customs import reading_messages as say


@dataclass(frozen=True, slots=True)
class Listed:
    """One party on a list."""

    list_id: str
    id: str
    names: tuple[str, ...]  # the main one first, then aliases
    kind: str = ""  # Person, Company, Vessel … as the list says
    countries: tuple[str, ...] = ()  # ISO 3166 alpha-2
    birth_dates: tuple[str, ...] = ()
    identifiers: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ListProblem:
    """A row that was left out."""

    row: int
    field: str
    reason: Message
    remedy: Message


@dataclass(frozen=True, slots=True)
class ListRead:
    """What a file held: every data row is in one of the two."""

    parties: tuple[Listed, ...]
    problems: tuple[ListProblem, ...]


def read_list(path: Path, list_id: str) -> ListRead:
    """Reads a list of either form. Raises Fault where no column can be a name."""
    parties: list[Listed] = []
    problems: list[ListProblem] = []
    seen: dict[str, int] = {}
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as lines:
        rows = csv.DictReader(lines)
        columns = {c.strip().lower(): c for c in rows.fieldnames or []}
        if "name" not in columns:
            raise Fault(
                say.NO_NAME_COLUMN(file=path.name, columns=", ".join(columns) or "-"), say.GIVE_LIST()
            )
        for row_number, raw in enumerate(rows, start=1):
            row = {key: (raw.get(column) or "").strip() for key, column in columns.items()}
            if not row["name"]:
                problems.append(ListProblem(row_number, "name", say.NO_NAME(), say.GIVE_NAME()))
                continue
            party_id = row.get("id") or f"row-{row_number}"
            if party_id in seen:
                twice = say.LISTED_TWICE(id=party_id, row=seen[party_id])
                problems.append(ListProblem(row_number, "id", twice, say.KEEP_ONE()))
                continue
            seen[party_id] = row_number
            parties.append(
                Listed(
                    list_id=list_id,
                    id=party_id,
                    names=tuple(dict.fromkeys([row["name"], *_several(row.get("aliases", ""))])),
                    kind=row.get("schema", ""),
                    countries=tuple(
                        c.upper() for c in _several(row.get("countries", "") or row.get("country", ""))
                    ),
                    birth_dates=tuple(_several(row.get("birth_date", ""))),
                    identifiers=tuple(_several(row.get("identifiers", ""))),
                    reason=row.get("sanctions", "") or row.get("reason", "") or row.get("dataset", ""),
                )
            )
    return ListRead(tuple(parties), tuple(problems))


def _several(text: str) -> Iterator[str]:
    return (part.strip() for part in text.replace("|", ";").split(";") if part.strip())
