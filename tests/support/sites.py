"""Hosts of the world on loopback, behind TLS: front ends, an auth server, an API.

Browsers get there by ``--host-resolver-rules``; the certificate is made for the test.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import http.client
import json
import ssl
import threading
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_PAGE = b"<!doctype html><title>Front end</title>"
_HOP_BY_HOP = {
    "connection",
    "content-length",
    "host",
    "keep-alive",
    "transfer-encoding",
}


class _Handler(BaseHTTPRequestHandler):
    """Answers for every host, as the attributes of its subclass say."""

    protocol_version = "HTTP/1.1"
    auth_port: int
    auth_host: str
    page_host: str

    def answer(self) -> None:
        host = self.headers["Host"].partition(":")[0]
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        rewritten = self.path.startswith("/api/auth/")
        if host == self.page_host and not rewritten:
            self._send(200, [("Content-Type", "text/html")], _PAGE)
        elif host in {self.auth_host, self.page_host}:
            self._pass_on(body)
        else:
            self._tell_cookies()

    do_GET = do_POST = do_OPTIONS = answer  # noqa: N815 - the library's names

    def _pass_on(self, body: bytes) -> None:
        upstream = http.client.HTTPConnection("127.0.0.1", self.auth_port, timeout=20)
        kept = {
            name: value
            for name, value in self.headers.items()
            if name.lower() not in _HOP_BY_HOP
        }
        upstream.request(self.command, self.path, body, kept)
        answer = upstream.getresponse()
        headers = [h for h in answer.getheaders() if h[0].lower() not in _HOP_BY_HOP]
        self._send(answer.status, headers, answer.read())
        upstream.close()

    def _tell_cookies(self) -> None:
        cookies = SimpleCookie(self.headers.get("Cookie", ""))
        allowed = {
            "Content-Type": "application/json",
            "Access-Control-Allow-Origin": self.headers.get("Origin", "*"),
            "Access-Control-Allow-Credentials": "true",
        }
        self._send(200, allowed.items(), json.dumps(list(cookies)).encode())

    def _send(
        self, status: int, headers: Iterable[tuple[str, str]], body: bytes
    ) -> None:
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
        """Keep quiet."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """A browser that closes in the middle of a request is no error."""


@contextlib.contextmanager
def hosts(
    folder: Path, port: int, *, auth_port: int, auth_host: str, page_host: str
) -> Iterator[None]:
    """Serve every host on one port.

    ``auth_host`` passes all on to the auth server, ``page_host`` what is below
    ``/api/auth``, as a front end's rewrite does. Any other host is an API that tells
    which cookies reached it.
    """
    served = {"auth_port": auth_port, "auth_host": auth_host, "page_host": page_host}
    server = _Server(("127.0.0.1", port), type("Handler", (_Handler,), served))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_certificate(folder))
    # Not at the door: a handshake there would keep all others waiting.
    server.socket = context.wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False
    )
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _certificate(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    file = folder / "certificate.pem"
    file.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return file
