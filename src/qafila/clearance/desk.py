"""The broker's desk: opens declarations, says what is missing, amends, and brings them through customs.

Every change of state is a step in the declaration's own history and, where it means something to the
parcel, an event in the parcel's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, get_args, get_type_hints

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Connection

from qafila.clearance import bonded, screening, store
from qafila.clearance import clearance_messages as m
from qafila.clearance.authority import Answer, Authority, Case
from qafila.clearance.declaration import Declaration, Procedure
from qafila.clearance.lifecycle import AMENDABLE, State, Step, StepRefused, after, event_type, said
from qafila.clearance.mapping import missing
from qafila.clearance.store import Filed
from qafila.clearance.written import DeclarationError, coded, misused
from qafila.core.fault import Conflict, Fault
from qafila.core.message import SENTENCES, Country, Message, Share, Term, clauses
from qafila.core.message_json import to_json
from qafila.core.money import Money
from qafila.customs.assessment import Goods
from qafila.customs.restrictions import Finding, find
from qafila.network.timetable import Mode
from qafila.runtime.events import store as history
from qafila.runtime.events.envelope import Event, Reporter, Source, TimeKind, identify
from qafila.tracking.event import ParcelEvent
from qafila.tracking.store import together

WAITING = (State.INFORMATION_REQUESTED, State.DO_NOT_LOAD, State.ORANGE, State.RED, State.HELD, State.REFUSED)
"""States in which somebody must do something."""
_ENDS = frozenset({*WAITING, State.RELEASED, State.BONDED, State.WITHDRAWN})
_MOST_LINES = 999  # of one declaration
_MODES = {
    "air": (Mode.AIR,),
    "sea": (Mode.SEA,),
    "road": (Mode.ROAD,),
    "rail": (Mode.RAIL,),
    "post": (Mode.AIR,),
}


@dataclass(frozen=True, slots=True)
class Todo:
    """One thing between a declaration and its release, and the fix."""

    kind: str  # field, restriction, party, question
    subject: str  # the field, the restriction's id, the hit's id
    reason: Message
    remedy: Message
    document: Message | None = None  # of a restriction: the paper that lifts it; None where none does


def open_many(
    connection: Connection, merchant_id: str, declarations: Sequence[Declaration], at: datetime, by: str
) -> int:
    """Opens declarations as drafts and screens their parties; returns how many are new. As the operator."""
    new = set(store.insert(connection, merchant_id, declarations, at, by))
    screening.screen(connection, merchant_id, [d for d in declarations if d.id in new])
    return len(new)


class AlreadyDeclared(Conflict):
    """The parcel is declared already for the same procedure in the same territory."""


def open_one(
    connection: Connection, merchant_id: str, declaration: Declaration, at: datetime, by: str
) -> None:
    """Opens one declaration that somebody wrote by hand. Raises AlreadyDeclared. As the operator."""
    if open_many(connection, merchant_id, [declaration], at, by):
        return
    standing = next(
        (
            f.declaration.id
            for f in store.of_parcel(connection, declaration.parcel)
            if (f.declaration.procedure, f.declaration.territory)
            == (declaration.procedure, declaration.territory)
        ),
        "",
    )
    told = m.DECLARED_ALREADY(
        parcel=declaration.parcel,
        procedure=Term("procedure", declaration.procedure.value),
        territory=Country(declaration.territory),
        standing=standing,
    )
    raise AlreadyDeclared(told, m.AMEND_THAT_ONE(), value=standing)


def case_of(connection: Connection, filed: Filed) -> Case:
    """What customs will look at: the declaration, what restricts its goods, and parties on lists."""
    held = [p.restriction_id for p in store.papers(connection, filed.declaration.id)]
    found = restrictions_of(filed.declaration, filed.opened_at, held)
    return Case(filed.declaration, tuple(found), screening.blocking(connection, filed.declaration.id))


def restrictions_of(declaration: Declaration, at: datetime, papers: Sequence[str] = ()) -> list[Finding]:
    """The restrictions that the declared goods meet on their way, as this declaration's authority sees them."""
    goods = [
        Goods(
            line.description,
            line.quantity or Decimal(1),
            line.value or Money(Decimal(0), "EUR"),
            line.hs or None,
            line.origin or None,
        )
        for line in declaration.lines
    ]
    leaving = declaration.procedure is Procedure.EXPORT
    other = declaration.country_of_destination if leaving else declaration.country_of_dispatch
    ends = (declaration.territory, other) if leaving else (other, declaration.territory)
    found = find(
        goods,
        *ends,
        at.date(),
        _MODES.get(declaration.mode, ()),
        papers=papers,
        commercial=bool(declaration.importer.number),  # a private person has no trader's number
    )
    return [f for f in found if f.restriction.territory in ("*", declaration.territory)]


