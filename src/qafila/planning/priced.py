"""What pricing finds: the cheapest way of each commodity at some prices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Priced:
    """The cheapest way of each commodity at some prices."""

    value: NDArray[np.float64]  # [K] COST_UNITs for one parcel, prices included; infinite where no way
    length: NDArray[np.int32]  # [K, ways] rides; 0 where there is no such way
    path: NDArray[np.int32]  # [K, ways, width] rides; of each way the first `length` count

    def paths(
        self, which: NDArray[np.bool_]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int32]]:
        """The ways of some commodities as (commodity, ptr, rides)."""
        use = (self.length > 0) & which[:, None]
        who, _ = np.nonzero(use)
        length = self.length[use]
        ptr = np.concatenate([[0], np.cumsum(length)]).astype(np.int64)
        inside = np.arange(self.path.shape[2])[None, :] < length[:, None]
        return who.astype(np.int64), ptr, self.path[use][inside]
