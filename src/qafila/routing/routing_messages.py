"""What the router tells people: why there is no way, and what would open one."""

from qafila.core.message import template

NO_SERVICE_FROM = template("routing.no_service_from", "No service of the network runs from {day} on.")
ASK_WITHIN_CALENDARS = template(
    "routing.ask_within_calendars",
    "Ask for goods that are ready while the network's services run, or load a feed that covers that date.",
)
OUTSIDE_TIMETABLE = template(
    "routing.outside_timetable",
    "The timetable covers departures from {first} to {last}; the goods are ready on {ready}.",
)
ASK_WITHIN_TIMETABLE = template(
    "routing.ask_within_timetable",
    "Ask for goods that are ready by {last}, or load a feed that covers that date.",
)
NOTHING_BY_THEN = template(
    "routing.nothing_by_then", "Nothing arrives by {latest}: the first way that is left arrives on {arrival}."
)
ALLOW_LATER = template(
    "routing.allow_later", "Allow arrival until {arrival}, or have the goods ready earlier."
)
FULL = template("routing.full", "Every way between {a} and {b} has a departure without room for this parcel.")
WITH_ROOM = template(
    "routing.with_room",
    "With room it would arrive on {arrival}: send a lighter or smaller parcel, or wait for room to become free.",
)
ONLY_BY_MODE = template(
    "routing.only_by_mode", "Every way between {a} and {b} uses a mode that is to be avoided: {mode}."
)
ALLOW_MODE = template("routing.allow_mode", "Allow it ({mode}): arrival on {arrival}.")
SEVERAL = template(
    "routing.several",
    "Between {a} and {b} the goods, the modes to be avoided and full departures together leave no way.",
)
ALLOW_MORE = template("routing.allow_more", "Allow more modes, or ship the restricted goods apart.")
THIRD_TERRITORY = template(
    "routing.third_territory",
    "Every way between {a} and {b} would have to be released, and duty paid, in a third territory.",
)
GO_UNDER_BOND = template(
    "routing.go_under_bond",
    "Add a service that carries goods under bond through that territory, or send the goods in two parts.",
)
UNREACHABLE = template(
    "routing.unreachable",
    "No services join {a} and {b} between {ready} and the end of the timetable on {end}.",
)
CHOOSE_SERVED = template(
    "routing.choose_served", "Choose a facility that is served, or add a service to the network."
)
NOT_THESE_GOODS = template(
    "routing.not_these_goods",
    "No way between {a} and {b} takes these goods ({goods}). The way for other goods uses {rides}.",
)
WITHOUT_THESE_GOODS = template(
    "routing.without_these_goods",
    "Without these goods ({goods}) the parcel arrives on {arrival}; or add a service that takes them.",
)
RIDE = template("routing.ride", "{origin} → {destination} ({mode})")
MORE_PLACES = template("routing.more_places", "{places} and {n} more")

# kinds of goods that a ride may not take
LITHIUM = template("routing.goods.lithium", "lithium batteries")
LITHIUM_BUILT_IN = template("routing.goods.lithium_built_in", "lithium batteries in equipment")
LIQUID_FLAMMABLE = template("routing.goods.liquid_flammable", "flammable liquids")
AEROSOL = template("routing.goods.aerosol", "aerosols")
MAGNETIC = template("routing.goods.magnetic", "magnetic goods")
PERISHABLE = template("routing.goods.perishable", "perishable goods")
OVERSIZE = template("routing.goods.oversize", "oversize parcels")
OTHER_DANGEROUS = template("routing.goods.other_dangerous", "dangerous goods")
