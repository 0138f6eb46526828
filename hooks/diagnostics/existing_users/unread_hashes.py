"""Passwords that are hashed in a way that the auth server cannot verify."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ... import ANSWERS_FILE
from ...model import Status
from .._check import Broken, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import Finding
    from .._project import Project

# A table of people as the examples have it.
MODEL = """\
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Person(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str]
    password_hash: Mapped[str]
"""
REMEDY = "these people ask for a new password: the auth server mails them a link"
BROKEN = (
    Broken(
        title="a way to hash that is not known",
        path=ANSWERS_FILE,
        before="scheme: bcrypt",
        after="scheme: ''",
        project="people",
        severity=Status.WARN,
    ),
    Broken(
        title="a digest without salt",
        path="{backend}/app/main.py",
        after=(
            f"\nimport hashlib\n\n{MODEL}\n\ndef hash_password(password: str) -> str:\n"
            "    return hashlib.sha256(password.encode()).hexdigest()\n"
        ),
        project="people",
        severity=Status.WARN,
    ),
    Broken(
        title="another way to hash than was imported",
        path="{backend}/app/main.py",
        after=(
            f"\nfrom pwdlib import PasswordHash\n\n{MODEL}\n\n"
            "password_hash = PasswordHash.recommended()\n"
        ),
        project="people",
        severity=Status.WARN,
    ),
)


def find(project: Project) -> Iterator[Finding]:
    """Compare how the code hashes with what the auth server was told to verify."""
    table = project.answers.auth_existing_users_table
    if table is None or not table.password:
        return
    if not table.scheme:
        yield warning(
            f"how {table.table}.{table.password} is hashed is not known, so the auth "
            "server may not verify all of these passwords",
            ANSWERS_FILE,
            project.line_of_answer("auth_existing_users_table"),
            remedy=REMEDY,
        )
        return
    for found in project.facts.user_tables.value or ():
        if found.table == table.table and found.hashes and found.scheme != table.scheme:
            path, line = _place(project)
            yield warning(
                f"passwords are hashed by {found.hashes} now, and the auth server "
                f"verifies {table.scheme}",
                path,
                line,
                remedy=REMEDY,
            )


def _place(project: Project) -> tuple[str, int]:
    places = project.facts.user_tables.evidence
    place = next((p for p in places if p.why.startswith("hashes with ")), places[0])
    return place.path, place.line
