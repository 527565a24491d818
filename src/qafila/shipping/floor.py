"""What shipping declares to the house."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection

from qafila.context import Context
from qafila.core.message import template
from qafila.openness.kinds import CHECKS, Difference, Values, kind
from qafila.openness.model import Entry
from qafila.openness.portability.portability_leaving import FOLDERS
from qafila.openness.privacy.privacy_places import FILES
from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.floor import Floor, Scope
from qafila.runtime.jobs.jobs_types import Job, Running
from qafila.shipping.handing_event import HANDED_ON, PARTNER_ENDS, PARTNER_TOLD
from qafila.shipping.outcomes import OUTCOMES
from qafila.shipping.pickups.pickups_event_types import BOOKED as PICKUP_BOOKED
from qafila.shipping.pickups.pickups_event_types import CANCELLED as PICKUP_CANCELLED
from qafila.shipping.remembered import remembered_messages as saved
from qafila.shipping.shipping_tiles import TILES

_SENDERS = frozenset({TenantKind.HUB, TenantKind.MERCHANT})
_READERS = _SENDERS | {TenantKind.REGULATOR}


def _ship_file(running: Running) -> Any:
    from qafila.shipping.files import uploads  # typesetting and the engines are loaded by who works

    return uploads.ship(running)


SHIP_FILE = Job(name="shipping.ship_file", run=_ship_file, heavy=True)
"""Books the orders of an uploaded file."""


def _plan(running: Running) -> Any:
    from qafila.shipping.plans import plan_maker  # engines, for who plans

    return plan_maker.make(running)


PLAN = Job(name="shipping.plan", run=_plan, heavy=True)
"""Makes a plan of the network; it uses every core by itself."""


def _papers(connection: Connection, context: Context) -> Iterator[tuple[str, bytes]]:
    from qafila.shipping import shipping_leaving  # typesetting is loaded by who leaves

    return shipping_leaving.papers_of_all(connection, context)


FOLDERS["papers"] = _papers


def _ask_partners(running: Running) -> Any:
    from qafila.shipping import partner_status

    return partner_status.ask_all(running.context)


PARTNERS = Job(name="shipping.partner_statuses", run=_ask_partners, every="* * * * *")
"""Asks other networks what became of the parcels that they took over."""

FLOOR = Floor(
    name="shipping",
    tiles=TILES,
    jobs=(SHIP_FILE, PLAN, PARTNERS),
    projections=(OUTCOMES,),
    event_types=(PICKUP_BOOKED, PICKUP_CANCELLED, HANDED_ON, PARTNER_TOLD, *PARTNER_ENDS.values()),
    scopes=(
        Scope(
            "offers:read",
            template("shipping.scope.offers_read", "ask for offers and read them"),
            _SENDERS,
            ("clerk", "dispatcher"),
        ),
        Scope("saved:read", saved.SCOPE_READ, _SENDERS, ("clerk", "dispatcher")),
        Scope("saved:write", saved.SCOPE_WRITE, _SENDERS, ("clerk", "dispatcher")),
        Scope(
            "bookings:read",
            template("shipping.scope.bookings_read", "read bookings, shipments and parcels"),
            _READERS,
            ("clerk", "dispatcher", "picker", "broker", "compliance", "regulator"),
        ),
        Scope(
            "bookings:write",
            template(
                "shipping.scope.bookings_write",
                "book offers, cancel bookings, book on parcels that missed a connection",
            ),
            _SENDERS,
            ("clerk", "dispatcher"),
        ),
    ),
)


def _again(here: Context, values: Values, without_identity: bool) -> Any:
    from qafila.shipping import retaking  # the engine is loaded for an audit only

    return retaking.again(here, values, without_identity)


def _looks(here: Context, decisions: Sequence[tuple[Entry, Values]]) -> list[Difference]:
    from qafila.shipping import retaking

    return retaking.looks(here, decisions)


CHECKS.append(_looks)


def _files(merchant: str, texts: Sequence[str], delete: bool) -> int:
    from qafila.shipping.files import uploads  # typesetting and the engines are loaded by who works

    return uploads.with_any(merchant, [one.strip('"') for one in texts], delete)


FILES.append(_files)


DECISIONS = (
    kind("shipping.offers", template("shipping.decision.offers", "Offers for an order"), _again),
    kind("shipping.refusal", template("shipping.decision.refusal", "No offer for an order"), _again),
    kind("shipping.booking", template("shipping.decision.booking", "A booking"), _again),
    kind(
        "shipping.reservations",
        template("shipping.decision.reservations", "Room that a plan holds for classes of service"),
    ),
    kind(
        "shipping.handover", template("shipping.decision.handover", "A parcel handed over between networks")
    ),
    kind(
        "shipping.not_booked", template("shipping.decision.not_booked", "An offer that could not be booked")
    ),
    kind("shipping.cancellation", template("shipping.decision.cancellation", "A cancellation")),
    kind("shipping.outcome", template("shipping.decision.outcome", "What became of a parcel")),
    kind(
        "shipping.rebooking",
        template("shipping.decision.rebooking", "A parcel booked on after a missed connection"),
    ),
)
