"""PDF by Typst: a template of this folder, the data as JSON, the fonts that the front-end build brings.

What is the same on many pages, the form, is set first, as a PDF of its own, and lies under each of them as a picture
that the file holds once: setting its words on every page would take longer than all that differs.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from functools import cache
from importlib.metadata import version
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, TypeVar

import orjson
import typst

from qafila.runtime import kept
from qafila.runtime.language import ON_PAPER, catalogues_digest, wording
from qafila.runtime.runtime_pages import fonts
from qafila.runtime.settings import own_settings
from qafila.shipping.papers import papers_messages

_T = TypeVar("_T")
PAGES_AT_ONCE = 1_000
"""Records set in one run of Typst. Each run puts the letters it needs of every font into its PDF, which takes as long as
a dozen pages."""

_remembered = 0
"""Records set since Typst was made to forget. It remembers all that it set in its last ten runs, a megabyte for four
pages: a few come back, in the pages of a portal, but no file is like the last."""


def typeset_labels(records: Sequence[dict[str, Any]]) -> bytes:
    """One PDF of labels, a page each, over records that JSON can carry.

    Raises FontsMissing, naming the remedy, where the build of the front end has not run.
    """
    return _compile("label.typ", records, form=_form("label-form.typ", "label", []))


def typeset_papers(records: Sequence[dict[str, Any]]) -> bytes:
    """One PDF of the papers that travel with parcels, over records that JSON can carry. Raises FontsMissing."""
    form = cache(_paper_form)  # whether a form is there is asked once for all papers of a kind, not for each
    return _compile(
        "documents.typ",
        [
            {**r, "form": form(r["kind"], tuple(r["languages"]), r["proposed"], r["category"])}
            for r in records
        ],
    )


def typeset_money(records: Sequence[dict[str, Any]]) -> bytes:
    """One PDF of papers about money (invoices, statements), over records whose words are in their reader's language.

    Raises FontsMissing.
    """
    return _compile("money.typ", records)


def typeset_manifest(records: Sequence[dict[str, Any]]) -> bytes:
    """One PDF of manifests, a page or more for each carrier, over records that JSON can carry. Raises FontsMissing."""
    return _compile("manifest.typ", records)


def typeset_declaration(record: dict[str, Any]) -> bytes:
    """A customs declaration as PDF, over a record whose words are in its reader's language. Raises FontsMissing."""
    return _compile("declaration.typ", [record])


def _paper_form(kind: str, languages: tuple[str, ...], proposed: bool, category: str) -> str:
    if kind == "eur1":  # few parcels need it: all of it is set anew
        return ""
    name = "-".join((kind, *languages, "proposed" if proposed else "stated", category))
    return _form("document-forms.typ", name, [kind, languages, proposed, category])


def _form(template: str, name: str, of: list[object]) -> str:
    """What is the same on many pages: the path, in the folder, of a PDF that is set when it is first asked for."""
    path = _folder() / "forms" / f"{name}.pdf"
    if not path.exists():
        kept.put(path, _compile(template, of))
    return f"/forms/{path.name}"


def _compile(template: str, data: Sequence[object], **inputs: str) -> bytes:
    compiler = typst.Compiler(
        _folder() / template,
        root=_folder(),
        font_paths=fonts(),
        sys_inputs={"data": _unvowelled(orjson.dumps(list(data)).decode()), **inputs},
    )
    # tags would double the size of a batch
    pdf = compiler.compile(format="pdf", pdf_tags=False)
    assert isinstance(pdf, bytes)  # one file is asked for, not one for each page
    global _remembered
    _remembered += len(data)
    if _remembered >= PAGES_AT_ONCE:
        _forget()
    return pdf


def _unvowelled(text: str) -> str:
    """A text without the vowel signs of Arabic, which addresses are written without: a PDF says of a letter and of the
    sign above it that each stands for both, so that a name with signs could be neither copied nor searched."""
    return _VOWELS.sub("", unicodedata.normalize("NFC", text)) if _SIGNS.search(text) else text


_SIGNS = re.compile(
    "[\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed]"
)  # of which a hamza typed apart is a letter
_VOWELS = re.compile("[\u0610-\u061a\u064b-\u0652\u0656-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed]")


def _forget() -> None:
    """Runs of a template that draws nothing, until what was set before is older than what Typst remembers."""
    global _remembered
    _remembered = 0
    nothing = typst.Compiler(_folder() / "label-page.typ", root=_folder(), font_paths=fonts())
    for _ in range(11):
        nothing.compile(format="pdf", pdf_tags=False)


@cache
def _folder() -> Path:
    """The templates, and beside them the forms that were set: in the home, where the next process finds them."""
    papers = files("qafila.shipping.papers")
    templates = {file.name: file.read_bytes() for file in (papers / "templates").iterdir()}
    kind = hashlib.blake2b(version("typst").encode(), digest_size=8)
    with as_file(papers / "fonts") as fonts:
        made_of = [f"{font.name} {font.stat().st_size}".encode() for font in sorted(fonts.glob("*.ttf"))]
    for part in (*made_of, *(templates[name] for name in sorted(templates)), catalogues_digest()):
        kind.update(part)
    folder = own_settings().home / "papers" / kind.hexdigest()
    for name, content in templates.items():
        if not (folder / name).exists():
            kept.put(folder / name, content)
    if not (folder / "words.json").exists():
        kept.put(folder / "words.json", _unvowelled(orjson.dumps(_words()).decode()).encode())
    return folder


def _words() -> dict[str, dict[str, str]]:
    """The words of papers by their name and by language."""
    return {
        name: {code: wording(template, code) for code in ON_PAPER}
        for name, template in papers_messages.WORDS.items()
    }


def typeset_many(
    typeset: Callable[[Sequence[dict[str, Any]]], bytes],
    records: Sequence[dict[str, Any]],
    executor: Executor | None = None,
) -> list[bytes]:
    """Labels or papers in parts of PAGES_AT_ONCE records, over an executor's processes where one is given."""
    return list((executor.map if executor else map)(typeset, parts(records)))


def parts(records: Sequence[_T]) -> list[Sequence[_T]]:
    """Records in parts of PAGES_AT_ONCE at most."""
    return [records[i : i + PAGES_AT_ONCE] for i in range(0, len(records), PAGES_AT_ONCE)]
