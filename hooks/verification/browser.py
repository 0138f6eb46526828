"""A minimal HTTP client that keeps cookies as a browser would, and follows nothing."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from email.message import Message

_TIMEOUT = 15.0


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One HTTP answer; ``status`` 0 means that no server answered; ``text``: why."""

    status: int
    text: str

    def json(self) -> Any:  # noqa: ANN401 - the shape is the server's
        """Return the body as JSON, or ``None`` where it is none."""
        try:
            return json.loads(self.text)
        except ValueError:
            return None


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object, **__: object) -> None:
        """Stay: the caller looks at the redirect itself."""


@dataclass(kw_only=True)
class Browser:
    """Sends requests from one origin and remembers the cookies of its one host."""

    origin: str
    cookies: dict[str, str] = field(default_factory=dict[str, str])

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> Answer:
        """GET ``url`` with the cookies that are held."""
        return self._send(urllib.request.Request(url), headers or {})  # noqa: S310 - http(s) only, from answers

    def post(self, url: str, body: object) -> Answer:
        """POST ``body`` as JSON with the origin and the cookies that are held."""
        request = urllib.request.Request(  # noqa: S310 - as above
            url, data=json.dumps(body).encode(), method="POST"
        )
        return self._send(
            request, {"Content-Type": "application/json", "Origin": self.origin}
        )

    def _send(
        self, request: urllib.request.Request, headers: Mapping[str, str]
    ) -> Answer:
        for name, value in headers.items():
            request.add_header(name, value)
        if self.cookies:
            held = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
            request.add_header("Cookie", held)
        opener = urllib.request.build_opener(
            _NoRedirect(), urllib.request.ProxyHandler({})
        )
        try:
            with opener.open(request, timeout=_TIMEOUT) as response:
                return self._keep(response.status, response.headers, response.read())
        except urllib.error.HTTPError as error:
            with error:
                return self._keep(error.code, error.headers, error.read())
        except OSError as error:
            return Answer(status=0, text=str(error))

    def _keep(self, status: int, headers: Message, body: bytes) -> Answer:
        for line in headers.get_all("Set-Cookie") or []:
            for name, morsel in SimpleCookie(line).items():
                if morsel["max-age"] == "0" or not morsel.value:
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.coded_value
        return Answer(status=status, text=body.decode("utf-8", "replace"))
