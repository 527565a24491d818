"""The ledger: whatever is booked, in whichever order and however often, its sum is zero."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError

from qafila.core.fault import Conflict, Fault, NotFound
from qafila.core.identifiers.own import new_id
from qafila.core.money import Money
from qafila.ledger import posting, store
from qafila.ledger.model import (
    Account,
    By,
    Draft,
    Line,
    NotThere,
    OwnerKind,
    Purpose,
    Unbalanced,
    checked,
    credit,
    debit,
    hub,
    merchant,
)
from qafila.runtime.answered.keys import KeyReused
from qafila.runtime.database import Role, acting_as, administrator

AT = datetime(2026, 5, 4, 9, tzinfo=UTC)
BY = By("local", "test")


def mad(amount: str | int) -> Money:
    return Money(Decimal(amount), "MAD")


def bag(owner: str) -> Account:
    return Account(OwnerKind.DRIVER.value, owner, Purpose.BAG.value, "MAD")


def draft(*lines: Line, key: str = "", kind: str = "test") -> Draft:
    return Draft(key=key or new_id("key"), kind=kind, lines=lines, at=AT, by=BY)


def on(account: Account) -> Decimal:
    with administrator() as connection:
        return store.balance(connection, account)


def test_an_entry_is_read_as_it_was_booked() -> None:
    shop, driver = merchant(new_id("m"), Purpose.OWED, "MAD"), bag(new_id("bag"))
    entry = draft(debit(driver, mad("120.50"), "RX1"), credit(shop, mad("120.50"), "RX1"))
    done = posting.transact(lambda c: posting.post(c, entry))
    assert done.new
    with administrator() as connection:
        found = store.entry(connection, done.entry)
    assert found is not None
    assert {line.account: line.amount for line in found.lines} == {
        driver: Decimal("120.50"),
        shop: Decimal("-120.50"),
    }
    assert (found.kind, found.at, {line.subject for line in found.lines}) == ("test", AT, {"RX1"})


def test_a_key_books_once_and_never_something_else() -> None:
    shop, driver = merchant(new_id("m"), Purpose.OWED, "MAD"), bag(new_id("bag"))
    entry = draft(debit(driver, mad(100)), credit(shop, mad(100)))
    first = posting.transact(lambda c: posting.post(c, entry))
    again = posting.transact(lambda c: posting.post(c, entry))
    assert (again.entry, again.new) == (first.entry, False)
    other = draft(debit(driver, mad(101)), credit(shop, mad(101)), key=entry.key)
    with pytest.raises(KeyReused):
        posting.transact(lambda c: posting.post(c, other))
    assert on(driver) == 100


@pytest.mark.parametrize(
    "lines",
    [
        (debit(bag("b"), mad(1)), credit(hub(Purpose.BANK, "EUR"), Money(Decimal(1), "EUR"))),
        (debit(bag("b"), mad(1)), credit(merchant("m", Purpose.OWED, "MAD"), mad(2))),
        (Line(bag("b"), Decimal("1.005")), Line(hub(Purpose.BANK, "MAD"), Decimal("-1.005"))),
        (Line(bag("b"), Decimal("NaN")), Line(hub(Purpose.BANK, "MAD"), Decimal("NaN"))),
        (Line(bag("b"), Decimal("1e12")), Line(hub(Purpose.BANK, "MAD"), Decimal("-1e12"))),
        (debit(bag("b"), mad(1)), credit(bag("b"), mad(1))),
        (debit(bag(""), mad(1)), credit(hub(Purpose.BANK, "MAD"), mad(1))),
        (Line(Account("hub", "", "bag", "MAD"), Decimal(1)), credit(hub(Purpose.BANK, "MAD"), mad(1))),
        (Line(Account("hub", "", "pocket", "MAD"), Decimal(1)), credit(hub(Purpose.BANK, "MAD"), mad(1))),
        (),
    ],
)
def test_what_is_no_entry_is_refused(lines: tuple[Line, ...]) -> None:
    with pytest.raises(Unbalanced):
        checked(lines)


def test_the_database_refuses_what_the_code_would_let_through() -> None:
    """Each entry balances, is closed when its transaction ends, and is never changed, whichever code asks."""
    driver, bank = bag(new_id("bag")), hub(Purpose.BANK, "MAD")
    good = posting.transact(lambda c: posting.post(c, draft(debit(driver, mad(5)), credit(bank, mad(5)))))

    def head(connection: object) -> int:
        entry = store.add_entry(connection, draft(), b"x")  # type: ignore[arg-type]
        assert entry is not None
        return entry

    with pytest.raises(IntegrityError, match="does not balance"), administrator() as c:  # one side only
        store.add_lines(c, head(c), [debit(driver, mad(5))])
    with pytest.raises(IntegrityError, match="no two lines"), administrator() as c:
        head(c)
    with pytest.raises(IntegrityError, match="is closed"), administrator() as c:
        store.add_lines(
            c, good.entry, [debit(driver, mad(5)), credit(merchant("z", Purpose.OWED, "MAD"), mad(5))]
        )
    with pytest.raises(IntegrityError), administrator() as c:  # half a coin
        store.add_lines(c, head(c), [Line(driver, Decimal("0.001")), Line(bank, Decimal("-0.001"))])
    with pytest.raises(IntegrityError), administrator() as c:  # no number
        store.add_lines(c, head(c), [Line(driver, Decimal("NaN")), Line(bank, Decimal("NaN"))])
    for said in (
        "UPDATE ledger_lines SET amount = amount * 2",
        "DELETE FROM ledger_lines",
        "TRUNCATE ledger_lines CASCADE",
        "UPDATE ledger_entries SET kind = 'x'",
        "UPDATE ledger_accounts SET owner = 'me'",
    ):
        with pytest.raises(DBAPIError), administrator() as c:
            c.execute(text(said))
    assert on(driver) == 5


def test_a_bag_is_never_less_than_empty() -> None:
    driver, bank = bag(new_id("bag")), hub(Purpose.BANK, "MAD")
    posting.transact(lambda c: posting.post(c, draft(debit(driver, mad(5)), credit(bank, mad(5)))))
    with pytest.raises(NotThere, match=driver.owner):
        posting.transact(
            lambda c: posting.post(c, draft(credit(driver, mad("5.01")), debit(bank, mad("5.01"))))
        )
    assert on(driver) == 5


def test_a_correction_is_the_opposite_once_with_a_reason() -> None:
    driver, shop = bag(new_id("bag")), merchant(new_id("m"), Purpose.OWED, "MAD")
    done = posting.transact(lambda c: posting.post(c, draft(debit(driver, mad(9)), credit(shop, mad(9)))))

    def undo(key: str, why: str = "typed twice", entry: int = done.entry) -> posting.Posted:
        return posting.transact(lambda c: posting.reverse(c, entry, key, AT, BY, why))

    with pytest.raises(Fault):
        undo(new_id("key"), " ")
    with pytest.raises(NotFound):
        undo(new_id("key"), entry=10**12)
    key = new_id("key")
    assert undo(key).new
    assert not undo(key).new
    with pytest.raises(Conflict):
        undo(new_id("key"))
    assert (on(driver), on(shop)) == (0, 0)


def test_who_is_not_the_house_reads_his_own_and_books_nothing() -> None:
    mine, other = new_id("m"), new_id("m")
    for tenant in (mine, other):
        posting.transact(
            lambda c, t=tenant: posting.post(  # type: ignore[misc]
                c, draft(debit(bag(new_id("bag")), mad(7)), credit(merchant(t, Purpose.OWED, "MAD"), mad(7)))
            )
        )
    for role in (Role.MERCHANT, Role.PARTNER):
        with acting_as(role, mine) as connection:
            assert {b.account.tenant for b in store.balances(connection)} == {mine}
            assert {r.tenant_id for r in connection.execute(text("SELECT tenant_id FROM ledger_lines"))} == {
                mine
            }
            assert connection.execute(text("SELECT count(entry) FROM ledger_entries")).scalar_one() == 1
        for said in (
            "INSERT INTO ledger_entries (key, kind) VALUES ('k', 'k')",
            "UPDATE ledger_balances SET balance = 0",
            "DELETE FROM ledger_balances",
        ):
            with pytest.raises(ProgrammingError), acting_as(role, mine) as connection:
                connection.execute(text(said))
    with acting_as(Role.MERCHANT, "") as connection:
        assert store.balances(connection) == []


def test_booking_leaves_the_transaction_acting_as_it_did() -> None:
    """A driver's transaction books on the merchant's account, and sees no more of it afterwards than before."""
    shop, driver = merchant(new_id("m"), Purpose.OWED, "MAD"), bag(new_id("bag"))
    with acting_as(Role.PARTNER, "station-x") as connection:
        posting.post(connection, draft(debit(driver, mad(3)), credit(shop, mad(3))))
        with pytest.raises(Unbalanced):
            posting.post(connection, draft(debit(driver, mad(3))))
        with pytest.raises(NotFound):
            posting.reverse(connection, 10**12, "k", AT, BY, "why")
        role = connection.execute(text("SELECT current_user, current_setting('qafila.merchant')")).one()
        assert tuple(role) == ("qafila_partner", "station-x")
        assert store.balance(connection, shop) == 0  # not his to see
    assert on(shop) == -3


_ACCOUNTS = (
    hub(Purpose.BANK, "MAD"),
    hub(Purpose.BANK, "EUR"),
    hub(Purpose.FREIGHT, "EUR"),
    hub(Purpose.LOSSES, "MAD"),
    merchant("hyp-a", Purpose.OWED, "MAD"),
    merchant("hyp-b", Purpose.OWED, "EUR"),
    merchant("hyp-b", Purpose.OWED, "MAD"),
    bag("hyp-1"),
    bag("hyp-2"),
    merchant("hyp-a", Purpose.WALLET, "EUR"),
    hub(Purpose.CASH_FEE, "JPY"),
    merchant("hyp-a", Purpose.OWED, "JPY"),
)
_LINES = st.lists(
    st.builds(
        Line,
        st.sampled_from(_ACCOUNTS),
        st.decimals("-500", "500", places=2) | st.integers(-500, 500).map(Decimal),
    ),
    max_size=6,
)


@settings(max_examples=60)
@given(st.lists(st.tuples(_LINES, st.booleans()), max_size=8))
def test_the_sum_is_always_zero(entries: list[tuple[list[Line], bool]]) -> None:
    """Some are made to balance, some are left as they came; what is refused leaves no trace, and what is booked adds up."""
    expected = {account: on(account) for account in _ACCOUNTS}
    for lines, mended in entries:
        told = list(lines)
        if mended:
            for currency, other in (("MAD", _ACCOUNTS[0]), ("EUR", _ACCOUNTS[1]), ("JPY", _ACCOUNTS[10])):
                rest = sum((x.amount for x in lines if x.account.currency == currency), Decimal(0))
                told.append(Line(other, -rest))
        try:
            posting.transact(lambda c, t=told: posting.post(c, draft(*t)))  # type: ignore[misc]
        except (Unbalanced, NotThere):
            continue
        for line in told:
            expected[line.account] += line.amount
    assert {account: on(account) for account in _ACCOUNTS} == expected
    for account in _ACCOUNTS:
        if account.purpose in ("bag", "wallet"):
            assert expected[account] >= 0 if account.purpose == "bag" else expected[account] <= 0
    with administrator() as connection:
        assert posting.audit(connection) == []


def test_fifty_at_once_each_sent_twice_book_fifty() -> None:
    driver, shop, fee = (
        bag(new_id("bag")),
        merchant(new_id("m"), Purpose.OWED, "MAD"),
        hub(Purpose.CASH_FEE, "MAD"),
    )
    before, errors = on(fee), []

    def send(n: int) -> None:
        entry = draft(
            debit(driver, mad(10 + n)),
            credit(shop, mad(9 + n)),
            credit(fee, mad(1)),
            key=f"{driver.owner}-{n}",
        )
        for _ in range(2):
            try:
                posting.transact(lambda c: posting.post(c, entry))
            except Exception as error:  # told below, by the test's own thread
                errors.append(error)

    threads = [threading.Thread(target=send, args=(n % 50,)) for n in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert on(driver) == sum(10 + n for n in range(50))
    assert on(shop) == -sum(9 + n for n in range(50))
    assert on(fee) - before == -50


_KILLED = """
import sys
from tests.ledger.test_posting import book_until_killed
book_until_killed(sys.argv[1], int(sys.argv[2]))
"""


def book_until_killed(name: str, count: int) -> None:
    """Run in a process of its own: books one entry after the other, each in a transaction with a row of another table."""
    driver, shop = bag(name), merchant(name, Purpose.OWED, "MAD")
    for n in range(count):

        def one(connection: object, n: int = n) -> None:
            posting.post(
                connection,  # type: ignore[arg-type]
                draft(debit(driver, mad(n + 1)), credit(shop, mad(n + 1)), key=f"{name}-{n}"),
            )
            print(n, flush=True)

        posting.transact(one)  # type: ignore[arg-type]


def _run(name: str, count: int, kill_after: Callable[[str], bool]) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", _KILLED, name, str(count)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
    )
    assert process.stdout is not None
    for line in process.stdout:
        if kill_after(line):
            os.kill(process.pid, signal.SIGKILL)
            break
    process.wait()
    process.stdout.close()


def test_killed_in_the_middle_and_sent_again_not_a_coin_is_lost() -> None:
    """The process is killed between booking and commit, three times, and begins again from its first entry."""
    name, count = new_id("kill"), 40
    on(bag(name))  # the database is up, and stays up: it is this process's
    for stop in (3, 11, 29):
        _run(name, count, lambda line, stop=stop: int(line) >= stop)  # type: ignore[misc]
        time.sleep(0.05)
        with administrator() as connection:
            assert posting.audit(connection) == []
            assert store.balance(connection, bag(name)) == -store.balance(
                connection, merchant(name, Purpose.OWED, "MAD")
            )
    _run(name, count, lambda line: False)
    assert on(bag(name)) == sum(range(1, count + 1))
