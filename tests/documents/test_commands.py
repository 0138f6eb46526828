"""The commands of the documents, pasted as they are there, against real servers."""

from __future__ import annotations

import json
import os
import re
import subprocess
from typing import TYPE_CHECKING

import httpx
from support.auth_server import build, migrate, render, running_server
from support.copier_cli import copy
from support.postgres import free_port
from support.processes import running, wait_for
from support.projects import set_env
from support.terminal import BASH, shell

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

_BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"https?://\S+/api/auth/\S+")
_PASSWORDS = ("correct horse battery", "a better horse battery")


class Reader:
    """A user who goes through API_DOCUMENTATION.md from its top to its end."""

    def __init__(self, page: str, folder: Path, log: Callable[[], str]) -> None:
        """Remember where; cookies stay in ``folder``, mails are read in the log."""
        self.page, self.folder, self.log = page, folder, log
        self.tried: list[str] = []
        self.auth = "http://localhost:3001"

    def read(self, *, skip: str = "") -> None:
        """Run every command and compare status and answer with what is written."""
        for section in re.split(r"(?m)^### ", self.page)[1:]:
            name, _, text = section.partition("\n")
            block = _BLOCK.search(text)
            if block is None or name == skip:
                continue
            self.tried.append(name)
            statuses = re.findall(r"(?m)^\| (\d{3}) \| (.*) \|$", text)
            command = block[1].replace("http://localhost:3001", self.auth)
            seen, answer = self._run(name, command)
            shown = {status for status, _ in statuses}
            assert seen in shown, f"{name}: {seen}\n{answer}"
            promised = next(text for status, text in statuses if status == seen)
            if seen != "200":
                code = json.loads(answer or "{}").get("code", "")
                assert seen == "302" or code in promised, f"{name}: {answer}"
            elif promised.startswith("`"):
                self._compare(name, promised, answer)

    def _run(self, name: str, command: str) -> tuple[str, str]:
        env = {"ACCOUNT": "", "TOKEN": ""}
        if "--cookie cookies.txt" in command:
            self._sign_in()
        if "$TOKEN" in command:
            env["TOKEN"] = self._token(name)
        if "$ACCOUNT" in command:
            env["ACCOUNT"] = self._asked("list-accounts")[0]["id"]
        marked = command.replace(
            "curl --silent ", "curl --silent --write-out '\\n%{http_code}' ", 1
        ).replace("--include ", "")
        said = shell(marked, self.folder, {**os.environ, **env})
        answer, _, status = said.rpartition("\n")
        return status, answer

    def _sign_in(self) -> None:
        """Come back after what ended the session; a browser would ask."""
        cookies = self.folder / "cookies.txt"
        if cookies.exists() and self._asked("get-session"):
            return
        if "### POST /api/auth/sign-in/email" not in self.page:
            started = "sign-in/magic-link"
            self._post(started, {"email": "ada@example.com"})
            link = self._link()
            arguments = ["curl", "--silent", "--cookie-jar", "cookies.txt", link]
            subprocess.run(arguments, cwd=self.folder, check=True, capture_output=True)
            return
        for password in _PASSWORDS:
            given = {"email": "ada@example.com", "password": password}
            if self._post("sign-in/email", given) == 200:
                return
        raise AssertionError(self.log())

    def _post(self, path: str, body: Mapping[str, str]) -> int:
        command = (
            "curl --silent --output /dev/null --write-out '%{http_code}' "
            f"--cookie-jar cookies.txt {self.auth}/api/auth/{path} "
            f"--header 'Content-Type: application/json' --data '{json.dumps(body)}'"
        )
        return int(shell(command, self.folder, os.environ))

    def _asked(self, path: str) -> list[dict[str, str]]:
        command = f"curl --silent --cookie cookies.txt {self.auth}/api/auth/{path}"
        found: list[dict[str, str]] = json.loads(
            shell(command, self.folder, os.environ)
        )
        return found

    def _token(self, name: str) -> str:
        if "revoke-session" in name:
            return self._asked("list-sessions")[-1]["token"]
        link = httpx.URL(self._link())
        return link.params.get("token") or link.path.rpartition("/")[2]

    def _link(self) -> str:
        return _LINK.findall(self.log())[-1]

    def _compare(self, name: str, promised: str, answer: str) -> None:
        """Every key that is answered is one that is documented, at the top level."""
        body = json.loads(answer)
        shape = promised.replace("\\|", "|")
        if body is not None and shape.strip("`").startswith("{"):
            item = body[0] if isinstance(body, list) and body else body
            documented = set(re.findall(r"(\w+)\??:", shape))
            assert set(item) <= documented, f"{name}: {answer}"


