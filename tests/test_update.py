"""``copier update`` from tag to tag keeps what its user has made of the project."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from support.copier_cli import ANSWERS_FILE, COPIER, copy, run_copier, update
from support.copies import Copies
from support.once import once
from support.repositories import flat, full_stack
from support.template import commit_all, git

if TYPE_CHECKING:
    from pathlib import Path


FIRST = ("--vcs-ref", "v1.0.0")


@pytest.fixture
def releases(template: Path, tmp_path: Path) -> Path:
    """A template with its first release only; ``release_next`` adds the second."""
    return shutil.copytree(template, tmp_path / "copier-better-auth")


@pytest.fixture(scope="session")
def both_releases(template: Path, shared: Path) -> Path:
    """A template with both, for all tests."""

    def make(folder: Path) -> None:
        shutil.copytree(template, folder, dirs_exist_ok=True)
        release_next(folder)

    return once(shared / "both-releases", make)


@pytest.fixture(scope="session")
def projects(both_releases: Path, shared: Path) -> Copies:
    """Projects of the ``FIRST`` of them, to be updated to the second."""
    return Copies(both_releases, shared / "projects")


def release_next(template: Path) -> None:
    """Change what both servers get, and tag it."""
    server = template / "template" / "{{ auth_server_dir }}"
    health = server / "src" / "health.ts"
    health.write_text(
        f"// How platforms ask for this server's health.\n{health.read_text()}"
    )
    models = template / "template" / "{{ auth_package_dir }}" / "models.py.jinja"
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
        f"history/prompts/better-auth/000{number}-{name}.prompt.md"
        for number, name in (
            (4, "better-auth-configuration-selected.spec"),
            (5, "better-auth-components-generated.plan"),
            (6, "auth-integration-diagnostics-completed.green"),
        )
    ]
    assert [name for name in names if name.endswith((".rej", ".orig"))] == []


def test_a_new_project_keeps_its_users_edits(projects: Copies, tmp_path: Path) -> None:
    """Edits of scaffolded, generated and own files stay; the news arrives; once."""
    project = projects.into(tmp_path / "project", *FIRST)
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
    projects: Copies, tmp_path: Path
) -> None:
    """The user's own modules are edited by the copy and left alone by the update."""
    project = projects.into(tmp_path / "project", *FIRST, of=full_stack)
    commit_all(project)
    routers = project / "backend/app/api/main.py"
    routers.write_text(f"{routers.read_text()}\nVERSION = 1  # ours\n")
    dependencies = project / "backend/app/auth/dependencies.py"
    dependencies.write_text(f"{dependencies.read_text()}\nADMINS = frozenset[str]()\n")
    commit_all(project, "our edits")

    result = update(project)

    assert result.returncode == 0, result.stderr
    assert_clean_merge(project)
    assert changed_files(project) == [
        " M .copier-answers.better-auth.yml",
        " M auth-server/src/health.ts",
        " M backend/app/auth/models.py",
    ]


def test_a_release_without_news_leaves_no_record(
    releases: Path, tmp_path: Path
) -> None:
    """Only the version in the answers file is another; nothing else is to be told."""
    project = flat(tmp_path / "project")
    commit_all(project)
    assert copy(releases, project, "-r", "v1.0.0").returncode == 0
    commit_all(project)
    git(releases, "checkout", "--quiet", "--detach", "v1.0.0")
    git(releases, "commit", "--quiet", "--allow-empty", "--message", "no news")
    git(releases, "tag", "v1.0.1")
    assert update(project, "-r", "v1.0.1").returncode == 0
    changed = git(project, "status", "--porcelain").splitlines()
    assert changed == [f" M {ANSWERS_FILE}"]


def test_other_answers_arrive_with_an_update(projects: Copies, tmp_path: Path) -> None:
    """An update can change the choice of methods; no other file is touched."""
    project = projects.into(tmp_path / "project", *FIRST, of=full_stack)
    commit_all(project)

    result = update(project, "-d", "auth_methods=[email_password, github]")

    assert result.returncode == 0, result.stderr
    assert_clean_merge(project)
    config = (project / "auth-server/src/auth/providers.ts").read_text()
    assert "github" in config
    assert "GITHUB_CLIENT_ID" in (project / "auth-server/.env.example").read_text()
    assert "backend/app/api/main.py" not in git(project, "status", "--porcelain")


