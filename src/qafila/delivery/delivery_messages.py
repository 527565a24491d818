"""What the delivery floor says to people."""

from __future__ import annotations

from qafila.core.message import template

SCOPE_READ = template("delivery.scope.read", "see rounds and deliveries")
SCOPE_PLAN = template("delivery.scope.plan", "keep the fleet and plan rounds")
SCOPE_DRIVE = template("delivery.scope.drive", "drive a round and say what happened at the door")
SCOPE_HAUL = template("delivery.scope.haul", "drive the rounds that the hub gave to one's own vehicles")
NO_CARRIER = template("delivery.no_carrier", "{carrier} is no carrier of this hub.")
SCOPE_POINT = template("delivery.scope.point", "put parcels into lockers and hand them out")

NO_STATION = template("delivery.no_station", "The network has no facility {facility}.")
USE_STATION = template("delivery.use_station", "Use the id of a delivery station of the feed.")
NO_ROUND = template("delivery.no_round", "There is no round {round}.")
NO_DELIVERY = template("delivery.no_delivery", "The parcel {parcel} is not to be delivered from here.")
SCAN_IT = template("delivery.scan_it", "Compare the number with the label.")
NO_FLEET = template("delivery.no_fleet", "{facility} has no vehicle that is ready.")
ADD_VEHICLE = template("delivery.add_vehicle", "Add one: qafila rounds vehicle STATION ID --kind van.")
NO_KIND = template("delivery.no_kind", "There is no kind of vehicle {kind}.")
USE_KINDS = template("delivery.use_kinds", "Use one of {kinds}.")
NO_ACT = template("delivery.no_act", "There is no act {kind}.")
NO_REASON = template("delivery.no_reason", "There is no reason {reason}.")
NO_PLACE_LEFT = template("delivery.no_place_left", "A parcel is not left at {place}.")
USE = template("delivery.use", "Use one of {known}.")
OVER = template("delivery.over", "The parcel {parcel} is {state} already.")
LOOK_AGAIN = template("delivery.look_again", "Look at its history before you go on.")
NOT_STARTED = template("delivery.not_started", "The round {round} has not begun.")
START_FIRST = template("delivery.start_first", "Scan its parcels out first.")
ENDED = template("delivery.ended", "The round {round} is over.")
PROOF = template("delivery.proof", "Nothing proves that {parcel} was handed over.")
GIVE_PROOF = template("delivery.give_proof", "Give a name with a signature, a photo, or the buyer's code.")
WRONG_CODE = template("delivery.wrong_code", "The code does not belong to {parcel}.")
ASK_CODE = template("delivery.ask_code", "Ask the buyer for the six digits in his message.")
TOO_LARGE_PHOTO = template("delivery.too_large_photo", "The picture has {size} bytes.")
SMALLER_PHOTO = template("delivery.smaller_photo", "Send a JPEG or PNG of less than {most} bytes.")
COLLECT = template("delivery.collect", "{amount} are to be collected with {parcel}.")
SAY_COLLECTED = template(
    "delivery.say_collected", "Write the amount collected; without it the parcel is not handed over."
)
LEFT_UNPAID = template("delivery.left_unpaid", "A parcel to be paid in cash is not left behind.")
NO_LINK = template("delivery.no_link", "This link leads to no delivery.")
NO_WISH = template("delivery.no_wish", "A delivery cannot be changed to {wish}.")
TOO_LATE = template("delivery.too_late", "The parcel is on its way to the door already.")
CALL_DRIVER = template("delivery.call_driver", "Choose a neighbour or a safe place.")
BAD_DAY = template("delivery.bad_day", "{day} cannot be chosen.")
DAYS = template("delivery.days", "Choose a working day from {first} to {last}.")
BAD_PIN = template("delivery.bad_pin", "The pin lies {km} km away from {city}.")
MOVE_PIN = template("delivery.move_pin", "Move it to the door; for another town the sender books anew.")
SAY_NEIGHBOUR = template("delivery.say_neighbour", "The neighbour is not named.")
SAY_WHERE = template("delivery.say_where", "The safe place is not named.")
NO_POINT = template("delivery.no_point", "{point} takes no parcels for buyers.")
POINT_FULL = template("delivery.point_full", "{point} has no free compartment for a parcel of this size.")
POINT_DAY_FULL = template(
    "delivery.point_day_full", "{point} takes no more parcels on {day}: {most} are promised to it."
)
NEXT_POINT = template(
    "delivery.next_point", "Choose {point}, {km} km from there: it has room. Or choose another day."
)
OTHER_POINT = template("delivery.other_point", "Choose another point, or another day.")
LOCKER_AWAY = template(
    "delivery.locker_away", "The locker of compartment {compartment} at {point} does not do it: {why}."
)
LOCKER_AGAIN = template(
    "delivery.locker_again", "Send the same again; if it stays away, choose another point or ask the maker."
)
NO_STAY = template("delivery.no_stay", "No parcel here has this code.")
EXPIRED = template("delivery.expired", "The time to fetch the parcel ended at {at}.")
ASK_STATION = template("delivery.ask_station", "Ask the station: it may still be there.")
BAD_ROW = template("delivery.bad_row", "{value} is no {field}.")
ROOM_PER_DAY = template(
    "delivery.room.per_day",
    "“{value}” is no number of parcels a day. Write a whole number from 0 to {most}, or nothing for no limit.",
)
ROOM_SIDE = template(
    "delivery.room.side", "“{value}” is no side of a compartment. Write whole millimetres, from 1 to {most}."
)
ROOM_COUNT = template(
    "delivery.room.count", "“{value}” is no number of compartments. Write a whole number from 1 to {most}."
)
ROOM_NAME = template(
    "delivery.room.name",
    "“{value}” is no name of a compartment. Write up to 20 letters, digits, points or hyphens, without spaces.",
)
NO_COMPARTMENT = template("delivery.no_compartment", "There is no compartment {value} here.")
MEND_ROW = template("delivery.mend_row", "Give a number above 0.")

