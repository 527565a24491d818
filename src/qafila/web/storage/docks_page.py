"""Docks: which delivery stands at which dock when, and a form that books one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from html import escape
from typing import Annotated, Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, Request
from markupsafe import Markup
from starlette.responses import RedirectResponse, Response

from qafila.core.fault import Fault
from qafila.runtime.accounts.accounts_acting import acting
from qafila.runtime.accounts.model import Actor
from qafila.runtime.database import Role, acting_as
from qafila.storage import advices, listing, model, storage_messages, storage_watching, store
from qafila.web.chassis.page_frame import link, translate
from qafila.web.chassis.web_asking import context_of
from qafila.web.storage.within_storage import Reader, Writer, act_of, owner_of, shown, warehouse, zone_of

router = APIRouter(include_in_schema=False)
Typed = Annotated[str, Form(max_length=200)]
_HOURS = 24
_WIDE, _ROW, _LEFT = 960, 44, 84
MINUTES = (30, 60, 90, 120, 180, 240)


@router.get("/storage/{facility}/docks")
def docks(request: Request, facility: str, actor: Reader, day: str = "") -> Response:
    """A day at the docks."""
    return _docks(request, facility, actor, day)


def _docks(
    request: Request, facility: str, actor: Actor, asked: str, status: int = 200, **told: Any
) -> Response:
    zone = ZoneInfo(zone_of(request, facility))
    now = context_of(request).now()
    try:
        day = date.fromisoformat(asked) if asked else now.astimezone(zone).date()
    except ValueError:
        day = now.astimezone(zone).date()
    begins = datetime.combine(day, time(), zone)
    ends = datetime.combine(day + timedelta(days=1), time(), zone)
    with acting(actor) as connection:
        warehouse(connection, facility)
        names = [p.place for p in store.places(connection, facility) if p.kind == model.PlaceKind.DOCK]
        coming = storage_watching.overview(connection, facility, now)["advices"]
    with acting_as(
        Role.OPERATOR
    ) as connection:  # docks are everybody's: others' times are seen, not their names
        taken = listing.docks(connection, facility, begins, ends)
    mine = {(a["owner"] if "owner" in a else a["merchant_id"], a["advice_id"]) for a in coming}
    for one in taken:
        one["own"] = (one["owner"], one["advice_id"]) in mine
    _ = translate(request)
    said = request.query_params.get("booked", "")[:80]
    typed = {
        "advice": "",
        "dock": names[0] if names else "",
        "time": "09:00",
        "minutes": "60",
        **told.pop("typed", {}),
    }
    return shown(
        request,
        actor,
        facility,
        "storage_docks.html",
        status,
        day=day,
        before=day - timedelta(days=1),
        after=day + timedelta(days=1),
        docks=names,
        coming=coming,
        taken=taken,
        typed=typed,
        lengths=MINUTES,
        picture=Markup(_picture(names, taken, begins, now, _("taken"))),
        may_write=actor.may("storage:write"),
        done=_("{delivery} has its dock.").format(delivery=said) if said else "",
        title=_("Docks"),
        **told,
    )


@router.post("/storage/{facility}/docks")
def book(
    request: Request,
    facility: str,
    actor: Writer,
    advice: Typed = "",
    dock: Typed = "",
    day: Typed = "",
    at: Typed = "",
    minutes: Typed = "60",
    key: Typed = "",
) -> Response:
    """Books a dock for a delivery; where another has it then, the page says so and keeps what was typed."""
    owner, _sign, number = advice.rpartition("|")
    typed = {"advice": advice, "dock": dock, "time": at, "minutes": minutes}
    try:
        try:
            since = datetime.combine(
                date.fromisoformat(day), time.fromisoformat(at), ZoneInfo(zone_of(request, facility))
            ).astimezone(UTC)
        except ValueError:
            raise Fault(
                storage_messages.BAD_TIME(value=f"{day} {at}"[:40]),
                storage_messages.WRITE_TIME(),
                field="time",
                value=at[:40],
            ) from None
        if not minutes.isdecimal() or not 5 <= int(minutes) <= 1440:
            raise Fault(
                storage_messages.BAD_FIELD(value=minutes[:40], field="minutes"),
                field="minutes",
                value=minutes[:40],
            )
        act = act_of(request, actor, key, "dock")
        with acting(actor) as connection:  # a merchant's own deliveries alone, and of this warehouse
            if advices.owner_of(connection, facility, number) != owner_of(actor, owner):
                raise Fault(storage_messages.NO_ADVICE(advice=number), field="advice", value=number)
        # whether a dock is free is seen by the hub's role alone
        act = replace(act, by=replace(act.by, role=Role.OPERATOR.value))
        advices.appoint(act, owner_of(actor, owner), number, dock, since, int(minutes))
    except Fault as fault:
        return _docks(request, facility, actor, day, 422, fault=fault, typed=typed)
    query = urlencode({"day": day, "booked": number})
    return RedirectResponse(link(request, f"/storage/{facility}/docks?{query}"), 303)


def _picture(
    names: list[str], taken: list[dict[str, Any]], begins: datetime, now: datetime, word: str
) -> str:
    """Docks as rows, the day's hours as columns, deliveries as bars."""
    high = 24 + _ROW * max(1, len(names))
    hour = (_WIDE - _LEFT) / _HOURS

    def x(at: datetime) -> float:
        return _LEFT + max(0.0, min(float(_HOURS), (at - begins).total_seconds() / 3600)) * hour

    drawn = []
    for n in range(0, _HOURS + 1, 2):
        drawn.append(
            f'<line class="hour" x1="{_LEFT + n * hour:.1f}" x2="{_LEFT + n * hour:.1f}" y1="18" y2="{high}"/>'
        )
        if n < _HOURS:
            drawn.append(f'<text class="hour" x="{_LEFT + n * hour + 3:.1f}" y="12">{n:02d}</text>')
    for row, name in enumerate(names):
        y = 24 + row * _ROW
        drawn.append(f'<line class="row" x1="0" x2="{_WIDE}" y1="{y + _ROW}" y2="{y + _ROW}"/>')
        drawn.append(f'<text class="name" x="0" y="{y + 26}">{escape(name[:12])}</text>')
        for one in taken:
            if one["dock"] != name:
                continue
            wide = max(6.0, x(one["until"]) - x(one["since"]))
            label = str(one["advice_id"]) if one["own"] else word
            kind = "own" if one["own"] else "out"
            drawn.append(
                f'<g><title>{escape(label)}</title><rect class="{kind}" x="{x(one["since"]):.1f}" y="{y + 6}" '
                f'width="{wide:.1f}" height="{_ROW - 12}" rx="2"/>'
                f'<text class="in" x="{x(one["since"]) + wide / 2:.1f}" y="{y + 26}">{escape(label[: int(wide / 6.2)])}</text></g>'
            )
    if begins <= now < begins + timedelta(hours=_HOURS):
        drawn.append(f'<line class="now" x1="{x(now):.1f}" x2="{x(now):.1f}" y1="18" y2="{high}"/>')
    return f'<svg class="gantt docks" viewBox="0 0 {_WIDE} {high}" width="{_WIDE}" height="{high}" aria-hidden="true">{"".join(drawn)}</svg>'
