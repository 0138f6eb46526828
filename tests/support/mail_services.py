"""Mail services on loopback that keep what they get: SMTP, and Resend's API."""

from __future__ import annotations

import contextlib
import email
import email.policy
import json
import re
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from aiosmtpd.controller import Controller

from support.postgres import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, kw_only=True)
class Mail:
    """One mail as its reader gets it."""

    to: str
    sender: str
    subject: str
    text: str
    html: str

    @property
    def link(self) -> str:
        """The one link of its text."""
        return re.findall(r"https?://\S+", self.text)[0]


@dataclass(kw_only=True)
class Mailbox:
    """What has arrived; ``refuses`` and ``delay`` make the service a bad one."""

    received: list[Mail] = field(default_factory=list[Mail])
    refuses: bool = False
    delay: float = 0.0

    def to(self, address: str, count: int = 1, within: float = 10) -> list[Mail]:
        """Return the mails to ``address`` once there are ``count`` of them."""
        deadline = time.monotonic() + within
        while True:
            found = [mail for mail in self.received if mail.to == address]
            if len(found) >= count:
                return found
            if time.monotonic() > deadline:
                message = f"{len(found)} of {count} mails to {address}"
                raise AssertionError(message)
            time.sleep(0.02)


@contextlib.contextmanager
def smtp_server() -> Iterator[tuple[str, Mailbox]]:
    """Run an SMTP server; yield its URL and its mailbox."""
    mailbox = Mailbox()

    class Handler:
        async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: ANN401, N802 - aiosmtpd's
            if mailbox.refuses:
                return "554 5.7.1 this service refuses everything today"
            message = email.message_from_bytes(
                envelope.content, policy=email.policy.default
            )
            text, html = (message.get_body((kind,)) for kind in ("plain", "html"))
            assert text is not None
            assert html is not None
            mailbox.received.append(
                Mail(
                    to=envelope.rcpt_tos[0],
                    sender=str(message["From"]),
                    subject=str(message["Subject"]),
                    text=text.get_content(),
                    html=html.get_content(),
                )
            )
            return "250 OK"

    port = free_port()
    controller = Controller(Handler(), hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield f"smtp://127.0.0.1:{port}", mailbox
    finally:
        controller.stop()


@contextlib.contextmanager
def resend_api() -> Iterator[tuple[str, Mailbox]]:
    """Run Resend's endpoint for sending; yield its URL and its mailbox."""
    mailbox = Mailbox()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            mail = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            time.sleep(mailbox.delay)
            authorized = self.headers["Authorization"] == "Bearer re_test"
            if self.path != "/emails" or not authorized or mailbox.refuses:
                self._answer(403, {"name": "invalid", "message": "refused today"})
                return
            to = mail["to"] if isinstance(mail["to"], str) else mail["to"][0]
            fields = {name: mail[name] for name in ("subject", "text", "html")}
            mailbox.received.append(Mail(to=to, sender=mail["from"], **fields))
            self._answer(200, {"id": "1"})

        def _answer(self, status: int, body: object) -> None:
            data = json.dumps(body).encode()
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", mailbox
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
