"""E-mail by a mail server."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formataddr
from urllib.parse import unquote, urlsplit

from qafila.delivery.notices import Notice
from qafila.delivery.unsent import NotSent

_PATIENCE = 20.0


class Smtp:
    """`smtp://user:password@host:587` (STARTTLS where it is offered; a password never goes without), `smtps://` for TLS from
    the start. Certificates are checked against those that the machine trusts (or `SSL_CERT_FILE`)."""

    def __init__(self, address: str, sender: str) -> None:
        self._at, self._sender = urlsplit(address), sender

    def send(self, notice: Notice) -> None:
        """Sends an e-mail that ends all messages by one click (RFC 8058).

        Raises:
            NotSent: permanent where the server says that the address is none (5xx to the recipient or the letter).
        """
        try:
            letter = self._letter(notice)
        except ValueError as wrong:  # an address with a line break in it, or several
            raise NotSent(str(wrong), permanent=True) from wrong
        try:
            with self._line() as line:
                line.send_message(letter)
        except smtplib.SMTPRecipientsRefused as refused:
            code, said = next(iter(refused.recipients.values()))
            raise NotSent(f"{code} {_text(said)}", permanent=code >= 500) from refused
        except smtplib.SMTPAuthenticationError as failure:  # ours to mend, not the buyer's
            raise NotSent(f"{failure.smtp_code} {_text(failure.smtp_error)}") from failure
        except smtplib.SMTPResponseException as failure:
            permanent = isinstance(failure, smtplib.SMTPDataError) and failure.smtp_code >= 500
            raise NotSent(f"{failure.smtp_code} {_text(failure.smtp_error)}", permanent) from failure
        except (OSError, smtplib.SMTPException, ValueError) as failure:
            raise NotSent(f"{type(failure).__name__}: {failure}") from failure

    def _letter(self, notice: Notice) -> EmailMessage:
        letter = EmailMessage()
        letter["Subject"], letter["To"] = notice.subject, notice.address
        if len(letter["To"].addresses) != 1:
            raise ValueError("it is not one address")  # a comma in it would send the letter to others, too
        letter["From"] = formataddr(("qafila", self._sender))
        # the same each time it is tried: who gets it twice sees one
        letter["Message-ID"] = f"<{notice.id}@{self._sender.rpartition('@')[2] or 'localhost'}>"
        if notice.stop:
            letter["List-Unsubscribe"] = f"<{notice.stop}>"
            letter["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        letter["Auto-Submitted"] = "auto-generated"
        letter.set_content(notice.body)
        letter["Content-Language"] = notice.language  # after the content, which takes such headers away
        return letter

    def _line(self) -> smtplib.SMTP:
        host, safe = self._at.hostname or "localhost", ssl.create_default_context()
        if self._at.scheme == "smtps":
            line: smtplib.SMTP = smtplib.SMTP_SSL(host, self._at.port or 465, timeout=_PATIENCE, context=safe)
        else:
            line = smtplib.SMTP(host, self._at.port or 587, timeout=_PATIENCE)
            try:
                self._begin(line, safe)
            except BaseException:
                line.close()
                raise
        if self._at.username:
            line.login(unquote(self._at.username), unquote(self._at.password or ""))
        return line

    def _begin(self, line: smtplib.SMTP, safe: ssl.SSLContext) -> None:
        line.ehlo()
        if line.has_extn("starttls"):
            line.starttls(context=safe)
            line.ehlo()
        elif self._at.username:
            raise NotSent("the server offers no STARTTLS, and a password is not sent without it")


def _text(said: bytes | str) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else said
