"""What another network tells of a parcel comes back to its sender: signed, each event once, in order, whatever breaks."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from qafila.api.app import create_app
from qafila.context import Context
from qafila.core.fault import Conflict, Fault, NotFound
from qafila.floors import RIGHTS
from qafila.openness import auditing, openness_recording, sequencing
from qafila.openness.log.succession import written
from qafila.runtime.accounts import service
from qafila.runtime.database import Role, acting_as, administrator, merchant_transaction
from qafila.runtime.events.envelope import Reporter, Source, Subject
from qafila.runtime.events.store import history
from qafila.runtime.outgoing import Answer
from qafila.shipping import handing, merchants, partner_status, partners
from qafila.tracking.status import status
from qafila.tracking.tracking_recording import record
from qafila.tracking.tracking_report import Report
from tests.api.conftest import MONDAY, NETWORK, RULES
from tests.shipping.test_handing import LATER, Installation, arrived, booked, installations

Pair = tuple[Installation, Installation]
ADDRESS = "https://rif.example"


class Life:
    """A parcel that left Atlas for Rif, and both installations."""

    def __init__(self, pair: Pair) -> None:
        self.atlas, self.rif = pair
        with self.rif.here():
            self.there = str(openness_recording.keys().first)
        with self.atlas.here():
            self.own = str(openness_recording.keys().first)
            with administrator() as db:
                self.souk = merchants.create(db, "Souk").id
            here = Context(NETWORK, RULES, self.souk).at(MONDAY)
            self.number = booked(here)
            arrived(self.number, "LYS")
            self.sent = handing.hand_on(here.at(LATER), [self.number], "LYS", "rif.example/log")
            self.digest = self._digest()
        with self.at_rif():
            with administrator() as db:
                self.partner = merchants.create(db, "Atlas network").id
                _, secret = service.issue_key(db, RIGHTS, self.partner)
            client = TestClient(create_app(lambda: Context(NETWORK, RULES).at(LATER)))
            client.headers["authorization"] = f"Bearer {secret}"
            answer = client.post(
                "/handovers/received",
                json={
                    "document": self.sent.document.decode(),
                    "note": self.sent.note.decode(),
                    "facility": "LYS",
                },
            )
            assert answer.status_code == 201, answer.text
            self.reference = answer.json()["parcel"]

    def _digest(self) -> str:
        import hashlib

        return hashlib.sha256(self.sent.document).hexdigest()

    @contextmanager
    def at_atlas(self) -> Iterator[None]:
        with self.atlas.here(f"{self.there} {ADDRESS}"):
            yield

    @contextmanager
    def at_rif(self) -> Iterator[None]:
        with self.rif.here(self.own):
            yield

    def happens(self, type: str, at: datetime, facility: str | None = None) -> None:
        with self.at_rif(), acting_as(Role.OPERATOR) as db:
            source = Source(Reporter.OPERATOR.value, "local", "desk")
            (one,) = record(db, [Report(self.reference, type, at, source, facility=facility)], at)
            assert one.event is not None, one

    def served(self, method: str, url: str, body: bytes | None, now: datetime) -> Answer:
        """What Rif's server answers."""
        with self.at_rif():
            if url.endswith("/log/keys.json"):
                return Answer(200, {}, written(list(openness_recording.keys().statements)))
            client = TestClient(create_app(lambda: Context(NETWORK, RULES).at(now)))
            got = client.post(
                url.removeprefix(f"{ADDRESS}/api/v1"),
                content=body,
                headers={"content-type": "application/json"},
            )
            return Answer(got.status_code, {}, got.content)

    def ask(self, monkeypatch: pytest.MonkeyPatch, now: datetime, transport: Any = None) -> dict[str, int]:
        def asked(method: str, url: str, body: bytes | None, headers: Any, how: Any) -> Answer:
            return (transport or self.served)(method, url, body, now)

        with monkeypatch.context() as net, self.at_atlas():
            net.setattr(partner_status, "request", asked)
            net.setattr(partners, "request", asked)
            return partner_status.ask_all(Context(NETWORK, RULES).at(now))

    def told(self, now: datetime) -> tuple[str, list[tuple[str, str]]]:
        with self.at_atlas(), merchant_transaction(self.souk) as db:
            events = history(db, Subject("parcel", self.number))
            seen = [(e.type, str(e.details.get("told"))) for e in events if e.type.startswith("partner_")]
            return status(events, now).state.value, seen


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    with installations(tmp_path_factory.mktemp("partners"), "telling") as made:
        yield made


@pytest.fixture
def life(pair: Pair) -> Life:
    return Life(pair)


