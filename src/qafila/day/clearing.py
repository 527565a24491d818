"""The day's customs broker: she opens what parcels need, completes it, and sends it on until customs release or hold it."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from qafila.clearance import desk, store
from qafila.clearance.authority import Sandbox
from qafila.clearance.declaration import Declaration, Procedure
from qafila.clearance.lifecycle import AMENDABLE, State, StepRefused
from qafila.clearance.store import Filed
from qafila.context import Context
from qafila.customs.classification import classifier
from qafila.day.clock import Clock
from qafila.runtime.database import Role, acting_as
from qafila.shipping.declaring import open_missing

BROKER = "Nadia"
_FREE = frozenset({State.RELEASED, State.BONDED})
_OVER = _FREE | {State.WITHDRAWN}
_BARRED = frozenset({State.DO_NOT_LOAD, State.REFUSED})
_TRIES = 4
"""How often she asks: once more after a question, after papers were looked at, and after an inspection."""
_ICE, _EORI = "001561191000066", "FR73282932000074"
_TOLD = {
    "street": "12 rue du Port",
    "postcode": "00000",
    "phone": "+212 522 000 000",
    "city": "Casablanca",
    "name": "Souk Digital",
}
"""What she writes where a party's particular is missing: made up, as the sample's people are."""
_LINE = re.compile(r"lines\[(\d+)\]\.(hs|description)")


@dataclass(slots=True)
class Broker:
    """The broker of the day's parcels, at the clock's time.

    Attributes:
        held: parcels that customs hold, with the state of their declaration.
    """

    context: Context
    clock: Clock
    owner: str
    held: dict[str, str] = field(default_factory=dict)

    def open(self, parcels: Collection[str]) -> int:
        """Opens the declarations that these parcels need; returns how many."""
        with acting_as(Role.OPERATOR) as connection:
            return open_missing(connection, self.clock.on(self.context).of(self.owner), BROKER, parcels)

    def clear(self, parcel: str, at: datetime, procedure: Procedure) -> None:
        """The parcel's declarations of a procedure go as far as they go; what customs hold rides no further."""
        self.clock.set(at)
        with acting_as(Role.OPERATOR) as connection:
            filed = [f for f in store.of_parcel(connection, parcel) if f.declaration.procedure is procedure]
        for one in filed:
            state = self._as_far_as_it_goes(one)
            if state not in _OVER:
                self.held[parcel] = state.value

    def _as_far_as_it_goes(self, filed: Filed) -> State:
        id = filed.declaration.id
        authority = Sandbox(self.context.rules.rates)
        for _ in range(_TRIES):
            if filed.state in _OVER:
                break
            with acting_as(Role.OPERATOR) as connection:
                if filed.state in AMENDABLE:
                    self._complete(connection, filed)
            try:
                with acting_as(Role.OPERATOR) as connection:
                    desk.advance(connection, id, authority, BROKER, self.clock.now())
            except StepRefused:  # what is asked for she does not have
                break
            finally:
                with acting_as(Role.OPERATOR) as connection:
                    filed = store.get(connection, id)
            if filed.state in _BARRED:
                break
            self.clock.set(self.clock.now() + timedelta(minutes=5))
        return filed.state

    def _complete(self, connection: Connection, filed: Filed) -> None:
        """Fills in what is missing or asked for, as far as she knows it."""
        asked = [todo.subject for todo in desk.todos(connection, filed) if todo.kind in ("field", "question")]
        changes = {name: value for name in asked if (value := _known(filed.declaration, name))}
        if changes:
            desk.amend(connection, filed.declaration.id, changes, BROKER, self.clock.now())


def _known(declaration: Declaration, name: str) -> str:
    """What the broker writes into a field; empty where she does not know."""
    if line := _LINE.fullmatch(name):
        goods = declaration.lines[int(line[1])].description
        best = classifier().suggest(goods).best
        return "" if best is None or line[2] == "description" else best.hs6
    party, _, what = name.partition(".")
    if party not in ("declarant", "exporter", "importer"):
        return ""
    if what == "number":
        country = getattr(declaration, party).country or declaration.territory
        plain = country == "MA" and not (party == "declarant" and declaration.dataset == "h7")
        return _ICE if plain else _EORI
    return _TOLD.get(what, "")
