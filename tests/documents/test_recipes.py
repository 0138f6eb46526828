"""The recipes of a project, followed to the letter: each piece of code works."""

from __future__ import annotations

import json
import os
import re
import sys
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from copier_better_auth import ANSWERS_FILE
from copier_better_auth.answers import load_answers
from copier_better_auth.verification import running_servers
from support.auth_server import ORIGIN
from support.copier_cli import copy
from support.databases import LAYERS, alembic, with_alembic
from support.nginx import running_nginx
from support.node import install_node_packages
from support.postgres import execute, free_port
from support.projects import (
    install_python_packages,
    run_python,
    running_project,
    set_env,
)
from support.repositories import build
from support.snippets import Project, below, snippets
from support.template import commit_all

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from copier_better_auth.verification import Servers
    from support.copies import Copies
    from support.snippets import Snippet

JOB_KEY = "a key of sixteen characters or more"
PASSWORD = "correct horse battery"  # noqa: S105 - for tests alone
OLD_USERS = """
    CREATE TABLE users (id serial PRIMARY KEY, name text, email text, password text);
    INSERT INTO users (name, email) VALUES (NULL, 'Old@Example.com');
"""
# What is typed or changed while the servers run, or after they have.
LOG_OUT, SECRET = "Log everybody out, or one person", "Change the secret"
# Alembic would drop a table that no model of the project has.
EXISTING = "Use my existing users, or move from another login"
LATER = (LOG_OUT, SECRET, EXISTING)
ROWS = "Let people see only their own rows"


@pytest.fixture
def browsers() -> Iterator[ExitStack]:
    """What closes every browser of a test."""
    with ExitStack() as stack:
        yield stack


def page_of(project: Path) -> str:
    return (project / "auth-server/docs/recipes.md").read_text()


def follow_all(project: Project, chosen: Sequence[Snippet]) -> list[str]:
    """Follow what needs no running server; return what the commands printed."""
    printed = []
    for snippet in chosen:
        asks = not snippet.verb and "http://localhost" in snippet.text
        if snippet.is_followed and not asks and snippet.heading not in LATER:
            printed.append(project.follow(snippet))
    return printed


def new_project(copies: Copies, tmp_path: Path, url: str, *options: str) -> Project:
    """Make one with the packages that recipes ask for, in a migrated database."""
    given = [part for option in options for part in ("-d", option)]
    copies.into(tmp_path, "-d", "auth_database_provider=local", *given)
    server, backend = tmp_path / "auth-server", tmp_path / "backend"
    commit_all(tmp_path)
    set_env(server, DATABASE_URL=url)
    manifest = backend / "pyproject.toml"
    before = '    "uvicorn==0.54.0",\n'
    added = '    "strawberry-graphql",\n    "websockets",\n'
    assert before in manifest.read_text()
    manifest.write_text(manifest.read_text().replace(before, f"{before}{added}"))
    install_python_packages(backend)
    install_node_packages(server)
    # uv takes the packages that are there.
    env = {"UV_NO_SYNC": "1", "JOB_KEY": JOB_KEY}
    project = Project(root=tmp_path, database_url=url, env=env)
    project.type("(cd backend && uv run alembic upgrade head)")
    return project


class Person(httpx.Client):
    """A browser of one person, in front of both servers."""

    def __init__(self, servers: Servers, browsers: ExitStack) -> None:
        """Remember where the servers are; it is closed with ``browsers``."""
        super().__init__(headers={"Origin": ORIGIN}, timeout=20)
        self.servers = servers
        browsers.enter_context(self)

    def auth(self, path: str, **body: object) -> httpx.Response:
        """Call the auth server; what goes wrong is not expected."""
        url = f"{self.servers.auth_url}/api/auth/{path}"
        answer = self.post(url, json=body) if body else self.get(url)
        assert answer.is_success, answer.text
        return answer

    def api(self, path: str, method: str = "GET", **more: Any) -> httpx.Response:  # noqa: ANN401 - httpx's own
        """Call FastAPI with what the person has."""
        return self.request(method, f"{self.servers.api_url}{path}", **more)

    def sign_up(self, name: str, **more: object) -> Person:
        """Come in as a new user, whose address is confirmed where that is asked for."""
        email = f"{name}@example.com"
        given = {"name": name, "email": email, "password": PASSWORD}
        self.auth("sign-up/email", **given, **more)
        link = self.servers.printed_link(email)
        self.get(link)
        return self

    def wait_for_line(self, text: str) -> None:
        """Wait until a server has printed this."""
        deadline = time.monotonic() + 20
        while text not in (printed := self.servers.log.read_text()):
            assert time.monotonic() < deadline, f"no {text!r} in:\n{printed}"
            time.sleep(0.05)

    def take_token(self) -> Person:
        """Show FastAPI a fresh token from now on."""
        token = self.auth("token").json()["token"]
        self.headers["Authorization"] = f"Bearer {token}"
        return self


