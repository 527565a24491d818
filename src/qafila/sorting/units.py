"""Bags, pallets, ULDs and vehicles: opened, filled, closed, sealed, moved and emptied. Each act once, at its own time.

What an act means to the parcels inside is told in their histories; when a late act shows that it meant something else, the
difference is told, or taken back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from qafila.core.fault import Conflict, Fault, NotFound
from qafila.core.identifiers import gs1, s10, uld, upu
from qafila.core.identifiers.errors import InvalidNumber
from qafila.core.message import Message, Term, as_it_is
from qafila.runtime.answered.keys import fingerprint, same
from qafila.runtime.database import Role, acting_as
from qafila.runtime.events import store as histories
from qafila.runtime.events.envelope import Subject, SubjectKind, uuid_of
from qafila.runtime.events.events_types import event
from qafila.sorting import sorting_happenings as what
from qafila.sorting import sorting_messages
from qafila.sorting import units_store as store
from qafila.sorting.model import RANK, By, UnitKind
from qafila.sorting.nesting import Log
from qafila.sorting.retelling import retell, source_of

ACTS = ("open", "load", "unload", "close", "seal", "depart", "arrive", "empty")
_STATES = {"open": "open", "close": "closed", "seal": "sealed", "empty": "emptied"}
_DONE = {"load": "filled", "close": "closed", "seal": "sealed"}
_EVENTS = {
    "open": what.UNIT_OPENED, "close": what.UNIT_CLOSED, "seal": what.UNIT_SEALED, "depart": what.UNIT_DEPARTED,
    "arrive": what.UNIT_ARRIVED, "empty": what.UNIT_EMPTIED,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class UnitAct:
    """One act of a scanner on a unit. Fields that an act does not need are left out.

    Attributes:
        key: the act's own; the same key is the same act.
        late: it was done without connection and comes later: it is kept whatever the unit's state is by now.
        seal: of `seal` its number; of `arrive` and `empty` the one that was found.
    """

    key: str
    act: str
    unit: str
    at: datetime
    child: str = ""
    facility: str = ""
    kind: str = ""
    destination: str = ""
    chute: str = ""
    service: str = ""
    day: int | None = None
    position: str = ""
    seal: str = ""
    late: bool = False
    timed: bool = (
        True  # whether `at` is its own; without, the act told again has another, and is the same all the same
    )
    details: dict[str, Any] = field(default_factory=dict)


def number_of(kind: str, text: str) -> str:
    """The number of a unit in plain form: bags by UPU S9 or SSCC, pallets by SSCC, ULDs by IATA number or SSCC, vehicles by
    what their service is called. Raises Fault."""
    forms = {
        UnitKind.BAG: (lambda t: str(upu.parse_s9(t)), lambda t: gs1.parse("SSCC", t)),
        UnitKind.PALLET: (lambda t: gs1.parse("SSCC", t),),
        UnitKind.ULD: (uld.parse, lambda t: gs1.parse("SSCC", t)),
        UnitKind.VEHICLE: (_vehicle,),
    }
    if kind not in set(UnitKind):
        raise Fault(
            sorting_messages.NO_KIND(kind=kind[:40], known=", ".join(UnitKind)), field="kind", value=kind[:40]
        )
    said: Message | None = None
    for form in forms[UnitKind(kind)]:
        try:
            return form(text)
        except InvalidNumber as wrong:
            said = said or wrong.message
    raise Fault(
        sorting_messages.UNIT_NUMBER(unit=text[:60], kind=Term("unit", kind), what=said or as_it_is("")),
        field="unit",
        value=text[:60],
    )


def _vehicle(text: str) -> str:
    plain = " ".join(text.split())
    if not 0 < len(plain) <= 80 or not plain.isprintable():
        raise InvalidNumber(sorting_messages.VEHICLE_LENGTH())
    return plain


def plain(text: str) -> str:
    """A scanned code as it is compared with numbers of units and parcels."""
    squeezed = "".join(text.split()).upper()
    if squeezed.startswith(("]C100", "(00)")):
        squeezed = squeezed[-18:]
    elif len(squeezed) == 20 and squeezed.startswith("00") and squeezed.isdigit():
        squeezed = squeezed[2:]
    return squeezed


def perform(act: UnitAct, by: By, now: datetime) -> dict[str, Any]:
    """Does an act once, in one transaction, and answers what came of it.

    Raises:
        NotFound: the unit or the parcel is not known.
        Conflict: the unit is closed, or not larger than what is to go in; never for late acts, whose answer has `warnings`.
        KeyReused: the key stands for another act.
        Fault: the act is none, or its time is in the future.
    """
    if act.act not in ACTS:
        raise Fault(
            sorting_messages.NO_ACT(act=act.act[:40], known=", ".join(ACTS)), field="act", value=act.act[:40]
        )
    if act.at.tzinfo is None or act.at > now:
        raise Fault(sorting_messages.NO_TIME(), field="at", value=str(act.at))
    with acting_as(Role(by.role), by.tenant) as connection:
        return _done(connection, act, by)


def _done(connection: Connection, act: UnitAct, by: By) -> dict[str, Any]:
    id = number_of(act.kind, act.unit) if act.act == "open" else _known_name(connection, act.unit)
    child = plain(act.child)
    nested = bool(child) and not s10.is_valid(child)
    store.queue(connection, act.act in ("depart", "arrive", "empty") or nested, [child] if child else [id])
    row = store.unit(connection, id)
    warnings: list[Message] = []
    if act.act == "open":
        row = _opened(connection, act, id, row)
    if row is None:
        raise NotFound(
            sorting_messages.NO_UNIT(unit=act.unit[:60]),
            sorting_messages.OPEN_IT(),
            field="unit",
            value=act.unit[:60],
        )
    written = {
        "tenant": by.tenant,
        "key": act.key[:200],
        "act": act.act,
        "unit": id,
        "child": child,
        "facility": act.facility,
        "details": {"seal": act.seal, "late": act.late, **act.details},
        "by": by.station or by.tenant,
        "device": by.station,
        "at": act.at,
    }
    print_ = fingerprint(act.act, id, child, act.facility, act.seal, act.at if act.timed else None)
    before = store.acts(connection, id)
    repeated = not store.put_act(connection, {**written, "fingerprint": print_})
    if repeated:
        same(act.key, store.fingerprint(connection, by.tenant, act.key[:200]), print_)
        act = replace(act, at=store.time_of(connection, by.tenant, act.key[:200]))
    else:
        _checked(connection, act, id, row, child, before, warnings)
        _tell(connection, act, by, id, row, child)
    return {"unit": id, "act": act.act, "repeated": repeated, "warnings": warnings} | _answer(
        connection, act, id, before
    )


def _known_name(connection: Connection, text: str) -> str:
    squeezed = plain(text)
    return squeezed if store.unit(connection, squeezed) is not None else " ".join(text.split())


def _opened(connection: Connection, act: UnitAct, id: str, row: Any) -> Any:
    if row is not None and row.kind != act.kind:
        raise Conflict(sorting_messages.UNIT_KNOWN(unit=id), field="unit", value=id)
    told = {
        "unit": id,
        "kind": act.kind,
        "rank": RANK[UnitKind(act.kind)],
        "at": act.at,
        "facility": act.facility,
        "destination": act.destination,
        "chute": act.chute,
        "service": act.service,
        "day": act.day,
        "position": act.position,
    }
    newest = not row or not any(a.act == "open" and a.at > act.at for a in store.acts(connection, id))
    if newest:
        store.put_unit(connection, told)
    return store.unit(connection, id)


def state(acts: Iterable[Any]) -> str:
    """What state a unit's own acts leave it in, in order of their time: open, closed, sealed or emptied."""
    found = "emptied"
    for one in acts:
        found = _STATES.get(one.act, found)
    return found


