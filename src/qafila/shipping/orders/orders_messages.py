"""What is told of orders and of the files they come in: what is wrong, what to do, and by which rule a gap was filled."""

from qafila.core.message import template

# files that are refused as a whole
NOT_CSV = template("orders.file.not_csv", "The file is {what}, not CSV.")
SAVE_AS_CSV = template("orders.file.save_as_csv", "Save or export it as CSV (UTF-8).")
TOO_MANY_ROWS = template("orders.file.too_many_rows", "The sheet has {rows} rows; at most {most} are read.")
WORKBOOK_BROKEN = template("orders.file.workbook_broken", "The workbook cannot be opened: {error}.")
SAVE_WORKBOOK = template(
    "orders.file.save_workbook", "Save it as XLSX without a password, or export it as CSV (UTF-8)."
)
WORKBOOK_EMPTY = template("orders.file.workbook_empty", "The workbook is empty.")
WORKBOOK_UNPACKS = template("orders.file.workbook_unpacks", "The workbook unpacks to more than can be read.")
FIRST_SHEET_ORDERS = template(
    "orders.file.first_sheet_orders", "Put the orders on its first sheet, with a row of headings."
)
EMPTY_ZIP = template("orders.file.empty_zip", "an empty zip archive")
PDF = template("orders.file.pdf", "a PDF")
GZIP = template("orders.file.gzip", "a gzip archive")
PICTURE = template("orders.file.picture", "a picture")
RICH_TEXT = template("orders.file.rich_text", "a rich-text document")
EMPTY = template("orders.file.empty", "The file is empty.")
EXPORT_AGAIN = template("orders.file.export_again", "Export the orders again.")
NO_SUCH_ENCODING = template("orders.file.no_such_encoding", "There is no encoding called “{encoding}”.")
TRY_ENCODINGS = template("orders.file.try_encodings", "Try utf-8, gbk or windows-1252.")
HEADER_TOO_LONG = template(
    "orders.file.header_too_long",
    "The first line is longer than 64 kB: this is not a CSV file with a header.",
)
EXPORT_WITH_HEADINGS = template(
    "orders.file.export_with_headings",
    "Export the orders as CSV, with one line of headings and one line for each row.",
)
NO_TEXT = template(
    "orders.file.no_text", "The file ({bytes} bytes) is not text: it is full of control bytes."
)
EXPORT_AS_UTF8 = template("orders.file.export_as_utf8", "Export the orders as CSV, in UTF-8.")
ENCODING_UNKNOWN = template(
    "orders.file.encoding_unknown",
    "The file's encoding cannot be recognised: neither UTF-8 nor any older encoding that is known makes text of it.",
)
SAVE_AS_UTF8 = template("orders.file.save_as_utf8", "Save it as UTF-8, or name its encoding with --encoding.")
TOO_LARGE = template("orders.file.too_large", "The file has {size} MiB; at most {most} are read.")
SPLIT_FILE = template("orders.file.split", "Split it.")
UNREADABLE = template("orders.file.unreadable", "The file {path} cannot be read: {error}.")
CHECK_FILE = template("orders.file.check", "Check its name and who may read it.")
NO_DELIMITER = template("orders.file.no_delimiter", "“{mark}” cannot separate columns.")
GIVE_DELIMITER = template(
    "orders.file.give_delimiter", "Give one character: a comma, a semicolon, a bar or a tab."
)
NO_ROWS = template("orders.file.no_rows", "The file has a header and no rows.")
EXPORT_WITH_ORDERS = template("orders.file.export_with_orders", "Export it again with the orders selected.")
COLUMNS_MISSING = template(
    "orders.file.columns_missing",
    "Read as {format}, the file lacks {n} columns: {columns}.",
    "Read as {format}, the file lacks {n} column: {columns}.",
)
COLUMN = template("orders.file.column", "{field} (accepted: {spellings})")
FIRST_LINE = template(
    "orders.file.first_line",
    "Its first line reads: {headings}. Put the headings there, or rename them; docs/orders.md lists all.",
)
ORDERS_FILE = template("orders.format.plain", "an orders file")
SHOPIFY = template("orders.format.shopify", "a Shopify order export")
WOOCOMMERCE = template("orders.format.woocommerce", "a WooCommerce order export")

