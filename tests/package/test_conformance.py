"""The same credentials everywhere: strategies, layers, better-auth, the bridge.

People sign up at a real auth server. What is expected of every credential is in the
table of docs/sessions.md; where two ways differ, its last column has to say why.
"""

from __future__ import annotations

import base64
import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import httpx
import jwt
import pytest
from copier_better_auth.answers import load_answers
from copier_better_auth.schema.triggers import recreation
from cryptography.hazmat.primitives.asymmetric import ed25519
from support.auth_server import (
    SECRET,
    AuthServer,
    environment,
    migrate,
    running_server,
)
from support.bridge_environment import BRIDGE, VIEWS, bridge_python
from support.copier_cli import ANSWERS_FILE, render_only
from support.databases import LAYERS, with_alembic
from support.missing import missing
from support.postgres import execute, free_port, new_database
from support.processes import running, wait_for
from support.repositories import build as build_repository
from support.sessions import COOKIE, STRATEGIES, signed
from support.template import ROOT
from support.tokens import unpadded

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

Headers: TypeAlias = dict[str, str]
Outcomes: TypeAlias = dict[str, dict[str, str]]

SIGN = """
    const { auth } = await import(process.cwd() + "/dist/auth/auth.config.js");
    const sign = (payload) => auth.api.signJWT({ body: { payload } });
    const signed = await Promise.all(JSON.parse(process.argv[1]).map(sign));
    console.log("signed:" + JSON.stringify(signed.map(({ token }) => token)));
    process.exit(0);
"""
_ASYNCPG = """
    import os
    from contextlib import asynccontextmanager

    import asyncpg
    from fastapi import FastAPI

    @asynccontextmanager
    async def lifespan(app):
        async with asyncpg.create_pool(os.environ["DATABASE_URL"]) as app.state.pool:
            yield

    app = FastAPI(lifespan=lifespan)
    """
_PSYCOPG = """
    import os

    import psycopg
    from fastapi import FastAPI

    app = FastAPI()

    @app.get("/")
    def home() -> int:
        with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
            return connection.execute("select 1").fetchone()[0]
    """
_NONE = """
    from fastapi import FastAPI

    app = FastAPI()
    """
_OTHERS = {
    "asyncpg": ("fastapi\nasyncpg\n", _ASYNCPG),
    "psycopg": ("fastapi\npsycopg[binary]\n", _PSYCOPG),
    "none": ("fastapi\n", _NONE),
}


@dataclass(kw_only=True)
class Person:
    """A user with a session of the auth server."""

    email: str
    token: str
    cookie: str
    jwt: str = ""

    @property
    def session(self) -> Headers:
        """Return what a browser sends."""
        return {"cookie": f"{COOKIE}={self.cookie}"}


@dataclass(kw_only=True)
class Credential:
    """What is in a row of the table: as a cookie and as a token."""

    cookie: Headers | None = None
    token: Headers | None = None

    def for_way(self, way: str) -> Headers | None:
        """Return what a way is sent; better-auth is asked for its session."""
        return self.token if "jwt" in way else self.cookie


@dataclass
class People:
    """Those who sign up, each from their own address."""

    server: AuthServer
    known: dict[str, Person] = field(default_factory=dict)

    def sign_up(self, name: str) -> Person:
        """Sign a user up; fetch a token too."""
        browser = self.server.client(address=f"203.0.113.{len(self.known) + 1}")
        email = f"{name}@example.com"
        password = secrets.token_urlsafe(16)
        asked = {"name": name, "email": email, "password": password}
        answer = browser.post("/api/auth/sign-up/email", json=asked)
        assert answer.status_code == 200, answer.text
        cookie = answer.cookies[COOKIE]
        person = Person(email=email, token=answer.json()["token"], cookie=cookie)
        minted = self.server.client().get("/api/auth/token", headers=person.session)
        assert minted.status_code == 200, minted.text
        person.jwt = minted.json()["token"]
        self.known[name] = person
        return person

    def sign_out(self, person: Person) -> None:
        """End a session as its owner does."""
        answer = self.server.client().post(
            "/api/auth/sign-out", headers=person.session, json={}
        )
        assert answer.status_code == 200, answer.text


