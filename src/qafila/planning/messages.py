"""What the planner tells people about its own work."""

from __future__ import annotations

from qafila.core.message import template

SOLVER_FAILED = template(
    "planning.solver_failed",
    "The linear program of {columns} ways was not solved ({answer}); it was shared out step by step instead.",
)

SEARCH_ENDED = template(
    "planning.search_ended",
    "The search ended early, with the best plan so far, because of an error in the program: {error}.",
)

BOUND_NOT_PROVEN = template(
    "planning.bound_not_proven",
    "The bound could not be proven in the end ({error}); the one that is written holds at prices of nothing.",
)
