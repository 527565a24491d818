"""What is wrong with a file of customs law, a schedule, a list or decisions that somebody gives, and what would mend it."""

from qafila.core.message import template

IN_FILE = template("customs.reading.in_file", "{file}: {told}")
IN_ROW = template("customs.reading.in_row", "{file}, row {row}: {told}")
NOT_READ = template("customs.reading.not_read", "It cannot be read ({why}).")
NO_FILE = template("customs.reading.no_file", "There is no such file.")
NOT_UTF8 = template("customs.reading.not_utf8", "The file is not UTF-8.")
SAVE_UTF8 = template("customs.reading.save_utf8", "Save it as UTF-8.")

# rates as the law writes them
BEYOND = template(
    "customs.rate.beyond", "The rate {text} depends on an entry price, a recipe or another heading."
)
LOOK_UP = template("customs.rate.look_up", "Look it up in the official tariff.")
NOT_A_RATE = template("customs.rate.not_a_rate", "{text} is not a rate.")
WRITE_RATE = template("customs.rate.write", "Write it like one of these: {examples}.")
NO_CURRENCY = template("customs.rate.no_currency", "{text} has no currency.")
UNKNOWN_UNIT = template("customs.rate.unknown_unit", "In {text} the unit {unit} is not known.")
KNOWN_UNITS = template("customs.rate.known_units", "Known units are {units}.")

# rows of a national schedule
NOT_CSV = template("customs.schedule.not_csv", "The row is not CSV ({why}).")
MEND_QUOTES = template("customs.schedule.mend_quotes", "Correct the row's quotation marks.")
NOT_A_CODE = template("customs.schedule.not_a_code", "This is not a code of 2 to 12 digits.")
WRITE_CODE = template("customs.schedule.write_code", "Write the digits of the code and keep leading zeros.")
NOT_A_DAY = template("customs.schedule.not_a_day", "This is not a day.")
WRITE_DAY = template("customs.schedule.write_day", "Write it as 2026-01-31 or 31/01/2026.")
KEPT_UNKNOWN = template(
    "customs.schedule.kept_unknown", "The rate is kept as not known, with its text; correct it where you can."
)
NOT_A_NUMBER = template("customs.schedule.not_a_number", "This is not a number.")
WRITE_PERCENT = template("customs.schedule.write_percent", "Write the rate in per cent, such as 4.5.")

# what is asked of an import
NO_SUCH_FIELD = template(
    "customs.columns.no_such_field",
    "{names} is not a field.",
)
MAP_FIELDS = template("customs.columns.map_fields", "Map {fields} or a charge.")
MAP_CHARGES = template("customs.columns.map_charges", "Map {fields}, or one of the charges {charges}.")
NO_HS_COLUMN = template("customs.columns.no_hs", "No column of {file} is mapped to hs; it has {columns}.")
NO_COLUMNS = template("customs.columns.missing", "{file} has no column {names}; it has {columns}.")
NO_TERRITORY = template("customs.import.no_territory", "There is no territory {territory}.")
NO_PRESET = template("customs.import.no_preset", "There is no preset {preset}.")
KNOWN_ARE = template("customs.import.known_are", "Known are {names}.")
CONFIDENCE_IS = template("customs.import.confidence", "The confidence is official or secondary.")

# lists of parties
NO_NAME_COLUMN = template("customs.list.no_name_column", "{file} has no column name; it has {columns}.")
GIVE_LIST = template(
    "customs.list.give_list", "Give OpenSanctions' targets.simple.csv or a CSV with a column name."
)
NO_NAME = template("customs.list.no_name", "The party has no name.")
GIVE_NAME = template("customs.list.give_name", "Give the party's name.")
LISTED_TWICE = template("customs.list.twice", "{id} stands in row {row} too.")
KEEP_ONE = template("customs.list.keep_one", "Keep one of them.")

# decisions on codes
SHORT_CODE = template("customs.decision.short_code", "The HS code {code} has fewer than six digits.")
GIVE_SIX = template("customs.decision.give_six", "Give six digits or more.")
NAMELESS = template("customs.decision.nameless", "It has neither a SKU nor a title.")
GIVE_EITHER = template("customs.decision.give_either", "Give one of them.")
NOT_JSON = template("customs.decision.not_json", "The file is not JSON ({why}).")
NOT_A_LIST = template("customs.decision.not_a_list", "The file must be a list of objects.")
GIVE_OBJECTS = template("customs.decision.give_objects", "Give a list of objects with sku, title and hs6.")
NO_COLUMN_OF_THREE = template(
    "customs.decision.no_column", "It has no column sku, order_id or title; it has {columns}."
)

# correlations and rules of origin
NO_EDITION = template("customs.correlation.no_edition", "“{edition}” is no edition of the Harmonized System.")
WRITE_EDITION = template("customs.correlation.write_edition", "Write HS and its year, for example HS2017.")
TWO_CODES = template("customs.correlation.two_codes", "Two codes of six digits are needed, not {cells}.")
NOT_RULE_SETS = template("customs.origin.not_rule_sets", "This is not a file of rule sets ({why}).")
ODD_RULE_SET = template("customs.origin.odd", "In rule set {number}, {what} is missing or odd.")

# rules of a territory
LACKS = template("customs.rule.lacks", "The rule {rule} lacks {names}.")
ONE_OF = template("customs.rule.one_of", "In the rule {rule}, {field} must be {words}.")
ODD_DATES = template(
    "customs.rule.odd_dates",
    "In the rule {rule}, valid_from and valid_to must be dates, the second not before the first.",
)
NO_CONDITION = template("customs.rule.no_condition", "The condition {name} is not known; there are {names}.")
NO_CHARGE = template(
    "customs.rule.no_charge", "The rule {rule} frees from the charge {code}, which there is not."
)
NO_TABLE = template("customs.rule.no_table", "The rule {rule} names the table {table}, which there is not.")
RATE_OR_TABLE = template("customs.rule.rate_or_table", "The rule {rule} must have either a rate or a table.")
NO_COUNTRY = template("customs.rule.no_country", "{names} is neither a country nor a group.")
NOT_A_TERM = template("customs.rule.not_a_term", "In the base {base}, {part} is not a term.")
WRITE_BASE = template("customs.rule.write_base", "Write it like V + DI or 1.1*V + duty.")
UNEQUAL_RANGE = template("customs.rule.unequal_range", "Both ends of the range {range} need as many digits.")
NOT_A_PREFIX = template("customs.rule.not_a_prefix", "The HS code {code} is not 2 to 12 digits.")
NO_THRESHOLD = template(
    "customs.rule.no_threshold", "The rule {rule} names the threshold {name}, which {territory} has not."
)
KNOWN_LATE = template(
    "customs.rule.known_late", "Another charge is computed on {rule}, which is known only at the end."
)
NOT_CHARGED = template(
    "customs.rule.not_charged", "The base {base} of {rule} names {name}, which is not charged."
)
IN_A_CIRCLE = template(
    "customs.rule.circle", "In {territory}, charges depend on each other in a circle: {codes}."
)
