"""/desk: the broker's desk. What waits, why, what is missing, and one click to the fix."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from qafila.clearance import bonded, desk, mapping, screening, store
from qafila.clearance.authority import Sandbox
from qafila.clearance.lifecycle import AMENDABLE, State, StepRefused, successors
from qafila.clearance.store import Filed
from qafila.database import administrator, merchant_transaction
from qafila.shipping.declaring import open_missing
from qafila.web.pages import link, page
from qafila.web.session import merchant_of

router = APIRouter(include_in_schema=False)
_SHOWN = 60
_CAN_ADVANCE = frozenset(
    {State.DRAFT, State.INFORMATION_REQUESTED, State.ASSESSED, State.ACCEPTED, State.GREEN, State.ORANGE, State.RED,
     State.HELD, State.INSPECTED}
)  # fmt: skip


@router.get("/desk")
def waiting(request: Request) -> Response:
    """The queue: what waits for somebody, the longest wait first."""
    merchant = merchant_of(request)
    with merchant_transaction(merchant) as connection:
        counts = store.counts(connection)
        wanted = request.query_params.get("state", "")
        states = [State(wanted)] if wanted in set(State) else [*desk.WAITING, State.DRAFT]
        filed = store.in_states(connection, states, _SHOWN)
        rows = [(one, desk.todos(connection, one)) for one in filed]
        hits = screening.hits(connection, open_only=True, limit=_SHOWN)
        stock = bonded.stock(connection)
    return page(
        request, "desk.html", counts=counts, rows=rows, hits=hits, stock=stock, wanted=wanted, states=list(State),
        opened=request.query_params.get("opened", ""),
    )  # fmt: skip


@router.post("/desk/open")
def open_declarations(request: Request) -> Response:
    """Opens the declarations of every booked parcel that has none."""
    merchant = merchant_of(request)
    with administrator() as connection:
        opened = open_missing(connection, merchant, datetime.now(UTC), f"merchant {merchant}")
    return RedirectResponse(link(request, f"/desk?opened={opened}"), 303)


@router.get("/desk/{id}")
def declaration(request: Request, id: str) -> Response:
    """One declaration: what is missing, each with its field to mend, and its history."""
    return _declaration(request, id)


def _declaration(
    request: Request, id: str, problem: str = "", status: int = 200, typed: dict[str, str] | None = None
) -> Response:
    filed = _mine(request, id)
    with merchant_transaction(filed.merchant_id) as connection:
        todos = desk.todos(connection, filed)
        steps = store.steps(connection, id)
        others = store.of_parcel(connection, filed.declaration.parcel)
        hits = screening.hits(connection, id)
        papers = store.papers(connection, id)
    return page(
        request, "declaration.html", status, filed=filed, form=filed.declaration, todos=todos, steps=steps,
        others=others, hits=hits, papers=papers, problem=problem, typed=typed or {}, rows=_rows(filed),
        can_amend=filed.state in AMENDABLE, can_advance=filed.state in _CAN_ADVANCE,
        can_withdraw=State.WITHDRAWN in successors(filed.state),
    )  # fmt: skip


def _rows(filed: Filed) -> list[tuple[str, str, str]]:
    """(our field, the form's element, value) of everything that is filled in."""
    flat = []
    for row in mapping.rows(filed.declaration.dataset):
        for path, value, _ in mapping.values(filed.declaration, row.field):
            if mapping.filled(value):
                flat.append((path, row.element, mapping.text(value)))
    return flat


@router.post("/desk/{id}/amend")
async def amend(request: Request, id: str) -> Response:
    """Mends the fields that the form holds; empty ones are left as they are."""
    form = {k: str(v).strip() for k, v in (await request.form()).items()}
    changes = {k: v for k, v in form.items() if v}

    def change(connection: Any, merchant: str, now: datetime) -> None:
        desk.amend(connection, id, changes, f"merchant {merchant}", now)

    return await run_in_threadpool(_act, request, id, change, form)


@router.post("/desk/{id}/advance")
def advance(request: Request, id: str) -> Response:
    """Sends it on its way."""
    return _act(request, id, lambda c, m, now: desk.advance(c, id, Sandbox(), f"merchant {m}", now))


@router.post("/desk/{id}/paper")
async def paper(request: Request, id: str) -> Response:
    """Attaches the paper that a restriction asks for."""
    form = {k: str(v).strip() for k, v in (await request.form()).items()}

    def attach(connection: Any, merchant: str, now: datetime) -> None:
        if not form.get("number"):
            raise ValueError("Write the paper's number.")
        desk.attach(
            connection,
            id,
            store.Paper(form.get("restriction", ""), form["number"], None),
            f"merchant {merchant}",
        )

    return await run_in_threadpool(_act, request, id, attach, form)


@router.post("/desk/{id}/withdraw")
def withdraw(request: Request, id: str) -> Response:
    """Takes it back."""
    return _act(
        request, id, lambda c, m, now: desk.withdraw(c, id, f"merchant {m}", now, "withdrawn at the desk")
    )


@router.post("/desk/{id}/decide")
async def decide(request: Request, id: str) -> Response:
    """Clears or confirms a party that may be on a list."""
    form = {k: str(v).strip() for k, v in (await request.form()).items()}

    def verdict(connection: Any, merchant: str, now: datetime) -> None:
        if form.get("hit", "") not in {hit.id for hit in screening.hits(connection, id)}:
            raise ValueError("This hit is not of this declaration.")
        screening.decide(
            connection, form["hit"], form.get("verdict", ""), form.get("by", ""), form.get("why", ""), now
        )

    return await run_in_threadpool(_act, request, id, verdict, form)


def _act(
    request: Request,
    id: str,
    act: Callable[[Any, str, datetime], object],
    typed: dict[str, str] | None = None,
) -> Response:
    """Does one thing to a declaration that is the merchant's own; what is refused is said on its page."""
    filed = _mine(request, id)
    try:
        with administrator() as connection:
            act(connection, filed.merchant_id, datetime.now(UTC))
    except (StepRefused, ValueError, LookupError) as refused:
        return _declaration(request, id, str(refused), 422, typed)
    return RedirectResponse(link(request, f"/desk/{id}"), 303)


def _mine(request: Request, id: str) -> Filed:
    merchant = merchant_of(request)
    try:
        with merchant_transaction(merchant) as connection:
            return store.get(connection, id)
    except store.UnknownDeclaration as error:
        raise HTTPException(404) from error
