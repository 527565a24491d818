"""The floors of the house, in the order in which goods meet them. A new floor is listed here and nowhere else."""

from __future__ import annotations

from qafila.air.floor import FLOOR as AIR
from qafila.cargo.floor import FLOOR as CARGO
from qafila.carriers.floor import FLOOR as CARRIERS
from qafila.clearance.floor import FLOOR as CLEARANCE
from qafila.delivery.floor import FLOOR as DELIVERY
from qafila.fleet.floor import FLOOR as FLEET
from qafila.ledger.floor import FLOOR as LEDGER
from qafila.network.floor import FLOOR as NETWORK
from qafila.openness.floor import FLOOR as OPENNESS
from qafila.planning.floor import FLOOR as PLANNING
from qafila.practice.floor import FLOOR as PRACTICE
from qafila.returns.floor import FLOOR as RETURNS
from qafila.runtime.accounts.floor import FLOOR as ACCOUNTS
from qafila.runtime.accounts.model import Rights
from qafila.runtime.floor import Floor
from qafila.runtime.webhooks.floor import FLOOR as WEBHOOKS
from qafila.shipping.floor import FLOOR as SHIPPING
from qafila.sorting.floor import FLOOR as SORTING
from qafila.storage.floor import FLOOR as STORAGE
from qafila.tracking.floor import FLOOR as TRACKING

FLOORS: tuple[Floor, ...] = (
    SHIPPING, TRACKING, CLEARANCE, STORAGE, SORTING, AIR, FLEET, DELIVERY, RETURNS, CARGO, CARRIERS, LEDGER, NETWORK, PLANNING, OPENNESS, ACCOUNTS, WEBHOOKS, PRACTICE,
)  # fmt: skip

RIGHTS = Rights.of(FLOORS)
"""Every scope of the house, and what each role may do by them."""
