"""A better-auth that is in the front end already: nothing is decided without a word."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from copier_better_auth.diagnostics import run_checks
from copier_better_auth.pipeline import load_integration
from support.copier_cli import ANSWERS_FILE, copy
from support.repositories import build

if TYPE_CHECKING:
    from pathlib import Path

APP = "from fastapi import FastAPI\n\napp = FastAPI()\n"
CONFIG = (
    "import { betterAuth } from 'better-auth';\nexport const auth = betterAuth({});\n"
)
OWN_ENV = (
    "BETTER_AUTH_URL=http://localhost:3000\n"
    "BETTER_AUTH_SECRET=0123456789abcdef0123456789abcdef0123\n"
)


def package(*names: str) -> str:
    listed = ", ".join(f'"{name}": "1.0.0"' for name in names)
    return f'{{"name": "x", "dependencies": {{{listed}}}}}\n'


SHAPES = {
    "a front end": ("web/package.json", ("next", "better-auth"), "web/lib/auth.ts"),
    "a library": (
        "packages/auth/package.json",
        ("better-auth",),
        "packages/auth/src/index.ts",
    ),
    "the root": ("package.json", ("@sveltejs/kit", "better-auth"), "src/lib/auth.ts"),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_second_server_is_not_decided_silently(
    template: Path, tmp_path: Path, shape: str
) -> None:
    """By default the run stops; told, it adds one and leaves the first alone."""
    manifest, names, config = SHAPES[shape]
    build(
        tmp_path,
        {
            manifest: package(*names),
            config: CONFIG,
            ".env.example": "X=1\n",
            "api/main.py": APP,
            "api/requirements.txt": "fastapi\n",
            ".gitignore": ".env\n",
        },
    )
    (tmp_path / ".env").write_text(OWN_ENV)
    refused = copy(template, tmp_path)
    assert refused.returncode == 1
    assert f"better-auth is set up in {config}:2 already" in refused.stderr
    assert "people and sessions of its own" in refused.stderr
    assert "-d auth_server_dir=auth-server" in refused.stderr
    assert not (tmp_path / "auth-server").exists()
    folder = manifest.rpartition("/")[0] or "."
    if shape == "a front end":
        taken = copy(template, tmp_path, "-d", f"auth_server_dir={folder}")
        assert taken.returncode == 1
        assert "cannot be extended" in taken.stderr
    told = copy(template, tmp_path, "-d", "auth_server_dir=auth-server")
    assert told.returncode == 0, told.stderr
    assert "adds a server, and extends none" in told.stdout + told.stderr
    integration = load_integration(tmp_path, ANSWERS_FILE)
    advice = [r for r in run_checks(integration) if r.code == "BA009"]
    assert not any("BETTER_AUTH" in f"{r.message}{r.remedy}" for r in advice), advice
    assert (tmp_path / ".env").read_text() == OWN_ENV


def test_a_server_of_express_is_completed_as_before(
    template: Path, tmp_path: Path
) -> None:
    """It is the auth server that was asked for."""
    build(
        tmp_path,
        {
            "auth/package.json": package("express", "better-auth"),
            "auth/src/auth.ts": CONFIG,
            "main.py": APP,
            "requirements.txt": "fastapi\n",
        },
    )
    done = copy(template, tmp_path, "-d", "auth_apply_edits=preview")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "auth/src/app.ts").exists()
