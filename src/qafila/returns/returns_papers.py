"""What is printed of a return: its label, and the papers for customs."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, text

from qafila.context import Context
from qafila.core.fault import Conflict
from qafila.core.message import AS_IT_IS, Country, Message, Value
from qafila.network.model import Facility
from qafila.returns import returns_duties, returns_goods
from qafila.returns import returns_messages as m
from qafila.returns.model import Return
from qafila.returns.returns_duties import Claim
from qafila.returns.returns_goods import Sent
from qafila.runtime.language import Language, render
from qafila.shipping.orders.order import Address
from qafila.shipping.papers.barcodes import code128_svg, data_matrix_svg
from qafila.shipping.papers.labels import address_lines, kilograms, printable
from qafila.shipping.papers.routing_marks import three_levels
from qafila.shipping.papers.typesetting import typeset_labels, typeset_money


def label_pdf(connection: Connection, context: Context, given: Return) -> bytes:
    """The return label as PDF, 4 × 6 inches: from the buyer to the merchant's returns at the facility. Raises FontsMissing."""
    return typeset_labels([label(connection, context, given)])


def label(connection: Connection, context: Context, given: Return) -> dict[str, Any]:
    """What the label's template prints."""
    of = returns_goods.sent(connection, context, given.parcel)
    place = context.network.feed.facility.get(given.facility)
    name = connection.execute(
        text("SELECT name FROM tenants WHERE tenant_id = :t"), {"t": given.merchant_id}
    ).scalar()
    number = given.number
    levels = three_levels([given.facility], context.network.feed.facility, "")
    return {
        "service": "RETURN",
        "part": "",
        "levels": [level for level in levels if level],
        "gs1": "",
        "sscc": "",
        "station": f"{given.facility}  {place.name}" if place else given.facility,
        "via": f"{place.city}, {place.country}" if place else "",
        "void": False,
        "matrix": data_matrix_svg(f"QR1|{number}|{given.facility}"),
        "bars": code128_svg(number),
        "number_spaced": f"{number[:2]} {number[2:5]} {number[5:8]} {number[8:11]} {number[11:]}",
        "sender": address_lines(of.inside.receiver),
        "receiver": _receiver(str(name or given.merchant_id), of, place),
        "weight": kilograms(of.inside.grams),
        "size": " × ".join(
            f"{mm / 10:g}" for mm in (of.inside.length_mm, of.inside.width_mm, of.inside.height_mm)
        )
        + " cm",
        "phone": printable(of.inside.sender.phone),
        "order_id": printable(of.record.entry.order_id),
        "marks": "RETURN · RETOUR · إرجاع · 退货",
        "taxes": "Returned goods (CN23 category: returned)",
        "printed": context.now().date().isoformat(),
    }


def _receiver(name: str, of: Sent, place: Facility | None) -> list[str]:
    if place is None:
        return address_lines(of.inside.sender)
    own = of.inside.sender
    same = own.country == place.country and own.city == place.city
    return address_lines(
        Address(
            place.country,
            place.city,
            name=name,
            company=f"Returns · {place.name}",
            line1=own.line1 if same else "",
            line2=own.line2 if same else "",
            postcode=own.postcode if same else "",
        )
    )


def customs_pdf(connection: Connection, context: Context, given: Return, language: Language) -> bytes:
    """The papers for customs as one PDF: an application for each thing that can be asked for.

    Raises FontsMissing, and Conflict where there is nothing to ask for.
    """
    of, found = returns_duties.claims(connection, context, given)
    if not found:
        raise Conflict(m.NO_PAPERS(), field="return", value=given.id)
    return typeset_money([customs_record(of, given, claim, language) for claim in found])


def customs_record(of: Sent, given: Return, claim: Claim, language: Language) -> dict[str, Any]:
    """What the typesetting room needs of an application, all words in a language."""

    def say(message: Message) -> str:
        return render(message, language)

    def told(value: Value) -> str:
        return render(AS_IT_IS(text=value), language)

    relief = claim.rule.kind == "relief"
    facts = [
        (m.RETURN_NO(), given.number),
        (m.OUTWARD_PARCEL(), given.parcel),
        (m.DECLARED_UNDER(), _reference(claim)),
        (m.LEGAL_BASIS(), claim.rule.legal_basis),
        (m.DELIVERED_ON(), told(of.delivered.date()) if of.delivered else "–"),
        (m.BACK_ON(), told(given.arrived_at.date()) if given.arrived_at else "–"),
        (m.APPLY_UNTIL(), told(claim.until.date()) if claim.until else "–"),
    ]
    totals = [[say(m.GOODS_VALUE()), told(claim.value), True]]
    if not relief:
        totals.append(
            [
                say(m.DUTY_SHARE()),
                told(claim.amount) if claim.amount else say(m.NOT_ASSESSED()),
                bool(claim.amount),
            ]
        )
    notes = [say(m.EVIDENCE()), f"{claim.rule.legal_basis}"]
    if claim.rule.confidence != "official":
        notes.append(say(m.UNCHECKED()))
    own, buyer = of.inside.sender, of.inside.receiver
    return {
        "language": language.code,
        "title": say(m.PAPER_RELIEF() if relief else m.PAPER_REPAYMENT()),
        "number": given.number,
        "from": _party(own, say(m.EXPORTER())),
        "to": _party(buyer, say(m.IMPORTER())),
        "facts": [[say(name), what] for name, what in facts],
        "widths": [4, 2, 1, 1, 2, 2],
        "ends": [False, False, False, True, True, False],
        "headings": [say(x()) for x in (m.GOODS, m.HS, m.ORIGIN, m.PIECES, m.VALUE, m.STATE)],
        "rows": [
            [
                printable(x.description),
                x.hs or "–",
                x.origin,
                told(Decimal(_pieces(x))),
                told((x.value * _pieces(x)).rounded()),
                say(m.GRADES[x.grade]()) if x.grade else "–",
            ]
            for x in claim.lines
        ],
        "totals": totals,
        "notes": notes,
        "foot": say(AS_IT_IS(text=Country(claim.country))),
    }


def _pieces(line: Any) -> int:
    return int(line.asked if line.found is None else line.found)


def _reference(claim: Claim) -> str:
    if claim.filed is None:
        return "–"
    return claim.filed.declaration.reference or claim.filed.declaration.id


def _party(address: Address, title: str) -> dict[str, Any]:
    first, *rest = address_lines(address)
    number = [address.tax_id] if address.tax_id else []
    return {"title": title, "name": first, "rows": [*rest, *number]}
