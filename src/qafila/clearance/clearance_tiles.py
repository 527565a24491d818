"""What clearance puts on the first screens: declarations that wait for somebody, and hits that only a person decides."""

from __future__ import annotations

from qafila.clearance import screening, store
from qafila.clearance.desk import todos
from qafila.clearance.lifecycle import State
from qafila.context import Context
from qafila.core.message import Term, template
from qafila.runtime.accounts.accounts_acting import acting
from qafila.runtime.accounts.model import Actor
from qafila.runtime.first_screen import LINES, Line, Parts, Tile, Waiting

DESK = template("first.desk", "Declarations that wait for you")
DESK_LINE = template("first.desk.line", "{parcel}: {state}")
DESK_NONE = template(
    "first.desk.none", "Nothing waits. Open the declarations of new parcels at the customs desk."
)
STATES = template("first.desk.states", "Declarations by state")
STATES_OF = template("first.desk.states.of", "{n} declarations", one="{n} declaration")
STATE_WORD = template("first.desk.state", "{state}")
HITS = template("first.hits", "Parties that may be on a list")
HIT_LINE = template("first.hits.line", "{name} ≈ {listed}")
HITS_NONE = template("first.hits.none", "No party waits for your decision.")

WAITING = (State.DRAFT, State.ORANGE, State.RED, State.HELD, State.INFORMATION_REQUESTED, State.DO_NOT_LOAD)
_LOOKS = {State.RELEASED: "done", State.REFUSED: "stop", State.DO_NOT_LOAD: "stop", State.DRAFT: "quiet"}


def desk(actor: Actor, here: Context) -> Waiting:
    """The declarations that waited longest, each with the first thing that it lacks."""
    with acting(actor) as connection:
        counts = store.counts(connection)
        found = store.in_states(connection, WAITING, LINES)
        lacks = [next((t.remedy for t in todos(connection, filed)), None) for filed in found]
    lines = tuple(
        Line(
            what=DESK_LINE(parcel=filed.declaration.parcel, state=Term("declaration", filed.state.value)),
            link=f"/desk/{filed.declaration.id}",
            by=filed.changed_at,
            state="attention" if lack else "quiet",
            why=lack,
        )
        for filed, lack in zip(found, lacks, strict=True)
    )
    return Waiting(
        count=sum(counts.get(s, 0) for s in WAITING), lines=lines, link="/desk", nothing=DESK_NONE()
    )


def states(actor: Actor, here: Context) -> Parts | None:
    """How many declarations are in each state."""
    with acting(actor) as connection:
        counts = store.counts(connection)
    if not counts:
        return None
    parts = tuple(
        (STATE_WORD(state=Term("declaration", s.value)), n, _LOOKS.get(s, "attention"))
        for s, n in counts.items()
    )
    return Parts(parts=parts, of=STATES_OF(n=sum(counts.values())))


def hits(actor: Actor, here: Context) -> Waiting:
    """Open hits, the strongest first."""
    with acting(actor) as connection:
        found = screening.hits(connection, open_only=True, limit=100)
    lines = tuple(
        Line(
            what=HIT_LINE(name=h.party_name, listed=h.listed_name),
            link=f"/desk/{h.declaration_id}#hits",
            by=h.found_at,
            state="stop",
        )
        for h in found[:LINES]
    )
    return Waiting(count=len(found), lines=lines, link="/desk", nothing=HITS_NONE())


TILES = (
    Tile(name="clearance.desk", title=DESK, scope="customs:write", roles=("broker",), look=desk),
    Tile(name="clearance.hits", title=HITS, scope="screening:decide", roles=("compliance",), look=hits),
    Tile(
        name="clearance.states",
        title=STATES,
        scope="customs:read",
        roles=("broker", "compliance", "regulator"),
        look=states,
    ),
)
