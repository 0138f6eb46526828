"""The cookie that the started server sends, as a browser reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ...env.sites import Relation, is_local, is_public_suffix
from ...probe import ask_server
from .._check import problem, skipped, unasked
from . import other_name
from .two_sites import relations_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import Finding
    from .._project import Project


def probe(project: Project) -> Iterator[Finding]:
    """Read the cookie that the started server sets."""
    server = ask_server(project.auth_server)
    if server.reason or server.broken:
        yield unasked(project, server.reason or "the auth server does not start")
        return
    yield from _sent(project, server.cookie)
    if server.unwritten:
        yield skipped(f"{server.unwritten}; its settings are right")


def _sent(project: Project, cookie: str) -> Iterator[Finding]:
    """Find what is wrong with a ``Set-Cookie`` as a browser reads it."""
    url = project.variables.get("BETTER_AUTH_URL", "")
    pair, *rest = (part.strip() for part in cookie.split(";"))
    name = pair.partition("=")[0]
    parts = {n.lower(): value for n, _, value in (p.partition("=") for p in rest)}
    relations = dict(relations_of(project)).values()
    one_site = bool(relations) and Relation.CROSS_SITE not in relations
    same_site, domain = parts.get("samesite", "").lower(), parts.get("domain", "")
    host = urlsplit(url).hostname or ""
    wrong = {
        "without HttpOnly, so that any script on the page can read it": (
            "httponly" not in parts
        ),
        "without Secure, although the auth server has https": (
            url.startswith("https:") and "secure" not in parts
        ),
        "with Secure, which browsers refuse from a server without https": (
            url.startswith("http:") and not is_local(url) and "secure" in parts
        ),
        "with SameSite=None and without Secure, which browsers refuse": (
            same_site == "none" and "secure" not in parts
        ),
        "with SameSite=None, although pages and auth server are one site": (
            same_site == "none" and one_site
        ),
        "with SameSite=Strict, which drops it after a link from a mail": (
            same_site == "strict"
        ),
        f"for the domain {domain}, which is not its own": (
            bool(domain) and not _covers(domain, host)
        ),
    }
    for how, is_wrong in wrong.items():
        if is_wrong:
            yield problem(
                f"the auth server sets the session cookie {how}",
                project.options[0] if project.options else project.env_path,
                remedy="correct advanced in auth.config.ts, or the variable behind it",
            )
    yield from other_name.sent(project, name)


def _covers(domain: str, host: str) -> bool:
    """Return True if browsers take a cookie for ``domain`` from ``host``."""
    name = domain.lstrip(".").lower()
    return (host == name or host.endswith(f".{name}")) and not is_public_suffix(name)
