"""What the network tells people: which facility serves a place, or why none does; and how facilities are named."""

from qafila.core.message import template

NO_DELIVERY = template("network.no_delivery", "No facility in {country} delivers.")
NO_COLLECTION = template("network.no_collection", "No facility in {country} collects.")
NO_PICKUP = template("network.no_pickup", "No facility in {country} has a pick-up point.")
NO_WAREHOUSE = template("network.no_warehouse", "No facility in {country} has a warehouse.")
USE_SERVED = template(
    "network.use_served",
    "Use an address in one of the {count} countries served, or add a facility to the network.",
)
DELIVERY_FAR = template(
    "network.delivery_far",
    "The nearest facility that delivers for {town} is {id}, {km} km away: {why}.",
)
COLLECTION_FAR = template(
    "network.collection_far",
    "The nearest facility that collects for {town} is {id}, {km} km away: {why}.",
)
PICKUP_FAR = template(
    "network.pickup_far", "The nearest pick-up point for {town} is {id}, {km} km away: {why}."
)
WAREHOUSE_FAR = template(
    "network.warehouse_far", "The nearest warehouse for {town} is {id}, {km} km away: {why}."
)
OVER_WATER = template("network.over_water", "over water")
FARTHER = template("network.farther", "farther than {km} km")
ADDRESS_TO = template(
    "network.address_to", "Address the parcel to {id}, or add a facility near {town} to the network."
)

# names of facilities, where they are made of a place and a kind
DELIVERY_STATION = template("network.name.delivery_station", "{place} delivery station")
SORTING_CENTRE = template("network.name.sorting_centre", "{place} sorting centre")
WAREHOUSE = template("network.name.warehouse", "{place} warehouse")
CUSTOMS_OFFICE = template("network.name.customs_office", "{place} customs office")
PICKUP_POINT = template("network.name.pickup_point", "{place} pick-up point")
INTERNATIONAL_AIRPORT = template("network.name.international_airport", "{place} International Airport")
AIRPORT = template("network.name.airport", "{place} Airport")
NUMBERED = template("network.name.numbered", "{name} {number}")
