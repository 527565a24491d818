"""National schedules from CSV: a column map says which column is what; good rows go on, bad ones say why."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

from qafila.core.fault import Fault
from qafila.core.message import Choice, Message
from qafila.customs import reading_messages as say
from qafila.customs.expressions import NOT_GRANTED, RateTextError, parse_rate
from qafila.customs.presets import Preset, presets
from qafila.customs.rulebook import Rulebook
from qafila.customs.schedules import Line, Origin, Schedule, store

_Reject = Callable[[str, str, Message, Message], None]
FIELDS = ("hs", "description", "valid_from", "valid_to", "measure_type", "origin", "special")


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that was not taken."""

    row: int  # 1-based line of data, the header not counted
    field: str
    value: str
    reason: Message
    remedy: Message


@dataclass(frozen=True, slots=True)
class Staging:
    """A preference that falls year by year.

    Attributes:
        since: first day of its year 1; None: the preset's.
        columns: their name, with {year} in it; empty: the preset's.
        agreement: that grants it; empty: the preset's.
    """

    since: date | None
    columns: str
    agreement: str


@dataclass
class Imported:
    """What came of a file."""

    lines: list[Line] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    rows: int = 0
    accepted: int = 0  # rows that gave at least one line
    without_rate: int = 0  # headings and statistical lines: they take the rate of the line above them

    @property
    def rejected_rows(self) -> set[int]:
        """Rows of which something was not taken."""
        return {r.row for r in self.rejected}


class ColumnsError(Fault):
    """The column map does not fit the file; says which columns there are."""


def header_of(path: Path) -> list[str]:
    """The columns of a file, to choose a preset or to write a map."""
    return [h.strip() for h in next(_reader(path), [])]


def import_schedule(
    path: Path,
    columns: Mapping[str, str],
    charge_codes: frozenset[str],
    default_code: str,
    valid_from: date,
    preset: Preset | None = None,
) -> Imported:
    """The lines of a schedule.

    `columns`: our fields (hs, description, valid_from, valid_to, measure_type) and charges ("rate" for the
    customs duty, or a code such as TVA), each with the name of its column. Raises ColumnsError for a map
    that does not fit; a row that cannot be read is rejected with row, field, reason and remedy.
    """
    unknown = [k for k in columns if k not in FIELDS and k != "rate" and k not in charge_codes]
    if unknown:
        fields = Choice((*FIELDS[:4], "rate"), every=True)
        remedy = (
            say.MAP_CHARGES(fields=fields, charges=Choice(tuple(sorted(charge_codes)), every=True))
            if charge_codes
            else say.MAP_FIELDS(fields=fields)
        )
        raise ColumnsError(say.NO_SUCH_FIELD(names=Choice(tuple(unknown), every=True)), remedy)
    result = Imported()
    reader = _reader(path)
    header = [h.strip() for h in next(reader, [])]
    missing = [c for c in columns.values() if c not in header]
    if missing or "hs" not in columns:
        there = ", ".join(header)[:400]
        raise ColumnsError(
            say.NO_COLUMNS(file=path.name, names=Choice(tuple(missing), every=True), columns=there)
            if missing
            else say.NO_HS_COLUMN(file=path.name, columns=there)
        )
    for number, cells in _numbered(reader, result):
        if not any(cell.strip() for cell in cells):
            continue
        result.rows += 1
        row = dict(zip(header, (c.strip() for c in cells), strict=False))
        found = list(_lines(row, number, columns, default_code, valid_from, preset, result))
        result.lines += found
        result.accepted += bool(found)
    return result


def _numbered(reader: Iterator[list[str]], result: Imported) -> Iterator[tuple[int, list[str]]]:
    """The rows with their numbers; one that is no CSV is rejected and the next is read."""
    number = 0
    while True:
        number += 1
        try:
            yield number, next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            result.rows += 1
            result.rejected.append(
                Rejected(number, "row", "", say.NOT_CSV(why=str(error)), say.MEND_QUOTES())
            )


