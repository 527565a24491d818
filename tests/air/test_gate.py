"""The gate: security, an authority's word, lithium by its packing instruction."""

from __future__ import annotations

from datetime import date

import pytest

from qafila.air.gate import Dangerous, Papers, Security, refused

DAY = date(2026, 11, 30)
GOOD = Security("SPX", "KC", (), "CSD-1")
ION = Dangerous("UN3480", "Lithium ion batteries", "9", "965", charge=30)


@pytest.mark.parametrize(
    ("papers", "why"),
    [
        (Papers(GOOD), None),
        (Papers(Security("SCO", "", ("XRY",), "CSD-1")), None),
        (Papers(GOOD, hold="EU ICS2"), "air.do_not_load"),
        (Papers(GOOD, undeclared="lithium"), "air.undeclared"),
        (Papers(), "air.no_declaration"),
        (Papers(Security("SPX", "KC", (), "")), "air.no_declaration"),
        (Papers(Security("NSC", "KC", (), "CSD-1")), "air.not_secure"),
        (Papers(Security("SPX", "", (), "CSD-1")), "air.not_screened"),
        (Papers(Security("SPX", "", ("LOOKED",), "CSD-1")), "air.not_screened"),
        (Papers(Security("SHR", "KC", ("XRY",), "CSD-1")), "air.high_risk"),
        (Papers(Security("SHR", "KC", ("XRY", "ETD"), "CSD-1")), None),
        (Papers(GOOD, dangerous=ION), None),
        (Papers(GOOD, dangerous=Dangerous("UN3480", instruction="965", charge=31)), "air.too_charged"),
        (Papers(GOOD, dangerous=Dangerous("UN3480", instruction="965")), "air.too_charged"),
        (Papers(GOOD, dangerous=Dangerous("UN3480", instruction="967", charge=10)), "air.wrong_instruction"),
        (Papers(GOOD, dangerous=Dangerous("UN3481", instruction="967", charge=90)), None),
        (Papers(GOOD, dangerous=Dangerous("UN1845", "Dry ice", "9", "954")), None),
    ],
)
def test_what_the_gate_stops(papers: Papers, why: str | None) -> None:
    stopped = refused(papers, DAY)
    assert (stopped[0].id if stopped else None) == why


def test_a_limit_holds_from_its_day_on() -> None:
    """Batteries packed with equipment may be charged above 30 % until the end of 2025."""
    packed_with = Papers(GOOD, dangerous=Dangerous("UN3481", instruction="966", charge=50))
    assert refused(packed_with, date(2025, 12, 31)) is None
    assert refused(packed_with, date(2026, 1, 1)) is not None
