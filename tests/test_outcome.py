"""The last thing that a person reads after a run, and what it tells them to type."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest
from copier_better_auth.answers import parse_answers
from copier_better_auth.model import Outcome, Plan
from copier_better_auth.report.frame import framed
from copier_better_auth.report.outcome import render_details, render_outcome
from support.copier_cli import ANSWERS_FILE, COPIER, copy
from support.newcomer import next_commands
from support.repositories import build, flat, full_stack
from support.screens import broken_words
from support.template import ROOT, commit_all, git
from support.terminal import at_a_terminal


def details_of(said: str) -> str:
    """Return the file that a run names for all that it did."""
    name = re.findall(r"(?m)^All of this run: (.*\S)$", said)[0]
    return Path(name).expanduser().read_text()


def test_what_is_left_and_what_to_type(template: Path, tmp_path: Path) -> None:
    """Plain without a terminal; the one line that repeats the run repeats it."""
    flat(tmp_path)
    options = ("-d", "auth_methods=[email_password, google]")
    result = copy(template, tmp_path, *options)
    assert result.returncode == 0
    said = result.stdout
    assert not re.search(r"[╭│╰\x1b]", said)
    assert re.search(r"(?m)^Made: \d+ in auth-server/, \d+ in auth/", said)
    assert re.search(r"(?m)^Edited: main\.py, requirements\.txt", said)
    assert "http://localhost:3001/api/auth/callback/google" in said
    assert "https://resend.com/api-keys" in said
    assert "  (cd auth-server && npm run dev:all)\n" in said
    assert "copier update --trust -a .copier-answers.better-auth.yml\n" in said
    assert "; what comes next: auth-server/docs/recipes.md\n" in said
    assert (tmp_path / "auth-server/docs/recipes.md").is_file()
    again = details_of(said).partition("This run again:\n")[2].splitlines()[0]
    uvx, with_, source, _, *arguments = shlex.split(again)
    assert (uvx, with_, source) == ("uvx", "--with", str(template))
    commit_all(tmp_path)
    done = subprocess.run(
        [COPIER, *arguments],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert git(tmp_path, "status", "--porcelain") == ""


def test_what_the_env_file_has_is_not_left_to_do(tmp_path: Path) -> None:
    """Each variable by itself, also in an update; a name without a value is none."""
    answers = parse_answers(
        {
            "auth_methods": ["email_password", "google", "github"],
            "auth_email_provider": "smtp",
        }
    )
    outcome = Outcome(answers=answers, plan=Plan(), applied=True)
    env = tmp_path / "auth-server/.env"
    env.parent.mkdir()

    def left(text: str) -> list[str]:
        env.write_text(text)
        said = render_outcome(outcome, tmp_path)
        steps = said.partition("Left to do by hand:")[2].partition("\nStart:")[0]
        names = re.findall(r"\b[A-Z]+_(?:CLIENT_ID|CLIENT_SECRET|FROM|URL)\b", steps)
        return [name for name in names if name in asked]

    asked = [
        *("GOOGLE_CLIENT_ID", "GOOGLE_CLIENT_SECRET"),
        *("GITHUB_CLIENT_ID", "GITHUB_CLIENT_SECRET", "EMAIL_FROM", "SMTP_URL"),
    ]
    assert left("") == asked
    assert left("".join(f"{name}=\n" for name in asked)) == asked
    for name in asked:
        others = [other for other in asked if other != name]
        assert left(f"export {name}='some value'  # mine\n") == others
    assert left("".join(f"{name}=x\n" for name in asked)) == []
    assert "Left to do" not in render_outcome(outcome, tmp_path)


@pytest.mark.parametrize("target", ["docker", "railway", "vercel", "local"])
def test_the_way_to_production(tmp_path: Path, target: str) -> None:
    """The next steps are the chosen target's, and lead to its part of the set-up."""
    answers = parse_answers(
        {"auth_deployment": target, "auth_server_dir": "services/auth"}
    )
    outcome = Outcome(answers=answers, plan=Plan(), applied=True)
    line = f"Deploy, when it runs here: services/auth/SETUP.md#{target}\n"
    assert (line in render_outcome(outcome, tmp_path)) == (target != "local")
    said = render_details(outcome, tmp_path).partition("Deploy, when")[2]
    assert (target == "local") == (said == "")
    if said:
        assert f"services/auth/SETUP.md#{target}" in said
        assert ("docker compose up" in said) == (target == "docker")
        assert (f"https://{target}.com/new" in said) == (target != "docker")
        assert "/readyz" in said
        setup = ROOT / f"partials/setup/deployed_{target}.md.jinja"
        assert f"### {target.title()}\n" in setup.read_text()


