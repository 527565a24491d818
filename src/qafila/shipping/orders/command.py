"""One order as a merchant gave it, in values: what a row of a file, a form and a request each become.

Nothing is checked against the network, the clock or the limits yet, and nothing completed: see `accepting`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime

from qafila.shipping.orders.order import STANDARD, Address
from qafila.shipping.orders.order_draft import DraftItem, DraftParcel
from qafila.shipping.orders.orders_cash import SaidCash
from qafila.shipping.orders.understanding import Findings, Ways


@dataclass(slots=True)
class Command:
    """An order to be sent.

    Attributes:
        id: the merchant's own.
        rows: the rows of the file that it came from; (0,) for a request.
        content: a fingerprint of what was written: the same for the same words.
        sender: what was said of the sender, be it only a name. Countries are as they were written, here and in `receiver`.
        ready: when the goods can be collected; without an offset it is a time of the sender's place. None: now.
        rule: how to choose; None where nothing was said.
        written: by field, what was written, where a value's own text is not what the merchant wrote.
        found: what is no value, and what was guessed, as the adapter saw it.
    """

    id: str
    rows: tuple[int, ...]
    content: str
    found: Findings
    sender: Address
    receiver: Address
    items: list[DraftItem]
    ready: datetime | None = None
    rule: str | None = None
    promise_by: date | None = None
    insured: bool = False
    trade: str = "b2c"
    taxes_paid_by: str = "sender"
    preference: str | None = None
    note: str = ""
    service_class: str = STANDARD
    cash: SaidCash | None = None
    parcels: list[DraftParcel] = field(default_factory=list)
    written: dict[str, str] = field(default_factory=dict)

    @property
    def says_whence(self) -> bool:
        """Whether it says from where it is sent."""
        return bool(self.sender.city or self.sender.country or self.sender.facility_id)

    def said(self, name: str, otherwise: object = "") -> str:
        """What was written of a field."""
        return self.written.get(name, str(otherwise))


Adapter = Callable[[Ways], Command]
"""What makes the command of a merchant's words or a request, once it is known by which rates and rules."""
