"""A refused way is told with the names of its places."""

from __future__ import annotations

import pytest

from qafila.network import installed
from qafila.network.feed import Feed
from qafila.network.model import Facility, Kind
from qafila.runtime.language import words
from qafila.web.chassis.phrases import say
from qafila.web.chassis.places_said import with_names

NAMES = {
    "DS-MA-FES": "Fès delivery station",
    "DS-NO-BERGEN": "Bergen delivery station",
    "AIR-AMS": "Schiphol",
}
REASON = (
    "No way between DS-MA-FES and DS-NO-BERGEN takes lithium batteries: the way for other goods uses "
    "belly AIR-AMS → DS-NO-BERGEN, road DS-NO-BERGEN → DS-XX-NOWHERE."
)


@pytest.fixture(autouse=True)
def _network(monkeypatch: pytest.MonkeyPatch) -> None:
    places = tuple(Facility(i, n, Kind.AIRPORT, 0, 0, "MA", "", "UTC", "MA") for i, n in NAMES.items())
    monkeypatch.setattr(
        installed, "feed", lambda: Feed("three", "1", "EUR", 100, "a test", facilities=places)
    )


def test_places_and_modes_have_their_names_and_the_sentence_its_language() -> None:
    assert with_names(REASON, words("en")) == (
        "No way between Fès delivery station and Bergen delivery station takes lithium batteries: the way for other "
        "goods uses Schiphol → Bergen delivery station (Air, bought space), Bergen delivery station → DS-XX-NOWHERE (Road)."
    )
    french = say(with_names(REASON, words("fr")), words("fr"))
    assert french == (
        "Aucune voie entre Agence de livraison de Fès et Agence de livraison de Bergen n'accepte : piles ou batteries "
        "au lithium. La voie des autres marchandises passe par Schiphol → Agence de livraison de Bergen (Air, soutes "
        "louées), Agence de livraison de Bergen → DS-XX-NOWHERE (Route)."
    )


def test_an_id_that_somebody_is_to_type_stays() -> None:
    for said in (
        "Address the parcel to DS-NO-BERGEN, or add a facility near Bergen to the network.",
        "1 and 2 → 3",
    ):
        assert with_names(said, words("en")) == said