def _checked(
    connection: Connection,
    act: UnitAct,
    id: str,
    row: Any,
    child: str,
    before: Sequence[Any],
    warnings: list[Message],
) -> None:
    """Refuses what cannot be; of a late act it becomes a warning where it could have been so then."""
    found: Fault | None = None
    now = state(a for a in before if a.at <= act.at)
    if act.act in ("load", "unload"):
        ranks = store.kinds(connection, [child])
        if child not in ranks and not store.owners(connection, [child]):
            raise NotFound(
                sorting_messages.NO_PARCEL(number=child[:40]),
                sorting_messages.CHECK_NUMBER(),
                field="child",
                value=child[:40],
            )
        rank = RANK[UnitKind(ranks[child])] if child in ranks else 0
        if rank >= row.rank:
            raise Conflict(sorting_messages.UNIT_RANK(child=child, unit=id), field="child", value=child)
    if act.act == "load" and now != "open":
        found = Conflict(
            sorting_messages.UNIT_STATE(
                unit=id, state=Term("unit_state", now), act=Term("unit_act", _DONE["load"])
            ),
            field="unit",
            value=id,
        )
    if act.act == "seal" and not act.seal:
        raise Fault(sorting_messages.NO_SEAL(), field="seal")
    if act.act in ("close", "seal") and now in ("emptied", "sealed"):
        found = Conflict(
            sorting_messages.UNIT_STATE(
                unit=id, state=Term("unit_state", now), act=Term("unit_act", _DONE[act.act])
            ),
            field="unit",
            value=id,
        )
    if act.act in ("arrive", "empty") and act.seal:
        sealed = next((a.details["seal"] for a in reversed(before) if a.act == "seal" and a.at <= act.at), "")
        if sealed and sealed != act.seal:
            warnings.append(sorting_messages.SEAL_WRONG(found=act.seal[:40], unit=id, seal=sealed))
    if found is not None:
        if not act.late:
            raise found
        warnings.append(found.message)


