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
KEY_REUSED = template("ledger.key_reused", "The key {key} was used for another entry.")
NEW_KEY = template("ledger.new_key", "Use a new key for a new entry.")
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
