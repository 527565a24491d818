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
    if b't="e"' not in content and b"t='e'" not in content:
        return {}
    found: dict[tuple[int, int], str] = {}
    tags = (f"{_MAIN}c", f"{_STRICT}c")
    for _, cell in etree.iterparse(BytesIO(content), tag=tags, resolve_entities=False, no_network=True):
        place = _PLACE.fullmatch(cell.get("r", ""))
        if cell.get("t") == "e" and place:
            word = next((child.text for child in cell if child.tag.endswith("}v")), None)
            found[int(place[2]) - 1, _column(place[1])] = word or "#N/A"
        cell.clear()
    return found


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
