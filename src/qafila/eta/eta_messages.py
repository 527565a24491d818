"""What is said of arrival times that were learned: from which history."""

from __future__ import annotations

from qafila.core.message import template

SIMULATED = template(
    "eta.source.simulated",
    "a simulated history (seed {seed}, {parcels} parcels over {weeks} weeks, delays by facts/lateness.csv)",
)
OWN = template("eta.source.own", "the network's own history ({rides} rides and ways over {weeks} weeks)")