RESERVED = template(
    "delivery.reserved",
    "By law, items of up to {limit} g are reserved to the post in {country} ({basis}). An operator without an agreement with it may not carry this parcel in its own name.",
)

PLANNED_ELSEWHERE = template("delivery.planned_elsewhere", "on another round")
STATES = {
    state: template(f"delivery.state.{state}", words)
    for state, words in (
        ("open", "waiting for its day"),
        ("planned", "planned"),
        ("out", "out for delivery"),
        ("failed", "tried, and to be tried again"),
        ("at_point", "at a pick-up point"),
        ("delivered", "delivered"),
        ("returning", "on its way back"),
        ("gone", "lost on the way"),
    )
}
"""How a delivery's state is said, by its name."""
GONE = {
    "stolen": template("delivery.gone.stolen", "stolen on the way"),
    "lost": template("delivery.gone.lost", "lost on the way"),
    "destroyed": template("delivery.gone.destroyed", "destroyed on the way"),
}
"""What became of a parcel that is gone."""
NO_GONE = template("delivery.no_gone", "A parcel is not gone because of {why}.")
REPORT_THEFT = template("delivery.report_theft", "A theft needs the number of its report, or what happened.")
SAY_REPORT = template(
    "delivery.say_report", "Write the number of the report to the police, or where and how it was taken."
)
MERCHANT_GONE = (
    template("delivery.notice.merchant_gone.subject", "The parcel {parcel} is {why}"),
    template(
        "delivery.notice.merchant_gone",
        "The parcel {parcel} is {why} and does not come to its buyer. Nothing was collected for it. A claim is open in your name; look at it, and add to it: {link}",
    ),
)
"""What a merchant is told whose parcel is gone."""
MERCHANT_GONE_BACK = (
    MERCHANT_GONE[0],
    template(
        "delivery.notice.merchant_gone_back",
        "The parcel {parcel}, which was on its way back to you, is {why}. The way back costs you nothing. A claim is open in your name; look at it, and add to it: {link}",
    ),
)
"""The same where the parcel was on its way back."""
MERCHANT_FOUND = (
    template("delivery.notice.merchant_found.subject", "The parcel {parcel} is found"),
    template(
        "delivery.notice.merchant_found",
        "The parcel {parcel} is found and goes on. What becomes of the claim that was opened for it, and why, stands beside it: {link}",
    ),
)
"""What a merchant is told whose parcel is found again."""
ANSWERS = {
    "confirmed": template("delivery.answer.confirmed", "Will be there"),
    "other_day": template("delivery.answer.other_day", "Wants another day"),
    "wrong_number": template("delivery.answer.wrong_number", "The number is wrong"),
    "no_answer": template("delivery.answer.no_answer", "Nobody answers"),
}
"""What came of a call before the door."""
NO_ANSWER = template("delivery.no_answer_known", "A call does not end with {answer}.")
CALL_TOO_LATE = template(
    "delivery.call_too_late", "The parcel {parcel} waits at a pick-up point: nobody comes to the door."
)
MERCHANT_NUMBER = (
    template("delivery.notice.merchant_number.subject", "The buyer of {parcel} cannot be reached"),
    template(
        "delivery.notice.merchant_number",
        "The telephone number of the buyer of {parcel} is wrong. Please ask for the right one and tell it to the station before the parcel comes back: {link}",
    ),
)
"""What a merchant is told whose buyer's number is wrong."""
REASONS = {
    reason: template(f"delivery.reason.{reason}", words)
    for reason, words in (
        ("nobody_home", "Nobody opened"),
        ("refused", "The buyer refuses it"),
        ("no_cash", "The buyer has no cash"),
        ("wrong_address", "The address is wrong"),
        ("not_reached", "I did not get that far"),
        ("closed", "The place is closed"),
        ("unsafe", "It is not safe here"),
        ("damaged", "The parcel is damaged"),
        ("later", "The buyer wants another day"),
    )
}
"""Why a delivery failed, in the driver's words."""
LEFT = {
    "safe_place": template("delivery.left.safe_place", "In a safe place"),
    "neighbour": template("delivery.left.neighbour", "With a neighbour"),
    "locker": template("delivery.left.locker", "In a locker"),
}

