"""PDF by Typst: a template of this folder, the data as JSON, the fonts that the front-end build brings.

What is the same on many pages, the form, is set first, as a PDF of its own, and lies under each of them as a picture
that the file holds once: setting its words on every page would take longer than all that differs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from functools import cache, lru_cache
from importlib.resources import as_file, files
from itertools import accumulate
from pathlib import Path
from typing import Any

import orjson
import typst

PAGES_AT_ONCE = 200
"""Records set in one run of Typst. It remembers all that it set in its last ten runs, a megabyte for two pages."""


class FontsMissing(RuntimeError):
    """The fonts were not built: without them Arabic and Chinese would come out as empty boxes."""


_FORM_PAGES = {"invoice": 5, "packing": 4, "cn22": 3, "cn23": 4, "eur1": 0}
"""Pages that document-forms.typ makes for each kind of paper."""

_Form = tuple[str, tuple[str, ...], bool, str]  # kind, languages, codes proposed, category


def typeset_labels(records: Sequence[dict[str, Any]]) -> bytes:
    """One PDF of labels, a page each, over records that JSON can carry.

    Raises FontsMissing, naming the remedy, where the build of the front end has not run.
    """
    return _compile("label.typ", records, forms=_forms("label-form.typ", ()))


def typeset_papers(records: Sequence[dict[str, Any]]) -> bytes:
    """One PDF of the papers that travel with parcels, over records that JSON can carry. Raises FontsMissing."""
    wanted = [(r["kind"], tuple(r["languages"]), r["proposed"], r["category"]) for r in records]
    forms = sorted({form for form in wanted if _FORM_PAGES[form[0]]})
    before = dict(zip(forms, accumulate((_FORM_PAGES[form[0]] for form in forms), initial=0), strict=False))
    placed = [{**r, "forms": before.get(form, 0)} for r, form in zip(records, wanted, strict=True)]
    return _compile("documents.typ", placed, forms=_forms("document-forms.typ", tuple(forms)))


@lru_cache(maxsize=16)
def _forms(template: str, forms: tuple[_Form, ...]) -> str:
    """What is the same on many pages, set once: a PDF, its bytes as JSON, the only way in for them."""
    return orjson.dumps(list(_compile(template, forms))).decode()


def _compile(template: str, data: Sequence[object], **inputs: str) -> bytes:
    with as_file(files("qafila.shipping.papers")) as root:
        compiler = typst.Compiler(
            root / "templates" / template,
            root=root,
            font_paths=_fonts(root / "fonts"),
            sys_inputs={"data": orjson.dumps(list(data)).decode(), **inputs},
        )
        # tags would double the size of a batch
        pdf = compiler.compile(format="pdf", pdf_tags=False)
        assert isinstance(pdf, bytes)  # one file is asked for, not one for each page
        return pdf


@cache  # they are twenty megabytes, and reading them takes as long as setting ten pages
def _fonts(folder: Path) -> typst.Fonts:
    if not any(folder.glob("*.ttf")):
        raise FontsMissing(
            "no fonts in qafila/shipping/papers/fonts: run `make run` once, or the front end's build.py"
        )
    return typst.Fonts(include_system_fonts=False, font_paths=[folder])


def typeset_many(
    typeset: Callable[[Sequence[dict[str, Any]]], bytes],
    records: Sequence[dict[str, Any]],
    executor: Executor | None = None,
) -> list[bytes]:
    """Labels or papers in parts of PAGES_AT_ONCE records, over an executor's processes where one is given."""
    parts = [records[i : i + PAGES_AT_ONCE] for i in range(0, len(records), PAGES_AT_ONCE)]
    return list((executor.map if executor else map)(typeset, parts))
