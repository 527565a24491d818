"""What the returns floor says to people."""

from __future__ import annotations

from qafila.core.message import template

SCOPE_READ = template("returns.scope.read", "see what comes back")
SCOPE_WRITE = template("returns.scope.write", "make return labels, set terms for returns, decide refunds")
SCOPE_WORK = template("returns.scope.work", "take returns in and inspect them")

BAD_TERM = template("returns.bad_term", "{value} is no {field} of terms for returns.")
SEE_TERMS = template("returns.see_terms", "See the page on returns for what can be set.")
NO_CODE = template("returns.no_code", "{code} is no return label and no parcel.")
SCAN_LABEL = template("returns.scan_label", "Scan the label again, or type the number below its bars.")
NO_RETURN = template("returns.no_return", "There is no return {code}.")
MAKE_ONE = template("returns.make_one", "Make a return label for the parcel first.")
NO_PARCEL = template("returns.no_parcel", "There is no parcel {parcel}.")
NO_LINK = template("returns.no_link", "This link leads to no return.")
NOT_BOOKED = template("returns.not_booked", "The parcel {parcel} is cancelled: nothing of it can come back.")
NOT_RECEIVED = template("returns.not_received", "The parcel {parcel} was not delivered yet.")
REFUSE_IT = template("returns.refuse_it", "Who does not want it refuses it at the door.")
STATION_FULL = template(
    "returns.station_full", "{place} takes no more returns on {day}: {most} are promised to it."
)
NEXT_STATION = template("returns.next_station", "So it goes to {place}, {km} km from there.")
SEND_FROM = template("returns.send_from", "Please send it from {day} on; your right does not end before.")
TOO_LATE = template("returns.too_late", "The time to send it back without a reason ended on {day} ({basis}).")
NO_RIGHT = template(
    "returns.no_right", "No law gives a right to change one's mind here, and the seller offers none."
)
ASK_SELLER = template(
    "returns.ask_seller", "If something is wrong with it, choose that; else ask the seller."
)
CONFORMITY_OVER = template(
    "returns.conformity_over", "The time to claim that something is wrong ended on {day} ({basis})."
)
EXCEPTED = template("returns.excepted", "Goods that spoil are not taken back without a reason ({basis}).")
NO_CAUSE = template("returns.no_cause", "Nothing is sent back because of {cause}.")
USE = template("returns.use", "Use one of {known}.")
NO_PIECES = template("returns.no_pieces", "Nothing was chosen to be sent back.")
MANY_PIECES = template(
    "returns.many_pieces", "Of {description} at most {left} can be sent back, not {asked}."
)
CHOOSE = template("returns.choose", "Choose how many pieces of what.")
WRONG_STATE = template("returns.wrong_state", "The return {number} is {state}.")
LOOK_AGAIN = template("returns.look_again", "Look at its page before you go on.")
NO_EXCHANGE = template("returns.no_exchange", "The seller does not exchange goods.")
NO_STOCK = template("returns.no_stock", "There are not {pieces} pieces of {sku} to exchange for.")
REFUND_INSTEAD = template("returns.refund_instead", "Choose the money back.")
NO_GRADE = template("returns.no_grade", "There is no grade {grade}.")
NO_DISPOSAL = template("returns.no_disposal", "Goods are not sent to {disposal}.")
NO_LINE = template("returns.no_line", "The return {number} has no line {line}.")
MANY_FOUND = template(
    "returns.many_found", "Of line {line} {found} pieces were found; the parcel held {bought}."
)
COUNT_AGAIN = template(
    "returns.count_again", "Count again; what belongs to another parcel is another return."
)
NO_STOCK_HERE = template("returns.no_stock_here", "{description} cannot go back to stock at {facility}.")
NO_STOCK_WHY = template(
    "returns.no_stock_why", "It needs a SKU that the store there knows. Send it to the merchant instead."
)
SAY_DEDUCTED = template(
    "returns.say_deducted", "{amount} is more than {most}, which this grade takes off at most."
)
LESS_DEDUCTED = template("returns.less_deducted", "Deduct less, or choose another grade.")
NO_AMOUNT = template("returns.no_amount", "{amount} cannot be paid back: {most} is the most.")
WRITE_AMOUNT = template("returns.write_amount", "Write an amount from 0 up to what was paid.")
SAY_WHY = template("returns.say_why", "Say why it is other than the {amount} that the terms come to.")
DONE_ALREADY = template("returns.done_already", "{description} is dealt with already.")
HUB_PAYS = template("returns.hub_pays", "This refund is paid out by the hub, which holds the cash.")
NO_PAPERS = template(
    "returns.no_papers", "The goods crossed no customs border: there are no duties to claim."
)

LAW = template(
    "returns.law",
    "By the law of {country} goods bought at a distance may be sent back within {days} days of receiving them, without a reason ({basis}).",
)
LAW_WORKING = template(
    "returns.law_working",
    "By the law of {country} goods bought at a distance may be sent back within {days} working days of receiving them, without a reason ({basis}).",
)
SELLER_GIVES = template("returns.seller_gives", "The seller gives {days} days to send goods back.")
NO_LAW = template("returns.no_law", "No law is known here that gives a right to change one's mind.")
UNTIL = template("returns.until", "It can be sent back until {day}.")
BUYER_PAYS = template(
    "returns.buyer_pays", "The way back is paid by the buyer: {amount}, taken off the refund."
)
MERCHANT_PAYS = template("returns.merchant_pays", "The way back is paid by the seller.")
REFUND_WITHIN = template(
    "returns.refund_within", "The money is paid back within {days} days of the goods' return."
)
INDICATIVE = template("returns.indicative", "This rule was not checked in the official text.")

