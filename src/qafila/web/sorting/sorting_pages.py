"""/sorting: the centre's picture, bags and despatches."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import Response

from qafila.core.fault import Fault
from qafila.core.identifiers.own import new_id
from qafila.runtime.accounts.accounts_acting import acting
from qafila.runtime.accounts.model import Actor
from qafila.sorting import store, units, units_store
from qafila.sorting.sorting_watching import picture
from qafila.sorting.units import UnitAct
from qafila.web.chassis.page_frame import facility_name, first_place, language_of, page, translate
from qafila.web.chassis.visitor import requires
from qafila.web.chassis.web_asking import context_of
from qafila.web.sorting.induction_page import by_of
from qafila.web.sorting.sorting_words import acts, kinds, reasons

router = APIRouter(include_in_schema=False)

Reader = Annotated[Actor, Depends(requires("sorting:read"))]
Worker = Annotated[Actor, Depends(requires("sorting:work"))]


@router.get("/sorting")
def centres(request: Request, actor: Reader) -> Response:
    """The first centre; a page that says how to set one up where there is none."""
    with acting(actor) as connection:
        found = store.centres(connection)
    _ = translate(request)
    return first_place(
        request,
        "/sorting",
        found,
        _("No sorting centre is set up yet"),
        _("Give a facility its chutes: qafila sort centre FILE."),
    )


@router.get("/sorting/{facility}")
def centre(request: Request, facility: str, actor: Reader) -> Response:
    """A centre now: chutes with their fill, and what will miss its departure."""
    context = context_of(request)
    known = context.network.feed.facility
    with acting(actor) as connection:
        now = picture(connection, facility[:80], context.now())
        others = store.centres(connection)
    here = known.get(facility)
    named = {*(id for c in now.chutes for id in c.stops), *(d.next for d in now.departures)}
    names = {id: facility_name(known[id], language_of(request)) if id in known else id for id in named}
    return page(
        request,
        "sorting.html",
        facility=facility,
        seen=now,
        others=others,
        names=names,
        zone=here.timezone if here else "UTC",
        reasons=reasons(translate(request)),
    )


@router.get("/sorting/{facility}/bags")
def bags(request: Request, facility: str, actor: Reader, unit: str = "") -> Response:
    """Bags and what holds them: those of a centre, and one with what is in it."""
    return _bags(request, facility, actor, unit, None, ())


@router.post("/sorting/{facility}/bags")
def act_on_bag(
    request: Request,
    facility: str,
    actor: Worker,
    act: Annotated[str, Form(max_length=20)],
    unit: Annotated[str, Form(max_length=80)],
    child: Annotated[str, Form(max_length=80)] = "",
    kind: Annotated[str, Form(max_length=20)] = "",
    to: Annotated[str, Form(max_length=80)] = "",
    chute: Annotated[str, Form(max_length=80)] = "",
    seal: Annotated[str, Form(max_length=80)] = "",
    key: Annotated[str, Form(max_length=80)] = "",
) -> Response:
    """One act on a bag; what is refused is said on the page, with what was typed."""
    now = context_of(request).now()
    wanted = UnitAct(key or new_id("act"), act, unit, now, child, facility[:80], kind, to, chute, seal=seal)
    try:
        done = units.perform(wanted, by_of(actor, ""), now)
    except Fault as fault:
        return _bags(request, facility, actor, unit, fault, (), 422)
    return _bags(request, facility, actor, done["unit"], None, done)


def _bags(
    request: Request,
    facility: str,
    actor: Actor,
    unit: str,
    fault: Fault | None,
    done: object,
    status: int = 200,
) -> Response:
    _ = translate(request)
    known = context_of(request).network.feed.facility
    with acting(actor) as connection:
        rows = [
            (
                row,
                units.state(units_store.acts(connection, row.unit)),
                len(units_store.contents(connection, row.unit)),
            )
            for row in units_store.of_facility(connection, facility[:80], 100)
        ]
        one = (
            units_store.unit(connection, units.plain(unit)) or units_store.unit(connection, unit)
            if unit
            else None
        )
        inside = units_store.contents(connection, one.unit) if one is not None else []
        within = units.whereabouts(connection, one.unit) if one is not None else []
    here = known.get(facility)
    return page(
        request,
        "bags.html",
        status,
        facility=facility,
        rows=rows,
        one=one,
        inside=inside,
        within=within,
        fault=fault,
        done=done or None,
        unit=unit,
        key=new_id("act"),
        zone=here.timezone if here else "UTC",
        may_work=actor.may("sorting:work"),
        acts=acts(_),
        kinds=kinds(_),
    )
