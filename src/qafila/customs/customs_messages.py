"""What customs tell people: codes, rates and why, restrictions, what would change a duty."""

from qafila.core.message import template

NATIONAL_CHAPTER = template(
    "customs.code.national_chapter",
    "Chapters 98 and 99 are for each country's own use: they do not say what the goods are.",
)
NO_HEADING = template("customs.code.no_heading", "{edition} has no heading {hs}.")
NO_SUBHEADING = template("customs.code.no_subheading", "{edition} has no subheading {hs}.")

# a code as it was written
NOT_A_CODE = template("customs.code.not_a_code", "“{written}” is not an HS code.")
WRITE_CODE = template("customs.code.write", "Write 6 to 10 digits, e.g. 610910.")
CODE_BECAME = template("customs.code.became", "It is a code of {edition}; in {now} it became {codes}.")
CODES_NEAR = template("customs.code.near", "Codes near it are {codes}.")

# a consignment that cannot be read
NOT_AN_OBJECT = template("customs.consignment.not_an_object", "It is not an object.")
WRITE_OBJECT = template("customs.consignment.write_object", "Write {example}.")
NO_GOODS = template("customs.consignment.no_goods", "The goods are missing.")
GIVE_GOODS = template("customs.consignment.give_goods", "Give a list: {example}.")
MISSING = template("customs.consignment.missing", "It is missing.")
WRITE_DAY = template("customs.consignment.write_day", "Write the day of import, e.g. 2026-11-23.")
NO_LINE_VALUE = template("customs.consignment.no_line_value", "The value of the line is missing.")
GIVE_LINE_VALUE = template(
    "customs.consignment.give_line_value", "Give the value of the line, or unit_value of a piece."
)
UNKNOWN_FIELD = template("customs.consignment.unknown_field", "This field is not known.")
KNOWN_FIELDS = template("customs.consignment.known_fields", "The fields are {fields}.")
NOT_A_COUNTRY = template("customs.consignment.not_a_country", "“{written}” is not a country.")
WRITE_COUNTRY = template("customs.consignment.write_country", "Write two letters (ISO 3166), e.g. MA.")
NOT_A_DAY = template("customs.consignment.not_a_day", "“{written}” is not a day.")
NO_IMPORT_DAY = template("customs.consignment.no_import_day", "“{written}” cannot be a day of import.")
WRITE_ISO_DAY = template("customs.consignment.write_iso_day", "Write e.g. 2026-11-23.")
NOT_A_NUMBER = template("customs.consignment.not_a_number", "“{written}” is not a number.")
NOT_ABOVE_ZERO = template("customs.consignment.not_above_zero", "“{written}” is not above zero.")
WRITE_NUMBER = template("customs.consignment.write_number", "Write e.g. 12.50.")
TOO_LARGE = template("customs.consignment.too_large", "“{written}” is more than {most}.")
CHECK_UNIT = template("customs.consignment.check_unit", "Check the figure and its unit.")
NO_CURRENCY = template("customs.consignment.no_currency", "The amount has no currency.")
GIVE_CURRENCY = template("customs.consignment.give_currency", 'Give "currency", e.g. "EUR".')
NOT_A_CURRENCY = template("customs.consignment.not_a_currency", "“{written}” is not a currency code.")
WRITE_CURRENCY = template("customs.consignment.write_currency", "Write three letters (ISO 4217), e.g. EUR.")
UNKNOWN_WORD = template("customs.consignment.unknown_word", "“{written}” is not known.")
ONE_OF = template("customs.consignment.one_of", "Write {words}.")
NOT_TRUE_OR_FALSE = template(
    "customs.consignment.not_true_or_false", "“{written}” is neither true nor false."
)
WRITE_TRUE_OR_FALSE = template("customs.consignment.write_true_or_false", "Write true or false.")

# rates
PERCENT = template("customs.rate.percent", "{percent} %")
INCLUSIVE = template("customs.rate.inclusive", "{percent} % inclusive")
PER = template("customs.rate.per", "{amount} {currency} per {unit}")
PER_SEVERAL = template("customs.rate.per_several", "{amount} {currency} per {count} {unit}")
PLUS = template("customs.rate.plus", "{first} + {second}")
SHARE_OF = template("customs.rate.share_of", "{rate} × {percent} %")
AT_LEAST = template("customs.rate.at_least", "{rate}, at least {least}")
AT_MOST = template("customs.rate.at_most", "{rate}, at most {most}")
RATE_UNREAD = template("customs.rate.unread", "not known ({words})")
NO_RATE = template("customs.rate.none", "not known (no rate is loaded for that day)")
RATE_NOT_GRANTED = template("customs.rate.not_granted", "not known (not granted)")

