"""What the ledger tells people."""

from __future__ import annotations

from qafila.core.message import template

# accounts
BAG = template("ledger.account.bag", "Cash in drivers' bags")
SAFE = template("ledger.account.safe", "Cash in stations' safes")
SUSPECT = template("ledger.account.suspect", "Suspect notes under examination")
TRANSIT = template("ledger.account.transit", "Cash on its way to the bank")
CLIENTS = template("ledger.account.clients", "Bank account for clients' money")
BANK = template("ledger.account.bank", "Bank account of the hub")
RECEIVABLE = template("ledger.account.receivable", "Invoices that merchants have to pay")
ADVANCED = template("ledger.account.advanced", "Duties and taxes advanced for merchants")
SHORT = template("ledger.account.short", "Differences to be made good")
CUSTODY = template("ledger.account.custody", "Cash carried for merchants to their own banks")
OWED = template("ledger.account.owed", "Collected for merchants and owed to them")
REMITTING = template("ledger.account.remitting", "Remittances on their way")
REFUNDING = template("ledger.account.refunding", "Refunds to buyers on their way")
WALLET = template("ledger.account.wallet", "Merchants' prepaid money")
DUTIES = template("ledger.account.duties", "Duties and taxes owed to customs")
VAT = template("ledger.account.vat", "Value added tax owed")
SURPLUS = template("ledger.account.surplus", "Surplus cash not explained yet")
FREIGHT = template("ledger.account.freight", "Freight earned")
CASH_FEE = template("ledger.account.cash_fee", "Fees for cash on delivery")
CLAIMS = template("ledger.account.claims", "Claims paid")
PROMISES = template("ledger.account.promises", "Paid for broken promises")
LOSSES = template("ledger.account.losses", "Cash lost, stolen or counterfeit")

# entries
OTHER_CURRENCY = template("ledger.other_currency", "{money} cannot stand on an account in {currency}.")
UNBALANCED = template("ledger.unbalanced", "The lines of the entry differ by {money}.")
BOTH_SIDES = template(
    "ledger.both_sides", "Every amount is booked on two sides: where it comes from and where it goes."
)
NOTHING_MOVES = template("ledger.nothing_moves", "The entry moves no money.")
NO_ACCOUNT = template("ledger.no_account", "There can be no account {account}.")
NO_AMOUNT = template("ledger.no_amount", "{amount} {currency} is no amount of money.")
WHOLE_COINS = template(
    "ledger.whole_coins",
    "Write a number with {n} decimals at most.",
    one="Write a number with one decimal at most.",
)
NOT_THERE = template("ledger.not_there", "That is more than there is on the account {account}.")
COUNT_AGAIN = template("ledger.count_again", "Count again, and look at the account's lines.")
NO_ENTRY = template("ledger.no_entry", "There is no entry {entry}.")
REVERSED_ALREADY = template("ledger.reversed_already", "The entry {entry} was reversed already.")
SAY_WHY = template("ledger.say_why", "Say why the entry is corrected.")

# rights
SCOPE_READ = template("ledger.scope.read", "read its own accounts, statements, invoices and claims")
SCOPE_WRITE = template("ledger.scope.write", "file claims, and say to whom invoices go")
SCOPE_CASH = template("ledger.scope.cash", "collect, count and hand over cash")
SCOPE_MANAGE = template("ledger.scope.manage", "remit, invoice, decide claims and correct the ledger")