TOO_MANY_CODES = template(
    "delivery.too_many_codes", "Too many wrong codes were tried here. The next is taken in {minutes} minutes."
)
ASK_CODE_AGAIN = template(
    "delivery.ask_code_again", "Type the six digits of the message, or show its picture to the reader."
)
WISHES = {
    "day": template("delivery.wish.day", "another day"),
    "neighbour": template("delivery.wish.neighbour", "a neighbour"),
    "safe_place": template("delivery.wish.safe_place", "a safe place"),
    "point": template("delivery.wish.point", "a pick-up point"),
    "door": template("delivery.wish.door", "your door"),
}
NOTICES = {
    "coming": (
        template("delivery.notice.coming.subject", "Your parcel {parcel} comes on {day}"),
        template("delivery.notice.coming", "Your parcel {parcel} comes on {day} between {first} and {last}. Code for the driver: {code}. Choose another day or place, or show where your door is: {link}"),
    ),
    "confirm": (
        template("delivery.notice.confirm.subject", "Where is your door? Parcel {parcel}"),
        template("delivery.notice.confirm", "Your parcel {parcel} is here. Please say that you will be there, and show where your door is: {link}"),
    ),
    "out": (
        template("delivery.notice.out.subject", "Your parcel {parcel} is on its way to you"),
        template("delivery.notice.out", "The driver has your parcel {parcel} and comes between {first} and {last}. Code: {code}. Follow him: {link}"),
    ),
    "cash": (
        template("delivery.notice.cash.subject", "{amount} to pay for the parcel {parcel}"),
        template("delivery.notice.cash", "Your parcel {parcel} comes on {day} between {first} and {last}. Please have {amount} in cash ready. Code for the driver: {code}. Choose another day, or show where your door is: {link}"),
    ),
    "gone": (
        template("delivery.notice.gone.subject", "The parcel {parcel} does not come"),
        template("delivery.notice.gone", "Your parcel {parcel} is {why}. You pay nothing for it; the seller is told and answers for it. {link}"),
    ),
    "gone_back": (
        template("delivery.notice.gone_back.subject", "The parcel {parcel} does not arrive back"),
        template("delivery.notice.gone_back", "The parcel {parcel}, which was on its way back to its seller, is {why}. That is not yours to bear: the seller is told, and what you are owed is owed as before. {link}"),
    ),
    "found": (
        template("delivery.notice.found.subject", "The parcel {parcel} is found"),
        template("delivery.notice.found", "The parcel {parcel} is found and goes on. Where it is: {link}"),
    ),
    "failed": (
        template("delivery.notice.failed.subject", "Nobody could take the parcel {parcel}"),
        template("delivery.notice.failed", "We could not hand over the parcel {parcel}: {reason}. Choose another day or a pick-up point: {link}"),
    ),
    "waiting": (
        template("delivery.notice.waiting.subject", "The parcel {parcel} waits for you at {point}"),
        template("delivery.notice.waiting", "The parcel {parcel} waits at {point} until {last}. Code: {code}. {link}"),
    ),
    "reminder": (
        template("delivery.notice.reminder.subject", "The parcel {parcel} waits at {point} until {last}"),
        template("delivery.notice.reminder", "Please fetch the parcel {parcel} at {point} until {last}, or it goes back. Code: {code}. {link}"),
    ),
    "delivered": (
        template("delivery.notice.delivered.subject", "The parcel {parcel} is delivered"),
        template("delivery.notice.delivered", "The parcel {parcel} was handed over at {first}. {link}"),
    ),
    "returning": (
        template("delivery.notice.returning.subject", "The parcel {parcel} goes back"),
        template("delivery.notice.returning", "The parcel {parcel} goes back to its sender. {link}"),
    ),
    "return_until": (
        template("delivery.notice.return_until.subject", "Your return {number}: send it back until {last}"),
        template("delivery.notice.return_until", "You send goods of the parcel {parcel} back as {number}. Give them to a driver or a pick-up point until {last}, with the label or its picture: {link}"),
    ),
    "return_asked": (
        template("delivery.notice.return_asked.subject", "Your return {number}"),
        template("delivery.notice.return_asked", "You send goods of the parcel {parcel} back as {number}. Give them to a driver or a pick-up point, with the label or its picture: {link}"),
    ),
    "return_refunded": (
        template("delivery.notice.return_refunded.subject", "Your return {number}: {amount} are paid back"),
        template("delivery.notice.return_refunded", "Your return {number} was looked at, and {amount} are paid back to you. How that is worked out: {link}"),
    ),
    "return_unpaid": (
        template("delivery.notice.return_unpaid.subject", "Your return {number} was looked at"),
        template("delivery.notice.return_unpaid", "Your return {number} was looked at, and nothing is paid back. Why: {link}"),
    ),
}  # fmt: skip
"""What buyers are told, by kind: the subject of a letter, and the words of every channel."""
PROMISE_PAID = (
    template("delivery.notice.promise.subject", "{parcel} came later than promised"),
    template(
        "delivery.notice.promise",
        "The parcel {parcel} came later than promised. By the terms {amount} are credited to you; there is nothing to do. {link}",
    ),
)
"""What a merchant is told whose promise was paid for: subject and words of a letter."""
STOP_LINE = template("delivery.notice.stop", "No more messages: {link}")
NO_PICTURE = template("delivery.no_picture", "There is no picture of this attempt.")
DECISION_ROUNDS = template("delivery.decision.rounds", "The rounds of a station’s day")