def test_setup_and_api_as_they_stand(template: Path, tmp_path: Path) -> None:
    """From the packages to the first sign-in, then every endpoint of both servers."""
    answers = ("-d", "auth_methods=[email_password, github, magic_link]")
    assert copy(template, tmp_path, *answers).returncode == 0
    server = tmp_path / "auth-server"
    setup = _BLOCK.findall((server / "SETUP.md").read_text())
    install, environment, start, ready, sign_up, open_link, recognised = setup
    before = (server / ".env").read_text()
    shell(install, tmp_path, os.environ)
    shell(environment, tmp_path, os.environ)
    assert (server / ".env").read_text() == before
    auth, api = free_port(), free_port()
    url = f"http://localhost:{auth}"
    github = {"GITHUB_CLIENT_ID": "id", "GITHUB_CLIENT_SECRET": "secret"}
    set_env(server, PORT=str(auth), BETTER_AUTH_URL=url, **github)
    here: Callable[[str], str] = lambda block: block.replace(  # noqa: E731
        "localhost:3001", f"localhost:{auth}"
    ).replace("localhost:8000", f"localhost:{api}")
    log = tmp_path / "dev-all.log"
    log.write_text("")
    with running(
        [BASH, "-euc", start], cwd=tmp_path, log=log, env={"API_PORT": str(api)}
    ) as process:
        wait_for(f"{url}/readyz", process, log)
        wait_for(f"http://localhost:{api}/openapi.json", process, log)
        assert shell(here(ready), tmp_path, os.environ) == '{"status":"ok"}401\n'
        shell(here(sign_up), tmp_path, os.environ)
        link = _LINK.findall(log.read_text())[-1]
        shell(open_link.replace("LINK", link), tmp_path, os.environ)
        known = json.loads(shell(here(recognised), tmp_path, os.environ))
        assert known["email"] == "ada@example.com"
        page = here((server / "API_DOCUMENTATION.md").read_text())
        reader = Reader(page, tmp_path, log.read_text)
        reader.auth = url
        reader.read()
    assert len(reader.tried) > 25
    assert "GET /auth/me" in reader.tried


def test_api_with_tokens(template: Path, tmp_path: Path, database_url: str) -> None:
    """What only this configuration has; FastAPI is not running here."""
    answers = {
        "auth_methods": "[magic_link]",
        "auth_session_validation": "jwt",
        "auth_migration_system": "none",
    }
    server = render(template, tmp_path, answers)
    build(server)
    migrate(server, database_url)
    own = {"NODE_ENV": "development", "EMAIL_FROM": "", "RESEND_API_KEY": ""}
    port = free_port()
    with running_server(server, database_url, port=port, **own) as running_one:
        page = (server / "API_DOCUMENTATION.md").read_text()
        reader = Reader(page, tmp_path, running_one.logged)
        reader.auth = f"http://localhost:{port}"
        reader.read(skip="GET /auth/me")
        _assert_switched_off(page, running_one.client())
    assert "GET /api/auth/jwks" in reader.tried


def _assert_switched_off(page: str, browser: httpx.Client) -> None:
    """Each answers with an error, whatever it is sent."""
    off = re.findall(r"(?m)^\| (GET|POST) `(/api/auth/\S+)` \|", page)
    body = {
        "email": "ada@example.com",
        "newEmail": "eve@example.com",
        "name": "Ada",
        "password": _PASSWORDS[0],
        "newPassword": _PASSWORDS[1],
        "currentPassword": _PASSWORDS[0],
        "token": "token",
        "provider": "github",
        "providerId": "github",
        "accountId": "none",
    }
    assert len(off) > 15
    for method, path in off:
        address = path.replace("{token}", "t").replace("{id}", "github")
        more = {"json": body} if method == "POST" else {}
        answer = browser.request(method, address, **more)
        # Only what a provider sends shows what a callback does.
        assert answer.status_code >= 400 or "/callback/{id}" in path, answer.text