def test_other_strategies_arrive_with_an_update(
    projects: Copies, tmp_path: Path
) -> None:
    """From sessions in the database to tokens: modules, packages and tables follow."""
    project = projects.into(tmp_path / "project", *FIRST, of=full_stack)
    commit_all(project)

    result = update(project, "-d", "auth_session_validation=jwt")

    assert result.returncode == 0, result.stderr
    assert_clean_merge(project)
    package = project / "backend/app/auth"
    assert (package / "tokens.py").exists()
    assert not (package / "sessions.py").exists()
    assert "pyjwt[crypto]" in (project / "backend/pyproject.toml").read_text()
    revisions = sorted((project / "backend/app/alembic/versions").glob("*auth*.py"))
    (first,) = [r for r in revisions if "auth_user" in r.read_text()]
    (second,) = [r for r in revisions if r != first]
    assert "auth_jwks" in second.read_text()
    assert first.stem.partition("_")[0] in second.read_text()
    assert "BETTER_AUTH_URL" in (project / ".env.example").read_text()


@pytest.mark.parametrize(
    "answers",
    [(), ("auth_session_validation=jwt",), ("auth_server_dir=sso",)],
    ids=["conflict", "strategy", "moved"],
)
def test_an_update_is_undone_as_one_run(
    projects: Copies, tmp_path: Path, answers: tuple[str, ...]
) -> None:
    """Merged, added and deleted files, edits and conflicts; then the copy before it."""
    project = projects.into(tmp_path / "project", *FIRST, of=full_stack)
    models = project / "backend/app/auth/models.py"
    if not answers:
        models.write_text(f"{models.read_text()}\n\nMODELS_VERSION = 'ours'\n")
    secret = (project / "auth-server/.env").read_bytes()
    commit_all(project)
    options = [part for answer in answers for part in ("-d", answer)]
    # A conflict is an error, although nothing is lost by it.
    assert (update(project, *options).returncode == 0) == bool(answers)
    assert ("UU" in git(project, "status", "--porcelain")) == (not answers)

    undone = command("undo", project, "--yes")

    assert undone.returncode == 0, undone.stderr
    assert git(project, "status", "--porcelain") == ""
    assert (project / "auth-server/.env").read_bytes() == secret
    assert not (project / "sso").exists()
    again = command("undo", project, "--yes")
    if answers:
        assert again.returncode == 0
        left = [path.name for path in (project / "auth-server").iterdir()]
        assert left == [".copier-better-auth"]
    else:  # its user has worked on it
        assert again.returncode == 1
        assert again.stderr.count("\n") == 1


