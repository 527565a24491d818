"""Demand files: CSV or Parquet in, commodities on the nodes of a timetable out; bad rows are named."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from qafila.core.fault import Fault
from qafila.core.message import Choice
from qafila.network.model import Feed
from qafila.network.timetable import COST_UNIT, Goods, Timetable
from qafila.planning import planning_messages as m
from qafila.planning.planning_problem import NO_DUE, Commodities
from qafila.planning.rows import RowProblem, read_rows

NEEDED = ("origin", "destination", "parcels", "kg")


class DemandError(Fault, ValueError):
    """A file that is no demand at all; the message says what is missing."""


def read(path: Path, timetable: Timetable, feed: Feed | None = None) -> tuple[Commodities, list[RowProblem]]:
    """Commodities of every good row, and what is wrong with the others. Raises DemandError.

    `feed` lets rows name cities instead of facilities. Columns: docs/plan.md.
    """
    try:
        if path.suffix.lower() in {".parquet", ".pq"}:
            table = pl.read_parquet(path)
        else:
            table = pl.read_csv(path, infer_schema=False, encoding="utf8", truncate_ragged_lines=True)
    except FileNotFoundError:
        raise DemandError(m.NO_FILE(file=str(path)), value=str(path)) from None
    except (pl.exceptions.PolarsError, OSError, UnicodeDecodeError) as error:
        reason = str(error).splitlines()[0]
        raise DemandError(m.UNREADABLE(file=str(path), why=reason), m.GIVE_TABLE(), value=str(path)) from None
    names = [c.strip().lower().lstrip("\ufeff") for c in table.columns]
    if twice := {n for n in names if names.count(n) > 1}:
        raise DemandError(m.COLUMN_TWICE(file=str(path), columns=_all(sorted(twice))), m.KEEP_ONE())
    table.columns = names
    missing = [c for c in NEEDED if c not in names]
    if missing:
        there = ", ".join(c if c.isprintable() else "?" for c in names[:12])
        raise DemandError(
            m.COLUMN_MISSING(file=str(path), columns=_all(missing), there=there),
            m.NEEDED_ARE(needed=_all(NEEDED)),
        )
    return read_rows(table, timetable, feed)


def _all(names: Sequence[str]) -> Choice:
    return Choice(tuple(names), every=True)


def write(path: Path, demand: Commodities, timetable: Timetable) -> None:
    """Write commodities as a demand file: Parquet, or CSV by the name's ending."""
    names = pl.Series(places(timetable), dtype=pl.String)
    flags = {int(x): "|".join(g.name or "" for g in Goods(int(x))) for x in set(demand.goods.tolist())}
    table = pl.DataFrame(
        {
            "id": demand.ids,
            "origin": names.gather(demand.origin),
            "destination": names.gather(demand.destination),
            "release": demand.release,
            "due": demand.due,
            "service_class": demand.service_class,
            "merchant_class": demand.merchant_class,
            "parcels": demand.parcels,
            "kg": demand.grams * demand.parcels / 1e3,
            "m3": demand.cm3 * demand.parcels / 1e6,
            "goods": [flags[int(x)] for x in demand.goods],
            "late_price": demand.late_price / COST_UNIT,
            "max_transfers": pl.Series(demand.limits - 1).replace(-1, None),
        }
    ).with_columns(
        (
            pl.lit(timetable.epoch, pl.Datetime("us", "UTC"))
            + pl.duration(minutes=pl.col(name).replace(NO_DUE, None))
        ).alias(name)
        for name in ("release", "due")
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix.lower() in {".parquet", ".pq"}:
        table.write_parquet(path)
    else:
        table.with_columns(pl.col("release", "due").dt.strftime("%Y-%m-%dT%H:%M:%SZ")).write_csv(path)


def places(timetable: Timetable) -> list[str]:
    """What a demand file calls each node."""
    names = [timetable.facility_ids[f] for f in timetable.node_facility]
    for facility, node in enumerate(timetable.door_node):
        if node >= 0:
            names[node] = f"{timetable.facility_ids[facility]}/door"
    return names
