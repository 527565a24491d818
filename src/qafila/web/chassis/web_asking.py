"""What a page stands on: the context that the application was made with."""

from __future__ import annotations

from starlette.requests import Request

from qafila.context import Context


def context_of(request: Request, tenant: str = "") -> Context:
    """The context of a request, for a tenant where one is named."""
    made: Context = request.app.state.context()
    practice = getattr(request.state, "practice", None)
    if practice is not None:
        made = practice.context(made)
    return made.of(tenant) if tenant else made
