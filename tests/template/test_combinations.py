"""The auth server of every two answers: whole files, type-checked, started."""

from __future__ import annotations

import json
import re
import secrets
import subprocess
import tomllib
from typing import TYPE_CHECKING, cast

import pytest
from ruamel.yaml import YAML
from support.sign_in_methods import SOCIAL
from support.auth_server import built, migrate, render, running_server
from support.combinations import pairwise
from support.node import TSC, install_node_packages
from support.postgres import new_database

if TYPE_CHECKING:
    from pathlib import Path

    from support.auth_server import AuthServer

COMBINATIONS = pairwise()
# What no file may begin or end with, or hold.
_MARKS = re.compile(r"\{\{|\}\} |\{%|%\}|\{#(?!if |each |await |key )|TODO|FIXME|[ \t]+$", re.M)


@pytest.fixture(scope="session")
def migrated(postgres: str, template: Path, shared: Path) -> str:
    """A database with the tables of every combination."""
    url = new_database(postgres)
    answers = {"auth_session_validation": "jwt", "auth_migration_system": "none"}
    migrate(built(template, shared, answers), url)
    return url


def _name(answers: dict[str, object]) -> str:
    return "-".join(
        "+".join(value) if isinstance(value, list) else str(value)
        for value in answers.values()
    )


@pytest.mark.parametrize("answers", COMBINATIONS, ids=_name)
def test_a_combination(
    template: Path, tmp_path: Path, migrated: str, answers: dict[str, object]
) -> None:
    """Nothing is left unfilled, the compiler is content, and the server answers."""
    server = render(template, tmp_path, answers)
    for path in sorted(tmp_path.rglob("*")):
        if path.is_file():
            _assert_whole(path)
    _compile(server)
    command = ("node", "dist/src/server.js")
    with running_server(server, migrated, command=command) as running:
        browser = running.client()
        assert browser.get("/api/auth/ok").json() == {"ok": True}
        assert browser.get("/readyz").json() == {"status": "ok"}
        keys = browser.get("/api/auth/jwks").status_code
        assert keys == (200 if answers["auth_session_validation"] == "jwt" else 404)
        assert _offered(running) == set(cast("list[str]", answers["auth_methods"]))


def _offered(server: AuthServer) -> set[str]:
    """Try each way in with nothing in hand; what is not offered says so.

    Each from its own network: the limits are in the database that all share.
    """
    # A new address each time: wrong passwords for one account are slowed down.
    person = f"{secrets.token_hex(4)}@example.com"
    asked = {
        "email_password": ("email", {"email": person, "password": "p"}, 401),
        **{name: ("social", {"provider": name}, 200) for name in SOCIAL},
        "magic_link": ("magic-link", {"email": "nobody"}, 400),
    }
    return {
        method
        for method, (path, body, status) in asked.items()
        if server.client(address=f"2001:db8:{secrets.token_hex(2)}::1")
        .post(f"/api/auth/sign-in/{path}", json=body)
        .status_code
        == status
    }


def _compile(server: Path) -> None:
    """Type-check everything, development's scripts too, and keep what it makes."""
    install_node_packages(server)
    done = subprocess.run(
        [*TSC, "--outDir", "dist", "--rootDir", "."],
        cwd=server,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def _assert_whole(path: Path) -> None:
    text = path.read_text()
    if path.suffix == ".json":
        json.loads(text)
    elif path.suffix in {".yaml", ".yml"}:
        YAML(typ="safe").load(text)
    elif path.suffix == ".toml":
        tomllib.loads(text)
    if text:
        assert not text.startswith("\n"), path
        assert text.endswith("\n"), path
        assert not text.endswith("\n\n"), path
        assert "\n\n\n" not in text or path.suffix in {".py", ".mako", ".md"}, path
    found = _MARKS.search(text)
    assert found is None or path.suffix == ".mako", f"{path}: {found}"
