"""What is said of parcels that go from network to network."""

from __future__ import annotations

from qafila.core.message import template

NO_PARCEL = template("handing.no_parcel", "There is no parcel {number} of yours.")
NOT_THERE = template("handing.not_there", "The parcel {number} is not at {facility}.")
BRING_IT = template(
    "handing.bring_it", "A parcel is handed on where it was last scanned: scan it there first."
)
OVER = template("handing.over", "The journey of the parcel {number} is over.")
OTHER_SHIPMENT = template(
    "handing.other_shipment", "The parcel {number} is of another shipment; hand each shipment on by itself."
)
LEFT_ALREADY = template("handing.left_already", "The parcel {number} left already, with another document.")
CASH_TOGETHER = template(
    "handing.cash_together",
    "Cash is collected for the whole shipment of {number}; hand all its parcels on together.",
)
NO_FACILITY = template("handing.no_facility", "The network has no facility {facility}.")
UNREADABLE = template("handing.unreadable", "The document cannot be read: {why}.")
NOT_SIGNED = template(
    "handing.not_signed", "The document is not signed by a network that is known here: {why}."
)
ASK_FOR_KEY = template("handing.ask_for_key", "Put the key of its log into QAFILA_PARTNER_NETWORKS.")
NOT_TAKEN_IN = template(
    "handing.not_taken_in", "Nothing came in with the document {digest} from that network."
)
NOT_SENT = template("handing.not_sent", "No parcel of yours left with the document {digest}.")
OTHER_NETWORK = template(
    "handing.other_network", "Of the parcel {parcel} only {network} may tell, which has it."
)
TELLS_OTHERWISE = template(
    "handing.tells_otherwise", "{network} tells otherwise of the parcel {parcel} than it did before."
)
TOLD = template("handing.told", "Told by the network that has it")
DELIVERED_THERE = template("handing.delivered_there", "Delivered by the network that took it over")
RETURNED_THERE = template("handing.returned_there", "Sent back by the network that took it over")
LOST_THERE = template("handing.lost_there", "Lost by the network that took it over")