# why a charge is what it is
OF_BASE = template("customs.why.of_base", "{rate} of {base}")
WORKED = template("customs.why.worked", "{text} = {rate} of ({parts})")
ON_THE_TOTAL = template("customs.why.on_the_total", "{text}, rounded on the total of all lines")
SUSPENDED = template(
    "customs.why.suspended", "suspended while the goods are in the bonded warehouse, due on release"
)
TOO_LITTLE = template("customs.why.too_little", "{text}: {amount} in all is too little to be collected")
LINE_COUNTED = template(
    "customs.why.line_counted", "its tariff line is charged with an earlier line of the consignment"
)
BY_LINE = template("customs.why.by_line", "tariff line {line}, whatever the quantity")
LINE_UNKNOWN = template("customs.why.line_unknown", "tariff line not known, whatever the quantity")
WITHOUT_PART = template(
    "customs.why.without_part", "without its part per {units}: the {quantity} is not given"
)
INSTEAD_OF = template("customs.why.instead_of", "preference instead of {rate}")
NO_LESS = template("customs.why.no_less", "the preference gives no less")
NET_WEIGHT = template("customs.quantity.net_weight", "net weight in kg")
LITRES = template("customs.quantity.litres", "volume in litres")
LITRES_AND_ALCOHOL = template(
    "customs.quantity.litres_and_alcohol", "volume in litres and the alcohol by volume"
)
PIECES = template("customs.quantity.pieces", "number of pieces")
QUANTITY_IN = template("customs.quantity.in", "quantity in {unit}")

# where a rate comes from
BROAD_TABLE = template(
    "customs.source.broad_table",
    "qafila's own broad table by chapter and heading, from general knowledge; nobody verified it",
)
TAXES_IN_EUROPE = template(
    "customs.source.taxes_in_europe",
    "European Commission, Taxes in Europe Database, by eu-vat-rates-data {version}",
)
IMPORTED = template("customs.source.imported", "{source} ({edition}, imported on {day})")

# what to know before trusting the figures
NO_RATE_KNOWN = template(
    "customs.warning.no_rate",
    "{charge}: no rate is known for HS {hs} on that day; it is not in the total",
)
NO_RATE_WITHOUT_CODE = template(
    "customs.warning.no_rate_without_code",
    "{charge}: no rate is known for goods without an HS code on that day; it is not in the total",
)
OTHER_EDITION = template(
    "customs.warning.other_edition",
    "HS {hs} is a code of {edition}, these rules are of {own}: it was looked up as written",
)
CODE_IS_MISSING = template(
    "customs.warning.no_code", "the HS code is missing: the rate of goods not named elsewhere is taken"
)
INDICATIVE = template(
    "customs.warning.indicative",
    "{charge} {rate} for HS {hs} is indicative (by {prefix}): import the national schedule with {command}",
)
INDICATIVE_DEFAULT = template(
    "customs.warning.indicative_default",
    "{charge} {rate} for HS {hs} is indicative (the rate of goods not named elsewhere): import the national schedule "
    "with {command}",
)
NO_CORRELATION = template(
    "customs.warning.no_correlation",
    "{territory}'s schedule is of {own}, the code of {edition}: no correlation is loaded, so the code was looked up as "
    "written",
)
CONVERTED = template("customs.warning.converted", "HS {hs} of {edition} is {codes} in {own} ({source})")
CANNOT_COMPUTE = template(
    "customs.warning.cannot_compute",
    "HS {hs}: the schedule says “{words}”, which cannot be computed: the rate is not known and is not in the total",
)
SEVERAL_LINES = template(
    "customs.warning.several_lines",
    "HS {hs} leaves {lines} national lines from {lowest} to {highest}: the highest is taken; give the national code",
)
NOT_PREFERRED = template("customs.warning.not_preferred", "preference {id} is not given: {why}")
QUANTITY_MISSING = template(
    "customs.warning.quantity_missing",
    "goods {goods}: {charge} {rate} needs the {quantity}; that part is not in the total",
)
ESTIMATED_CODE = template("customs.warning.estimated", "goods {goods}: HS {hs} is estimated, not confirmed")
SENT_FROM_ELSEWHERE = template(
    "customs.warning.sent_from_elsewhere",
    "goods {goods}: sent from {sender}, not from {origin}: the preference needs direct transport, or proof that nothing "
    "was altered on the way",
)
NOT_VERIFIED = template("customs.warning.not_verified", "nobody verified the rate of: {charges}")
NO_CARRIAGE = template(
    "customs.warning.no_carriage",
    "freight and insurance are not declared and were taken as zero; they belong to the customs value",
)
NO_DUTY_RULE = template(
    "customs.warning.no_duty_rule",
    "no rule of {territory} on duty is known for {day}: they begin on {first}; the total is not complete",
)
NO_VAT_RULE = template(
    "customs.warning.no_vat_rule",
    "no rule of {territory} on VAT is known for {day}: they begin on {first}; the total is not complete",
)
NO_SUCH_REGIME = template(
    "customs.warning.no_regime", "there is no regime “{regime}” in {territory}: it is not applied"
)
REGIMES_ARE = template(
    "customs.warning.regimes",
    "there is no regime “{regime}” in {territory}, only {known}: it is not applied",
)
REGIME_FOR = template("customs.warning.regime_for", "{regime} is for {trades} only: it is not applied")
REGIME_EXCEEDED = template("customs.warning.regime_exceeded", "{regime} is not applied: {limit} is exceeded")

