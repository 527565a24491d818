"""What is told of a whole file of orders on its way through."""

from qafila.core.message import template

BOOKED_OTHERWISE = template(
    "files.booked_otherwise", "An order of this id, with other content, is booked already as parcel {number}."
)
OWN_ID_OR_CANCEL = template(
    "files.own_id_or_cancel", "Give this order an id of its own, or cancel the booking first."
)
FILLED_UP = template("files.filled_up", "The departures filled up faster than the order could be booked.")
RUN_AGAIN = template("files.run_again", "Run the file again.")
GOODS_NOT_ASKED = template(
    "files.preview.goods_not_asked",
    "Goods of {descriptions} more descriptions have no HS code: whether they are prohibited is told when they are booked.",
)
WAYS_NOT_ASKED = template(
    "files.preview.ways_not_asked",
    "Whether there is a way for {orders} more orders is told when they are booked.",
)
DAYS_NOT_ASKED = template(
    "files.preview.days_not_asked",
    "Whether {orders} more orders keep their day is told when they are booked.",
)
