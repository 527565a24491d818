"""How a route says that it is for anybody; the others name a scope by `requires`, and a test walks them all."""

from __future__ import annotations


async def public() -> None:
    """A dependency that says: this is for anybody, signed in or not."""
