"""What the API tells of requests that it cannot take."""

from qafila.core.message import template

# what a validator finds wrong, and what to write instead
MISSING = template("api.fault.missing", "It is missing.")
ADD_IT = template("api.fault.add_it", "Add it.")
NO_SUCH_FIELD = template("api.fault.no_such_field", "There is no such field here.")
CHECK_SPELLING = template("api.fault.check_spelling", "Check its spelling, or leave it out.")
TOO_SHORT = template("api.fault.too_short", "It is empty or too short.")
FILL_IN = template("api.fault.fill_in", "Fill it in: {min_length} or more characters.")
TOO_LONG = template("api.fault.too_long", "It is too long.")
WRITE_AT_MOST_CHARACTERS = template(
    "api.fault.write_at_most_characters", "Write at most {max_length} characters."
)
NOT_IN_THE_FORM = template("api.fault.not_in_the_form", "It is not in the form that is asked for.")
HALF_A_CHARACTER = template(
    "api.fault.half_a_character", "It holds half of a surrogate pair, which is not a character."
)
TAKE_THAT_CHARACTER_OUT = template("api.fault.take_that_character_out", "Take that character out.")
NOT_A_TEXT = template("api.fault.not_a_text", "It is not a text.")
WRITE_IT_IN_QUOTATION_MARKS = template(
    "api.fault.write_it_in_quotation_marks", "Write it in quotation marks."
)
NOT_A_KNOWN_WORD = template("api.fault.not_a_known_word", "It is not one of the words known here.")
WRITE_EXPECTED = template("api.fault.write_expected", "Write {expected}.")
NOT_WHOLE = template("api.fault.not_whole", "It is not a whole number.")
WRITE_A_WHOLE_NUMBER = template("api.fault.write_a_whole_number", "Write a whole number.")
NOT_A_NUMBER = template("api.fault.not_a_number", "It is not a number.")
WRITE_A_NUMBER = template("api.fault.write_a_number", "Write a number, such as 12.50.")
TOO_MANY_DECIMALS = template("api.fault.too_many_decimals", "It has too many decimals.")
WRITE_AT_MOST_DECIMALS = template(
    "api.fault.write_at_most_decimals", "Write at most {decimal_places} decimals."
)
TOO_MANY_DIGITS = template("api.fault.too_many_digits", "It has too many digits.")
WRITE_AT_MOST_DIGITS = template("api.fault.write_at_most_digits", "Write at most {max_digits} digits.")
TOO_HIGH = template("api.fault.too_high", "It is too large.")
DIGITS_BEFORE_POINT = template(
    "api.fault.digits_before_point", "Write at most {whole_digits} digits before the decimal point."
)
TOO_LOW = template("api.fault.too_low", "It is too small.")
WRITE_A_NUMBER_ABOVE = template("api.fault.write_a_number_above", "Write a number above {gt}.")
WRITE_OR_MORE = template("api.fault.write_or_more", "Write {ge} or more.")
WRITE_A_NUMBER_BELOW = template("api.fault.write_a_number_below", "Write a number below {lt}.")
WRITE_OR_LESS = template("api.fault.write_or_less", "Write {le} or less.")
NEITHER_TRUE_NOR_FALSE = template("api.fault.neither_true_nor_false", "It is neither true nor false.")
WRITE_TRUE_OR_FALSE = template("api.fault.write_true_or_false", "Write true or false.")
NO_ZONE = template("api.fault.no_zone", "The time does not say its zone.")
WRITE_A_TIME = template("api.fault.write_a_time", "Write a time as 2026-11-30T14:00:00+01:00.")
NOT_A_TIME = template("api.fault.not_a_time", "It is not a time.")
TIME_NOT_DAY = template("api.fault.time_not_day", "It is a time, not a day.")
WRITE_A_DAY = template("api.fault.write_a_day", "Write a day as 2026-11-30.")
NOT_A_DAY = template("api.fault.not_a_day", "It is not a day.")
NOT_A_UUID = template("api.fault.not_a_uuid", "It is not a UUID.")
WRITE_UUID = template("api.fault.write_uuid", "Write it as 374d95fc-9457-4a51-bd6a-0bba133845a8.")
NOT_A_LIST = template("api.fault.not_a_list", "It is not a list.")
PUT_IT_IN_BRACKETS = template("api.fault.put_it_in_brackets", "Put it in brackets: [ … ].")
HOLDS_TOO_LITTLE = template("api.fault.holds_too_little", "It holds too little.")
GIVE_AT_LEAST = template("api.fault.give_at_least", "Give at least {min_length}.")
HOLDS_TOO_MUCH = template("api.fault.holds_too_much", "It holds too much.")
GIVE_AT_MOST = template("api.fault.give_at_most", "Give at most {max_length}.")
NOT_AN_OBJECT = template("api.fault.not_an_object", "It is not an object with fields.")
WRITE_IT_IN_BRACES = template("api.fault.write_it_in_braces", "Write it in braces: { … }.")
KIND_NOT_SAID = template("api.fault.kind_not_said", "Its kind is not given.")
GIVE_KIND = template("api.fault.give_kind", "Give {discriminator}: one of the kinds in the OpenAPI document.")

