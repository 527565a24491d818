"""Confirmed classifications, kept for each merchant: the newest of a SKU holds."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from threading import Lock

from sqlalchemy import Connection, text

from qafila.clearance import clearance_messages as m
from qafila.core.fault import Fault
from qafila.customs import nomenclature
from qafila.customs.classification import Decision, Memory, classifier

_KEPT = 32  # merchants whose memories a process keeps ready


class NotASubheading(Fault):
    """A code that is no subheading of the HS."""


def record(connection: Connection, merchant_id: str, decision: Decision) -> None:
    """Keeps a decision; it answers for its SKU from now on, and teaches on like goods.

    Raises NotASubheading, and Fault where nobody is named who decided.
    """
    if not nomenclature.known(decision.hs6):
        raise NotASubheading(
            m.NOT_A_SUBHEADING(hs=decision.hs6, edition=nomenclature.EDITION),
            m.GIVE_SIX_DIGITS(),
            field="hs6",
            value=decision.hs6,
        )
    if not decision.by.strip():
        raise Fault(m.NOBODY_DECIDED(), m.SAY_WHO(), field="by")
    connection.execute(
        text(
            "INSERT INTO classification_decisions (merchant_id, sku, title, attributes, category, hs6, decided_by, "
            "decided_at) VALUES (:m, :sku, :title, :attributes, :category, :hs6, :by, "
            "coalesce(CAST(:on AS date), now()))"
        ),
        {
            "m": merchant_id,
            "sku": decision.sku,
            "title": decision.title,
            "attributes": decision.attributes,
            "category": decision.category,
            "hs6": decision.hs6,
            "by": decision.by,
            "on": decision.on,
        },
    )


def of_merchant(connection: Connection, merchant_id: str, last: int | None = None) -> list[Decision]:
    """A merchant's decisions, the oldest first; of a SKU decided again only the newest. With `last` only those up to the
    decision of this number."""
    rows = connection.execute(
        text(
            """
            SELECT sku, title, attributes, category, hs6, decided_by, decided_at::date AS on
            FROM (SELECT *, row_number() OVER (PARTITION BY CASE WHEN sku = '' THEN seq::text ELSE 's' || sku END
                      ORDER BY seq DESC) AS age FROM classification_decisions
                  WHERE merchant_id = :m AND (CAST(:last AS bigint) IS NULL OR seq <= :last)) newest
            WHERE age = 1 ORDER BY seq
            """
        ),
        {"m": merchant_id, "last": last},
    )
    return [Decision(r.sku, r.title, r.attributes, r.category, r.hs6, r.decided_by, r.on) for r in rows]


def memory(connection: Connection, merchant_id: str) -> Memory | None:
    """A merchant's decisions made ready for the classifier; None where there are none.

    It is kept in the process and learns what was decided since it was last asked for.
    """
    newest = connection.execute(
        text("SELECT max(seq) FROM classification_decisions WHERE merchant_id = :m"), {"m": merchant_id}
    ).scalar_one()
    return memory_up_to(merchant_id, newest, lambda: nullcontext(connection))


def memory_up_to(
    merchant_id: str, newest: int | None, connect: Callable[[], AbstractContextManager[Connection]]
) -> Memory | None:
    """As `memory`, for whoever knows the number of the merchant's last decision; None where there is none.

    Args:
        merchant_id: whose decisions.
        newest: that number.
        connect: gives a connection as the merchant, where decisions are to be read that were not known yet.
    """
    if newest is None:
        return None
    while True:
        with _lock:
            kept = _memories.get(merchant_id)
            if kept is not None and kept.newest == newest:
                _memories.move_to_end(merchant_id)
                return kept.memory
        fresh, made = None, None
        with (
            connect() as connection
        ):  # not within the lock: others come to the lock with a connection in hand
            if kept is not None and kept.newest < newest:
                fresh = _since(connection, merchant_id, kept.newest, newest)
            if kept is None or fresh is None or _again(kept.memory, fresh):
                made = classifier().remember(of_merchant(connection, merchant_id, newest))
        with _lock:
            if made is None:
                if kept is None or fresh is None or _memories.get(merchant_id) is not kept:
                    continue  # it was taught by somebody else meanwhile
                made = kept.memory
                for decision in fresh:
                    made.add(decision)
            _memories[merchant_id] = _Kept(newest, made)
            _memories.move_to_end(merchant_id)
            while len(_memories) > _KEPT:
                _memories.popitem(last=False)
            return made


def _again(memory: Memory, fresh: Sequence[Decision]) -> bool:
    """Whether a SKU was decided again: what it was before must not go on teaching."""
    skus = [decision.sku for decision in fresh if decision.sku]
    return len(set(skus)) < len(skus) or any(memory.same(sku) is not None for sku in skus)


@dataclass(frozen=True, slots=True)
class _Kept:
    newest: int  # seq of the last decision that it learned
    memory: Memory


_memories: OrderedDict[str, _Kept] = OrderedDict()
_lock = Lock()


def _since(connection: Connection, merchant_id: str, seq: int, last: int) -> list[Decision]:
    rows = connection.execute(
        text(
            "SELECT sku, title, attributes, category, hs6, decided_by, decided_at::date AS on "
            "FROM classification_decisions WHERE merchant_id = :m AND seq > :seq AND seq <= :last ORDER BY seq"
        ),
        {"m": merchant_id, "seq": seq, "last": last},
    )
    return [Decision(r.sku, r.title, r.attributes, r.category, r.hs6, r.decided_by, r.on) for r in rows]