def _lines(
    row: Mapping[str, str],
    number: int,
    columns: Mapping[str, str],
    default_code: str,
    valid_from: date,
    preset: Preset | None,
    result: Imported,
) -> Iterator[Line]:
    def reject(name: str, value: str, reason: Message, remedy: Message) -> None:
        result.rejected.append(Rejected(number, name, value, reason, remedy))

    raw = row.get(columns["hs"], "")
    hs = "".join(ch for ch in raw.split(" ")[0] if ch not in ".-") if raw[:10].isdigit() else _digits(raw)
    rated = any(row.get(c) for name, c in columns.items() if name not in FIELDS)
    if not hs and not rated:  # a title between the lines
        result.without_rate += 1
        return
    if not hs.isdigit() or not 2 <= len(hs) <= 12:
        reject("hs", raw, say.NOT_A_CODE(), say.WRITE_CODE())
        return
    measure_type = row.get(columns.get("measure_type", ""), "")
    if preset is not None and "measure_type" in columns and preset.third_country:
        place = row.get(columns.get("origin", ""), "")
        if measure_type in preset.preferential:
            default_code = preset.agreements.get(place, "")
        against = preset.against.get(measure_type, "")
        if against:
            default_code = f"{against}@{'*' if place in _EVERYWHERE else place}"
        if not default_code or not (against or measure_type in preset.third_country | preset.preferential):
            result.without_rate += 1
            return
    try:
        start = _day(row.get(columns.get("valid_from", ""), "")) or valid_from
        end = _day(row.get(columns.get("valid_to", ""), ""))
    except ValueError:
        given_days = " ".join(row.get(columns.get(name, ""), "") for name in ("valid_from", "valid_to"))
        reject("valid_from", given_days.strip(), say.NOT_A_DAY(), say.WRITE_DAY())
        return
    description = row.get(columns.get("description", ""), "")
    given = 0
    for name, column in columns.items():
        if name in FIELDS:
            continue
        text = row.get(column, "")
        if not text:
            continue
        given += 1
        stated = f"{text} %" if _is_number(text) else text  # a bare number in a column of rates is per cent
        try:
            parse_rate(stated)
        except RateTextError as error:
            reject(name, text, error.told, say.KEPT_UNKNOWN())
        yield Line(_trimmed(hs), default_code if name == "rate" else name, stated, start, end, description)
    if preset is not None and "special" in columns and given:
        yield from _special(row.get(columns["special"], ""), hs, preset, start, end)
    if preset is not None and preset.staging is not None and preset.staging_from is not None:
        yield from _staging(row, hs, preset, preset.staging, preset.staging_from, reject)
    if not given:
        result.without_rate += 1


def _special(text: str, hs: str, preset: Preset, start: date, end: date | None) -> Iterator[Line]:
    """ "Free (A*,AU,MA) 3.2% (JO)" of the American schedule: the rates of the agreements that we know, and for the
    others of these agreements that the line has none."""
    granted = set()
    for rate, marks in re.findall(r"([^()]+)\(([^()]*)\)", text):
        for mark in (m.strip().rstrip("*+") for m in marks.split(",")):
            if mark in preset.agreements:
                granted.add(mark)
                yield Line(_trimmed(hs), preset.agreements[mark], rate.strip(" ,;"), start, end)
    for mark in preset.agreements.keys() - granted:
        yield Line(_trimmed(hs), preset.agreements[mark], NOT_GRANTED, start, end)


_EVERYWHERE = frozenset({"1011", "ERGA OMNES", "1008"})
"""How TARIC and the UK's tariff name all origins."""


