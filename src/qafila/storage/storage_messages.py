"""What storage tells people."""

from __future__ import annotations

from qafila.core.message import template

NO_PRODUCT = template("storage.no_product", "There is no product {sku} of this owner.")
NO_CODE = template("storage.no_code", "No goods, place or order here has the code {code}.")
MANY_CODES = template("storage.many_codes", "The code {code} stands for goods of several owners.")
SAY_OWNER = template("storage.say_owner", "Name their owner.")
ADD_PRODUCT = template("storage.add_product", "Add it to the products first.")
NO_WAREHOUSE = template("storage.no_warehouse", "{facility} has no layout, so nothing is stored there.")
SET_UP = template("storage.set_up", "Give it one: qafila storage layout FILE.")
NO_PLACE = template("storage.no_place", "There is no place {place} in {facility}.")
SCAN_PLACE = template("storage.scan_place", "Scan the label of the place.")
NOT_ENOUGH = template("storage.not_enough", "There are not {pieces} free pieces of {sku} at {place}.")
COUNT_IT = template("storage.count_it", "Count the place; the difference is noted.")
SERIAL_ELSEWHERE = template(
    "storage.serial_elsewhere", "The serial number {serial} of {sku} lies somewhere else already."
)
SERIAL_ONE = template("storage.serial_one", "A serial number is one piece.")
SAY_LOT = template("storage.say_lot", "{sku} is kept by lot, and no lot was given.")
SAY_SERIAL = template("storage.say_serial", "{sku} is kept by serial number, and none was given.")
SAY_EXPIRY = template("storage.say_expiry", "{sku} expires, and no date was given for the lot {lot}.")
SAY_GRAMS = template("storage.say_grams", "{sku} is weighed piece by piece, and no weight was given.")
SCAN_LABEL = template("storage.scan_label", "Scan the label of the goods, or type what it says.")
NO_ADVICE = template("storage.no_advice", "There is no advice {advice}.")
ADVICE_CLOSED = template("storage.advice_closed", "The advice {advice} is closed.")
DOCK_TAKEN = template("storage.dock_taken", "{dock} is taken from {since} to {until}.")
OTHER_TIME = template("storage.other_time", "Choose another time or another dock.")
NO_ORDER = template("storage.no_order", "There is no order {order} here.")
ORDER_EXISTS = template("storage.order_exists", "The order {order} is here already, with other lines.")
NO_TOUR = template("storage.no_tour", "There is no tour {tour}.")
NOT_YOURS = template("storage.not_yours", "{picker} walks the tour {tour}.")
NO_PICK = template("storage.no_pick", "There is no such pick on the tour {tour}.")
WRONG_PLACE = template("storage.wrong_place", "This is {scanned}; the pick is at {place}.")
WRONG_GOODS = template("storage.wrong_goods", "This is {scanned}; the pick is {sku}.")
WRONG_LOT = template("storage.wrong_lot", "This is lot {scanned}; the pick is lot {lot}.")
TOO_MANY = template("storage.too_many", "{pieces} pieces are too many: {left} are wanted.")
LOOK_AGAIN = template("storage.look_again", "Look at the screen and scan again.")
STATE = template("storage.state", "The order {order} is {state}, so this cannot be done.")
WEIGHT_OFF = template(
    "storage.weight_off", "The parcel weighs {grams} g; by its contents it should weigh {expected} g."
)
CHECK_CONTENTS = template("storage.check_contents", "Check what is in it, or pack it with a reason.")
NO_CARTON = template("storage.no_carton", "No carton is large enough for the order {order}.")
TWO_PARCELS = template("storage.two_parcels", "Say which carton of your own it goes in.")
PLACE_FULL = template("storage.place_full", "{place} has no room for this.")
PLACE_FORBIDDEN = template("storage.place_forbidden", "{sku} may not lie at {place}: {because}.")
BECAUSE_HAZARD = template("storage.because_hazard", "it is a hazard and the place is not for hazards")
BECAUSE_COLD = template("storage.because_cold", "it needs {lowest} to {highest} °C")
BECAUSE_CLOSED = template("storage.because_closed", "the place is closed")
SAME_PLACE = template("storage.same_place", "It lies at {place} already.")
OTHER_PLACE = template("storage.other_place", "Take another place.")
SAY_WHY = template("storage.say_why", "Give the reason.")
WHY_MISSING = template("storage.why_missing", "A correction needs a reason.")
PIECES_WRONG = template("storage.pieces_wrong", "{pieces} is no number of pieces.")
WRITE_PIECES = template("storage.write_pieces", "Write a whole number, 1 or more.")
SAME_PERSON = template("storage.same_person", "{name} counted this before.")
ANOTHER_COUNTS = template("storage.another_counts", "Another person counts it the second time.")
NO_STOCK = template("storage.no_stock", "No warehouse has {pieces} pieces of {sku}.")
BAD_LAYOUT = template("storage.bad_layout", "The layout has no good {field}: {value}.")
LAYOUT_UNKNOWN = template("storage.layout_unknown", "A layout has no {field} here; there are {known}.")
LAYOUT_REMEDY = template("storage.layout_remedy", "See docs/storage.md for the form of a layout.")
PLACES_IN_USE = template("storage.places_in_use", "The new layout has no place {place}, and goods lie there.")
MOVE_FIRST = template("storage.move_first", "Move them first.")

