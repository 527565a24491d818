"""What the API says of files of orders."""

from __future__ import annotations

from qafila.core.message import template

EMPTY_FILE = template("order_files.empty", "The file holds nothing.")
SEND_A_FILE = template(
    "order_files.send_one",
    "Send a CSV or a workbook with a line of headings and a row for each kind of goods.",
)
NO_SUCH_COUNTRY = template("order_files.no_country", "The sender's country “{country}” is not known.")
NO_ORDER_FILE = template("order_files.none", "There is no file of orders {id}.")
MAY_BE_SWEPT = template(
    "order_files.swept",
    "A file that was only looked at is kept for a day. Send it again: nothing is booked twice.",
)
NO_OUTPUT = template("order_files.no_output", "Nothing called {name} came out of this file.")
READ_THE_FILE = template("order_files.read_it", "Read the file: its result lists what came out.")