def _staging(
    row: Mapping[str, str], hs: str, preset: Preset, pattern: str, start: date, reject: _Reject
) -> Iterator[Line]:
    """A preference that falls year by year: one dated line a year, the last without an end."""
    steps = []
    for year in range(1, 51):
        column = pattern.format(year=year)
        if column not in row:
            break
        if row[column]:
            steps.append((year, row[column]))
    for position, (year, text) in enumerate(steps):
        if not _is_number(text):
            reject(pattern.format(year=year), text, say.NOT_A_NUMBER(), say.WRITE_PERCENT())
            continue
        first = start.replace(year=start.year + year - 1)
        following = steps[position + 1][0] if position + 1 < len(steps) else None
        last = (
            None if following is None else start.replace(year=start.year + following - 1) - timedelta(days=1)
        )
        yield Line(_trimmed(hs), preset.staging_agreement, f"{text} %", first, last)


def _digits(raw: str) -> str:
    return "".join(ch for ch in raw if ch not in " .-")


def _trimmed(hs: str) -> str:
    """National files fill chapters and headings up with zeros: 6109000000 stands for 6109."""
    for digits in (2, 4):
        if len(hs) > digits and not hs[digits:].strip("0"):
            return hs[:digits]
    return hs


def _is_number(text: str) -> bool:
    return text.replace(",", ".", 1).replace(".", "", 1).isdigit()


def _day(text: str) -> date | None:
    if not text:
        return None
    parts = text.replace("/", "-").replace(".", "-").split("-")
    if len(parts) == 3 and len(parts[2]) == 4:
        return date(int(parts[2]), int(parts[1]), int(parts[0]))
    return date.fromisoformat(text[:10])


def _text(path: Path) -> str:
    """The file's text: UTF-8, or what the older systems of authorities write."""
    data = path.read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _reader(path: Path) -> Iterator[list[str]]:
    text = _text(path)
    first = text.split("\n", 1)[0]
    separator = max(",;\t", key=first.count)
    return csv.reader(io.StringIO(text, newline=""), delimiter=separator)


def _known(names: Mapping[str, object]) -> Message:
    return say.KNOWN_ARE(names=Choice(tuple(sorted(names)), every=True))


def take_schedule(
    book: Rulebook,
    path: Path,
    origin: Origin,
    columns: Mapping[str, str],
    preset_name: str = "",
    staging: Staging | None = None,
) -> tuple[Imported, Path | None]:
    """Read a schedule and keep it.

    Args:
        book: the rules, with the territories that there are.
        path: the file.
        origin: where it comes from; an edition that is left empty is the preset's.
        columns: as `import_schedule` takes them; they go before those of the preset.
        preset_name: a known layout; empty: none.
        staging: of a preference that falls year by year, where the preset does not say it.

    Returns:
        what came of it, and where it is kept; None where no row could be taken.

    Raises:
        ColumnsError: the map does not fit.
        Fault: an unknown territory, preset or confidence.
    """
    territory = origin.territory
    if territory not in book.territories:
        raise Fault(say.NO_TERRITORY(territory=territory), _known(book.territories))
    known = presets()
    if preset_name and preset_name not in known:
        raise Fault(say.NO_PRESET(preset=preset_name), _known(known))
    if origin.confidence not in ("official", "secondary"):
        raise Fault(say.CONFIDENCE_IS(), field="confidence", value=origin.confidence)
    preset = known.get(preset_name) or Preset(columns={})
    header = header_of(path)  # a preset's column may be missing in a shorter extract, a stated one may not
    preset = replace(
        preset,
        columns={**{k: c for k, c in preset.columns.items() if c in header}, **columns},
        edition=origin.edition or preset.edition,
    )
    if staging is not None:
        preset = replace(
            preset,
            staging=staging.columns or preset.staging,
            staging_agreement=staging.agreement or preset.staging_agreement,
            staging_from=staging.since or preset.staging_from,
        )
    charges = [c for c in book.territories[territory].charges if c.schedule]
    codes = frozenset(c.code for c in charges)
    duty = next((c.code for c in charges if c.kind == "duty"), "")
    result = import_schedule(path, preset.columns, codes, duty, origin.valid_from, preset)
    if not result.lines:
        return result, None
    stored = store(Schedule(replace(origin, edition=preset.edition), result.lines))
    return result, stored
