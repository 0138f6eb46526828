"""A project whose configuration is changed, and ``sync`` run in it as a user does."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from support.node import TSX
from support.projects import sync
from support.template import commit_all, git

if TYPE_CHECKING:
    from pathlib import Path

UNVERIFIED = ("-d", "auth_email_verification=false")
SERVER_MIGRATES = ("-d", "auth_migration_system=none", "-d", "auth_database_layer=none")
CONFIG = "auth-server/src/auth/auth.config.ts"


def run_node(server: Path, database_url: str, *arguments: str) -> str:
    """Run a script of the auth server against a database."""
    done = subprocess.run(
        [*TSX, *arguments],
        cwd=server,
        env={**os.environ, "DATABASE_URL": database_url, "NODE_ENV": "development"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def edit(project: Path, path: str, before: str, after: str) -> None:
    """Replace a text that is there once, and commit."""
    file = project / path
    text = file.read_text()
    assert text.count(before) == 1, text
    file.write_text(text.replace(before, after))
    commit_all(project, "edit")


def assert_refused(project: Path, *words: str) -> None:
    """One line on standard error, exit 1, and not a byte of the project changed."""
    done = sync(project, "--yes")
    assert done.returncode == 1, done.stdout
    said = done.stderr.strip()
    assert len(said.splitlines()) == 1, said
    for word in words:
        assert word in said
    assert git(project, "status", "--porcelain") == ""
