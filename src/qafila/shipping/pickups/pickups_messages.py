"""What is told of pick-ups and manifests."""

from qafila.core.message import template

PICKUP_BOOKED = template("event.pickup_booked", "Pick-up booked")
PICKUP_CANCELLED = template("event.pickup_cancelled", "Pick-up cancelled")

NO_PARCELS = template("pickups.no_parcels", "No parcel is named.")
NAME_SOME = template("pickups.name_some", "Name one parcel or more, at most {most}.")
UNKNOWN_PARCEL = template("pickups.unknown_parcel", "There is no parcel, booking or shipment {id}.")
CHECK_NUMBER = template("pickups.check_number", "Check the number; the list of shipments has it.")
NOT_WAITING = template("pickups.not_waiting", "Parcel {parcel} is not waiting for a pick-up: {state}.")
TAKE_OUT = template("pickups.take_out", "Leave it out.")
IN_ANOTHER = template("pickups.in_another", "Parcel {parcel} is in the pick-up {pickup} already.")
CANCEL_OTHER = template("pickups.cancel_other", "Leave it out, or cancel that pick-up first.")
SEVERAL_PLACES = template("pickups.several_places", "The parcels leave from several stations: {stations}.")
ONE_EACH = template("pickups.one_each", "Book a pick-up for each station.")
AT_STATION = template("pickups.at_station", "Parcel {parcel} is brought to {station} by its sender.")
BAD_WINDOW = template("pickups.bad_window", "The window ends before it begins.")
TURN_ROUND = template("pickups.turn_round", "Give a beginning and a later end.")
SHORT_WINDOW = template("pickups.short_window", "The window is shorter than {minutes} minutes.")
WIDEN = template("pickups.widen", "Give the van at least {minutes} minutes.")
PAST_WINDOW = template("pickups.past_window", "The window is over.")
FAR_WINDOW = template("pickups.far_window", "The window is more than {days} days ahead.")
COMING_WINDOW = template("pickups.coming_window", "Give a window from now on, within {days} days.")
TOO_LATE = template(
    "pickups.too_late", "Parcel {parcel} has to reach its station by {time}: the window begins too late."
)
EARLIER = template("pickups.earlier", "Begin the window earlier, or book the parcel again on a later way.")
UNKNOWN_PICKUP = template("pickups.unknown", "There is no pick-up {id}.")
LIST_PICKUPS = template("pickups.list_them", "List the pick-ups.")
OVER = template("pickups.over", "The pick-up {id} was cancelled.")
TOO_LONG = template("pickups.too_long", "The text is longer than {most} letters.")
SHORTEN = template("pickups.shorten", "Shorten it.")
UNKNOWN_CARRIER = template("pickups.unknown_carrier", "None of these parcels goes with {carrier}.")
CARRIERS_ARE = template("pickups.carriers_are", "They go with {carriers}.")
