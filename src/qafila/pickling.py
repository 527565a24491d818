"""Dataclasses of which there are many, on their way to another process or kept for the next."""

from __future__ import annotations

import copyreg
from dataclasses import fields
from operator import attrgetter
from typing import Any, TypeVar

_T = TypeVar("_T")


def by_values(kind: type[_T]) -> type[_T]:
    """Makes a dataclass of two fields or more go into a pickle as the values of its fields, in a third of the time.

    Dataclasses with slots otherwise look their fields up, by name, for each object. A decorator, above @dataclass.
    """
    values: Any = attrgetter(*(field.name for field in fields(kind)))  # type: ignore[arg-type]  # of two or more: a tuple
    copyreg.pickle(kind, lambda one: (kind, values(one)))
    return kind
