"""``copier update`` from tag to tag keeps what its user has made of the project."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.copier_cli import copy, update
from support.repositories import full_stack
from support.template import commit_all, git, make_template

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def releases(tmp_path: Path) -> Path:
    """A template with its first release only; ``release_next`` adds the second."""
    return make_template(tmp_path / "copier-better-auth", tag="v1.0.0")


def release_next(template: Path) -> None:
    """Change what both servers get, and tag it."""
    server = template / "template" / "{{ auth_server_dir }}"
    health = server / "src" / "health.ts"
    health.write_text(
        f"// How platforms ask for this server's health.\n{health.read_text()}"
    )
    models = template / "template" / "{{ auth_package_dir }}" / "models.py"
    models.write_text(f"{models.read_text()}\n\nMODELS_VERSION = 2\n")
    commit_all(template, "improve both sides")
    git(template, "tag", "v1.1.0")


def changed_files(project: Path) -> list[str]:
    """What git sees as changed, beside the records of the run."""
    lines = git(project, "status", "--porcelain").splitlines()
    return [line for line in lines if "history/" not in line]


def assert_clean_merge(project: Path) -> None:
    """No conflict marker anywhere, and no file left beside another."""
    assert git(project, "diff", "--check") == ""
    assert git(project, "ls-files", "--unmerged") == ""
    names = git(project, "ls-files", "--others", "--exclude-standard").split()
    assert sorted(name for name in names if name.startswith("history/")) == [
        f"history/prompts/general/000{number}-{slug}.general.prompt.md"
        for number, slug in (
            (4, "better-auth-configuration-selected"),
            (5, "better-auth-components-generated"),
            (6, "auth-integration-diagnostics-completed"),
        )
    ]
    assert [name for name in names if name.endswith((".rej", ".orig"))] == []


def test_a_new_project_keeps_its_users_edits(releases: Path, tmp_path: Path) -> None:
    """Edits of scaffolded, generated and own files stay; the news arrives; once."""
    project = tmp_path / "project"
    assert copy(releases, project).returncode == 0
    commit_all(project)
    settings = project / "auth-server/src/auth/auth.config.ts"
    settings.write_text(f"{settings.read_text()}\n// Ours: asked for by Ada.\n")
    main = project / "backend/app/main.py"
    main.write_text(
        f'{main.read_text()}\n\n@app.get("/ours")\ndef ours() -> int:\n    return 1\n'
    )
    (project / "README.md").unlink()
    secret = (project / "auth-server/.env").read_text()
    commit_all(project, "our edits")
    release_next(releases)

    result = update(project)

    assert result.returncode == 0, result.stderr
    assert_clean_merge(project)
    assert changed_files(project) == [
        " M .copier-answers.better-auth.yml",
        " M auth-server/src/health.ts",
        " M backend/app/auth/models.py",
    ]
    assert (
        "_commit: v1.1.0" in (project / ".copier-answers.better-auth.yml").read_text()
    )
    assert (project / "auth-server/.env").read_text() == secret
    assert len(list((project / "backend/migrations/versions").glob("*.py"))) == 1
    commit_all(project, "update")
    assert update(project).returncode == 0
    assert git(project, "status", "--porcelain") == ""


def test_an_existing_project_keeps_its_users_edits(
    releases: Path, tmp_path: Path
) -> None:
    """The user's own modules are edited by the copy and left alone by the update."""
    project = full_stack(tmp_path / "project")
    assert copy(releases, project).returncode == 0
    commit_all(project)
    routers = project / "backend/app/api/main.py"
    routers.write_text(f"{routers.read_text()}\nVERSION = 1  # ours\n")
    dependencies = project / "backend/app/auth/dependencies.py"
    dependencies.write_text(f"{dependencies.read_text()}\nADMINS = frozenset[str]()\n")
    commit_all(project, "our edits")
    release_next(releases)

    result = update(project)

    assert result.returncode == 0, result.stderr
    assert_clean_merge(project)
    assert changed_files(project) == [
        " M .copier-answers.better-auth.yml",
        " M auth-server/src/health.ts",
        " M backend/app/auth/models.py",
    ]


def test_other_answers_arrive_with_an_update(releases: Path, tmp_path: Path) -> None:
    """An update can change the choice of methods; no other file is touched."""
    project = full_stack(tmp_path / "project")
    assert copy(releases, project).returncode == 0
    commit_all(project)
    release_next(releases)

    result = update(project, "-d", "auth_methods=[email_password, github]")

    assert result.returncode == 0, result.stderr
    assert_clean_merge(project)
    config = (project / "auth-server/src/auth/auth.config.ts").read_text()
    assert "github" in config
    assert "GITHUB_CLIENT_ID" in (project / "auth-server/.env.example").read_text()
    assert "backend/app/api/main.py" not in git(project, "status", "--porcelain")
