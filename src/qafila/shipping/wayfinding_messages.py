"""What is told of the places and days between which ways are asked for."""

from qafila.core.message import template

NO_TIMETABLE = template("ways.no_timetable", "There is no timetable for {day}: {why}.")
READY_LATER = template(
    "ways.ready_later",
    "Ask for goods that are ready on a later day, or load a feed that covers that day.",
)
NO_FACILITY = template("ways.no_facility", "The network has no facility “{text}”.")
WRITE_ADDRESS = template("ways.write_address", 'Write an address as "City, CC".')
NO_PLACE = template("ways.no_place", "No place “{city}” is known in {country}.")
CHECK_PLACE = template("ways.check_place", "Check its spelling and its country.")
