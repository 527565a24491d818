"""Lockers of a maker that answers over HTTP, by our own small interface (docs/delivery.md): a code is told, taken back, a door opened.

`POST ADDRESS/FACILITY/COMPARTMENT/code {"code": "123456"}`, `DELETE …/code`, `POST …/open`; the token goes as bearer, to
the address that was set and nowhere else. Any 2xx is done; 404 and 409 are the locker's own no; the rest is tried again by hand.
"""

from __future__ import annotations

from http.client import HTTPException
from urllib.error import HTTPError, URLError
from urllib.parse import quote, unquote, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

import orjson

from qafila.core.fault import Conflict
from qafila.delivery import delivery_messages as m

_PATIENCE = 8.0


class LockerAway(Conflict):
    """A locker does not answer, or says no."""

    kind = "not-possible"


class HttpLocker:
    """A maker's lockers at an address: `https://:TOKEN@host/path`."""

    def __init__(self, address: str) -> None:
        at = urlsplit(address)
        self._token = unquote(at.password or "")
        self._base = f"{at.scheme}://{at.hostname}{f':{at.port}' if at.port else ''}{at.path.rstrip('/')}"

    def assign(self, facility: str, compartment: str, code: str) -> None:
        """Tells the locker a compartment's code. Raises LockerAway."""
        self._ask("POST", facility, compartment, "code", {"code": code})

    def clear(self, facility: str, compartment: str) -> None:
        """Takes the code of a compartment back. Raises LockerAway."""
        self._ask("DELETE", facility, compartment, "code")

    def open(self, facility: str, compartment: str) -> None:
        """Unlocks a compartment. Raises LockerAway."""
        self._ask("POST", facility, compartment, "open", {})

    def _ask(
        self, method: str, facility: str, compartment: str, what: str, told: dict[str, str] | None = None
    ) -> None:
        address = f"{self._base}/{quote(facility, safe='')}/{quote(compartment, safe='')}/{what}"
        headers = {"content-type": "application/json"}
        if self._token:
            headers["authorization"] = f"Bearer {self._token}"
        body = None if told is None else orjson.dumps(told)
        try:
            with _OPENER.open(Request(address, body, headers, method=method), timeout=_PATIENCE) as answer:
                answer.read(1000)
        except HTTPError as refused:
            with refused:
                why = f"{refused.code} {refused.reason}"
            raise away(facility, compartment, why) from refused
        except (HTTPException, URLError, OSError, ValueError) as failure:
            raise away(facility, compartment, type(failure).__name__) from failure


def away(facility: str, compartment: str, why: str) -> LockerAway:
    """What people are told of a locker that does not do what it is asked."""
    return LockerAway(
        m.LOCKER_AWAY(point=facility[:60], compartment=compartment[:40], why=why[:100]),
        m.LOCKER_AGAIN(),
        field="compartment",
        value=compartment[:40],
    )


class _NoRedirects(HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


_OPENER = build_opener(_NoRedirects)