# how a file was read
AS_TOLD = template("orders.encoding.as_told", "as given")
BY_MARK = template("orders.encoding.by_mark", "by its byte-order mark")
BY_ZEROS = template("orders.encoding.by_zeros", "by the zero bytes between its letters")
VALID_UTF8 = template("orders.encoding.valid", "valid UTF-8")
DAMAGED_UTF8 = template(
    "orders.encoding.damaged", "UTF-8, damaged in {n} places", "UTF-8, damaged in one place"
)
ENCODED_TWICE = template("orders.encoding.encoded_twice", "UTF-8 that was encoded twice")
FIRST_SHEET = template("orders.encoding.first_sheet", "the first sheet that has rows")
BEST_FIT = template("orders.encoding.best_fit", "as the letters fit best; --encoding overrides")
ENCODING_UNSURE = template(
    "orders.warning.encoding_unsure",
    "Which encoding the file has is not sure: it was read as {encoding} (“{read}”) and may be {other} (“{instead}”). "
    "If the first is wrong, save the file as CSV UTF-8 and give it again.",
)
SEVERAL_COLUMNS = template(
    "orders.warning.several_columns", "Several columns are called “{heading}”: the first is read."
)
UNREAD_COLUMNS = template("orders.warning.unread_columns", "Columns that are not read: {columns}.")
UNREAD_COLUMNS_MORE = template(
    "orders.warning.unread_columns_more", "Columns that are not read: {columns} and {n} more."
)
SENDER_TAKEN = template(
    "orders.warning.sender_taken",
    "The file does not say where the orders are sent from: Casablanca, MA is taken. Say which town they leave from (--from) to change it.",
)

# rows
CELL_TOO_LONG = template(
    "orders.row.cell_too_long", "The cell is {length} characters long; at most {most} are read."
)
SOME_CELL_TOO_LONG = template(
    "orders.row.some_cell_too_long", "A cell of this row is longer than the {most} characters that are read."
)
SHORTEN = template("orders.row.shorten", "Shorten it.")
QUOTE_OPEN = template("orders.row.quote_open", "A quotation mark in this row never closes.")
CLOSE_QUOTE = template("orders.row.close_quote", 'Close it, or double each " that belongs to the text.')
CELLS = template("orders.row.cells", "The row has {cells} cells under {headings} headings.")
QUOTE_CELL = template("orders.row.quote_cell", "Put quotation marks round a cell that holds the delimiter.")
COMPLETE_ROW = template(
    "orders.row.complete", "Complete the row: leave a cell empty instead of leaving it out."
)
BYTES = template("orders.row.bytes", "The cell holds bytes that are not letters in the file's encoding.")
SAVE_FILE_AS_UTF8 = template(
    "orders.row.save_as_utf8", "Save the file as UTF-8, or name its encoding with --encoding."
)
CONTROL = template("orders.row.control", "The cell holds a control character (such as a zero byte).")
TYPE_AGAIN = template("orders.row.type_again", "Type the cell again.")
NO_ORDER_ID = template("orders.row.no_order_id", "The row has no order id.")
GIVE_ORDER_ID = template("orders.row.give_order_id", "Give each order its id.")
LONG_ORDER_ID = template("orders.row.long_order_id", "The order id is {length} characters long.")
SHORTER_ORDER_ID = template("orders.row.shorter_order_id", "Use at most {most} characters.")
SAME_ID = template(
    "orders.row.same_id",
    "Rows {rows} give this order id to different orders: it is not clear which one is meant.",
)
OWN_ID_OR_LINE = template(
    "orders.row.own_id_or_line",
    "Give each order its own id, or add a column `line` if they are items of one order.",
)
REPEATED = template("orders.row.repeated", "The row repeats row {row} word for word.")
NOTHING_TO_DO = template(
    "orders.row.nothing_to_do", "If it is the same order, do nothing; otherwise give it its own id."
)
DISAGREE = template(
    "orders.row.disagree", "Rows of this order disagree: {field} is “{one}” in one and “{other}” in another."
)
ONE_PLACE = template(
    "orders.row.one_place", "One order goes to one place: give the other rows their own order id."
)
ROW_REFUSED = template("orders.row.refused", "Row {row} of the same order was refused: {reason}")
ALSO = template("orders.row.also", "{reason} Also {field}: {other}")
LINE_ITEMS_UNKNOWN = template(
    "orders.line_items.unknown",
    "The line items are not written in a way that is known (name:…|quantity:…|total:…, or JSON).",
)
LINE_ITEMS_JSON = template("orders.line_items.json", "The line items are not valid JSON: {error}.")
LINE_ITEMS_LIST = template("orders.line_items.list", "The line items are not a list.")
LINE_ITEMS_LACK = template("orders.line_items.lack", "A line item lacks its name or its quantity.")
EXPORT_ITEMS = template(
    "orders.line_items.export",
    "Export one row for each item, or line items as name:…|quantity:…|total:…",
)

