"""Pricing on Ray: destinations are spread over workers that share the problem's arrays without copying.

Ray keeps one copy of the arrays on each host; its workers read them in place. What comes back is equal to
the in-process result, number for number: each destination is swept by the same kernel.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import ray
from numpy.typing import NDArray

from qafila.planning.planning_problem import Problem
from qafila.planning.priced import Priced
from qafila.planning.pricing import LocalPricer


class _Worker:
    """Sweeps every n-th destination."""

    def __init__(self, problem: Problem, number: int, workers: int) -> None:
        self._pricer = LocalPricer(problem, threads=1, part=(number, workers))

    def coarse(self) -> bool:
        """Whether its search makes do with coarse lanes."""
        return self._pricer.coarse

    def keep_to(self, through: NDArray[np.bool_] | None) -> None:
        """See Pricer."""
        self._pricer.keep_to(through)

    def price(self, *arguments: Any) -> tuple[NDArray[np.int64], Priced]:
        """The ways of this worker's commodities, and which they are."""
        found = self._pricer.price(*arguments)
        who = self._pricer.members
        return who, Priced(found.value[who], found.length[who], found.path[who])


class RayPricer:
    """A Pricer whose sweeps run on a Ray cluster; `address` None starts one on this machine."""

    def __init__(self, problem: Problem, address: str | None = None, workers: int | None = None) -> None:
        if not ray.is_initialized():
            ray.init(address=address, include_dashboard=False, log_to_driver=False, num_cpus=workers)
        count = workers or max(int(ray.cluster_resources().get("CPU", 1)), 1)
        shared = ray.put(problem)
        worker = ray.remote(_Worker)
        self._workers = [worker.remote(shared, n, count) for n in range(count)]
        self._commodities = len(problem.demand)
        self.coarse = any(ray.get([w.coarse.remote() for w in self._workers]))

    def keep_to(self, through: NDArray[np.bool_] | None) -> None:
        """See Pricer."""
        ray.get([w.keep_to.remote(through) for w in self._workers])
        self.coarse = any(ray.get([w.coarse.remote() for w in self._workers]))

    def price(
        self,
        row_price: NDArray[np.float64],
        hot_row: NDArray[np.bool_] | None = None,
        first: NDArray[np.int32] | None = None,
        exact: bool = False,
    ) -> Priced:
        """See Pricer."""
        shared = tuple(None if a is None else ray.put(a) for a in (row_price, hot_row, first))
        parts = ray.get([w.price.remote(*shared, exact) for w in self._workers])
        ways, width = (max(p.path.shape[axis] for _, p in parts) for axis in (1, 2))
        whole = Priced(
            np.full(self._commodities, np.inf),
            np.zeros((self._commodities, ways), np.int32),
            np.full((self._commodities, ways, width), -1, np.int32),
        )
        for who, part in parts:
            whole.value[who] = part.value
            whole.length[who] = part.length
            whole.path[who, :, : part.path.shape[2]] = part.path
        return whole
