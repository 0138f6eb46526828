"""Bad input gets one clear line, exit code 1, and nothing is written."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.copier_cli import ANSWERS_FILE, COPIER, copy, run_copier, update
from support.databases import LAYERS, with_alembic
from support.repositories import build, full_stack
from support.template import commit_all, git
from support.terminal import at_a_terminal

if TYPE_CHECKING:
    from support.copies import Copies


def assert_refused(
    result: subprocess.CompletedProcess[str], folder: Path, *said: str
) -> None:
    """Exit 1, one line that says all of ``said``, an unchanged folder."""
    printed = (result.stdout + result.stderr).strip()
    assert result.returncode == 1, printed
    assert len(printed.splitlines()) == 1, printed
    for words in said:
        assert words in printed
    assert [entry.name for entry in folder.iterdir() if entry.name != ".git"] == []


@pytest.mark.parametrize(
    ("question", "value", "said"),
    [
        ("auth_backend_dir", "/etc", "absolute"),
        ("auth_backend_dir", "", "empty"),
        ("auth_backend_dir", "../up", "leaves the repository"),
        ("auth_backend_dir", "back\x07end", "control characters"),
        ("auth_server_dir", ".git/hooks", "names .git"),
        ("auth_server_dir", "C:/auth", "absolute"),
        ("auth_server_dir", ".", "its own folder"),
        ("auth_package_dir", "backend/app/my-auth", "Python cannot import"),
        ("auth_package_dir", "backend/app/class", "Python cannot import"),
        ("auth_app", "app.main", "module:attribute"),
        ("auth_app", "app/main.py:app", "module:attribute"),
        ("auth_app", "", "empty"),
        ("auth_database_symbol", "engine", "module:attribute"),
        ("auth_session_days", "0", "out of range"),
        ("auth_session_days", "366", "out of range"),
        ("auth_session_days", "a week", "not a number"),
        ("auth_jwt_minutes", "61", "out of range"),
        ("auth_cors_origins", "example.com", "not an origin"),
        ("auth_cors_origins", "https://a.test/path", "not an origin"),
        ("auth_cors_origins", "https://u:p@a.test", "not an origin"),
        ("auth_cors_origins", "*", "not an origin"),
        ("auth_methods", "[]", "empty"),
        ("auth_methods", "[passkeys]", "not among"),
        ("auth_methods", "google", "not a list; give [google]"),
        ("auth_adrs", "a,b", "not a list; give [a, b]"),
        ("auth_database_layer", "mongo", "not one of"),
        ("auth_deployment", "heroku", "not one of"),
        ("auth_session_validation", "cookie", "not one of"),
        ("auth_email_verification", "perhaps", "neither true nor false"),
        ("auth_existing_users", "merge", "not one of none, import"),
        ("auth_existing_users", "adopt", "not offered yet; give one of none"),
        ("auth_metods", "[google]", "did you mean auth_methods?"),
        ("auth_methods", "[google, google]", "names google twice"),
        ("auth_adrs", "", "not a list; give []"),
        # Recorded without being asked, and no less a path or a name in code.
        ("auth_application", "stock", "not a folder and module:attribute"),
        ("auth_new_project", "maybe", "neither true nor false"),
        ("auth_import_root", "../up", "leaves the repository"),
        ("auth_api_prefix", "/api v1", "not a path"),
        ("auth_base_metadata", "models:Base; x", "not module:attribute"),
        ("auth_existing_users_table", "users", "for example {table: users"),
        ("auth_existing_users_table", "{table: users", "for example {table: users"),
        ("auth_existing_users_table", "{table: a b}", "table: a name has letters"),
        ("auth_existing_users_table", "{table: u, module: a;b}", "names with dots"),
        ("auth_existing_users_table", "{table: u, id_type: date}", "id_type"),
    ],
)
def test_a_bad_answer_is_refused_in_one_line(
    template: Path, tmp_path: Path, question: str, value: str, said: str
) -> None:
    """The line names the question, says what is wrong and shows what would be right."""
    result = copy(template, tmp_path, "-d", f"{question}={value}")
    assert_refused(result, tmp_path, question, said)


@pytest.mark.parametrize(
    ("question", "value", "said"),
    [
        ("auth_server_dir", "backend", "holds the application itself"),
        ("auth_server_dir", "backend/app/auth", "is auth_package_dir"),
        ("auth_server_dir", "backend/app/auth/node", "lies in auth_package_dir"),
        ("auth_server_dir", "backend/app", "holds the application itself"),
        ("auth_package_dir", "backend/app", "holds the application itself"),
        ("auth_package_dir", "app/auth", "for example backend/app/auth"),
        ("auth_package_dir", "backend/my-app/auth", "for example backend/app/auth"),
        ("auth_backend_dir", "auth-server/api", "holds the application itself"),
    ],
)
def test_folders_in_each_others_way(
    template: Path, tmp_path: Path, question: str, value: str, said: str
) -> None:
    """Each on its own may be right; together they would overwrite, or not import."""
    result = copy(template, tmp_path, "-d", f"{question}={value}")
    assert result.returncode == 1
    assert said in result.stderr.splitlines()[-1]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("shop/__main__.py", "def main():\n    app = FastAPI()\n    run(app)\n"),
        ("shop/server.py", "class Server:\n    app = FastAPI()\n"),
        ("run.py", 'if __name__ == "__main__":\n    run(FastAPI())\n'),
    ],
    ids=["function", "class", "script"],
)
def test_an_application_that_nothing_can_import_is_not_ignored(
    template: Path, tmp_path: Path, name: str, code: str
) -> None:
    """No second application is made next to it, unless its folder is named."""
    head = "from fastapi import FastAPI\nfrom uvicorn import run\n\n\n"
    build(tmp_path, {name: head + code, "requirements.txt": "fastapi\n"})
    commit_all(tmp_path)
    result = copy(template, tmp_path)
    assert result.returncode == 1
    assert f"{name}:6 makes the application" in result.stderr.splitlines()[-1]
    assert git(tmp_path, "status", "--porcelain") == ""
    result = copy(template, tmp_path, "-d", "auth_backend_dir=service")
    assert result.returncode == 0, result.stderr
    assert (tmp_path / "service/app/main.py").exists()


FOUND = "; found: -d auth_backend_dir=backend -d auth_app=app.main:app"


@pytest.mark.parametrize(
    ("question", "value", "said"),
    [
        ("auth_backend_dir", "bakend", f"there is no folder bakend{FOUND}"),
        ("auth_app", "main:app", f"there is no module main below backend{FOUND}"),
        ("auth_app", "app.main:ap", f"backend/app/main.py has no ap{FOUND}"),
        ("auth_server_dir", "backend/app/main.py", "backend/app/main.py is a file"),
        ("auth_server_dir", "web", "holds its own Node project"),
        ("auth_package_dir", "backend/app/models", "backend/app/models.py is a module"),
        ("auth_package_dir", "backend/app/api", "for example backend/app/auth"),
        ("auth_database_symbol", "app.nope:engine", "there is no module app.nope"),
        ("auth_database_symbol", "app.core.db:eng", "app/core/db.py has no eng;"),
    ],
)
def test_an_answer_that_does_not_fit_the_repository(
    copies: Copies, tmp_path: Path, question: str, value: str, said: str
) -> None:
    """Nothing could be connected, or what is there would be mixed with our files.

    A copy writes nothing then, and neither does an update that changes the answer.
    """
    full_stack(tmp_path / "first")
    (tmp_path / "first/web").mkdir()
    (tmp_path / "first/web/package.json").write_text("{}\n")
    commit_all(tmp_path / "first")
    refused = copy(copies.template, tmp_path / "first", "-d", f"{question}={value}")
    assert_refused_in(tmp_path / "first", refused, f"{question}: ", said)
    later = copies.into(tmp_path / "later", of=full_stack)
    shutil.copytree(tmp_path / "first/web", later / "web")
    commit_all(later)
    refused = update(later, "-d", f"{question}={value}")
    assert_refused_in(later, refused, f"{question}: ", said)


def assert_refused_in(
    repository: Path, result: subprocess.CompletedProcess[str], *said: str
) -> None:
    assert result.returncode == 1, result.stdout
    assert "Traceback" not in result.stderr
    for words in said:
        assert words in result.stderr.splitlines()[-1]
    assert git(repository, "status", "--porcelain") == ""


def test_tables_in_a_schema_of_their_own_are_declined(
    template: Path, tmp_path: Path
) -> None:
    """In one line before anything is written; what it says to type works."""
    project = with_alembic(tmp_path, LAYERS["sqlalchemy_sync"])
    models = project / "app/models.py"
    inner = 'MetaData(\n        schema="shop",'
    models.write_text(models.read_text().replace("MetaData(", inner, 1))
    commit_all(project)
    result = copy(template, project)
    place = "app/models.py:6 keeps tables in the schema shop"
    assert_refused_in(project, result, place)
    options = result.stderr.rpartition("their own database: ")[2].split()
    assert options[0] == "-d"
    result = copy(template, project, *options)
    assert result.returncode == 0, result.stderr
    assert not list((project / "migrations/versions").glob("*auth*"))


def test_an_application_that_no_text_names_is_believed(
    template: Path, tmp_path: Path
) -> None:
    """A module may get names in ways that only running it shows."""
    (tmp_path / "main.py").write_text("from setup_of_shop import *\n")
    commit_all(tmp_path)
    given = ("auth_backend_dir=.", "auth_app=main:app", "auth_new_project=false")
    options = [part for answer in given for part in ("-d", answer)]
    result = copy(template, tmp_path, *options)
    assert result.returncode == 0, result.stderr
    assert "by hand" in result.stdout


@pytest.mark.parametrize("attribute", ["create_app()", "api.app"])
def test_a_new_application_is_a_plain_one(
    template: Path, tmp_path: Path, attribute: str
) -> None:
    """There is none yet that a function could make, or an object hold."""
    result = copy(template, tmp_path, "-d", f"auth_app=app.main:{attribute}")
    assert result.returncode == 1
    said = f"auth_app: a new project's application is a plain one, not {attribute}; "
    example = "for example -d auth_app=app.main:app"
    assert result.stderr.splitlines()[-1] == said + example
    assert not list(tmp_path.iterdir())


def test_a_destination_that_cannot_be_written_is_refused(
    template: Path, tmp_path: Path
) -> None:
    """A file, and a place without room: said before the first question, in one line."""
    file = tmp_path / "shop"
    file.write_text("mine\n")
    for place, said in ((file, f"{file} is a file"), (Path("/proc/shop"), "/proc: ")):
        arguments = ("copy", "--defaults", "--trust", template, place)
        result = run_copier(*arguments, cwd=tmp_path)
        assert result.returncode == 1
        assert result.stderr.startswith(said)
        assert result.stderr.count("\n") == 1
    assert file.read_text() == "mine\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("auth_methods: [google\n", "cannot be read as YAML; restore it from git"),
        ("<<<<<<< ours\nauth_records: true\n=======\n", "cannot be read as YAML"),
        ("", "holds no answers; restore it from git"),
        ("_src_path: gh:other/template\nname: shop\n", "holds the answers of another"),
        ("auth_methods: 5\n", "auth_methods: '5' is not a list; give [5]; correct it"),
    ],
)
def test_an_answers_file_that_is_not_ours_stays(
    template: Path, tmp_path: Path, text: str, said: str
) -> None:
    """What was chosen before cannot be known, so it is not chosen anew."""
    (tmp_path / ANSWERS_FILE).write_text(text)
    commit_all(tmp_path)
    result = copy(template, tmp_path)
    assert result.returncode == 1
    assert result.stderr.startswith(f"{ANSWERS_FILE}: {said}")
    assert result.stderr.count("\n") == 1
    assert git(tmp_path, "status", "--porcelain") == ""


def test_uncommitted_changes_are_refused(template: Path, tmp_path: Path) -> None:
    """A run must not be mixed up with other changes, unless that is asked for."""
    commit_all(tmp_path)
    (tmp_path / "notes.txt").write_text("mine\n")
    result = copy(template, tmp_path)
    assert result.returncode == 1
    assert result.stderr.count("\n") == 1
    assert "notes.txt" in result.stderr
    assert "auth_allow_dirty=true" in result.stderr
    assert git(tmp_path, "status", "--porcelain") == "?? notes.txt\n"
    assert copy(template, tmp_path, "-d", "auth_allow_dirty=true").returncode == 0


@pytest.mark.parametrize(
    ("program", "said"),
    [
        (None, "Node is not installed"),
        ("echo v18.20.0", "Node 18.20.0 is too old"),
        ("echo v20.11.1", "Node 20.11.1 is too old; install Node 20.12 or newer"),
    ],
)
def test_node_is_checked_before_anything_is_written(
    template: Path, tmp_path: Path, program: str | None, said: str
) -> None:
    """Missing or too old: the line says which Node to install."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for folder in map(Path, reversed(os.environ["PATH"].split(os.pathsep))):
        for found in folder.glob("*"):
            (programs / found.name).unlink(missing_ok=True)
            (programs / found.name).symlink_to(found)
    (programs / "node").unlink()
    if program:
        (programs / "node").write_text(f"#!/bin/sh\n{program}\n")
        (programs / "node").chmod(0o755)
    project = tmp_path / "project"
    result = copy(template, project, env={"PATH": str(programs)})
    assert_refused(result, project, said, "nodejs.org")


