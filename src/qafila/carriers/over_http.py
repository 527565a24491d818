"""A carrier that speaks JSON over HTTP: `POST /consignments`, `DELETE /consignments/PARCEL`, `GET …/label`, `GET /events`.

docs/carriers.md has the four requests word by word; the secret goes as a bearer token.
"""

from __future__ import annotations

import base64
import binascii
import http.client
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from qafila.carriers.adapter import Consignment, Label, Line, NotReached, NotTaken, Taken, Told
from qafila.runtime.outgoing import Answer, Manners, Refused, request

_MOST = 4 << 20
KINDS = ("application/pdf", "image/png", "application/zpl")


class OverHttp:
    """A line to a system of that kind."""

    def __init__(self, line: Line) -> None:
        self._line = line

    def consign(self, one: Consignment) -> Taken:
        """Gives a parcel to the carrier."""
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
        answer = self._ask("POST", "/consignments", told)
        said = _read(answer)
        if answer.status in (400, 409, 422):
            raise NotTaken(str(said.get("reason") or f"it answered {answer.status}")[:500])
        _good(answer)
        reference = said.get("reference")
        if not isinstance(reference, str) or not 0 < len(reference) <= 100:
            raise NotReached("its answer has no reference")
        return Taken(reference, _label(said["label"]) if said.get("label") else None)

    def withdraw(self, parcel: str, reference: str) -> None:
        """Takes it back."""
        answer = self._ask("DELETE", f"/consignments/{quote(parcel, safe='')}")
        if answer.status != 404:
            _good(answer)

    def label(self, parcel: str, reference: str) -> Label | None:
        """The label, where there is one by now."""
        answer = self._ask("GET", f"/consignments/{quote(parcel, safe='')}/label")
        if answer.status == 404:
            return None
        _good(answer)
        return _label(_read(answer))

    def events(self, after: str) -> tuple[Sequence[Told], str]:
        """What happened since."""
        answer = self._ask("GET", f"/events?after={quote(after, safe='')}")
        _good(answer)
        said = _read(answer)
        try:
            found = [
                Told(
                    str(one["parcel"])[:100],
                    str(one["type"])[:80],
                    datetime.fromisoformat(str(one["time"])),
                    None if one.get("facility") is None else str(one["facility"])[:80],
                    None if one.get("id") is None else str(one["id"])[:80],
                )
                for one in said["events"]
            ]
            return found, str(said["next"])[:200]
        except (KeyError, TypeError, ValueError, AttributeError) as wrong:
            raise NotReached(f"its events cannot be read: {wrong!r}"[:300]) from None

    def _ask(self, method: str, path: str, told: dict[str, Any] | None = None) -> Answer:
        headers = {"accept": "application/json", "user-agent": "qafila-carriers/1"}
        if self._line.secret:
            headers["authorization"] = f"Bearer {self._line.secret}"
        body = None
        if told is not None:
            body, headers["content-type"] = json.dumps(told).encode(), "application/json"
        how = Manners(self._line.inside, most=_MOST)
        try:
            return request(method, self._line.address.rstrip("/") + path, body, headers, how)
        except (OSError, http.client.HTTPException, Refused, ValueError) as failure:
            raise NotReached(str(failure)[:300] or type(failure).__name__) from None


def _good(answer: Answer) -> None:
    if not 200 <= answer.status < 300:
        raise NotReached(f"it answered {answer.status}")


def _read(answer: Answer) -> dict[str, Any]:
    if not answer.body:
        return {}
    try:
        said = json.loads(answer.body)
    except (ValueError, RecursionError):
        raise NotReached(f"it answered {answer.status} with something that is no JSON") from None
    if not isinstance(said, dict):
        raise NotReached("its answer is no JSON object")
    return said


def _label(said: Any) -> Label:
    try:
        kind, content = said["kind"], base64.b64decode(said["content"], validate=True)
    except (KeyError, TypeError, ValueError, binascii.Error):
        raise NotReached("its label cannot be read") from None
    if kind not in KINDS or not content:
        raise NotReached(f"its label is of the kind {str(kind)[:40]}, and must be one of {', '.join(KINDS)}")
    return Label(kind, content)