@pytest.fixture(scope="module")
def auth_server(
    auth_server_folder: Path, postgres: str
) -> Iterator[tuple[AuthServer, Path, str]]:
    """An auth server that signs people in and issues tokens; folder, database."""
    url = new_database(postgres)
    migrate(auth_server_folder, url)
    execute(url, recreation())
    execute(url, VIEWS)
    with running_server(auth_server_folder, url) as server:
        yield server, auth_server_folder, url


@pytest.fixture(scope="module")
def files(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The template without its history, which makes each copy a clone."""
    folder = tmp_path_factory.mktemp("files") / "template"
    return shutil.copytree(template, folder, ignore=shutil.ignore_patterns(".git"))


def project_of(folder: Path, layer: str, files: Path) -> Path:
    """Build a project with a layer; give it the package of each strategy."""
    if layer in LAYERS:
        with_alembic(folder, LAYERS[layer])
    else:
        requirements, main = _OTHERS[layer]
        text = {"requirements.txt": requirements, "app/__init__.py": ""}
        build_repository(folder, {**text, "app/main.py": main})
    for strategy in STRATEGIES:
        answers = {
            "auth_session_validation": strategy,
            "auth_package_dir": f"app/auth_{strategy}",
            "auth_allow_dirty": True,
        }
        render_only(files, folder, answers, overwrite=True)
    # Discovery saw the layer, so the package was rendered for it.
    assert load_answers(folder / ANSWERS_FILE).auth_database_layer == layer
    return folder


@dataclass(kw_only=True)
class Application:
    """A process that was started, and what it prints."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path
    caches: bool

    def wait(self) -> None:
        """Wait until it answers, and from memory where that is meant to."""
        wait_for(f"{self.url}/openapi.json", self.process, self.log)
        deadline = time.monotonic() + 20
        while self.caches and "sessions are cached" not in self.log.read_text():
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.05)


def start(
    stack: ExitStack, folder: Path, server: AuthServer, url: str, **settings: str
) -> Application:
    """Start an application of ``support``."""
    port = free_port()
    python = settings.pop("python", sys.executable)
    app = settings.pop("app", "conforming")
    log = folder / f"{app}.log"
    env = {
        "PYTHONPATH": f"{folder}{os.pathsep}{ROOT / 'tests'}",
        "DATABASE_URL": url,
        "BETTER_AUTH_SECRET": SECRET,
        "BETTER_AUTH_URL": server.url.replace("127.0.0.1", "localhost"),
        **settings,
    }
    command = [python, "-m", "uvicorn", f"support.{app}:app", "--port", str(port)]
    process = stack.enter_context(running(command, cwd=folder, log=log, env=env))
    base = f"http://127.0.0.1:{port}"
    caches = "AUTH_PACKAGES" in settings
    return Application(url=base, process=process, log=log, caches=caches)


