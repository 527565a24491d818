"""The regulator's figures, counted from the database as the hub itself sees it.

`recomputing.py` computes each again from the published log by the query of the same name; this is plain Python over the
rows, so that the two share no code.
"""

from __future__ import annotations

import json
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, text

from qafila.core.money import ExchangeRates, Money
from qafila.core.unknown_rate import UnknownRate
from qafila.openness import store
from qafila.openness.model import Entry
from qafila.openness.regulation.span import Rooms, Span

Rows = list[dict[str, Any]]
BATCH = 1000


@dataclass(slots=True)
class Known:
    """An entry with what it says, what is open of it, and whether some of it was erased."""

    entry: Entry
    said: Mapping[str, Any]
    open: Mapping[str, Any]
    erased: bool

    @property
    def owner(self) -> str:
        return self.entry.owner or ""


@dataclass(slots=True)
class Book:
    """All entries of the log up to the span's size, and what counting them needs beside."""

    entries: list[Known]
    span: Span
    kinds: Mapping[str, str]
    rooms: Rooms
    rates: ExchangeRates

    def within(self, *kinds: str) -> Iterator[Known]:
        """The entries of the span, of some kinds or of all."""
        for one in self.entries:
            inside = self.span.since <= one.entry.decided_at < self.span.until
            if inside and (not kinds or one.entry.kind in kinds):
                yield one


def book(connection: Connection, span: Span, rooms: Rooms, rates: ExchangeRates) -> Book:
    """Reads the log of the database.

    Args:
        connection: as a regulator or the operator.
        span: what is asked.
        rooms: of the network that is published.
        rates: exchange rates.
    """
    kinds = {id: str(kind) for id, kind in connection.execute(text("SELECT tenant_id, kind FROM tenants"))}
    found: list[Known] = []
    entries = [one for one in store.entries(connection) if one.index is not None and one.index < span.size]
    for at in range(0, len(entries), BATCH):
        some = entries[at : at + BATCH]
        opened = store.openings(connection, [one.entry_id for one in some])
        for entry in some:
            rows = opened.get(entry.entry_id, [])
            values = {row.field: json.loads(row.value) for row in rows if row.value is not None}
            gone = any(row.value is None for row in rows)
            found.append(Known(entry, json.loads(entry.entry)["said"], values, gone))
    return Book(found, span, kinds, rooms, rates)


def figures(of: Book) -> dict[str, Rows]:
    """Every figure by the name of its query; each a list of rows, of one row where it is a single number."""
    return {name: count(of) for name, count in FIGURES.items()}


def _entries(of: Book) -> Rows:
    counted = Counter(one.entry.kind for one in of.within())
    return [{"kind": kind, "entries": n} for kind, n in sorted(counted.items())]


def _erased(of: Book) -> Rows:
    return [{"entries": sum(one.erased for one in of.within())}]


def _bookings(of: Book) -> list[Known]:
    return [one for one in of.within("shipping.booking") if "room" in one.open and "about" in one.open]


def _hhi(of: Book, weight: Callable[[Known], int]) -> Rows:
    by: Counter[str] = Counter()
    for one in _bookings(of):
        by[one.owner] += weight(one)
    total = sum(by.values())
    return [{"hhi": math.fsum((100 * n / total) ** 2 for n in by.values()) if total else None}]


def _hhi_volume(of: Book) -> Rows:
    return _hhi(of, lambda one: 1)


def _hhi_capacity(of: Book) -> Rows:
    return _hhi(of, lambda one: one.open["room"]["grams"] * len(one.open["room"]["departures"]))


def _own_share(of: Book) -> Rows:
    own = [of.kinds.get(one.owner) == "hub" for one in _bookings(of)]
    return [{"share": sum(own) / len(own) if own else None}]


def _dispersion(of: Book) -> Rows:
    alike: dict[tuple[Any, ...], list[float]] = defaultdict(list)
    for one in of.within("shipping.offers"):
        like = one.open.get("like") or one.open.get("order")
        if like is not None and "answer" in one.open:
            for way in one.open["answer"]:
                cell = (tuple(way["rides"]), like["grams"], way["currency"])
                alike[cell].append(float(way["price"]))
    spreads = []
    for prices in alike.values():
        if len(prices) > 1:
            mean = math.fsum(prices) / len(prices)
            spreads.append(math.sqrt(math.fsum((p - mean) ** 2 for p in prices) / len(prices)) / mean)
    return [{"dispersion": math.fsum(spreads) / len(spreads) if spreads else None}]


def _refusals(of: Book) -> Rows:
    counted: Counter[str] = Counter()
    for one in of.within("shipping.refusal"):
        if isinstance(one.open.get("answer"), dict):
            counted[str(one.open["answer"]["field"])] += 1
        else:
            counted[str(one.open["why"][0]["field"]) if one.open.get("why") else "erased"] += 1
    for one in of.within("shipping.not_booked"):
        counted[f"not booked: {one.said['why']}"] += 1
    return [{"reason": reason, "refusals": n} for reason, n in sorted(counted.items())]


