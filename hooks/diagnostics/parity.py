"""BA009: both servers must hold the same secret, URL and database."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ..env.database_url import development_url
from ..env.dotenv import replaced
from ..env.sites import is_local
from ..model import Evidence, FileEdit, Finding, Fix, Plan
from ..repository.compose import on_this_machine
from ..syntax.python import line, text
from ..syntax.typescript import arguments, literal, string_value, unwrapped, value_at
from ._check import FIX, Broken, Check, problem, repairable
from ._probe import ask_server, unasked
from ._secrets import compared_secrets, differ, expected_fingerprints, malformed_list
from ._variables import unset_variables
from ._verifier import outages, unverified

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from ..syntax.typescript import Script
    from ._project import Project

_SOURCES = {
    "secret": "env.BETTER_AUTH_SECRET",
    "baseURL": "env.BETTER_AUTH_URL",
}
_API = "/api/auth"
_DEFAULT_PORTS = {"http": 80, "https": 443}


class Parity(Check):
    """FastAPI checks what the auth server signs, with the same secret and URL.

    With another ``BETTER_AUTH_SECRET`` every cookie is refused; with another
    ``BETTER_AUTH_URL`` every token is, whose issuer and audience it is, to the letter.
    Both servers print the same eight digits of the secret's fingerprint when they
    start; while secrets change both need the same ``BETTER_AUTH_SECRETS``, FastAPI
    first. Tokens are signed with EdDSA; a shared secret and HS256 verify none. A
    database that does not answer says nothing about a credential, so it is no 401.
    """

    code = "BA009"
    name = "secret-and-url-parity"
    healthy = "both servers hold the same secret, URL and database"
    proof = (
        "env files compared by fingerprint; configuration and package by syntax tree; "
        "the fingerprint that the started server logs"
    )
    example = "BETTER_AUTH_URL=https://auth.example.com"
    broken = (
        Broken(
            title="the backend's own env file has another secret",
            path="{backend}/.env",
            after="BETTER_AUTH_SECRET=0123456789abcdef0123456789abcdef0123\n",
        ),
        Broken(
            title="a list of secrets that only FastAPI has",
            path="{backend}/.env",
            after="BETTER_AUTH_SECRETS=2:Zk3v9Qx7Lp2Rm8Tn4Wb6Yc1Hd5Jf0Gs3,1:{secret}\n",
        ),
        Broken(
            title="a list of secrets without their versions",
            path="{server}/.env",
            after="BETTER_AUTH_SECRETS=Zk3v9Qx7Lp2Rm8Tn4Wb6Yc1Hd5Jf0Gs3,{secret}\n",
        ),
        Broken(
            title="the backend's own env file has another URL",
            path="{backend}/.env",
            after="BETTER_AUTH_URL=https://auth.example.com\n",
        ),
        Broken(
            title="two databases",
            path="{backend}/.env",
            after="DATABASE_URL=postgresql://app@db.example.com:5432/other\n",
        ),
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
        Broken(
            title="a secret of another name",
            path="{server}/src/auth/auth.config.ts",
            before="secret: env.BETTER_AUTH_SECRET",
            after="secret: env.JWT_SECRET",
            fixed=True,
        ),
        Broken(
            title="a URL written into the configuration",
            path="{server}/src/auth/auth.config.ts",
            before="baseURL: env.BETTER_AUTH_URL",
            after='baseURL: "http://localhost:3000"',
            fixed=True,
        ),
        Broken(
            title="its own issuer",
            path="{server}/src/auth/auth.config.ts",
            before="issuer: env.BETTER_AUTH_URL",
            after='issuer: "https://shop.example.com"',
            project="jwt",
            fixed=True,
        ),
        Broken(
            title="minutes as a number, which means 1970",
            path="{server}/src/auth/auth.config.ts",
            before='expirationTime: "15m"',
            after="expirationTime: 900",
            project="jwt",
            fixed=True,
        ),
        Broken(
            title="tokens verified with HS256",
            path="{package}/tokens.py",
            before='_ALGORITHM = "EdDSA"',
            after='_ALGORITHM = "HS256"',
            project="jwt",
        ),
        Broken(
            title="an outage of the database taken for a bad credential",
            path="{package}/lookup.py",
            after=(
                "async def find(pool, token):\n    try:\n"
                '        return await pool.fetchrow("SELECT 1", token)\n'
                "    except Exception:\n        return None\n"
            ),
        ),
        Broken(
            title="the cookie looked up without its signature",
            path="{package}/cookies.py",
            before="hmac.",
            after="unsigned.",
        ),
    )

    def detect(self, project: Project) -> Iterator[Finding]:
        """Compare env files, then what the code takes from them."""
        yield from _env_files(project)
        yield from _url(project)
        if project.options is not None:
            yield from _options(project, *project.options)
        yield from unverified(project)
        yield from outages(project)

    def probe(self, project: Project) -> Iterator[Finding]:
        """Compare the fingerprint that the started server logs."""
        yield from unset_variables(project)
        server = ask_server(project)
        if server.reason or server.broken:
            yield unasked(project, server.reason or "the auth server does not start")
            return
        expected = expected_fingerprints(project)
        if server.fingerprints and expected and differ(server.fingerprints, expected):
            prints = ", ".join((*server.fingerprints, *expected))
            yield problem(
                f"the auth server signs with another secret (fingerprints {prints})",
                project.env_path,
                remedy="take BETTER_AUTH_SECRET, or the list, as it stands, in both",
            )


def _env_files(project: Project) -> Iterator[Finding]:
    ours, path = project.variables, project.env_path
    yield from malformed_list(path, ours)
    own = f"{project.backend}/.env".removeprefix("./")
    separate = project.facts.separate_better_auth.value
    for name in dict.fromkeys((own, ".env")):
        folder = name.rpartition("/")[0] or "."
        if separate is not None and folder in {separate, "."}:
            continue  # of another better-auth, or of both: what it says may stay
        theirs = project.env(name)
        yield from compared_secrets(project, name, theirs)
        url = theirs.get("BETTER_AUTH_URL", "")
        if url and url.rstrip("/") != ours.get("BETTER_AUTH_URL", url).rstrip("/"):
            yield problem(
                "two values of BETTER_AUTH_URL",
                name,
                remedy=f"copy BETTER_AUTH_URL from {path}",
            )
    yield from _databases(project)


def _databases(project: Project) -> Iterator[Finding]:
    ours = project.variables.get("DATABASE_URL", "")
    answers = project.answers
    if not answers.shares_database or answers.auth_database_layer == "none":
        return
    if not urlsplit(ours).hostname:
        return
    theirs = development_url(project.text, project.backend) or ""
    # A name of the compose network is, from here, the port that it publishes.
    theirs = on_this_machine(answers.auth_compose_file, project.text, theirs)
    ours = on_this_machine(answers.auth_compose_file, project.text, ours)
    if theirs and _place(theirs) != _place(ours):
        yield problem(
            "the two servers use two databases",
            project.env_path,
            remedy="give both the same DATABASE_URL",
        )


def _place(url: str) -> tuple[str, int, str]:
    parts = urlsplit(url)
    host = parts.hostname or ""
    # A pooler's host is its database's with a suffix to the first label.
    host = re.sub(r"^([^.]+)-pooler\.", r"\1.", host)
    local = "localhost" if is_local(f"http://{host}") else host
    try:
        port = parts.port or 5432
    except ValueError:
        port = 0
    return local, port, parts.path


def _url(project: Project) -> Iterator[Finding]:
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


def _options(
    project: Project, path: str, script: Script, options: Node
) -> Iterator[Finding]:
    for name, source in _SOURCES.items():
        node = value_at(options, name)
        yield from _sourced(path, script, node, name, source)
    base_path = string_value(value_at(options, "basePath"))
    if base_path is not None and base_path.rstrip("/") != _API:
        yield problem(
            f"better-auth answers below {base_path}, and FastAPI asks below {_API}",
            path,
            line(options),
            remedy=f'set basePath: "{_API}"',
        )
    for call in script.calls("jwt"):
        given = unwrapped(next(iter(arguments(call)), None))
        for name in ("issuer", "audience"):
            node = value_at(given, "jwt", name)
            if node is None or node.type == "string":
                yield from _sourced(path, script, node, name, _SOURCES["baseURL"])
        life = value_at(given, "jwt", "expirationTime")
        if life is not None and isinstance(literal(life), float):
            minutes = project.answers.auth_jwt_minutes
            yield repairable(
                "expirationTime as a number is a moment in 1970; every token has ended",
                path,
                line(life),
                title=f'set expirationTime to "{minutes}m"',
                before=script.source,
                after=script.replaced(life, f'"{minutes}m"'),
            )


def _sourced(
    path: str, script: Script, node: Node | None, name: str, source: str
) -> Iterator[Finding]:
    """Find an option that is a literal, or another variable of the environment."""
    if node is None:
        return
    is_variable = re.fullmatch(r"(?:process\.)?env[.\[].*", text(node)) is not None
    if node.type in {"string", "template_string"} or (
        is_variable and source.rpartition(".")[2] not in text(node)
    ):
        yield repairable(
            f"{name} does not come from {source.rpartition('.')[2]}",
            path,
            line(node),
            title=f"set {name} to {source}",
            before=script.source,
            after=script.replaced(node, source),
        )
