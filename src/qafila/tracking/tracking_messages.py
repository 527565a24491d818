"""What tracking says to people."""

from __future__ import annotations

from qafila.core.message import template

NO_S10 = template("tracking.no_s10", "This is not an S10 number.")
CHECK_NUMBER = template("tracking.check_number", "Check its letters and digits.")
NO_PARCEL = template("tracking.no_parcel", "No parcel has this number.")
BOOK_FIRST = template("tracking.book_first", "Check it; book the parcel first.")
NO_SUCH_EVENT = template("tracking.no_such_event", "There is no such event.")
KNOWN_EVENTS = template("tracking.known_events", "Use {events}, or a UPU EMSEVT code.")
NOT_YOURS = template("tracking.not_yours", "A report as {role} cannot say this.")
WHO_MAY = template("tracking.who_may", "It is for {roles} to report it.")
NO_SUCH_KIND = template("tracking.no_such_kind", "There is no such kind of time.")
USE_KINDS = template("tracking.use_kinds", "Use planned, estimated or actual.")
NO_FACILITY = template("tracking.no_facility", "The network has no such facility.")
USE_FACILITY = template("tracking.use_facility", "Use an id of its feed.")
NAMES_NO_EVENT = template("tracking.names_no_event", "A retraction names no event.")
NAME_EVENT = template("tracking.name_event", "Put the event's id into details.event.")
NOT_YOUR_EVENT = template("tracking.not_your_event", "This event was reported by somebody else.")
ONLY_YOUR_OWN = template("tracking.only_your_own", "Retract only what you reported yourself.")
NO_LEG = template("tracking.no_leg", "No itinerary has such a leg.")
COUNT_LEGS = template("tracking.count_legs", "Count from 0, or leave it out.")
NO_UUID = template("tracking.no_uuid", "An event's id is a UUID.")
SEND_UUID = template("tracking.send_uuid", "Send a UUID, or none.")
NO_ZONE = template("tracking.no_zone", "The time has no zone.")
ADD_ZONE = template("tracking.add_zone", "Add its offset, like +01:00 or Z.")
FUTURE = template("tracking.future", "What happened cannot lie in the future.")
CHECK_CLOCK = template("tracking.check_clock", "Check the clock, or send it as estimated.")
BEFORE_BOOKING = template("tracking.before_booking", "The parcel was booked later, at {time}.")
CHECK_TIME = template("tracking.check_time", "Check the time and the number.")
TOO_FAR = template("tracking.too_far", "This is more than two years away.")
CHECK_YEAR = template("tracking.check_year", "Check the year.")

NOT_CARRIED = template("tracking.not_carried", "The parcel rides on no service of yours.")
CARRIED_BY_YOU = template(
    "tracking.carried_by_you",
    "Report on parcels that are booked on your services, or that were handed over to you.",
)

NOT_HERE = template("tracking.not_here", "Your organisation does not work at this place.")
ONLY_OF_ITS_PLACES = template(
    "tracking.only_of_its_places", "A station reports on what happens at its own places: {places}."
)
NO_PLACE_YET = template("tracking.no_place_yet", "Your organisation is bound to no place yet.")
HUB_ADDS_IT = template("tracking.hub_adds_it", "Ask the hub to add the place at which you work.")
NEVER_HERE = template("tracking.never_here", "The parcel does not come to a place of yours.")
SCAN_FIRST = template("tracking.scan_first", "Scan it at your place first, or ask the hub.")
SAY_WHERE = template("tracking.say_where", "Say where it happened.")
NOT_CALLED_AT = template("tracking.not_called_at", "None of your services calls at {facility}.")
WHERE_YOU_CALL = template("tracking.where_you_call", "Work where your services call, or ask the hub.")
