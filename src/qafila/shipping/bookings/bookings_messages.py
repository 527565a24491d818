"""What is told of bookings: why one is refused, why a parcel has no way on."""

from qafila.core.message import template

CANCELLED = template("bookings.cancelled", "Booking {booking} was cancelled on {time}.")
ASK_OR_NEW_KEY = template("bookings.ask_or_new_key", "Ask for a new offer, or send another idempotency key.")
ALREADY_BOOKED = template("bookings.already_booked", "Order {order} is booked already: {booking}.")
USE_OR_CANCEL = template("bookings.use_or_cancel", "Use that booking, or cancel it first.")
STANDING = template("bookings.standing", "Order {order} is booked already.")
CANCEL_FIRST = template("bookings.cancel_first", "Cancel its booking first.")
OFFER_EXPIRED = template("bookings.offer_expired", "Offer {offer} was valid until {time}.")
CUT_OFF_PASSED = template("bookings.cut_off_passed", "The cut-off of {service} was on {time}.")
ASK_NEW_OFFER = template("bookings.ask_new_offer", "Ask for a new offer.")
TWICE = template("bookings.twice", "Order {order} is asked for twice in one batch.")
ONCE = template("bookings.once", "Send each order once.")
ORDER_CHANGED = template(
    "bookings.order_changed", "Order {order} has changed since this offer was made for it."
)
NO_DEPARTURE = template(
    "bookings.no_departure", "Service {service} has no such departure in this timetable any more."
)
FULL = template("bookings.full", "{service} has no room left for this parcel.")
ASK_NEW_OFFERS = template("bookings.ask_new_offers", "Ask for new offers.")
UNKNOWN_OFFER = template("bookings.unknown_offer", "There is no offer {offer}.")
UNKNOWN_BOOKING = template("bookings.unknown_booking", "There is no booking {booking}.")
NOT_CANCELLABLE = template(
    "bookings.not_cancellable", "Parcel {parcel} is on its way ({state}): its booking cannot be cancelled."
)
SEND_BACK = template(
    "bookings.send_back", "Ask the carrier to bring it back, or have it refused at the door."
)
ASTRAY = template("bookings.astray", "The parcel was last seen at {place}, which is not on its way.")
BRING_BACK = template(
    "bookings.bring_back", "Send it to {way} ({id}) and record its arrival there; then it can be booked on."
)
FILLED_UP = template(
    "bookings.filled_up", "The departures filled up faster than the parcel could be booked on them."
)
ASK_AGAIN = template("bookings.ask_again", "Ask again.")
NO_NUMBERS = template("bookings.no_numbers", "Every range of parcel numbers (S10) is used up.")
ADD_RANGE = template("bookings.add_range", "The operator must add one to the table number_ranges.")
