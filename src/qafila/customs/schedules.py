"""National schedules that an operator imported: kept in the home folder, looked up by code and day."""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from qafila.core.message import Choice, Message, as_it_is
from qafila.customs import customs_messages as m
from qafila.customs.assessment import Rule
from qafila.customs.correlation import Correlation, stored_correlations
from qafila.customs.expressions import NOT_GRANTED, Rate, read_rate
from qafila.runtime.settings import settings

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, slots=True)
class Line:
    """One rate of a schedule: of a charge, or under an agreement."""

    hs: str
    measure: str  # code of a charge (DI, A00 …), or the id of an agreement
    rate_text: str
    valid_from: date
    valid_to: date | None
    description: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """What a schedule says about a code."""

    hs: str
    rate: Rate
    note: Message | None  # what the schedule calls the line
    valid_from: date
    valid_to: date | None
    warnings: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a schedule comes from."""

    territory: str
    source: str
    edition: str
    valid_from: date
    confidence: str
    imported_on: date
    file: str


@dataclass
class Schedule:
    """The imported lines of a territory, and how they were come by."""

    origin: Origin
    lines: list[Line]
    correlations: Mapping[str, Correlation] = field(
        default_factory=dict
    )  # from other editions to the schedule's
    _sorted: dict[str, tuple[list[str], list[Line]]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        by_measure: dict[str, list[Line]] = {}
        for line in sorted(self.lines, key=lambda x: x.hs):
            by_measure.setdefault(line.measure, []).append(line)
        self._sorted = {m: ([x.hs for x in lines], lines) for m, lines in by_measure.items()}

    def find(self, code: str, hs: str, on: date, edition: str) -> Match | None:
        """The rate of a charge for a code: the lines under it, or else the longest line above it.

        Where six digits leave several national lines with different rates the highest is taken, and the
        range is said: a broker quotes the worst case until the national code is known.
        """
        warnings: list[Message] = []
        codes = [hs]
        if self.origin.edition != edition:
            correlation = self.correlations.get(edition)
            if correlation is None:
                warnings.append(
                    m.NO_CORRELATION(
                        territory=self.origin.territory, own=self.origin.edition, edition=edition
                    )
                )
            else:
                codes = correlation.convert(hs) or [hs]
                if codes != [hs]:
                    warnings.append(
                        m.CONVERTED(
                            hs=hs,
                            edition=edition,
                            codes=Choice(tuple(codes)),
                            own=self.origin.edition,
                            source=correlation.source,
                        )
                    )
        lines = [line for c in codes for line in self._below_or_above(code, c, on)]
        if not lines:
            return None
        rated = sorted(((read_rate(x.rate_text), x) for x in lines), key=lambda pair: pair[0].rank)
        unread = [pair for pair in rated if pair[0].unread]
        if unread:  # it may be any of them: a rate that can be read is not another line's
            rate, line = unread[0]
            texts = "; ".join(dict.fromkeys(x.rate_text for _, x in unread[:3]))
            if rate.unread != NOT_GRANTED:
                warnings.append(m.CANNOT_COMPUTE(hs=hs, words=texts))
            return _match(line, rate, warnings)
        rate, line = rated[-1]
        if rated[0][0].rank != rate.rank:
            lowest, highest = rated[0][0].said, rate.said
            warnings.append(m.SEVERAL_LINES(hs=hs, lines=len(rated), lowest=lowest, highest=highest))
        return _match(line, rate, warnings)

    def _below_or_above(self, measure: str, hs: str, on: date) -> list[Line]:
        """The lines under a code, or else those of the longest prefix that has any.

        A national code of another country (orders often carry one) shares its first six digits only: there
        every line of the subheading is meant."""
        current = self._under(measure, hs, on)
        for digits in range(len(hs) - 1, 1, -1):
            if current:
                break
            under = self._under(measure, hs[:digits], on)
            current = under if digits == 6 else [x for x in under if x.hs == hs[:digits]]
        return current

    def _under(self, measure: str, prefix: str, on: date) -> list[Line]:
        if measure not in self._sorted:
            return []
        codes, lines = self._sorted[measure]
        at = bisect_left(codes, prefix)
        found = []
        while at < len(codes) and codes[at].startswith(prefix):
            line = lines[at]
            if line.valid_from <= on and (line.valid_to is None or on <= line.valid_to):
                found.append(line)
            at += 1
        return found

    def source(self, rule_id: str, law: Rule, match: Match) -> Rule:
        """The source of a rate that was found here."""
        return Rule(
            rule_id,
            law.legal_basis,
            m.IMPORTED(source=self.origin.source, edition=self.origin.edition, day=self.origin.imported_on),
            match.valid_from,
            match.valid_to,
            self.origin.confidence,
        )


def _match(line: Line, rate: Rate, warnings: list[Message]) -> Match:
    note = as_it_is(line.description) if line.description else None
    return Match(line.hs, rate, note, line.valid_from, line.valid_to, tuple(warnings))


def folder() -> Path:
    """Where imported schedules are kept."""
    return settings().home / "customs"


def store(schedule: Schedule) -> Path:
    """Keep a schedule beside earlier ones; the same file of the same day takes its own former place."""
    import polars as pl

    target = folder()
    target.mkdir(parents=True, exist_ok=True)
    origin = schedule.origin
    stem = re.sub(r"[^A-Za-z0-9]+", "-", Path(origin.file).stem).strip("-").lower()
    path = target / f"{origin.territory}-{origin.valid_from}-{stem}.parquet"
    rows = [asdict(line) for line in schedule.lines]
    new = path.with_suffix(".new")
    pl.DataFrame(
        rows,
        schema={
            "hs": pl.String,
            "measure": pl.String,
            "rate_text": pl.String,
            "valid_from": pl.Date,
            "valid_to": pl.Date,
            "description": pl.String,
        },
    ).write_parquet(new)
    head = {k: str(v) for k, v in asdict(origin).items()}
    path.with_suffix(".json").write_text(json.dumps(head, indent=1), encoding="utf-8")
    new.replace(path)
    return path


def stored_schedules() -> dict[str, tuple[Schedule, ...]]:
    """Every schedule in the home folder, by territory, the newest first."""
    found: dict[str, list[Schedule]] = {}
    if not folder().is_dir():
        return {}
    correlations = stored_correlations(folder())
    for path in sorted(folder().glob("*.parquet")):
        import polars as pl

        head = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        days = {k: date.fromisoformat(head[k]) for k in ("valid_from", "imported_on")}
        origin = Origin(**{**head, **days})
        into = {start: c for (start, end), c in correlations.items() if end == origin.edition}
        found.setdefault(origin.territory, []).append(Schedule(origin, _lines(pl.read_parquet(path)), into))
    return {
        territory: tuple(sorted(schedules, key=lambda s: s.origin.valid_from, reverse=True))
        for territory, schedules in found.items()
    }


def _lines(frame: pl.DataFrame) -> list[Line]:
    return [Line(*row) for row in frame.iter_rows()]
