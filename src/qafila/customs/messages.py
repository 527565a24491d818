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
