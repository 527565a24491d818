"""Messages to servers that run: a mail server with TLS, STARTTLS and passwords; gateways that answer as theirs are documented to."""

from __future__ import annotations

import base64
import ipaddress
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs

import orjson
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from qafila.delivery import delivery_messages, delivery_sweeping, notices, senders
from qafila.delivery.gateways import CloudApi, Gateway, Twilio, dialled
from qafila.delivery.mail import Smtp
from qafila.delivery.notices import Notice
from qafila.delivery.phones import international
from qafila.delivery.senders import Sandbox
from qafila.delivery.unsent import NotSent
from qafila.ledger import parties
from qafila.ledger.parties import Party
from qafila.runtime.database import administrator
from qafila.runtime.language import LANGUAGES
from tests.delivery.stations import Station

STOP = "https://hub.example/ar/d/abc/stop"
LETTER = Notice(
    "ntc_1", "RX1", "out", "email", "amal@shop.example", "ar", "طردك", "السائق في الطريق\nhttps://x", STOP, 0
)
SMS = Notice(
    "ntc_2", "RX1", "out", "sms", "+212 6 61-00.00.00", "fr", "", "Votre colis", STOP, 0, ("RX1", "10:00")
)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for localhost with its key, in one file, which is its own authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(
            x509.SubjectAlternativeName(
                [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
            ),
            False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "localhost.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return file


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@dataclass
class Post:
    """What a mail server does with letters."""

    refuse: str = ""  # an answer to the recipient, such as "550 no such user"
    letters: list[EmailMessage] = field(default_factory=list)
    tls: list[bool] = field(default_factory=list)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, _: Any) -> str:
        if self.refuse:
            return self.refuse
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        found = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(found, EmailMessage)
        self.letters.append(found)
        self.tls.append(session.ssl is not None)
        return "250 OK"


def _known(server: Any, session: Any, envelope: Any, mechanism: str, given: Any) -> AuthResult:
    return AuthResult(success=(given.login, given.password) == (b"hub", b"p@ss:w/rd"))


@contextmanager
def post_office(post: Post, **how: Any) -> Iterator[int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    made = Controller(post, hostname="127.0.0.1", port=port, ready_timeout=30, **how)
    made.start()
    try:
        yield port
    finally:
        made.stop()


def refused(sender: Any, notice: Notice) -> NotSent:
    with pytest.raises(NotSent) as caught:
        sender.send(notice)
    return caught.value


def test_a_letter_by_starttls_with_a_password_ends_all_by_one_click(trusted: ssl.SSLContext) -> None:
    post = Post()
    with post_office(
        post, tls_context=trusted, require_starttls=True, authenticator=_known, auth_required=True
    ) as port:
        sender = Smtp(f"smtp://hub:p%40ss%3Aw%2Frd@localhost:{port}", "parcels@hub.example")
        sender.send(LETTER)
        wrong = refused(Smtp(f"smtp://hub:no@localhost:{port}", "parcels@hub.example"), LETTER)
    assert not wrong.permanent  # ours to mend; the letter waits
    (letter,) = post.letters
    assert post.tls == [True]
    assert letter["Subject"] == "طردك"
    assert "السائق" in letter.get_content()
    assert letter["List-Unsubscribe"] == f"<{STOP}>"
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert letter["Message-ID"] == "<ntc_1@hub.example>"
    assert letter["Content-Language"] == "ar"


def test_a_letter_by_tls_from_the_start(trusted: ssl.SSLContext) -> None:
    post = Post()
    with post_office(post, ssl_context=trusted) as port:
        Smtp(f"smtps://localhost:{port}", "parcels@hub.example").send(LETTER)
    assert len(post.letters) == 1


def test_a_certificate_that_nobody_trusts_gets_no_letter(
    trusted: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    post = Post()
    with post_office(post, ssl_context=trusted) as port:
        failure = refused(Smtp(f"smtps://localhost:{port}", "parcels@hub.example"), LETTER)
    assert "certificate" in str(failure).lower()
    assert not failure.permanent
    assert not post.letters


def test_a_password_never_goes_in_the_clear() -> None:
    post = Post()
    with post_office(post, authenticator=_known, auth_require_tls=False) as port:
        failure = refused(Smtp(f"smtp://hub:secret@127.0.0.1:{port}", "parcels@hub.example"), LETTER)
        Smtp(f"smtp://127.0.0.1:{port}", "parcels@hub.example").send(LETTER)  # without one it may
    assert "STARTTLS" in str(failure)
    assert len(post.letters) == 1


@pytest.mark.parametrize(
    ("answer", "permanent"),
    [("550 5.1.1 no such user", True), ("450 4.2.1 try later", False), ("552 5.2.2 mailbox full", True)],
)
def test_what_the_server_says_of_an_address_is_for_good_or_for_now(answer: str, permanent: bool) -> None:
    post = Post(answer)
    with post_office(post) as port:
        failure = refused(Smtp(f"smtp://127.0.0.1:{port}", "parcels@hub.example"), LETTER)
    assert failure.permanent is permanent
    assert answer[:3] in str(failure)


def test_nobody_there_is_for_now() -> None:
    assert not refused(Smtp("smtp://127.0.0.1:9", "a@b.example"), LETTER).permanent
    assert not refused(Gateway("http://127.0.0.1:9/", None), SMS).permanent


@dataclass
class Asked:
    """A request that a gateway got."""

    path: str
    headers: dict[str, str]
    body: bytes


class Office:
    """An HTTP gateway that answers what it is told to, one after the other; the last answer stays."""

    def __init__(self, *answers: tuple[int, Any]) -> None:
        self.asked: list[Asked] = []
        pending = list(answers)
        asked = self.asked

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                asked.append(Asked(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
                status, said = pending.pop(0) if len(pending) > 1 else pending[0]
                self.send_response(status)
                if status == 302:
                    self.send_header("location", "http://127.0.0.1:9/")
                self.end_headers()
                self.wfile.write(orjson.dumps(said))

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]

    def __enter__(self) -> Office:
        Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def test_our_own_interface_by_json() -> None:
    with Office((202, {})) as office:
        Gateway(f"http://127.0.0.1:{office.port}/send", "t0ken").send(SMS)
    (asked,) = office.asked
    assert (asked.path, asked.headers["authorization"], asked.headers["idempotency-key"]) == (
        "/send",
        "Bearer t0ken",
        "ntc_2",
    )
    assert orjson.loads(asked.body) == {
        "to": "+212661000000",
        "text": "Votre colis",
        "channel": "sms",
        "language": "fr",
        "reference": "ntc_2",
    }


@pytest.mark.parametrize(
    ("status", "permanent", "stopped"),
    [
        (400, True, False),
        (410, True, True),
        (429, False, False),
        (503, False, False),
        (401, False, False),
        (302, True, False),
    ],
)
def test_what_our_own_interface_refuses(status: int, permanent: bool, stopped: bool) -> None:
    with Office((status, {"message": "why"})) as office:
        failure = refused(Gateway(f"http://127.0.0.1:{office.port}/", None), SMS)
    assert (failure.permanent, failure.stopped) == (permanent, stopped)
    assert len(office.asked) == 1  # a redirect is not followed


def test_twilio_by_its_messages_api() -> None:
    with Office(
        (201, {"sid": "SM1"}),
        (400, {"code": 21610, "message": "unsubscribed", "status": 400}),
        (429, {"code": 20429, "message": "Too Many Requests", "status": 429}),
        (400, {"code": 21211, "message": "invalid 'To'", "status": 400}),
    ) as office:
        sender = Twilio(f"twilio+http://AC1:t%3Aok@127.0.0.1:{office.port}?from=+15550001")
        sender.send(SMS)
        stopped, later, wrong = (refused(sender, SMS) for _ in range(3))
    first = office.asked[0]
    assert first.path == "/2010-04-01/Accounts/AC1/Messages.json"
    assert base64.b64decode(first.headers["authorization"].removeprefix("Basic ")) == b"AC1:t:ok"
    assert parse_qs(first.body.decode()) == {
        "To": ["+212661000000"],
        "From": ["+15550001"],
        "Body": ["Votre colis"],
    }
    assert (stopped.stopped, stopped.permanent) == (True, True)
    assert not later.permanent
    assert (wrong.permanent, wrong.stopped) == (True, False)


def test_whatsapp_by_metas_cloud_api_with_an_approved_template() -> None:
    error = {"message": "(#131026) Message undeliverable", "type": "OAuthException", "code": 131026}
    with Office(
        (200, {"messaging_product": "whatsapp", "messages": [{"id": "wamid.1"}]}),
        (400, {"error": error}),
        (400, {"error": error | {"code": 130429}}),
        (400, {"error": error | {"code": 131050}}),
        (400, {"error": "odd"}),
    ) as office:
        sender = CloudApi(f"cloudapi+http://1234:tok@127.0.0.1:{office.port}/v21.0?templates=souk")
        sender.send(SMS)
        gone, later, stopped, odd = (refused(sender, SMS) for _ in range(4))
    first = office.asked[0]
    assert (first.path, first.headers["authorization"]) == ("/v21.0/1234/messages", "Bearer tok")
    assert orjson.loads(first.body) == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": "+212661000000",
        "type": "template",
        "template": {
            "name": "souk_out",
            "language": {"code": "fr"},
            "components": [
                {
                    "type": "body",
                    "parameters": [{"type": "text", "text": "RX1"}, {"type": "text", "text": "10:00"}],
                }
            ],
        },
    }
    assert (gone.permanent, later.permanent, stopped.stopped, odd.permanent) == (True, False, True, True)


@pytest.mark.parametrize("written", ["+212661000000", "00212 661 00 00 00", "(+212) 661-000-000"])
def test_a_number_is_dialled_from_anywhere(written: str) -> None:
    assert dialled(written) == "+212661000000"


@pytest.mark.parametrize("written", ["0661000000", "+0661", "amal", "", "+212661000000;+33100000000"])
def test_a_number_without_its_country_is_none(written: str) -> None:
    with pytest.raises(NotSent, match="country") as caught:
        dialled(written)
    assert caught.value.permanent


@pytest.mark.parametrize(
    ("written", "country", "dialled_as"),
    [
        ("06 61 23 45 67", "MA", "+212661234567"),
        ("0661234567", "MA", "+212661234567"),
        ("00212661234567", "MA", "+212661234567"),
        ("٠٦٦١٢٣٤٥٦٧", "MA", "+212661234567"),
        ("06 12 34 56 78", "FR", "+33612345678"),
        ("138 0013 8000", "CN", "+8613800138000"),
        ("+33612345678", "MA", "+33612345678"),
        ("12", "MA", "12"),
        ("call me", "MA", "call me"),
        ("", "MA", ""),
    ],
)
def test_a_number_is_read_by_the_country_of_whoever_has_it(
    written: str, country: str, dialled_as: str
) -> None:
    assert international(written, country) == dialled_as


def test_templates_for_approval_have_the_same_numbers_in_each_language() -> None:
    for kind, (_, body) in delivery_messages.NOTICES.items():
        wanted = [f"{{{{{n + 1}}}}}" for n in range(len(body.names))]
        for language in LANGUAGES.values():
            said = notices.numbered(kind, language)
            assert all(said.count(one) >= 1 for one in wanted), (kind, language.code, said)
            assert "{" not in said.replace("{{", "").replace("}}", "")


@pytest.fixture(scope="module")
def station() -> Station:
    return Station()


def states(parcel: str) -> dict[str, tuple[str, int]]:
    with administrator() as connection:
        rows = connection.exec_driver_sql(
            "SELECT channel || ':' || kind AS what, state, tries FROM notices WHERE parcel = %s", (parcel,)
        ).all()
    return {r.what: (r.state, r.tries) for r in rows}


def test_a_gateway_that_fails_is_tried_later_and_one_that_refuses_for_good_is_not(
    station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    delivery_sweeping.deliver_notices(station.context)  # what other tests left
    number = station.out()
    with Office((503, {}), (202, {}), (202, {})) as office:
        gateway = Gateway(f"http://127.0.0.1:{office.port}/", None)
        monkeypatch.setattr(senders, "sender", lambda channel: gateway if channel == "sms" else Sandbox())
        delivery_sweeping.deliver_notices(station.context)
        waiting = [what for what, (state, _) in states(number).items() if state == "waiting"]
        delivery_sweeping.deliver_notices(station.context)  # not before its time
        assert [what for what, (state, _) in states(number).items() if state == "waiting"] == waiting
        station.now += timedelta(minutes=6)
        delivery_sweeping.deliver_notices(station.context)
    assert len(waiting) == 1
    assert states(number)[waiting[0]] == ("sent", 2)
    assert {state for state, _ in states(number).values()} == {"sent"}
    other = station.out()
    with Office((410, {})) as office:
        gateway = Gateway(f"http://127.0.0.1:{office.port}/", None)
        delivery_sweeping.deliver_notices(station.context)
    told = {what: row for what, row in states(other).items() if what.startswith("sms:")}
    assert {state for state, _ in told.values()} <= {"failed", "stopped"}
    assert {tries for state, tries in told.values() if state == "failed"} == {1}
    third = station.out()  # the same buyer's number: it is told nothing any more
    assert not [what for what in states(third) if what.startswith("sms:")]
    with administrator() as connection:  # every test's buyer has the same number
        connection.exec_driver_sql("DELETE FROM notice_stops")


def test_a_merchant_is_written_to_of_a_promise_that_was_paid_for(station: Station) -> None:
    from qafila.ledger import promises
    from qafila.ledger.ledger_following import PROMISES
    from qafila.runtime.events.advancing import advance

    advance(PROMISES)
    number = station.out()
    with administrator() as connection:
        parties.put(
            connection, station.merchant, Party("Souk SARL", "FR", email="compta@souk.example"), "test"
        )
        connection.exec_driver_sql(
            "UPDATE bookings SET promise_by = %s WHERE (merchant_id, booking_id) IN (SELECT s.merchant_id, s.booking_id "
            "FROM shipments s JOIN parcels p USING (merchant_id, shipment_id) WHERE p.number = %s)",
            (station.now - timedelta(days=1), number),
        )
    station.do("deliver", parcel=number, photo=base64.b64encode(b"\xff\xd8\xff" + b"0" * 9).decode())
    while advance(PROMISES):
        pass
    (paid,) = [p for p in promises.settle(station.context) if p.parcel == number]
    for _ in range(2):
        with administrator() as connection:
            notices.tell_merchants(connection, station.now)
    with administrator() as connection:
        (told,) = [n for n in notices.of_parcel(connection, number) if n["kind"] == "promise"]
    assert (told["address"], told["language"]) == ("compta@souk.example", "fr")
    assert number in str(told["subject"])
    assert str(paid.money.amount).replace(".", ",") in str(told["body"])


@pytest.mark.parametrize(
    "address", ["a@x.example, b@y.example", "all: a@x.example, b@y.example;", "a@x.example\nBcc: b@y.example"]
)
def test_a_letter_goes_to_one_address(address: str) -> None:
    with pytest.raises(NotSent) as refused:
        Smtp("smtp://127.0.0.1:9", "hub@qafila.example").send(replace(LETTER, address=address))
    assert refused.value.permanent
