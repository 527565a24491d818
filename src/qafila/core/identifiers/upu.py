"""UPU S8 despatch and S9 receptacle numbers: what bags and trays of mail between offices of exchange carry.

S8, 20 characters: office of origin (6), office of destination (6), mail category (1), subclass (2), last digit of the year
(1), despatch number (4). S9, 29 characters: the despatch, receptacle number (3), whether it is the last (1), whether it holds
registered or insured items (1), and its weight in tenths of a kilogram (4).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from qafila.core.identifiers import identifier_messages as m
from qafila.core.identifiers.errors import InvalidNumber

_OFFICE = re.compile(r"[A-Z]{2}[A-Z0-9]{3}[A-Z]")
CATEGORIES = "ABCD"
"""Mail category: A air, B S.A.L., C surface, D priority by surface."""


@dataclass(frozen=True, slots=True)
class Despatch:
    """A despatch: mail from one office of exchange to another, numbered through the year."""

    origin: str
    destination: str
    category: str  # of CATEGORIES
    subclass: str  # UPU code list 117, e.g. UN letters, CN parcels, EN EMS
    year: int  # its last digit counts
    serial: int  # 1 to 9999

    def __str__(self) -> str:
        """The number. Raises InvalidNumber where a part is outside the standard."""
        for office in (self.origin, self.destination):
            if not _OFFICE.fullmatch(office):
                raise InvalidNumber(m.OFFICE(number=office), value=office)
        if len(self.category) != 1 or self.category not in CATEGORIES:
            raise InvalidNumber(m.MAIL_CATEGORY(number=self.category), value=self.category)
        if not re.fullmatch(r"[A-Z]{2}", self.subclass):
            raise InvalidNumber(m.MAIL_SUBCLASS(number=self.subclass), value=self.subclass)
        if not 0 < self.serial < 10_000:
            raise InvalidNumber(m.DESPATCH_SERIAL(serial=str(self.serial)))
        return (
            f"{self.origin}{self.destination}{self.category}{self.subclass}{self.year % 10}{self.serial:04d}"
        )


@dataclass(frozen=True, slots=True)
class Receptacle:
    """A bag, tray or container of a despatch."""

    despatch: Despatch
    serial: int  # 1 to 999
    last: bool
    registered: bool
    grams: int

    def __str__(self) -> str:
        """The number; the weight is rounded up to a tenth of a kilogram. Raises InvalidNumber."""
        tenths = -(-self.grams // 100)
        if not 0 < self.serial < 1_000:
            raise InvalidNumber(m.RECEPTACLE_SERIAL(serial=str(self.serial)))
        if not 0 <= tenths < 10_000:
            raise InvalidNumber(m.RECEPTACLE_WEIGHT(grams=self.grams))
        return f"{self.despatch}{self.serial:03d}{int(self.last)}{int(self.registered)}{tenths:04d}"


def parse_s8(text: str) -> Despatch:
    """A despatch number read; raises InvalidNumber, saying what is wrong."""
    plain = re.sub(r"\s", "", text).upper()
    if len(plain) != 20 or not plain.isascii():
        raise InvalidNumber(m.S8_LENGTH(number=text), value=text)
    if not plain[15:].isdigit():
        raise InvalidNumber(m.S8_END(number=text), value=text)
    found = Despatch(plain[:6], plain[6:12], plain[12], plain[13:15], int(plain[15]), int(plain[16:]))
    str(found)
    return found


def parse_s9(text: str) -> Receptacle:
    """A receptacle number read; raises InvalidNumber, saying what is wrong."""
    plain = re.sub(r"\s", "", text).upper()
    if len(plain) != 29 or not plain.isascii():
        raise InvalidNumber(m.S9_LENGTH(number=text), value=text)
    tail = plain[20:]
    if not tail.isdigit() or tail[3] not in "01" or tail[4] not in "01":
        raise InvalidNumber(m.S9_END(number=text), value=text)
    found = Receptacle(
        parse_s8(plain[:20]), int(tail[:3]), tail[3] == "1", tail[4] == "1", int(tail[5:]) * 100
    )
    str(found)
    return found
