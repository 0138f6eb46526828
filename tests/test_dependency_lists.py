"""Dependencies are read and changed as what they are, whatever form a tool gives them.

Every form that a package manager's users write, times every strategy and layer: the
edit lists what the auth package imports, the diagnostic finds nothing after it, and a
PyJWT without its extra gets one, in a file that is still read as what it is.
"""

from __future__ import annotations

import itertools
import tomllib
from typing import TYPE_CHECKING, get_args

import pytest
from copier_better_auth.answers import choices, parse_answers
from copier_better_auth.diagnostics import plan_fixes, run_checks
from copier_better_auth.discovery import discover
from copier_better_auth.edits.add_python_dependencies import add_python_dependencies
from copier_better_auth.model import FileEdit, Integration, Status
from copier_better_auth.rendering.python_packages import required
from copier_better_auth.repository.staging import Staging
from copier_better_auth.syntax.requirements import added, listed
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from pathlib import Path

# By package manager: the file, and what a project's own is like before the edit.
FORMS = {
    "uv": (
        "pyproject.toml",
        '[project]\nname = "shop"\ndependencies = ["fastapi>=0.115"]\n',
    ),
    "uv, an empty list before": (
        "pyproject.toml",
        '[tool.ruff]\nselect = []\n\n[project]\ndependencies = []\nname = "shop"\n',
    ),
    "uv, the same list twice": (
        "pyproject.toml",
        (
            '[dependency-groups]\ndev = ["fastapi>=0.115"]\n\n'
            '[project]\nname = "shop"\ndependencies = ["fastapi>=0.115"]\n'
        ),
    ),
    "uv, a split table": (
        "pyproject.toml",
        (
            '[project]\nname = "shop"\ndependencies = [\n  "fastapi", # web\n]\n\n'
            '[tool.uv]\npackage = false\n\n[project.optional-dependencies]\nx = ["a"]\n'
        ),
    ),
    "uv, dotted keys": (
        "pyproject.toml",
        'project.name = "shop"\nproject.dependencies = ["fastapi"]\n',
    ),
    "uv, in an optional list": (
        "pyproject.toml",
        (
            '[project]\nname = "shop"\ndependencies = ["click"]\n\n'
            '[project.optional-dependencies]\nserver = [\n    "fastapi>=0.115",\n]\n'
        ),
    ),
    "poetry": (
        "pyproject.toml",
        (
            '[tool.poetry]\nname = "shop"\n\n[tool.poetry.dependencies]\n'
            'python = "^3.11"\nfastapi = "^0.115"\n'
        ),
    ),
    "poetry, sub-tables": (
        "pyproject.toml",
        (
            '[tool.poetry]\nname = "shop"\n\n[tool.poetry.dependencies]\n'
            'python = "^3.11"\n\n[tool.poetry.dependencies.fastapi]\nversion = "*"\n'
            'extras = ["all"]\n\n[tool.poetry.group.dev.dependencies]\npytest = "*"\n'
        ),
    ),
    "poetry, a split table": (
        "pyproject.toml",
        (
            '[tool.poetry]\nname = "a"\n\n[build-system]\nrequires = ["a"]\n\n'
            '[tool.poetry.dependencies]\nfastapi = "^0.115"\n'
        ),
    ),
    "poetry, in a group": (
        "pyproject.toml",
        (
            '[tool.poetry]\nname = "shop"\n\n[tool.poetry.dependencies]\n'
            'python = "^3.11"\n\n[tool.poetry.group.api.dependencies]\nfastapi = "*"\n'
        ),
    ),
    "poetry 2, both tables": (
        "pyproject.toml",
        (
            '[project]\nname = "shop"\ndependencies = ["fastapi (>=0.115,<0.116)"]\n\n'
            '[tool.poetry.dependencies]\nother = {path = "../other"}\n'
        ),
    ),
    "pdm": (
        "pyproject.toml",
        (
            '[project]\nname = "shop"\ndependencies = [\n    "fastapi>=0.115",\n]\n\n'
            '[tool.pdm.dev-dependencies]\ntest = ["pytest"]\n'
        ),
    ),
    "pipenv": (
        "Pipfile",
        (
            '[[source]]\nname = "pypi"\nurl = "https://pypi.org/simple"\n\n'
            '[packages]\nfastapi = {version = "*", extras = ["x"]}\n\n[dev-packages]\n'
        ),
    ),
    "hatch": (
        "pyproject.toml",
        (
            '[project]\nname = "a"\ndynamic = ["version"]\ndependencies = ["fastapi"]\n'
            '\n[tool.hatch.envs.default]\ndependencies = ["pytest"]\n'
        ),
    ),
    "hatch, an environment alone": (
        "pyproject.toml",
        (
            "[tool.hatch.envs.default]\nskip-install = true\n"
            "dependencies = [\n  'fastapi',\n]\n"
        ),
    ),
    "pip": ("requirements.txt", "fastapi[all] ; python_version > '3.8'\n"),
    "pip, continued lines": (
        "requirements.txt",
        "--index-url https://example.com/simple\nfastapi>=0.115,\\\n  <1\nuvicorn\n",
    ),
}
# How PyJWT is listed without the extra, by a form's name: what is there before.
BARE = {
    "uv": '"fastapi>=0.115"|"fastapi>=0.115", "PyJWT>=2.8"',
    "uv, a split table": '  "fastapi", # web|  "fastapi", "pyjwt~=2.8", # web',
    "uv, in an optional list": '    "fastapi>=0.115",|    "fastapi",\n    "pyjwt",',
    "poetry": 'fastapi = "^0.115"|fastapi = "^0.115"\npyjwt = "^2.8"  # tokens',
    "poetry, sub-tables": (
        "[tool.poetry.group.dev|[tool.poetry.dependencies.pyjwt]\n"
        'version = "^2.8"\n\n[tool.poetry.group.dev'
    ),
    "poetry, in a group": 'fastapi = "*"|fastapi = "*"\nPyJWT = {version = "^2.8"}',
    "poetry 2, both tables": '<0.116)"|<0.116)", "pyjwt (>=2.8)"',
    "poetry, a split table": (
        'fastapi = "^0.115"|fastapi = "^0.115"\npyjwt = [\n'
        '  {version = "^2.8", python = ">=3.11"},\n'
        '  {version = "^2.7", python = "<3.11"},\n]'
    ),
    "pdm": '    "fastapi>=0.115",|    "fastapi>=0.115",\n    "pyjwt[tests]>=2.8",',
    "pipenv": "[dev-packages]|pyjwt = '*'\n\n[dev-packages]",
    "hatch": '["fastapi"]|["fastapi", "pyjwt; python_version > \'3\'"]',
    "hatch, an environment alone": "'fastapi',|'fastapi', 'pyjwt',",
    "pip": "fastapi[all]|PyJWT == 2.8.0  # tokens\nfastapi[all]",
}
STRATEGIES = get_args(choices.SessionValidation)
LAYERS = get_args(choices.Layer)


