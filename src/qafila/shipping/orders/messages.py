"""What the reading of orders says to people."""

from __future__ import annotations

from qafila.core.message import template

_WRONG = "Its own taxes are not known here, and those of {country} would be wrong."
AREAS = {
    ("in", "out"): template(
        "orders.area_outside_vat",
        "It lies in {area}, inside the customs territory of {territory} but outside its VAT area. " + _WRONG,
    ),
    ("out", "out"): template(
        "orders.area_outside_both",
        "It lies in {area}, outside the customs territory of {territory} and outside its VAT area. " + _WRONG,
    ),
    ("in", "own"): template(
        "orders.area_own_rates",
        "It lies in {area}, inside the customs territory of {territory}, with tax rates of its own. "
        + _WRONG,
    ),
    ("out", "own"): template(
        "orders.area_outside_customs",
        "It lies in {area}, outside the customs territory of {territory}, with taxes of its own. " + _WRONG,
    ),
    ("own", "out"): template(
        "orders.area_own_territory",
        "It lies in {area}, a customs territory of its own outside the VAT area of {territory}. " + _WRONG,
    ),
    ("own", "own"): template(
        "orders.area_own_country",
        "It lies in {area}, a customs territory of its own with taxes of its own. " + _WRONG,
    ),
    ("line", "out"): template(
        "orders.area_behind_line",
        "It lies in {area}, where the customs and VAT law of {territory} is not applied. " + _WRONG,
    ),
    ("windsor", "windsor"): template(
        "orders.area_windsor",
        "It lies in {area}: part of the customs territory of {territory}, but goods follow the EU's customs and VAT "
        "rules (Windsor Framework).",
    ),
}
AREA_MILITARY = template(
    "orders.area_military",
    "It is a military address ({area}): the forces' own post delivers it, and the customs of the country of the camp "
    "apply, not those of the address.",
)
AREA_REMEDY = template("orders.area_remedy", "Send it by a carrier that serves this area.")
AREA_AS_COUNTRY = template(
    "orders.area_as_country",
    "{area} is a customs territory of its own: it is read as a country, not as a part of {country}",
)
AREA_TAXED = template("orders.area_taxed", "{area} has tax rates of its own, which are taken")
AREA_NOT_TAXED = template(
    "orders.area_not_taxed", "{area} follows rules of its own: its duty and taxes are not guessed"
)
POSTCODE_SAYS = template(
    "orders.postcode_says", "The postcode {given} is of {elsewhere}; the town is read as {place}."
)
REGION_SAYS = template(
    "orders.region_says", "{given} is a region without this town; the town is read as {place}."
)
WHICH_IS_MEANT = template(
    "orders.which_is_meant", "Correct the town, the region or the postcode: {place} or {elsewhere}?"
)
REGION_NOT_USED = template(
    "orders.region_not_used",
    "town and postcode agree; the region {given} is of another place and is not used",
)
ZEROS_GIVEN_BACK = template("orders.zeros_given_back", "a spreadsheet took the leading zeros of {given}")
POSTCODE_FORM = template(
    "orders.postcode_form", "it has not the form of a postcode of {country}; the town alone is used"
)
PERHAPS_TOWN = template("orders.perhaps_town", "The postcode {given} is of {place}: is that the town?")
HS_MENDED = template(
    "orders.hs_mended", "a spreadsheet had made a number of it ({given}): lost zeros are given back"
)
WEIGHT_AGAINST_TITLE = template(
    "orders.weight_against_title", "One piece would weigh {kg}, and its description says {stated}."
)
WEIGHT_AGAINST_BOX = template(
    "orders.weight_against_box", "One piece would weigh {kg} in a box of {cm3} cm³."
)
WEIGHT_AGAINST_KIND = template(
    "orders.weight_against_kind", "One piece would weigh {kg}; such goods usually weigh about {usual}."
)
WEIGHT_REMEDY = template(
    "orders.weight_remedy",
    "If grams were meant, write {less}; if it is right, write it with its unit: {kg} kg.",
)
HS_TOO_UNSURE = template(
    "orders.hs_too_unsure",
    "proposed from the description, {sure} sure: too little to be declared; the parcel waits for its HS code",
)
NO_TRADER_NUMBER = template(
    "orders.no_trader_number", "It is no number by which authorities of {country} know a trader or a person."
)
TRADER_NUMBER_REMEDY = template(
    "orders.trader_number_remedy",
    "Give the ICE, VAT, EORI or identity number as it was issued, or leave it empty.",
)
SPREADSHEET_ERROR = template("orders.spreadsheet_error", "A spreadsheet wrote its error here, not a value.")
SPREADSHEET_ERROR_REMEDY = template(
    "orders.spreadsheet_error_remedy", "Mend the formula or widen the column, and export it again."
)
DIGITS_LOST = template("orders.digits_lost", "A spreadsheet shortened the number: its last digits are lost.")
DIGITS_LOST_REMEDY = template(
    "orders.digits_lost_remedy", "Format the column as text and type the number anew."
)
NO_STREET = template("orders.no_street", "The street is missing.")
NO_STREET_REMEDY = template(
    "orders.no_street_remedy", "Write the street and house number, or name a pick-up point (facility)."
)
NO_STREETS_IN_FILE = template(
    "orders.no_streets_in_file",
    "The file has no column with the receivers' streets: nobody can deliver by such labels.",
)
GIVEN_AWAY = template(
    "orders.given_away",
    "it was given away: the price before the discount counts, customs takes no goods without value",
)
BEFORE_DISCOUNT = template("orders.before_discount", "the price before a discount: the file has no other")