def todos(connection: Connection, filed: Filed) -> list[Todo]:
    """What is still to be done, field by field, paper by paper, party by party."""
    case = case_of(connection, filed)
    found = [Todo("field", one.field, one.reason, one.remedy) for one in missing(filed.declaration)]
    for finding in case.restrictions:
        if not finding.lifted:
            rule = finding.restriction
            document = None if rule.prohibited else rule.document
            remedy = m.DO_NOT_SEND() if document is None else m.ATTACH(document=document)
            reason = m.RESTRICTED_BY(reason=finding.reason, law=rule.legal_basis)
            found.append(Todo("restriction", rule.id, reason, remedy, document))
    for hit in screening.hits(connection, filed.declaration.id):
        if hit.verdict != "cleared":
            told = m.MAY_BE_LISTED(
                party=hit.party_name,
                listed=hit.listed_name,
                list=hit.list_id,
                score=Share(Decimal(f"{hit.score:.2f}")),
                reason=hit.reason,
            )
            found.append(Todo("party", hit.id, told, m.CLEAR_OR_STOP()))
    if filed.state is State.INFORMATION_REQUESTED:
        last = store.steps(connection, filed.declaration.id)[-1]
        named = {t.subject for t in found}
        found += [
            Todo("question", field, last.step.reason or m.VAGUE(), m.AMEND_AND_SEND())
            for field in last.asks
            if field not in named
        ]
    return found


def amend(
    connection: Connection,
    declaration_id: str,
    changes: Mapping[str, Any],
    by: str,
    at: datetime,
    reason: Message | None = None,
) -> Declaration:
    """Changes fields (`importer.name`, `lines[0].hs`) and keeps what they were.

    Raises StepRefused once customs have accepted the declaration, Fault where a field or a value is none;
    DeclarationError, one of these, names the fields.
    """
    filed = store.get(connection, declaration_id, lock=True)
    if filed.state not in AMENDABLE:
        standing = m.NOT_AMENDED(state=said(filed.state))
        raise StepRefused(standing, m.ASK_CUSTOMS(), field="state", value=filed.state.value)
    changed, kept = filed.declaration, {}
    for path, value in _whole_amounts(filed.declaration, changes).items():
        if path in ("id", "parcel", "procedure", "territory"):
            raise Fault(m.ABOUT(field=path), m.OPEN_ANOTHER(), field=path)
        changed, former = _with(changed, path, path, value)
        kept[path] = {"from": former, "to": value}
    if "dataset" in changes and (wrong := misused(changed)):
        raise DeclarationError([wrong])
    changed = coded(changed, {int(named[1]) for path in changes if (named := _CODE.fullmatch(path))})
    store.rewrite(connection, filed, changed)
    store.note(connection, filed, Step(filed.state, at, by, reason or m.AMENDED()), changes=kept)
    screening.screen(connection, filed.merchant_id, [changed])
    return changed


def attach(connection: Connection, declaration_id: str, paper: store.Paper, by: str) -> None:
    """Puts a paper to a declaration: the restriction that asks for it is lifted."""
    store.add_paper(connection, store.get(connection, declaration_id, lock=True), paper, by)