def project(folder: Path, form: str, text: str) -> list[Integration]:
    """Write a project with that manifest; return it with each strategy and layer."""
    (folder / "main.py").write_text("from fastapi import FastAPI\n\napp = FastAPI()\n")
    (folder / FORMS[form][0]).write_bytes(text.encode())
    facts = discover(folder)
    manager = form.partition(",")[0].partition(" ")[0]
    return [
        Integration(
            root=folder,
            facts=facts,
            answers=parse_answers(
                {
                    "auth_backend_dir": ".",
                    "auth_import_root": ".",
                    "auth_app": "main:app",
                    "auth_package_dir": "auth",
                    "auth_package_manager": manager,
                    "auth_session_validation": strategy,
                    "auth_database_layer": layer,
                }
            ),
        )
        for strategy, layer in itertools.product(STRATEGIES, LAYERS)
    ]


def read(path: str, text: str) -> object:
    """What a manifest holds, or its lines."""
    is_text = path.endswith(".txt")
    return sorted(text.splitlines()) if is_text else tomllib.loads(text)


def needed(integration: Integration) -> set[tuple[str, frozenset[str]]]:
    """Name and extras of what must be listed."""
    wanted = map(Requirement, required(integration.answers))
    return {(canonicalize_name(r.name), frozenset(r.extras)) for r in wanted}


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("form", FORMS)
def test_what_is_imported_is_listed(tmp_path: Path, form: str, newline: str) -> None:
    """Once, in the list that the application is installed from, and nothing else."""
    path, before = FORMS[form]
    before = before.replace("\n", newline)
    for integration in project(tmp_path, form, before):
        (edit,) = add_python_dependencies(integration, Staging(tmp_path))
        assert isinstance(edit, FileEdit), (form, edit)
        after = (edit.after or b"").decode()
        assert after.count("\n") == after.count(newline)
        found = {(e.name, e.extras) for _, e in listed(path, after)}
        assert needed(integration) <= found
        lists = {of.keys for of, e in listed(path, after) if of and e.name == "fastapi"}
        wanted = {name for name, _ in needed(integration)}
        homes = {of.keys for of, e in listed(path, after) if of and e.name in wanted}
        assert len(homes) <= 1
        assert not lists or homes <= lists
        kept = iter(after)
        assert all(character in kept for character in before), after
        assert added(path, after, required(integration.answers)) == after