# cash
NOTHING_DUE = template("ledger.nothing_due", "No cash is due for the parcel {parcel}.")
ALREADY_COLLECTED = template(
    "ledger.already_collected", "The cash for this shipment was collected with the parcel {parcel}."
)
NOT_YOURS_TO_AGREE = template(
    "ledger.not_yours_to_agree", "That the merchant agrees to less is not for who holds the cash to say."
)
HUB_SAYS_SO = template(
    "ledger.hub_says_so",
    "Leave it out, or ask the hub, which asks the merchant; what is short is yours to make good.",
)
LOOK_AT_COLLECTION = template(
    "ledger.look_at_collection", "Look at the collection {collection}; correct it if it is wrong."
)
REFUSED_AND_PAID = template("ledger.refused_and_paid", "Cash cannot be refused and taken at once.")
REFUSED_OR_PAID = template("ledger.refused_or_paid", "Leave out the sum, or the reason of the refusal.")
IN_CURRENCY = template("ledger.in_currency", "{money} is due: take that currency.")
NO_SUM = template("ledger.no_sum", "{money} is no sum of cash.")
WRITE_SUM = template("ledger.write_sum", "Write a sum above zero, with no more decimals than its coins.")
TOO_MUCH = template("ledger.too_much", "{kept} would be kept, and {due} is due.")
GIVE_CHANGE = template("ledger.give_change", "Give {money} more change.")
NOTHING_KEPT = template("ledger.nothing_kept", "The change is as much as the cash that was handed over.")
SAY_REFUSED = template("ledger.say_refused", "Where nothing was paid, say why.")
NO_PIECES = template("ledger.no_pieces", "{number} is not a number of notes or coins of {face}.")
COUNT_PIECES = template("ledger.count_pieces", "Write how many notes or coins there are of each value.")
OVER_LIMIT = template(
    "ledger.over_limit", "{money} in cash is above the {most} that the law allows ({basis})."
)
PAY_OTHERWISE = template("ledger.pay_otherwise", "Let the buyer pay the merchant by card or transfer.")
BAG_FULL = template("ledger.bag_full", "The bag holds {inside}, and its limit is {most}.")
HAND_OVER_FIRST = template("ledger.hand_over_first", "Hand the bag over first.")
NO_BAG = template("ledger.no_bag", "There is no bag {bag}.")
BAG_CLOSED = template("ledger.bag_closed", "The bag {bag} is counted already.")
NOT_DECLARED = template("ledger.not_declared", "The driver has not counted and signed for the bag {bag}.")
DRIVER_FIRST = template("ledger.driver_first", "The driver counts first, then the station.")
SAME_PERSON = template("ledger.same_person", "{name} has signed for the driver's count already.")
TWO_PEOPLE = template("ledger.two_people", "Two people count and sign.")
NO_REPORT = template("ledger.no_report", "No report to the police is named.")
REPORT_IT = template("ledger.report_it", "Report the theft, and give the number of the report.")
NO_COLLECTION = template("ledger.no_collection", "There is no collection {collection}.")
NOT_CORRECTABLE = template(
    "ledger.not_correctable", "The collection {collection} cannot be undone any more, or brought no money."
)
REVERSE_IN_LEDGER = template("ledger.reverse_in_ledger", "Correct it by an entry of the ledger.")
NO_SLIP = template("ledger.no_slip", "Give the number of the paying-in slip or of the sealed bag.")
LESS_CARRIED = template(
    "ledger.less_carried", "{money} is more than the {there} that lie here for this merchant."
)
NO_DEPOSIT = template("ledger.no_deposit", "Nothing is on its way to the bank under {deposit}.")
BANKED_ALREADY = template("ledger.banked_already", "{deposit} was credited already, with another sum.")
NO_RECEIPT = template(
    "ledger.no_receipt", "Give the number under which the notes were taken for examination."
)
HAND_IN = template("ledger.hand_in", "Suspect notes go to the central bank or the police.")
NO_DIFFERENCE = template("ledger.no_difference", "The account {account} holds no difference.")

# law
LICENCE_KINDS = {
    "bank": template("ledger.licence.bank", "credit institution"),
    "payment_institution": template("ledger.licence.payment_institution", "payment institution"),
    "electronic_money_institution": template(
        "ledger.licence.electronic_money", "electronic money institution"
    ),
    "money_transmitter": template("ledger.licence.money_transmitter", "money transmitter"),
}
LICENSED = template(
    "ledger.licensed",
    "Money for others is held in {country} as {kind}, licence {number} of {authority}, and remitted.",
)
NOT_LICENSED = template(
    "ledger.not_licensed",
    "No licence to hold others' money in {country} is stated ({basis}): cash goes to the merchant's own bank, and there is no wallet.",
)
ABROAD = template(
    "ledger.abroad",
    "Money that leaves {country} goes through an authorised bank, against the papers of the import ({basis}).",
)
NO_LICENCE_KIND = template("ledger.no_licence_kind", "{kind} is no kind of licence; there are {known}.")
LICENCE_UNSAID = template(
    "ledger.licence_unsaid", "Give the licence's number and the authority that issued it."
)
NO_LICENCE = template("ledger.no_licence", "There is no licence {number}.")

# parties
PARTY_NAME = template("ledger.party_name", "A party has a registered name.")
PARTY_COUNTRY = template("ledger.party_country", "{country} is no country: write its two letters.")
PARTY_VAT = template(
    "ledger.party_vat", "{vat} is no VAT number: write it with the country's two letters in front."
)
PARTY_ICE = template(
    "ledger.party_ice", "{ice} is no ICE: it has 15 digits, of which the last two are a check."
)
PARTY_IBAN = template("ledger.party_iban", "{iban} is neither an IBAN nor a RIB of 24 digits.")
HUB_UNSAID = template("ledger.hub_unsaid", "The hub has not said who issues its invoices.")
PARTY_UNSAID = template("ledger.party_unsaid", "The merchant {merchant} has not said to whom invoices go.")
SAY_PARTY = template("ledger.say_party", "Say it on the money page, or by qafila ledger party.")

