"""The doctor finds seeded faults, repairs what is safe, and says what to type."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from copier_better_auth.diagnostics import CHECKS
from support.copier_cli import COPIER
from support.repositories import flat
from support.terminal import at_a_terminal

if TYPE_CHECKING:
    from pathlib import Path

    from support.copies import Copies

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
def project(copies: Copies, tmp_path: Path) -> Path:
    """A small application with the template in it."""
    return copies.into(tmp_path, of=flat)


def test_a_healthy_project_passes(project: Path) -> None:
    """No failure, exit 0, and a summary that counts; all in their order."""
    code, found = doctor(project)
    assert code == 0
    codes = [result["code"] for result in found["results"]]
    assert codes == sorted(check.code for check in CHECKS)
    assert {r["status"] for r in found["results"]} <= {"pass", "skip", "warn"}
    assert sum(found["summary"].values()) == len(CHECKS)
    assert list(found["summary"]) == ["pass", "warn", "fail", "fixed", "skip", "crash"]
    fields = {
        *("code", "name", "status", "message", "detail", "remedy", "fixable"),
        *("file", "line", "documentation", "findings"),
    }
    assert {frozenset(result) for result in found["results"]} == {frozenset(fields)}


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
    assert found["results"][0]["status"] == "fixed"
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


def test_several_fixes_are_one_change(project: Path) -> None:
    """Shown first without being applied; then applied; then undone, byte for byte."""
    server = project / "auth-server"
    broken = {
        "package.json": ('"type": "module",', ""),
        "src/app.ts": ("credentials: true", "credentials: false"),
        "src/auth/auth.config.ts": ("secret: env.BETTER_AUTH_SECRET", 'secret: "a"'),
        "src/health.ts": ('"/healthz"', '"/healthz/:part?"'),
    }
    for name, (before, after) in broken.items():
        text = (server / name).read_text()
        assert before in text
        (server / name).write_text(text.replace(before, after))
    seeded = {name: (server / name).read_bytes() for name in broken}
    shown = run(project, "--diff").stdout
    assert '+  "type": "module",' in shown
    assert {name: (server / name).read_bytes() for name in broken} == seeded
    run(project, "--fix")
    assert all((server / name).read_bytes() != seeded[name] for name in broken)
    subprocess.run([COMMAND, "undo", "--yes", project], check=True, capture_output=True)
    assert {name: (server / name).read_bytes() for name in broken} == seeded


def run(
    project: Path, *options: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COMMAND, "doctor", *options, project],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_problems_come_first_with_what_to_type(project: Path) -> None:
    """Glyphs where the terminal has them, words alone where it has not."""
    env = project / "auth-server/.env"
    env.write_text(env.read_text().replace("PORT=3001", "PORT=4000"))
    said = run(project, PYTHONIOENCODING="utf-8").stdout.splitlines()
    assert said[0].startswith("✖ FAIL  BA009")
    assert said[2].lstrip().startswith("> set PORT=3001")
    assert "\x1b" not in "".join(said)
    plain = run(project, PYTHONIOENCODING="ascii").stdout.splitlines()
    assert plain[0].startswith("FAIL  BA009")
    assert plain[-1].startswith("1 failed, ")


def test_a_terminal_sees_progress_and_colours(project: Path) -> None:
    """Colours unless NO_COLOR says otherwise; which diagnostic runs, meanwhile."""
    command = f"{COMMAND} doctor --check BA001 ."
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
    environment.pop("NO_COLOR", None)
    said = at_a_terminal(command, project, environment, within=30)
    assert "looking at esm" in said
    assert "\x1b[32m" in said
    plain = at_a_terminal(command, project, {**environment, "NO_COLOR": "1"}, within=30)
    assert "\x1b[32m" not in plain


def test_a_diagnostic_that_crashes_is_a_result(project: Path) -> None:
    """The others still run, and the exit code says that something is wrong."""
    manifest = project / "auth-server/package.json"
    deep = '{"a": ' * 2000 + "1" + "}" * 2000
    text = manifest.read_text()
    manifest.write_text(
        text.replace('"dependencies": {', f'"dependencies": {{"a": {deep},')
    )
    code, found = doctor(project)
    assert code == 1
    assert len(found["results"]) == len(CHECKS)
    (crashed,) = (r for r in found["results"] if r["status"] == "crash")
    assert crashed["code"] == "BA011"
    assert crashed["remedy"]
    assert run(project, "--fix").returncode == 1


def test_a_preview_of_fixes_says_what_is_left(project: Path) -> None:
    """Beside what fails nothing is "in place"; nor is a fix called applied."""
    app = project / "main.py"
    app.write_text(app.read_text().replace("app = FastAPI(", "api = FastAPI("))
    shown = run(project, "--diff")
    assert shown.returncode == 1
    assert "BA017 application: main has no app" in shown.stdout
    assert "in place" not in shown.stdout
    assert shown.stdout.splitlines()[-1].startswith("No safe fix is known")
    manifest = project / "auth-server/package.json"
    manifest.write_text(manifest.read_text().replace('"type": "module",', ""))
    both = run(project, "--diff")
    assert both.returncode == 1
    assert both.stdout.startswith("Planned, and not applied (preview):")
    assert "FAIL  BA001" in both.stdout
    assert "FAIL  BA017" in both.stdout
    assert "FIXED" not in both.stdout


def test_a_preview_where_nothing_is_wrong_says_so(project: Path) -> None:
    """And the exit code as well."""
    shown = run(project, "--diff")
    assert shown.returncode == 0
    assert shown.stdout.splitlines()[-1] == "Nothing to fix."


def test_one_reason_is_said_once_with_its_command(project: Path) -> None:
    """Whatever could not be asked, and why; as typed at the root."""
    said = run(project).stdout
    assert said.count("are not installed") == 1
    (line,) = (n for n in said.splitlines() if "are not installed" in n)
    assert all(code in line for code in ("BA002", "BA009", "BA011", "BA013", "BA020"))
    after = said.splitlines()[said.splitlines().index(line) + 1]
    assert after.strip() == "> (cd auth-server && npm ci)"


def test_remedies_work_as_they_are_printed(project: Path) -> None:
    """Not by a name that is on no one's path; typed, they do what they say."""
    env = project / "auth-server/.env"
    env.unlink()
    code, found = doctor(project, "--check", "BA012")
    assert code == 1
    (result,) = found["results"]
    assert result["status"] == "fail"
    assert result["remedy"].startswith("uvx --from ")
    assert result["remedy"].endswith("copier-better-auth doctor --fix --check BA012")
    options = result["remedy"].partition(" doctor ")[2].split()
    assert run(project, *options).returncode == 0
    assert env.stat().st_mode & 0o777 == 0o600
    assert doctor(project, "--check", "BA012")[0] == 0


def test_variables_that_a_platform_sets_need_no_file(project: Path) -> None:
    """Where both servers get them from the environment, no .env is missing."""
    (project / "auth-server/.env").unlink()
    given = {"BETTER_AUTH_SECRET": "x" * 40, "DATABASE_URL": "postgresql://db/app"}
    assert run(project, "--check", "BA012").returncode == 1
    assert run(project, "--check", "BA012", **given).returncode == 0