@pytest.mark.parametrize("form", FORMS)
def test_what_the_edit_wrote_is_no_finding(tmp_path: Path, form: str) -> None:
    """Least of all one that a fix would break."""
    path, before = FORMS[form]
    for integration in project(tmp_path, form, before):
        after = added(path, before, required(integration.answers))
        assert after is not None
        (tmp_path / path).write_text(after)
        plan, _ = plan_fixes(integration, only="BA011")
        assert [edit.path for edit in plan.edits if edit.path == path] == []


@pytest.mark.parametrize("form", BARE)
def test_pyjwt_gets_its_extra_in_the_form_that_it_has(
    tmp_path: Path, form: str
) -> None:
    """One entry changes, and the file is read as what it was."""
    path, text = FORMS[form]
    before, after = BARE[form].split("|")
    assert before in text
    bare = text.replace(before, after, 1)
    integrations = project(tmp_path, form, bare)
    integration = next(
        i for i in integrations if i.answers.auth_session_validation == "jwt"
    )
    plan, titles = plan_fixes(integration, only="BA011")
    assert any("crypto" in title for title in titles["BA011"])
    (edit,) = (edit for edit in plan.edits if edit.path == path)
    mended = (edit.after or b"").decode()
    ((_, pyjwt),) = [e for e in listed(path, mended) if e[1].name == "pyjwt"]
    assert "crypto" in pyjwt.extras
    others = [e.key for _, e in listed(path, bare) if e.name != "pyjwt"]
    assert set(others) <= {e.key for _, e in listed(path, mended)}
    assert read(path, mended) != read(path, bare)
    (tmp_path / path).write_text(mended)
    again, _ = plan_fixes(integration, only="BA011")
    assert again.edits == ()


@pytest.mark.parametrize(
    ("form", "entry"),
    [
        ("uv", '"fastapi>=0.115"|"better-auth-fastapi", "fastapi>=0.115"'),
        ("poetry", 'fastapi =|better-auth-fastapi = "*"\nfastapi ='),
        (
            "poetry, sub-tables",
            (
                "[tool.poetry.group.dev|[tool.poetry.dependencies.Better_Auth_FastAPI]\n"
                'version = "*"\n\n[tool.poetry.group.dev'
            ),
        ),
        (
            "pip",
            "fastapi[all]|better_auth_fastapi \\\n  ; os_name == 'x'\nfastapi[all]",
        ),
    ],
)
def test_the_package_that_overwrites_fastapi_is_taken_out(
    tmp_path: Path, form: str, entry: str
) -> None:
    """Whatever form it has; all that is around it stays."""
    path, text = FORMS[form]
    before, after = entry.split("|")
    integration = project(tmp_path, form, text.replace(before, after, 1))[0]
    plan, _ = plan_fixes(integration, only="BA011")
    (edit,) = (edit for edit in plan.edits if edit.path == path)
    mended = (edit.after or b"").decode()
    names = {entry.name for _, entry in listed(path, mended)}
    assert "better-auth-fastapi" not in names
    assert "fastapi" in names


# Where no list can be edited, the names are searched wherever packages are named.
ELSEWHERE = {
    "setup.py": "setup(install_requires=['fastapi', {names}])\n",
    "environment.yml": "dependencies:\n  - pip:\n      - fastapi\n      - {lines}\n",
    "Dockerfile": "FROM python:3.13\nRUN pip install fastapi {names}\n",
}


@pytest.mark.parametrize("path", ELSEWHERE)
def test_a_package_in_no_list_at_all_is_found(tmp_path: Path, path: str) -> None:
    """It fails where it is named nowhere, and passes where it is."""
    (tmp_path / "main.py").write_text("from fastapi import FastAPI\napp = FastAPI()\n")
    answers = parse_answers(
        {"auth_backend_dir": ".", "auth_import_root": ".", "auth_app": "main:app"}
    )
    for names, status in (("", Status.FAIL), ("asyncpg pydantic-settings", None)):
        text = ELSEWHERE[path].format(names=names, lines=names)
        (tmp_path / path).write_text(text)
        integration = Integration(
            root=tmp_path, answers=answers, facts=discover(tmp_path)
        )
        (result,) = run_checks(integration, only="BA011")
        missing = "no list of packages has it" in f"{result.message}{result.detail}"
        assert missing == (status is Status.FAIL), result
