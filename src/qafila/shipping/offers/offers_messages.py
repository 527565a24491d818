"""What is told of offers: why one was taken, what a promise rests on, the lines of landed cost, goods that are refused."""

from qafila.core.message import template

NO_WAY = template("offers.no_way", "No service goes there.")
ASK_OPERATOR = template("offers.ask_operator", "Ask the operator of the network.")
TOO_LATE = template("offers.too_late", "The earliest promise is {day}, after {asked}.")
GIVE_LATER_DAY = template(
    "offers.give_later_day",
    "Give that day or a later one, make the goods ready sooner, or choose by another rule.",
)

# why an offer was taken
CHEAPEST = template("offers.why.cheapest", "cheapest")
FASTEST = template("offers.why.fastest", "fastest")
GREENEST = template("offers.why.greenest", "greenest")
KEEPS_DAY = template("offers.why.keeps_day", "cheapest that keeps {day}")
ONLY_WAY = template("offers.why.only_way", "{rule}: the only way there is")
NONE_BETTER = template("offers.why.none_better", "{rule}, and none is better in any other respect")
CHEAPEST_WOULD = template(
    "offers.why.cheapest_would", "the cheapest would cost {cost}, arrive {when}, with {co2e}"
)
FASTEST_WOULD = template(
    "offers.why.fastest_would", "the fastest would cost {cost}, arrive {when}, with {co2e}"
)
GREENEST_WOULD = template(
    "offers.why.greenest_would", "the greenest would cost {cost}, arrive {when}, with {co2e}"
)
MORE = template("offers.why.more", "{amount} more")
LESS = template("offers.why.less", "{amount} less")
CO2E_G = template("offers.why.co2e_g", "{g} g CO2e")
CO2E_KG = template("offers.why.co2e_kg", "{kg} kg CO2e")
SAME_TIME = template("offers.why.same_time", "at the same time")
LATER = template("offers.why.later", "{span} later")
SOONER = template("offers.why.sooner", "{span} sooner")
DAYS = template("offers.why.days", "{days} days")
HOURS = template("offers.why.hours", "{hours} h")

BASIS = template(
    "offers.promise.basis",
    "estimated from the time to spare at {connections} connections and on the last day, and from how late each mode runs (facts/lateness.csv)",
)
LEARNED = template(
    "offers.promise.learned",
    "learned from {history}; ranges that should hold for four ways in five held for {held} of those on weeks that it had not seen",
)
NO_HISTORY = template("offers.promise.no_history", "no history yet")

# lines of landed cost, and where they come from
GOODS = template("offers.cost.goods", "Goods")
FREIGHT = template("offers.cost.freight", "Freight to the door")
INSURANCE = template("offers.cost.insurance", "Insurance")
IMPORT_DUTY = template("offers.cost.import_duty", "Import duty")
VAT = template("offers.cost.vat", "VAT")
DUTY_UNKNOWN = template("offers.cost.duty_unknown", "Duty and taxes: not known")
CHARGE = template("offers.cost.charge", "{name} ({rate})")
DECLARED = template("offers.source.declared", "declared by the sender")
RATE_CARD = template("offers.source.rate_card", "qafila's public rate card")
OWN_TERMS = template("offers.source.own_terms", "qafila's terms (facts/offer-terms.csv)")
NOT_ASKED = template("offers.source.not_asked", "not asked for")
NOT_INSURED = template("offers.cost.not_insured", "not insured")
RULES_OF = template("offers.source.rules_of", "customs rules of {country}")
NONE_DUE = template("offers.cost.none_due", "none is due on this consignment")
NOTHING_GUESSED = template(
    "offers.cost.nothing_guessed", "Nothing is guessed: the receiver may have to pay import charges."
)
THEN = template("offers.cost.then", "{way} → {mode}")

# goods that are prohibited on the way
PROHIBITED = template("offers.prohibited", "Prohibited: {what}. {law}; source: {source} ({confidence}).")
TAKE_OUT = template("offers.prohibited.take_out", "Take these goods out of the order.")
CODE_PROPOSED = template(
    "offers.prohibited.code_proposed",
    "HS {hs} was proposed from the description, {share} sure: if they are something else, give their HS code.",
)
CODE_WRONG = template("offers.prohibited.code_wrong", "If the HS code is wrong, give the right one.")
CODE_MISSING = template("offers.prohibited.code_missing", "If they are something else, give their HS code.")
