"""The languages that qafila speaks, their catalogues, and which of them a reader prefers."""

from __future__ import annotations

import gettext
import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from io import BytesIO

from babel import Locale, negotiate_locale
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po


@dataclass(frozen=True, slots=True)
class Language:
    """One of the languages of pages and answers."""

    code: str  # in addresses, in Accept-Language and in a page's lang attribute
    locale: str  # CLDR: how numbers and dates are written
    name: str  # in itself

    @property
    def direction(self) -> str:
        """ltr or rtl."""
        return Locale.parse(self.locale).text_direction


# Arabic as Morocco writes it: Latin digits.
LANGUAGES = {
    language.code: language
    for language in (
        Language("en", "en_GB", "English"),
        Language("fr", "fr", "Français"),
        Language("ar", "ar_MA", "العربية"),
        Language("zh", "zh_Hans_CN", "中文"),
    )
}
DEFAULT = LANGUAGES["en"]
ON_PAPER = LANGUAGES | {
    language.code: language
    for language in (
        Language("es", "es", "Español"),
        Language("de", "de", "Deutsch"),
        Language("it", "it", "Italiano"),
        Language("pt", "pt_PT", "Português"),
        Language("tr", "tr", "Türkçe"),
    )
}
"""Languages in which the papers of a parcel are printed, for those who read them where it goes: the words of papers alone
are in the catalogues of those that qafila does not speak."""


@cache
def words(code: str) -> gettext.NullTranslations:
    """The catalogues of a language, compiled from its .po files once in a process. English is the source."""
    if code == DEFAULT.code:
        return gettext.NullTranslations()
    compiled = BytesIO()
    write_mo(compiled, catalogue(code))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def catalogues_digest() -> bytes:
    """What the catalogues hold, as a digest of 16 bytes: whether something made of them is still true."""
    found = hashlib.blake2b(digest_size=16)
    folder = files(__package__) / "locales"
    for code in sorted(ON_PAPER.keys() - {DEFAULT.code}):
        for path in sorted((folder / code).iterdir(), key=lambda path: path.name):
            found.update(path.read_bytes())
    return found.digest()


def catalogue(code: str) -> Catalog:
    """Every entry of a language, out of its files: one for each area that says something.

    A text that two areas say stands in one of their files, so there is one translation of it.
    """
    locale = ON_PAPER[code].locale
    whole = Catalog(locale=locale)
    folder = files(__package__) / "locales" / code
    for path in sorted(folder.iterdir(), key=lambda path: path.name):
        if path.name.endswith(".po"):
            area = read_po(BytesIO(path.read_bytes()), locale=locale)
            whole.mime_headers = (
                area.mime_headers
            )  # its rule of plurals: Babel's own for Arabic is not gettext's
            for entry in area:
                if entry.id:
                    whole[entry.id] = entry
    return whole


def preferred(accept_language: str, chosen: str | None = None) -> Language:
    """The language for a reader.

    Args:
        accept_language: the header of that name (RFC 9110); empty where there is none.
        chosen: the code that the reader chose before, which goes before the header.
    """
    if chosen in LANGUAGES:
        return LANGUAGES[chosen]
    asked: list[tuple[float, str]] = []
    for position, part in enumerate(accept_language.split(",")):
        tag, _, quality = part.strip().partition(";q=")
        try:
            weight = float(quality or 1)
        except ValueError:
            weight = 0.0
        if tag and weight > 0:
            asked.append((-weight + position * 1e-6, tag.split("-")[0].lower()))
    code = negotiate_locale([tag for _, tag in sorted(asked)], list(LANGUAGES))
    return LANGUAGES[code] if code else DEFAULT
