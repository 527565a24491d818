"""An invoice or credit note as UBL 2.1, by the rules of EN 16931.

Facts: OASIS UBL 2.1 (ISO/IEC 19845), and the binding of EN 16931-1 to it (CEN/TS 16931-3-2).
"""

from __future__ import annotations

from decimal import Decimal

from lxml import etree

from qafila.core.money import Money
from qafila.core.plain_text import xml_text
from qafila.ledger.invoices.model import Charge, Invoice, TaxSum
from qafila.ledger.parties import Party

_CAC = "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
_CBC = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"
_DOCUMENTS = {
    "invoice": ("Invoice", "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2", "380"),
    "credit_note": ("CreditNote", "urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2", "381"),
}
_EXEMPT = {"E": "VATEX-EU-79-C", "AE": "VATEX-EU-AE", "O": "VATEX-EU-O"}
"""Codes of why no tax is charged (VATEX list of the CEF); Z needs none."""
_CREDIT_TRANSFER = "30"  # UNCL 4461
_NAMES = {
    "freight": "Freight",
    "advance": "Duties and taxes advanced",
    "service": "Service",
    "return_freight": "Freight of a return",
    "measured_freight": "Freight by measured weight",
}


def ubl(invoice: Invoice) -> bytes:
    """The document as XML, in UTF-8."""
    name, namespace, type_code = _DOCUMENTS[invoice.kind]
    root = etree.Element(f"{{{namespace}}}{name}", nsmap={None: namespace, "cac": _CAC, "cbc": _CBC})  # type: ignore[dict-item]  # lxml takes None for the default namespace
    _cbc(root, "CustomizationID", "urn:cen.eu:en16931:2017")
    _cbc(root, "ID", invoice.number)
    _cbc(root, "IssueDate", invoice.issued_on.isoformat())
    if invoice.kind == "invoice":
        _cbc(root, "DueDate", invoice.due_on.isoformat())
    _cbc(root, f"{name}TypeCode", type_code)
    if invoice.note:
        _cbc(root, "Note", invoice.note)
    _cbc(root, "DocumentCurrencyCode", invoice.currency)
    _cbc(root, "BuyerReference", invoice.tenant)
    if invoice.corrects:
        reference = _cac(_cac(root, "BillingReference"), "InvoiceDocumentReference")
        _cbc(reference, "ID", invoice.corrects)
    no_vat = any(t.category == "O" for t in invoice.taxes)  # BR-O-02: then no VAT number stands on it
    _party(_cac(root, "AccountingSupplierParty"), invoice.seller, no_vat, seller=True)
    _party(_cac(root, "AccountingCustomerParty"), invoice.buyer, no_vat)
    if invoice.kind == "invoice" and invoice.seller.iban:
        means = _cac(root, "PaymentMeans")
        _cbc(means, "PaymentMeansCode", _CREDIT_TRANSFER)
        _cbc(means, "PaymentID", invoice.number)
        account = _cac(means, "PayeeFinancialAccount")
        _cbc(account, "ID", invoice.seller.iban)
        if invoice.seller.bic:
            _cbc(_cac(account, "FinancialInstitutionBranch"), "ID", invoice.seller.bic)
    _taxes(root, invoice)
    _totals(root, invoice)
    for n, charge in enumerate(invoice.charges, start=1):
        _line(root, name, n, charge, invoice.currency)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _cac(parent: etree._Element, name: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{_CAC}}}{name}")


def _cbc(parent: etree._Element, name: str, said: str, **attributes: str) -> None:
    made = etree.SubElement(parent, f"{{{_CBC}}}{name}", dict(attributes))
    made.text = xml_text(said)


def _money(parent: etree._Element, name: str, amount: Decimal, currency: str) -> None:
    _cbc(parent, name, f"{Money(amount, currency).rounded().amount:f}", currencyID=currency)


def _party(parent: etree._Element, party: Party, no_vat: bool, seller: bool = False) -> None:
    made = _cac(parent, "Party")
    address = _cac(made, "PostalAddress")
    for name, said in (
        ("StreetName", party.line1),
        ("AdditionalStreetName", party.line2),
        ("CityName", party.city),
        ("PostalZone", party.postcode),
    ):
        if said:
            _cbc(address, name, said)
    _cbc(_cac(address, "Country"), "IdentificationCode", party.country)
    if party.vat and not no_vat:
        scheme = _cac(made, "PartyTaxScheme")
        _cbc(scheme, "CompanyID", party.vat)
        _cbc(_cac(scheme, "TaxScheme"), "ID", "VAT")
    legal = _cac(made, "PartyLegalEntity")
    _cbc(legal, "RegistrationName", party.name)
    number = party.ice or party.registration or (party.vat if seller else "")
    if number:
        _cbc(legal, "CompanyID", number)
    if party.email:
        _cbc(_cac(made, "Contact"), "ElectronicMail", party.email)


def _taxes(root: etree._Element, invoice: Invoice) -> None:
    total = _cac(root, "TaxTotal")
    _money(total, "TaxAmount", invoice.tax.amount, invoice.currency)
    for part in invoice.taxes:
        made = _cac(total, "TaxSubtotal")
        _money(made, "TaxableAmount", part.base, invoice.currency)
        _money(made, "TaxAmount", part.tax, invoice.currency)
        _category(_cac(made, "TaxCategory"), part)


def _category(made: etree._Element, of: TaxSum | Charge, with_reason: bool = True) -> None:
    _cbc(made, "ID", of.category)
    if of.category != "O":  # BR-O-05: what is outside the scope has no rate
        _cbc(made, "Percent", f"{of.rate.normalize():f}")
    if with_reason and of.category in _EXEMPT:
        _cbc(made, "TaxExemptionReasonCode", _EXEMPT[of.category])
        _cbc(made, "TaxExemptionReason", of.reason)
    _cbc(_cac(made, "TaxScheme"), "ID", "VAT")


def _totals(root: etree._Element, invoice: Invoice) -> None:
    made, currency = _cac(root, "LegalMonetaryTotal"), invoice.currency
    _money(made, "LineExtensionAmount", invoice.net.amount, currency)
    _money(made, "TaxExclusiveAmount", invoice.net.amount, currency)
    _money(made, "TaxInclusiveAmount", invoice.gross.amount, currency)
    _money(made, "PayableAmount", invoice.gross.amount, currency)


def _line(root: etree._Element, name: str, n: int, charge: Charge, currency: str) -> None:
    line = _cac(root, f"{name}Line")
    _cbc(line, "ID", str(n))
    _cbc(line, "InvoicedQuantity" if name == "Invoice" else "CreditedQuantity", "1", unitCode="C62")
    _money(line, "LineExtensionAmount", charge.amount, currency)
    item = _cac(line, "Item")
    if charge.said:
        _cbc(item, "Description", charge.said)
    _cbc(item, "Name", _NAMES[charge.kind])
    if charge.subject:
        _cbc(_cac(item, "SellersItemIdentification"), "ID", charge.subject)
    _category(_cac(item, "ClassifiedTaxCategory"), charge, with_reason=False)
    _money(_cac(line, "Price"), "PriceAmount", charge.amount, currency)
