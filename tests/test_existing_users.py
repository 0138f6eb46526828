"""The people who are there already: what is asked, what is refused, what is said."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest
from copier_better_auth.answers import load_answers
from support.copier_cli import ANSWERS_FILE, COPIER, copy, run_copier, update
from support.repositories import build, flat
from support.template import commit_all, git
from support.terminal import at_a_terminal, questions, shown

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.copies import Copies

_DOWN, _ENTER = "\x1b[B", "\r"
_QUESTION = "What becomes of the people in users?"
_OURS = "table: auth_user, email: email, id: id, id_type: integer"
SHOP = {
    "requirements.txt": "fastapi\npasslib[bcrypt]\npsycopg\nsqlalchemy\n",
    ".gitignore": "__pycache__/\n.env\nnode_modules/\n",
    "main.py": """
        from fastapi import FastAPI, Depends
        from sqlalchemy.orm import Session

        import security
        from db import session
        from models import User

        app = FastAPI()


        @app.post("/signup")
        def sign_up(email: str, password: str, db: Session = Depends(session)) -> None:
            db.add(User(email=email, password_hash=security.hashed(password)))
        """,
    "db.py": """
        import os

        from sqlalchemy import create_engine
        from sqlalchemy.orm import sessionmaker

        engine = create_engine(os.environ["DATABASE_URL"])
        make = sessionmaker(engine)


        def session():
            with make() as opened:
                yield opened
        """,
    "models.py": """
        from sqlalchemy import Column, Integer, String
        from sqlalchemy.orm import declarative_base

        Base = declarative_base()


        class User(Base):
            __tablename__ = "users"

            id = Column(Integer, primary_key=True)
            email = Column(String, unique=True)
            password_hash = Column(String)
        """,
    "security.py": """
        from passlib.context import CryptContext

        context = CryptContext(schemes=["bcrypt"])


        def hashed(password: str) -> str:
            return context.hash(password)
        """,
    ".env.example": "DATABASE_URL=postgresql://shop@localhost/shop\n",
}


def shop(folder: Path) -> Path:
    """A shop with a table of users, and passwords by bcrypt."""
    return build(folder, SHOP)


def without_address(folder: Path) -> Path:
    """The same, where people sign in by another name than an address."""
    models = SHOP["models.py"].replace("email =", "login =")
    return build(folder, {**SHOP, "models.py": models})


def test_what_becomes_of_them_is_asked(template: Path, tmp_path: Path) -> None:
    """As one of at most eight questions; none is the default, and import is kept."""
    shop(tmp_path)
    command = f"{COPIER} copy --trust --skip-tasks {template} ."
    keys = {_QUESTION: _DOWN + _ENTER}
    said = at_a_terminal(command, tmp_path, os.environ, within=120, keys=keys)
    assert _QUESTION in questions(said)
    assert len(questions(said)) <= 8
    told = " ".join("\n".join(shown(said)).split())
    assert "users: e-mail email, key id (integer), passwords by passlib: bcrypt" in told
    assert "import takes them along, with their passwords" in told
    answers = load_answers(tmp_path / ANSWERS_FILE)
    assert answers.auth_existing_users == "import"
    table = answers.auth_existing_users_table
    assert table is not None
    assert (table.table, table.id, table.id_type) == ("users", "id", "integer")
    assert (table.module, table.model, table.scheme) == ("models", "User", "bcrypt")
    commit_all(tmp_path)
    command = f"{COPIER} update --trust --skip-tasks -a {ANSWERS_FILE}"
    assert questions(at_a_terminal(command, tmp_path, os.environ, within=120)) == []


def test_nobody_is_asked_where_there_are_none(template: Path, tmp_path: Path) -> None:
    """No question, nothing recorded but an empty table, and no word of it."""
    flat(tmp_path)
    result = copy(template, tmp_path, "--skip-tasks")
    assert result.returncode == 0, result.stderr
    kept = (tmp_path / ANSWERS_FILE).read_text()
    assert "auth_existing_users_table: {}" in kept
    assert "auth_existing_users:" not in kept
    assert (
        "who are there already" not in (tmp_path / "auth-server/SETUP.md").read_text()
    )


@pytest.mark.parametrize(
    ("host", "options", "said"),
    [
        (flat, (), "no table of users is known; for example -d 'auth_existing_users_"),
        (without_address, (), "email: ..., table: users"),
        (
            shop,
            ("-d", "auth_database_layer=none"),
            "another database than the auth tables; give -d auth_existing_users=none",
        ),
        (
            shop,
            ("-d", "auth_existing_users_table={table: users, email: email}"),
            "the kind of their id are not known in users; fill in -d",
        ),
        (
            shop,
            ("-d", f"auth_existing_users_table={{{_OURS}}}"),
            "rename auth_user first",
        ),
    ],
    ids=["no table", "no address", "another database", "no key", "our own name"],
)
def test_an_import_that_cannot_work_is_refused(
    template: Path,
    tmp_path: Path,
    host: Callable[[Path], Path],
    options: tuple[str, ...],
    said: str,
) -> None:
    """In one line that says what is missing and what to type; nothing is written."""
    host(tmp_path)
    given = ("-d", "auth_existing_users=import", *options)
    result = run_copier(
        *("copy", "--defaults", "--trust", "--quiet", *given, template, "."),
        cwd=tmp_path,
    )
    assert result.returncode == 1, result.stderr
    line = result.stderr.strip()
    assert len(line.splitlines()) == 1, line
    assert line.startswith("auth_existing_users: ")
    assert said in line
    assert git(tmp_path, "status", "--porcelain") == ""


def test_what_is_missing_can_be_said(template: Path, tmp_path: Path) -> None:
    """The line that refuses is typed with what it leaves open."""
    without_address(tmp_path)
    given = ("-d", "auth_existing_users=import")
    refused = copy(template, tmp_path, *given).stderr
    typed = refused.rpartition("-d '")[2].rpartition("'")[0]
    given = (*given, "-d", typed.replace("...", "login"), "--skip-tasks")
    assert copy(template, tmp_path, *given).returncode == 0
    table = load_answers(tmp_path / ANSWERS_FILE).auth_existing_users_table
    assert table is not None
    assert (table.email, table.id_type, table.model) == ("login", "integer", "User")


def test_they_are_taken_along_later(copies: Copies, tmp_path: Path) -> None:
    """By the update that the last message and SETUP name; an undo takes it back."""
    copies.into(tmp_path, of=shop)
    setup = (tmp_path / "auth-server/SETUP.md").read_text()
    assert "The people in `users` have no account here" in setup
    assert "-d auth_existing_users=import`" in setup
    commit_all(tmp_path)
    before = git(tmp_path, "rev-parse", "HEAD^{tree}")
    done = update(tmp_path, "-d", "auth_existing_users=import")
    assert done.returncode == 0, done.stderr
    assert "The people in users get accounts" in done.stdout
    answers = load_answers(tmp_path / ANSWERS_FILE)
    assert answers.auth_existing_users == "import"
    assert answers.auth_existing_users_table is not None
    assert "run import-users" in (tmp_path / "auth-server/SETUP.md").read_text()
    command = [COPIER.with_name("copier-better-auth"), "undo", "--yes"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    commit_all(tmp_path)
    assert git(tmp_path, "rev-parse", "HEAD^{tree}") == before


def test_a_copy_says_what_it_means(copies: Copies, tmp_path: Path) -> None:
    """In the last message, two lines; a second copy is not asked to decide again."""
    copies.into(tmp_path, of=shop)
    commit_all(tmp_path)
    again = copy(copies.template, tmp_path)
    assert again.returncode == 0, again.stderr
    assert "The people in users have no account here" in again.stdout
    refused = copy(copies.template, tmp_path, "-d", "auth_existing_users=import")
    assert refused.returncode == 1
    assert "update" in refused.stderr
