"""What the protection of data says to people."""

from __future__ import annotations

from qafila.core.message import template

SCOPE_READ = template("privacy.scope.read", "see who read what")
SCOPE_GIVE = template("privacy.scope.give", "give persons their data")
SCOPE_ERASE = template("privacy.scope.erase", "erase a person’s data")
DECISION = template("privacy.decision", "An erasure of a person’s data")
NOBODY = template("privacy.nobody", "Nobody is known here by “{said}”.")
SAY_WHO = template(
    "privacy.say_who",
    "Give the number of an order or a parcel, or the e-mail, phone or full name of the receiver.",
)
UNDER_WAY = template(
    "privacy.under_way", "The parcel of the order {order} is under way, and needs its address."
)
ASK_LATER = template("privacy.ask_later", "Cancel the booking, or ask again when the parcel has arrived.")
