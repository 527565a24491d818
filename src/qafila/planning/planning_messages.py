"""What the planner tells people about its own work."""

from __future__ import annotations

from qafila.core.message import template

SOLVER_FAILED = template(
    "planning.solver_failed",
    "The linear program of {columns} ways was not solved ({answer}); it was shared out step by step instead.",
)

SEARCH_ENDED = template(
    "planning.search_ended",
    "The search ended early, with the best plan so far, because of an error in the program: {error}.",
)

CARRIED_ON = template(
    "planning.carried_on",
    "A search for this plan had been killed before; this one went on from the best plan that it had found.",
)

NOT_AS_CLAIMED = template(
    "planning.not_as_claimed",
    "The check of what was written found {count} commodities left over that have a way with room: first {id}.",
)

FOLDER_NOT_WRITTEN = template(
    "planning.folder_not_written",
    "{folder}: the plan could not be written ({why}); what the folder held before is untouched.",
)
RUN_AGAIN = template(
    "planning.run_again",
    "Make room there and give the same command again: it goes on from the best plan so far, as far as that could be "
    "kept.",
)

BOUND_NOT_PROVEN = template(
    "planning.bound_not_proven",
    "The lower bound could not be proven ({error}); the bound that is written assumes prices of zero.",
)

# what is scarce
WEIGHT_OF = template("planning.scarce.weight", "weight of {service} from {start} to {end} leaving {when}")
VOLUME_OF = template("planning.scarce.volume", "volume of {service} from {start} to {end} leaving {when}")
SORTING_OF = template("planning.scarce.sorting", "sorting of {place} from {when}")
DOCKS_OF = template("planning.scarce.docks", "docks of {place} from {when}")
CUSTOMS_OF = template("planning.scarce.customs", "customs lane of {place} from {when}")

# why a commodity goes where it goes
UNSERVED = template("planning.why.unserved", "{parcels} unserved: {why}")
HELD = template("planning.why.held", "{parcels} held for a fuller bag")
CHEAPEST = template("planning.why.cheapest", "the cheapest way there is")
TAKEN_UP = template("planning.why.taken_up", "its cheapest way ({cost} a parcel) has no room left: {full}")
ROOM_AGAIN = template(
    "planning.why.room_again",
    "its cheapest way has room again since other parcels are held for fuller bags",
)
NEXT_BEST = template("planning.why.next_best", "next best would cost {cost} a parcel, congestion included")

# why parcels are left behind
NO_WAY = template("planning.left.no_way", "no way from its release to the end of the timetable ({end})")
NO_WAY_FOR_GOODS = template(
    "planning.left.no_way_for_goods",
    "no way for these goods from its release to the end of the timetable ({end})",
)
CLOSED_DESTINATION = template(
    "planning.left.closed_destination", "every departure to {place} is closed or cancelled"
)
CLOSED_ORIGIN = template(
    "planning.left.closed_origin", "every departure from {place} after its release is closed or cancelled"
)
CLOSED_BETWEEN = template(
    "planning.left.closed_between",
    "its way led through {place}, where every departure is closed or cancelled, and no other way is left",
)
CLOSED_WAYS = template("planning.left.closed_ways", "every way needs a departure that is closed or cancelled")
COSTS_MORE = template(
    "planning.left.costs_more", "its cheapest way costs more than the penalty for leaving it"
)
NO_ROOM = template(
    "planning.left.no_room", "no room: {full} is full, and so is every other way worth its cost"
)
TWICE_THERE = template(
    "planning.left.twice", "no room: its cheapest way uses one place twice, which has room for it once"
)

# a demand file, a disruption or a plan that cannot be used
NO_FILE = template("planning.file.none", "{file}: there is no such file.")
UNREADABLE = template("planning.file.unreadable", "{file}: it cannot be read ({why}).")
GIVE_TABLE = template("planning.file.give_table", "Give a CSV in UTF-8 or a Parquet file.")
COLUMN_TWICE = template("planning.file.twice", "{file}: a column occurs twice: {columns}.")
KEEP_ONE = template("planning.file.keep_one", "Keep one of them.")
COLUMN_MISSING = template(
    "planning.file.missing", "{file}: columns are missing: {columns}. The file has: {there}."
)
NEEDED_ARE = template("planning.file.needed", "Needed are {needed}, separated by commas (docs/plan.md).")
NO_ROW = template("planning.file.no_row", "No row can be planned.")
NO_ROW_BUT = template("planning.file.no_row_but", "No row can be planned; row {row}, {field}: {reason}")
NO_FACILITY = template("planning.disruption.no_facility", "“{written}”: the plan has no facility {id}.")
NO_SERVICE = template("planning.disruption.no_service", "“{written}”: the plan has no service {id}.")
NOT_A_DAY = template("planning.disruption.not_a_day", "“{written}”: {day} is not a date.")
WRITE_DAY = template("planning.disruption.write_day", "Write it as 2026-01-07.")
NOT_THAT_DAY = template("planning.disruption.not_that_day", "“{written}”: {id} does not run on {day}.")
NAME_ANOTHER = template("planning.disruption.same", "“{written}”: it is the same facility.")
GO_ELSEWHERE = template("planning.disruption.another", "Name another facility to go to.")
NOT_A_WINDOW = template("planning.disruption.not_a_window", "“{written}”: the time cannot be read.")
WRITE_WINDOW = template("planning.disruption.write_window", "Write the time as 2026-01-07T06:00..2026-01-08.")
NOT_A_DISRUPTION = template("planning.disruption.unknown", "“{written}” is not a disruption.")
WRITE_DISRUPTION = template(
    "planning.disruption.write",
    "Write 'cancel SERVICE[@2026-01-07]', 'close FACILITY [from..to]', 'redirect FACILITY OTHER' or "
    "'peak 3x [origin/destination]'.",
)
NOT_A_PLAN = template("planning.not_a_plan", "{folder} is not a plan of `qafila plan`.")
NOT_A_PLAN_BECAUSE = template(
    "planning.not_a_plan_because", "{folder} is not a plan of `qafila plan` ({why})."
)
OTHER_FORMAT = template(
    "planning.other_format", "{folder} is a plan of format {found}; this qafila reads {own}."
)
CURRENCIES_DIFFER = template("planning.currencies_differ", "The plans are in different currencies: {plans}.")
DEMANDS_DIFFER = template(
    "planning.demands_differ", "The plans are for different numbers of parcels: {plans}."
)
NO_CAPACITY = template("planning.no_capacity", "{plan} has no capacity {row}.")