EITHER = template("api.fault.either", "{first} Or: {second}")
NOT_JSON = template("api.fault.not_json", "The body is not JSON: {why} at character {position}.")
SEND_JSON = template("api.fault.send_json", "Send one JSON document in UTF-8.")
SEE_OPENAPI = template("api.fault.see_openapi", "See what the OpenAPI document says of this field.")
MATCH = template("api.fault.match", "Write it so that it matches {pattern}.")
WRITE_CURRENCY = template("api.fault.write_currency", "Write three capital letters, such as EUR.")
WRITE_SIX_DIGITS = template("api.fault.write_six_digits", "Write six digits, such as 610910.")
WRITE_LANGUAGE = template("api.fault.write_language", "Write en, fr, ar or zh.")
WRITE_NAME = template("api.fault.write_name", "Write small letters, digits and hyphens, such as week-48.")
ZERO_CHARACTER = template("api.fault.zero_character", "It holds a zero character (U+0000).")
NUMBER_TOO_LARGE = template("api.fault.number_too_large", "The number is too large.")
WRITE_A_USUAL_NUMBER = template("api.fault.write_a_usual_number", "Write a smaller number.")
NO_SUCH_DAY = template("api.fault.no_such_day", "Nothing happens on that day.")
WRITE_A_USUAL_DAY = template(
    "api.fault.write_a_usual_day", "Write a day from 1900 to 2200, or leave the field out."
)

