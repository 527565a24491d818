"""What the customs desk tells people: what a declaration lacks, what a step needs, what an authority answers."""

from qafila.core.message import template

FIELD_IS_WRONG = template("clearance.field.wrong", "{field}: {reason}")
NOT_AN_OBJECT = template("clearance.field.not_an_object", "It is not an object.")
WRITE_OBJECT = template("clearance.field.write_object", "Write it in braces.")
OWN_ID = template("clearance.field.own_id", "qafila gives the id.")
OWN_REFERENCE = template("clearance.field.own_reference", "Write your own number as `reference`.")
MISSING = template("clearance.field.missing", "It is missing.")
NAME_TERRITORY = template("clearance.field.name_territory", "Name the customs territory, e.g. MA or EU.")
UNKNOWN = template("clearance.field.unknown", "A declaration has no such field.")
KNOWN = template("clearance.field.known", "The fields are {fields}.")
DATASET_MISUSED = template(
    "clearance.field.dataset_misused",
    "{territory} does not take the form {dataset} for this procedure: {procedure}.",
)
CHOOSE_DATASET = template("clearance.field.choose_dataset", "Choose {datasets}.")
NOT_READABLE = template("clearance.field.not_readable", "“{given}” cannot be read here ({why}).")
SEE_FIELDS = template("clearance.field.see_fields", "See docs/clearance.md for what the field holds.")
NO_PLACE_FOR = template(
    "clearance.field.no_place", "The form {dataset} has no place for {fields}: it would be lost."
)
NO_FORM = template("clearance.field.no_form", "There is no form {dataset}.")
ABOUT = template("clearance.field.about", "{field} is what the declaration is about and cannot be changed.")
OPEN_ANOTHER = template("clearance.field.open_another", "Withdraw the declaration and open another.")
WITH_ITS_CURRENCY = template("clearance.field.with_its_other", "{field} is only half of an amount.")
GIVE_BOTH = template("clearance.field.give_both", "Give {field} with it.")
NO_LINE = template(
    "clearance.field.no_line", "{field}: the list has {n} entries.", one="{field}: the list has {n} entry."
)
NAME_FIELD_OF_LINE = template("clearance.field.name_of_line", "Name the field of the line.")
GIVE_WHOLE = template("clearance.field.give_whole", "Give {field} as a whole first.")
NOTHING_THERE = template("clearance.field.nothing_there", "{field} has nothing in it yet.")

# what a declaration lacks
MANDATORY = template("clearance.missing.mandatory", "{element} is mandatory.")
MANDATORY_WHERE = template("clearance.missing.mandatory_where", "{element} is mandatory where {condition}.")
IS_WRONG = template("clearance.missing.wrong", "{element} is wrong: {reason}")
GIVE_NUMBER = template("clearance.remedy.give_number", "Give the number as the authority gave it.")
GIVE_IOSS = template("clearance.remedy.give_ioss", "Give the seller's IOSS number, or leave the scheme out.")
ABOVE_H7 = template(
    "clearance.wrong.above_h7", "The goods are worth {worth}, and H7 ends at a value of {limit}."
)
DECLARE_IN_H1 = template("clearance.remedy.h1", "Declare them in H1.")
NOT_IN_H7 = template("clearance.wrong.not_in_h7", "Alcohol, tobacco and perfume cannot be declared in H7.")
NO_PREFERENCE_IN_H7 = template("clearance.wrong.preference_in_h7", "A preference cannot be claimed in H7.")
LEAVE_OUT_OR_H1 = template("clearance.remedy.leave_out_or_h1", "Leave it out, or declare in H1.")
RESTRICTED_BY = template("clearance.restricted", "{reason}; {law}")
DO_NOT_SEND = template("clearance.remedy.do_not_send", "Do not send it.")
ATTACH = template("clearance.remedy.attach", "Attach: {document}.")
MAY_BE_LISTED = template("clearance.party.may_be", "{party} may be {listed} on {list} ({score}): {reason}")
CLEAR_OR_STOP = template("clearance.party.clear_or_stop", "Clear it with a reason, or stop the parcel.")
AMEND_AND_SEND = template("clearance.remedy.amend_and_send", "Amend the field and send it again.")

