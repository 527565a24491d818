"""What sorting says to people."""

from __future__ import annotations

from qafila.core.message import template

DECISION_SCANS = template("sorting.decision.scans", "Which chutes scanned parcels were sent to")
DECISION_PLAN = template("sorting.decision.plan", "A sort plan that is put in place")
DECISION_RECALL = template("sorting.decision.recall", "Parcels called back, or let go on again")
SCOPE_READ = template("sorting.scope.read", "see sort plans, chutes, bags and what is in them")
SCOPE_WORK = template("sorting.scope.work", "sort parcels, fill and close bags, load and unload")
SCOPE_MANAGE = template("sorting.scope.manage", "set up sorting centres, make sort plans, recall parcels")

# why a parcel goes to a chute
BY_PLAN = template("sorting.why.plan", "To {place} by {service}, which takes it until {time}.")
BY_PLAN_LAST = template(
    "sorting.why.last", "It is delivered from here by {service}, which takes it until {time}."
)
FIRST_PASS = template("sorting.why.group", "To {place}: sorted once more from this chute.")
UNKNOWN = template("sorting.why.unknown", "No parcel with the number {number} was booked.")
UNREADABLE = template("sorting.why.unreadable", "Its number cannot be read: {number}.")
DAMAGED = template("sorting.why.damaged", "It is damaged.")
OVERWEIGHT = template("sorting.why.overweight", "It weighs {grams} g; the sorter carries {most} g.")
OVERSIZE = template(
    "sorting.why.oversize", "It is {size} mm large; the sorter carries {most} mm at most, {girth} mm around."
)
HELD = template("sorting.why.held", "Customs hold it.")
RECALLED = template("sorting.why.recalled", "It was recalled.")
MISSED = template("sorting.why.missed", "Its departure {service} took parcels until {time} only.")
ASTRAY = template("sorting.why.astray", "Its booked way does not lead through {place}.")
NO_CHUTE = template("sorting.why.no_chute", "The sort plan has no chute for {place}.")
NO_PLAN = template("sorting.why.no_plan", "No sort plan is in place here.")
CORRECTED = template("sorting.why.corrected", "Read as {read}; only {number} can be meant.")

PUT_WRONG = template(
    "sorting.put_wrong",
    "{number} was put into chute {put} without connection; it belongs into chute {chute}.",
)
NO_CHUTE_HERE = template("sorting.no_chute_here", "{facility} has no chute {chute}.")

# setting up
CENTRE_WRONG = template("sorting.centre_wrong", "The sorting centre cannot be read: {what}.")
CENTRE_FORM = template(
    "sorting.centre_form",
    "Give facility, chutes (id, zone, metres) and special (the chute of each reason, unknown among them).",
)
CHUTE_TWICE = template("sorting.chute_twice", "The chute {chute} has no name or occurs twice.")
NO_UNKNOWN = template("sorting.no_unknown", "No chute is named for parcels that are unknown.")
NO_SPECIAL = template("sorting.no_special", "There is no reason {why}. There are: {known}.")
NO_CENTRE = template("sorting.no_centre", "{facility} is not set up as a sorting centre.")
SET_UP = template("sorting.set_up", "Set it up first: qafila sort centre FILE.")
NO_FLOW = template("sorting.no_flow", "Nothing is expected in {facility} between {since} and {until}.")
WIDER = template("sorting.wider", "Choose another time, or give the flows in a file.")
NO_PLAN_ID = template("sorting.no_plan_id", "There is no sort plan {plan} in {facility}.")
TOO_FEW = template(
    "sorting.too_few", "{chutes} chutes cannot sort {destinations} destinations in two passes."
)
MORE_CHUTES = template("sorting.more_chutes", "Sort by region first, or name more chutes.")
FLOW_WRONG = template(
    "sorting.flow_wrong", "The flow to {destination} is {parcels}: it must be a number of parcels, 0 or more."
)
WINDOW_WRONG = template("sorting.window_wrong", "The shift ends before it begins.")
NO_PARCEL = template("sorting.no_parcel", "No parcel with the number {number} is known.")
CHECK_NUMBER = template("sorting.check_number", "Check the number, or search for it by its order.")
MANY_LIKE = template("sorting.many_like", "{n} expected parcels have a number like {pattern}.")
WRITE_MORE = template(
    "sorting.write_more", "Write more of the number; ? stands for a character that cannot be read."
)

# bags and what holds them
NO_UNIT = template("sorting.no_unit", "There is no bag, pallet, ULD or vehicle {unit}.")
OPEN_IT = template("sorting.open_it", "Open it first.")
UNIT_KNOWN = template("sorting.unit_known", "{unit} is known already, as another kind or at another place.")
UNIT_STATE = template("sorting.unit_state", "{unit} is {state}: it cannot be {act} now.")
UNIT_RANK = template("sorting.unit_rank", "{child} does not go into {unit}: only something larger takes it.")
SEAL_WRONG = template("sorting.seal_wrong", "The seal is {found}; {unit} was sealed with {seal}.")
NO_SEAL = template("sorting.no_seal", "Say the number of the seal.")
UNIT_NUMBER = template("sorting.unit_number", "{unit} is not a number of this kind: {kind}. {what}")
VEHICLE_LENGTH = template("sorting.vehicle_length", "It is empty, or longer than 80 characters.")
NO_KIND = template("sorting.no_kind", "There is no kind {kind}. There are: {known}.")
NO_ACT = template("sorting.no_act", "There is no act {act}. There are: {known}.")
NO_TIME = template("sorting.no_time", "The time of an act has a zone, and is not in the future.")

# measuring
MEASURE_WRONG = template("sorting.measure_wrong", "A parcel does not weigh {grams} g or measure {size} mm.")
NO_FOLDER = template("sorting.no_folder", "There is no plan {folder}, or it is not ready.")
BAG_WRONG = template("sorting.bag_wrong", "{bag} cannot be read: {what}.")
BAG_ELSEWHERE = template(
    "sorting.bag_elsewhere", "The bag {bag} is none of the despatch {despatch}, or stands there twice."
)
DESPATCH_KNOWN = template("sorting.despatch_known", "The despatch {despatch} is known already.")
NO_DESPATCH = template("sorting.no_despatch", "There is no despatch {despatch}.")
SHIFT_CLOSED = template("sorting.shift_closed", "The shift {shift} was handed over already.")
COUNT_SAYS = template("sorting.count_says", "Chute {chute}: {counted} counted, {known} by the books.")
IN_NOTHING = template("sorting.in_nothing", "{number} lies in no bag, pallet, ULD or vehicle.")
NOT_EDIFACT = template("sorting.not_edifact", "This is no EDIFACT that can be used: {what}.")
EDIFACT_LACKS = template("sorting.edifact_lacks", "The content has no {field}; its EDIFACT message needs it.")
EDIFACT_TIME = template(
    "sorting.edifact_time", "{field} is no time with its offset from UTC, such as 2027-03-01T12:30:00+01:00."
)
EDIFACT_LONG = template(
    "sorting.edifact_long", "{field} is {length} characters long; its EDIFACT message takes {most}."
)
READ_AS_JSON = template("sorting.read_as_json", "Read it as JSON, which takes it as it was sent.")
MEND_EDIFACT = template(
    "sorting.mend_edifact",
    "Send one interchange with one IFCSUM of directory D.01B; docs/sorting.md lists its segments.",
)
