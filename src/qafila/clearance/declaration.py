"""A goods declaration as a broker fills it in: plain values, every field named once."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from qafila.core.money import Money


class Procedure(StrEnum):
    """What is asked of customs for the goods."""

    EXPORT = "export"
    IMPORT = "import"
    TRANSIT = "transit"
    BONDED = "bonded"  # into a bonded warehouse: duty suspended until release


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody named on a declaration."""

    name: str = ""
    street: str = ""
    city: str = ""
    postcode: str = ""
    region: str = ""
    country: str = ""  # ISO 3166 alpha-2
    phone: str = ""
    email: str = ""
    number: str = ""  # EORI, ICE, USCC … as the territory asks


@dataclass(frozen=True, slots=True)
class Proof:
    """A licence, certificate, invoice or other paper that a line rests on."""

    kind: str = "other"  # invoice, licence, certificate, origin, other
    number: str = ""
    on: date | None = None


@dataclass(frozen=True, slots=True)
class DeclarationLine:
    """One kind of goods. Values and weights are for the whole line."""

    description: str = ""
    hs: str = ""
    origin: str = ""  # ISO 3166 alpha-2
    quantity: Decimal | None = None
    unit: str = "C62"  # UN/ECE Recommendation 20; C62 is a piece
    net_kg: Decimal | None = None
    gross_kg: Decimal | None = None
    value: Money | None = None
    preference: str = ""  # agreement claimed
    proofs: tuple[Proof, ...] = ()
    sku: str = ""  # the declarant's own number of the article


@dataclass(frozen=True, slots=True)
class Declaration:
    """A declaration of one consignment under one procedure."""

    id: str
    procedure: Procedure
    dataset: str  # the form in which it is lodged: a name in datasets/
    territory: str  # the customs territory whose authority receives it
    parcel: str  # S10 number or other transport number
    office: str = ""
    reference: str = ""  # the declarant's own reference
    declarant: Party = field(default_factory=Party)
    exporter: Party = field(default_factory=Party)
    importer: Party = field(default_factory=Party)
    lines: tuple[DeclarationLine, ...] = ()
    gross_kg: Decimal | None = None
    packages: int | None = None
    country_of_dispatch: str = ""
    country_of_destination: str = ""
    tax_area: str = ""  # part of that country with taxes of its own: PT-30, AT-JU
    mode: str = ""  # air, sea, road, rail, post
    category: str = ""  # gift, documents, sample, returned, sale, other
    incoterm: str = ""
    freight: Money | None = None
    insurance: Money | None = None
    postage: Money | None = None
    scheme: str = ""  # e.g. ioss
    scheme_number: str = ""  # e.g. the IOSS number
    invoice_number: str = ""
    invoice_date: date | None = None
    previous_document: str = ""  # reference of the declaration that this one follows
    warehouse: str = ""  # authorisation of the bonded warehouse
    remarks: str = ""

    @property
    def value(self) -> Money | None:
        """Sum of the lines' values; None where a line has none, or they differ in currency."""
        values = [line.value for line in self.lines]
        if not values or any(v is None for v in values):
            return None
        known = [v for v in values if v is not None]
        if len({v.currency for v in known}) > 1:
            return None
        return Money(sum((v.amount for v in known), start=Decimal(0)), known[0].currency)
