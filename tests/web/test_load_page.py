"""The page of load plans over the application as it is served."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import httpx
import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from qafila.air import air_keeping
from qafila.air.air_papers import load_sheet
from qafila.air.loading import Loading
from qafila.api.air.carried_plan import pack, unpack
from qafila.api.air.load_plans import loading_of
from qafila.core.identifiers.own import new_id
from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.database import administrator
from qafila.web.air import load_page
from tests.air.flight_files import asked
from tests.applications import portal_of_home
from tests.web.visitors import HERE, member, signed_in, tenant


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with TestClient(portal_of_home(), base_url="http://localhost") as visitor:
        yield signed_in(visitor, member(tenant(TenantKind.HUB).id, "planner"))


def sent(client: TestClient, code: str, content: bytes, **more: str) -> str:
    answer = client.post(
        f"/{code}/air",
        files={"flight": ("flight.json", content)},
        data={"seconds": "1", **more},
        headers=HERE,
    )
    assert answer.status_code in (200, 422), answer.text
    return answer.text


@pytest.mark.parametrize("code", ["en", "fr", "ar", "zh"])
def test_a_plan_is_drawn_in_every_language(client: TestClient, code: str) -> None:
    assert client.get(f"/{code}/air").status_code == 200
    told = sent(client, code, json.dumps(asked()).encode())
    assert told.count('<svg class="desk"') == 1  # the aircraft
    assert told.count("<svg xmlns") == 1  # one ULD
    assert "S3" in told
    assert ("What would let it fly" in told) == (code == "en")
    assert "%(" not in told


def test_papers_come_as_files(client: TestClient) -> None:
    answer = client.post(
        "/en/air",
        files={"flight": ("f.json", json.dumps(asked()).encode())},
        data={"seconds": "1", "as": "notoc"},
        headers=HERE,
    )
    assert answer.content.startswith(b"%PDF")
    assert "notoc.pdf" in answer.headers["content-disposition"]


def test_a_file_that_is_no_flight_is_told_where(client: TestClient) -> None:
    wrong = asked()
    del wrong["aircraft"]["best"]
    assert "aircraft/best" in sent(client, "en", json.dumps(wrong).encode())
    assert "none was chosen" in sent(client, "en", b"")


def carried(page: str) -> dict[str, str]:
    """What the page sends along with a move."""
    return {name: re.findall(f'name="{name}" value="([^"]*)"', page)[0] for name in ("flight", "plan")}


def test_a_uld_is_moved_and_the_engine_judges(client: TestClient) -> None:
    page = sent(client, "en", json.dumps(asked()).encode())
    told = carried(page)
    place = re.findall(r"<option selected>(\w+)</option>", page)[0]
    others = [p for p in re.findall(r"<option>(\w+)</option>", page) if p != place]
    fine = client.post("/en/air/arranged", data={**told, "at-0": place, "as": "json"}, headers=HERE).json()
    assert fine["wrong"] == []
    arms = {}
    for other in others:
        judged = client.post(
            "/en/air/arranged", data={**told, "at-0": other, "as": "json"}, headers=HERE
        ).json()
        arms[other] = judged["arms"][0]
        outside = not 1000 <= judged["arms"][0] <= 1150
        assert any("centre of gravity" in w for w in judged["wrong"]) is outside
    assert len(set(arms.values())) > 1
    wrong = client.post("/en/air/arranged", data={**told, "at-0": "NOWHERE"}, headers=HERE)
    assert (wrong.status_code, "no position NOWHERE" in wrong.text) == (422, True)
    sheet = client.post("/en/air/arranged", data={**told, "at-0": place, "as": "load-sheet"}, headers=HERE)
    assert sheet.content.startswith(b"%PDF")


class Desk:
    """A kept plan, as one who presses its buttons sees it."""

    def __init__(self, client: TestClient) -> None:
        self.client = client
        page = sent(client, "en", json.dumps(asked(name=new_id("QF"))).encode())
        answer = client.post("/en/air/arranged", data={**carried(page), "as": "keep"}, headers=HERE)
        self.plan = re.findall(r"/air/kept/([\w-]+)", str(answer.url))[0]
        self.page = answer.text
        (self.place,) = re.findall(r"<option selected>(\w+)</option>", answer.text)

    def press(self, **told: str) -> httpx.Response:
        """A button of the page that is shown; the page that comes back is shown then."""
        hidden = re.findall(r'type="hidden" name="(kept|revision|flight|plan)" value="([^"]*)"', self.page)
        first: dict[str, str] = {}
        for name, value in hidden:
            first.setdefault(name, value)
        answer = self.client.post("/en/air/arranged", data={**first, **told}, headers=HERE)
        if answer.headers["content-type"].startswith("text/html"):
            self.page = answer.text
        return answer

    def elsewhere(self) -> str:
        """A position at which nothing is wrong, and where the ULD does not stand."""
        for place in re.findall(r"<option>(\w+)</option>", self.page):
            if not self.press(**{"at-0": place, "as": "json"}).json()["wrong"]:
                return place
        raise AssertionError("the aircraft has one sound position only")

    def kept(self) -> tuple[int, str, str, str]:
        """What the API tells of it: revision, state, where the ULD stands in the plan, and what was moved last."""
        found, acts = air_keeping.read(self.tenant(), self.plan)
        (place,) = loading_of(found)[1].plan.stands[0]
        return found.revision, found.state, place, acts[-1].moved.get("U1", "")

    def tenant(self) -> str:
        with administrator() as connection:
            found = connection.execute(
                text("SELECT tenant FROM load_plans WHERE plan = :p"), {"p": self.plan}
            )
            return str(found.scalar_one())


def test_a_kept_plan_is_changed_after_a_check_a_broken_rule_and_a_missing_reason(client: TestClient) -> None:
    desk = Desk(client)
    place = desk.elsewhere()
    assert "Keep the change" in desk.press(**{"at-0": place}).text  # checked
    assert desk.press(**{"at-0": "NOWHERE", "as": "keep", "why": "so"}).status_code == 422
    without = desk.press(**{"at-0": place, "as": "keep"})
    assert (without.status_code, "needs a reason" in without.text) == (422, True)
    assert re.search(r'name="why"[^>]* required', without.text)
    assert desk.kept() == (1, "built", desk.place, "")
    done = desk.press(**{"at-0": place, "as": "keep", "why": "the loader asks"})
    assert str(done.url).endswith(f"/air/kept/{desk.plan}")
    assert desk.kept() == (2, "changed", place, place)
    flights = [k for k in air_keeping.listed(desk.tenant()) if k.id >= desk.plan]
    assert [k.id for k in flights] == [desk.plan]


def test_a_check_of_a_plan_that_another_changed_says_so(client: TestClient) -> None:
    desk = Desk(client)
    old, place = desk.page, desk.elsewhere()
    desk.press(**{"at-0": place, "as": "keep", "why": "first"})
    desk.page = old
    assert "changed meanwhile" in desk.press(**{"at-0": desk.place, "as": "json"}).json()["wrong"][0]
    late = desk.press(**{"at-0": desk.place})
    assert (late.status_code, "changed meanwhile" in late.text) == (422, True)
    assert desk.kept() == (2, "changed", place, place)


def test_papers_are_those_of_what_is_kept_and_a_closed_plan_cannot_be_moved(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    printed: list[str] = []

    def sheet(loading: Loading) -> bytes:
        printed.extend(loading.plan.stands[0])
        return load_sheet(loading)

    desk = Desk(client)
    place = desk.elsewhere()
    monkeypatch.setattr(load_page, "load_sheet", sheet)
    assert desk.press(**{"at-0": place, "as": "load-sheet"}).content.startswith(b"%PDF")
    assert printed == [desk.place]
    closed = client.post(
        f"/en/air/kept/{desk.plan}/close", data={"revision": "1", "why": "doors"}, headers=HERE
    )
    desk.page = closed.text
    assert "data-fixed" in closed.text
    assert re.search(r'<select name="at-0"[^>]* disabled', closed.text)
    assert 'data-part="undo"' not in closed.text
    assert desk.press(**{"at-0": place}).status_code == 422
    desk.page = closed.text
    desk.press(**{"at-0": place, "as": "load-sheet"})
    assert printed == [desk.place] * 2


def test_what_a_page_says_of_its_ulds_is_judged_and_of_kept_ones_not_asked(client: TestClient) -> None:
    desk = Desk(client)
    told = carried(desk.page)
    plan = json.loads(unpack(told["plan"]))
    plan["ulds"][0][2][-1][1:4] = plan["ulds"][0][2][0][1:4]  # a piece in another
    harmed = {"plan": pack(json.dumps(plan).encode())}
    for wanted in ("keep", "load-sheet"):
        answer = client.post("/en/air/arranged", data={**told, **harmed, "as": wanted}, headers=HERE)
        assert (answer.status_code, "cannot be built up" in answer.text) == (422, True)
    desk.press(**harmed, **{"as": "keep", "why": "so"})
    found = air_keeping.read(desk.tenant(), desk.plan)[0]
    assert found.revision == 2
    assert unpack(found.document) == unpack(told["plan"])


def test_a_plan_is_withdrawn_on_its_page_with_a_reason(client: TestClient) -> None:
    desk = Desk(client)
    path = f"/en/air/kept/{desk.plan}/withdraw"
    without = client.post(path, data={"revision": "1"}, headers=HERE)
    assert (without.status_code, "needs a reason" in without.text) == (422, True)
    done = client.post(path, data={"revision": "1", "why": "no crew"}, headers=HERE)
    assert "withdrawn by the planner" in done.text.lower()
    assert "data-fixed" in done.text
    assert "Withdraw the plan" not in done.text


@pytest.mark.parametrize("harm", [{"plan": "x"}, {"flight": ""}, {"plan": "eJwDAAAAAAE="}])
def test_a_page_that_was_tampered_with_is_refused(client: TestClient, harm: dict[str, str]) -> None:
    told = carried(sent(client, "en", json.dumps(asked()).encode()))
    answer = client.post("/en/air/arranged", data={**told, **harm}, headers=HERE)
    assert answer.status_code in (400, 422)
    assert "Plan the flight again" in answer.text


def test_it_is_for_those_who_may() -> None:
    with TestClient(portal_of_home(), base_url="http://localhost") as visitor:
        signed_in(visitor, member(tenant(TenantKind.MERCHANT).id, "clerk"))
        assert visitor.get("/en/air").status_code == 403
