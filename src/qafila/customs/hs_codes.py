"""HS codes as people write them: read, or refused with those that may be meant."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

from qafila.core.fault import Fault
from qafila.core.message import Choice
from qafila.customs import customs_messages as m
from qafila.customs import nomenclature
from qafila.customs.correlation import became
from qafila.customs.schedules import folder


class CodeRefused(Fault):
    """It is no HS code; the message and the remedy say why and what may be meant."""


@dataclass(frozen=True, slots=True)
class Digits:
    """The digits of a code as it was meant."""

    text: str
    mended: bool = (
        False  # a spreadsheet had made it a number: zeros at its ends were lost, or a point was added
    )


def digits_of(written: str) -> Digits | None:
    """The digits of a code that a person or a spreadsheet wrote; None where it is no such code.

    A spreadsheet makes numbers of codes: `0901.21` becomes 901.21 (901,21 where the comma is the decimal point), `090121`
    becomes 90121 or 90121.0, `6109.10` becomes 6109.1, and 6109100000 becomes 6.1091E+9. A trailing `.0` is no digit, and a
    lost zero is given back. What names the code ("HS 6109.10", "Code SH : …"), the goods in words after it, quotes and any
    script's digits are read past; two codes in one cell are none.
    """
    text = _bare(written)
    if re.fullmatch(r"\d(\.\d+)?E\+?\d{1,2}", text, re.I):
        mantissa, _, _ = text.upper().partition("E")
        if (
            len(mantissa.replace(".", "")) < _SURE_MANTISSA
            or Decimal(text) != Decimal(text).to_integral_value()
        ):
            return None  # its digits are gone, or it never was a code
        text, mended = f"{Decimal(text):f}", True
    else:
        mended = False
    if not re.fullmatch(r"\d[\d.\-]*", text) or not text.isascii():
        return None
    if found := re.fullmatch(r"(\d{3,4})\.(\d{1,2})", text):  # heading and subheading, read as a number
        whole = f"{found[1]:0>4}{found[2]:0<2}"
        return Digits(whole, mended or len(found[0]) != len("0000.00"))
    if found := re.fullmatch(r"(\d{5,})\.0+", text):
        text, mended = found[1], True
    digits = text.replace(".", "").replace("-", "")
    if len(digits) in (5, 7, 9, 11):
        return Digits("0" + digits, True)
    return Digits(digits, mended) if digits else None


def _bare(written: str) -> str:
    """A code without what people and programs put round it: its name, quotes, brackets, signs that nobody sees, words of the
    goods. Its groups are parted by points and hyphens alone; a comma is a point as long as one reading is left."""
    text = unicodedata.normalize("NFKC", written)
    text = "".join(_seen(c) for c in text)
    text = text.strip().removeprefix("=").strip(_ROUND)
    if found := _NAMED.match(text):
        text = text[found.end() :].strip(_ROUND)
    if found := _WITH_WORDS.fullmatch(text):
        text = found[1]
    if _TWO_CODES.search(text):
        return ""
    text = re.sub(r"\s+", "", re.sub(r"[\u2010-\u2015\u2212_]", "-", text)).replace("·", ".")
    if "," in text and "." in text:  # the one of the two that stands last parts the decimals
        text = text.replace("." if text.rfind(",") > text.rfind(".") else ",", "")
    return text.replace(",", ".").rstrip(".-")


def _seen(character: str) -> str:
    """A digit of any script as one of ours, a sign that nobody sees as nothing."""
    kind = unicodedata.category(character)
    return str(unicodedata.digit(character)) if kind == "Nd" else "" if kind == "Cf" else character


_ROUND = " \t\r\n'\"`´‘’“”«»[](){}<>*"
# what a cell names the code by: the words of customs in the languages of exporters, and of how many digits it is
_NAMED = re.compile(
    r"""(?: (?: h\.?\ ?s\.?(?:-?(?:6|8|10)(?=[:\s-]))? | s\.?\ ?[ha]\.? | hts(?:us)? | taric | cn8? | n\.?c8?\.? | kn8? | ncm | gtip | nandina | commodity | harmoni[sz]ed
        | tariff | tarif | customs | code | codes | codigo | código | nomenclature | douan(?:e|ier|ière) | position | tarifaire | n° | no\. | nr\.? | number | system
        | zolltarifnummer | zolltarif | warennummer | warencode | partida | arancel(?:aria|ario)? | voce | doganale | goederencode | kod | kodu | тн\ ?вэд | код | еаэс
        | hs编码 | 海关编码 | 商品编码 | 税号 | 编码 | 税则号列 | رمز | الرمز | بند | البند | الجمركي | جمركي | التعريفة | تعريفة | النظام | المنسق | المنسّق | كود | ن\.?\ ?م ) (?: [\s.:：#°=_/\u2013\u2014-] | \(\ ?\d{1,2}\ ?[^\W\d]+\ ?\) )* )+ (?=\d)""",
    re.I | re.X,
)
_TWO_CODES = re.compile(r"[\s,][\s,]*(?:\d{5,}|\d{4}[.\-]?\d{2})")  # no group after the first is so long
# a code and the goods after it, in letters: "610910 (cotton)", "6109.10 - T-shirts"
_WITH_WORDS = re.compile(r"(\d[\d.,\s-]*\d)\s*(?:\s[-\u2013:]|[(\[:]|\s)\s*[^\W\d_]\D*(?:\d\D*){0,3}")

_SURE_MANTISSA = 5  # digits of a code in scientific notation, without which it cannot be told


def read_code(written: str, edition: str = nomenclature.NAME) -> str:
    """The digits of a code, from a heading of four to a national code of twelve. Raises CodeRefused.

    A code of an `edition` other than the nomenclature's is read as written: whether there is one is not known.
    """
    read = digits_of(written)
    digits = read.text if read else ""
    bare = _bare(written)
    if re.fullmatch(r"\d{5}|\d{4}\.[1-9]", bare):
        digits = bare.replace(".", "")  # five digits are the beginning of several codes
    if not (digits.isdigit() and digits.isascii()) or not 4 <= len(digits) <= 12:
        raise CodeRefused(m.NOT_A_CODE(written=written), m.WRITE_CODE(), value=written)
    if edition != nomenclature.NAME or (fault := nomenclature.fault(digits)) is None:
        return digits
    reason, near = fault
    if older := became(digits[:6], edition, folder()):
        codes = Choice(tuple(older[1]))
        remedy = m.CODE_BECAME(edition=older[0], now=nomenclature.EDITION, codes=codes)
    else:
        remedy = m.CODES_NEAR(codes=Choice(tuple(near))) if near else m.WRITE_CODE()
    raise CodeRefused(reason, remedy, value=written)
