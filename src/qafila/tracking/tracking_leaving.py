"""A merchant's whole history as one EPCIS document, to take along."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, text

from qafila.context import Context
from qafila.runtime.events import store
from qafila.tracking import epcis
from qafila.tracking.upu_codes import places

_AT_ONCE = 500  # parcels


def events_of_all(connection: Connection, context: Context) -> Iterator[bytes]:
    """The EPCIS 2.0 document of all parcels that the connection's role sees, in pieces."""
    numbers = list(connection.execute(text("SELECT number FROM parcels ORDER BY number")).scalars())
    histories = (
        found[number]
        for at in range(0, len(numbers), _AT_ONCE)
        for found in [store.histories(connection, numbers[at : at + _AT_ONCE])]
        for number in sorted(found)
    )
    created = context.now().replace(microsecond=0)
    return epcis.document(histories, places(context.network.feed), created)
