"""A ``BETTER_AUTH_URL`` that is not the origin of the auth server."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ...env.dotenv import replaced
from ...env.sites import is_local
from ...model import Evidence, FileEdit, Finding, Fix, Plan
from .._check import FIX, Broken, problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .._project import Project

_DEFAULT_PORTS = {"http": 80, "https": 443}

BROKEN = (
    Broken(
        title="a slash at the end of the URL",
        path="{server}/.env",
        before="BETTER_AUTH_URL=http://localhost:3001",
        after="BETTER_AUTH_URL=http://localhost:3001/",
        fixed=True,
    ),
    Broken(
        title="a path in the URL",
        path="{server}/.env",
        before="BETTER_AUTH_URL=http://localhost:3001",
        after="BETTER_AUTH_URL=http://localhost:3001/api/auth",
        fixed=True,
    ),
    Broken(
        title="another port than the server listens on",
        path="{server}/.env",
        before="PORT=3001",
        after="PORT=4000",
    ),
)


def find(project: Project) -> Iterator[Finding]:
    """Compare it with its own origin, and with the port that is listened on."""
    path, given = project.env_path, project.variables.get("BETTER_AUTH_URL", "")
    parts, before = urlsplit(given), project.read(path)
    if not given or before is None:
        return
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        remedy = "write an origin: https://auth.example.com"
        yield problem("BETTER_AUTH_URL is no URL", path, remedy=remedy)
        return
    plain = f"{parts.scheme}://{parts.netloc}"
    if given != plain:
        title = "cut BETTER_AUTH_URL down to its origin"
        after = replaced(before, "BETTER_AUTH_URL", given, plain)
        edit = FileEdit(
            path=path, before=before, after=after, why=(title,), secret=True, mode=0o600
        )
        message = (
            "BETTER_AUTH_URL is more than an origin, and tokens are compared to it"
        )
        yield Finding(
            message=message,
            evidence=(Evidence(path=path, why=message),),
            remedy=FIX,
            fix=Fix(title=title, plan=Plan(edits=(edit,))),
        )
    listening = project.variables.get("PORT", "")
    port = parts.port or _DEFAULT_PORTS[parts.scheme]
    if is_local(given) and listening.isdigit() and int(listening) != port:
        yield problem(
            f"BETTER_AUTH_URL names port {port}, and the server listens on {listening}",
            path,
            remedy=f"set PORT={port}, or the port in BETTER_AUTH_URL",
        )