def test_the_sender_sees_how_it_goes_on_and_ends(life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    now = LATER + timedelta(hours=1)
    life.happens("departed", now, "LYS")
    assert life.ask(monkeypatch, now)["new"] == 1
    assert life.told(now) == ("handed_on", [("partner_told", "departed")])
    assert life.ask(monkeypatch, now)["new"] == 0  # once
    later = now + timedelta(hours=9)
    life.happens("delivered", later)
    assert life.ask(monkeypatch, later)["new"] == 1
    state, seen = life.told(later)
    assert state == "delivered"
    assert seen == [("partner_told", "departed"), ("partner_delivered", "delivered")]
    assert life.ask(monkeypatch, later)["asked"] == 0  # it is over
    with life.at_atlas():
        (listed,) = handing.listed(life.souk)
        assert listed.reference == life.reference  # noted by itself
    for network in (life.at_atlas, life.at_rif):
        with network():
            sequencing.integrate(later)
            with acting_as(Role.OPERATOR) as db:
                assert auditing.audit(db, sequencing.folder(), openness_recording.keys().keys) == []


@pytest.mark.parametrize("seed", range(3))
def test_once_and_in_order_whatever_breaks(life: Life, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    chance, now = random.Random(seed), LATER
    answers: list[Answer] = []

    def broken(method: str, url: str, body: bytes | None, at: datetime) -> Answer:
        how = chance.randrange(5)
        if how == 0:
            raise OSError("no way there")
        got = life.served(method, url, body, at)
        if how == 1:
            raise OSError("the answer is lost")
        if how == 2:
            return Answer(200, {}, got.body[: len(got.body) // 2])
        if how == 3 and answers and "keys" not in url:
            return chance.choice(answers)  # one of before
        if "keys" not in url:
            answers.append(got)
        return got

    honest, kinds = (
        partner_status.history.append,
        ["departed", "arrived", "departed", "arrived", "out_for_delivery", "delivered"],
    )
    places = ["LYS", "PAR", "PAR", "LYS", "LYS", None]

    def killed(*given: Any) -> int:
        done = honest(*given)
        if chance.random() < 0.3:
            raise RuntimeError("killed")
        return done

    for type, place in zip(kinds, places, strict=True):
        now += timedelta(minutes=20)
        life.happens(
            type, now, place if place in NETWORK.feed.facility else None if type == "delivered" else "LYS"
        )
        with monkeypatch.context() as breaking:
            breaking.setattr(partner_status.history, "append", killed)
            for _ in range(2):
                with suppress(RuntimeError):
                    life.ask(monkeypatch, now, broken)
        _, seen = life.told(now)
        assert [told for _, told in seen] == kinds[: len(seen)]
    life.ask(monkeypatch, now + timedelta(minutes=1))
    state, seen = life.told(now)
    assert (state, [told for _, told in seen]) == ("delivered", kinds)


def test_only_who_handed_them_over_is_told_and_only_who_took_them_is_believed(
    life: Life, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = LATER + timedelta(hours=1)
    life.happens("departed", now, "LYS")
    with life.at_atlas():
        asked = partner_status.question(life.digest, now)
    context = Context(NETWORK, RULES)
    with life.at_rif():
        document, note = partner_status.answer(context.at(now), asked)
        assert "Amélie" not in document.decode()
        with pytest.raises(Fault, match="another time"):
            partner_status.answer(context.at(now + timedelta(hours=1)), asked)
        with pytest.raises(Fault, match="known"):  # Rif asks for itself
            partner_status.answer(context.at(now), partner_status.question(life.digest, now))
        with pytest.raises(Fault):
            partner_status.answer(context.at(now), asked.replace(b"sha256", b"sha255"))
        lie = json.loads(document)
        lie["parcels"][0]["events"][0]["type"] = "delivered"
        forged = json.dumps(lie).encode()
        other = openness_recording.keys().signer.note(partner_status._said("rif.example/log", forged))
    with life.at_atlas():
        stranger = partner_status.question("0" * 64, now)
        keys = partners.keys_for(life.souk, now)
        here = context.of(life.souk).at(now)
        with pytest.raises(Fault, match="another document"):
            partner_status.take_in(here, forged, note, keys)
        with pytest.raises(NotFound):
            partner_status.take_in(context.of("mer_other").at(now), document, note, keys)
        assert partner_status.take_in(here, document, note, keys) == 1
        with pytest.raises(Conflict, match="tells otherwise"):
            partner_status.take_in(here, forged, other, keys)
    with life.at_rif(), pytest.raises(NotFound):
        partner_status.answer(context.at(now), stranger)


def test_a_key_stands_for_one_tenant(life: Life) -> None:
    with life.rif.here(f"{life.own} - {life.partner}"):
        assert len(partners.keys_for(life.partner, LATER)) == 1
        assert partners.keys_for("mer_other", LATER) == []
    with life.rif.here(f"{life.own} ftp://rif"), pytest.raises(ValueError, match="no address"):
        partners.keys_for("", LATER)


def test_a_partners_keys_follow_one_another(life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    now = LATER + timedelta(hours=1)
    life.happens("departed", now, "LYS")
    assert life.ask(monkeypatch, now)["new"] == 1
    with life.at_rif():
        sequencing.integrate(now)
        sequencing.follow("rotated", now, None)
    later = now + timedelta(hours=1)
    life.happens("arrived", later, "LYS")
    told = life.ask(monkeypatch, later)
    assert (told["new"], told["away"], told["refused"]) == (1, 0, 0), told  # signed by the next key
    with life.at_atlas(), acting_as(Role.OPERATOR) as db:
        (one,) = partners.partners(db)
    assert len(one.followed.keys) == 2
    assert len(one.keys(later)) == 2  # what the first key signed may still be on the road
    assert one.keys(later + timedelta(days=400)) == (one.followed.keys[1],)
