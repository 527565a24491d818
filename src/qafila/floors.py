"""The floors of the house, in the order in which goods meet them. A new floor is listed here and nowhere else."""

from __future__ import annotations

from qafila.runtime.floor import Floor

FLOORS: tuple[Floor, ...] = ()