def command(
    call: str, project: Path, *options: str
) -> subprocess.CompletedProcess[str]:
    """Run our own command as a user does."""
    return subprocess.run(
        [COPIER.with_name("copier-better-auth"), call, *options],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_deleted_file_stays_deleted(projects: Copies, tmp_path: Path) -> None:
    """A rendered file that its user did away with does not come back."""
    project = projects.into(tmp_path / "project", *FIRST, of=full_stack)
    (project / "backend/app/auth/testing.py").unlink()
    (project / "auth-server/README.md").unlink()
    commit_all(project)

    assert update(project).returncode == 0

    assert_clean_merge(project)
    assert not (project / "backend/app/auth/testing.py").exists()
    assert not (project / "auth-server/README.md").exists()
    assert "auth-server/src/health.ts" in git(project, "diff", "--name-only")


def edit_and_import(project: Path) -> None:
    """Edit files of both folders, add some, and import the package elsewhere."""
    app = project / "auth-server/src/app.ts"
    app.write_text(f"// Ours.\n{app.read_text()}")
    (project / "auth-server/src/own.ts").write_text("export const own = 1;\n")
    (project / "auth-server/.data").mkdir()
    (project / "auth-server/.data/rows").write_text("precious\n")
    models = project / "backend/app/auth/models.py"
    models.write_text(f"# OURS = 1\n{models.read_text()}")
    (project / "backend/app/orders.py").write_text(
        "import app.auth.errors\nfrom app.auth import CurrentUser  # who\n"
        "from app.authors import names  # not the package\n"
    )


def test_folders_move_with_their_users_edits(
    both_releases: Path, tmp_path: Path
) -> None:
    """Other folders by answer, in a monorepo: edits, secrets, data, imports follow."""
    monorepo = tmp_path / "monorepo"
    project = full_stack(monorepo / "services/shop")
    shutil.rmtree(project / ".git")
    commit_all(monorepo)
    assert copy(both_releases, project, *FIRST).returncode == 0
    secret = (project / "auth-server/.env").read_bytes()
    edit_and_import(project)
    commit_all(monorepo)

    moved = "auth_server_dir=sso/server", "auth_package_dir=backend/app/identity"
    result = update(project, *(part for answer in moved for part in ("-d", answer)))

    assert result.returncode == 0, result.stderr
    assert "The template went from 1.0.0 to 1.1.0." in result.stdout
    assert "CONFLICT" not in result.stdout
    assert not (project / "auth-server").exists()
    assert not (project / "backend/app/auth").exists()
    server, package = project / "sso/server", project / "backend/app/identity"
    assert (server / "src/app.ts").read_text().startswith("// Ours.\n")
    assert (server / "src/own.ts").exists()
    assert (server / "src/health.ts").read_text().startswith("// How platforms")
    assert (server / ".env").read_bytes() == secret
    assert (server / ".env").stat().st_mode & 0o777 == 0o600
    assert (server / ".data/rows").read_text() == "precious\n"
    models = (package / "models.py").read_text()
    assert models.startswith("# OURS = 1\n")
    assert "<<<<<<<" not in models
    assert "MODELS_VERSION = 2" in models
    assert "sso" in (package / "config.py").read_text()
    assert (project / "backend/app/orders.py").read_text() == (
        "import app.identity.errors\nfrom app.identity import CurrentUser  # who\n"
        "from app.authors import names  # not the package\n"
    )
    routers = (project / "backend/app/api/main.py").read_text()
    assert routers.count("auth_router") == 2
    assert "from app.identity import router as auth_router" in routers
    commit_all(monorepo, "update")
    assert update(project).returncode == 0
    assert git(monorepo, "status", "--porcelain") == ""


def test_what_git_cannot_merge_stays_its_users(
    projects: Copies, tmp_path: Path
) -> None:
    """A zero byte makes a file binary: the user's is kept whole, and a step says so."""
    project = projects.into(tmp_path / "project", *FIRST, of=full_stack)
    guide = project / "auth-server/SETUP.md"
    guide.write_bytes(b"Ours: \0\n" + guide.read_bytes())
    edited = guide.read_bytes()
    commit_all(project)
    result = update(project, "-d", "auth_server_dir=sso")
    assert result.returncode == 0, result.stderr
    assert (project / "sso/SETUP.md").read_bytes() == edited
    assert "sso/SETUP.md: git cannot merge" in result.stdout


def test_folders_that_were_renamed_are_followed(
    projects: Copies, tmp_path: Path
) -> None:
    """Without their new names one line asks for them; with them the merge is whole."""
    project = projects.into(tmp_path / "project", *FIRST, of=full_stack)
    edit_and_import(project)
    commit_all(project)
    git(project, "mv", "backend", "api")
    git(project, "mv", "auth-server", "sso")
    commit_all(project, "rename")

    refused = update(project)

    assert refused.returncode == 1
    (line,) = (n for n in refused.stderr.splitlines() if "not here any more" in n)
    assert git(project, "status", "--porcelain") == ""
    options = line.partition(ANSWERS_FILE)[2].split()
    done = update(project, *options)
    assert done.returncode == 0, done.stdout + done.stderr
    assert_clean_merge(project)
    assert "OURS = 1" in (project / "api/app/auth/models.py").read_text()
    assert "MODELS_VERSION = 2" in (project / "api/app/auth/models.py").read_text()
    assert (project / "sso/src/app.ts").read_text().startswith("// Ours.\n")
    assert (project / "sso/src/health.ts").read_text().startswith("// How platforms")
    assert not (project / "backend").exists()
    assert not (project / "auth-server").exists()


UPGRADE = '''"""Since 1.1.0 ``MAIL_FROM`` is called ``EMAIL_FROM``, in ``.env`` too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..model import FileEdit, Skip

if TYPE_CHECKING:
    from ..edits.staging import Staging
    from ..model import Integration


def rename_mail_from(integration: Integration, staging: Staging) -> FileEdit | Skip:
    """Give the variable its new name; the value stays."""
    path = f"{integration.answers.auth_server_dir}/.env"
    before = (integration.root / path).read_bytes()
    after = before.replace(b"MAIL_FROM=", b"EMAIL_FROM=")
    if after == before:
        return Skip(operation="rename-mail-from", path=path, why="is renamed already")
    why = ("EMAIL_FROM is the new name of MAIL_FROM",)
    return FileEdit(path=path, before=before, after=after, why=why, secret=True)
'''


def test_an_update_passes_a_release_with_an_upgrade(
    releases: Path, tmp_path: Path
) -> None:
    """What git ignores is beyond Copier's reach; an upgrade gets there, once."""
    project = full_stack(tmp_path / "project")
    assert copy(releases, project).returncode == 0
    env = project / "auth-server/.env"
    env.write_text(f"{env.read_text()}MAIL_FROM=ada@example.com\n")
    commit_all(project)
    (releases / "hooks/updates/rename_mail_from.py").write_text(UPGRADE)
    registry = releases / "hooks/updates/upgrades.py"
    text = registry.read_text().replace(
        "UPGRADES: tuple[Upgrade, ...] = ()",
        'UPGRADES = (Upgrade(version="1.1.0", edit=rename_mail_from),)',
    )
    text = text.replace(
        "if TYPE_CHECKING:",
        "from .rename_mail_from import rename_mail_from\n\nif TYPE_CHECKING:",
        1,
    )
    registry.write_text(text)
    release_next(releases)

    result = update(project)

    assert result.returncode == 0, result.stderr
    assert "EMAIL_FROM is the new name of MAIL_FROM" in result.stdout
    assert "\nEMAIL_FROM=ada@example.com\n" in env.read_text()
    assert "ada@example.com" not in result.stdout
    commit_all(project, "update")
    env.write_text(f"{env.read_text()}MAIL_FROM=of something else\n")
    assert update(project).returncode == 0
    assert "MAIL_FROM=of something else" in env.read_text()


def test_an_update_says_what_is_in_conflict(projects: Copies, tmp_path: Path) -> None:
    """The person's line and the release's differ: both are kept, and it is said."""
    project = projects.into(tmp_path / "project", *FIRST, of=full_stack)
    health = project / "auth-server/src/health.ts"
    health.write_text(f"// Ours, in the same place.\n{health.read_text()}")
    commit_all(project)
    result = update(project)
    assert result.returncode == 1, result.stderr
    assert "CONFLICT auth-server/src/health.ts" in result.stdout
    assert "git add auth-server/src/health.ts" in result.stdout
    assert not re.search(r"(?m)^Made: \d+ in auth-server/", result.stdout)


def test_check_update_and_recopy_know_our_answers(
    releases: Path, tmp_path: Path
) -> None:
    """Both work with the answers file's own name."""
    project = full_stack(tmp_path / "project")
    assert copy(releases, project).returncode == 0
    commit_all(project)
    check = ["check-update", "-a", ANSWERS_FILE, "--quiet"]
    assert run_copier(*check, cwd=project).returncode == 0
    release_next(releases)
    assert run_copier(*check, cwd=project).returncode == 2
    health = project / "auth-server/src/health.ts"
    health.write_text("// lost by a recopy\n")
    commit_all(project)

    options = ["--trust", "--defaults", "--overwrite", "-a", ANSWERS_FILE]
    result = run_copier("recopy", *options, cwd=project)

    assert result.returncode == 0, result.stderr
    assert health.read_text().startswith("// How platforms ask")
    assert run_copier(*check, cwd=project).returncode == 0
    assert git(project, "diff", "--name-only", "--", "backend/app/api") == ""


def test_another_templates_answers_are_left_alone(
    both_releases: Path, tmp_path: Path
) -> None:
    """Neither read nor changed, by a copy or by an update."""
    project = full_stack(tmp_path / "project")
    theirs = project / ".copier-answers.yml"
    theirs.write_text("_src_path: gh:them/theirs\nauth: jwt\nserver_dir: x\n")
    commit_all(project)
    before = theirs.read_bytes()
    assert copy(both_releases, project, *FIRST).returncode == 0
    assert (project / "auth-server").is_dir()
    commit_all(project)
    assert update(project).returncode == 0
    assert theirs.read_bytes() == before


def test_a_second_copy_is_no_update(releases: Path, tmp_path: Path) -> None:
    """Other answers, or another release, get one line that says what to type."""
    project = full_stack(tmp_path / "project")
    assert copy(releases, project).returncode == 0
    commit_all(project)
    other = copy(releases, project, "-d", "auth_methods=[github]")
    assert other.returncode == 1
    assert "-d auth_methods='[github]'" in other.stderr.splitlines()[-1]
    release_next(releases)
    newer = copy(releases, project)
    assert newer.returncode == 1
    assert "was made with v1.0.0" in newer.stderr.splitlines()[-1]
    assert git(project, "status", "--porcelain") == ""


def test_a_half_finished_copy_is_completed(
    template: Path, copies: Copies, tmp_path: Path
) -> None:
    """What is there stays, the user's edits too; what is missing comes back."""
    project = copies.into(tmp_path / "project", of=full_stack)
    app = project / "auth-server/src/app.ts"
    app.write_text(f"// Ours.\n{app.read_text()}")
    (project / "auth-server/src/health.ts").unlink()
    (project / ANSWERS_FILE).unlink()
    git(project, "checkout", "--", "backend/app/api/main.py")
    commit_all(project, "half of it")
    done = copy(template, project)
    assert done.returncode == 0, done.stdout + done.stderr
    assert app.read_text().startswith("// Ours.\n")
    assert (project / "auth-server/src/health.ts").exists()
    assert "auth_router" in (project / "backend/app/api/main.py").read_text()
    assert not (project / "better-auth").exists()
    assert len(list((project / "backend/app").glob("*auth*"))) == 1
