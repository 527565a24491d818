"""Remittance runs: what was collected reaches the merchant whole, less what the terms say, once."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text

from qafila.core.fault import Conflict, Fault, NotFound
from qafila.core.message_json import from_json
from qafila.ledger import parties, posting, store, wallet
from qafila.ledger.cash import cash_bags, cash_banking
from qafila.ledger.cash.model import Till
from qafila.ledger.invoices import issuing
from qafila.ledger.law import licences
from qafila.ledger.law.law_rules import Licence
from qafila.ledger.ledger_papers import statement_csv, statement_pdf, statement_record
from qafila.ledger.model import Draft, NotThere, Purpose, credit, debit, hub, merchant
from qafila.ledger.parties import Party
from qafila.ledger.remitting import remitting_running
from qafila.ledger.remitting import store as rows
from qafila.ledger.remitting.store import Remittance
from qafila.runtime.database import Role, acting_as, administrator
from qafila.runtime.language import LANGUAGES
from tests.ledger.tills import AT, RATES, act, collect, count, door, driver, handed_over, mad, parcel, shop

UNTIL = AT + timedelta(hours=8)
HUB = Party("Qafila Hub SA", "MA", city="Casablanca", ice="001561191000066")
SOUK = Party("Souk SARL", "MA", city="Rabat", iban="007780000112345678901248")


@pytest.fixture(autouse=True)
def _ready() -> None:
    with administrator() as connection:
        licences.state(
            connection, Licence("MA", "payment_institution", "BAM", "EP-7", date(2026, 1, 1)), "test"
        )
        connection.execute(text("UPDATE ledger_licences SET valid_to = NULL"))
        parties.put(connection, parties.HUB, HUB, "test")


def collected(souk: str, *sums: int, banked: bool = True, party: Party | None = SOUK) -> None:
    """Parcels of a merchant are paid for, the bag is counted, and the cash banked."""
    if party is not None:
        with administrator() as connection:
            parties.put(connection, souk, party, "test")
    who = driver()
    sacks = {collect(door(parcel(souk, mad(n)), who)).bag for n in sums}
    (bag,) = sacks
    assert bag is not None
    handed_over(bag, count(("1", sum(sums))))
    if banked:
        sent = posting.transact(
            lambda c: cash_banking.send(c, act(), Till("CAS-DS", "local"), mad(sum(sums)), "S")
        )
        posting.transact(lambda c: cash_banking.credited(c, act(), sent.id, mad(sum(sums)), "BK"))


def run(souk: str, until: object = UNTIL) -> list[Remittance]:
    return posting.transact(lambda c: remitting_running.run(c, UNTIL, until, RATES, souk))  # type: ignore[arg-type]


def owed(souk: str) -> Decimal:
    with administrator() as connection:
        return -store.balance(connection, merchant(souk, Purpose.OWED, "MAD"))


def clients() -> Decimal:
    with administrator() as connection:
        return store.balance(connection, hub(Purpose.CLIENTS, "MAD"))


def test_what_was_collected_is_remitted_less_fee_and_its_tax() -> None:
    souk, before = shop(), clients()
    collected(souk, 1000, 100)
    (draft,) = run(souk)
    # 1.5 % of 1,000, at least 5 dirhams: 15 and 5, and 20 % VAT on these
    assert (draft.collected, draft.fee, draft.tax, draft.net) == (1100, 20, 4, 1076)
    assert run(souk) == []  # one draft at a time
    assert owed(souk) == 1100  # a draft books nothing
    by = act()
    for _ in range(2):
        assert posting.transact(lambda c: remitting_running.send(c, by, draft.id)).state == "sent"
    assert (owed(souk), clients() - before) == (0, 1076)
    for _ in range(2):
        assert posting.transact(lambda c: remitting_running.paid(c, by, draft.id, "VIR 1")).state == "paid"
    assert clients() == before
    assert run(souk) == []
    with pytest.raises(Conflict):
        posting.transact(lambda c: remitting_running.returned(c, by, draft.id, "VIR 1"))
    with acting_as(Role.MERCHANT, souk) as connection:
        assert [r.net for r in rows.listed(connection)] == [1076]
    with acting_as(Role.MERCHANT, shop()) as connection:
        assert rows.listed(connection) == []
    with administrator() as connection:
        assert posting.audit(connection) == []


def test_what_lies_in_a_bag_still_or_came_later_waits_for_the_next_run() -> None:
    souk = shop()
    collected(souk, 500)
    collect(door(parcel(souk, mad(300)), driver()))  # in a bag
    who = driver()
    later = collect(door(parcel(souk, mad(200)), who), act(at=UNTIL + timedelta(hours=1)))
    assert later.bag is not None
    handed_over(later.bag, count(("200", 1)))
    (draft,) = posting.transact(
        lambda c: remitting_running.run(c, UNTIL + timedelta(days=1), UNTIL, RATES, souk)
    )
    assert (draft.collected, draft.brought) == (500, 0)
    posting.transact(lambda c: remitting_running.give_up(c, draft.id, UNTIL))
    posting.transact(lambda c: remitting_running.give_up(c, draft.id, UNTIL))
    (again,) = posting.transact(
        lambda c: remitting_running.run(c, UNTIL + timedelta(days=1), UNTIL + timedelta(days=1), RATES, souk)
    )
    assert (again.collected, again.brought) == (700, 0)
    with pytest.raises(Conflict):
        posting.transact(lambda c: remitting_running.send(c, act(), draft.id))


def test_nothing_is_sent_before_the_cash_is_banked_or_without_an_account() -> None:
    souk = shop()
    emptied = clients()
    if emptied:  # other tests have left their merchants' money there
        move = Draft(
            key=f"empty:{souk}",
            kind="test",
            at=AT,
            by=act().by,
            lines=(
                debit(hub(Purpose.BANK, "MAD"), mad(emptied)),
                credit(hub(Purpose.CLIENTS, "MAD"), mad(emptied)),
            ),
        )
        posting.transact(lambda c: posting.post(c, move))
    collected(souk, 3000, banked=False, party=None)
    (draft,) = run(souk)
    with pytest.raises(Fault, match="bank account"):
        posting.transact(lambda c: remitting_running.send(c, act(), draft.id))
    with administrator() as connection:
        parties.put(connection, souk, SOUK, "test")
    with pytest.raises(NotThere):
        posting.transact(lambda c: remitting_running.send(c, act(), draft.id))
    assert (owed(souk), clients()) == (3000, 0)


def test_what_the_bank_sends_back_is_in_the_next_run() -> None:
    souk = shop()
    collected(souk, 1000)
    (draft,) = run(souk)
    posting.transact(lambda c: remitting_running.send(c, act(), draft.id))
    posting.transact(lambda c: remitting_running.returned(c, act(), draft.id, "no such account"))
    assert owed(souk) == draft.net
    (again,) = run(souk)
    assert (again.collected, again.brought, again.fee, again.net) == (0, draft.net, 0, draft.net)


def test_open_invoices_are_taken_off_where_the_merchant_agreed() -> None:
    souk = shop()
    collected(souk, 400, party=replace(SOUK, set_off=True))
    number = parcel(souk, None)
    posting.transact(lambda c: issuing.advance(c, act(), souk, number, "MA", mad("90.10"), "D 1"))
    bills = posting.transact(lambda c: issuing.issue(c, act(), souk, AT, AT + timedelta(days=1), "MAD"))
    (draft,) = run(souk)
    assert (draft.set_off, draft.net) == (Decimal("90.10"), 400 - 6 - Decimal("1.2") - Decimal("90.10"))
    posting.transact(lambda c: remitting_running.send(c, act(), draft.id))
    with administrator() as connection:
        assert store.balance(connection, merchant(souk, Purpose.RECEIVABLE, "MAD")) == 0
    assert owed(souk) == 0
    assert bills[0].gross == mad("90.10")


def test_a_draft_that_nothing_stands_behind_any_more_is_not_sent() -> None:
    souk = shop()
    collected(souk, 800)
    (draft,) = run(souk)
    posting.transact(
        lambda c: posting.post(
            c,
            Draft(
                key=f"fix:{souk}",
                kind="fix",
                at=AT,
                by=act().by,
                lines=(
                    debit(merchant(souk, Purpose.OWED, "MAD"), mad(1)),
                    credit(hub(Purpose.LOSSES, "MAD"), mad(1)),
                ),
            ),
        )
    )
    with pytest.raises(Conflict):
        posting.transact(lambda c: remitting_running.send(c, act(), draft.id))
    with pytest.raises(NotFound):
        posting.transact(lambda c: remitting_running.send(c, act(), "rem_none"))


def test_the_statement_adds_up_on_paper_and_as_csv() -> None:
    import pypdfium2

    souk = shop()
    collected(souk, 250, 750)
    (draft,) = run(souk)
    written = list(csv.DictReader(io.StringIO(statement_csv(draft))))
    assert sum(Decimal(r["collected"]) for r in written if r["parcel"]) == 1000
    assert {r["order"]: r["parcel"] for r in written}["net"] == ""
    for code in ("en", "fr", "ar", "zh"):
        pdf = pypdfium2.PdfDocument(statement_pdf(draft, HUB, LANGUAGES[code]))
        words = "".join(page.get_textpage().get_text_bounded() for page in pdf)
        for item in draft.document["items"]:
            assert item["parcel"][2:-2] in words  # Arabic pages are read with letters and digits apart
        assert "EP" in words  # by whose licence money passes through the hub


def test_what_the_hub_owes_of_its_own_is_not_paid_with_other_merchants_money() -> None:
    """A bag is stolen: its merchant is paid only once the hub has filled the clients' account up."""
    souk, other = shop(), shop()
    collected(souk, 600, banked=False)
    who = driver()
    lost = collect(door(parcel(other, mad(900)), who)).bag
    assert lost is not None
    posting.transact(lambda c: cash_bags.stolen(c, act(), lost, None, "PV 1"))
    with administrator() as connection:
        parties.put(connection, other, SOUK, "test")
    empty()
    (draft,) = run(other)
    with pytest.raises(NotThere):
        posting.transact(lambda c: remitting_running.send(c, act(), draft.id))
    by = act()
    for _ in range(2):
        posting.transact(lambda c: wallet.fill_up(c, by, mad(900), "PV 1"))
    posting.transact(lambda c: remitting_running.send(c, act(), draft.id))
    posting.transact(lambda c: remitting_running.paid(c, act(), draft.id, "VIR"))
    assert (owed(other), clients()) == (0, 0)
    with pytest.raises(Conflict):
        posting.transact(lambda c: wallet.take_out(c, act(), mad(1_000_000), "greed"))
    with pytest.raises(Fault):
        posting.transact(lambda c: wallet.fill_up(c, act(), mad(1), " "))


def empty() -> None:
    """Takes what other tests have left on the clients' account out of it."""
    left = clients()
    if left:
        move = Draft(
            key=f"empty:{shop()}",
            kind="test",
            at=AT,
            by=act().by,
            lines=(
                debit(hub(Purpose.BANK, "MAD"), mad(left)),
                credit(hub(Purpose.CLIENTS, "MAD"), mad(left)),
            ),
        )
        posting.transact(lambda c: posting.post(c, move))


def test_a_statement_to_a_merchant_abroad_says_what_exchange_control_asks() -> None:
    souk, china = shop(), shop()
    collected(souk, 100)
    collected(china, 100, party=Party("Yiwu Co.", "CN", iban="FR7630006000011234567890189"))
    (home,), (abroad,) = run(souk), run(china)
    assert home.document["abroad"] is None
    assert "authorised bank" in str(from_json(abroad.document["abroad"]))
    assert len(statement_record(abroad, HUB, LANGUAGES["ar"])["notes"]) == 2
