"""What is told of a number that its standard does not allow."""

from qafila.core.message import template

CHECK_DIGIT = template(
    "identifiers.check_digit", "“{number}”: the check digit is {digit}, it should be {right}."
)
AIR_WAYBILL = template("identifiers.air_waybill", "“{number}”: an air waybill number is 3 + 8 digits.")
CONTAINER = template("identifiers.container", "“{number}” is not an ISO 6346 container number.")
ULD = template(
    "identifiers.uld",
    "“{number}”: a ULD number is a type of 3, a serial of 4 or 5 digits and an owner of 2 or 3.",
)
GS1 = template("identifiers.gs1", "“{number}”: a {kind} is {length} digits.")
SERIAL_TOO_LONG = template(
    "identifiers.serial_too_long",
    "Serial {serial} does not fit behind prefix {prefix}; it has {room} digits.",
)
RANGE_FULL = template(
    "identifiers.range_full", "Serial {serial} does not fit in eight digits; open a new range."
)
S10 = template("identifiers.s10", "“{number}”: an S10 number is two letters, nine digits and two letters.")
NO_SERVICE = template("identifiers.no_service", "“{number}”: no postal service begins with {letter}.")
NO_COUNTRY = template("identifiers.no_country", "“{number}”: no country has the code {code}.")
EORI = template(
    "identifiers.eori",
    "“{number}” is not an EORI number: it has a country's two letters and up to 15 letters and digits.",
)
EORI_UK = template(
    "identifiers.eori_uk", "“{number}” is not an EORI number: {country} is followed by 12 or 15 digits."
)
EORI_NO_DIGITS = template("identifiers.eori_no_digits", "“{number}” is not an EORI number: it has no digits.")
EORI_SIRET = template(
    "identifiers.eori_siret",
    "“{number}” is not an EORI number: the SIRET in it has a wrong check digit.",
)
IOSS = template(
    "identifiers.ioss", "“{number}” is not an IOSS number: it is IM and ten digits, e.g. IM3720000224."
)
OF_COUNTRY = template(
    "identifiers.of_country", "“{number}” is not a trader's number of {country}: {kinds} is expected."
)
FEW_DIGITS = template(
    "identifiers.few_digits", "“{number}” is not a trader's number: it has fewer than {least} digits."
)
VAT_NUMBER = template("identifiers.vat_number", "VAT number")
EORI_NUMBER = template("identifiers.eori_number", "EORI number")
IDENTITY_NUMBER = template("identifiers.identity_number", "identity number")
TAX_NUMBER = template("identifiers.tax_number", "tax number")
AHV_NUMBER = template("identifiers.ahv_number", "AHV number")
ORGANISATION_NUMBER = template("identifiers.organisation_number", "organisation number")
BIRTH_NUMBER = template("identifiers.birth_number", "birth number")
CORPORATE_NUMBER = template("identifiers.corporate_number", "corporate number")
REGISTRATION_NUMBER = template("identifiers.registration_number", "registration number")

# UPU S8 and S9
OFFICE = template(
    "identifiers.office",
    "“{number}” is not an office of exchange: two letters of the country, three of the place, one more.",
)
MAIL_CATEGORY = template("identifiers.mail_category", "“{number}” is not a mail category: A, B, C or D.")
MAIL_SUBCLASS = template("identifiers.mail_subclass", "“{number}” is not a mail subclass: two letters.")
DESPATCH_SERIAL = template("identifiers.despatch_serial", "Despatch {serial} does not fit in four digits.")
RECEPTACLE_SERIAL = template(
    "identifiers.receptacle_serial", "Receptacle {serial} does not fit in three digits."
)
RECEPTACLE_WEIGHT = template(
    "identifiers.receptacle_weight", "{grams} g does not fit: a receptacle weighs less than 1,000 kg."
)
S8_LENGTH = template("identifiers.s8_length", "“{number}”: a despatch number is 20 characters.")
S8_END = template(
    "identifiers.s8_end",
    "“{number}”: it ends with the year's digit and four digits of the despatch.",
)
S9_LENGTH = template("identifiers.s9_length", "“{number}”: a receptacle number is 29 characters.")
S9_END = template(
    "identifiers.s9_end",
    "“{number}”: behind the despatch stand three digits, two of 0 or 1, and four of the weight.",
)

# GS1 element strings and Digital Links
GS1_NOTHING = template("identifiers.gs1_nothing", "There is no element.")
GS1_NO_AI = template("identifiers.gs1_no_ai", "({ai}) is no application identifier of logistics.")
GS1_NEEDS = template("identifiers.gs1_needs", "({ai}) {title} needs ({need}) beside it.")
GS1_EXCLUDES = template("identifiers.gs1_excludes", "({ai}) {title} may not be used with ({other}).")
GS1_SHORT = template("identifiers.gs1_short", "({ai}) {title}: “{data}” is too short.")
GS1_LONG = template("identifiers.gs1_long", "({ai}) {title}: “{data}” is too long.")
GS1_CHARACTERS = template(
    "identifiers.gs1_characters", "({ai}) {title}: “{data}” has characters that may not stand there."
)
GS1_CHECK = template("identifiers.gs1_check", "({ai}) {title}: “{data}” has a wrong check digit.")
GS1_WRONG = template("identifiers.gs1_wrong", "({ai}) {title}: “{data}” is no value that may stand there.")
GS1_STRING = template("identifiers.gs1_string", "“{text}” is no GS1 element string.")
GS1_TWICE = template("identifiers.gs1_twice", "({ai}) occurs twice with different data.")
GS1_LINK = template("identifiers.gs1_link", "“{text}” is no GS1 Digital Link.")
GS1_KEY = template("identifiers.gs1_key", "A Digital Link begins with a key, such as (00) or (01).")
GS1_NO_PLACE = template("identifiers.gs1_no_place", "({ai}) {title} has no place in a Digital Link.")

NO_SSCC = template("number.no_sscc", "{number} is no number of a parcel of this hub.")