# state of an order in the shop
CANCELLED = template("orders.status.cancelled", "The order was cancelled.")
REFUNDED = template("orders.status.refunded", "The order was refunded.")
VOIDED = template("orders.status.voided", "The order was voided.")
FAILED = template("orders.status.failed", "The payment of the order failed.")
TRASH = template("orders.status.trash", "The order is in the shop's trash.")
LEAVE_OUT = template("orders.status.leave_out", "Leave it out of the export.")
UNPAID = template("orders.status.unpaid", "The order waits for its payment.")
ON_HOLD = template("orders.status.on_hold", "The shop holds the order.")
DRAFT = template("orders.status.draft", "The order is a draft.")
SET_PROCESSING = template(
    "orders.status.set_processing",
    "Set it to processing when it is paid, or leave it out of the export.",
)
SENT = template("orders.status.sent", "The shop says that the order was sent already.")
EXPORT_UNFULFILLED = template(
    "orders.status.export_unfulfilled",
    "Export the unfulfilled orders, or give --include-fulfilled to ship it again.",
)
NOTHING_TO_SHIP = template(
    "orders.status.nothing_to_ship",
    "Nothing in the order is to be shipped: it was refunded, was sent already, or needs no shipping.",
)

# where it goes from and to
NO_COUNTRY = template("orders.address.no_country", "The country is missing.")
WRITE_COUNTRY = template("orders.address.write_country", "Write its two letters (MA) or its name.")
UNKNOWN_COUNTRY = template("orders.address.unknown_country", "This country is not known.")
NO_CITY = template("orders.address.no_city", "The city is missing.")
WRITE_CITY = template("orders.address.write_city", "Write the city.")
UNKNOWN_TOWN = template("orders.address.unknown_town", "No town of this name is known in {country}.")
PERHAPS = template("orders.address.perhaps", "Did you mean {names}?")
COUNTRY_WITH_CODE = template("orders.address.country_with_code", "{country} ({code})")
CHECK_SPELLING = template(
    "orders.address.check_spelling", "Check the spelling, or give the nearest larger town."
)
UNKNOWN_FACILITY = template("orders.address.unknown_facility", "The network has no such facility.")
TAKE_FACILITY_ID = template(
    "orders.address.take_facility_id",
    "Take an id from `qafila network export`, or leave it out and give city and country.",
)
NO_SENDER = template("orders.address.no_sender", "Nothing says where the order is sent from.")
WRITE_SENDER = template("orders.address.write_sender", "Write the sender's town and country, or give --from.")
SAME_PLACE = template("orders.address.same_place", "The sender's and the receiver's address are the same.")
CHECK_ADDRESSES = template(
    "orders.address.check",
    "Check the two addresses; within one town, give the street of one of them.",
)