@pytest.mark.parametrize(
    ("answers", "started"),
    [
        (
            {
                "auth_compose_file": "run/all.yaml",
                "auth_compose_service": "web",
                "auth_compose_migration": "run --rm web alembic upgrade head",
            },
            [
                "docker compose --file run/all.yaml up --build --detach",
                "docker compose --file run/all.yaml run --rm web alembic upgrade head",
            ],
        ),
        (
            {"auth_compose_file": "compose.yaml", "auth_compose_service": "web"},
            ["docker compose up --build --detach"],
        ),
        (
            {"auth_compose_file": "compose.yaml", "auth_app": "shop:make()"},
            [
                "docker compose up --build --detach",
                "(cd backend && uv run alembic -c shop.ini upgrade head)",
                "(cd backend && uv run uvicorn shop:make --factory)",
            ],
        ),
        (
            {"auth_compose_file": "compose.yaml", "auth_database_layer": "none"},
            [
                "docker compose up --build --detach",
                "(cd backend && uv run uvicorn app.main:app)",
            ],
        ),
        ({}, ["(cd auth-server && npm run dev:all)"]),
    ],
    ids=[
        "a service",
        "a service that migrates itself",
        "no service",
        "tables of the auth server's",
        "no compose file",
    ],
)
def test_start_is_what_starts_both_servers(
    tmp_path: Path, answers: dict[str, str], started: list[str]
) -> None:
    """FastAPI is migrated and started where the compose file does not do it."""
    chosen = {"auth_deployment": "docker", "auth_alembic_options": "-c shop.ini"}
    given = parse_answers({**chosen, **answers})
    outcome = Outcome(answers=given, plan=Plan(), applied=True)
    verify = "copier-better-auth verify"
    _, _, *typed = next_commands(render_outcome(outcome, tmp_path))
    verified = next(n for n, command in enumerate(typed) if command.endswith(verify))
    # What keeps the terminal is the last thing to type; containers do not.
    *_, last = started
    keeps = "uvicorn" in last or "dev:all" in last
    assert verified == len(started) - keeps
    assert typed[:verified] + typed[verified + 1 :] == started


def test_alembic_comes_before_the_containers(tmp_path: Path) -> None:
    """The job of compose only checks, and nothing starts before it has ended well."""
    chosen = {"auth_deployment": "docker", "auth_database_provider": "docker"}
    outcome = Outcome(answers=parse_answers(chosen), plan=Plan(), applied=True)
    said = render_details(outcome, tmp_path).partition("Deploy")[2]
    steps = [
        "docker compose up --detach --wait postgres",
        "alembic upgrade head",
        "docker compose up --build --detach",
    ]
    assert [said.index(step) for step in steps] == sorted(map(said.index, steps))


PIP = "COPY {0} /tmp/list.txt\nRUN pip install -r {0}\n"


@pytest.mark.parametrize(
    ("files", "command"),
    [
        ({"api/requirements.txt": ""}, "(cd api && pip install -r requirements.txt)"),
        ({"requirements.txt": ""}, "pip install -r requirements.txt"),
        ({"api/pyproject.toml": "[project]\n"}, "(cd api && pip install .)"),
        ({"setup.py": ""}, "pip install ."),
        (
            {
                "infra/requirements.txt": "",
                "Dockerfile": PIP.format("infra/requirements.txt") + "CMD uvicorn",
                "pyproject.toml": "[tool.ruff]\n",
            },
            "pip install -r infra/requirements.txt",
        ),
        (
            {
                "api/deploy/prod.txt": "",
                "api/Dockerfile": PIP.format("deploy/prod.txt") + "CMD uvicorn",
                "api/requirements.txt": "",
            },
            "(cd api && pip install -r deploy/prod.txt)",
        ),
        (
            {"requirements/base.txt": "", "pyproject.toml": "[tool.black]\n"},
            "pip install -r requirements/base.txt",
        ),
        (
            {
                "pyproject.toml": "[project]\n",
                "requirements.lock": "# generated by rye\nfastapi==0.115.0\n",
            },
            "rye sync",
        ),
        # The step that gives the packages makes the list.
        ({"pyproject.toml": ""}, "(cd api && pip install -r requirements.txt)"),
    ],
)
def test_pip_installs_from_the_list_that_is_there(
    tmp_path: Path, files: dict[str, str], command: str
) -> None:
    """It is the one that the project installs; it may be above the backend."""
    build(tmp_path, {"api/main.py": "", **files})
    given = {"auth_package_manager": "pip", "auth_backend_dir": "api"}
    answers = parse_answers({**given, "auth_app": "main:app"})
    outcome = Outcome(answers=answers, plan=Plan(), applied=True)
    assert next_commands(render_outcome(outcome, tmp_path))[0] == command


