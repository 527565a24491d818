"""The one typesetting room: the fonts of all papers, and a page set from a package's template."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import as_file, files
from typing import Any

import orjson
import typst

from qafila.core.fault import Fault
from qafila.core.message import template

NO_FONTS = template("house.no_fonts", "The fonts of papers were not built.")
NOT_BUILT = template("house.not_built", "The front end was not built: {file} is missing.")
BUILD_IT = template("house.build_it", "Run make run once, or python src/qafila/web/frontend/build.py.")


class FontsMissing(Fault, RuntimeError):
    """The fonts were not built: without them Arabic and Chinese would come out as empty boxes."""


@cache  # they are twenty megabytes, and reading them takes as long as setting ten pages
def fonts() -> typst.Fonts:
    """The fonts of all papers, which the build of the front end brings. Raises FontsMissing."""
    with as_file(files("qafila") / "shipping" / "papers" / "fonts") as folder:
        if not any(folder.glob("*.ttf")):
            raise FontsMissing(NO_FONTS(), BUILD_IT())
        return typst.Fonts(include_system_fonts=False, font_paths=[folder])


def typeset(package: str, name: str, data: Mapping[str, Any]) -> bytes:
    """A PDF by a template of a package over data that JSON can carry.

    Args:
        package: such as `qafila.air`.
        name: the template's file, such as `papers.typ`; it reads `sys.inputs.data`.
        data: what it sets.

    Raises:
        FontsMissing: the front end was not built.
    """
    with as_file(files(package) / name) as file:
        made = typst.compile(
            file, font_paths=fonts(), sys_inputs={"data": orjson.dumps(data).decode()}, format="pdf"
        )
    assert isinstance(made, bytes)  # one file is asked for, not one for each page
    return made