# how it is sent
UNKNOWN_TRADE = template("orders.terms.unknown_trade", "This kind of trade is not known.")
WRITE_TRADE = template("orders.terms.write_trade", "Write b2c, b2b or c2c.")
UNKNOWN_CLASS = template("orders.terms.unknown_class", "This service class is not known.")
WRITE_CLASS = template("orders.terms.write_class", "Write one of these: {classes}.")
UNKNOWN_INCOTERM = template(
    "orders.terms.unknown_incoterm", "This delivery term (Incoterm) is not taken here."
)
WRITE_INCOTERM = template(
    "orders.terms.write_incoterm",
    "Write DDP (the sender pays duty and taxes) or DAP (the receiver pays them).",
)
NOT_YES_OR_NO = template("orders.terms.not_yes_or_no", "It is neither yes nor no.")
WRITE_YES_OR_NO = template("orders.terms.write_yes_or_no", "Write yes or no.")
UNKNOWN_RULE = template("orders.terms.unknown_rule", "This rule is not known.")
WRITE_RULE = template("orders.terms.write_rule", "Write cheapest, fastest, greenest or promise.")
RULE_WITHOUT_DAY = template(
    "orders.terms.rule_without_day", "The rule `promise` needs the day to deliver by, and none is given."
)
GIVE_PROMISE_DAY = template(
    "orders.terms.give_promise_day", "Give the day in a column promise_by, or with --promise-by."
)

# days
NO_DATE = template("orders.day.no_date", "It is not a date.")
NO_TIME = template("orders.day.no_time", "It is not a time.")
TIME_OF_DAY = template("orders.day.time_of_day", "Its time of day is not understood.")
WHICH_ZONE = template("orders.day.which_zone", "“{zone}” may be several time zones, or none.")
WHICH_DATE = template("orders.day.which_date", "It may be day/month or month/day.")
WRITE_DATE = template("orders.day.write_date", "Write it as 2026-11-30.")
WRITE_DATE_OR_TIME = template("orders.day.write_date_or_time", "Write it as 2026-11-30 or 2026-11-30T14:00.")
PAST = template("orders.day.past", "The day is past.")
FROM_TODAY = template("orders.day.from_today", "Give a day from today on, or leave it empty to ship now.")
COMING_DAY = template("orders.day.coming", "Give a day from today on, or leave it empty.")
NOT_READY = template("orders.day.not_ready", "The goods are not ready by then.")
LATER_DAY = template("orders.day.later", "Give a later day.")
TOO_FAR_AHEAD = template("orders.day.too_far_ahead", "The timetable does not reach so far ahead.")
COME_BACK = template(
    "orders.day.come_back", "Ship it nearer the day: departures can be booked {days} days ahead."
)

