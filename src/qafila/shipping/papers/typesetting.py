"""PDF by Typst: a template of this folder, the data as JSON, the fonts that the front-end build brings."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import orjson
import typst

PAGES_AT_ONCE = 200
"""Records set in one run of Typst. It remembers all that it set in its last ten runs, a megabyte for two pages."""


class FontsMissing(RuntimeError):
    """The fonts were not built: without them Arabic and Chinese would come out as empty boxes."""


def typeset(template: str, records: Sequence[dict[str, Any]]) -> bytes:
    """One PDF of a template (a name in templates/) over records that JSON can carry.

    Raises FontsMissing, naming the remedy, where the build of the front end has not run.
    """
    with as_file(files("qafila.shipping.papers")) as root:
        compiler = typst.Compiler(
            root / "templates" / template,
            root=root,
            font_paths=_fonts(root / "fonts"),
            sys_inputs={"data": orjson.dumps(list(records)).decode()},
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
    template: str, records: Sequence[dict[str, Any]], executor: Executor | None = None
) -> list[bytes]:
    """Like typeset, in parts of PAGES_AT_ONCE records, over an executor's processes where one is given."""
    parts = [records[i : i + PAGES_AT_ONCE] for i in range(0, len(records), PAGES_AT_ONCE)]
    if executor is None:
        return [typeset(template, part) for part in parts]
    return list(executor.map(typeset, [template] * len(parts), parts))
