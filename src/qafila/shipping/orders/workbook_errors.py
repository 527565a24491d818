"""The error words of a sheet (`#REF!`, `#N/A`), which its reader gives as empty cells: a lost value must be seen."""

from __future__ import annotations

import re
import zipfile
from io import BytesIO

from lxml import etree

from qafila.shipping.orders.ods_errors import errors_of_ods
from qafila.shipping.orders.xls_errors import errors_of_xls

_COMPOUND = b"\xd0\xcf\x11\xe0"
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_STRICT = "{http://purl.oclc.org/ooxml/spreadsheetml/main}"
_ID = re.compile(r"\{[^}]*relationships\}id$")
_PLACE = re.compile(r"([A-Z]{1,3})(\d+)")


def errors_of(data: bytes, sheet: str) -> dict[tuple[int, int], str]:
    """Row and column (counted from 0) of each cell that holds an error, and its word.

    Args:
        data: a workbook: XLSX, XLS or ODS; of what is none of them, and of XLSB, none can be told.
        sheet: the sheet's name.
    """
    if data.startswith(_COMPOUND):
        try:
            return errors_of_xls(data, sheet)
        except ValueError:
            return {}
    try:
        with zipfile.ZipFile(BytesIO(data)) as package:
            if "content.xml" in package.namelist():
                return errors_of_ods(package, sheet)
            path = _path_of(package, sheet)
            content = package.read(path) if path else b""
    except (zipfile.BadZipFile, KeyError, ValueError, etree.XMLSyntaxError, OSError):
        return {}
    if not any(sign in content for sign in (b't="e"', b"t='e'", b"<f", b":f")):
        return {}
    found: dict[tuple[int, int], str] = {}
    row = column = -1
    tags = tuple(f"{space}{name}" for space in (_MAIN, _STRICT) for name in ("c", "row"))
    walk = etree.iterparse(
        BytesIO(content), ("start", "end"), tag=tags, resolve_entities=False, no_network=True
    )
    for event, node in walk:
        if node.tag.endswith("}row"):
            if event == "start":  # a row or cell that does not say its place is the next one
                told = node.get("r", "")
                row, column = int(told) - 1 if told.isdecimal() else row + 1, -1
            else:
                node.clear()
        elif event == "start":
            place = _PLACE.fullmatch(node.get("r", ""))
            column = _column(place[1]) if place else column + 1
        elif word := _lost(node):
            found[row, column] = word
    return found


def _lost(cell: etree._Element) -> str:
    """The error word of a cell, or that of a formula whose value nobody has computed; empty where its value is there."""
    parts = {child.tag.rpartition("}")[2]: child.text or "" for child in cell}
    if cell.get("t") == "e":
        return parts.get("v") or "#N/A"
    if "f" in parts and not parts.get("v") and cell.get("t") in (None, "n"):
        return _NOT_COMPUTED
    return ""


_NOT_COMPUTED = "#N/A"  # a program wrote the formula, and no spreadsheet has opened the file since


def _path_of(package: zipfile.ZipFile, sheet: str) -> str | None:
    safe = etree.XMLParser(resolve_entities=False, no_network=True)
    book = etree.fromstring(package.read("xl/workbook.xml"), safe)
    told = etree.fromstring(package.read("xl/_rels/workbook.xml.rels"), safe)
    targets = {one.get("Id"): one.get("Target") or "" for one in told}
    for one in book.iter(f"{_MAIN}sheet", f"{_STRICT}sheet"):
        if one.get("name") == sheet:
            target = next((targets.get(v, "") for k, v in one.attrib.items() if _ID.search(str(k))), "")
            return target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return None


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1
