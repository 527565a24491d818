"""What prices prove of a design: no choice of departures and ways costs less."""

from __future__ import annotations

import numpy as np

from qafila.planning.design.design_choices import Choices
from qafila.planning.planning_problem import Problem
from qafila.planning.pricing import LocalPricer, home_values, offered
from qafila.planning.shapes import Floats


def bound_of(problem: Problem, choices: Choices, row_price: Floats, per_gram: Floats) -> float:
    """COST_UNITs that no design costs less than, what fill costs aside.

    At prices of the rows [M], and of a gram on each departure [D], which is added to the weight of its first segment, every
    parcel pays its cheapest way or stays; a row that is not to be decided gives back what its capacity is worth, and each
    line that of the options which are best for it, or nothing.

    Args:
        problem: on the graph with the most room, at its true costs.
        choices: what there is to decide.
        row_price: COST_UNITs for one unit of each row, 0 or more.
        per_gram: COST_UNITs for a gram on each departure, 0 or more.
    """
    g, price = problem.graph, np.array(row_price, np.float64)
    for departure, more in zip(choices.departures, per_gram, strict=True):
        segments = departure.rows[: len(departure.rows) // 2]
        price[segments] += more / len(segments)
    priced = LocalPricer(problem).price(price, exact=True)
    each = np.minimum(offered(problem.demand, priced.value, home_values(problem, price)), problem.penalty)
    total = float(np.dot(each, problem.demand.parcels))
    worth, decided = price * g.row_capacity, np.zeros(g.rows, np.bool_)
    worth[price <= 0] = 0.0
    line = np.array([cost for _, cost in choices.lines])
    for departure in choices.departures:
        decided[departure.rows] = True
        line[departure.line] += min(
            option.cost - float(np.dot(price[departure.rows], option.room)) for option in departure.options
        )
    # a line that must run gives what its best options give, whatever the sign
    must = np.zeros(len(line), np.bool_)
    for departure in choices.departures:
        must[departure.line] |= all(option.vehicles for option in departure.options)
    return total - float(worth[~decided].sum()) + float(np.where(must, line, np.minimum(line, 0.0)).sum())
