"""The sums at the end, by SQL alone."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

from sqlalchemy import Connection, text

from qafila.runtime.database import administrator
from tests.ledger.kills.running import Told


def entries_before() -> int:
    """The last entry that there is."""
    with administrator() as connection:
        return int(
            connection.execute(text("SELECT coalesce(max(entry), 0) FROM ledger_entries")).scalar_one()
        )


def wrong(told: Told, before: int) -> list[str]:
    """What does not add up; empty where everything does."""
    with administrator("everything is looked at") as connection:
        return [*_always(connection), *_once(connection, told, before), *_places(connection, told, before)]


def _always(connection: Connection) -> list[str]:
    asked = {
        "entries that do not balance": "SELECT entry, currency, sum(amount) FROM ledger_lines GROUP BY 1, 2 HAVING sum(amount) <> 0",
        "currencies that do not balance": "SELECT currency, sum(amount) FROM ledger_lines GROUP BY 1 HAVING sum(amount) <> 0",
        "entries without lines": "SELECT entry FROM ledger_entries e WHERE NOT EXISTS (SELECT 1 FROM ledger_lines l WHERE l.entry = e.entry)",
        "balances that are no sums": "SELECT account FROM ledger_balances b WHERE balance <> "
        "(SELECT sum(amount) FROM ledger_lines l WHERE l.account = b.account)",
        "collections without their entry": "SELECT collection FROM cash_collections WHERE outcome <> 'refused' AND entry IS NULL",
        "acts without an answer": "SELECT key FROM storage_acts WHERE answer IS NULL",
    }  # fmt: skip
    return [
        f"{what}: {[tuple(r) for r in rows[:5]]}"
        for what, query in asked.items()
        if (rows := connection.execute(text(query)).all())
    ]


def _once(connection: Connection, told: Told, before: int) -> list[str]:
    """Every act booked one entry, and there are no others."""
    found = Counter(
        {
            r.kind: r.n
            for r in connection.execute(
                text("SELECT kind, count(*) AS n FROM ledger_entries WHERE entry > :b GROUP BY kind"),
                {"b": before},
            )
        }
    )
    runs = 3  # one merchant's first remittance comes back
    expected = told.story.entries + Counter(
        cash_collected=len(told.refunds),  # what the buyers had paid at their doors
        clients_account=len([x for x in told.filled_up.values() if x]),
        remitted=runs,
        remittance_paid=2,
        remittance_returned=1,
        refund_decided=len(told.refunds),
        refund_paid=len(told.refunds),
    )
    return [
        f"{kind}: {found[kind]} entries, {expected[kind]} acts"
        for kind in sorted(found.keys() | expected.keys())
        if found[kind] != expected[kind]
    ]


def _places(connection: Connection, told: Told, before: int) -> list[str]:
    """Where every dirham lies, against the story."""
    story = told.story
    rows = connection.execute(
        text(
            "SELECT a.owner_kind, a.owner, a.purpose, a.currency, sum(l.amount) AS amount FROM ledger_lines l "
            "JOIN ledger_accounts a USING (account) WHERE l.entry > :b GROUP BY 1, 2, 3, 4"
        ),
        {"b": before},
    ).all()
    on = {(r.owner_kind, r.owner, r.purpose, r.currency): r.amount for r in rows}

    def of(purpose: str, currency: str = "MAD", owner: str | None = None) -> Decimal:
        return sum(
            (v for (_, o, p, c), v in on.items() if p == purpose and c == currency and owner in (None, o)),
            Decimal(0),
        )

    remitted = connection.execute(
        text(
            "SELECT tenant_id, sum(net) AS net, sum(fee + tax) AS earned FROM remittances WHERE tenant_id = ANY(:m) "
            "AND state = 'paid' GROUP BY 1"
        ),
        {"m": told.merchants},
    ).all()
    nets = {r.tenant_id: r.net for r in remitted}
    sent_back = connection.execute(
        text(
            "SELECT coalesce(sum(fee + tax), 0) FROM remittances WHERE tenant_id = ANY(:m) AND state = 'returned'"
        ),
        {"m": told.merchants},
    ).scalar_one()
    earned = sum((r.earned for r in remitted), Decimal(0)) + sent_back
    drivers = story.drivers
    refunded = sum(told.refunds.values(), Decimal(0))
    wallets = sum((a - b for a, b in story.wallets.values()), Decimal(0))
    claims = sum(story.claims.values(), Decimal(0))
    banked = sum((d.sent - d.bank_keeps for d in drivers if d.sent > 0), Decimal(0))
    paid = sum(nets.values(), Decimal(0))
    expected = {
        "in bags": (of("bag"), Decimal(0)),
        "in safes": (of("safe"), Decimal(0)),
        "on its way": (of("transit"), Decimal(0)),
        "suspect": (of("suspect"), sum((d.suspect for d in drivers), Decimal(0))),
        "surplus": (-of("surplus"), sum((max(d.off, Decimal(0)) for d in drivers), Decimal(0))),
        "owed for missing cash": (of("short"), _short(told)),
        "prepaid": (-of("wallet"), wallets),
        "claims": (of("claims"), claims),
        "being remitted": (of("remitting"), Decimal(0)),
        "owed to merchants": (sum((of("owed", owner=m) for m in told.merchants), Decimal(0)), Decimal(0)),
        "the clients' account": (of("clients"), banked + told.filled_up["MAD"] + claims + wallets - paid - earned),
        "refunds to come": (of("refunding", "EUR"), Decimal(0)),
        "euros of clients": (of("clients", "EUR"), told.filled_up["EUR"] - refunded),
        "euros owed": (of("owed", "EUR"), refunded - 60 * len(told.refunds)),
    }  # fmt: skip
    found = [
        f"{what}: {is_} is there, {should} should be"
        for what, (is_, should) in expected.items()
        if is_ != should
    ]
    for merchant in told.merchants:
        whole = (
            nets.get(merchant, Decimal(0))
            + connection.execute(
                text(
                    "SELECT coalesce(sum(fee + tax), 0) FROM remittances WHERE tenant_id = :m AND state IN ('paid', 'returned')"
                ),
                {"m": merchant},
            ).scalar_one()
        )
        if whole != story.owed(merchant):
            found.append(f"{merchant} got {whole}, fees included, of {story.owed(merchant)}")
    return found


def _short(told: Told) -> Decimal:
    """What drivers and whoever brings cash to the bank have to make good."""
    doors = (d for driver in told.story.drivers for d in driver.doors)
    return (
        sum((d.less for d in doors if d.how == "short"), Decimal(0))
        + sum((max(-d.off, Decimal(0)) for d in told.story.drivers), Decimal(0))
        + sum((d.bank_keeps for d in told.story.drivers if d.sent > 0), Decimal(0))
    )