APP = "from fastapi import FastAPI\n\napp = FastAPI()\n"


def two_services(folder: Path) -> None:
    """Two projects side by side, and nothing that says which one is meant."""
    for name in ("shop", "stock"):
        (folder / name).mkdir()
        (folder / name / "main.py").write_text(APP)
        (folder / name / "requirements.txt").write_text("fastapi\n")
    commit_all(folder)


def test_an_ambiguous_project_is_not_guessed(template: Path, tmp_path: Path) -> None:
    """With --defaults: nothing written, the candidates, and what to type for each."""
    two_services(tmp_path)
    result = copy(template, tmp_path)
    assert result.returncode == 1
    assert git(tmp_path, "status", "--porcelain", "--ignored") == ""
    for name in ("shop", "stock"):
        choice = f"  -d auth_backend_dir={name} -d auth_app=main:app   ("
        assert any(line.startswith(choice) for line in result.stderr.splitlines())
    options = ("-d", "auth_backend_dir=stock", "-d", "auth_app=main:app")
    chosen = copy(template, tmp_path, *options)
    assert chosen.returncode == 0, chosen.stderr
    assert "auth_router" in (tmp_path / "stock/main.py").read_text()
    assert (tmp_path / "shop/main.py").read_text() == APP


def test_another_framework_is_left_alone(template: Path, tmp_path: Path) -> None:
    """Beside a Flask application a new backend is rendered; its files are untouched."""
    files = {
        "app.py": "from flask import Flask\n\napp = Flask(__name__)\n",
        "requirements.txt": "flask\n",
        "backend/legacy.py": "X = 1\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    commit_all(tmp_path)
    result = copy(template, tmp_path)
    assert result.returncode == 0, result.stderr
    assert git(tmp_path, "diff", "--name-only") == ""
    assert (tmp_path / "api/app/main.py").exists()


@pytest.mark.parametrize(
    ("packages", "said"),
    [
        ([], "No module named 'copier_template_extensions'"),
        (["copier-template-extensions"], "needs the Python package 'ruamel.yaml'"),
    ],
)
def test_a_missing_package_is_named(
    template: Path, tmp_path: Path, packages: list[str], said: str
) -> None:
    """Copier without the template's own packages: no traceback, nothing written."""
    extra = [part for package in packages for part in ("--with", package)]
    result = subprocess.run(
        ["uvx", *extra, "copier@9.19.1", "copy", "--trust", template, "."],  # noqa: S607
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 1
    assert said in result.stderr
    assert "Traceback" not in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_an_ambiguous_project_is_asked_about(template: Path, tmp_path: Path) -> None:
    """At a terminal the applications are offered, and the one chosen is used."""
    two_services(tmp_path)
    command = f"{COPIER} copy --trust {template} ."
    printed = at_a_terminal(command, tmp_path, os.environ, within=120)
    assert "Which application should know who is calling?" in printed
    assert "main:app in stock" in printed
    edited = git(tmp_path, "diff", "--name-only").split()
    assert edited == ["shop/main.py", "shop/requirements.txt"]


@pytest.mark.parametrize("how", ["submodule", "clone", "empty submodule"])
def test_a_backend_that_is_a_repository_of_its_own(
    template: Path, tmp_path: Path, how: str
) -> None:
    """What is written there would be in another history: one line says where to go."""
    inner, outer = tmp_path / "inner", tmp_path / "outer"
    app = "from fastapi import FastAPI\n\napp = FastAPI()\n"
    build(inner, {"main.py": app, "requirements.txt": "fastapi\n"})
    build(outer, {"web/index.html": "<p>\n"})
    if how == "clone":
        git(outer, "clone", "--quiet", str(inner), "backend")
        options = ("-d", "auth_allow_dirty=true")
    else:
        local = ("-c", "protocol.file.allow=always")
        git(outer, *local, "submodule", "--quiet", "add", str(inner), "backend")
        options = ()
        git(outer, "commit", "--quiet", "--message", "submodule")
    if how == "empty submodule":
        git(outer, "submodule", "--quiet", "deinit", "--force", "backend")
    result = copy(template, outer, *options)
    assert result.returncode == 1
    assert "backend is its own git repository" in result.stderr
    assert "run the same command inside of it: cd backend" in result.stderr
    assert not (outer / "auth-server").exists()
    if how != "empty submodule":
        inside = copy(template, outer / "backend", "--skip-tasks")
        assert inside.returncode == 0, inside.stderr


@pytest.mark.parametrize(
    "listed",
    [
        "fastapi==0.95.2\n",
        "fastapi>=0.100\npydantic<2\npydantic==1.10.2\n",
        "fastapi==0.104.1\npydantic>=1.8,<2.0\n",
        "fastapi==0.104.1\nsqlmodel==0.0.11\n",
    ],
)
def test_an_application_that_could_not_import_the_package(
    template: Path, tmp_path: Path, listed: str
) -> None:
    """It would not start any more: one line, before anything is written."""
    app = "from fastapi import FastAPI\n\napp = FastAPI()\n"
    build(tmp_path, {"main.py": app, "requirements.txt": listed})
    before = git(tmp_path, "status", "--porcelain")
    result = copy(template, tmp_path)
    assert result.returncode == 1
    assert "is too old for the auth package; upgrade to fastapi>=0.100" in result.stderr
    assert git(tmp_path, "status", "--porcelain") == before


OLD = "from pydantic import BaseSettings\n"
EITHER = (
    "try:\n    from pydantic_settings import BaseSettings\n"
    "except ImportError:\n    from pydantic import BaseSettings\n"
)


@pytest.mark.parametrize(
    ("settings", "main", "is_refused"),
    [
        (OLD, "from settings import BaseSettings\n", True),
        (OLD, "", False),  # nothing loads it
        (EITHER, "import settings\n", False),
        (f"if not NEW:\n    {OLD}", "import settings\n", False),
    ],
    ids=["loaded", "left over", "for either version", "for one version"],
)
def test_code_that_only_pydantic_1_runs(
    template: Path, tmp_path: Path, settings: str, main: str, *, is_refused: bool
) -> None:
    """Where the list of packages says nothing, the code does."""
    app = f"from fastapi import FastAPI\n{main}\napp = FastAPI()\n"
    files = {"main.py": app, "settings.py": settings, "requirements.txt": "fastapi\n"}
    build(tmp_path, files)
    result = copy(template, tmp_path, "--pretend")
    assert (result.returncode == 1) == is_refused, result.stderr
    assert ("settings.py:1: only pydantic 1 has" in result.stderr) == is_refused
