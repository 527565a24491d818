"""The error words of an ODS sheet, which its reader gives as empty cells: LibreOffice marks them, others only show them."""

from __future__ import annotations

import re
import zipfile
from io import BytesIO

from lxml import etree

_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_VALUE = re.compile(r"\{[^}]*calcext[^}]*\}value-type$")
_WORD = re.compile(r"#(?:N/A|REF!|VALUE!|DIV/0!|NUM!|NAME\?|NULL!|SPILL!|CALC!|FIELD!)|Err:\d{3}")
_MOST = 100_000  # a row or cell repeated to the end of a sheet is empty


def errors_of_ods(package: zipfile.ZipFile, sheet: str) -> dict[tuple[int, int], str]:
    """Row and column (counted from 0) of each cell of that sheet that holds an error, and its word.

    Raises:
        KeyError: the package holds no content.
    """
    content = package.read("content.xml")
    found: dict[tuple[int, int], str] = {}
    if not _WORD.search(content.decode("utf-8", "replace")) and b'"error"' not in content:
        return found
    tables = etree.iterparse(BytesIO(content), tag=f"{_TABLE}table", resolve_entities=False, no_network=True)
    for _, table in tables:
        if table.get(f"{_TABLE}name") == sheet:
            row = 0
            for one in table.iter(f"{_TABLE}table-row"):
                times = int(one.get(f"{_TABLE}number-rows-repeated", "1"))
                for column, word in _errors_in(one):
                    for more in range(min(times, _MOST)):
                        found[row + more, column] = word
                row += times
            return found
        table.clear()
    return found


def _errors_in(row: etree._Element) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []
    column = 0
    for cell in row:
        if cell.tag not in {f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"}:
            continue
        times = int(cell.get(f"{_TABLE}number-columns-repeated", "1"))
        shown = "".join("".join(map(str, text.itertext())) for text in cell.iter(f"{_TEXT}p")).strip()
        marked = any(_VALUE.search(str(name)) and value == "error" for name, value in cell.attrib.items())
        if marked or _WORD.fullmatch(shown):
            found += [(column + more, shown or "#N/A") for more in range(min(times, _MOST))]
        column += times
    return found
