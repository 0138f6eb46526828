"""The social providers on loopback: they speak the part of their protocol that is used.

The auth server reaches them through ``redirect-providers.mjs``; the person's visit to
their consent page is ``IdentityProviders.consent``.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import secrets
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PRELOAD = Path(__file__).with_name("redirect-providers.mjs")
_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
_CERTIFICATES = {
    "keys": [
        {
            **RSAAlgorithm.to_jwk(_KEY.public_key(), as_dict=True),
            "kid": "1",
            "alg": "RS256",
            "use": "sig",
        }
    ]
}


@dataclass(frozen=True, kw_only=True)
class Person:
    """A user as their provider knows them."""

    email: str
    name: str = "Ada Lovelace"
    id: str = field(default_factory=lambda: str(secrets.randbelow(10**9)))
    verified: bool = True
    # Further addresses at GitHub, each with whether it is confirmed there.
    others: tuple[tuple[str, bool], ...] = ()


@dataclass(frozen=True, kw_only=True)
class _Endpoints:
    """Where a provider is asked, and what its ID token says, where it issues one."""

    consent_page: str
    exchange: str
    claims: Callable[[Person], dict[str, Any]] | None = None


def _of_google(person: Person) -> dict[str, Any]:
    return {
        "iss": "https://accounts.google.com",
        "sub": person.id,
        "email": person.email,
        "email_verified": person.verified,
        "name": person.name,
    }


def _of_microsoft(person: Person) -> dict[str, Any]:
    # What a work account's token says: no email_verified.
    directory = "00000000-1111-2222-3333-444444444444"
    return {
        "iss": f"https://login.microsoftonline.com/{directory}/v2.0",
        "sub": f"pairwise-{person.id}",
        "oid": person.id,
        "tid": directory,
        "email": person.email,
        "name": person.name,
        **({"xms_edov": True} if person.verified else {}),
    }


_ENDPOINTS = {
    "google": _Endpoints(
        consent_page="https://accounts.google.com/o/oauth2/v2/auth",
        exchange="https://oauth2.googleapis.com/token",
        claims=_of_google,
    ),
    "microsoft": _Endpoints(
        consent_page="https://login.microsoftonline.com/common/oauth2/v2.0/authorize",
        exchange="https://login.microsoftonline.com/common/oauth2/v2.0/token",
        claims=_of_microsoft,
    ),
    "github": _Endpoints(
        consent_page="https://github.com/login/oauth/authorize",
        exchange="https://github.com/login/oauth/access_token",
    ),
}


@dataclass(frozen=True, kw_only=True)
class _Grant:
    provider: str
    person: Person
    query: dict[str, str]


@dataclass(kw_only=True)
class IdentityProviders:
    """What was granted and what the auth server has done with it."""

    url: str = ""
    issued: list[str] = field(default_factory=list[str])
    _codes: dict[str, _Grant] = field(default_factory=dict[str, _Grant])
    _tokens: dict[str, _Grant] = field(default_factory=dict[str, _Grant])

    def consent(self, url: str, person: Person) -> str:
        """Agree at the consent page ``url``; return where the browser is sent."""
        provider, query = self._asked(url)
        code = secrets.token_urlsafe(16)
        self._codes[code] = _Grant(provider=provider, person=person, query=query)
        return self._back(query, code=code)

    def cancel(self, url: str) -> str:
        """Refuse at the consent page; return where the browser is sent."""
        _, query = self._asked(url)
        return self._back(query, error="access_denied")

    def exchange(self, endpoint: str, form: dict[str, str]) -> dict[str, Any] | None:
        """Give tokens for a code, once, to the client that it was granted to."""
        grant = self._codes.pop(form.get("code", ""), None)
        if grant is None or endpoint != _ENDPOINTS[grant.provider].exchange:
            return None
        if form["redirect_uri"] != grant.query["redirect_uri"]:
            return None
        if form["client_secret"] != f"{grant.provider}-secret":
            return None
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if challenge != grant.query["code_challenge"]:
            return None
        token = f"access-{secrets.token_urlsafe(24)}"
        self._tokens[token] = grant
        answer = {"access_token": token, "token_type": "bearer", "expires_in": 3599}
        if _ENDPOINTS[grant.provider].claims:
            answer["refresh_token"] = f"refresh-{secrets.token_urlsafe(24)}"
            answer["id_token"] = _id_token(grant)
        self.issued += [str(v) for k, v in answer.items() if k.endswith("_token")]
        return answer

    def profile(self, token: str) -> dict[str, Any] | None:
        """Return GitHub's ``/user`` for an access token."""
        grant = self._tokens.get(token)
        if grant is None:
            return None
        person = grant.person
        return {
            "id": int(person.id),
            "login": "ada",
            "name": person.name,
            "email": None,
        }

    def emails(self, token: str) -> list[dict[str, Any]] | None:
        """Return GitHub's ``/user/emails`` for an access token."""
        grant = self._tokens.get(token)
        if grant is None:
            return None
        person = grant.person
        known = ((person.email, person.verified), *person.others)
        return [
            {"email": email, "primary": email == person.email, "verified": verified}
            for email, verified in known
        ]

    def id_token(self, person: Person) -> str:
        """Return what Google's own button gives to a page, signed by Google."""
        return _id_token(_Grant(provider="google", person=person, query={}))

    @staticmethod
    def _asked(url: str) -> tuple[str, dict[str, str]]:
        page, _, asked = url.partition("?")
        known = {endpoints.consent_page: name for name, endpoints in _ENDPOINTS.items()}
        provider = known[page]
        query = {name: values[0] for name, values in parse_qs(asked).items()}
        assert query["client_id"] == f"{provider}-id"
        assert query["response_type"] == "code"
        assert query["code_challenge_method"] == "S256"
        return provider, query

    @staticmethod
    def _back(query: dict[str, str], **result: str) -> str:
        result["state"] = query["state"]
        return f"{query['redirect_uri']}?{urlencode(result)}"


def _id_token(grant: _Grant) -> str:
    now = int(time.time())
    of_person = _ENDPOINTS[grant.provider].claims
    assert of_person is not None
    claims = {
        **of_person(grant.person),
        "aud": f"{grant.provider}-id",
        "iat": now,
        "exp": now + 3600,
    }
    if nonce := grant.query.get("nonce"):
        claims["nonce"] = nonce
    return jwt.encode(claims, _KEY, algorithm="RS256", headers={"kid": "1"})


@contextlib.contextmanager
def running_identity_providers() -> Iterator[IdentityProviders]:
    """Serve every provider on a free loopback port."""
    providers = IdentityProviders()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            endpoint = f"https:/{self.path}"
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            self._answer(providers.exchange(endpoint, form))

        def do_GET(self) -> None:
            token = self.headers.get("Authorization", "").partition(" ")[2]
            routes = {
                "/api.github.com/user": providers.profile,
                "/api.github.com/user/emails": providers.emails,
                "/www.googleapis.com/oauth2/v3/certs": lambda _: _CERTIFICATES,
            }
            route = routes.get(self.path.partition("?")[0])
            self._answer(route(token) if route else None)

        def _answer(self, body: object) -> None:
            data = json.dumps(body or {"error": "invalid_request"}).encode()
            self.send_response(400 if body is None else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    providers.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield providers
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