def talk(backend: Path, url: str, headers: Mapping[str, str], *texts: str) -> list[str]:
    """Open a socket, say each text; return the answers, or why it was closed."""
    script = """
import json, sys
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect
url, headers, texts = json.loads(sys.argv[1])
heard = []
try:
    with connect(url, additional_headers=headers) as socket:
        for text in texts:
            socket.send(text)
            if not text.startswith("ey"):
                heard.append(socket.recv(timeout=10))
except (ConnectionClosed, InvalidStatus) as error:
    heard.append(str(error))
print(json.dumps(heard))
"""
    given = json.dumps([url.replace("http", "ws", 1), dict(headers), texts])
    done = run_python(backend, "-c", script, given)
    assert done.returncode == 0, done.stderr
    heard: list[str] = json.loads(done.stdout)
    return heard


def assert_routes(ada: Person, eve: Person, stranger: Person) -> None:
    """What each recipe about routes promises, asked by three people."""
    assert ada.api("/account").json() == "You are ada@example.com"
    assert stranger.api("/account").status_code == 401
    assert ada.api("/greeting").json() == "Hello ada"
    assert stranger.api("/greeting").json() == "Hello"
    assert ada.api("/invitations", "POST").json() == "Invited by ada@example.com"
    assert ada.api("/members/news").json() == ["For members only"]
    assert stranger.api("/members/news").status_code == 401

    note = ada.api("/notes", "POST", json={"text": "mine"}).json()
    assert [n["text"] for n in ada.api("/notes").json()] == ["mine"]
    assert ada.api(f"/notes/{note['id']}").json() == note
    assert eve.api("/notes").json() == []
    assert eve.api(f"/notes/{note['id']}").status_code == 404
    assert stranger.api("/notes").status_code == 401

    heard = ada.api("/events").text
    assert heard == "".join(f"data: {n} for ada\n\n" for n in range(3))
    assert stranger.api("/events").status_code == 401
    user = ada.api("/auth/me").json()["id"]
    assert ada.api("/orders", "POST").status_code == 202
    ada.wait_for_line(f"confirmed for {user}")
    asked = {"json": {"query": "{ email }"}}
    found = ada.api("/graphql", "POST", **asked).json()
    assert found == {"data": {"email": "ada@example.com"}}
    assert stranger.api("/graphql", "POST", **asked).status_code == 401
    assert ada.api("/jobs/digest", "POST").status_code in {401, 403}


def assert_old_user_comes_in(project: Project, person: Person) -> None:
    """Somebody of the old table chooses a password by mail, and is the same person."""
    execute(project.database_url, OLD_USERS)
    (carry,) = below(page_of(project.root), EXISTING)
    project.follow(carry)
    project.follow(carry)
    person.auth("request-password-reset", email="old@example.com")
    link = httpx.URL(person.servers.printed_link("old@example.com"))
    token = link.params.get("token") or link.path.rpartition("/")[2]
    person.auth("reset-password", token=token, newPassword=PASSWORD)
    person.auth("sign-in/email", email="old@example.com", password=PASSWORD)
    session = person.auth("get-session").json()
    assert session["user"]["emailVerified"] is True
    connected = execute(project.database_url, "SELECT auth_user_id FROM users")
    assert session["user"]["id"] == connected