# goods and figures
NO_TITLE = template("orders.goods.no_title", "The goods are not described.")
DESCRIBE = template("orders.goods.describe", "Say what they are.")
UNKNOWN_UNIT = template("orders.figure.unknown_unit", "The unit “{unit}” is not known here.")
NO_QUANTITY = template("orders.goods.no_quantity", "The quantity is missing.")
WRITE_QUANTITY = template("orders.goods.write_quantity", "Write a whole number from 1 to {most}.")
WHOLE_PIECES = template("orders.goods.whole_pieces", "The number of pieces is not whole.")
NO_PIECES = template("orders.goods.no_pieces", "The quantity is less than one.")
TOO_MANY_PIECES = template("orders.goods.too_many_pieces", "There are more pieces than one parcel may hold.")
WRITE_REFUNDED = template("orders.goods.write_refunded", "Write how many pieces were refunded.")
NO_PRICE = template(
    "orders.goods.no_price", "The price is missing, and a customs value must not be estimated."
)
WRITE_PRICE_AND_CURRENCY = template(
    "orders.goods.write_price_and_currency",
    "Write the price of one piece and its currency; for a gift, its market value.",
)
WRITE_PRICE = template("orders.goods.write_price", "Write the price of one piece as a number.")
NO_VALUE = template("orders.goods.no_value", "Goods need a value for customs.")
NEGATIVE_PRICE = template("orders.goods.negative_price", "A price cannot be negative.")
STATE_VALUE = template(
    "orders.goods.state_value", "State the market value of one piece, for gifts and samples too."
)
TWO_CURRENCIES = template(
    "orders.goods.two_currencies", "The price is in {named}, but the currency is {currency}."
)
ONE_CURRENCY = template(
    "orders.goods.one_currency", "Write the same currency in both, or in only one of them."
)
NO_CURRENCY = template("orders.goods.no_currency", "The price has no currency.")
WRITE_CURRENCY = template("orders.goods.write_currency", "Write its code (MAD, EUR, CNY …).")
WRITE_OR_NAME_CURRENCY = template(
    "orders.goods.write_or_name_currency",
    "Write its code (MAD, EUR, CNY …), or name one for the whole file (--currency).",
)
UNKNOWN_CURRENCY = template("orders.goods.unknown_currency", "This currency cannot be converted.")
WRITE_ISO_CURRENCY = template("orders.goods.write_iso_currency", "Write its ISO 4217 code (MAD, EUR, CNY …).")
NO_RATE = template("orders.goods.no_rate", "No exchange rate is known for {currency} on {day}.")
OTHER_CURRENCY = template("orders.goods.other_currency", "Use another currency.")
BELOW_COIN = template(
    "orders.goods.below_coin", "The value of the goods is less than the smallest coin of {currency}."
)
STATE_MARKET_VALUE = template("orders.goods.state_market_value", "State the market value of one piece.")
WORTH_TOO_MUCH = template(
    "orders.goods.worth_too_much", "The goods would be worth {value}, more than one parcel may hold."
)
CHECK_PRICE = template(
    "orders.goods.check_price", "Check the price and its decimal mark; the limit is {limit}."
)
SEVERAL_CURRENCIES = template(
    "orders.goods.several_currencies", "The items of one order have different currencies."
)
SAME_CURRENCY = template("orders.goods.same_currency", "State all prices of an order in one currency.")
WRITE_WEIGHT_OR_EMPTY = template(
    "orders.goods.write_weight_or_empty",
    "Write the weight of one piece in kg, or leave it empty to have it estimated.",
)
NEGATIVE_WEIGHT = template("orders.goods.negative_weight", "A weight cannot be negative.")
WRITE_WEIGHT = template("orders.goods.write_weight", "Write the weight of one piece.")
PIECE_TOO_HEAVY = template(
    "orders.goods.piece_too_heavy", "One piece would weigh {kg} kg; a parcel has at most {most} kg."
)
CHECK_KG = template("orders.goods.check_kg", "Check the unit (kg); heavier goods go as freight.")
WRITE_SIDE_OR_EMPTY = template(
    "orders.goods.write_side_or_empty", "Write the side in cm, or leave it empty to have it estimated."
)
NEGATIVE_LENGTH = template("orders.goods.negative_length", "A length cannot be negative.")
WRITE_SIDE = template("orders.goods.write_side", "Write the side in cm.")
SIDE_TOO_LONG = template("orders.goods.side_too_long", "A parcel's side has at most {cm} cm.")
CHECK_CM = template("orders.goods.check_cm", "Check the unit (cm).")
PARCEL_TOO_HEAVY = template(
    "orders.goods.parcel_too_heavy", "The parcel would weigh {kg} kg; at most {most} kg are taken."
)
MORE_PARCELS = template("parcels.more", "Divide the goods among more parcels, or leave it to us.")
TOO_MANY_PARCELS = template(
    "parcels.too_many", "The goods would need {parcels} parcels; a shipment has at most {most}."
)
DIVIDED = template(
    "parcels.divided", "Divided among as few parcels of at most {kg} kg and {cm} cm as hold it."
)
PARCEL_TOO_LONG = template(
    "orders.goods.parcel_too_long", "The parcel would be {cm} cm long; at most {most} cm are taken."
)
SPLIT = template("orders.goods.split", "Split it into several orders.")
NO_HS = template("orders.goods.no_hs", "It is not an HS code.")
WRITE_HS = template("orders.goods.write_hs", "Write 6 to 10 digits, or leave it empty to have one proposed.")
HS_BECAME = template("orders.goods.hs_became", "It is a code of {edition}; in {now} it became {codes}.")
HS_NEAR = template(
    "orders.goods.hs_near", "Codes near it are {codes}; or leave it empty to have one proposed."
)