def advance(
    connection: Connection, declaration_id: str, authority: Authority, by: str, at: datetime
) -> list[Step]:
    """Brings a declaration as far as it goes by itself: to its release, or to where somebody must act.

    Raises StepRefused where fields are missing or its life is over. As the operator.
    """
    taken: list[Step] = []
    while True:
        filed = store.get(connection, declaration_id, lock=True)
        if taken and filed.state in _ENDS:
            return taken
        for step, asks in _next(connection, filed, authority, by, at):
            filed = replace(filed, state=after(filed.state, step.state))
            store.note(connection, filed, step, asks)
            _tell(connection, filed, step)
            if step.state is State.BONDED:
                bonded.receive(connection, filed, by, at)
            if step.state is State.RELEASED:
                bonded.settle(connection, filed, by, at)
            taken.append(step)


def withdraw(connection: Connection, declaration_id: str, by: str, at: datetime, reason: Message) -> None:
    """Takes a declaration back. Raises StepRefused where it is too late."""
    filed = store.get(connection, declaration_id, lock=True)
    after(filed.state, State.WITHDRAWN)
    store.note(connection, filed, Step(State.WITHDRAWN, at, by, reason))
    bonded.put_back(connection, filed, by, at)


def _next(
    connection: Connection, filed: Filed, authority: Authority, by: str, at: datetime
) -> list[tuple[Step, tuple[str, ...]]]:
    """The step or two that follow from where a declaration stands."""
    case = case_of(connection, filed)

    def says(answer: Answer) -> tuple[Step, tuple[str, ...]]:
        return Step(answer.state, at, authority.name, answer.reason), answer.asks

    def own(state: State) -> tuple[Step, tuple[str, ...]]:
        return Step(state, at, by), ()

    state = filed.state
    if state in (State.DRAFT, State.INFORMATION_REQUESTED):
        if lacking := missing(filed.declaration):
            told = clauses(
                m.FIELD_IS_WRONG(field=one.field, reason=SENTENCES(first=one.reason, second=one.remedy))
                for one in lacking
            )
            raise StepRefused(m.INCOMPLETE(lacking=told or m.MISSING()), field=lacking[0].field)
        if state is State.INFORMATION_REQUESTED and _was_lodged(connection, filed):
            return [own(State.LODGED), says(authority.lodge(case))]
        return [own(State.ADVISED), says(authority.advise(case))]
    if state is State.ASSESSED:
        return [own(State.LODGED), says(authority.lodge(case))]
    if state is State.ACCEPTED:
        return [says(authority.channel(case))]
    if state is State.RED:
        return [(Step(State.INSPECTED, at, authority.name, m.GOODS_INSPECTED()), ())]
    if state in (State.GREEN, State.ORANGE, State.HELD, State.INSPECTED):
        answer = (
            authority.inspect(case) if state is not State.GREEN else Answer(State.RELEASED, m.GREEN_CHANNEL())
        )
        if state is State.HELD and answer.state is State.HELD:
            raise StepRefused(
                m.STILL_HELD(reason=answer.reason), m.ACT_FIRST(), field="state", value=state.value
            )
        if answer.state is State.RELEASED and filed.declaration.procedure is Procedure.BONDED:
            answer = replace(answer, state=State.BONDED)
        return [says(answer)]
    raise StepRefused(m.NO_FURTHER(state=said(state)), m.ACT_FIRST(), field="state", value=state.value)


def _was_lodged(connection: Connection, filed: Filed) -> bool:
    return any(noted.step.state is State.LODGED for noted in store.steps(connection, filed.declaration.id))


def _tell(connection: Connection, filed: Filed, step: Step) -> None:
    """Writes the event of a step into the histories of all parcels that were declared together, where they are ours and
    the step means something to them."""
    kind = event_type(step.state)
    if kind is None:
        return
    for parcel in together(connection, [filed.declaration.parcel]).get(filed.declaration.parcel, ()):
        _tell_one(connection, filed, step, kind, parcel)


