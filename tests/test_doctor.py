"""The doctor finds seeded faults, repairs what is safe, and says what to type."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from support.copier_cli import COPIER, copy
from support.repositories import flat

if TYPE_CHECKING:
    from pathlib import Path

COMMAND = COPIER.with_name("copier-better-auth")


def doctor(project: Path, *options: str) -> tuple[int, dict[str, Any]]:
    done = subprocess.run(
        [COMMAND, "doctor", "--json", *options, project],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return done.returncode, json.loads(done.stdout)


@pytest.fixture
def project(template: Path, tmp_path: Path) -> Path:
    flat(tmp_path)
    assert copy(template, tmp_path).returncode == 0
    return tmp_path


def test_a_healthy_project_passes(project: Path) -> None:
    """No finding, exit 0, and a summary that counts."""
    code, found = doctor(project)
    assert code == 0
    assert {result["status"] for result in found["results"]} == {"pass"}
    assert found["summary"]["pass"] == len(found["results"])


def test_esm_is_found_and_fixed(project: Path) -> None:
    """Only the one line is added; the check that follows is what says fixed."""
    manifest = project / "auth-server/package.json"
    healthy = manifest.read_text()
    line = next(n for n in healthy.splitlines(keepends=True) if '"type"' in n)
    manifest.write_text(healthy.replace(line, ""))
    code, found = doctor(project, "--check", "BA001")
    (result,) = found["results"]
    assert code == 1
    assert (result["status"], result["fixable"]) == ("fail", True)
    assert "--fix" in result["remedy"]
    code, found = doctor(project, "--fix")
    assert code == 0
    assert found["summary"]["fixed"] == 1
    assert json.loads(manifest.read_text()) == json.loads(healthy)
    assert sorted(manifest.read_text().splitlines()) == sorted(healthy.splitlines())
    assert doctor(project)[1]["summary"]["fixed"] == 0


@pytest.mark.parametrize("secret", ["short", ""])
def test_a_weak_secret_is_found_and_never_printed(project: Path, secret: str) -> None:
    """The status says it; the value stays where it is."""
    env = project / "auth-server/.env"
    lines = env.read_text().splitlines()
    kept = [n for n in lines if not n.startswith("BETTER_AUTH_SECRET=")]
    env.write_text("\n".join([*kept, f"BETTER_AUTH_SECRET={secret}", ""]))
    code, found = doctor(project, "--check", "BA012")
    assert code == 1
    assert found["results"][0]["status"] == "fail"


def test_an_unknown_code_is_wrong_usage(project: Path) -> None:
    """One line that lists the codes."""
    done = subprocess.run(
        [COMMAND, "doctor", "--check", "BA999", project],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "BA001" in done.stderr
    assert done.stderr.count("\n") == 1
