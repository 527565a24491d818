"""SMS and WhatsApp by HTTP: our own plain interface, Twilio's Messages API, Meta's WhatsApp Cloud API.

What a gateway answers is temporary (429, 5xx, no connection: tried again later and later) or permanent (any other 4xx).
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import SplitResult, parse_qs, quote, unquote, urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

import orjson

from qafila.delivery.notices import Notice
from qafila.delivery.unsent import NotSent

_PATIENCE = 20.0
_LONGEST = 100_000  # bytes of an answer that are read


class Gateway:
    """A gateway that takes JSON: `{"to", "text", "channel", "language", "reference"}`, a token as bearer, and the message's
    own id as idempotency key. 410 says that who has the number wants no messages."""

    def __init__(self, address: str, token: str | None) -> None:
        self._address, self._token = address, token

    def send(self, notice: Notice) -> None:
        """Hands a message over. Raises NotSent."""
        told = {
            "to": dialled(notice.address),
            "text": notice.body,
            "channel": notice.channel,
            "language": notice.language,
            "reference": notice.id,
        }
        headers = {"content-type": "application/json", "idempotency-key": notice.id}
        if self._token:
            headers["authorization"] = f"Bearer {self._token}"
        _post(self._address, orjson.dumps(told), headers, lambda status, said: status == 410)


class Twilio:
    """Twilio's Messages API (2010-04-01), for SMS and WhatsApp: `twilio://SID:TOKEN@api.twilio.com?from=+212…`."""

    _STOPPED = 21610  # "attempt to send to unsubscribed recipient"

    def __init__(self, address: str) -> None:
        self._at = urlsplit(address)
        self._sid, self._token = unquote(self._at.username or ""), unquote(self._at.password or "")
        self._from = _asked(self._at, "from")

    def send(self, notice: Notice) -> None:
        """Hands a message over. Raises NotSent."""
        kind = "whatsapp:" if notice.channel == "whatsapp" else ""
        to = kind + dialled(notice.address)
        body = urlencode({"To": to, "From": kind + self._from, "Body": notice.body}).encode()
        known = base64.b64encode(f"{self._sid}:{self._token}".encode()).decode()
        headers = {"content-type": "application/x-www-form-urlencoded", "authorization": f"Basic {known}"}
        path = f"/2010-04-01/Accounts/{quote(self._sid)}/Messages.json"
        _post(_http(self._at) + path, body, headers, lambda status, said: said.get("code") == self._STOPPED)


class CloudApi:
    """Meta's WhatsApp Cloud API: `cloudapi://PHONE_NUMBER_ID:TOKEN@graph.facebook.com/v21.0?templates=qafila`.

    Who writes first must use templates that Meta has approved: one for each kind of message and language, called
    `PREFIX_KIND`, with the values of our own words as {{1}}, {{2}} … (`qafila rounds templates` writes them).
    """

    _LATER = frozenset({1, 2, 4, 80007, 130429, 131000, 131016, 131048, 131056, 133004})
    """Codes that say: too much, too busy, try again."""
    _STOPPED = frozenset({131050})  # "the recipient has chosen to stop"

    def __init__(self, address: str) -> None:
        self._at = urlsplit(address)
        self._number, self._token = unquote(self._at.username or ""), unquote(self._at.password or "")
        self._prefix = _asked(self._at, "templates") or "qafila"

    def send(self, notice: Notice) -> None:
        """Hands a message over. Raises NotSent."""
        told = {
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            "to": dialled(notice.address),
            "type": "template",
            "template": {
                "name": f"{self._prefix}_{notice.kind}",
                "language": {"code": LOCALES[notice.language]},
                "components": [
                    {"type": "body", "parameters": [{"type": "text", "text": said} for said in notice.said]}
                ],
            },
        }
        address = f"{_http(self._at)}{self._at.path.rstrip('/')}/{quote(self._number)}/messages"
        headers = {"content-type": "application/json", "authorization": f"Bearer {self._token}"}
        _post(
            address,
            orjson.dumps(told),
            headers,
            lambda status, said: _code(said) in self._STOPPED,
            lambda status, said: _code(said) in self._LATER,
        )


LOCALES = {"en": "en", "fr": "fr", "ar": "ar", "zh": "zh_CN"}
"""What Meta calls our languages."""


def dialled(phone: str) -> str:
    """A number as it is dialled from anywhere: digits after a plus. Raises NotSent where it is none."""
    digits = re.sub(r"[\s().\u200e\u200f/-]", "", phone)
    digits = "+" + digits[2:] if digits.startswith("00") else digits
    if not re.fullmatch(r"\+[1-9]\d{6,14}", digits):
        raise NotSent(f"{phone[:30]} is no number with its country in front", permanent=True)
    return digits


def _asked(at: SplitResult, name: str) -> str:
    found = parse_qs(at.query.replace("+", "%2B")).get(name, [""])
    return found[0]


def _http(at: SplitResult) -> str:
    scheme = at.scheme.partition("+")[2] or "https"  # twilio+http://: a server of one's own
    return f"{scheme}://{at.hostname}{f':{at.port}' if at.port else ''}"


def _code(said: Mapping[str, Any]) -> int:
    error = said.get("error")
    found = error.get("code") if isinstance(error, dict) else None
    return found if isinstance(found, int) else 0


class _NoRedirects(HTTPRedirectHandler):
    """Keys and numbers go to the address that was set, and nowhere else."""

    def redirect_request(self, *_: Any) -> None:
        return None


_OPENER = build_opener(_NoRedirects)


def _post(address: str, body: bytes, headers: Mapping[str, str], stopped: Any, later: Any = None) -> None:
    try:
        with _OPENER.open(Request(address, body, dict(headers), method="POST"), timeout=_PATIENCE) as answer:
            answer.read(_LONGEST)
    except HTTPError as refused:
        with refused:
            said = _read(refused.read(_LONGEST))
        again = refused.code in (408, 425, 429) or refused.code >= 500 or refused.code in (401, 403)
        if later is not None and later(refused.code, said):
            again = True
        told = said.get("message") or (said.get("error") or {}).get("message") if said else ""
        raise NotSent(
            f"{refused.code} {told or refused.reason}"[:300], not again, stopped(refused.code, said)
        ) from refused
    except (URLError, OSError, ValueError) as failure:
        raise NotSent(f"{type(failure).__name__}: {failure}") from failure


def _read(body: bytes) -> dict[str, Any]:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    if not isinstance(found, dict):
        return {}
    if not isinstance(found.get("error", {}), dict):
        return {name: v for name, v in found.items() if name != "error"}
    return found
