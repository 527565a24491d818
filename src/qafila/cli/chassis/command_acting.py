"""As whom commands act: whoever may read the files of this home is its operator, and needs no other credential."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Connection


@contextmanager
def operator() -> Iterator[Connection]:
    """A transaction of a command."""
    from qafila.runtime.database import administrator

    with administrator("commands are the operator's: the file system is the credential") as connection:
        yield connection


def who() -> str:
    """Who stands in the record as having done it: the user of this machine, whatever he would like to be called."""
    try:
        return f"command line: {getpass.getuser()}"
    except (KeyError, OSError):  # no name for this user
        return "command line"


def signed(by: str) -> str:
    """Who stands in the record: the user of this machine, with what he says of himself behind it."""
    return f"{who()}: {by.strip()}" if by.strip() else who()
