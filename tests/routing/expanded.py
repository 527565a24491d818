"""The time-expanded graph of a Timetable, for scipy and the other peers: one vertex for each event."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import breadth_first_order

from qafila.network.timetable import Timetable

NEVER = 2**31 - 1


class TimeExpanded:
    """Vertices: every (node, minute) at which a ride is boarded or ready. Edges: rides, and waiting."""

    def __init__(self, t: Timetable) -> None:
        self.nodes = t.nodes
        node = np.concatenate([t.ride_from, t.ride_to]).astype(np.int64)
        minute = np.concatenate([t.ride_board_by, t.ride_ready_at]).astype(np.int64)
        self.span = int(minute.max()) + 1
        self.vertex_key, vertex = np.unique(node * self.span + minute, return_inverse=True)
        self.node = (self.vertex_key // self.span).astype(np.int32)
        self.minute = (self.vertex_key % self.span).astype(np.int32)
        wait = np.flatnonzero(self.node[1:] == self.node[:-1])
        self.tail = np.concatenate([vertex[: t.rides], wait])
        self.head = np.concatenate([vertex[t.rides :], wait + 1])
        # scipy takes no weight of 0 for an edge: rides and waits last at least a minute, so none is lost
        self.weight = (self.minute[self.head] - self.minute[self.tail]).astype(np.float64)
        shape = (len(self.vertex_key),) * 2
        self.graph = csr_matrix((np.ones(len(self.tail)), (self.tail, self.head)), shape=shape)

    def source(self, origin: int, ready: int) -> int:
        """The first vertex of a node from a minute on; -1 where there is none."""
        at = int(np.searchsorted(self.vertex_key, origin * self.span + ready))
        return at if at < len(self.node) and self.node[at] == origin else -1

    def earliest(self, origin: int, ready: int) -> np.ndarray:
        """Earliest minute at each node, by breadth-first search over all that can be reached."""
        found = np.full(self.nodes, NEVER)
        source = self.source(origin, ready)
        if source >= 0:
            reached = breadth_first_order(self.graph, source, return_predecessors=False)
            np.minimum.at(found, self.node[reached], self.minute[reached])
        found[origin] = ready
        return found
