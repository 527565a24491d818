"""An act bears the name of who is signed in; a device names people of its own organisation alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from qafila.core.fault import Fault
from qafila.runtime.accounts.accounts_signing import NotHisHand, hand
from qafila.runtime.accounts.model import Actor
from tests.runtime.accounts.somebody import address, somebody, tenant


def test_a_device_names_people_of_its_own_organisation_and_nobody_else() -> None:
    here, email, elsewhere = tenant(), address(), address()
    amina = somebody(here, "clerk", email=email)
    stranger = somebody(tenant(), "clerk", email=elsewhere)
    device = Actor(tenant=here.id, kind=here.kind, id="key_1", name="scanner 7")
    assert hand(device, "") == hand(device, "Scanner 7") == "scanner 7"
    assert hand(device, amina.name.upper()) == hand(device, email) == hand(device, amina.id) == amina.name
    for said in ("Nobody", elsewhere, stranger.id, "<b>boss</b>"):
        with pytest.raises(Fault) as refused:
            hand(device, said)
        assert refused.value.field == "by"
    person = replace(device, id=amina.id, name=amina.name, person=True)
    assert hand(person, "") == hand(person, amina.name) == amina.name
    with pytest.raises(NotHisHand):
        hand(person, "Scanner 7")
