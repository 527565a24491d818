"""Why a message did not leave."""

from __future__ import annotations


class NotSent(Exception):
    """A message did not leave; the text says why.

    permanent: trying again would be of no use: there is no such address. stopped: who has it wants no messages.
    """

    def __init__(self, why: str, permanent: bool = False, stopped: bool = False) -> None:
        super().__init__(why)
        self.permanent, self.stopped = permanent or stopped, stopped