def _tell_one(connection: Connection, filed: Filed, step: Step, kind: ParcelEvent, parcel: str) -> None:
    details: dict[str, Any] = {
        "declaration": filed.declaration.id,
        "state": step.state.value,
        "reason": str(step.reason or ""),
        "territory": filed.declaration.territory,
        "procedure": filed.declaration.procedure.value,
    }
    if step.reason:
        details["message"] = to_json(step.reason)
    id = identify(parcel, f"{kind.value}/{filed.declaration.id}/{step.state.value}", TimeKind.ACTUAL, step.at)
    event = Event(
        parcel,
        id,
        kind.value,
        TimeKind.ACTUAL.value,
        step.at,
        Source(Reporter.AUTHORITY.value, None, step.by),
        details=details,
    )
    history.append(connection, filed.merchant_id, [event])


def _whole_amounts(declaration: Declaration, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Changes in which an amount that is not there yet is given as a whole: its number and its currency."""
    made: dict[str, Any] = {}
    for path, value in changes.items():
        whole, _, part = path.rpartition(".")
        if part in ("amount", "currency") and _held(declaration, whole) is None:
            other = "currency" if part == "amount" else "amount"
            if f"{whole}.{other}" not in changes:
                give = m.GIVE_BOTH(field=f"{whole}.{other}")
                raise Fault(m.WITH_ITS_CURRENCY(field=path), give, field=path)
            made.setdefault(whole, {})[part] = value
        elif isinstance(value, str) and (money := _MONEY.fullmatch(value.strip())) and part in _AMOUNTS:
            made[path] = {"amount": money[1], "currency": money[2]}
        else:
            made[path] = value
    return made


def _held(record: Any, path: str) -> Any:
    """What a path leads to; None where it leads nowhere yet."""
    for name, index in re.findall(r"(\w+)(?:\[(\d+)\])?", path):
        record = getattr(record, name, None)
        if index and record is not None:
            record = record[int(index)] if int(index) < len(record) else None
    return record


_CODE = re.compile(r"lines\[(\d+)\]\.hs")
_MONEY = re.compile(r"(\d+(?:\.\d+)?) ([A-Z]{3})")
_AMOUNTS = ("value", "freight", "insurance", "postage")


def _with(record: Any, path: str, whole: str, value: Any) -> tuple[Any, Any]:
    """A copy of a frozen value with one field changed, and what it was, as text."""
    match = re.match(r"(\w+)(?:\[(\d+)\])?(?:\.(.+))?$", path)
    if match is None or not is_dataclass(record) or match[1] not in {f.name for f in fields(record)}:
        known = m.KNOWN(fields=", ".join(sorted({f.name for f in fields(record)} - {"id"})))
        raise Fault(m.UNKNOWN(), known, field=whole)
    name, index, rest = match.groups()
    held = getattr(record, name)
    if index is not None:
        if isinstance(held, tuple) and int(index) == len(held) < _MOST_LINES:  # the next one is begun
            held = (*held, get_args(get_type_hints(type(record))[name])[0]())
        if not isinstance(held, tuple) or int(index) >= len(held):
            count = len(held) if isinstance(held, tuple) else 0
            raise Fault(m.NO_LINE(field=whole, n=count), field=whole)
        if rest is None:
            raise Fault(m.NAME_FIELD_OF_LINE(), field=whole)
        changed, former = _with(held[int(index)], rest, whole, value)
        held = (*held[: int(index)], changed, *held[int(index) + 1 :])
        return _put(record, name, held), former
    if rest is not None and held is not None:
        changed, former = _with(held, rest, whole, value)
        return _put(record, name, changed), former
    if rest is not None:
        raise Fault(m.NOTHING_THERE(field=name), m.GIVE_WHOLE(field=name), field=whole)
    wanted = get_type_hints(type(record))[name]
    try:
        made = TypeAdapter(wanted).validate_python(value)
    except ValidationError as error:
        given, why = str(value)[:60], error.errors()[0]["msg"]
        raise Fault(m.NOT_READABLE(given=given, why=why), m.SEE_FIELDS(), field=whole, value=given) from error
    former = (
        None
        if held is None
        else str(held.amount) + " " + held.currency
        if isinstance(held, Money)
        else str(held)
    )
    return _put(record, name, made), former


def _put(record: Any, name: str, value: Any) -> Any:
    return replace(record, **{name: value})