# rows of a demand file
ID_TWICE = template("planning.row.id_twice", "The id occurs twice.")
OWN_ID = template("planning.row.own_id", "Give each commodity an id of its own.")
THERE_ALREADY = template("planning.row.there", "Origin and destination are the same.")
LEAVE_ROW_OUT = template("planning.row.leave_out", "Leave the row out.")
NOT_ABOVE_ZERO = template("planning.row.not_above_zero", "It is not a number above 0.")
GIVE_DECIMAL = template("planning.row.decimal", "Give a number with a point before its decimals.")
TOO_MUCH = template("planning.row.too_much", "It is more than any network carries.")
GIVE_AT_MOST = template("planning.row.at_most", "Give {most} at most.")
NOT_WHOLE = template("planning.row.not_whole", "It is not a whole number.")
COUNT_PARCELS = template("planning.row.count", "Parcels are counted: 1, 2, 3 …")
TOO_LIGHT = template("planning.row.too_light", "It is less than a gram a parcel.")
WEIGHT_OF_ALL = template("planning.row.weight_of_all", "Give the weight of all parcels, in kg.")
NOT_AN_INSTANT = template("planning.row.not_an_instant", "It is not a time.")
WRITE_INSTANT = template("planning.row.write_instant", "Write it as 2026-01-05T18:00:00Z or +01:00.")
OUTSIDE = template("planning.row.outside", "It is outside the timetable ({first} to {last}).")
PLAN_WITH = template("planning.row.plan_with", "Plan with --from-date and --days that include it.")
UNKNOWN_CLASS = template("planning.row.unknown_class", "The service class is not known.")
USE_CLASS = template("planning.row.use_class", "Use one of {known}, or state due and late_price.")
NOT_A_PRICE = template("planning.row.not_a_price", "It is not a price.")
PRICE_WITHIN = template("planning.row.price_within", "Give a number from 0 to {most}, or leave it empty.")
NOT_A_LIMIT = template("planning.row.not_a_limit", "It is not a number of transfers.")
LIMIT_WITHIN = template(
    "planning.row.limit_within", "Give a whole number from 0 to {most}, or leave it empty for no limit."
)
UNKNOWN_GOODS = template("planning.row.unknown_goods", "This kind of goods is not known.")
USE_GOODS = template("planning.row.use_goods", "Use {known}.")
EMPTY = template("planning.row.empty", "It is empty.")
GIVE_PLACE = template("planning.row.give_place", "Give a facility id or a city.")
NO_DOORS = template("planning.row.no_doors", "No vans serve doors from there.")
FACILITY_ALONE = template("planning.row.facility_alone", "Name the facility without /door.")
NO_PLACE = template("planning.row.no_place", "No facility has that id, and no city of that name has one.")
SEE_FACILITIES = template(
    "planning.row.see_facilities", "See `qafila network stats` and the feed's facilities.csv."
)

# a file of lines
LINES_COLUMNS = template(
    "planning.lines.columns",
    "{file}: a file of lines has the column service, and others only of these: {known}.",
)
LINES_ROW = template("planning.lines.row", "{file}, row {row}, {field}: {why}")
LINE_TWICE = template("planning.lines.twice", "The line stands in another row, too.")
NUMBER_WITHIN = template("planning.lines.number", "Give a number from {low} to {high}, or leave it empty.")
YES_OR_NO = template("planning.lines.yes_or_no", "Write yes or no, or leave it empty for yes.")
STEPS_FORM = template(
    "planning.lines.steps", "Write steps as kg=cost, the least kg first, as in 500=120|1000=200."
)
NO_SUCH_SERVICE = template("planning.lines.no_service", "No service {id} runs in these days on this network.")
SHIFTED_TOO_FAR = template("planning.lines.too_far", "{id}: shifted so far it would leave the day before.")