SCOPE_READ = template("storage.scope.read", "read products, stock, advices and orders in warehouses")
SCOPE_WRITE = template(
    "storage.scope.write", "add products, announce deliveries, place and cancel orders in warehouses"
)
SCOPE_WORK = template("storage.scope.work", "receive, put away, pick, pack, count and move goods")
SCOPE_MANAGE = template("storage.scope.manage", "set up warehouses, release waves, correct stock, hold lots")

NO_ACT = template("storage.no_act", "There is no act {kind}; there are {known}.")
NO_CONDITION = template("storage.no_condition", "There is no condition {condition}; there are {known}.")

NO_PAIR = template(
    "storage.no_pair", "The warehouses cannot send all of the order {order}, also not in parts."
)
MOVE_STOCK = template("storage.move_stock", "Move goods between warehouses, or split the order.")
NO_WAY = template("storage.no_way", "There is no way from a warehouse to the buyer of {order}: {because}")
ONLY_WAY = template("storage.only_way", "Only {place} can serve it: {total} in all, there by {day}.")
BEST_WAY = template(
    "storage.best_way",
    "From {place}: {total} in all, there by {day}. Next best is {other}: {other_total}, by {other_day}.",
)
BAD_DEMAND = template("storage.bad_demand", "Line {line} of the demand cannot be read: {row}")
DEMAND_COLUMNS = template(
    "storage.demand_columns",
    "Write the columns sku, to, pieces, grams, value and source; pieces and grams are 1 or more.",
)
PREPARING_TOURS = template(
    "storage.preparing_tours",
    "Tours are reckoned for the first time after an installation: that is being prepared and takes a minute.",
)
ASK_SOON = template("storage.ask_soon", "Try again in some seconds; until then nothing is released.")
TWO_KINDS_OF_ONE = template(
    "storage.two_kinds_of_one",
    "Line {line} of the demand gives {sku} another weight, value or source than a line before.",
)
ONE_KIND_OF_EACH = template(
    "storage.one_kind_of_each",
    "Give a product the same grams, value and source in all of its lines, or call one of them by another SKU.",
)
NO_FACILITY = template("storage.no_facility", "The network has no such place: {facility}.")
NOWHERE_SERVED = template("storage.nowhere_served", "No warehouse with {sku} can send to {facility}.")

STATES = {
    "waiting": template("storage.state.waiting", "waiting for goods"),
    "reserved": template("storage.state.reserved", "reserved"),
    "released": template("storage.state.released", "released"),
    "picking": template("storage.state.picking", "being picked"),
    "picked": template("storage.state.picked", "picked"),
    "packed": template("storage.state.packed", "packed"),
    "handed_over": template("storage.state.handed_over", "handed over"),
    "cancelled": template("storage.state.cancelled", "cancelled"),
    "done": template("storage.state.done", "picked"),
    "short": template("storage.state.short", "noted as missing"),
    "dropped": template("storage.state.dropped", "cancelled"),
}
"""How the states of orders and of picks are said within a sentence."""

NO_BOOKING = template("storage.no_booking", "There is no booking {booking}.")
BOOKING_CANCELLED = template("storage.booking_cancelled", "The booking {booking} was cancelled.")
BOOKED_ELSEWHERE = template("storage.booked_elsewhere", "The booking {booking} is collected at {facility}.")

