"""Goods move: the movement is written, and with it the event that everybody else reads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from urllib.parse import quote

from sqlalchemy import Connection

from qafila.runtime.answered.acts import Act
from qafila.runtime.events import store as histories
from qafila.runtime.events.envelope import Event, Reporter, Source, Subject, SubjectKind, uuid_of
from qafila.runtime.events.events_types import event
from qafila.storage import store
from qafila.storage.model import Goods, Movement, Reason
from qafila.storage.storage_happenings import HAPPENINGS


def move(connection: Connection, act: Act, movements: Iterable[Movement], why: str = "") -> None:
    """Writes movements and their events, in the caller's transaction: both or neither."""
    done = store.move(connection, act, movements, why)
    for owner in sorted({m.goods.owner for _, m in done}):
        histories.append(connection, owner, _events(act, [d for d in done if d[1].goods.owner == owner], why))


def subject_of(goods: Goods) -> Subject:
    """The stock unit that events are about: an owner's product, by lot and by serial number where it has them."""
    parts = [goods.owner, goods.sku, *([goods.lot or "-"] if goods.lot or goods.serial else []), goods.serial]
    return Subject(SubjectKind.STOCK.value, ":".join(quote(part, safe="") for part in parts if part))


def source_of(act: Act) -> Source:
    """Who says so, as histories keep it."""
    role = Reporter.OPERATOR if act.by.role == "qafila_operator" else Reporter.STATION
    return Source(role.value, act.by.tenant, " · ".join(filter(None, (act.by.name, act.by.device))))


def _events(act: Act, movements: Sequence[tuple[int, Movement]], why: str) -> Iterable[Event]:
    for seq, m in movements:
        told = {
            "pieces": m.pieces,
            "from": m.source,
            "to": m.target,
            "condition": m.becomes or m.goods.condition,
            "grams": m.grams or None,
            "for": m.subject or None,
            "why": why or None,
        }
        yield event(
            HAPPENINGS[Reason(m.reason)],
            subject_of(m.goods),
            act.at,
            source_of(act),
            facility=m.facility,
            # by the movement's number: one act may move several times, and each is an event of its own
            id=uuid_of(f"{act.by.tenant}|{act.key}|{seq}|{m.goods.owner}"),
            details={name: value for name, value in told.items() if value is not None},
        )