# kinds of problems
INVALID_REQUEST = template("api.kind.invalid-request", "The request is not valid")
INVALID_REQUEST_MEANS = template(
    "api.kind.invalid-request.means",
    "One or more fields are missing or wrong; `errors` names each by its JSON pointer.",
)
UNAUTHORIZED = template("api.kind.unauthorized", "No valid API key")
UNAUTHORIZED_MEANS = template(
    "api.kind.unauthorized.means", "Send `Authorization: Bearer KEY` with a key that is in force."
)
INSUFFICIENT_SCOPE = template("api.kind.insufficient-scope", "The API key does not open this")
INSUFFICIENT_SCOPE_MEANS = template(
    "api.kind.insufficient-scope.means", "The key lacks the scope that `scope` names."
)
NOT_FOUND = template("api.kind.not-found", "There is no such thing")
NOT_FOUND_MEANS = template("api.kind.not-found.means", "Nothing of yours has this id.")
METHOD_NOT_ALLOWED = template("api.kind.method-not-allowed", "This method is not allowed here")
METHOD_NOT_ALLOWED_MEANS = template(
    "api.kind.method-not-allowed.means", "See the methods of this address in the OpenAPI document."
)
KEY_REUSED = template("api.kind.key-reused", "The idempotency key was used for another request")
KEY_REUSED_MEANS = template(
    "api.kind.key-reused.means", "A key stands for one request; use a new key for a new one."
)
STILL_AT_WORK = template("api.kind.still-at-work", "The first request with this key is still at work")
STILL_AT_WORK_MEANS = template(
    "api.kind.still-at-work.means", "`Retry-After` says after how many seconds to send it again."
)
CUT_OFF_BEFORE_ANSWER = template(
    "api.kind.cut-off-before-answer", "The first request with this key was cut off"
)
CUT_OFF_BEFORE_ANSWER_MEANS = template(
    "api.kind.cut-off-before-answer.means", "It may have been done: look, and send it with a new key if not."
)
ALREADY_BOOKED = template("api.kind.already-booked", "The order is booked already")
ALREADY_BOOKED_MEANS = template("api.kind.already-booked.means", "An order has one booking at a time.")
BOOKING_CANCELLED = template("api.kind.booking-cancelled", "This was booked and cancelled")
BOOKING_CANCELLED_MEANS = template(
    "api.kind.booking-cancelled.means",
    "The same request does not book it again: ask for new offers, or send another idempotency key.",
)
OFFER_EXPIRED = template("api.kind.offer-expired", "The offer has expired")
OFFER_EXPIRED_MEANS = template("api.kind.offer-expired.means", "Ask for new offers.")
CUT_OFF_PASSED = template("api.kind.cut-off-passed", "The cut-off has passed")
CUT_OFF_PASSED_MEANS = template("api.kind.cut-off-passed.means", "Ask for new offers.")
FULL = template("api.kind.full", "A departure is full")
FULL_MEANS = template(
    "api.kind.full.means", "Others booked the last room since the offer was made; ask for new offers."
)
NO_OFFER = template("api.kind.no-offer", "There is no offer for this order")
NO_OFFER_MEANS = template(
    "api.kind.no-offer.means", "`constraint` says what binds, `remedy` what would lift it."
)
NOT_CANCELLABLE = template("api.kind.not-cancellable", "The booking cannot be cancelled")
NOT_CANCELLABLE_MEANS = template("api.kind.not-cancellable.means", "The carrier has the parcel.")
NO_RULES = template("api.kind.no-rules", "No rules are loaded for this destination")
NO_RULES_MEANS = template("api.kind.no-rules.means", "`qafila customs import` loads a national schedule.")
NOT_YOUR_PLACE = template(
    "api.not_your_place", "This is about a place at which your organisation does not work."
)
NOT_POSSIBLE = template("api.kind.not-possible", "It is not possible as things stand")
NOT_POSSIBLE_MEANS = template("api.kind.not-possible.means", "`detail` says what stands in the way.")
NOT_ACCEPTABLE = template("api.kind.not-acceptable", "This form is not served")
NOT_ACCEPTABLE_MEANS = template(
    "api.kind.not-acceptable.means", "Ask for JSON-LD, JSON, Turtle or N-Triples."
)
MEDIA_TYPE = template("api.kind.media-type", "The media type is not supported")
MEDIA_TYPE_MEANS = template("api.kind.media-type.means", "Send JSON.")
TOO_MANY = template("api.kind.too-many", "Too many requests")
TOO_MANY_MEANS = template(
    "api.kind.too-many.means", "`Retry-After` says after how many seconds to ask again."
)
TOO_LARGE = template("api.kind.too-large", "The request is too large")
TOO_LARGE_MEANS = template("api.kind.too-large.means", "Send it in several parts.")
UNAVAILABLE = template("api.kind.unavailable", "Not to be reached for a moment")
UNAVAILABLE_MEANS = template(
    "api.kind.unavailable.means",
    "The database is being started again, or too many ask at once. Send the same request again after the seconds that "
    "`Retry-After` says, with the same key: what was done by then is not done again. Where the answer is then that it was cut "
    "off, look first whether it was done.",
)
INTERNAL = template("api.kind.internal", "Something broke on our side")
INTERNAL_MEANS = template("api.kind.internal.means", "It is in the server's log; nothing was half done.")

