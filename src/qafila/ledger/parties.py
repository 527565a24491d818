"""Who stands on invoices and statements, and to which bank account money goes."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, text
from stdnum import iban as ibans
from stdnum.exceptions import ValidationError
from stdnum.ma import ice as ices

from qafila.core.fault import Fault, NotFound
from qafila.ledger import ledger_messages as m
from qafila.runtime.database.connection import as_the_house

HUB = ""
"""Under which id the hub's own party is kept."""


@dataclass(frozen=True, slots=True)
class Party:
    """A legal person.

    Attributes:
        name: its registered name.
        line1, line2, city, postcode: its address.
        country: ISO 3166 alpha-2.
        vat: its number for value added tax, with the country in front (`FR40303265045`); empty where it has none.
        ice: the Moroccan identifiant commun de l'entreprise, 15 digits.
        registration: its number in a register of trade, as it is written there.
        email: where invoices go.
        iban: or the Moroccan RIB: the bank account that money goes to.
        bic: of that bank.
        set_off: whether open invoices are taken off what is remitted.
    """

    name: str
    country: str
    line1: str = ""
    line2: str = ""
    city: str = ""
    postcode: str = ""
    vat: str = ""
    ice: str = ""
    registration: str = ""
    email: str = ""
    iban: str = ""
    bic: str = ""
    set_off: bool = False

    def address(self) -> list[str]:
        """The lines of its address without the country."""
        return [
            part
            for part in (self.line1, self.line2, " ".join(filter(None, (self.postcode, self.city))))
            if part
        ]


def checked(party: Party) -> Party:
    """The party with its numbers in their compact form. Raises Fault where one cannot be."""
    if not party.name.strip():
        raise Fault(m.PARTY_NAME(), field="name")
    if not re.fullmatch("[A-Z]{2}", party.country):
        raise Fault(m.PARTY_COUNTRY(country=party.country[:20]), field="country", value=party.country[:20])
    vat = re.sub(r"[\s.-]", "", party.vat.upper())
    if vat and not re.fullmatch(r"[A-Z]{2}[A-Z0-9+*]{2,14}", vat):
        raise Fault(m.PARTY_VAT(vat=party.vat[:40]), field="vat", value=party.vat[:40])
    ice, account = party.ice.strip(), re.sub(r"\s", "", party.iban.upper())
    if ice:
        try:
            ice = ices.validate(ice)
        except ValidationError:
            raise Fault(m.PARTY_ICE(ice=ice[:40]), field="ice", value=ice[:40]) from None
    if account and not re.fullmatch(
        r"\d{24}", account
    ):  # a Moroccan RIB has 24 digits and stands in no list of IBANs
        try:
            account = ibans.validate(account)
        except ValidationError:
            raise Fault(m.PARTY_IBAN(iban=party.iban[:60]), field="iban", value=party.iban[:60]) from None
    return Party(**(asdict(party) | {"vat": vat, "ice": ice, "iban": account, "name": party.name.strip()}))


def put(connection: Connection, tenant: str, party: Party, by: str) -> Party:
    """Keeps a tenant's party; returns it as it is kept. Raises Fault where a number of it cannot be."""
    kept = checked(party)
    connection.execute(
        text(
            "INSERT INTO ledger_parties (tenant_id, document, changed_by) VALUES (:t, CAST(:d AS jsonb), :by) "
            "ON CONFLICT (tenant_id) DO UPDATE SET document = EXCLUDED.document, changed_by = EXCLUDED.changed_by, "
            "changed_at = now()"
        ),
        {"t": tenant, "d": orjson.dumps(asdict(kept)).decode(), "by": by},
    )
    return kept


def find(connection: Connection, tenant: str) -> Party | None:
    """A tenant's party, or None."""
    row = connection.execute(
        text("SELECT document FROM ledger_parties WHERE tenant_id = :t"), {"t": tenant}
    ).scalar()
    return None if row is None else of(row)


def of(document: dict[str, Any]) -> Party:
    """A party from its document."""
    return Party(**{name: document[name] for name in Party.__slots__ if name in document})


def needed(connection: Connection, tenant: str) -> Party:
    """A tenant's party. Raises NotFound, naming the remedy, where it has not said who it is."""
    with as_the_house(connection):
        found = find(connection, tenant)
    if found is None:
        raise NotFound(
            m.HUB_UNSAID() if tenant == HUB else m.PARTY_UNSAID(merchant=tenant),
            m.SAY_PARTY(),
            field="party",
            value=tenant,
        )
    return found
