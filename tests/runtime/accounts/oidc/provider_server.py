"""A small OpenID Connect provider on a real port: discovery, keys, codes with PKCE, tokens that it really signs.

What it should do wrong is set on it (`tamper`), so that every wrong is one that comes over the line.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

CLIENT, SECRET = "qafila", "a secret: with/odd signs"


class Provider:
    """One provider, whose people are given by whoever asks."""

    def __init__(self, port: int, algorithm: str = "RS256") -> None:
        self.issuer = f"http://127.0.0.1:{port}"
        self.algorithm = algorithm
        self.user: dict[str, Any] = {
            "sub": "u-1",
            "email": "amina@example.org",
            "email_verified": True,
            "name": "Amina",
        }
        self.codes: dict[str, dict[str, str]] = {}
        self.asked: list[str] = []
        self.auth_methods = ["client_secret_basic"]
        self.says_issuer = True
        self.issuer_said = ""  # another than its own in the discovery document
        self.email_in_token = True
        self.about: dict[str, Any] | None = None
        self.tamper: Callable[[dict[str, Any]], dict[str, Any]] = lambda claims: claims
        self.sign: Callable[[dict[str, Any]], str] = self.signed
        self.rotate()

    def rotate(self) -> None:
        """Another key, and the one before is withdrawn."""
        kid = secrets.token_hex(4)
        self.key: RSAKey | ECKey = (
            RSAKey.generate_key(2048, {"kid": kid})
            if self.algorithm.startswith(("RS", "PS"))
            else ECKey.generate_key("P-256", {"kid": kid})
        )
        self.published: list[dict[str, Any]] = [{**self.key.as_dict(private=False), "use": "sig"}]

    def signed(self, claims: dict[str, Any]) -> str:
        """An ID token as it should be."""
        return jwt.encode(
            {"alg": self.algorithm, "kid": self.key.kid}, claims, self.key, algorithms=[self.algorithm]
        )

    def let_in(self, address: str) -> str:
        """What a browser does that is led here: the address to which it is led back."""
        parts = urlsplit(address)
        asked = dict(parse_qsl(parts.query))
        assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{self.issuer}/authorize"
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        assert asked["client_id"] == CLIENT
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        back = {"code": code, "state": asked["state"]} | ({"iss": self.issuer} if self.says_issuer else {})
        return f"{asked['redirect_uri']}?{urlencode(back)}"

    def answer(self, path: str, form: dict[str, str], headers: dict[str, str]) -> tuple[int, object]:
        """What is at an address."""
        self.asked.append(path)
        if path == "/.well-known/openid-configuration":
            return 200, {
                "issuer": self.issuer_said or self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                "userinfo_endpoint": f"{self.issuer}/about",
                "token_endpoint_auth_methods_supported": self.auth_methods,
                "authorization_response_iss_parameter_supported": self.says_issuer,
            }
        if path == "/keys":
            return 200, {"keys": self.published}
        if path == "/about":
            known = headers.get("authorization") == "Bearer opens-about"
            return (200, self.about if self.about is not None else self.user) if known else (401, {})
        if path == "/token":
            return self._token(form, headers)
        return 404, {}

    def _token(self, form: dict[str, str], headers: dict[str, str]) -> tuple[int, object]:
        pair = base64.b64encode(b"qafila:a+secret%3A+with%2Fodd+signs").decode()
        proved = headers.get("authorization") == f"Basic {pair}"
        if self.auth_methods == ["client_secret_post"]:
            proved = (form.get("client_id"), form.get("client_secret")) == (CLIENT, SECRET)
        asked = self.codes.pop(form.get("code", ""), None)  # once
        made = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if not proved or asked is None or asked["code_challenge"] != made.rstrip(b"=").decode():
            return 400, {"error": "invalid_grant"}
        if asked["redirect_uri"] != form["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        user = self.user if self.email_in_token else {"sub": self.user["sub"]}
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            **user,
        }
        token = self.sign(self.tamper(claims))
        return 200, {
            "id_token": token,
            "access_token": "opens-about",
            "token_type": "Bearer",
            "expires_in": 300,
        }


@contextmanager
def running(algorithm: str = "RS256") -> Iterator[Provider]:
    """A provider that answers on a port of this machine."""

    class Door(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, told = provider.answer(urlsplit(self.path).path, form, headers)
            raw = told if isinstance(told, bytes) else json.dumps(told).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        do_GET = do_POST = _answer

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    provider = Provider(server.server_address[1], algorithm)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