# estimates: the rule by which a gap was filled
BILLING_ADDRESS = template(
    "orders.estimate.billing_address", "there is no shipping address: the billing address is taken"
)
PAID_BACK = template(
    "orders.estimate.paid_back",
    "the shop paid back a part and does not say for which pieces: all that are left are sent",
)
SENDER_HUB = template(
    "orders.estimate.sender_hub",
    "the file names no sender: the hub's own collection point is taken; --from names another",
)
SENDER_COUNTRY = template(
    "orders.estimate.sender_country", "the row names the sender's town and no country: {country} is taken"
)
TOWN_IN = template("orders.estimate.town_in", "the town named in “{text}”")
LARGEST_OF = template("orders.estimate.largest_of", "the largest of {towns} towns of this name")
OTHER_NAME = template("orders.estimate.other_name", "“{text}” is another name of it")
USUAL_CURRENCY = template("orders.estimate.usual_currency", "what “{named}” usually means")
GIVEN_AWAY = template(
    "orders.estimate.given_away",
    "it was given away: the price before the discount counts, because goods need a value for customs",
)
DISCOUNTED = template("orders.estimate.discounted", "{price} less the discount that the shop gave")
SAME_ARTICLE = template(
    "orders.estimate.same_article",
    "the price that another row of the file gives for the same article number",
)
SAME_TITLE = template(
    "orders.estimate.same_title", "the price that another row of the file gives for the same title"
)
MEDIAN_WEIGHT = template("orders.estimate.median_weight", "median weight of {kind}; {source}")
BY_DENSITY = template(
    "orders.estimate.by_density",
    "from the weight and the usual density of {kind} ({density} g/cm³); {source}",
)
TOO_SMALL = template(
    "orders.estimate.too_small", "{size} cannot hold {kg} kg, which would be denser than lead; {rule}"
)
TOO_LIGHT = template("orders.estimate.too_light", "{kg} kg in {size} would be lighter than air; {rule}")
SAID_BY_ATTRIBUTE = template("orders.estimate.said_by_attribute", "the attribute “{key}” says “{value}”")
ORIGIN_OF_SENDER = template(
    "orders.estimate.origin_of_sender", "the country it is sent from, because no origin is stated"
)
HAS_WORD = template("orders.estimate.has_word", "the description has the word “{word}”")
BY_CODE = template("orders.estimate.by_code", "goods of HS {prefix} usually are")
LAID_TOGETHER = template("orders.estimate.laid_together", "{pieces} pieces laid together in one box")
TOO_VAGUE = template("orders.estimate.too_vague", "the description is too vague for an HS code")
TOO_VAGUE_ASK = template(
    "orders.estimate.too_vague_ask", "the description is too vague for an HS code: {question}"
)
PROPOSED = template(
    "orders.estimate.proposed",
    "proposed from the description, {share} sure; confirm it before declaring",
)

