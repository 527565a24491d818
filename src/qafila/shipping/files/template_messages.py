"""What the workbook to fill in says beside its headings."""

from __future__ import annotations

from qafila.core.message import Template, template

ORDERS_SHEET = template("workbook.orders", "Orders")
HELP_SHEET = template("workbook.help", "Help")
HEADING = template("workbook.heading", "Column")
NEEDED = template("workbook.needed", "Needed?")
WHAT = template("workbook.what", "What to write")
EXAMPLE = template("workbook.example", "Example")
YES = template("workbook.yes", "yes")
IF_KNOWN = template("workbook.if_known", "if you know it")
HOW = template(
    "workbook.how",
    "One row is one kind of goods. Rows of the same order follow each other: leave its number and address empty from the second on. Save the file and send it on the page of files; nothing is booked before you have seen what would be.",
)
NOT_IN_LIST = template("workbook.not_in_list", "Choose one from the list, or leave it empty.")
NO_NUMBER = template("workbook.no_number", "Write a number, without the unit.")

_TEXTS = {
    "order_id": "Your own number of the order. An order of the same number is booked once only.",
    "name": "Who receives the parcel.",
    "line1": "Street and house number.",
    "line2": "Floor, building, company: what else the driver needs.",
    "postcode": "As the country writes it, with its zeros in front.",
    "city": "The town, in any of its languages.",
    "region": "State, province or region, by name or code: it chooses among towns of one name.",
    "country": "Choose from the list, or write the name or the code of two letters.",
    "phone": "With the country's prefix: the driver calls it.",
    "email": "Where news of the parcel goes.",
    "title": "What the goods are, in your own words: material, use, for whom.",
    "quantity": "Pieces of these goods.",
    "unit_price": "What one piece was sold for. It is never estimated.",
    "currency": "The currency of the price.",
    "weight_kg": "Of one piece, packed. Estimated where it is left empty.",
    "length_cm": "Longest side of one piece, packed.",
    "width_cm": "Second side of one piece, packed.",
    "height_cm": "Third side of one piece, packed.",
    "hs": "Six to ten digits. Left empty, one is proposed and asked about before it is declared.",
    "goods_origin": "Where the goods were made.",
    "sku": "Your article number. Saved goods of this number fill in code, weight and origin.",
    "insured": "Whether the goods are insured.",
    "incoterm": "DDP: you pay duty and taxes. DAP: the receiver does.",
    "cash_on_delivery": "What is collected at the door, in the currency of the price. Empty: nothing.",
    "ready_at": "The day on which the parcel can be fetched. Empty: today.",
    "promise_by": "The last day on which it may arrive. Then the cheapest way that keeps it is taken.",
    "rule": "Which way is taken where several are possible.",
    "sender_name": "Who sends. Empty: your usual sender.",
    "sender_line1": "Street of the sender.",
    "sender_postcode": "Postcode of the sender.",
    "sender_city": "Town of the sender.",
    "sender_country": "Country of the sender.",
    "note": "A note of your own, kept with the order.",
}
HELP: dict[str, Template] = {field: template(f"workbook.of.{field}", text) for field, text in _TEXTS.items()}
"""What to write in a column, by its field."""
