"""How the tools ask: by the HTTP API, in this process or of a hub elsewhere. So scopes, faults, limits and the log are its own."""

from __future__ import annotations

from typing import Any

import httpx2
from starlette.types import ASGIApp


class Refused(Exception):
    """The API answered with a problem.

    Attributes:
        problem: the problem details (RFC 9457), as they came.
    """

    def __init__(self, problem: dict[str, Any]) -> None:
        super().__init__(str(problem.get("detail") or problem.get("title") or "refused"))
        self.problem = problem

    @property
    def told(self) -> str:
        """What is wrong and what to do, as text."""
        parts = [self.problem.get("title"), self.problem.get("detail"), self.problem.get("remedy")]
        for item in self.problem.get("errors") or ():
            parts.append(" ".join(str(item[k]) for k in ("pointer", "detail", "remedy") if item.get(k)))
        return "\n".join(str(p) for p in dict.fromkeys(p for p in parts if p))


class Hub:
    """A hub's API.

    Args:
        app: the API in this process, or the address of a hub as https://hub.example.
        language: in which messages are asked for: en, fr, ar or zh.
    """

    def __init__(self, app: ASGIApp | str, language: str = "en") -> None:
        here = not isinstance(app, str)
        self.elsewhere = not here
        self._client = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=app) if not isinstance(app, str) else None,
            base_url="http://qafila" if not isinstance(app, str) else f"{app.rstrip('/')}/api/v1",
            headers={"accept-language": language, "user-agent": "qafila-mcp"},
            timeout=120,
        )

    async def ask(
        self, key: str, method: str, path: str, json: Any = None, query: dict[str, Any] | None = None
    ) -> Any:
        """The answer of one request with a key; "" for none. Raises Refused."""
        headers = {"authorization": f"Bearer {key}"} if key else {}
        params = [
            (name, one)
            for name, value in (query or {}).items()
            if value is not None
            for one in (value if isinstance(value, list) else [value])
        ]
        try:
            answer = await self._client.request(method, path, json=json, params=params, headers=headers)
        except httpx2.HTTPError as away:
            raise Refused({"title": "The hub does not answer", "detail": str(away), "status": 503}) from None
        try:
            body = answer.json()
        except ValueError:
            body = {"title": "The hub answered something else", "detail": answer.text[:200]}
        if answer.status_code >= 400:
            raise Refused(body if isinstance(body, dict) else {"title": "refused"})
        return body
