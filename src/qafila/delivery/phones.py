"""Phone numbers as people write them, made ones that can be dialled from anywhere."""

from __future__ import annotations

import phonenumbers


def international(written: str, country: str) -> str:
    """A number as +212612345678; as it was written where it is none that can be dialled.

    Args:
        written: with or without its country in front, with spaces, dots, brackets, in Arabic digits.
        country: ISO 3166 of whoever has it: what a number without a country in front is read by.
    """
    try:
        found = phonenumbers.parse(written, country or None)
    except phonenumbers.NumberParseException:
        return written.strip()
    if not phonenumbers.is_possible_number(found):
        return written.strip()
    return phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164)