ADVICE_COLUMNS = template(
    "storage.advice_columns", "The file names no product and no number of pieces; its columns are {columns}."
)
ADVICE_FORM = template(
    "storage.advice_form",
    "Write the columns sku and pieces, and where you know them lot, expires_on and condition.",
)
ADVICE_UNIT = template(
    "storage.advice_unit", "Row {row} counts in {unit}, and how many pieces one holds is not said."
)
COUNT_PIECES = template("storage.count_pieces", "Write how many pieces come in all, and as their unit pcs.")
CODE_OF_OTHER_GOODS = template(
    "storage.code_of_other_goods", "The code {code} beside the SKU {sku} stands on other goods: {other}."
)
CODE_OF_SEVERAL = template(
    "storage.code_of_several",
    "The code {code} beside the SKU {sku} stands on a case of {pieces} pieces: cases or pieces may be meant.",
)
CODE_NOT_ITS_OWN = template(
    "storage.code_not_its_own", "The code {code} beside the SKU {sku} is none of the codes of these goods."
)
CODE_OR_SKU = template(
    "storage.code_or_sku", "Correct the one that is wrong, add the code to the goods, or leave it out."
)
ADVICE_TWICE = template(
    "storage.advice_twice", "Two columns are called {column}, and they do not agree in row {row}."
)
ONE_COLUMN = template("storage.one_column", "Keep the one that counts, or give them different headings.")
DIGITS_LOST = template(
    "storage.digits_lost",
    "Row {row}: {value} is a long number that a spreadsheet has shortened; its last digits are lost.",
)
AS_TEXT = template(
    "storage.as_text", "Have the spreadsheet keep the column as text, and save the file again."
)
EPCIS_CLOSED_UNIT = template(
    "storage.epcis_closed_unit", "The document ships {unit} and does not tell what is in it."
)
EPCIS_OPEN_IT = template(
    "storage.epcis_open_it", "Send the aggregation event of the unit in the same document."
)
EPCIS_UNKNOWN_PLACE = template(
    "storage.epcis_unknown_place", "Event {event} ships to {place}, which is no place that is known here."
)
ADVICE_ROWS = template("storage.advice_rows", "The file has {rows} rows; 1 to {most} are taken.")
ADVICE_CELL = template("storage.advice_cell", "Row {row}, column {column}: {value} cannot be taken.")
WRITE_DAY = template("storage.write_day", "Write a day as 2026-11-30.")
NO_SHOP = template("storage.no_shop", "There is no form for the shop {shop}; there are {known}.")
BAD_FIELD = template("storage.bad_field", "{value} is no {field}.")
ADVICE_UNREADABLE = template("storage.advice_unreadable", "The file cannot be read: {reason}")
KIT_IN_ITSELF = template("storage.kit_in_itself", "The kit {sku} contains itself.")
FILLED_UP = template(
    "storage.filled_up", "The departures for order {order} fill up faster than they can be booked; ask again."
)
NO_RULE = template("storage.no_rule", "There is no rule {rule}; there are {known}.")
BAD_RULE = template("storage.bad_rule", "The rule {rule} cannot be {value}; it may be {allowed}.")
EPCIS_UNREADABLE = template(
    "storage.epcis_unreadable", "This is no EPCIS 2.0 document with a list of events."
)
EPCIS_FORM = template(
    "storage.epcis_form",
    "Send an EPCISDocument as JSON, with events whose bizStep is shipping and whose goods are GTINs or your own codes.",
)
EPCIS_NOTHING = template("storage.epcis_nothing", "The document tells of nothing that was shipped.")
EPCIS_NO_PLACE = template("storage.epcis_no_place", "Event {event} does not say where the goods come.")
EPCIS_SAY_PLACE = template(
    "storage.epcis_say_place", "Name the warehouse beside the document, or a destination by its GLN."
)
EPCIS_QUANTITY = template("storage.epcis_quantity", "{quantity} of {code} is no number of pieces.")
UNDER_BOND = template(
    "storage.under_bond", "Goods under bond are sent: import duty of {duty} was never due on them."
)
DRAWN_BACK = template("storage.drawn_back", "Import duty of {duty} is given back when they leave (drawback).")
DUTY_LOST = template("storage.duty_lost", "Import duty of {duty} was paid on them and is not given back.")
SHOP_ADDRESS = template("storage.shop_address", "This is no address of a shop.")
SHOP_ADDRESS_FORM = template(
    "storage.shop_address_form", "Write it as https://shop.example, without what comes after it."
)
SHOP_KEY = template("storage.shop_key", "This is no key of such a shop.")
SHOP_KEY_FORM = template(
    "storage.shop_key_form",
    "Shopify: the access token of an app that may write inventory. WooCommerce: consumer key and secret, ck_…:cs_….",
)
SHOPS_MANY = template("storage.shops_many", "There are {most} shops already.")
SHOP_EXISTS = template("storage.shop_exists", "The shop {address} is told already.")
NO_LINK = template("storage.no_link", "There is no shop {id}.")
NO_LABELS = template("storage.no_labels", "No parcel of the order {order} is booked, so it has no labels.")
DECISION_WAVE = template("storage.decision.wave", "A wave of orders that is released to the floor")
SAY_SKU = template("storage.say_sku", "Give the product its number (SKU).")
PRODUCT_WRONG = template("storage.product_wrong", "What is written for {field} cannot be used.")
WEIGHT_OF_PRODUCT_WRONG = template(
    "storage.weight_of_product_wrong", "{value} is no weight of a piece in grams."
)
WRITE_GRAMS = template(
    "storage.write_grams",
    "Write whole grams, such as 250 for a quarter of a kilogram; 0 where it is not known.",
)
SIZE_OF_PRODUCT_WRONG = template(
    "storage.size_of_product_wrong", "{value} is no side of a piece in millimetres."
)
WRITE_MILLIMETRES = template(
    "storage.write_millimetres", "Write whole millimetres, such as 120; 0 where it is not known."
)
DAYS_OF_PRODUCT_WRONG = template("storage.days_of_product_wrong", "{value} is no number of days.")
TEMPERATURE_WRONG = template(
    "storage.temperature_wrong", "{coldest} to {warmest} is no range of temperatures."
)
WRITE_TEMPERATURE = template(
    "storage.write_temperature",
    "Write both in whole degrees Celsius, the lower one first, such as 2 and 8; or neither.",
)
BAD_TIME = template("storage.bad_time", "{value} is no day and time.")
WRITE_TIME = template("storage.write_time", "Write it as 2027-05-31 and 14:30.")
UNTIL_BEFORE = template("storage.until_before", "It ends before it begins.")