def _congestion(of: Book) -> Rows:
    taken: Counter[str] = Counter()
    full: set[str] = set()
    for one in of.within():
        if one.entry.kind in ("shipping.booking", "shipping.rebooking", "shipping.cancellation"):
            back = one.entry.kind == "shipping.cancellation"
            for field, sign in (("room", -1 if back else 1), ("given_back", -1)):
                for departure in one.open.get(field, {}).get("departures", ()):
                    taken[departure] += sign * one.open[field]["grams"]
        full.update(one.open.get("inputs", {}).get("full", ()))
    known = of.rooms.departures({*taken, *full})
    rows: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for departure, grams in taken.items():
        if departure in known:
            facility, room = known[departure]
            row = rows[facility]
            row[0], row[1], row[2] = row[0] + grams, row[1] + room, row[2] + 1
    for departure in full & known.keys():
        rows[known[departure][0]][3] += 1
    return [
        {"facility": facility, "percent": 100 * g / room if room else 0, "departures": n, "full": f}
        for facility, (g, room, n, f) in sorted(rows.items())
    ]


def _trade(of: Book) -> Rows:
    counted: Counter[str] = Counter()
    for one in of.within("shipping.booking"):
        start, end, own = one.said["from"], one.said["to"], of.span.country
        counted[
            "inside" if start == end else "export" if start == own else "import" if end == own else "transit"
        ] += 1
    return [{"direction": way, "bookings": n} for way, n in sorted(counted.items())]


def _dependency(of: Book) -> Rows:
    stated: dict[tuple[str, int], float] = {}
    sold: dict[tuple[str, int], float] = defaultdict(float)

    def euro(amount: str, currency: str, on: datetime) -> float | None:
        try:
            return float(of.rates.convert(Money(Decimal(amount), currency), "EUR", on.date()).amount)
        except UnknownRate:
            return None

    for one in of.entries:
        if one.entry.kind == "openness.sales" and "sales" in one.open:
            said = one.open["sales"]
            all_ = euro(said["amount"], said["currency"], one.entry.decided_at)
            if all_ is not None:
                stated[one.owner, said["year"]] = all_
        elif one.entry.kind == "shipping.booking" and "booked" in one.open:
            said, at = one.open["booked"], one.entry.decided_at
            sold[one.owner, at.year] += euro(said["value"], said["value_currency"], at) or 0.0
    return [
        {
            "owner": owner,
            "year": year,
            "sold": sold.get((owner, year), 0),
            "stated": all_,
            "share": sold.get((owner, year), 0) / all_,
        }
        for (owner, year), all_ in sorted(stated.items())
        if all_ > 0
    ]


def _data_places(of: Book) -> Rows:
    told = [
        one.said["places"]
        for one in of.entries
        if one.entry.kind == "openness.data_places" and one.entry.decided_at < of.span.until
    ]
    return sorted(
        ({key: place[key] for key in ("what", "country", "holder")} for place in (told[-1] if told else ())),
        key=lambda row: (row["what"], row["country"], row["holder"]),
    )


def _complaints(of: Book) -> Rows:
    ends: dict[str, datetime] = {}
    for one in of.entries:
        over = one.entry.kind == "openness.complaint" and one.said["step"] in ("answered", "withdrawn")
        if over and one.entry.decided_at < of.span.until:
            ends.setdefault(one.said["complaint"], one.entry.decided_at)
    rows: dict[str, Rows] = defaultdict(list)
    for one in of.within("openness.complaint"):
        if one.said["step"] == "filed":
            end, due = ends.get(one.said["complaint"]), datetime.fromisoformat(one.said["answer_by"])
            late = end is None and due < min(of.span.until, of.span.now)
            days = None if end is None else (end - one.entry.decided_at).total_seconds() / 86400
            rows[one.said["topic"]].append(
                {"late": end is not None and end > due, "overdue": late, "days": days}
            )
    found = []
    for topic, filed in sorted(rows.items()):
        took = [row["days"] for row in filed if row["days"] is not None]
        found.append(
            {
                "topic": topic,
                "filed": len(filed),
                "answered": len(took),
                "late": sum(row["late"] for row in filed),
                "overdue": sum(row["overdue"] for row in filed),
                "days": math.fsum(took) / len(took) if took else None,
            }
        )
    return found


def _suspensions(of: Book) -> Rows:
    found = list(of.within("openness.suspension"))
    return [
        {
            "suspensions": len(found),
            "with_reasons": sum(bool(one.said["reasons_given"]) for one in found),
            "with_notice": sum(one.said.get("notice_days", 0) > 0 for one in found),
        }
    ]


def _preference(of: Book) -> Rows:
    cells: dict[tuple[str, str], list[tuple[bool, float | None]]] = defaultdict(list)
    for one in of.within("shipping.offers", "shipping.refusal"):
        if "answer" in one.open and "about" in one.open:
            offered = one.open["answer"] if one.entry.kind == "shipping.offers" else []
            first = offered[0] if offered else {}
            price = float(first["price"]) if first else None
            key = (of.kinds.get(one.owner, "merchant"), str(first.get("currency", "")))
            cells[key].append((one.entry.kind == "shipping.offers", price))
    return [
        {
            "class": group,
            "currency": currency,
            "requests": len(all_),
            "accepted": sum(ok for ok, _ in all_) / len(all_),
            "price": _mean([price for _, price in all_ if price is not None]),
        }
        for (group, currency), all_ in sorted(cells.items())
    ]


def _mean(values: Sequence[float]) -> float | None:
    return math.fsum(values) / len(values) if values else None


FIGURES: dict[str, Callable[[Book], Rows]] = {
    "hhi_volume": _hhi_volume, "hhi_capacity": _hhi_capacity, "own_share": _own_share, "price_dispersion": _dispersion,
    "preference": _preference, "refusals": _refusals, "congestion": _congestion, "trade": _trade,
    "dependency": _dependency, "data_places": _data_places, "complaints": _complaints, "suspensions": _suspensions,
    "entries": _entries, "erased": _erased,
}  # fmt: skip
"""Every figure, in the order in which it is shown."""