def _tell(connection: Connection, act: UnitAct, by: By, id: str, row: Any, child: str) -> None:
    """The events of an act: of the unit, of the parcel that was put in or taken out, of all that it moved."""
    source, key = source_of(by), f"{by.tenant}|{act.key[:200]}"
    if act.act in _EVENTS:
        unit_event = event(
            _EVENTS[act.act],
            Subject(SubjectKind.HANDLING_UNIT.value, id),
            act.at,
            source,
            facility=act.facility or None,
            id=uuid_of(f"unit|{key}"),
            details={"seal": act.seal} if act.seal else None,
        )
        histories.append(connection, None, [unit_event])
    affected: set[str] = set()
    if act.act in ("load", "unload"):
        owner = store.owners(connection, [child]).get(child)
        kind = what.PACKED if act.act == "load" else what.UNPACKED
        if owner is not None:
            affected = {child}
            told = event(
                kind,
                Subject(SubjectKind.PARCEL.value, child),
                act.at,
                source,
                facility=act.facility or None,
                id=uuid_of(f"unit|{key}|{child}"),
                details={"unit": id, "kind": row.kind},
            )
            histories.append(connection, owner, [told])
        else:
            kind = what.UNIT_LOADED if act.act == "load" else what.UNIT_UNLOADED
            told = event(
                kind,
                Subject(SubjectKind.HANDLING_UNIT.value, child),
                act.at,
                source,
                facility=act.facility or None,
                id=uuid_of(f"unit|{key}|{child}"),
                details={"unit": id},
            )
            histories.append(connection, None, [told])
            affected = store.inside_ever(connection, child, _since(connection, child, act.at))
    elif act.act in ("depart", "arrive", "empty"):
        affected = store.inside_ever(connection, id, _since(connection, id, act.at))
    if affected:
        retell(connection, affected, by)


def _since(connection: Connection, id: str, at: datetime) -> datetime:
    emptied = store.last_emptied(connection, id, at)
    return max(emptied, at - store.LOOK_BACK) if emptied is not None else at - store.LOOK_BACK


def _answer(connection: Connection, act: UnitAct, id: str, before: Sequence[Any]) -> dict[str, Any]:
    if act.act in ("load", "unload"):
        return {"child": plain(act.child), "pieces": len(store.contents(connection, id))}
    if act.act == "empty":
        return emptied(connection, id, act.at)
    return {"pieces": len(store.contents(connection, id))}


def emptied(connection: Connection, id: str, at: datetime) -> dict[str, Any]:
    """What emptying a unit found: what was scanned out of it, what the books say and nobody scanned, and what was scanned
    though the books had it elsewhere. As the acts say that are known by now."""
    acts = store.acts(connection, id)
    last = max((a.at for a in acts if a.act == "empty" and a.at < at), default=None)
    out = [a.child for a in acts if a.act == "unload" and a.at <= at and (last is None or a.at > last)]
    since = _since(connection, id, at)
    put = {a.child for a in acts if a.act == "load" and a.at > since and a.at <= at}
    log: Log = store.log_of(connection, put | set(out))
    missing, was_in = [], set()
    for child in sorted(put):
        for stay in log.stays(child):
            if stay.unit == id and stay.begin[0] > since:
                was_in.add(child)
                if stay.lost and stay.end is not None and stay.end[0] == at:
                    missing.append(child)
    return {
        "found": sorted(set(out) & was_in),
        "missing": missing,
        "surplus": sorted(set(out) - was_in),
        "pieces": 0,
    }


def whereabouts(connection: Connection, child: str) -> list[dict[str, Any]]:
    """The units around a parcel or a unit now, from the innermost, with destination, flight and position."""
    chain = store.log_of(connection, [child]).chain(child)
    found = []
    for id in chain:
        row = store.unit(connection, id)
        found.append(
            {
                "unit": id,
                "kind": row.kind,
                "destination": row.destination,
                "service": row.service,
                "day": row.day,
                "position": row.position,
                "state": state(store.acts(connection, id)),
            }
        )
    return found
