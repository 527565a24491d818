"""The words of papers that travel with parcels: invoice, packing list, customs forms, proofs of origin.

They are printed in the language of the destination, so they are in the catalogues of more languages than pages are.
"""

from qafila.core.message import Template, template

WORDS: dict[str, Template] = {
    key: template(f"papers.{key}", english, context=context)
    for key, english, context in (
        ("commercial_invoice", "Commercial invoice", ""),
        ("seller", "Seller", ""),
        ("buyer", "Buyer", ""),
        ("number", "Invoice no.", ""),
        ("date", "Date", ""),
        ("parcel", "Parcel", ""),
        ("terms", "Terms of delivery", ""),
        ("description", "Description of goods", ""),
        ("hs", "HS code", ""),
        ("origin", "Origin", ""),
        ("quantity", "Quantity", ""),
        ("unit_value", "Unit value", ""),
        ("value", "Value", ""),
        ("goods_total", "Goods", ""),
        ("freight", "Freight", ""),
        ("insurance", "Insurance", ""),
        ("total", "Total", ""),
        ("net_weight", "Net weight", ""),
        ("gross_weight", "Gross weight", ""),
        ("statement", "The particulars given are true and the goods are as described.", ""),
        ("proposed", "* completed by qafila, to be confirmed by the sender", ""),
        ("signature", "Date and signature of the sender", ""),
        ("customs_declaration", "Customs declaration", ""),
        ("may_be_opened", "May be opened officially", ""),
        ("from", "From", "papers"),
        ("to", "To", "papers"),
        ("sender_reference", "Sender's customs reference", ""),
        ("importer_reference", "Importer's reference and contact", ""),
        ("category", "Category", ""),
        ("gift", "Gift", ""),
        ("documents", "Documents", ""),
        ("sample", "Commercial sample", ""),
        ("returned", "Returned goods", ""),
        ("sale", "Sale of goods", ""),
        ("other", "Other", ""),
        ("total_value", "Total value", ""),
        ("postal_charges", "Postal charges", ""),
        ("comments", "Comments", ""),
        ("licence", "Licence no.", ""),
        ("certificate", "Certificate no.", ""),
        ("packing_list", "Packing list", ""),
        ("dimensions", "Dimensions", ""),
        ("packages", "Packages", ""),
        ("origin_declaration", "Origin declaration", ""),
        # the wording is fixed by the protocols on rules of origin; {country} is the country of origin
        (
            "origin_text",
            "The exporter of the products covered by this document declares that, except where otherwise clearly indicated, these products are of {country} preferential origin.",
            "",
        ),
        ("eur1", "Movement certificate EUR.1: data sheet", ""),
        (
            "eur1_note",
            "This sheet holds what the form asks for; the certificate itself is issued and stamped by the customs of the exporting country.",
            "",
        ),
        ("agreement", "Agreement", ""),
        ("eur1_exporter", "1. Exporter", ""),
        ("eur1_between", "2. Preferential trade between", ""),
        ("eur1_consignee", "3. Consignee", ""),
        ("eur1_origin", "4. Country of origin", ""),
        ("eur1_destination", "5. Country of destination", ""),
        ("eur1_goods", "8. Items, marks, packages, description of goods", ""),
        ("eur1_weight", "9. Gross mass", ""),
        ("eur1_invoices", "10. Invoices", ""),
    )
}
"""Each by the name that the templates of Typst know it by."""

NO_FORM = template("printing.no_form", "{form} is no form of labels.")
USE_FORM = template("printing.use_form", "Use {forms}.")
NO_RESOLUTION = template("printing.no_resolution", "No label printer has {dpi} dots per inch.")
USE_RESOLUTION = template("printing.use_resolution", "Use {resolutions}.")
CANCELLED = template("printing.cancelled", "The booking was cancelled, so it has no papers.")
