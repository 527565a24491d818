"""Brings the catalogues up to date: what is new is added empty, what is gone is taken out.

    python -m tests.runtime.language.update

Then write what is empty, by meaning, in each language; `test_catalogues.py` fails until it is there.
A language has one file for each area that says something (the first part of a template's id, or the page),
and its entries are in the order of their English, so two people who add texts rarely touch the same lines.
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from qafila.runtime.language import ON_PAPER
from tests.runtime.language.wanted import PACKAGE, WITHIN, Text, every_text, text_of

LOCALES = PACKAGE / "runtime" / "language" / "locales"


def area_files(code: str) -> list[Path]:
    """The catalogue files of a language."""
    return sorted((LOCALES / code).glob("*.po"))


def read(path: Path, code: str) -> Catalog:
    """One catalogue file."""
    return read_po(BytesIO(path.read_bytes()), locale=ON_PAPER[code].locale)


def update() -> dict[str, int]:
    """Writes the catalogues anew; returns how many entries of each language are empty."""
    empty = {}
    for code, language in ON_PAPER.items():
        if not area_files(code):
            continue
        wanted = every_text(code)
        said: dict[Text, str | tuple[str, ...]] = {}
        for path in area_files(code):
            said |= {text_of(e): e.string for e in read(path, code) if e.id}
        areas: dict[str, Catalog] = {}
        plurals = read(area_files(code)[0], code)  # as the language's files count, not as Babel does
        empty[code] = 0
        for text in sorted(wanted, key=_english):
            catalogue = areas.setdefault(wanted[text], Catalog(locale=language.locale))
            string = said.get(text) or ("" if isinstance(text, str) else ("",) * plurals.num_plurals)
            context, _, english = text.rpartition(WITHIN) if isinstance(text, str) else ("", "", text)
            catalogue.add(english, string, context=context or None)
            empty[code] += not string or not all(string)
        for path in area_files(code):
            if path.stem not in areas:
                path.unlink()
        for area, catalogue in areas.items():
            (LOCALES / code / f"{area}.po").write_bytes(_written(catalogue, code, plurals))
    return empty


def _english(text: Text) -> tuple[str, str]:
    first = text if isinstance(text, str) else text[0]
    return first.casefold(), first


def _written(catalogue: Catalog, code: str, plurals: Catalog) -> bytes:
    """The file without a header of dates and people, which would differ at each writing."""
    plural = f"nplurals={plurals.num_plurals}; plural={plurals.plural_expr};"
    head = f'msgid ""\nmsgstr ""\n"Language: {code}\\n"\n"Plural-Forms: {plural}\\n"\n'
    head += '"Content-Type: text/plain; charset=utf-8\\n"\n\n'
    body = BytesIO()
    write_po(body, catalogue, width=110, no_location=True, omit_header=True)
    return head.encode() + body.getvalue()


if __name__ == "__main__":
    print(update())
