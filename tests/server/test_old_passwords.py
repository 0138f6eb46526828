"""Passwords that were hashed before better-auth came, each by the library of then."""

from __future__ import annotations

import itertools
import json
import re
import time
from typing import TYPE_CHECKING

import pytest
from support.auth_server import render, running_server
from support.old_hashes import (
    LONG_PASSWORD,
    MOVED,
    OLD_HASHES,
    PASSWORD,
    USERS_TABLE,
)
from support.postgres import execute

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import httpx
    from support.auth_server import AuthServer

OWN = re.compile(r"[0-9a-f]{32}:[0-9a-f]{128}")
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def moved(
    ready: Callable[..., tuple[Path, str]],
) -> Iterator[tuple[AuthServer, str]]:
    """A server that knows every kind of hash, and its database."""
    folder, url = ready(**MOVED)
    with running_server(folder, url) as server:
        yield server, url


def with_hash(url: str, value: str) -> str:
    """Write a person with a hash as an import does; return their address."""
    email = f"person{next(_numbers)}@example.com"
    quoted = value.replace("'", "''")
    execute(
        url,
        f"""WITH person AS (
              INSERT INTO auth_user
                     (id, name, email, email_verified, created_at, updated_at)
              VALUES (gen_random_uuid(), 'Ada', '{email}', true, now(), now())
              RETURNING id)
            INSERT INTO auth_account
                   (id, user_id, account_id, provider_id, password,
                    created_at, updated_at)
            SELECT gen_random_uuid(), id, id::text, 'credential', '{quoted}',
                   now(), now() FROM person""",  # noqa: S608 - of this module
    )
    return email


def stored(url: str, email: str) -> str:
    """Return the hash of a person as it is now."""
    return execute(
        url,
        f"""SELECT password FROM auth_account JOIN auth_user u ON u.id = user_id
             WHERE email = '{email}'""",  # noqa: S608 - of this module
    )


def sign_in(server: AuthServer, email: str, password: str) -> httpx.Response:
    """Sign in from an address of its own, which no limit knows yet."""
    number = next(_numbers)
    client = server.client(address=f"203.0.{number // 250}.{number % 250 + 1}")
    known = {"email": email, "password": password}
    return client.post("/api/auth/sign-in/email", json=known)


@pytest.mark.parametrize("kind", OLD_HASHES)
def test_an_old_password_signs_in_and_is_hashed_anew(
    moved: tuple[AuthServer, str], kind: str
) -> None:
    """A wrong one changes nothing; the new hash is of the same password."""
    server, url = moved
    password = LONG_PASSWORD if "100 bytes" in kind else PASSWORD
    email = with_hash(url, OLD_HASHES[kind])
    for wrong in (password[:-40] + "x", password.upper(), "", OLD_HASHES[kind][:100]):
        assert sign_in(server, email, wrong).status_code == 401
    assert stored(url, email) == OLD_HASHES[kind]
    for _ in range(2):
        answer = sign_in(server, email, password)
        assert answer.status_code == 200, answer.text
        assert OWN.fullmatch(stored(url, email))
    assert sign_in(server, email, password + "x").status_code == 401


@pytest.mark.parametrize(
    "value",
    [
        PASSWORD,
        "",
        "!",
        "5f4dcc3b5aa765d61d8327deb882cf99",
        f"plain${PASSWORD}",
        f"{'0' * 32}:{'0' * 127}",
        OLD_HASHES["bcrypt 2b"].replace("$2b$", "$2x$"),
        OLD_HASHES["bcrypt 2b"].replace("$05$", "$31$"),
        OLD_HASHES["bcrypt 2b"][:-1],
        OLD_HASHES["argon2id"].replace("m=8192", "m=1048576"),
        OLD_HASHES["argon2id"].replace("m=8192", "m=0"),
        OLD_HASHES["argon2id"].replace("t=3", "t=999"),
        OLD_HASHES["argon2id"].replace("$argon2id$", "$argon2id$$"),
        OLD_HASHES["django"].replace("$20000$", "$1000000000$"),
        OLD_HASHES["django"].replace("$20000$", "$0$"),
        OLD_HASHES["django"].replace("sha256", "md5"),
        OLD_HASHES["django"][:-4] + "=",
        OLD_HASHES["werkzeug pbkdf2"].replace(":20000$", ":9999999$"),
        OLD_HASHES["werkzeug scrypt"].replace(":32768:", ":1073741824:"),
        OLD_HASHES["werkzeug scrypt"].replace(":8:1$", ":99:1$"),
        OLD_HASHES["werkzeug scrypt"].replace(":8:1$", ":8:99$"),
        OLD_HASHES["werkzeug scrypt"].replace(":32768:", ":32767:"),
        OLD_HASHES["passlib scrypt"].replace("ln=10", "ln=30"),
        "$" * 100_000,
    ],
)
def test_what_cannot_be_verified_is_a_wrong_password(
    moved: tuple[AuthServer, str], value: str
) -> None:
    """Refused without computing it, and never with an error that tells of the hash."""
    server, url = moved
    email = with_hash(url, value)
    started = time.monotonic()
    answers = [sign_in(server, email, given) for given in (PASSWORD, value[:100])]
    assert time.monotonic() - started < 5
    for answer in answers:
        assert answer.status_code == 401, answer.text
        assert answer.json()["code"] == "INVALID_EMAIL_OR_PASSWORD"
    assert stored(url, email) == value.strip()


def test_no_hash_is_logged(moved: tuple[AuthServer, str]) -> None:
    """Neither an old one nor the new one, whatever came of the sign-in."""
    server, url = moved
    for value in (OLD_HASHES["argon2i"], "secret-that-is-no-hash"):
        email = with_hash(url, value)
        sign_in(server, email, PASSWORD)
        log = server.logged()
        assert value not in log
        assert stored(url, email) not in log


@pytest.mark.parametrize(
    ("scheme", "packages", "modules"),
    [
        ("bcrypt", {"@node-rs/bcrypt"}, {"bcrypt"}),
        ("argon2", {"@node-rs/argon2", "@node-rs/bcrypt"}, {"argon2", "bcrypt"}),
        ("werkzeug", set(), {"pbkdf2", "scrypt"}),
        ("django_pbkdf2", set(), {"pbkdf2"}),
    ],
)
def test_a_project_gets_what_its_scheme_needs(
    template: Path,
    tmp_path: Path,
    scheme: str,
    packages: set[str],
    modules: set[str],
) -> None:
    """It installs the packages that its own hashes need, and no other."""
    table = {**USERS_TABLE, "scheme": scheme}
    answers = {**MOVED, "auth_existing_users_table": table}
    folder = render(template, tmp_path, answers)
    wanted = json.loads((folder / "package.json").read_text())["dependencies"]
    assert {name for name in wanted if name.startswith("@node-rs/")} == packages
    lock = json.loads((folder / "package-lock.json").read_text())["packages"]
    locked = {name.removeprefix("node_modules/") for name in lock}
    assert packages == locked & {"@node-rs/argon2", "@node-rs/bcrypt"}
    parts = {f.stem for f in (folder / "src/auth/old-passwords").glob("*.ts")}
    assert parts - {"hashes", "old-passwords"} == modules


def test_nothing_is_there_where_nobody_moves(template: Path, tmp_path: Path) -> None:
    """A project without existing users has no code and no package for them."""
    folder = render(template, tmp_path, {})
    assert not (folder / "src/existing-users").exists()
    assert "import-users" not in (folder / "package.json").read_text()
    assert "@node-rs" not in (folder / "package-lock.json").read_text()
    assert not (folder / "src/auth/old-passwords").exists()
