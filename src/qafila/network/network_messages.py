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

# what is wrong with a feed, as a whole, in a row or in a cell; each is followed by what would mend it
ALL_PROBLEMS = template(
    "network.feed.problems",
    "The feed has {n} problems. The first: {first}",
    "The feed has one problem: {first}",
)
PROBLEM = template("network.feed.problem", "{where}: {reason} {remedy}")
FILE_MISSING = template("network.feed.file_missing", "The file is missing.")
ADD_FILE = template("network.feed.add_file", "Add it with the columns {columns}.")
ADD_FILE_ALONE = template("network.feed.add_file_alone", "Add it to the folder.")
NOT_CSV = template("network.feed.not_csv", "This is not CSV ({why}).")
WRITE_CSV = template("network.feed.write_csv", "Write plain CSV with commas.")
NOT_UTF8 = template("network.feed.not_utf8", "The file is not UTF-8; its encoding is not known.")
NOT_UTF8_BUT = template("network.feed.not_utf8_but", "The file is not UTF-8; it looks like {encoding}.")
SAVE_UTF8 = template("network.feed.save_utf8", "Save the file as UTF-8.")
COLUMN_MISSING = template("network.feed.column_missing", "The column is missing.")
ADD_COLUMN = template("network.feed.add_column", "Add it to the header.")
COLUMN_TWICE = template("network.feed.column_twice", "The column comes twice.")
COLUMN_UNKNOWN = template("network.feed.column_unknown", "This is an unknown column.")
KEEP_COLUMNS = template("network.feed.keep_columns", "Keep {columns}.")
CELLS = template(
    "network.feed.cells",
    "The row has {n} values for {width} columns.",
    "The row has one value for {width} columns.",
)
QUOTE = template("network.feed.quote", "Put quotation marks around a value that holds a comma.")
ONE_HEAD = template("network.feed.one_head", "The file has more than one row.")
KEEP_ONE = template("network.feed.keep_one", "Keep one row.")
CORRECT = template("network.feed.correct", "Correct it.")

NOT_CLOCK = template("network.feed.not_clock", "This is not a time of day.")
WRITE_CLOCK = template("network.feed.write_clock", "Write HH:MM, with +1 for the day after (01:30+1).")
NOT_CHOICE = template("network.feed.not_choice", "This is not one of the words of the column {column}.")
USE_ONE = template("network.feed.use_one", "Use {words}.")
NOT_WHOLE = template("network.feed.not_whole", "This is not a whole number.")
DIGITS = template("network.feed.digits", "Write digits only.")
NOT_NUMBER = template("network.feed.not_number", "This is not a number.")
WITH_POINT = template("network.feed.with_point", "Write it with a point: 12.50.")
NOT_FLAG = template("network.feed.not_flag", "This is neither 0 nor 1.")
WRITE_FLAG = template("network.feed.write_flag", "Write 1 for yes and 0 for no.")
NOT_DATE = template("network.feed.not_date", "This is not a date.")
WRITE_DATE = template("network.feed.write_date", "Write YYYY-MM-DD.")
NOT_MODE = template("network.feed.not_mode", "This is not a mode.")
NOT_GOODS = template("network.feed.not_goods", "{word} is not a kind of goods.")
USE_GOODS = template("network.feed.use_goods", "Use {words}, separated by spaces.")

SAME_AS = template("network.feed.same_as", "It is the same as row {row}.")
OTHER_ID = template("network.feed.other_id", "Remove one of them or give it another id.")
NOT_IN = template("network.feed.not_in", "It is not in {file}.")
NOT_IN_ROWS = template(
    "network.feed.not_in_rows",
    "It is not in {file}; {n} more rows name it.",
    "It is not in {file}; one more row names it.",
)
ADD_TO = template("network.feed.add_to", "Correct it or add it to {file}.")
NEGATIVE = template("network.feed.negative", "It is negative.")
ZERO_OR_MORE = template("network.feed.zero_or_more", "Write 0 or more.")
NOT_POSITIVE = template("network.feed.not_positive", "It is not above 0.")
ONE_OR_MORE = template("network.feed.one_or_more", "Write 1 or more.")
ADD_MODE = template("network.feed.add_mode", "Add its volumetric weight to modes.csv.")
BEFORE_FROM = template("network.feed.before_from", "It lies before valid_from.")
SWAP_DATES = template("network.feed.swap_dates", "Swap the two dates.")
NOT_LATITUDE = template("network.feed.not_latitude", "This is not a latitude.")
LATITUDES = template("network.feed.latitudes", "Write degrees from -90 to 90.")
NOT_LONGITUDE = template("network.feed.not_longitude", "This is not a longitude.")
LONGITUDES = template("network.feed.longitudes", "Write degrees from -180 to 180.")
UNKNOWN_ZONE = template("network.feed.unknown_zone", "This is an unknown time zone.")
USE_ZONE = template("network.feed.use_zone", "Use a name of the IANA list, such as Africa/Casablanca.")
OTHER_COUNTRY = template("network.feed.other_country", "It is not a country of territory {territory}.")
ADD_COUNTRY = template(
    "network.feed.add_country", "Correct it, or add {country} to the territory's countries."
)
OTHER_TERRITORY = template("network.feed.other_territory", "It is also in territory {territory}.")
ONE_TERRITORY = template("network.feed.one_territory", "Keep it in one territory.")
NOT_WEEK = template("network.feed.not_week", "It is not seven digits of 0 and 1.")
WRITE_WEEK = template("network.feed.write_week", "Write Monday to Sunday: 1111100.")
NO_HOLIDAYS = template("network.feed.no_holidays", "For this country no public holidays are known.")
USE_COUNTRY = template(
    "network.feed.use_country",
    "Use an ISO 3166 alpha-2 code, or leave it empty and list days in calendar_dates.csv.",
)
CLOSES_EARLY = template("network.feed.closes_early", "It is not after opening, or is past 24:00.")
SPLIT_HOURS = template("network.feed.split_hours", "Split hours over midnight into two rows.")
NO_RATE = template("network.feed.no_rate", "For this currency no exchange rate is known.")
USE_CURRENCY = template("network.feed.use_currency", "Use an ISO 4217 code that exchange-rates.csv has.")

