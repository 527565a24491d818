"""What the load planner tells people: why a piece stays behind, and what would let it fly."""

from __future__ import annotations

from qafila.core.message import template

TOO_LATE = template(
    "air.too_late", "It is ready {minutes} minutes too late for a ULD that takes it to be built up in time."
)
COME_EARLIER = template("air.come_earlier", "Bring it {minutes} minutes earlier.")
TOO_LARGE = template(
    "air.too_large", "No ULD of this aircraft is large enough for it, whichever way it may be turned."
)
OTHER_AIRCRAFT = template("air.other_aircraft", "Book it on a larger aircraft, or in smaller pieces.")
TOO_HEAVY = template(
    "air.too_heavy", "It weighs {weight} kg; in a ULD that takes it, an aircraft position allows {most} kg."
)
AT_ODDS = template("air.at_odds", "Its own handling codes may not share a ULD: {codes}.")
SPLIT_UP = template("air.split_up", "Book goods with these codes as pieces of their own.")
PAYLOAD_FULL = template(
    "air.payload_full",
    "The aircraft's payload is used up: {free} kg are left, and a piece weighs {weight} kg.",
)
LEAVE_WEIGHT = template(
    "air.leave_weight",
    "It flies if {weight} kg of other goods stay behind that cost less per kg: the cheapest on board, {shipment}, cost {other} per kg and this {own}.",
)
NO_LESS_COSTLY = template(
    "air.no_less_costly",
    "It flies if {weight} kg of other goods stay behind; everything on board costs at least as much per kg to leave.",
)
NO_POSITION = template(
    "air.no_position",
    "No position is free for a further ULD that takes it, and the search found no room in those that are built.",
)
LEAVE_ROOM = template(
    "air.leave_room", "It flies if {volume} m³ of other goods stay behind, or with more time to search."
)
NOT_WORTH_A_ULD = template(
    "air.not_worth_a_uld",
    "No ULD that is built has room for it; a further one costs {cost}, and to leave what would go in it costs {penalty}.",
)
MORE_GOODS = template(
    "air.more_goods",
    "It flies with more goods for the same airport, or if leaving it costs more than {cost}.",
)

DO_NOT_LOAD = template("air.do_not_load", "{authority} says: do not load.")
ASK_AUTHORITY = template("air.ask_authority", "It may be loaded once {authority} withdraws this.")
NO_DECLARATION = template("air.no_declaration", "It has no consignment security declaration.")
DECLARE = template("air.declare", "Give its security status and the number of the declaration.")
NOT_SECURE = template(
    "air.not_secure", "With the security status {status} it may not fly on a cargo aircraft."
)
NOT_SCREENED = template(
    "air.not_screened", "It was neither secured by a known consignor or regulated agent nor screened."
)
SCREEN = template("air.screen", "Have it screened, and give the method.")
HIGH_RISK = template("air.high_risk", "It is high-risk cargo and was not screened by two methods.")
SCREEN_TWICE = template("air.screen_twice", "Have it screened by two methods, and give both.")
UNDECLARED = template(
    "air.undeclared",
    "By its order it holds {goods}, and no shipper's declaration of dangerous goods is there.",
)
DECLARE_DANGEROUS = template(
    "air.declare_dangerous",
    "Give UN number and packing instruction in its air waybill, or correct the order.",
)
WRONG_INSTRUCTION = template("air.wrong_instruction", "{un} is not packed by packing instruction {given}.")
RIGHT_INSTRUCTION = template(
    "air.right_instruction", "Pack it by one of these packing instructions: {right}."
)
TOO_CHARGED = template(
    "air.too_charged",
    "Batteries of {un} by packing instruction {instruction} may be charged to {most} % at most.",
)
DISCHARGE = template("air.discharge", "Discharge them to {most} %, and state it.")

DECISION_LOAD = template("air.decision.load", "Which lots of a flight stayed behind")
SCOPE_PLAN = template("air.scope.plan", "plan the loading of an aircraft, and print its load sheet and NOTOC")

NO_SUCH_POSITION = template("air.no_such_position", "{uld}: this aircraft has no position {position}.")
TAKEN = template("air.taken", "{position} is taken by {other}: {uld} cannot stand there too.")
DOES_NOT_TAKE = template("air.does_not_take", "{position} takes no {type}.")
HEAVY_THERE = template("air.heavy_there", "{uld} weighs {weight} kg; {position} takes {most} kg.")
OVERLAP = template("air.overlap", "{one} and {other} overlap: only one of them can be used.")
LIMIT_PASSED = template("air.limit_passed", "The limit {limit} is passed: {load} kg of {most} kg.")
OUT_OF_BALANCE = template(
    "air.out_of_balance", "The centre of gravity is at {arm} cm, outside {forward} to {aft} cm."
)
NOT_THIS_PLAN = template(
    "air.not_this_plan", "This page does not belong to a plan that can be read. Plan the flight again."
)
NO_PLAN = template("air.no_plan", "There is no load plan {plan}.")
PLAN_CLOSED = template("air.plan_closed", "The load plan {plan} is closed.")
BUILD_ANEW = template("air.build_anew", "Build a new one where the flight needs it.")
PLAN_CHANGED = template(
    "air.plan_changed", "The load plan {plan} was changed meanwhile: it is at revision {revision}."
)
LOOK_AGAIN = template("air.look_again", "Read it anew, and make your change on that.")
SAY_WHY = template("air.say_why", "A change of a kept plan needs a reason.")
FLIGHT_PLANNED = template(
    "air.flight_planned", "The flight {flight} has a load plan already: {plan}, at revision {revision}."
)
CHANGE_OR_WITHDRAW = template("air.change_or_withdraw", "Change that one, or withdraw it and keep yours.")
PARCEL_PLANNED = template(
    "air.parcel_planned", "The parcel {parcel} is on the load plan {plan} of flight {flight} already."
)
WITHOUT_PARCEL = template("air.without_parcel", "Withdraw that plan, or plan this flight without the parcel.")
PLAN_WITHDRAWN = template("air.plan_withdrawn", "The load plan {plan} is withdrawn.")
ULD_HEAVY = template("air.uld_heavy", "{uld} weighs {weight} kg; one of its type may weigh {most} kg.")
ULD_UNSOUND = template(
    "air.uld_unsound", "{uld} cannot be built up as this page says. Plan the flight again."
)
PLAN_STATES = {
    "built": template("air.plan_state.built", "built"),
    "changed": template("air.plan_state.changed", "changed by hand"),
    "closed": template("air.plan_state.closed", "closed"),
    "withdrawn": template("air.plan_state.withdrawn", "withdrawn by the planner"),
}
"""How the state of a kept plan, or what was done with it, is said."""