STATES = {
    state: template(f"returns.state.{state}", words)
    for state, words in (
        ("offered", "ready, not asked for"),
        ("asked", "asked for"),
        ("on_way", "on its way back"),
        ("arrived", "at the warehouse"),
        ("inspected", "inspected"),
        ("closed", "closed"),
        ("void", "void"),
        ("gone", "lost on its way back"),
    )
}
"""How the state of a return is said."""
CAUSES = {
    cause: template(f"returns.cause.{cause}", words)
    for cause, words in (
        ("withdrawal", "The buyer changed his mind"),
        ("faulty", "Something is wrong with it"),
        ("refused", "Refused at the door"),
        ("undeliverable", "Nobody could take it"),
    )
}
"""Why goods come back, in words."""
WISHES = {
    "refund": template("returns.wish.refund", "Money back"),
    "exchange": template("returns.wish.exchange", "Exchange"),
}
GRADES = {
    grade: template(f"returns.grade.{grade}", words)
    for grade, words in (
        ("as_new", "As new"),
        ("opened", "Opened, unused"),
        ("used", "Used"),
        ("damaged", "Damaged by use"),
        ("faulty", "Faulty"),
        ("wrong", "Not what was ordered"),
        ("unfit", "Not fit to be kept"),
    )
}
DISPOSALS = {
    "stock": template("returns.disposal.stock", "Back to stock"),
    "merchant": template("returns.disposal.merchant", "To the merchant"),
    "destroy": template("returns.disposal.destroy", "Destroyed"),
}
PARTS = {
    "goods": template("returns.part.goods", "Goods"),
    "deducted": template("returns.part.deducted", "Taken off for their state"),
    "delivery": template("returns.part.delivery", "Delivery of the way out"),
    "freight": template("returns.part.freight", "Way back"),
}
"""What a refund is made of."""
HOWS = {
    "through_us": template("returns.how.through_us", "out of the cash that was collected"),
    "by_merchant": template("returns.how.by_merchant", "by the merchant himself"),
    "nothing_paid": template("returns.how.nothing_paid", "nothing was paid"),
}

MERCHANT_ASKED = (
    template("returns.notice.asked.subject", "A return of {parcel}: {number}"),
    template(
        "returns.notice.asked",
        "Goods of the parcel {parcel} come back as {number}. The reason that was given: {cause}. {link}",
    ),
)
MERCHANT_REFUND = (
    template("returns.notice.refund.subject", "{number} was looked at: {amount} to the buyer"),
    template(
        "returns.notice.refund",
        "The return {number} of the parcel {parcel} was looked at. The buyer gets {amount}, {how}. {link}",
    ),
)
MERCHANT_NOTHING = (
    template("returns.notice.nothing.subject", "{number} was looked at: nothing to pay"),
    template(
        "returns.notice.nothing",
        "The return {number} of the parcel {parcel} was looked at. The buyer gets nothing back. {link}",
    ),
)
"""What a merchant is told of a return: subject and words of a letter."""

PAPER_RELIEF = template("returns.paper.relief", "Returned goods: relief from import duty")
PAPER_REPAYMENT = template("returns.paper.repayment", "Returned goods: repayment of duties paid")
EXPORTER = template("returns.paper.exporter", "Exporter")
IMPORTER = template("returns.paper.importer", "Importer, by whom the goods are sent back")
RETURN_NO = template("returns.paper.return_no", "Return")
OUTWARD_PARCEL = template("returns.paper.outward", "Parcel of the way out")
DECLARED_UNDER = template("returns.paper.declared", "Declaration of the way out")
DELIVERED_ON = template("returns.paper.delivered", "Delivered on")
BACK_ON = template("returns.paper.back", "Back on")
APPLY_UNTIL = template("returns.paper.until", "Apply until")
LEGAL_BASIS = template("returns.paper.basis", "Legal basis")
GOODS = template("returns.paper.goods", "Goods")
HS = template("returns.paper.hs", "HS code")
ORIGIN = template("returns.paper.origin", "Origin")
PIECES = template("returns.paper.pieces", "Pieces")
VALUE = template("returns.paper.value", "Value")
STATE = template("returns.paper.state", "State")
GOODS_VALUE = template("returns.paper.goods_value", "Value of the goods that came back")
DUTY_SHARE = template("returns.paper.duty_share", "Duties and taxes on them, in proportion to their value")
NOT_ASSESSED = template("returns.paper.not_assessed", "No duty was assessed on the way out.")
EVIDENCE = template(
    "returns.paper.evidence",
    "Evidence: the history of the parcel, with its export, delivery and return, is kept under its number.",
)
UNCHECKED = template(
    "returns.paper.unchecked", "The rule was not checked in the official text: ask a broker."
)
DECISION_REFUND = template("returns.decision.refund", "The refund of a return")
