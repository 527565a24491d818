"""What it costs a master to set parcels aside: at first little more than a way, in the end the penalty."""

from __future__ import annotations

import numpy as np

from qafila.planning.master import Shares
from qafila.planning.planning_problem import Problem
from qafila.planning.priced import Priced
from qafila.planning.pricing import home_values, offered
from qafila.planning.shapes import Floats

ASIDE, ASIDE_LATE = 2.0, 24 * 60.0
"""What a master sets aside costs it at first so many times the cheapest way, and so many minutes of lateness on top:
at the penalty, where that is many times more, a master that knows few ways would find prices far too high."""

MUCH, LITTLE = 0.2, 0.01
"""Where more than this part of a commodity is set aside, that costs twice as much the next time; the part is halved
when hardly any commodity is, down to the second."""


def aside_at_first(problem: Problem, priced: Priced, row_price: Floats) -> Floats:
    """[K] what it costs a master at first to set a parcel aside, by what its cheapest or home way costs at prices."""
    way = offered(problem.demand, priced.value, home_values(problem, row_price))
    return np.minimum(ASIDE * way + ASIDE_LATE / 60.0 * problem.demand.late_price, problem.penalty)


def dearer_aside(problem: Problem, shares: Shares, aside: Floats, much: float) -> tuple[Floats, float]:
    """What setting aside costs the next master [K], and the part of a commodity that is much to it."""
    more = (shares.out > much) & (aside < problem.penalty)
    dearer = np.where(more, np.minimum(2.0 * aside, problem.penalty), aside)
    return dearer, max(0.5 * much, LITTLE) if more.mean() < 1e-3 else much