def test_recipes_with_cookies(
    copies: Copies,
    tmp_path: Path,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    browsers: ExitStack,
) -> None:
    """The whole page from its top to its end, on a new project with both servers."""
    monkeypatch.setenv("JOB_KEY", JOB_KEY)
    project = new_project(copies, tmp_path, database_url)
    page, backend = page_of(tmp_path), tmp_path / "backend"
    unplaced = [s.language for s in snippets(page) if not s.is_followed]
    assert unplaced == ["nginx"]
    printed = "".join(follow_all(project, snippets(page)))
    assert printed.count(" passed in ") == 2
    assert "people have signed up" in printed
    with running_project(tmp_path) as servers:
        people = [Person(servers, browsers) for _ in range(4)]
        ada, eve, stranger, old = people
        ada.sign_up("ada", locale="de")
        eve.sign_up("eve")
        assert_routes(ada, eve, stranger)
        assert_old_user_comes_in(project, old)

        socket = f"{servers.api_url}/chat"
        cookie = "; ".join(f"{c.name}={c.value}" for c in ada.cookies.jar)
        headers = {"Cookie": cookie, "Origin": ORIGIN}
        assert talk(backend, socket, headers, "hello") == ["ada: hello"]
        elsewhere = {**headers, "Origin": "https://evil.example"}
        for refused, status in (({}, "401"), (elsewhere, "403")):
            (why,) = talk(backend, socket, refused, "hello")
            assert status in why

        by_key = Project(
            root=tmp_path,
            addresses={"http://localhost:8000": servers.api_url},
            env=project.env,
        )
        (asked,) = (s for s in snippets(page) if 'JOB_KEY" http' in s.text)
        assert by_key.follow(asked) == '"begun"'

        assert ada.auth("get-session").json()["user"]["locale"] == "de"
        ada.auth("sign-in/email", email="ada@example.com", password=PASSWORD)
        assert ada.cookies["better-auth.last_used_login_method"] == "email"
        for url in (f"{servers.auth_url}/api/auth/ok", f"{servers.api_url}/account"):
            second = {
                "Origin": "http://localhost:5174",
                "Access-Control-Request-Method": "GET",
            }
            allowed = httpx.options(url, headers=second)
            header = allowed.headers["access-control-allow-origin"]
            assert header == "http://localhost:5174", url
        assert_behind_nginx(tmp_path, page, ada, socket_headers=headers)

        one, everybody = below(page, LOG_OUT)
        project.follow(one)
        assert ada.api("/account").status_code == 401
        assert eve.api("/account").status_code == 200
        project.follow(everybody)
        assert eve.api("/account").status_code == 401
        ada.auth("sign-in/email", email="ada@example.com", password=PASSWORD)
    change_secret(project, page)
    with running_project(tmp_path) as servers:
        ada.servers = servers
        assert ada.api("/account").json() == "You are ada@example.com"
        assert ada.auth("get-session").json() is not None
        new = Person(servers, browsers)
        new.auth("sign-in/email", email="eve@example.com", password=PASSWORD)
        assert new.api("/account").json() == "You are eve@example.com"


def assert_behind_nginx(
    folder: Path, page: str, person: Person, socket_headers: Mapping[str, str]
) -> None:
    """Both servers answer through it, a socket too."""
    (block,) = (s.text for s in snippets(page) if s.language == "nginx")
    servers = person.servers
    for port, url in (("8000", servers.api_url), ("3001", servers.auth_url)):
        block = block.replace(f"http://127.0.0.1:{port}", url)
    with running_nginx(folder / "nginx", block) as port:
        through = f"http://127.0.0.1:{port}"
        for host, path in (
            ("api.example.com", "/account"),
            ("auth.example.com", "/api/auth/get-session"),
        ):
            headers = {**socket_headers, "Host": host}
            answer = httpx.get(f"{through}{path}", headers=headers)
            assert "ada@example.com" in answer.text, answer.text
        # The first block is what nginx takes for a host that it does not know.
        heard = talk(folder / "backend", f"{through}/chat", socket_headers, "hello")
        assert heard == ["ada: hello"]


def change_secret(project: Project, page: str) -> None:
    """Follow the page, with a new secret and the one that is there."""
    env = (project.root / "auth-server/.env").read_text()
    (old,) = re.findall(r"(?m)^BETTER_AUTH_SECRET=(.+)$", env)
    line = next(s for s in below(page, SECRET) if s.path)
    secrets = line.text.replace("NEW", "n" * 40).replace("OLD", old.strip("'\""))
    project.follow(replace(line, text=secrets))


def test_recipes_with_tokens(
    copies: Copies,
    tmp_path: Path,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    browsers: ExitStack,
) -> None:
    """What is otherwise where FastAPI goes by tokens."""
    monkeypatch.setenv("JOB_KEY", JOB_KEY)
    jwt = "auth_session_validation=jwt"
    project = new_project(copies, tmp_path, database_url, jwt)
    page, backend = page_of(tmp_path), tmp_path / "backend"
    unplaced = [s.language for s in snippets(page) if not s.is_followed]
    assert unplaced == ["nginx"]
    printed = "".join(follow_all(project, snippets(page)))
    assert printed.count(" passed in ") == 2
    # One address throughout: it is the issuer of the tokens.
    answers, ports = load_answers(tmp_path / ANSWERS_FILE), (free_port(), free_port())
    with running_servers(tmp_path, answers, ports) as servers:
        people = [Person(servers, browsers) for _ in range(3)]
        ada, eve, stranger = people
        ada.sign_up("ada").take_token()
        eve.sign_up("eve").take_token()
        assert_routes(ada, eve, stranger)
        token = str(ada.headers["Authorization"]).removeprefix("Bearer ")
        socket = f"{servers.api_url}/chat"
        assert talk(backend, socket, {}, token, "hello") == ["ada: hello"]
        (why,) = talk(backend, socket, {}, f"{token[:-4]}AAAA", "hello")
        assert "1008" in why
    change_secret(project, page)
    with running_servers(tmp_path, answers, ports) as servers:
        for person in people:
            person.servers = servers
        assert ada.api("/account").status_code == 200
        assert ada.take_token().api("/account").status_code == 200
        one, everybody, keys = below(page, LOG_OUT)
        project.follow(one)
        url = f"{servers.auth_url}/api/auth/token"
        assert ada.get(url).status_code == 401
        assert eve.get(url).status_code == 200
        project.follow(everybody)
        assert eve.get(url).status_code == 401
        assert ada.api("/account").status_code == 200
        project.follow(keys)
        assert ada.api("/account").status_code == 200
    with running_servers(tmp_path, answers, ports) as servers:
        ada.servers = servers
        assert ada.api("/account").status_code == 401
        ada.auth("sign-in/email", email="ada@example.com", password=PASSWORD)
        assert ada.take_token().api("/account").status_code == 200