# remittances
NO_REMITTANCE = template("ledger.no_remittance", "There is no remittance {remittance}.")
REMITTANCE_SENT = template("ledger.remittance_sent", "The remittance {remittance} is sent already.")
REMITTANCE_GONE = template("ledger.remittance_gone", "The remittance {remittance} was given up.")
REMITTANCE_NOT_SENT = template("ledger.remittance_not_sent", "The remittance {remittance} is not under way.")
NO_BANK = template("ledger.no_bank", "The merchant {merchant} has named no bank account.")
LESS_OWED = template("ledger.less_owed", "Only {money} is owed to the merchant by now.")
DRAFT_ANEW = template("ledger.draft_anew", "Discard the draft and make a new one.")

# invoices and wallet
NO_INVOICE = template("ledger.no_invoice", "There is no invoice {number}.")
NOTHING_TO_CREDIT = template(
    "ledger.nothing_to_credit", "All of this was already taken back from the invoice {number}."
)
NO_WAY_TO_PAY = template("ledger.no_way_to_pay", "{how} is not a way to pay; use bank or wallet.")
LESS_OPEN = template("ledger.less_open", "Only {money} of the invoice {number} is open.")
LESS_SPARE = template("ledger.less_spare", "Only {money} on the clients' account is not theirs.")
STATE_LICENCE = template("ledger.state_licence", "State a licence of the hub: qafila ledger licence.")

# papers
INVOICE = template("ledger.paper.invoice", "Invoice")
CREDIT_NOTE = template("ledger.paper.credit_note", "Credit note")
STATEMENT = template("ledger.paper.statement", "Remittance statement")
FROM = template("ledger.paper.from", "Issued by")
TO = template("ledger.paper.to", "Issued to")
ISSUED_ON = template("ledger.paper.issued_on", "Issued on")
DUE_ON = template("ledger.paper.due_on", "To be paid by")
CORRECTS = template("ledger.paper.corrects", "Corrects the invoice")
CURRENCY = template("ledger.paper.currency", "Currency")
UNTIL = template("ledger.paper.until", "Collected before")
STATE = template("ledger.paper.state", "State")
WHAT = template("ledger.paper.what", "For what")
PARCEL = template("ledger.paper.parcel", "Parcel")
ORDER = template("ledger.paper.order", "Order")
DAY = template("ledger.paper.day", "Day")
DUE = template("ledger.paper.due", "Due")
COLLECTED = template("ledger.paper.collected", "Cash collected")
FEE = template("ledger.paper.fee", "Fee")
TAX_RATE = template("ledger.paper.tax_rate", "VAT")
AMOUNT = template("ledger.paper.amount", "Amount")
NET = template("ledger.paper.net", "Without VAT")
TAX = template("ledger.paper.tax", "VAT {rate} % on {base}")
NO_TAX = template("ledger.paper.no_tax", "No VAT ({category}) on {base}")
GROSS = template("ledger.paper.gross", "Total")
BROUGHT = template("ledger.paper.brought", "Owed beside: claims, corrections, what came back")
FEES = template("ledger.paper.fees", "Fees")
FEES_TAX = template("ledger.paper.fees_tax", "VAT {rate} % on fees")
SET_OFF = template("ledger.paper.set_off", "Open invoices taken off")
REMITTED = template("ledger.paper.remitted", "Remitted")
TO_ACCOUNT = template("ledger.paper.to_account", "To the account")
CHARGES = {
    "freight": template("ledger.charge.freight", "Carriage"),
    "advance": template("ledger.charge.advance", "Duties and taxes advanced"),
    "service": template("ledger.charge.service", "Service"),
    "return_freight": template("ledger.charge.return_freight", "Carriage of a return"),
    "measured_freight": template("ledger.charge.measured_freight", "Carriage by measured weight"),
}
NO_TAX_BECAUSE = {
    "AE": template(
        "ledger.no_tax.reverse",
        "Reverse charge: the customer owes the VAT (directive 2006/112/EC, article 196).",
    ),
    "O": template(
        "ledger.no_tax.outside", "Not subject to VAT here: the service is supplied where the customer is."
    ),
    "E": template(
        "ledger.no_tax.disbursed", "Amounts paid in the customer's name and on his behalf bear no VAT."
    ),
    "Z": template("ledger.no_tax.zero", "Carriage out of or into the customs territory bears no VAT."),
}
STATES = {
    "draft": template("ledger.state.draft", "draft"),
    "sent": template("ledger.state.sent", "on its way"),
    "paid": template("ledger.state.paid", "paid"),
    "returned": template("ledger.state.returned", "sent back by the bank"),
    "void": template("ledger.state.void", "given up"),
}