# areas with taxes of their own, and what an address contradicts
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
THE_EU = template("orders.the_eu", "the EU")
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
NAMESAKE_IN_AREA = template(
    "orders.estimate.namesake_in_area",
    "read as {town} in {country}; {area} has a larger town of this name: a postcode or region tells which is meant",
)
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
NO_SUCH_REGION = template(
    "orders.no_such_region", "no region of {country} is known by this name or code; the town alone is used"
)
REGION_NEEDED = template(
    "orders.region_needed",
    "No region of {country} is known by this name or code, and {towns} towns are called {town}.",
)
REGION_NEEDED_REMEDY = template(
    "orders.region_needed.remedy", "Write the region by its usual name or code, or the postcode."
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
    "orders.spreadsheet_error_remedy", "Correct the formula or widen the column, and export it again."
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
BEFORE_DISCOUNT = template("orders.before_discount", "the price before a discount: the file has no other")

# cash on delivery
CASH_PAID = template("cash.paid", "The shop says that the order is paid: nothing is collected on delivery.")
CASH_NOT_SAID = template(
    "cash.not_said", "The order is paid on delivery, but nothing says how much is collected."
)
CASH_SAY = template("cash.say", "Write the amount to collect, or the total of the order.")
CASH_WRITE = template("cash.write", "Write the amount to collect, such as 250.00, or leave it empty.")
CASH_NEGATIVE = template("cash.negative", "The amount to collect is negative.")
CASH_ENDLESS = template("cash.endless", "The amount is too high to be paid in cash.")
CASH_ZERO = template("cash.zero", "The amount is zero: nothing is collected on delivery.")
CASH_OF_SHOP = template("cash.of_shop", "The total of the shop's order, which is paid by “{method}”.")
CASH_OTHER_CURRENCY = template(
    "cash.other_currency", "The amount to collect is in {currency}, but the goods are priced in {order}."
)
CASH_SAME_CURRENCY = template("cash.same_currency", "Write the amount to collect in {order}.")
CASH_TOO_MUCH = template(
    "cash.too_much", "The amount to collect, {amount}, is more than the goods and their freight cost, {owed}."
)
CASH_AT_MOST = template("cash.at_most", "Collect {owed} at most, or correct the prices of the goods.")

# what goes into which parcel
PARCEL_MISSING = template("parcels.missing", "Other rows of this order say their parcel; this one does not.")
SAY_PARCEL = template("parcels.say", "Say the parcel of each row of the order, or of none.")
PARCEL_LONG_NAME = template("parcels.long_name", "The parcel's name is {length} characters long.")
PARCEL_SHORT_NAME = template("parcels.short_name", "Number the parcels: 1, 2, 3.")
PARCEL_NO_ITEM = template("parcels.no_item", "The order has no item {item}.")
PARCEL_ITEM_TWICE = template("parcels.item_twice", "The item is named twice in this parcel.")
PARCEL_ITEMS_FROM = template("parcels.items_from", "Items are counted from 0; the last one is {last}.")
PARCEL_PIECES = template(
    "parcels.pieces", "The parcels hold {held} pieces of “{title}”, but the order has {ordered}."
)
PARCEL_PIECES_REMEDY = template("parcels.pieces_remedy", "Put every piece into one parcel.")
PARCEL_WEIGHTS_DIFFER = template(
    "parcels.differ", "Rows of this parcel disagree: it is “{one}” in one and “{other}” in another."
)
PARCEL_SAY_PIECES = template(
    "parcels.say_pieces", "Write how many pieces lie in this parcel, or leave all of its fields empty."
)
PARCEL_WRITE_WEIGHT = template(
    "parcels.write_weight",
    "Write the weight of the packed parcel in kg, or leave it empty to have it estimated.",
)
PARCEL_ONCE = template("parcels.once", "Write it once for each parcel.")
