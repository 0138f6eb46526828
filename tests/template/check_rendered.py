"""What the template renders passes the tools of the people who get it.

Run by ``make check``: a new project for each combination of answers, its TypeScript
through ``tsc``, its Python through ruff and mypy in its own environment, where its own
tests pass without a warning.
"""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING, get_args

import pytest
from copier_better_auth.answers import choices
from support.copier_cli import copy, render_only
from support.node import TSC, install_node_packages
from support.projects import install_python_packages
from support.sign_in_methods import EVERY_METHOD, SOCIAL

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

COMBINATIONS: Mapping[str, Sequence[str]] = {
    "defaults": (),
    "every method": (
        EVERY_METHOD,
        "auth_email_provider=smtp",
    ),
    "social only, jwt": (
        f"auth_methods=[{', '.join(SOCIAL)}]",
        "auth_session_validation=jwt",
    ),
    "magic link by resend, railway": (
        "auth_methods=[magic_link]",
        "auth_deployment=railway",
    ),
    "unverified addresses, sync engine, docker": (
        "auth_email_verification=false",
        "auth_database_layer=sqlalchemy_sync",
        "auth_deployment=docker",
    ),
    "a pooled database, vercel, jwt": (
        "auth_database_provider=neon",
        "auth_deployment=vercel",
        "auth_session_validation=jwt",
    ),
    "cached, migrated by the auth server": (
        "auth_session_validation=cached",
        "auth_migration_system=none",
    ),
    "other folders, pip, pnpm, cached": (
        "auth_session_validation=cached",
        "auth_backend_dir=services/api",
        "auth_app=shop.web:application",
        "auth_package_dir=services/api/shop/signin",
        "auth_server_dir=services/auth",
        "auth_package_manager=pip",
        "auth_node_package_manager=pnpm",
    ),
    "one folder, and no package but ours": (
        "auth_backend_dir=.",
        "auth_app=main:app",
        "auth_package_dir=auth",
    ),
}


@pytest.mark.parametrize("answers", COMBINATIONS.values(), ids=COMBINATIONS.keys())
def test_rendered(template: Path, tmp_path: Path, answers: Sequence[str]) -> None:
    """Every tool is content, and nothing is left unfilled."""
    options = [part for answer in answers for part in ("-d", answer)]
    result = copy(template, tmp_path, *options)
    assert result.returncode == 0, result.stderr
    chosen = dict(answer.split("=", 1) for answer in answers)
    server = tmp_path / chosen.get("auth_server_dir", "auth-server")
    backend = tmp_path / chosen.get("auth_backend_dir", "backend")
    _assert_filled(tmp_path)
    install_node_packages(server)
    _run([*TSC, "--noEmit"], cwd=server)
    ruff = [sys.executable, "-m", "ruff"]
    _run([*ruff, "format", "--isolated", "--check", "."], cwd=backend)
    _run([*ruff, "check", "--isolated", "."], cwd=backend)  # its newest defaults
    _run([*ruff, "check", "--isolated", "--select=B,E,F,I,UP006", "."], cwd=backend)
    install_python_packages(backend)
    python = backend / ".venv/bin/python"
    _run([str(python), "-m", "pytest", "-q", "-W", "error"], cwd=backend)
    mypy = [sys.executable, "-m", "mypy", "--python-executable", str(python)]
    module = chosen.get("auth_app", "app.main:app").partition(":")[0]
    package, dot, _ = module.partition(".")
    # An empty one among modules would make their folder a package that no one imports.
    assert (backend / package / "__init__.py").exists() == bool(dot)
    assert not (backend / "__init__.py").exists()
    # What all of them import is the same, and read once by each test process.
    cache = f"--cache-dir={tmp_path.with_name('mypy')}"
    _run([*mypy, cache, "--ignore-missing-imports", package if dot else f"{package}.py"], cwd=backend)


LAYERS = get_args(choices.Layer)
STRATEGIES = get_args(choices.SessionValidation)


@pytest.mark.parametrize("layer", LAYERS)
def test_ruff_needs_no_settings(template: Path, tmp_path: Path, layer: str) -> None:
    """Its newest defaults pass on a new project of every strategy and layer."""
    for strategy in STRATEGIES:
        project = tmp_path / strategy
        answers = {
            "auth_database_layer": layer,
            "auth_session_validation": strategy,
        }
        render_only(template, project, answers)
        backend = project / "backend"
        assert (backend / "app/auth/dependencies.py").is_file()
        for check in (("check",), ("check", "--select=E501"), ("format", "--check")):
            command = [sys.executable, "-m", "ruff", *check, "--isolated", "."]
            _run(command, cwd=backend)


def _run(command: list[str], cwd: Path) -> None:
    done = subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


# What Windows refuses in a name; a repository is cloned there too.
_UNSAFE = re.compile(
    r"""(?ix)[<>:"|?*\\] | [. ]$ | ^(con|prn|aux|nul|com\d|lpt\d)(\..*)?$"""
)

_TEXTS = {".md", ".py", ".ts", ".js", ".html", ".json", ".toml"}


def _assert_filled(root: Path) -> None:
    for path in root.rglob("*"):
        assert not _UNSAFE.search(path.name), path.name
        if path.is_file() and path.suffix in _TEXTS:
            text = path.read_text()
            for mark in ("{{", "{%", "TODO", "FIXME"):
                assert mark not in text, f"{mark} in {path.relative_to(root)}"
