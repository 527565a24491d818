"""Brings the catalogues up to date: what is new is added empty, what is gone is taken out.

    python -m tests.runtime.language.update

Then write what is empty, by meaning, in each language; `test_catalogues.py` fails until it is there.
"""

from __future__ import annotations

from io import BytesIO

from babel.messages.pofile import read_po, write_po

from qafila.runtime.language import LANGUAGES
from tests.runtime.language.wanted import PACKAGE, message_texts, page_texts


def update() -> dict[str, int]:
    """Writes the catalogues anew; returns how many entries of each language are empty."""
    wanted = list(dict.fromkeys((*sorted(page_texts(), key=str), *message_texts())))
    empty = {}
    for code, language in LANGUAGES.items():
        path = PACKAGE / "runtime" / "language" / "locales" / code / "LC_MESSAGES" / "messages.po"
        if not path.is_file():
            continue
        catalogue = read_po(BytesIO(path.read_bytes()), locale=language.locale)
        there = {e.id if isinstance(e.id, str) else tuple(e.id) for e in catalogue if e.id}
        for gone in there - set(wanted):
            catalogue.delete(gone if isinstance(gone, str) else gone[0])
        for text in wanted:
            if text not in there:
                catalogue.add(text, "" if isinstance(text, str) else [""] * catalogue.num_plurals)
        written = BytesIO()
        write_po(written, catalogue, width=110, no_location=True, ignore_obsolete=True)
        path.write_bytes(written.getvalue())
        empty[code] = sum(not e.string or not all(e.string) for e in catalogue if e.id)
    return empty


if __name__ == "__main__":
    print(update())
