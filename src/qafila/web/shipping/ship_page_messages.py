"""What the form for one parcel tells, beside what the orders behind it tell."""

from qafila.core.message import template

BOOKED_AND_CANCELLED = template("web.ship.booked_and_cancelled", "This was booked and cancelled.")
BOOK_AGAIN = template("web.ship.book_again", "Send the form again to book it again.")
MISSING = template("web.ship.missing", "This is missing.")
NEEDED_ON_LABEL = template("web.ship.needed_on_label", "The label needs it.")
