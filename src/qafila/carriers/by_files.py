"""A carrier that exchanges files: parcels as JSON in `asked/`, labels in `labels/`, events as EPCIS 2.0 in `events/`.

The folder may be a share, or one that `sftp` or `rclone` brings up to date. Files of events are read in the order of their
names, and the position is the last name that was read.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from qafila.carriers.adapter import Consignment, Label, Line, NotReached, NotTaken, Taken, Told
from qafila.tracking.event import ParcelEvent
from qafila.tracking.upu_codes import type_of_epcis

_KINDS = {".pdf": "application/pdf", ".png": "image/png", ".zpl": "application/zpl"}
_MOST = 20 << 20  # bytes of one file
_AT_ONCE = 100  # files of events


class ByFiles:
    """A line to a folder. Raises NotReached where it is not there."""

    def __init__(self, line: Line) -> None:
        self._folder = Path(line.address)

    def consign(self, one: Consignment) -> Taken:
        """Writes `asked/PARCEL.json`; where the carrier wrote `refused/PARCEL.txt`, it is not taken."""
        refused = self._there("refused") / f"{one.parcel}.txt"
        if refused.is_file():
            raise NotTaken(
                refused.read_text(encoding="utf-8", errors="replace")[:500].strip() or "no reason was given"
            )
        told = {
            "parcel": one.parcel,
            "service": one.service,
            "day": one.day,
            "from": one.origin,
            "to": one.destination,
            "board_by": one.board_by.isoformat(),
            "grams": one.grams,
            "receiver": dict(one.to) or None,
        }
        self._write("asked", f"{one.parcel}.json", json.dumps(told, ensure_ascii=False, indent=1).encode())
        return Taken(one.parcel, self.label(one.parcel, one.parcel))

    def withdraw(self, parcel: str, reference: str) -> None:
        """Writes `withdrawn/PARCEL`."""
        self._write("withdrawn", parcel, b"")

    def label(self, parcel: str, reference: str) -> Label | None:
        """`labels/PARCEL.pdf`, `.png` or `.zpl`, once it is there."""
        for end, kind in _KINDS.items():
            path = self._there("labels") / f"{parcel}{end}"
            if path.is_file():
                return Label(kind, self._read(path))
        return None

    def events(self, after: str) -> tuple[Sequence[Told], str]:
        """The EPCIS documents whose names come behind `after`."""
        folder = self._there("events")
        names = sorted(p.name for p in folder.glob("*.json*") if p.name > after and p.is_file())[:_AT_ONCE]
        found: list[Told] = []
        for name in names:
            try:
                found += _told(json.loads(self._read(folder / name)))
            except (ValueError, RecursionError, TypeError, AttributeError, KeyError) as wrong:
                raise NotReached(
                    f"events/{name} is no EPCIS document that can be read: {wrong!r}"[:300]
                ) from None
        return found, names[-1] if names else after

    def _there(self, name: str) -> Path:
        if not self._folder.is_dir():
            raise NotReached(f"{self._folder} is no folder")
        made = self._folder / name
        made.mkdir(exist_ok=True)
        return made

    def _write(self, folder: str, name: str, content: bytes) -> None:
        path = self._there(folder) / name
        try:
            fresh = path.with_name(f".{name}.new")  # never half a file under its name
            fresh.write_bytes(content)
            os.replace(fresh, path)
        except OSError as failure:
            raise NotReached(str(failure)) from None

    def _read(self, path: Path) -> bytes:
        try:
            with path.open("rb") as file:
                content = file.read(_MOST + 1)
        except OSError as failure:
            raise NotReached(str(failure)) from None
        if len(content) > _MOST:
            raise NotReached(f"{path.name} is larger than {_MOST >> 20} MB")
        return content


def _told(document: Any) -> Iterator[Told]:
    """What an EPCIS document says of parcels: of object events each EPC, with what step and disposition mean."""
    body = document["epcisBody"]
    for event in body.get("eventList", [body["event"]] if "event" in body else []):
        if event["type"] != "ObjectEvent" or "errorDeclaration" in event:
            continue
        step, disposition = (_word(event.get(name)) for name in ("bizStep", "disposition"))
        type = type_of_epcis(step, disposition) or ParcelEvent.NOTED.value
        time = datetime.fromisoformat(event["eventTime"])
        where = (event.get("bizLocation") or event.get("readPoint") or {}).get("id")
        for epc in event.get("epcList", []):
            number = str(epc).replace("/", ":").split(":")[-1]
            facility = None if where is None else str(where).replace("/", ":").split(":")[-1]
            yield Told(
                number[:100], type, time, facility, details={"epcis": str(event.get("eventID", ""))[:200]}
            )


def _word(said: Any) -> str:
    """The bare word of a step: `BizStep-arriving`, `cbv:BizStep-arriving` and `arriving` are the same."""
    return (
        str(said or "").rsplit(":", 1)[-1].rsplit("/", 1)[-1].removeprefix("BizStep-").removeprefix("Disp-")
    )