# claims
CLAIM_DELIVERED = template("ledger.claim.delivered", "The parcel {parcel} was delivered on {time}.")
CLAIM_NOT_DELIVERED = template("ledger.claim.not_delivered", "The parcel {parcel} is not delivered.")
CLAIM_TOO_EARLY = template(
    "ledger.claim.too_early", "By the terms it counts as lost where there is no sign of it before {time}."
)
CLAIM_TOO_LATE = template("ledger.claim.too_late", "The terms give {days} days to claim, and they are over.")
CLAIM_LOST = template("ledger.claim.lost", "The last sign of the parcel {parcel} is of {time}.")
CLAIM_DAMAGED = template(
    "ledger.claim.damaged", "The parcel {parcel} was delivered on {time}, and the damage claimed in time."
)
CLAIM_IN_TIME = template("ledger.claim.in_time", "It was delivered on {time} and promised for {promised}.")
CLAIM_LATE = template(
    "ledger.claim.late",
    "It was delivered on {time}, {n} days after the promised {promised}.",
    one="It was delivered on {time}, {n} day after the promised {promised}.",
)
CLAIM_LATE_SHARE = template(
    "ledger.claim.late_share", "The terms give {share} % of the freight of {freight} for that."
)
CLAIM_UNASKED = template(
    "ledger.claim.unasked",
    "By the terms this is paid without a claim, because the promised day was not kept.",
)
CLAIM_FREIGHT_BACK = template("ledger.claim.freight_back", "The freight of {money} is given back.")
CLAIM_WAY_BACK = template(
    "ledger.claim.way_back",
    "It was on its way back: the way out is done, and no freight of the way back is charged.",
)
CLAIM_FOUND = template(
    "ledger.claim.found",
    "The parcel {parcel} was found on {time}: nothing is lost, and the claim is withdrawn. If it came late or damaged, claim for that.",
)
CLAIM_FOUND_PAID = template(
    "ledger.claim.found_paid",
    "The parcel {parcel} was found on {time}. What was granted stays until it is delivered or back with you, and is then booked back.",
)
CLAIM_TAKEN_BACK = template(
    "ledger.claim.taken_back",
    "The parcel {parcel} reached its end on {time}: the {money} that were granted for its loss are booked back.",
)
CLAIM_INSURED = template("ledger.claim.insured", "The goods are insured with their value of {money}.")
CLAIM_LIMIT = template(
    "ledger.claim.limit",
    "The carrier answers for {sdr} SDR at most ({text}); that is {money}, at {rate} SDR for a euro ({source}).",
)
CLAIM_VALUE = template("ledger.claim.value", "The goods are worth {money}, which is less.")
CLAIM_ASKED = template("ledger.claim.asked", "No more than the {money} that are claimed is paid.")
NO_PARCEL = template("ledger.no_parcel", "There is no parcel {parcel}.")
NO_CLAIM_KIND = template("ledger.no_claim_kind", "{kind} is no kind of claim; there are {known}.")
CLAIMED_ALREADY = template("ledger.claimed_already", "There is a claim about the parcel {parcel} already.")
CARRIED_ELSEWHERE = template(
    "ledger.carried_elsewhere", "The parcel {parcel} was carried by {installation}; claim there."
)
NO_CLAIM = template("ledger.no_claim", "There is no claim {claim}.")
CLAIM_DECIDED = template("ledger.claim_decided", "The claim {claim} is decided already.")
MORE_THAN_ASKED = template("ledger.more_than_asked", "That is more than the {money} that are claimed.")
OTHER_THAN_PROPOSED = template("ledger.other_than_proposed", "The terms propose {money}.")
SAY_WHY_OTHER = template("ledger.say_why_other", "Say why it is decided otherwise.")

# words of pages
CLAIM_KINDS = {
    "lost": template("ledger.claim_kind.lost", "lost"),
    "damaged": template("ledger.claim_kind.damaged", "damaged"),
    "late": template("ledger.claim_kind.late", "late"),
}
CLAIM_STATES = {
    "open": template("ledger.claim_state.open", "being looked into"),
    "granted": template("ledger.claim_state.granted", "granted"),
    "refused": template("ledger.claim_state.refused", "not granted"),
    "withdrawn": template("ledger.claim_state.withdrawn", "withdrawn: it was found"),
    "taken_back": template("ledger.claim_state.taken_back", "booked back: it was found"),
}
BAG_STATES = {
    "open": template("ledger.bag_state.open", "on the round"),
    "declared": template("ledger.bag_state.declared", "counted by the driver"),
    "recount": template("ledger.bag_state.recount", "to be counted again"),
    "handed_over": template("ledger.bag_state.handed_over", "in the safe"),
    "stolen": template("ledger.bag_state.stolen", "stolen"),
}
NATURES = {
    "asset": template("ledger.nature.asset", "Owned"),
    "liability": template("ledger.nature.liability", "Owed"),
    "income": template("ledger.nature.income", "Earned"),
    "expense": template("ledger.nature.expense", "Spent"),
}
DECISION_CLAIM = template("ledger.decision.claim", "A claim that is decided")
