"""By what messages leave, by the settings: a mail server, an HTTP gateway, or the sandbox, which keeps them.

Without settings everything goes to the sandbox: pages and `qafila rounds notices` show what would have been sent.
"""

from __future__ import annotations

from typing import Protocol
from urllib.parse import urlsplit

from qafila.delivery.notices import Notice
from qafila.runtime.settings import settings


class Sender(Protocol):
    """Sends messages of a channel."""

    def send(self, notice: Notice) -> None:
        """Sends one. Raises unsent.NotSent."""


class Sandbox:
    """Sends nothing: the message stays where it is written, to be looked at."""

    def send(self, notice: Notice) -> None:
        """Nothing to do."""


def sender(channel: str) -> Sender:
    """What sends messages of a channel, by the settings."""
    from qafila.delivery.gateways import CloudApi, Gateway, Twilio
    from qafila.delivery.mail import Smtp

    here = settings()
    if channel == "email" and here.smtp:
        return Smtp(here.smtp, here.mail_from)
    address = {"sms": here.sms_gateway, "whatsapp": here.whatsapp_gateway}.get(channel)
    if not address:
        return Sandbox()
    kind = urlsplit(address).scheme.partition("+")[0]
    if kind == "twilio":
        return Twilio(address)
    return CloudApi(address) if kind == "cloudapi" else Gateway(address, here.gateway_token)