def sign_claims(folder: Path, url: str, port: int, claims: list[Any]) -> list[str]:
    """Let the auth server's own code sign claims with its current key."""
    done = subprocess.run(
        ["node", "--input-type=module", "-e", SIGN, json.dumps(claims)],  # noqa: S607 - node from PATH
        cwd=folder,
        env=environment(url, port),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    listed = re.search(r"signed:(.*)", done.stdout)
    assert listed is not None, done.stdout
    signed_tokens: list[str] = json.loads(listed[1])
    return signed_tokens


def credentials(people: People, folder: Path, url: str) -> dict[str, Credential]:
    """Return every credential by its name in the table."""
    ada, other = people.known["ada"], people.known["other"]
    now = int(time.time())
    good = jwt.decode(ada.jwt, options={"verify_signature": False})
    header = jwt.get_unverified_header(ada.jwt)
    origin = good["iss"]
    tokens = sign_claims(
        folder,
        url,
        int(origin.rpartition(":")[2]),
        [
            {**good, "iat": now - 600, "exp": now - 60},
            {**good, "iss": "https://evil.test"},
            {**good, "aud": "https://evil.test"},
            {**good, "aud": "better-auth:session-cache"},
            {**good, "exp": now + 86_400},
            {name: value for name, value in good.items() if name != "sub"},
        ],
    )
    expired, issuer, audience, cache, long_lived, nobody = map(bearer, tokens)
    head, _, signature = ada.jwt.split(".")
    altered = unpadded(json.dumps({**good, "email": "root@example.com"}).encode())
    kid = {"kid": header["kid"]}
    stranger = ed25519.Ed25519PrivateKey.generate()
    public = httpx.get(f"{people.server.url}/api/auth/jwks").json()["keys"][0]["x"]
    raw_public = base64.urlsafe_b64decode(public + "=")

    def sent(name: str) -> Credential:
        person = people.known[name]
        return Credential(cookie=person.session, token=bearer(person.jwt))

    def as_cookie(value: str) -> Headers:
        return {"cookie": f"{COOKIE}={value}"}

    both = {**ada.session, **bearer(ada.jwt)}
    return {
        "valid": sent("ada"),
        "none": Credential(cookie={}, token={}),
        "unsigned, or `alg` none": Credential(
            cookie=as_cookie(ada.token),
            token=bearer(jwt.encode(good, None, "none", kid)),
        ),
        "signed with another secret or key": Credential(
            cookie=as_cookie(signed(ada.token, "another-" + "s" * 32)),
            token=bearer(jwt.encode(good, stranger, "EdDSA", kid)),
        ),
        "altered": Credential(
            cookie=as_cookie(other.token + ada.cookie[len(ada.token) :]),
            token=bearer(f"{head}.{altered}.{signature}"),
        ),
        "truncated": Credential(
            cookie=as_cookie(ada.cookie[:-12]), token=bearer(ada.jwt[:-12])
        ),
        "of no session, or unknown `kid`": Credential(
            cookie=as_cookie(signed("x" * 32, SECRET)),
            token=bearer(jwt.encode(good, stranger, "EdDSA", {"kid": "made-up"})),
        ),
        "expired": Credential(cookie=people.known["late"].session, token=expired),
        "signed out": sent("gone"),
        "user deleted": sent("deleted"),
        "8 kB": Credential(
            cookie=as_cookie(signed("t" * 8_000, SECRET)), token=bearer("t" * 8_000)
        ),
        "NUL, percent-encoded": Credential(
            cookie=as_cookie(signed(f"{ada.token}\0", SECRET)),
            token=bearer(f"{ada.jwt}%00"),
        ),
        "cookie and token at once": Credential(cookie=both, token=both),
        "good cookie, bad token": Credential(
            cookie={**ada.session, **bearer("made.up.token")},
            token={**ada.session, **bearer("made.up.token")},
        ),
        "session token as bearer": Credential(
            cookie=bearer(ada.token), token=bearer(ada.token)
        ),
        "the other strategy's": Credential(cookie=bearer(ada.jwt), token=ada.session),
        "cookie under its https name": Credential(
            cookie={"cookie": f"__Secure-{COOKIE}={ada.cookie}"}
        ),
        "`alg` HS256 with the public key": Credential(
            token=bearer(jwt.encode(good, raw_public, "HS256", kid))
        ),
        "another issuer": Credential(token=issuer),
        "another audience": Credential(token=audience),
        "a session cache's audience": Credential(token=cache),
        "valid for a day": Credential(token=long_lived),
        "without `sub`": Credential(token=nobody),
    }


def bearer(token: str) -> Headers:
    """Return what a client of the API sends."""
    return {"authorization": f"Bearer {token}"}


def outcome(client: httpx.Client, url: str, headers: Headers) -> str:
    """Say what becomes of a credential, where one is required and where not."""
    required = client.get(f"{url}/auth/me", headers=headers).status_code
    optional = client.get(f"{url}/optional", headers=headers).status_code
    words = {(200, 200): "accepted", (401, 401): "refused", (401, 200): "nobody"}
    return words.get((required, optional), f"{required}/{optional}").replace(
        "400/400", "400"
    )


def outcome_of_better_auth(client: httpx.Client, url: str, headers: Headers) -> str:
    """Say whether better-auth itself finds a session."""
    answer = client.get(f"{url}/api/auth/get-session", headers=headers)
    client.cookies.clear()
    if answer.status_code != 200:
        return str(answer.status_code)
    if answer.json() is not None:
        return "accepted"
    return "refused" if "cookie" in headers else "nobody"


def documented() -> tuple[Outcomes, dict[str, str]]:
    """Return the table of docs/sessions.md, and what it says of each difference."""
    text = (ROOT / "docs" / "sessions.md").read_text()
    _, _, section = text.partition("## Every credential")
    section, _, _ = section.partition("\n## ")
    lines = re.findall(r"^\|.*\|$", section, re.MULTILINE)
    rows = [[cell.strip() for cell in line[1:-1].split("|")] for line in lines]
    _, *columns, _ = rows[0]
    table = {row[0]: dict(zip(columns, row[1:-1], strict=True)) for row in rows[2:]}
    return table, {row[0]: row[-1] for row in rows[2:]}


def test_outcomes_agree(
    auth_server: tuple[AuthServer, Path, str],
    files: Path,
    tmp_path: Path,
) -> None:
    """Layers agree with each other, and everybody with the table."""
    server, folder, url = auth_server
    people = People(server)
    for name in ("ada", "other", "late", "gone", "deleted"):
        people.sign_up(name)
    python = bridge_python(tmp_path / "bridge")
    with ExitStack() as stack:
        started: dict[str, Application] = {}
        for layer in (*LAYERS, *_OTHERS):
            project = project_of(tmp_path / layer, layer, files)
            packages = ",".join(f"app.auth_{strategy}" for strategy in STRATEGIES)
            started[layer] = start(stack, project, server, url, AUTH_PACKAGES=packages)
        if python is not None:
            started["bridge"] = start(
                stack, tmp_path, server, url, app="bridge", python=python
            )
        urls: dict[str, str] = {}
        for name, application in started.items():
            application.wait()
            ways = ("cookie", "jwt") if name == "bridge" else STRATEGIES
            urls |= {f"{name} {way}": f"{application.url}/{way}" for way in ways}
        client = stack.enter_context(httpx.Client(timeout=20, trust_env=False))
        # A user who is about to lose a session is in every memory by then.
        for name in ("late", "gone", "deleted"):
            for way, base in urls.items():
                person = people.known[name]
                headers = bearer(person.jwt) if "jwt" in way else person.session
                assert outcome(client, base, headers) == "accepted", (way, name)
        people.sign_out(people.known["gone"])
        execute(url, "DELETE FROM auth_user WHERE email = 'deleted@example.com'")
        execute(
            url,
            """UPDATE auth_session SET expires_at = now() FROM auth_user u
                WHERE u.id = user_id AND u.email = 'late@example.com'""",
        )
        time.sleep(0.5)
        seen: dict[str, dict[str, str]] = {}
        for name, credential in credentials(people, folder, url).items():
            seen[name] = {
                way: outcome(client, base, headers)
                for way, base in urls.items()
                if (headers := credential.for_way(way)) is not None
            }
            if credential.cookie is not None:
                seen[name]["better-auth"] = outcome_of_better_auth(
                    client, server.url, credential.cookie
                )
    compare(seen, installed=python is not None)


def compare(seen: Mapping[str, Mapping[str, str]], *, installed: bool) -> None:
    """Hold what was seen against the table, and the table against itself."""
    table, why = documented()
    columns = {
        "`database`, `cached`": [
            f"{layer} {strategy}"
            for layer in (*LAYERS, *_OTHERS)
            for strategy in ("database", "cached")
        ],
        "`jwt`": [f"{layer} jwt" for layer in (*LAYERS, *_OTHERS)],
        "better-auth": ["better-auth"],
    }
    if installed:
        columns |= {"bridge, cookie": ["bridge cookie"], "bridge, JWT": ["bridge jwt"]}
    found = {
        name: {
            column: " or ".join(sorted({by_way.get(way, "") for way in ways}))
            for column, ways in columns.items()
        }
        for name, by_way in seen.items()
    }
    expected = {
        name: {column: row[column] for column in columns} for name, row in table.items()
    }
    assert found == expected
    for name, row in table.items():
        differ = len(set(row.values()) - {""}) > 1
        assert bool(why[name]) == differ, name
    if not installed:
        missing(f"all but the bridge agree: {BRIDGE} does not install here")