# requests as a whole
CANNOT_BE_KEPT = template("api.cannot_be_kept", "A text or a number in the request cannot be kept.")
CHECK_ZEROS_AND_NUMBERS = template(
    "api.check_zeros", "Take zero characters (U+0000) out of texts, and check numbers and times."
)
NO_SUCH_NAME = template(
    "api.no_such_name", "The request names something that there is not, or that is taken already."
)
CHECK_IDS = template("api.check_ids", "Check the ids in it.")
NO_KIND_OF_PROBLEM = template("api.no_kind_of_problem", "There is no kind of problem “{code}”.")
NO_PLAN = template("api.no_plan", "There is no plan {plan}.")
NO_COMMODITY = template("api.no_commodity", "The plan {plan} has no commodity {id}.")
PLAN_NOT_MADE = template("api.plan_not_made", "The plan {plan} is not being made.")
PLAN_BEING_MADE = template("api.plan_being_made", "The plan {plan} is being made.")
STOP_FIRST = template("api.stop_first", "Stop it first.")
PLAN_STANDS = template("api.plan_stands", "The plan {plan} is not made: {state}.")
WAIT_UNTIL_DONE = template("api.wait_until_done", "Wait until it is done.")
NOT_THIS_MEDIA = template("api.not_this_media", "{kind} is not taken here.")
NO_MEDIA = template("api.no_media", "The request does not say what it sends.")
SEND_JSON_OR_CSV = template("api.send_json_or_csv", "Send JSON or text/csv.")
NO_PARCEL = template("api.no_parcel", "There is no parcel {number}.")
CHECK_LABEL = template("api.check_label", "Check the number against the label.")
NOT_MEASURED = template("api.not_measured", "No machine measured {number}.")
NO_FACILITY = template("api.no_facility", "The network has no facility {id}.")
NO_SHIPMENT = template("api.no_shipment", "There is no shipment {id}.")
NO_BOOKING = template("api.no_booking", "There is no booking {id}.")
NO_ADVICE = template("api.no_advice", "There is no advice {id}.")
STORES_NOTHING = template("api.stores_nothing", "{facility} stores nothing.")
NOT_KNOWN_AS = template("api.not_known_as", "“{given}” is not a known {field}.")
WRITE_ONE_OF = template("api.write_one_of", "Write {known}.")
REPORT_NOT_MADE = template("api.report_not_made", "The report is not made yet, or it failed.")
COPY_GONE = template("api.copy_gone", "The copy is on another machine, or was swept.")
TOO_MANY_LINES = template(
    "api.too_many_lines", "There are {lines} lines of goods; send at most {most} at once."
)
TOO_MANY_CONSIGNMENTS = template(
    "api.too_many_consignments", "There are {count} consignments; send at most {most} at once."
)
TOO_LARGE_REQUEST = template("api.too_large", "A request may have {megabytes} MiB.")
SEND_IN_PARTS = template("api.send_in_parts", "Send it in several parts.")
KEY_LENGTH = template("api.key_length", "The idempotency key has no characters, or more than 200.")
SEND_KEY = template("api.send_key", "Send 1 to 200 characters.")
NOT_A_URI = template("api.epcis.not_a_uri", "It is not a URI.")
WRITE_URI = template("api.epcis.write_uri", "Write a URI, such as urn:epc:id:sgln:…")
NOT_AN_INSTANT = template("api.epcis.not_an_instant", "It is not a time as RFC 3339 writes it.")
WRITE_INSTANT = template("api.epcis.write_instant", "Write it as 2026-11-30T14:05:00+01:00.")
NOT_A_FIGURE = template("api.epcis.not_a_figure", "It is not a number.")
WRITE_FIGURE = template("api.epcis.write_figure", "Write a number without quotes.")
NO_VALUE = template("api.epcis.no_value", "The property {name} has no value (null).")
LEAVE_OUT = template("api.epcis.leave_out", "Leave the property out, or give it a value.")
BARE_WORD = template("api.epcis.bare_word", "It is the URI of a word of the CBV.")
WRITE_BARE_WORD = template("api.epcis.write_bare_word", "Write the bare word.")
NO_WORD = template("api.epcis.no_word", "It is neither a {field} of the CBV nor a URI.")
WRITE_WORD = template("api.epcis.write_word", "Write a word of the CBV, or a URI of your own.")
NO_PROPERTY = template("api.epcis.no_property", "“{name}” is not a property here.")
NAME_EXTENSION = template("api.epcis.name_extension", "An extension is named prefix:name.")
NEEDS_OBJECTS = template(
    "api.epcis.needs_objects", "An object event needs epcList, quantityList or sensorElementList."
)
NEEDS_CHILDREN = template(
    "api.epcis.needs_children", "It needs childEPCs or childQuantityList, unless the action is DELETE."
)
NEEDS_HEAD = template("api.epcis.needs_head", "A document says its schemaVersion and its creationDate.")
NO_BODY = template("api.epcis.no_body", "The epcisBody is not one of such a document.")
ADD_WHAT_IS_MISSING = template("api.epcis.add_it", "Add what is missing.")
NOT_A_CURSOR = template("api.not_a_cursor", "This is not a cursor of this list.")
BEGIN_WITHOUT = template("api.begin_without", "Begin without one.")
NAME_THE_PLAN = template("api.name_the_plan", "Name the plan: ?name=week-48.")
ASK_AGAIN = template("api.ask_again", "Ask again in a moment.")
LIMIT_PASSED = template(
    "api.limit_passed", "More than {most} requests in {seconds} seconds came from here ({limit})."
)
WAIT_SECONDS = template(
    "api.wait_seconds", "Wait {n} seconds, then ask again.", "Wait one second, then ask again."
)
