"""What is begun anew, what is waited for, and what is not."""

from __future__ import annotations

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoneFree

from qafila.runtime.database import patience
from qafila.runtime.database.patience import away, patiently


class _Said(psycopg.OperationalError):
    def __init__(self, state: str | None) -> None:
        super().__init__("said")
        self.sqlstate = state


def _error(state: str | None, kind: type[DBAPIError] = OperationalError) -> DBAPIError:
    return kind("SELECT 1", {}, _Said(state))


@pytest.mark.parametrize("state", [None, "08006", "53300", "57P01", "57P02", "57P03"])
def test_a_database_that_is_away_is_told_from_one_that_says_no(state: str | None) -> None:
    assert away(_error(state))
    assert away(_error(None, InterfaceError))
    assert away(NoneFree())
    assert not away(_error("23505", IntegrityError))
    assert not away(_error("40P01"))
    assert not away(_error("57014"))  # somebody cancelled it
    assert not away(ValueError())


def test_what_was_in_the_way_is_begun_anew_and_a_lost_connection_only_where_that_is_safe(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(patience.time, "sleep", lambda seconds: None)
    said = [_error("40001"), _error("40P01"), _error("57P01"), _error(None)]

    def do() -> str:
        if said:
            raise said.pop(0)
        return "done"

    with pytest.raises(OperationalError):
        patiently(do)
    assert len(said) == 1
    assert patiently(do, lost=True) == "done"


def test_a_database_that_stays_away_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "_AWAY_SECONDS", 0.3)
    asked = []

    def do() -> None:
        asked.append(1)
        raise _error("57P03")

    with pytest.raises(OperationalError):
        patiently(do, lost=True)
    assert len(asked) > 1
