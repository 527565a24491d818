"""What can happen to goods in a warehouse, with their EPCIS words; one type for each reason of a movement."""

from __future__ import annotations

from qafila.core.message import template
from qafila.runtime.events.envelope import Reporter, SubjectKind
from qafila.runtime.events.events_types import Codes, EventType, event_type
from qafila.storage.model import Reason

_CBV = "CBV 2.0"
_SINCE = "2022-06-01"


def _type(name: str, meaning: str, step: str, disposition: str) -> EventType:
    return event_type(
        name,
        template(f"storage.event.{name}", meaning),
        subjects={SubjectKind.STOCK},
        reporters={Reporter.STATION, Reporter.OPERATOR},
        codes=[Codes(step, disposition, source=_CBV, since=_SINCE)],
        public=False,
    )


HAPPENINGS: dict[Reason, EventType] = {
    Reason.RECEIPT: _type("stock_received", "Received in the warehouse", "receiving", "in_progress"),
    Reason.PUT_AWAY: _type("stock_put_away", "Put on a shelf", "storing", "sellable_accessible"),
    Reason.MOVE: _type("stock_moved", "Moved within the warehouse", "storing", "sellable_accessible"),
    Reason.REPLENISH: _type(
        "stock_replenished", "Brought to the pick face", "stocking", "sellable_accessible"
    ),
    Reason.PICK: _type("stock_picked", "Picked for an order", "picking", "in_progress"),
    Reason.PUT_BACK: _type("stock_put_back", "Put back on a shelf", "storing", "sellable_accessible"),
    Reason.PACK: _type("stock_packed", "Packed", "packing", "in_progress"),
    Reason.SHIP: _type("stock_shipped", "Handed over to a departure", "shipping", "in_transit"),
    Reason.CORRECTION: _type("stock_corrected", "Corrected after a count", "cycle_counting", "in_progress"),
    Reason.CONDITION: _type(
        "stock_reconditioned", "Its condition changed", "inspecting", "non_sellable_other"
    ),
    Reason.ASSEMBLE: _type("stock_assembled", "Made into a kit, or taken apart", "assembling", "in_progress"),
}
"""By the reason of the movement."""
