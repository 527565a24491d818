"""What `qafila route` tells of the places and days that it is asked for."""

from qafila.core.message import template

NO_TIMETABLE = template("cli.route.no_timetable", "There is no timetable for {day}: {why}.")
READY_LATER = template(
    "cli.route.ready_later",
    "Ask for goods that are ready on a later day, or load a feed that covers that day.",
)
NO_FACILITY = template("cli.route.no_facility", "The network has no facility “{text}”.")
WRITE_ADDRESS = template("cli.route.write_address", 'Write an address as "City, CC".')
NO_PLACE = template("cli.route.no_place", "No place “{city}” is known in {country}.")
CHECK_PLACE = template("cli.route.check_place", "Check its spelling and its country.")
