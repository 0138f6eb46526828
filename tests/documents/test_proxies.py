"""What the guide about proxies says, with the real proxies in front of a server."""

from __future__ import annotations

import contextlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import httpx
import pytest
from support.caddy import ask_by_https, running_caddy
from support.nginx import running_nginx
from support.snippets import snippets
from write_reference import DOCS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

GUIDE = DOCS / "how-to/proxy.md"
HOSTS = {"auth.example.com": "127.0.0.1:3001", "api.example.com": "127.0.0.1:8000"}
_SERVER = """
server {{
    listen 80;
    server_name auth.example.com;
    location / {{
        proxy_pass http://{address};
        {lines}
    }}
}}
"""


class _Echo(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        """Answer with the headers that have arrived."""
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(dict(self.headers)).encode())

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@pytest.fixture
def echo() -> Iterator[str]:
    """The address of a server that says what it was sent."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Echo)
    with contextlib.closing(server.socket):
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()


def block(language: str) -> str:
    """Return the guide's one block in a language."""
    (found,) = (s.text for s in snippets(GUIDE.read_text()) if s.language == language)
    return found


def test_caddy(echo: str, tmp_path: Path) -> None:
    """Each host reaches its server over https, and host and client are passed on."""
    sites = block("caddy")
    for address in HOSTS.values():
        assert address in sites
        sites = sites.replace(address, echo)
    with running_caddy(tmp_path / "caddy", sites) as port:
        for host in HOSTS:
            seen = ask_by_https(port, host).json()
            assert seen["Host"] == host
            assert seen["X-Forwarded-For"] == "127.0.0.1"
            assert seen["X-Forwarded-Proto"] == "https"


@pytest.mark.parametrize("has_lines", [True, False])
def test_nginx(echo: str, tmp_path: Path, *, has_lines: bool) -> None:
    """It passes on the host and the client's address with the lines, and else not."""
    lines = block("nginx") if has_lines else ""
    server = _SERVER.format(address=echo, lines=lines)
    with running_nginx(tmp_path / "nginx", server) as port:
        host = {"Host": "auth.example.com"}
        seen = httpx.get(f"http://127.0.0.1:{port}/", headers=host).json()
    assert (seen["Host"] == "auth.example.com") == has_lines
    assert (seen.get("X-Forwarded-For") == "127.0.0.1") == has_lines
