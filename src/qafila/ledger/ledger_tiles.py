"""What the ledger puts on the first screens: money that waits for somebody's decision, and what a merchant has with the hub."""

from __future__ import annotations

from datetime import UTC

from sqlalchemy import text

from qafila.context import Context
from qafila.core.message import Message, template
from qafila.core.money import Money
from qafila.ledger import overview
from qafila.network.naming import place_at
from qafila.runtime.accounts.accounts_acting import acting
from qafila.runtime.accounts.model import Actor
from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.first_screen import LINES, Line, Tile, Waiting

CLAIMS = template("first.claims", "Claims to decide")
CLAIM_LINE = template("first.claims.line", "{parcel}: {amount} asked")
CLAIMS_NONE = template("first.claims.none", "No claim waits for a decision.")
BAGS = template("first.cash_bags", "Drivers' bags to count")
BAG_LINE = template("first.cash_bags.line", "{driver} at {place}, {currency}")
BAGS_NONE = template("first.cash_bags.none", "No bag waits to be counted.")
STANDING = template("first.standing", "Between you and the hub")
OWED_LINE = template("first.standing.owed", "{amount} collected for you and not remitted yet")
PAY_LINE = template("first.standing.pay", "{amount} of invoices to pay")
WALLET_LINE = template("first.standing.wallet", "{amount} prepaid")
NOTHING_OPEN = template("first.standing.none", "Nothing is owed on either side.")


def claims(actor: Actor, here: Context) -> Waiting:
    """Open claims, the oldest first."""
    with acting(actor) as connection:
        rows = connection.execute(
            text(
                "SELECT claim, parcel, asked, currency, filed_at, count(*) OVER () AS in_all FROM claims "
                "WHERE state = 'open' ORDER BY filed_at, claim LIMIT :most"
            ),
            {"most": LINES},
        ).all()
    lines = tuple(
        Line(
            what=CLAIM_LINE(parcel=r.parcel, amount=Money(r.asked, r.currency.strip())),
            link="/money#claims",
            by=r.filed_at.astimezone(UTC),
            state="attention",
        )
        for r in rows
    )
    return Waiting(count=rows[0].in_all if rows else 0, lines=lines, link="/money", nothing=CLAIMS_NONE())


def bags(actor: Actor, here: Context) -> Waiting | None:
    """Bags that a driver has counted and a station has not, or that are to be counted again; None where no bag ever was."""
    with acting(actor) as connection:
        if connection.execute(text("SELECT 1 FROM cash_bags LIMIT 1")).scalar_one_or_none() is None:
            return None
        rows = connection.execute(
            text(
                "SELECT bag, driver_name, station, currency, state, count(*) OVER () AS in_all FROM cash_bags "
                "WHERE state IN ('declared', 'recount') ORDER BY state DESC, opened_at, bag LIMIT :most"
            ),
            {"most": LINES},
        ).all()
    known = here.network.feed.facility
    lines = tuple(
        Line(
            what=BAG_LINE(
                driver=r.driver_name,
                currency=r.currency,
                place=place_at(r.station, known),
            ),
            link=f"/money/cash/{r.bag}",
            state="stop" if r.state == "recount" else "attention",
        )
        for r in rows
    )
    return Waiting(count=rows[0].in_all if rows else 0, lines=lines, link="/money/cash", nothing=BAGS_NONE())


def standing(actor: Actor, here: Context) -> Waiting | None:
    """What a merchant is owed, has to pay and has prepaid, by currency; None before the first entry."""
    with acting(actor) as connection:
        found = overview.standing(connection, actor.tenant)
    if not found:
        return None
    said: list[tuple[Message, str]] = []
    for s in found:
        said += [(PAY_LINE(amount=s.to_pay), "attention")] if s.to_pay.amount > 0 else []
        said += [(OWED_LINE(amount=s.owed), "quiet")] if s.owed.amount > 0 else []
        said += [(WALLET_LINE(amount=s.wallet), "quiet")] if s.wallet.amount > 0 else []
    lines = tuple(Line(what=what, link="/money", state=state) for what, state in said[:LINES])
    return Waiting(count=len(said), lines=lines, link="/money", nothing=NOTHING_OPEN())


_HUB, _MERCHANT = frozenset({TenantKind.HUB}), frozenset({TenantKind.MERCHANT})
_STATIONS = frozenset({TenantKind.HUB, TenantKind.STATION, TenantKind.CARRIER})

TILES = (
    Tile(
        name="ledger.claims",
        title=CLAIMS,
        scope="ledger:manage",
        roles=("accountant",),
        look=claims,
        kinds=_HUB,
    ),
    Tile(
        name="ledger.bags", title=BAGS, scope="ledger:cash", roles=("dispatcher",), look=bags, kinds=_STATIONS
    ),
    Tile(
        name="ledger.standing",
        title=STANDING,
        scope="ledger:read",
        roles=("accountant", "clerk"),
        look=standing,
        kinds=_MERCHANT,
    ),
)
