"""HS codes as people write them: read, or refused with those that may be meant."""

from __future__ import annotations

from qafila.customs import nomenclature
from qafila.customs.correlation import became
from qafila.customs.schedules import folder

_FORM = "write 6 to 10 digits, e.g. 610910"


class CodeRefused(ValueError):
    """It is no HS code; `reason` and `remedy` say why and what may be meant."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(f"{reason}; {remedy}")
        self.reason = reason
        self.remedy = remedy


def read_code(written: str, edition: str = nomenclature.NAME) -> str:
    """The digits of a code, from a heading of four to a national code of twelve. Raises CodeRefused.

    A code of an `edition` other than the nomenclature's is read as written: whether there is one is not known.
    """
    digits = "".join(ch for ch in written if ch not in " .")
    if not (digits.isdigit() and digits.isascii()) or not 4 <= len(digits) <= 12:
        raise CodeRefused(f"{written!r} is not an HS code", _FORM)
    if edition != nomenclature.NAME or (fault := nomenclature.fault(digits)) is None:
        return digits
    reason, near = fault
    if older := became(digits[:6], edition, folder()):
        remedy = f"it is of {older[0]}, what it became in {nomenclature.EDITION}: {', '.join(older[1])}"
    else:
        remedy = f"near it are {', '.join(near)}" if near else _FORM
    raise CodeRefused(reason.rstrip("."), remedy)