# why a preference is not given
NO_AGREEMENT = template("customs.refusal.no_agreement", "there is no such agreement; known are {known}")
HS_MISSING = template("customs.refusal.hs_missing", "the HS code is missing")
GRANTS_NOTHING = template(
    "customs.refusal.grants_nothing", "{agreement} grants nothing to goods of {origin} in {country}"
)
NOT_IN_FORCE = template("customs.refusal.not_in_force", "{agreement} is not in force on that day")
NOT_COVERED = template(
    "customs.refusal.not_covered", "{agreement} does not cover HS {hs} here, or its rate is not loaded"
)
SCHEDULE_GRANTS_NONE = template(
    "customs.refusal.schedule_none", "{source} gives HS {hs} no rate under {agreement}"
)
PREFERENCE_UNREAD = template(
    "customs.refusal.unread",
    "the rate of {agreement} for HS {hs} reads “{words}”, which cannot be computed",
)
PREFERENCE_NOT_LOADED = template(
    "customs.refusal.not_loaded",
    "the rate of {agreement} for HS {hs} is not loaded; import the schedule that has it",
)

# what would change the duty
OVER_LIMIT = template(
    "customs.what_if.over_limit",
    "{relief}: the limit of {limit} is exceeded by {excess}; within it the same goods would pay {saved} less",
)
USED_UP = template(
    "customs.what_if.used_up",
    "{relief}: granted {times} times a year and used up; within it the same goods would pay {saved} less",
)
WITH_PROOF = template("customs.what_if.with_proof", "with {proof} your buyer pays {saved} less")
WITH_PROOF_IN_FULL = template(
    "customs.what_if.with_proof_in_full",
    "with {proof}, declared in full (H1 instead of H7), your buyer pays {saved} less",
)
AGREEMENT_ON = template("customs.what_if.agreement_on", "{agreement}: goods {goods} of origin {origin}")
NOT_THROUGH_IOSS = template("customs.what_if.not_ioss", "VAT is then not collected through IOSS")
SCHEME = template("customs.what_if.scheme", "{scheme}: {text}")
SCHEME_SAVES = template("customs.what_if.scheme_saves", "{scheme}: {saved} less; {text}")
PAID_ELECTRONICALLY = template("customs.what_if.electronic", "paid electronically, {saved} less")
LAW_CHANGES_MORE = template(
    "customs.what_if.more", "from {day} the law changes: {amount} more on the same goods"
)
LAW_CHANGES_LESS = template(
    "customs.what_if.less", "from {day} the law changes: {amount} less on the same goods"
)
ORIGIN_NOT_LOADED = template("customs.origin.not_loaded", "its product-specific rule of origin is not loaded")
ORIGIN_NONE = template("customs.origin.none", "no rule of origin names HS {hs}")
ORIGIN_RULE = template("customs.origin.rule", "the rule of origin for {heading} is: {rule}")
ORIGIN_RULE_OF_SEVERAL = template(
    "customs.origin.rule_of_several",
    "the rule of origin for {heading} is: {rule} (one of {count} by kind of product)",
)
EITHER_RULE = template("customs.origin.or", "{first} or: {second}")

# the facts that an answer rests on
DOMESTIC = template(
    "customs.fact.domestic",
    "sender and destination are in the same customs territory: no import charges",
)
DEEMED_FREIGHT = template(
    "customs.fact.deemed_freight",
    "{freight} ({percent} % of the goods' value): freight and insurance were not declared; {law} ({confidence})",
)
PROOF_MADE = template("customs.fact.proof", "{proof}, {made_by}")
RATE_USED = template("customs.fact.rate", "{rate} ({basis})")
QUOTED = template("customs.fact.quoted", "{currency} from {day}, {source}, {confidence}")

# restrictions
BY_DESCRIPTION = template("customs.restriction.by_description", "{rule} (the description says {word})")
BY_CODE = template("customs.restriction.by_code", "{rule} (HS {hs} falls under {prefix})")
BY_NATURE = template("customs.restriction.by_nature", "{rule} (the goods' nature)")

# destinations
NO_RULES = template("customs.no_rules", "No customs rules are loaded for {country}.")
RULES_THERE_ARE = template("customs.rules_there_are", "Rules are loaded for {countries}.")

# why a party may be the one on a list
IDENTIFIER_LISTED = template("customs.match.identifier", "the identifier {identifier} is on the list")
TOGETHER = template("customs.match.together", "{party} ≈ {listed} written together")
SAME_YEAR = template("customs.match.same_year", "born in the same year")
OTHER_YEAR = template("customs.match.other_year", "born in another year")
LINKED = template("customs.match.linked", "linked to {country}")
NOT_LINKED = template("customs.match.not_linked", "not linked to {country}")
