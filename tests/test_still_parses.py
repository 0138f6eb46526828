"""A file that is read as what it is stays that, whatever edit or fix was planned."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from copier_better_auth import diagnostics
from copier_better_auth.answers import parse_answers
from copier_better_auth.diagnostics import plan_fixes, run_checks
from copier_better_auth.diagnostics._check import Check, repairable
from copier_better_auth.discovery import discover
from copier_better_auth.edits import plan_edits
from copier_better_auth.errors import ApplyError
from copier_better_auth.model import FileEdit, Integration, Plan, Status
from copier_better_auth.workspace import Workspace
from copier_better_auth.workspace.still_parses import broken_by
from support.repositories import build

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from copier_better_auth.diagnostics._project import Project
    from copier_better_auth.model import Finding
    from copier_better_auth.repository.staging import Staging

# By path: a text, one that is still read, and one that is not.
CHANGES = {
    "main.py": ("a = 1\n", "a = 1\nb = (2,)\n", "a = 1\nb = (2\n"),
    "new/match.py": ("match x:\n    case 1: pass\n", "x = 1\n", "def f(:\n"),
    "pyproject.toml": ("a = 1\n", "a = {b = 2}\n", "pyjwt[crypto] = {b = 2}\n"),
    "Pipfile": ("[packages]\na = '*'\n", "[packages]\n", "[packages]\na = \n"),
    "compose.yaml": ("a: [1]\n", "a: !tag\n  - 1\n", "a: [1\n"),
    "k8s/all.yml": ("a: 1\n---\nb: 2\n", "a: *b\n".replace("*b", "&b x"), "a: b: c\n"),
    "vercel.json": ('{"a": 1}', '{"a": [1]}', '{"a": }'),
    "tsconfig.json": ('{"a": 1, // yes\n}', '{/* x */ "a": [1,],}', '{"a": }'),
    ".vscode/a.jsonc": ("{} // yes", '{"a": null,}', "{"),
    "alembic.ini": ("[a]\nb = %(c)s\n", "[a]\nb\n", "b = 1\n[a]\n"),
    "setup.cfg": ("[a]\nb =\n  c\n", "[a]\n", "[a\n"),
    "auth-server/.env": ("A=1\n# b\n", 'export A="b\nc"\n', "A=1\nB\n"),
    ".env.example": ("A=\n", "A='x y'\nB=\"c\" # d\n", "A='x\n"),
    "requirements.txt": (
        "a==1\n",
        "-r b.txt\na[c]>=1 ; os_name == 'x'  # d\n",
        "a=={}\n",
    ),
    "requirements/base.in": ("./a\n", "a @ https://a.example/a.whl\n", "a b c\n"),
    "migrations/1.sql": ("select '('; -- (\n", 'select $a$ ( $a$, "(";\n', "f(a\n"),
    "db/2.sql": ("/* ' */ select 1;\n", "select 'it''s';\n", "select 'it's';\n"),
    "src/app.ts": ("const a: number = 1;", "const a = <T,>(b: T) => b;", "const a = ;"),
    "src/page.tsx": ("const a = <b/>;", "const a = <b>{c}</b>;", "const a = <b>;"),
    "api/Dockerfile": (
        "# syntax=a\nFROM a\nRUN <<EOF\nx\nEOF\n",
        "ARG A\nFROM a\nRUN a && \\\n  b\n",
        "FROM a\nRUNS b\n",
    ),
}


def edit(path: str, before: str | None, after: str) -> FileEdit:
    held = None if before is None else before.encode()
    return FileEdit(path=path, before=held, after=after.encode(), why=("a test",))


@pytest.mark.parametrize("path", CHANGES)
def test_each_format_is_known(path: str) -> None:
    """What is read may change; what would not be read is refused, with the format."""
    before, good, bad = CHANGES[path]
    assert broken_by(edit(path, before, good)) == ""
    assert broken_by(edit(path, None, good)) == ""
    assert "any more" in broken_by(edit(path, before, bad))
    assert "as it is" in broken_by(edit(path, bad, good))
    assert broken_by(FileEdit(path=path, before=b"(", after=None, why=())) == ""


@pytest.mark.parametrize("path", ["README.md", ".gitignore", "LICENSE", "a.mako"])
def test_prose_has_no_format(path: str) -> None:
    """Nothing reads it but people."""
    assert broken_by(edit(path, "(", "'(")) == ""


def test_comments_come_into_no_json_that_has_none() -> None:
    """Where they are usual they are read, and where one is there already."""
    plain, noted = '{"a": 1}', '{"a": 1} // b'
    assert broken_by(edit("vercel.json", plain, noted))
    assert broken_by(edit("web/tsconfig.app.json", plain, noted)) == ""
    assert broken_by(edit("turbo.json", noted, noted)) == ""


def test_a_text_that_is_no_text_is_left_alone() -> None:
    """Neither Latin-1 nor a file that nests without end."""
    latin = FileEdit(path="a.py", before="# é".encode("latin-1"), after=b"1", why=())
    assert "as it is" in broken_by(latin)
    deep = "[" * 100_000
    assert "as it is" in broken_by(edit("a.json", deep, "[]"))


FLAT = {"main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n"}


def integration(root: Path) -> Integration:
    answers = parse_answers(
        {
            "auth_backend_dir": ".",
            "auth_import_root": ".",
            "auth_app": "main:app",
            "auth_package_dir": "auth",
            "auth_migration_system": "none",
            "auth_package_manager": "pip",
        }
    )
    return Integration(root=root, answers=answers, facts=discover(root))


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("requirements.txt", "fastapi\nuvicorn 0.30 or so\n"),
        (".env.example", "DEBUG=1\nask somebody for the rest\n"),
        ("pyproject.toml", "[project]\ndependencies = [\nname = \n"),
    ],
)
def test_a_file_that_does_not_parse_is_its_users(
    tmp_path: Path, path: str, text: str
) -> None:
    """It is not edited at all; the step says what to write, and the run goes on."""
    build(tmp_path, {**FLAT, path: text})
    plan = plan_edits(integration(tmp_path))
    assert path not in {e.path for e in plan.edits}
    assert "main.py" in {e.path for e in plan.edits}
    (step,) = (s for s in plan.manual_steps if s.path == path)
    assert step.snippet


def test_an_edit_that_breaks_its_file_becomes_a_step(tmp_path: Path) -> None:
    """A preview shows it too; what else was planned is applied."""
    build(tmp_path, {**FLAT, "requirements.txt": "fastapi\n"})

    def break_it(_: Integration, staging: Staging) -> FileEdit:
        before = staging.read("main.py") or b""
        after = before + b"app.include_router(\n"
        return FileEdit(path="main.py", before=before, after=after, why=("broken",))

    plan = plan_edits(integration(tmp_path), (break_it,))
    (step,) = (s for s in plan.manual_steps if s.operation == "break-it")
    assert step.why == "it would be no Python any more"
    assert step.snippet == "app.include_router("
    Workspace(tmp_path).apply(plan)
    assert "include_router(auth_router" in (tmp_path / "main.py").read_text()


def test_nothing_is_written_that_would_not_be_read(tmp_path: Path) -> None:
    """No matter what planned it: the last look is before the first write."""
    build(tmp_path, {**FLAT, "a.toml": "a = 1\n"})
    plan = Plan(edits=(edit("b.py", None, "b = 1\n"), edit("a.toml", "a = 1\n", "a=")))
    with pytest.raises(ApplyError, match=r"a\.toml: it would be no TOML any more"):
        Workspace(tmp_path).apply(plan)
    assert not (tmp_path / "b.py").exists()


class Harmful(Check):
    """A diagnostic whose fixes do harm, next to one that does not."""

    code = "BA999"
    name = "harmful"
    healthy = "nothing is there to repair"
    proof = "the file's text"
    broken = ()

    def detect(self, project: Project) -> Iterator[Finding]:
        """Offer four: they break the file, a diagnostic, heal, and help nothing."""
        manifest, app = "requirements.txt", "main.py"
        listed, source = project.read(manifest) or b"", project.read(app) or b""
        if b"pyjwt" not in listed:
            after = listed + b"pyjwt[crypto] = {version = 2}\n"
            yield repairable("a", manifest, 1, title="one", before=listed, after=after)
            after = listed.replace(b"asyncpg\n", b"pyjwt\n")
            yield repairable("b", manifest, 1, title="two", before=listed, after=after)
        if b"# seen" not in source:
            after = source + b"# seen\n"
            yield repairable("c", app, 1, title="three", before=source, after=after)
        after = source + b"# in vain\n"
        yield repairable("d", app, 1, title="four", before=source, after=after)


def test_a_fix_that_does_harm_is_left_to_the_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It breaks a file, or a diagnostic that passed, or helps nothing; others do."""
    listed = "asyncpg\nfastapi\npydantic-settings\n"
    build(tmp_path, {**FLAT, "requirements.txt": listed})
    known = diagnostics.CHECKS
    monkeypatch.setattr(diagnostics, "CHECKS", (*known, Harmful))
    project = integration(tmp_path)
    plan, titles = plan_fixes(project, only="BA999")
    assert titles == {"BA999": ("three",)}
    assert [e.path for e in plan.edits] == ["main.py"]
    assert b"in vain" not in (plan.edits[0].after or b"")
    (result,) = run_checks(project, only="BA999")
    assert result.status is Status.FAIL
    assert result.remedy.startswith("by hand, as requirements.txt: it would be no list")
