"""What is printed for people is enough: done to the letter, a user signs in."""

from __future__ import annotations

import http.client
import json
import os
from typing import TYPE_CHECKING

from copier_better_auth.verification.browser import Browser
from support.by_hand import do, printed_steps
from support.copier_cli import copy
from support.odd_host import odd
from support.projects import (
    install_python_packages,
    journey_of,
    run_python,
    running_project,
    set_env,
)
from support.template import commit_all

if TYPE_CHECKING:
    from pathlib import Path

FRONT_END = "http://localhost:5173"


def test_every_step_by_hand_and_then_a_sign_in(
    template: Path, tmp_path: Path, database_url: str
) -> None:
    """The router, the origins, the middleware, the revision and the snapshot."""
    odd(tmp_path)
    url = database_url.replace("postgresql://", "postgresql+psycopg://")
    (tmp_path / ".env").write_text(f"DATABASE_URL={url}\n")
    commit_all(tmp_path)
    result = copy(template, tmp_path, "-d", f"auth_cors_origins={FRONT_END}")
    assert result.returncode == 0, result.stderr
    steps = printed_steps(result.stdout)
    assert {step.path for step in steps if step.verb != "run"} == {
        ".env",
        "migrations/versions/0106_add_auth_tables.py",
        "shop/settings.py",
        "shop/web.py",
    }, result.stdout
    for step in sorted(steps, key=lambda step: -step.line):
        if step.verb != "run":
            do(tmp_path, step)
    install_python_packages(tmp_path)
    set_env(tmp_path / "auth-server", DATABASE_URL=database_url)
    path = f"{tmp_path / '.venv/bin'}{os.pathsep}{os.environ['PATH']}"
    for step in steps:
        if step.verb == "run":
            do(tmp_path, step, {**os.environ, "PATH": path})
    assert "/auth/me" in json.loads((tmp_path / "openapi.json").read_text())["paths"]
    with running_project(tmp_path) as project:
        assert all(step.ok for step in journey_of(project).steps())
        host = project.api_url.partition("//")[2]
        connection = http.client.HTTPConnection(host, timeout=15)
        connection.request("GET", "/docs", headers={"Origin": FRONT_END})
        answer = connection.getresponse()
        assert answer.getheader("Access-Control-Allow-Origin") == FRONT_END
        assert answer.getheader("Access-Control-Allow-Credentials") == "true"
        connection.close()
        refused = Browser(origin=FRONT_END).get(f"{project.api_url}/teas")
        assert "no token of the shop" in refused.text
    checked = run_python(tmp_path, "-m", "alembic", "check")
    assert checked.returncode == 0, checked.stdout + checked.stderr