def sql_host(folder: Path) -> Path:
    """A project that reaches its database with asyncpg and migrates by SQL files."""
    return build(
        folder,
        {
            "requirements.txt": "asyncpg\nfastapi\n",
            ".env": "DATABASE_URL=postgresql://app@localhost/app\n",
            ".gitignore": ".env\n__pycache__/\n",
            "app/__init__.py": "",
            "app/main.py": """
                import asyncpg
                from fastapi import FastAPI

                app = FastAPI()


                @app.on_event("startup")
                async def connect() -> None:
                    app.state.pool = await asyncpg.create_pool(min_size=0)
                """,
            "migrations/0001_notes.sql": "CREATE TABLE old_notes (id serial);\n",
        },
    )


def with_own_packages(folder: Path, url: str) -> Project:
    """A project whose commands run with the packages of these tests."""
    tools = Path(sys.executable).parent
    env = {
        "DATABASE_URL": url,
        "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return Project(root=folder, database_url=url, env=env)


def assert_rows_are_their_owners(project: Project) -> None:
    """The recipe about rows holds, as the page's own test says."""
    page = page_of(project.root)
    chosen = ("Protect a route or a whole router", ROWS, "Test it")
    printed = follow_all(project, [s for h in chosen for s in below(page, h)])
    assert "1 failed" not in (last := printed[-1])
    assert re.search(r"\b3 passed", last), last


def test_rows_with_sqlalchemy(
    template: Path, tmp_path: Path, database_url: str
) -> None:
    """A sync engine, declared models and Alembic: the owner is a foreign key."""
    host = with_alembic(tmp_path, LAYERS["sqlalchemy_sync"])
    result = copy(template, host)
    assert result.returncode == 0, result.stderr
    alembic(host, database_url, "upgrade", "head")
    project = with_own_packages(host, database_url)
    assert_rows_are_their_owners(project)
    deleted = "DELETE FROM auth_user; SELECT count(*) FROM note"
    assert execute(database_url, deleted) == "0"


def test_old_users_with_alembic(
    template: Path, tmp_path: Path, database_url: str
) -> None:
    """Their model has the column that the page adds, so Alembic leaves it as it is."""
    host = with_alembic(tmp_path, LAYERS["sqlalchemy_sync"])
    result = copy(template, host)
    assert result.returncode == 0, result.stderr
    page = page_of(host)
    (column,) = re.findall(r"`(auth_user_id: .+)`", page)
    (imported,) = re.findall(r"`(from \S+ import tables .+)`", page)
    models = host / "app/models.py"
    models.write_text(f"""from uuid import UUID

{models.read_text()}

class OldUser(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str | None]
    email: Mapped[str]
    {column}


{imported}
""")
    alembic(host, database_url, "upgrade", "head")
    alembic(host, database_url, "revision", "--autogenerate", "-m", "users")
    alembic(host, database_url, "upgrade", "head")
    execute(database_url, "INSERT INTO users (email) VALUES ('Old@Example.com')")
    project = with_own_packages(host, database_url)
    (carry,) = below(page, EXISTING)
    project.follow(carry)
    project.follow(carry)
    connected = (
        "SELECT count(*) FROM users JOIN auth_user ON auth_user.id = auth_user_id"
    )
    assert execute(database_url, connected) == "1"
    assert "No new upgrade operations" in alembic(host, database_url, "check")
    # Whichever module is imported first, the other one is complete.
    for module in ("app.models", "app.auth.tables", "app.main"):
        loads = (
            f"import {module}; from sqlalchemy.orm import configure_mappers as c; c()"
        )
        project.type(f"python -c '{loads}'")


def test_rows_with_asyncpg(template: Path, tmp_path: Path, database_url: str) -> None:
    """No models: the page has the table as SQL, and queries."""
    host = sql_host(tmp_path)
    result = copy(template, host)
    assert result.returncode == 0, result.stderr
    for file in sorted((host / "migrations").glob("*.sql")):
        execute(database_url, file.read_text())
    assert_rows_are_their_owners(with_own_packages(host, database_url))