OTHER_MODE = template("network.feed.other_mode", "Its vehicle {vehicle} is for {mode}.")
CORRECT_MODE = template("network.feed.correct_mode", "Correct the mode or the vehicle.")
NEITHER_CLOCK = template("network.feed.neither_clock", "It is neither local nor utc.")
WRITE_LOCAL = template("network.feed.write_local", "Write local or utc.")
NO_FACTOR = template("network.feed.no_factor", "There is no CO₂e factor for it.")
ADD_FACTOR = template("network.feed.add_factor", "Add one to emissions.csv.")
FEW_CALLS = template("network.feed.few_calls", "The service has {n} calls.", "The service has one call.")
TWO_CALLS = template("network.feed.two_calls", "Give it two calls or more in calls.csv.")
NO_SUCH_CALL = template("network.feed.no_such_call", "{service} does not depart from such a call.")
USE_SEQUENCE = template(
    "network.feed.use_sequence", "Use a sequence of calls.csv, or leave it empty for the whole service."
)
CARRIES_LESS = template("network.feed.carries_less", "It is more than {vehicle} carries ({kg} kg).")
HOLDS_LESS = template("network.feed.holds_less", "It is more than {vehicle} holds ({m3} m³).")
LOWER = template("network.feed.lower", "Lower it or use a larger vehicle.")
NO_CAPACITY = template("network.feed.no_capacity", "It has no capacity from call {call}.")
ADD_CAPACITY = template("network.feed.add_capacity", "Add a row to capacities.csv.")
TOUR_ENDS = template("network.feed.tour_ends", "A round starts and ends at one facility, in two calls.")
END_TOUR = template("network.feed.end_tour", "End it at {facility}, or use mode road.")
NO_CUSTOMS = template(
    "network.feed.no_customs", "Service {service} crosses a customs border, and {facility} has no customs."
)
USE_GATEWAY = template(
    "network.feed.use_gateway", "Call at a gateway, or set gateway to 1 in facilities.csv."
)
TIME_MISSING = template("network.feed.time_missing", "The time is missing.")
WRITE_TIME = template("network.feed.write_time", "Write HH:MM (+1 for the day after).")
FIRST_HAS_NONE = template("network.feed.first_has_none", "The first call has no such time.")
LAST_HAS_NONE = template("network.feed.last_has_none", "The last call has no such time.")
LEAVE_EMPTY = template("network.feed.leave_empty", "Leave it empty.")
LEAVES_FIRST = template("network.feed.leaves_first", "It departs before it arrives.")
DAY_AFTER = template("network.feed.day_after", "Time runs backwards: use +1 for the day after.")
ARRIVES_FIRST = template(
    "network.feed.arrives_first", "It arrives {minutes} minutes before it left {facility}."
)
LOCAL_TIME = template(
    "network.feed.local_time",
    "Time runs backwards: write the local time there, with +1 for the day after.",
)
TOO_FAST = template(
    "network.feed.too_fast", "{km} km in {minutes} minutes is faster than {vehicle} ({speed} km/h)."
)
ARRIVE_LATER = template("network.feed.arrive_later", "Let it arrive later.")
SEVERAL_TYPES = template("network.feed.several_types", "One aircraft has several types: {types}.")
ONE_TYPE = template("network.feed.one_type", "Use one type for one registration.")
OUT_OF_RANGE = template(
    "network.feed.out_of_range", "It is {km} km from {facility}; {vehicle} flies {range} km."
)
ADD_STOP = template("network.feed.add_stop", "Add a stop on the way or use another aircraft.")
ELSEWHERE = template(
    "network.feed.elsewhere", "The aircraft {registration} is at {facility} (after {service})."
)
FLY_THERE = template("network.feed.fly_there", "Fly it there first or use another registration.")
SHORT_GROUND = template(
    "network.feed.short_ground",
    "It has {minutes} minutes on the ground after {service}; {vehicle} needs {needed}.",
)
DEPART_LATER = template("network.feed.depart_later", "Let it depart later.")