def test_what_a_fix_has_done_is_not_left_to_do(template: Path, tmp_path: Path) -> None:
    """Done by hand once more, the filter would be given to Alembic twice."""
    build(
        tmp_path,
        {
            "requirements.txt": "fastapi\nsqlalchemy\nalembic\npsycopg\n",
            "alembic.ini": "[alembic]\nscript_location = migrations\n",
            "main.py": """
                from fastapi import FastAPI

                from db import engine

                app = FastAPI()
                """,
            "db.py": """
                from sqlalchemy import create_engine

                engine = create_engine("postgresql+psycopg://app@localhost/app")
                """,
            "migrations/env.py": """
                from alembic import context

                from db import engine

                with engine.connect() as connection:
                    context.configure(connection=connection)
                    context.run_migrations()
                """,
            "migrations/versions/a1.py": "revision = 'a1'\ndown_revision = None\n",
        },
    )
    result = copy(template, tmp_path)
    assert result.returncode == 0, result.stderr
    env = (tmp_path / "migrations/env.py").read_text()
    assert env.count("include_object=") == 1
    assert "FIXED BA007" in result.stdout
    assert not re.search(r"(?m)^  by hand +migrations/env\.py", result.stdout)


SCREENS = {
    "a new project": (lambda folder: folder, ()),
    "one module, by GitHub": (flat, ("auth_methods=[github, magic_link]",)),
    "docker": (full_stack, ("auth_deployment=docker", "auth_methods=[google]")),
}


@pytest.mark.parametrize("case", SCREENS)
def test_one_screen_at_a_terminal(template: Path, tmp_path: Path, case: str) -> None:
    """What is done, left and typed next fits 24 lines; all words stay whole."""
    make, options = SCREENS[case]
    make(tmp_path)
    if case != "a new project":
        commit_all(tmp_path)
    given = " ".join(f"-d '{option}'" for option in options)
    command = f"{COPIER} copy --trust --defaults {given} {template} ."
    seen = at_a_terminal(command, tmp_path, os.environ, within=120, columns=80)
    assert broken_words(seen) == []
    last = seen.partition("── better-auth ")[2].replace("\r", "").splitlines()
    assert sum(-(-len(line) // 80) for line in last) <= 24, last
    whole = re.sub(r" \\\n +", " ", "\n".join(last))
    assert f"  uvx --with {template} copier update --trust -a {ANSWERS_FILE}\n" in whole
    details = details_of(re.sub(r"(All of this run:)\n +", r"\1 ", whole))
    assert " -d auth_records=true " in details
    assert "principles hold for the plan" in details


@pytest.mark.parametrize("width", [40, 60, 80])
def test_what_is_too_long_for_the_terminal(width: int) -> None:
    """A sentence is broken between words, and a command as a shell reads it."""
    words = ["uvx", *(f"--option-{n}=x" for n in range(9)), "a b"]
    command = f"  printf '%s\\n' {shlex.join(words)}"
    text = framed(["Left:", f"  1. {'word ' * 40}", command, "  short"], width)
    lines = text.splitlines()
    assert max(map(len, lines)) < width
    begin = next(n for n, line in enumerate(lines) if "printf" in line)
    typed = "\n".join(lines[begin : lines.index("  short")])
    printed = subprocess.run(
        ["/bin/sh", "-c", typed], capture_output=True, text=True, check=True
    ).stdout
    assert printed.splitlines() == words
