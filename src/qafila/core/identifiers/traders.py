"""Numbers by which authorities know traders and persons: EORI, IOSS, VAT, ICE, USCC, VKN and others.

Check digits and structure are python-stdnum's. A number that has the right form need not be registered.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module
from typing import Any

from stdnum.exceptions import ValidationError

from qafila.core.identifiers import identifier_messages as m
from qafila.core.identifiers.errors import InvalidNumber
from qafila.core.message import Choice, Country, Message

_EU = frozenset(
    [
        "AT",
        "BE",
        "BG",
        "CY",
        "CZ",
        "DE",
        "DK",
        "EE",
        "ES",
        "FI",
        "FR",
        "GR",
        "HR",
        "HU",
        "IE",
        "IT",
        "LT",
        "LU",
        "LV",
        "MT",
        "NL",
        "PL",
        "PT",
        "RO",
        "SE",
        "SI",
        "SK",
    ]
)
# numbers by which a country's authorities know traders and persons, as modules of stdnum with their names
_KINDS: dict[str, tuple[tuple[str, str | Message], ...]] = {
    "MA": (("ma.ice", "ICE"),),
    "CN": (("cn.uscc", "USCC"), ("cn.ric", m.IDENTITY_NUMBER())),
    "TR": (("tr.vkn", "VKN"), ("tr.tckimlik", m.IDENTITY_NUMBER())),
    "EG": (("eg.tn", m.TAX_NUMBER()),),
    "KE": (("ke.pin", "PIN"),),
    "ZA": (("za.tin", m.TAX_NUMBER()), ("za.idnr", m.IDENTITY_NUMBER())),
    "SN": (("sn.ninea", "NINEA"),),
    "TN": (("tn.mf", "MF"),),
    "DZ": (("dz.nif", "NIF"),),
    "GB": (("gb.vat", m.VAT_NUMBER()), ("gb.utr", "UTR")),
    "CH": (("ch.uid", "UID"), ("ch.vat", m.VAT_NUMBER()), ("ch.ssn", m.AHV_NUMBER())),
    "NO": (("no.mva", "MVA"), ("no.orgnr", m.ORGANISATION_NUMBER()), ("no.fodselsnummer", m.BIRTH_NUMBER())),
    "US": (("us.ein", "EIN"), ("us.tin", "TIN")),
    "CA": (("ca.bn", "BN"), ("ca.sin", "SIN")),
    "BR": (("br.cnpj", "CNPJ"), ("br.cpf", "CPF")),
    "IN": (("in_.gstin", "GSTIN"), ("in_.pan", "PAN")),
    "AU": (("au.abn", "ABN"), ("au.acn", "ACN")),
    "JP": (("jp.cn", m.CORPORATE_NUMBER()),),
    "KR": (("kr.brn", "BRN"), ("kr.rrn", m.REGISTRATION_NUMBER())),
    "RU": (("ru.inn", "INN"),),
    "ID": (("id.npwp", "NPWP"), ("id.nik", "NIK")),
    "MX": (("mx.rfc", "RFC"), ("mx.curp", "CURP")),
    "FR": (("fr.siret", "SIRET"), ("fr.siren", "SIREN")),
    "ES": (("es.nif", "NIF"),),
    "IT": (("it.codicefiscale", "codice fiscale"), ("it.iva", "partita IVA")),
}
_EORI = re.compile(r"[A-Z]{2}[A-Z0-9]{1,15}")
_LEAST_DIGITS = 4  # of a number of a country whose forms are not known here


def parse_eori(text: str) -> str:
    """An EORI number in plain form: a member state's letters (GB or XI for the United Kingdom) and up to 15 letters and
    digits, by the country's own form where it is known. Raises InvalidNumber."""
    plain = re.sub(r"\s", "", text).upper()
    country, rest = plain[:2], plain[2:]
    if not _EORI.fullmatch(plain) or country not in _EU | {"GB", "XI"}:
        raise InvalidNumber(m.EORI(number=text), value=text)
    if country in ("GB", "XI") and not re.fullmatch(r"\d{12}|\d{15}", rest):
        raise InvalidNumber(m.EORI_UK(number=text, country=country), value=text)
    if not any(ch.isdigit() for ch in rest):
        raise InvalidNumber(m.EORI_NO_DIGITS(number=text), value=text)
    if country == "FR" and len(rest) == 14 and not _valid("fr.siret", rest):
        raise InvalidNumber(m.EORI_SIRET(number=text), value=text)
    return plain


def parse_ioss(text: str) -> str:
    """An IOSS number in plain form: IM and ten digits, the last of them a check digit. Raises InvalidNumber."""
    try:
        return str(_module("eu.oss").validate(text))
    except ValidationError as error:
        raise InvalidNumber(m.IOSS(number=text), value=text) from error


def parse_trader_number(country: str, text: str) -> str:
    """A trader's or person's number in plain form.

    Args:
        country: ISO 3166 alpha-2 of the authority that gave it.
        text: as it was written; letters, digits, spaces, points and hyphens.

    Raises:
        InvalidNumber: it has none of the forms of that country; of a country whose forms are not known here, it has
            hardly a digit.
    """
    plain = re.sub(r"[\s./-]", "", text).upper()
    names: list[str | Message] = [name for _, name in _KINDS.get(country, ())]
    for module, _ in _KINDS.get(country, ()):
        if _valid(module, plain):
            return plain
    if country in _EU or country == "GB":
        if _valid("eu.vat", plain) or _valid("eu.vat", country.replace("GR", "EL") + plain):
            return plain
        try:
            return parse_eori(text)
        except InvalidNumber:
            names += [m.VAT_NUMBER(), m.EORI_NUMBER()]
    elif _EORI.fullmatch(plain) and plain[:2] in _EU | {"GB", "XI"} and any(ch.isdigit() for ch in plain[2:]):
        return parse_eori(text)  # a trader from elsewhere that is registered there
    if names:
        raise InvalidNumber(
            m.OF_COUNTRY(number=text, country=Country(country), kinds=Choice(tuple(dict.fromkeys(names)))),
            value=text,
        )
    if sum(ch.isdigit() for ch in plain) < _LEAST_DIGITS or not plain.isalnum():
        raise InvalidNumber(m.FEW_DIGITS(number=text, least=_LEAST_DIGITS), value=text)
    return plain


def _valid(module: str, text: str) -> bool:
    return bool(_module(module).is_valid(text))


@cache
def _module(name: str) -> Any:
    return import_module(f"stdnum.{name}")
