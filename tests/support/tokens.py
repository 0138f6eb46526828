"""Access tokens and the keys that vouch for them, as the auth server makes them."""

from __future__ import annotations

import base64
import contextlib
import json
import threading
import time
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric import ed25519

if TYPE_CHECKING:
    from collections.abc import Iterator

USER = "0b2c1d3e-0000-4000-8000-000000000001"
SESSION = "0b2c1d3e-0000-4000-8000-000000000002"
MINUTES = 15


@dataclass
class AuthServer:
    """Keys and a key set at ``/api/auth/jwks``, as the auth server's."""

    url: str = ""
    keys: dict[str, ed25519.Ed25519PrivateKey] = field(default_factory=dict)
    extra: list[dict[str, str]] = field(default_factory=list)
    answer: bytes | None = None
    redirect: str = ""
    drips: str = ""
    asked: int = 0

    def new_key(self, kid: str) -> None:
        """Make a key and publish it."""
        self.keys[kid] = ed25519.Ed25519PrivateKey.generate()

    def document(self) -> bytes:
        """Return what is served."""
        if self.answer is not None:
            return self.answer
        published = [
            {
                "kty": "OKP",
                "crv": "Ed25519",
                "alg": "EdDSA",
                "kid": kid,
                "x": unpadded(key.public_key().public_bytes_raw()),
            }
            for kid, key in self.keys.items()
        ]
        return json.dumps({"keys": [*self.extra, *published]}).encode()

    def token(self, kid: str = "one", **changes: Any) -> str:  # noqa: ANN401 - claims
        """Return a good token with some claims changed, or left out where None."""
        # PyJWT would refuse to write some of what must be refused here.
        header = {"alg": "EdDSA", "kid": kid, **changes.pop("header", {})}
        parts = (json.dumps(part).encode() for part in (header, self.claims(**changes)))
        signed = ".".join(map(unpadded, parts))
        return f"{signed}.{unpadded(self.keys[kid].sign(signed.encode()))}"

    def claims(self, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - claims
        """Return good claims with some changed, or left out where None.

        A `timedelta` is counted from the moment of the call, which may come long after
        a test's parameters were read.
        """
        now = int(time.time())
        claims = {
            "iat": now,
            "exp": now + MINUTES * 60,
            "iss": self.url,
            "aud": self.url,
            "sub": USER,
            "sid": SESSION,
            "email": "ada@example.com",
            "email_verified": True,
            "name": "Ada",
            **changes,
        }
        return {
            name: now + int(value.total_seconds())
            if isinstance(value, timedelta)
            else value
            for name, value in claims.items()
            if value is not None
        }


def of(header: bytes) -> str:
    """Return a token with this header and nothing else."""
    return f"{unpadded(header)}.e30.e30"


def unpadded(data: bytes) -> str:
    """Return base64 as tokens spell it."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@contextlib.contextmanager
def serving_keys() -> Iterator[AuthServer]:
    """Serve a key set on loopback."""
    known = AuthServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known.asked += 1
            body = known.document()
            if body == b"nothing":
                self.close_connection = True
                return
            if known.drips:
                self._drip(body)
                return
            if known.redirect:
                self.send_response(int(known.redirect[:3]))
                self.send_header("location", known.redirect[4:])
                self.send_header("content-length", "0")
                self.end_headers()
                return
            self.send_response(200 if self.path == "/api/auth/jwks" else 404)
            length = len(body) + (100 if body == b"cut short" else 0)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(length))
            self.end_headers()
            self.wfile.write(body)

        def _drip(self, body: bytes) -> None:
            """Send a byte now and then: all of it, from the headers or the body on."""
            head = b"HTTP/1.1 200 OK\r\n"
            more = b"X-Padding: " + b"x" * 600 + b"\r\n\r\n"
            self.close_connection = True
            with contextlib.suppress(OSError):
                if known.drips == "body":
                    self.wfile.write(head + b"\r\n")
                    head, more = b"", b" " * 600 + body
                for byte in head + more:
                    self.wfile.write(bytes([byte]))
                    time.sleep(0.05)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        thread = threading.Thread(target=http.serve_forever, args=(0.02,))
        thread.start()
        known.url = f"http://127.0.0.1:{http.server_address[1]}"
        known.new_key("one")
        yield known
        http.shutdown()
        thread.join()