# steps that do not follow
CANNOT_BECOME = template(
    "clearance.step.cannot_become", "This declaration stands at “{state}”: “{following}” cannot follow."
)
NEXT_MAY_BE = template("clearance.step.next_may_be", "The next state can be {states}.")
LIFE_IS_OVER = template("clearance.step.over", "No further step is possible: open another declaration.")
NOT_AMENDED = template(
    "clearance.step.not_amended", "A declaration that stands at “{state}” can no longer be amended."
)
ASK_CUSTOMS = template("clearance.step.ask_customs", "Ask customs to change it.")
INCOMPLETE = template("clearance.step.incomplete", "The declaration is not complete: {lacking}")
STILL_HELD = template("clearance.step.still_held", "Customs still hold the goods: {reason}")
NO_FURTHER = template(
    "clearance.step.no_further", "A declaration that stands at “{state}” goes no further by itself."
)
ACT_FIRST = template("clearance.step.act_first", "Do what is to be done first, or withdraw it.")
DECLARED_ALREADY = template(
    "clearance.declared_already",
    "Parcel {parcel} is declared already in {territory} ({procedure}): {standing}.",
)
AMEND_THAT_ONE = template("clearance.amend_that_one", "Amend that one, or withdraw it first.")
NO_DECLARATION = template("clearance.no_declaration", "There is no declaration {id}.")
CHECK_ID = template("clearance.check_id", "Check the id against the list of declarations.")
NOTHING_ASSESSED = template("clearance.nothing_assessed", "{field} is missing: no duty can be worked out.")

# steps as they are noted
AMENDED = template("clearance.noted.amended", "amended")
CODE_CONFIRMED = template("clearance.noted.code_confirmed", "classification confirmed")
WITHDRAWN_AT_DESK = template("clearance.noted.withdrawn", "withdrawn at the desk")

# what an authority answers
PARTIES_OPEN = template(
    "clearance.answer.parties",
    "{n} parties that may be on a list are not cleared yet",
    one="{n} party that may be on a list is not cleared yet",
)
VAGUE = template("clearance.answer.vague", "the description does not say what the goods are")
ASSESSED = template("clearance.answer.assessed", "assessment complete")
FIELDS_MISSING = template("clearance.answer.missing", "missing: {fields}")
ACCEPTED = template("clearance.answer.accepted", "accepted")
NO_RISK = template("clearance.answer.no_risk", "{points} points of risk: no risk rule applies")
RISKS = template("clearance.answer.risks", "{points} points of risk: {risks}")
RISK = template("clearance.answer.risk", "{risk} (+{points})")
NEEDS = template("clearance.answer.needs", "needs: {document}")
STANDS_AGAINST = template("clearance.answer.against", "not allowed: {reason}")
AS_DECLARED = template("clearance.answer.as_declared", "found as declared")
GOODS_INSPECTED = template("clearance.answer.inspected", "goods inspected")
GREEN_CHANNEL = template("clearance.answer.green", "green channel")

# goods under bond
NOT_BONDED = template("clearance.bond.not_bonded", "Declaration {id} stands at “{state}”, not under bond.")
RELEASE_FROM_BOND = template(
    "clearance.bond.release_bonded", "Choose a declaration whose goods are under bond."
)
SAY_PIECES = template("clearance.bond.say_pieces", "Say how many pieces of which line leave the warehouse.")
NONE_LEAVES = template("clearance.bond.none_leaves", "No goods to release are named.")
TOO_MANY_ASKED = template(
    "clearance.bond.too_many", "Line {line}: {asked} pieces are asked for, {left} are under bond."
)
ASK_FOR_LESS = template("clearance.bond.ask_for_less", "Ask for what is left or less.")
NOT_PIECES = template("clearance.bond.not_pieces", "It is not a number of pieces.")

# decisions of people
NO_SUCH_LINE = template("clearance.decision.no_line", "The declaration has no such line.")
CHOOSE_LINE = template("clearance.decision.choose_line", "Choose one of its lines.")
NOT_A_SUBHEADING = template("clearance.decision.not_a_subheading", "“{hs}” is not a subheading of {edition}.")
GIVE_SIX_DIGITS = template("clearance.decision.six_digits", "Give the six digits of a subheading.")
NOBODY_DECIDED = template("clearance.decision.nobody", "Nobody is named who decided.")
SAY_WHO = template("clearance.decision.say_who", "Say who decided.")
NO_VERDICT = template("clearance.decision.no_verdict", "“{verdict}” is not a decision.")
VERDICTS_ARE = template("clearance.decision.verdicts", "Write {verdicts}.")
NO_REASON = template("clearance.decision.no_reason", "Who decides, or why, is missing.")
RECORD_STANDS = template("clearance.decision.record_stands", "Say who decides and why.")
NO_OPEN_HIT = template("clearance.decision.no_open_hit", "There is no open hit {id}.")
NOT_OF_THIS = template("clearance.decision.not_of_this", "This hit is not of this declaration.")
SEE_HITS = template("clearance.decision.see_hits", "See the hits that the declaration shows.")
PAPER_NUMBER = template("clearance.paper.number", "The paper's number is missing.")
WRITE_PAPER_NUMBER = template("clearance.paper.write", "Write the paper's number.")
ALL_RELEASED = template("clearance.bond.all_released", "all of it was released from bond")
