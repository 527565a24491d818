"""By what messages leave: SMTP for e-mail, a gateway's HTTP address for SMS and WhatsApp, or the sandbox, which keeps them.

Without settings everything goes to the sandbox: pages and `qafila rounds notices` show what would have been sent.
"""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formataddr, make_msgid
from typing import Protocol
from urllib.error import URLError
from urllib.parse import unquote, urlsplit
from urllib.request import Request, urlopen

import orjson

from qafila.delivery.notices import Notice
from qafila.runtime.settings import settings

_PATIENCE = 20.0


class NotSent(Exception):
    """A message did not leave; the text says why."""


class Sender(Protocol):
    """Sends messages of a channel. Raises NotSent."""

    def send(self, notice: Notice) -> None:
        """Sends one."""


class Sandbox:
    """Sends nothing: the message stays where it is written, to be looked at."""

    def send(self, notice: Notice) -> None:
        """Nothing to do."""


class Smtp:
    """E-mail by an SMTP server: `smtp://user:password@host:587` (STARTTLS where it is offered), `smtps://` for TLS from the start."""

    def __init__(self, address: str, sender: str) -> None:
        self._at, self._sender = urlsplit(address), sender

    def send(self, notice: Notice) -> None:
        """Sends an e-mail that ends all messages by one click (RFC 8058)."""
        letter = EmailMessage()
        try:
            letter["Subject"], letter["To"] = notice.subject, notice.address
            letter["From"] = formataddr(("qafila", self._sender))
            letter["Message-ID"] = make_msgid(notice.id, self._sender.rpartition("@")[2] or "localhost")
            letter["Content-Language"] = notice.language
            letter["List-Unsubscribe"] = f"<{notice.stop}>"
            letter["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
            letter["Auto-Submitted"] = "auto-generated"
            letter.set_content(notice.body)
            with self._line() as line:
                line.send_message(letter)
        except (OSError, smtplib.SMTPException, ValueError) as failure:
            raise NotSent(f"{type(failure).__name__}: {failure}") from failure

    def _line(self) -> smtplib.SMTP:
        host, safe = self._at.hostname or "localhost", ssl.create_default_context()
        if self._at.scheme == "smtps":
            line: smtplib.SMTP = smtplib.SMTP_SSL(host, self._at.port or 465, timeout=_PATIENCE, context=safe)
        else:
            line = smtplib.SMTP(host, self._at.port or 587, timeout=_PATIENCE)
            line.ehlo()
            if line.has_extn("starttls"):
                line.starttls(context=safe)
        if self._at.username:
            line.login(unquote(self._at.username), unquote(self._at.password or ""))
        return line


class Gateway:
    """SMS or WhatsApp by a gateway that takes JSON by HTTP: `{"to", "text", "channel", "reference"}`, a token as bearer."""

    def __init__(self, address: str, token: str | None) -> None:
        self._address, self._token = address, token

    def send(self, notice: Notice) -> None:
        """Hands a message over to the gateway."""
        told = {"to": notice.address, "text": notice.body, "channel": notice.channel, "reference": notice.id}
        headers = {"content-type": "application/json", "idempotency-key": notice.id}
        if self._token:
            headers["authorization"] = f"Bearer {self._token}"
        try:
            with urlopen(Request(self._address, orjson.dumps(told), headers), timeout=_PATIENCE) as answer:
                if answer.status >= 300:
                    raise NotSent(f"the gateway answered {answer.status}")
        except (URLError, OSError, ValueError) as failure:
            raise NotSent(f"{type(failure).__name__}: {failure}") from failure


def sender(channel: str) -> Sender:
    """What sends messages of a channel, by the settings."""
    here = settings()
    if channel == "email" and here.smtp:
        return Smtp(here.smtp, here.mail_from)
    address = {"sms": here.sms_gateway, "whatsapp": here.whatsapp_gateway}.get(channel)
    return Gateway(address, here.gateway_token) if address else Sandbox()