ID_TAKEN = template("network.feed.id_taken", "The network has this id already.")
OWN_ID = template("network.feed.own_id", "Give it one of your own, such as one that begins with your name.")
OTHERS_CALENDAR = template("network.feed.others_calendar", "This is no calendar that you bring.")
OWN_CALENDARS = template("network.feed.own_calendars", "Bring a calendar of your own, and days of it only.")
OTHERS_VEHICLE = template("network.feed.others_vehicle", "This is no vehicle that you bring.")
OWN_VEHICLES = template("network.feed.own_vehicles", "Bring a vehicle of your own, and its emissions only.")
OTHERS_SERVICE = template("network.feed.others_service", "This is no service of yours.")
OWN_SERVICES = template("network.feed.own_services", "Bring calls and capacities of your own services only.")
# drawing a network
PORT = template("network.port_named", "{place} port")
RAIL_TERMINAL = template("network.rail_terminal_named", "{place} rail terminal")
NO_DRAWN_PLACE = template("network.drawing.no_place", "Nothing of that name is drawn: {id}.")
CHOOSE_DRAWN = template("network.drawing.choose", "Choose one of the places of the list.")
DRAWN_FULL = template("network.drawing.full", "No more than {most} can be drawn.")
MAKE_A_FEED = template(
    "network.drawing.feed", "Export the network as a feed, add it there and load the feed."
)
DRAWN_TWICE = template("network.drawing.twice", "There is a place called {name} already.")
NAME_IT_OTHERWISE = template("network.drawing.other_name", "Give it another name.")
LINE_TWICE = template("network.drawing.line_twice", "This line is drawn already.")
CHANGE_LINE = template("network.drawing.change_line", "Choose another hour, other days or other places.")
LINE_NOWHERE = template("network.drawing.nowhere", "A line ends where it starts.")
CHOOSE_TWO = template("network.drawing.two", "Choose two places.")
NO_LINE_MODE = template("network.drawing.no_mode", "No line goes so.")
CHOOSE_MODE = template("network.drawing.mode", "Choose truck, freighter, passenger flight, ship or train.")
WRONG_END = template("network.drawing.wrong_end", "Such a line neither starts nor ends at {place}.")
DRAW_ITS_END = template(
    "network.drawing.its_end",
    "Flights need an airport at both ends, ships a port, trains a rail terminal. Draw it, and a truck between the two.",
)
OVER_SEA = template("network.drawing.sea", "Between {start} and {end} lies the sea.")
DRAW_PORTS = template("network.drawing.ports", "Draw a port on each side, and a ship between them.")
NO_DAY = template("network.drawing.no_day", "The line runs on no day.")
CHOOSE_DAY = template("network.drawing.day", "Choose at least one day of the week.")
NO_HOUR = template("network.drawing.no_hour", "That is no time of day.")
WRITE_HOUR = template("network.drawing.hour", "Write hours and minutes, as 18:30.")
NO_ROOM_DRAWN = template("network.drawing.no_room", "That is no room for parcels.")
WRITE_KG = template("network.drawing.kg", "Write whole kilograms from 1 to 1,000,000.")
NOTHING_MOVES = template("network.drawing.nothing", "Nothing moves in this network yet.")
DRAW_A_LINE = template("network.drawing.line", "Draw two places and a line between them.")
NO_CUSTOMS_KNOWN = template(
    "network.drawing.no_customs",
    "{place} lies in {country}, whose customs the reference network does not know.",
)
NO_TOWN = template("network.drawing.no_town", "No town of that name is known in {country}.")
NEAR_NAMES = template("network.drawing.near_names", "Did you mean {names}? Or click on the map.")
CLICK_MAP = template("network.drawing.click", "Check its spelling, or click on the map.")
FAR_FROM_TOWNS = template("network.drawing.far", "No town lies within {km} km of that point.")
CLICK_LAND = template("network.drawing.land", "Choose a point on land.")

# cabotage: whose carrier a service is, and what carriers of elsewhere may do
NOT_A_COUNTRY = template("network.feed.not_a_country", "It is not the code of a country.")
USE_FLAG = template("network.feed.use_flag", "Use an ISO 3166 alpha-2 code: MA.")
NO_AREA = template("network.feed.no_area", "It is neither a country nor a territory.")
USE_AREA = template("network.feed.use_area", "Use an ISO 3166 alpha-2 code, the id of a territory, or *.")
NOT_WITHIN = template("network.feed.not_within", "A rule cannot be about that.")
USE_WITHIN = template(
    "network.feed.use_within", "Write country; or territory, where the area is the id of a territory."
)
NO_CARRIERS = template("network.feed.no_carriers", "It is for nobody.")
EVERYBODY = template("network.feed.everybody", "Write * for everybody.")
NO_LIMIT = template("network.feed.no_limit", "The limit has no numbers.")
GIVE_LIMIT = template("network.feed.give_limit", "Write how many operations in how many days, 1 or more.")

NOT_HERE = template("network.not_here", "{file} names no network that is here.")
LOAD_ONE = template("network.load_one", "Run qafila network load with your feed, or with --reference.")
