"""What the fleet tells people."""

from __future__ import annotations

from qafila.core.message import template

SCOPE_READ = template("fleet.scope.read", "see the fleet's schedule, its rules and what a change would cost")
SCOPE_MANAGE = template(
    "fleet.scope.manage", "change flights of the fleet, take tails out of service, and give allotments"
)

DUTY_TOO_LONG = template(
    "fleet.duty_too_long",
    "The flight duty lasts {hours} hours; {most} are allowed at this hour of the day with so many sectors and pilots.",
)
REST_TOO_SHORT = template(
    "fleet.rest_too_short",
    "The rest before it is {hours} hours; after the duty that ended in {place} it must be {least}.",
)
DUTY_IN_DAYS = template("fleet.duty_in_days", "{hours} hours of duty within {days} days; {most} are allowed.")
FLIGHT_IN_DAYS = template(
    "fleet.flight_in_days", "{hours} hours of flight within {days} days; {most} are allowed."
)

TWO_AT_ONCE = template("fleet.two_at_once", "{tail} is still on {other} when it is to leave.")
NOT_THERE = template("fleet.not_there", "{tail} is in {place} after {other}.")
NO_GROUND_TIME = template(
    "fleet.no_ground_time", "{tail} has {minutes} minutes on the ground before it; its type needs {least}."
)
TAIL_OUT = template("fleet.tail_out", "{tail} is out of service then: {because}.")
TOO_FAR = template("fleet.too_far", "It is {km} km; {tail} flies {reach} km with a full load.")
CLOSED = template("fleet.closed", "{place} is closed then.")
CREW_TOO_LONG = template(
    "fleet.crew_too_long",
    "Its crew's duty would last {hours} hours; {most} are allowed. A relief crew is needed.",
)
TOO_SMALL = template("fleet.too_small", "{kg} kg more are booked than {tail} carries.")

NO_FLIGHT = template("fleet.no_flight", "No flight {flight} leaves on that day.")
SEVERAL_TAILS = template(
    "fleet.several_tails", "{flight} is flown by several aircraft: {tails}. Each has a load plan of its own."
)
NO_POSITIONS = template("fleet.no_positions", "No ULD positions are known of the type {type}.")
GIVE_POSITIONS = template("fleet.give_positions", "Plan it from a flight file that states them.")
SEE_BOARD = template("fleet.see_board", "Look at the fleet board for the flights of the day.")
NO_TAIL = template("fleet.no_tail", "{tail} is not in the fleet.")
KNOWN_TAILS = template("fleet.known_tails", "These are: {tails}.")
LEFT_ALREADY = template("fleet.left_already", "{flight} has left already.")
WINDOW_WRONG = template(
    "fleet.window_wrong", "The time must end after it begins, and last at most {days} days."
)
DELAY_WRONG = template("fleet.delay_wrong", "A delay has 1 to {most} minutes.")
CHANGED_SINCE = template("fleet.changed_since", "The schedule changed since this repair was worked out.")
WORK_OUT_AGAIN = template("fleet.work_out_again", "Work it out again.")

NO_ROOM = template(
    "fleet.no_room",
    "{flight} has room for {kg} kg and {m3} m³ more; the allotment asks for {asked_kg} kg and {asked_m3} m³.",
)
ASK_LESS = template("fleet.ask_less", "Ask for less, or for another departure.")
NO_ALLOTMENT = template("fleet.no_allotment", "There is no such allotment.")
NO_TYPE = template("fleet.no_type", "{type} is no type of aircraft here. These are: {known}.")
NO_FACILITY = template("fleet.no_facility", "There is no facility {facility}.")
NO_OUTAGE = template("fleet.no_outage", "There is no outage {outage} that stands.")
AMOUNT_WRONG = template(
    "fleet.amount_wrong", "Say how many grams and cubic centimetres, at least one of them above 0."
)
ALLOTMENT_LEFT = template("fleet.allotment_left", "{kg} kg of this allotment are left to be drawn.")
DECISION_CHANGES = template("fleet.decision.changes", "A changed schedule, and what it did to parcels")
DECISION_ALLOTMENT = template("fleet.decision.allotment", "Room of a departure that is allotted")
