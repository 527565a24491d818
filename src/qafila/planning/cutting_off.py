"""Why nobody can go any more: which place is closed, of who had a way while all departures ran."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from qafila.core.message import Message, Place
from qafila.planning import planning_messages as m
from qafila.planning import residual
from qafila.planning.planning_problem import Problem
from qafila.planning.shapes import Ints, Longs


def cut_off(problem: Problem, who: Longs) -> dict[int, Message]:
    """Of some commodities that have no way, why, if what is closed is to blame.

    The destination is named where every departure to it from the release on is closed, else the origin, else the first
    such place on the way that would be the cheapest if everything ran.
    """
    g, d, t = problem.graph, problem.demand, problem.graph.timetable
    if not len(who) or not g.closed.any():
        return {}
    board_by = np.asarray(t.ride_board_by).astype(np.int64)
    rides = {"to": np.asarray(t.ride_to), "from": np.asarray(t.ride_from)}
    last = {side: _last(t.nodes, node, board_by) for side, node in rides.items()}
    open_ = {side: _last(t.nodes, node[~g.closed], board_by[~g.closed]) for side, node in rides.items()}

    def shut(side: str, node: int, since: int) -> bool:
        return bool(open_[side][node] < since <= last[side][node])

    def place(node: int) -> Place:
        name = t.facility_ids[t.node_facility[node]]
        return Place(name, name)

    fixed = np.asarray(t.ride_fixed_cost).astype(np.float64) + problem.prices.ride_units
    running = replace(problem, ride_fixed=fixed)
    ends, net = residual.between(running)
    labels = residual.labels_for(ends, net)
    room = np.full(g.rows, np.inf)
    found: dict[int, Message] = {}
    for k in who.tolist():
        since = int(d.release[k])
        if shut("to", int(d.destination[k]), since):
            found[k] = m.CLOSED_DESTINATION(place=place(int(d.destination[k])))
        elif shut("from", int(d.origin[k]), since):
            found[k] = m.CLOSED_ORIGIN(place=place(int(d.origin[k])))
        else:
            _, way = residual.cheapest(
                k, np.inf, ends, net, running.fares, g.uses, problem.kinds, room, labels
            )
            if not len(way):  # there was none before either
                continue
            passed = [int(t.ride_to[r]) for r in way[:-1]]
            closed = [n for n in passed if shut("to", n, since) or shut("from", n, since)]
            found[k] = m.CLOSED_BETWEEN(place=place(closed[0])) if closed else m.CLOSED_WAYS()
    return found


def _last(nodes: int, node: Ints, board_by: Longs) -> Longs:
    """[nodes] the last instant at which a ride of each can be boarded; below zero where there is none."""
    found = np.full(nodes, -1, np.int64)
    np.maximum.at(found, node, board_by)
    return found
