"""Edits in other people's files: the smallest that works, in any style, only once."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import pytest
from copier_better_auth.answers import parse_answers
from copier_better_auth.discovery import discover
from copier_better_auth.discovery.suggestions import suggestions
from copier_better_auth.edits import EDITS, plan_edits
from copier_better_auth.edits.trust_origins import trust_origins
from copier_better_auth.env.dotenv import entries
from copier_better_auth.model import FileEdit, Integration, ManualStep, Plan
from copier_better_auth.report.plan import render_plan
from copier_better_auth.repository import Repository
from copier_better_auth.repository.staging import Staging
from copier_better_auth.workspace import Workspace
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.by_hand import do_all
from support.cases import Case, all_cases
from support.repositories import build
from support.template import commit_all

if TYPE_CHECKING:
    from pathlib import Path


def planned(root: Path, **given: object) -> Plan:
    """Plan with the answers that discovery suggests, as ``copier copy`` would."""
    return plan_edits(integration(root, **given))


def integration(root: Path, **given: object) -> Integration:
    facts = discover(root)
    found = suggestions(facts, Repository(root))
    answers = parse_answers({**found, "auth_server_dir": "auth-server", **given})
    return Integration(root=root, answers=answers, facts=facts)


def steps(root: Path, operation: str) -> list[ManualStep]:
    return [s for s in planned(root).manual_steps if s.operation == operation]


CASES = all_cases()


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.edit}-{case.name}")
def test_golden(tmp_path: Path, case: Case, newline: str) -> None:
    """``before`` becomes ``after``, once; or it declines, and says why."""
    for path, data in case.below("before", newline).items():
        target = tmp_path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    commit_all(tmp_path)
    plan = plan_of(case, tmp_path)
    after = case.below("after", newline)
    if plan.edits:
        Workspace(tmp_path).apply(plan)
        edited = [edit.path for edit in plan.edits]
        assert after == {path: (tmp_path / path).read_bytes() for path in edited}
        for path in edited:
            if path.endswith(".py"):
                compile((tmp_path / path).read_bytes(), path, "exec")
        assert not plan_of(case, tmp_path).edits
        return
    assert not after
    if plan.manual_steps:
        assert by_hand(plan) == case.files["manual.txt"]
    else:
        said = "".join(f"{skip.path}: {skip.why}\n" for skip in plan.skips)
        assert said == case.files["skip.txt"]


def plan_of(case: Case, root: Path) -> Plan:
    """Run the edit that the case's folder is named for, alone."""
    edit = next(e for e in EDITS if e.__name__ == case.edit)
    return plan_edits(integration(root, **case.answers), only=(edit,))


def by_hand(plan: Plan) -> str:
    """Return the manual steps as a person reads them."""
    report = render_plan(Plan(manual_steps=plan.manual_steps), applied=True)
    return report[report.index("By hand") :]


# What the step says of these has to be put right first, by anyone who knows how.
BROKEN_BEFORE = {
    "declines_a_conflict",
    "declines_a_conflict_elsewhere_in_the_file",
    "declines_what_does_not_parse",
    "declines_what_is_no_YAML",
    "declines_a_key_that_stands_twice",
}


@pytest.mark.parametrize(
    "case",
    [c for c in CASES if "manual.txt" in c.files and c.name not in BROKEN_BEFORE],
    ids=lambda case: f"{case.edit}-{case.name}",
)
def test_a_step_that_was_done_as_printed_is_done(tmp_path: Path, case: Case) -> None:
    """To the letter: what it leaves parses, and nothing is left to say."""
    for path, data in case.below("before").items():
        target = tmp_path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    commit_all(tmp_path)
    for step in do_all(tmp_path, case.files["manual.txt"]):
        if step.path.endswith(".py"):
            compile((tmp_path / step.path).read_bytes(), step.path, "exec")
    left = plan_of(case, tmp_path)
    assert not left.edits
    assert not left.manual_steps


# What these find is for people to decide, wherever it is.
STEPS_ALONE = {"name_agents_page", "pass_middleware", "refresh_openapi"}


def test_every_edit_of_a_file_has_cases_of_both_kinds() -> None:
    """Some where it edits, or says what to write, and some where it declines."""
    for edit in {case.edit for case in CASES}:
        cases = [case for case in CASES if case.edit == edit]
        if edit in STEPS_ALONE:
            assert any("manual.txt" in case.files for case in cases)
            assert any("skip.txt" in case.files for case in cases)
            continue
        assert any(case.below("after") for case in cases)
        assert any({"manual.txt", "skip.txt"} & case.files.keys() for case in cases)


APP = "from fastapi import FastAPI\n\nfrom db import engine\n\napp = FastAPI()\n"
DB = (
    'from sqlalchemy import create_engine\n\nengine = create_engine("postgresql://x")\n'
)
INI = "[alembic]\nscript_location = migrations\n"
FIRST = 'revision = "a1"\ndown_revision = None\n\n\ndef upgrade():\n    pass\n'


def with_alembic(root: Path, **revisions: str) -> Path:
    files = {"main.py": APP, "db.py": DB, "alembic.ini": INI}
    files |= {f"migrations/versions/{k}.py": text for k, text in revisions.items()}
    return build(root, {**files, "requirements.txt": "fastapi\nsqlalchemy\n"})


def test_a_revision_follows_the_one_head(tmp_path: Path) -> None:
    """A new file, after the head; applied history is not touched."""
    with_alembic(tmp_path, a1_first=FIRST)
    plan = planned(tmp_path)
    (edit,) = [e for e in plan.edits if e.path.startswith("migrations/")]
    assert edit.before is None
    assert b'down_revision = "a1"' in (edit.after or b"").replace(b"'", b'"')
    Workspace(tmp_path).apply(plan)
    assert [e for e in planned(tmp_path).edits if "migrations" in e.path] == []


@pytest.mark.parametrize(
    ("revisions", "said"),
    [
        ({"a1": FIRST, "b1": FIRST.replace("a1", "b1")}, "2 heads"),
        ({"a1": FIRST.replace("None", "'gone'")}, "no file defines gone"),
        (
            {"a1": FIRST.replace("pass", 'op.create_table("auth_user")')},
            "of the project's own",
        ),
    ],
    ids=["two heads", "broken", "a table of that name"],
)
def test_no_revision_is_guessed(
    tmp_path: Path, revisions: dict[str, str], said: str
) -> None:
    """The report says why, and what to run instead."""
    with_alembic(tmp_path, **revisions)
    (step,) = steps(tmp_path, "add-migration")
    assert said in step.why
    assert "create_table" in step.snippet
    assert all("versions" not in edit.path for edit in planned(tmp_path).edits)


def test_an_ignored_versions_folder_is_unknown(tmp_path: Path) -> None:
    """What git does not hold has no certain head."""
    with_alembic(tmp_path)
    (tmp_path / ".gitignore").write_text("migrations/versions/*\n")
    (tmp_path / "migrations/versions").mkdir(parents=True)
    (tmp_path / "migrations/versions/a1.py").write_text(FIRST)
    (tmp_path / "migrations/env.py").write_text("")
    (step,) = steps(tmp_path, "add-migration")
    assert "git ignores" in step.why


def test_sql_files_keep_the_form_of_their_tool(tmp_path: Path) -> None:
    """Dbmate reads both directions from one file."""
    build(
        tmp_path,
        {
            "main.py": APP,
            "db.py": DB,
            "requirements.txt": "fastapi\nsqlalchemy\n",
            "db/migrations/20230226131534_users.sql": (
                "-- migrate:up\nCREATE TABLE people (id int);\n\n-- migrate:down\n"
            ),
        },
    )
    (edit,) = [e for e in planned(tmp_path).edits if e.path.endswith(".sql")]
    text = (edit.after or b"").decode()
    assert text.startswith("-- migrate:up\nCREATE TABLE auth_user")
    assert text.endswith("DROP TABLE auth_user;\n")
    assert edit.path > "db/migrations/20260101000000"


@pytest.mark.parametrize(
    "pinned", ["pydantic==1.10.2", "fastapi==0.70.1", "fastapi~=0.95"]
)
def test_versions_before_pydantic_2_are_named(tmp_path: Path, pinned: str) -> None:
    """They are not upgraded; a step says which to upgrade first."""
    build(tmp_path, {"main.py": APP, "requirements.txt": f"{pinned}\n"})
    (step,) = steps(tmp_path, "require-pydantic-2")
    assert pinned in step.why


def test_a_version_is_named_with_the_quotes_around_it(tmp_path: Path) -> None:
    """Poetry's entries are shown whole."""
    manifest = '[tool.poetry.dependencies]\nfastapi = "^0.98.0"\n'
    build(tmp_path, {"main.py": APP, "pyproject.toml": manifest})
    (step,) = steps(tmp_path, "require-pydantic-2")
    assert step.why.endswith('than fastapi = "^0.98.0"')


COMPILED = """\
#
# This file is autogenerated by pip-compile with Python 3.12
# by the following command:
#
#    pip-compile --output-file=requirements.txt requirements.in
#
fastapi==0.115.0
"""


@pytest.mark.parametrize(
    ("header", "command"),
    [
        (COMPILED, "pip-compile --output-file=requirements.txt requirements.in"),
        (
            "# This file was autogenerated by uv:\n#    uv pip compile a.in -o b.txt\n",
            "uv pip compile a.in -o b.txt",
        ),
        (
            "fastapi==0.1 --hash=sha256:1\n",
            "uv pip compile requirements.in --generate-hashes -o requirements.txt",
        ),
    ],
)
def test_a_compiled_list_is_to_be_made_again(
    tmp_path: Path, header: str, command: str
) -> None:
    """Its source grows; what is installed from it would lack the packages."""
    files = {"main.py": APP, "requirements.in": "fastapi\n"}
    build(tmp_path, {**files, "requirements.txt": header})
    (step,) = steps(tmp_path, "compile-requirements")
    assert step.path == "requirements.txt"
    assert step.snippet == command


def test_a_compiled_list_that_has_all_is_left_alone(tmp_path: Path) -> None:
    """Nothing is left to do where another package brought them along."""
    listed = f"{COMPILED}asyncpg==0.30.0\npydantic-settings==2.7.0\n"
    files = {"main.py": APP, "requirements.in": "fastapi\n"}
    build(tmp_path, {**files, "requirements.txt": listed})
    assert steps(tmp_path, "compile-requirements") == []


@pytest.mark.parametrize("pinned", ["fastapi==0.115.0", "pydantic>=1.10", "fastapi"])
def test_newer_versions_are_fine(tmp_path: Path, pinned: str) -> None:
    """No step where a new enough version may be installed."""
    build(tmp_path, {"main.py": APP, "requirements.txt": f"fastapi\n{pinned}\n"})
    assert steps(tmp_path, "require-pydantic-2") == []


def test_the_tables_of_authjs_are_not_those_of_an_earlier_better_auth(
    tmp_path: Path,
) -> None:
    """NextAuth's look alike; the SQL that carries people over would not fit them."""
    schema = (
        "model Session { sessionToken String @unique }\n"
        "model User { emailVerified DateTime? }\n"
    )
    build(tmp_path, {"main.py": APP, "prisma/schema.prisma": schema})
    assert steps(tmp_path, "carry-over-earlier-tables") == []


def test_an_auth_server_of_the_users_own_is_completed_by_hand(tmp_path: Path) -> None:
    """Its packages and scripts stay; the step says what it lacks, and nothing else."""
    manifest = """
        {"type": "module", "scripts": {"dev": "node ."},
         "dependencies": {"better-auth": "1.7.0"}}
        """
    build(
        tmp_path,
        {
            "main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n",
            "auth-server/package.json": manifest,
            "auth-server/src/auth.ts": "export const auth = betterAuth({});\n",
        },
    )
    (step,) = steps(tmp_path, "complete-node-package")
    assert "auth-server/src/auth.ts configures better-auth" in step.snippet
    assert "npm install cors@" in step.snippet
    assert " better-auth@" not in step.snippet
    assert "npm pkg set scripts.dev:all='node --import tsx dev/all.ts'" in step.snippet
    assert "scripts.dev=" not in step.snippet
    assert "type=module" not in step.snippet


STATEMENTS = st.sampled_from(
    [
        "import os",
        "import typing as t  # later",
        '"""Text."""',
        "X = {\n    'a': 1,\n}",
        "def f(a, *, b=2):\n    return a",
        "class C:\n    y = 1",
        "if X:\n    z = 2\nelse:\n    z = 3",
        "# only a comment",
        "app.state.x = 1",
        "@app.get('/p')\ndef p():\n    return 1",
        "app.include_router(a.router, prefix='/a')",
        "app.mount('/', b)",
        "try:\n    import q\nexcept ImportError:\n    q = None",
    ]
)


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    above=st.lists(STATEMENTS, max_size=4),
    below=st.lists(STATEMENTS, max_size=6),
    blank=st.sampled_from(["\n", "\n\n", "\n\n\n"]),
)
def test_an_edit_is_only_its_insertion(
    tmp_path: Path, above: list[str], below: list[str], blank: str
) -> None:
    """Whatever is around it: every old line is kept, in order, and it parses."""
    above = [s for s in above if "app." not in s]
    parts = [*above, "from fastapi import FastAPI", "app = FastAPI()", *below]
    source = blank.join(parts) + "\n"
    (tmp_path / "main.py").write_text(source)
    (tmp_path / "requirements.txt").write_text("fastapi\n")
    edits = [e for e in planned(tmp_path).edits if e.path == "main.py"]
    for edit in edits:
        after = (edit.after or b"").decode()
        compile(after, "main.py", "exec")
        kept = iter(after.split("\n"))
        assert all(line in kept for line in source.split("\n"))
        added = len(after.split("\n")) - len(source.split("\n"))
        assert 2 <= added <= 3
        assert after.index("import router as auth_router") < after.index(
            "app.include_router(auth_router"
        )


ORIGINS = st.lists(
    st.sampled_from(
        ["http://localhost:3000", "https://a.example", "https://b.example"]
    ),
    unique=True,
    max_size=3,
)


@st.composite
def cors_calls(draw: st.DrawFn) -> str:
    """A call with its origins in any of the ways that people and formatters write."""
    quote = draw(st.sampled_from(["'", '"']))
    elements = [f"{quote}{origin}{quote}" for origin in draw(ORIGINS)]
    comma = draw(st.sampled_from(["", ","])) if elements else ""
    note = draw(st.sampled_from(["", "  # a, note", "  # ]"]))
    listed = f"[{', '.join(elements)}{comma}]"
    if draw(st.booleans()) and elements:
        lines = ",\n        ".join(elements)
        listed = f"[\n        {lines}{comma}{note}\n    ]"
    keywords = [f"allow_origins={listed}", "allow_credentials=True"]
    if draw(st.booleans()):
        keywords.insert(0, 'allow_methods=["*"]')
    if draw(st.booleans()):
        return f"app.add_middleware(CORSMiddleware, {', '.join(keywords)})"
    lines = ",\n    ".join(["CORSMiddleware", *keywords])
    return f"app.add_middleware(\n    {lines}{draw(st.sampled_from(['', ',']))}\n)"


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(call=cors_calls(), below=st.lists(STATEMENTS, max_size=3))
def test_origins_are_only_added(tmp_path: Path, call: str, below: list[str]) -> None:
    """Whatever the style: the list gets the chosen ones, and keeps what it had."""
    head = "from fastapi import FastAPI\nfrom fastapi.middleware.cors import"
    source = "\n".join([f"{head} CORSMiddleware", "app = FastAPI()", call, *below, ""])
    (tmp_path / "main.py").write_text(source)
    chosen = "http://localhost:3000,https://c.example"
    (result,) = trust_origins(
        integration(tmp_path, auth_cors_origins=chosen), Staging(tmp_path)
    )
    assert isinstance(result, FileEdit)
    after = (result.after or b"").decode()
    assert set(chosen.split(",")) <= set(origins_in(after))
    kept = [o for o in origins_in(after) if o in origins_in(source)]
    assert kept == origins_in(source)
    characters = iter(after)
    assert all(character in characters for character in source)
    assert after.endswith("\n".join(["", *below, ""]))


def origins_in(source: str) -> list[str]:
    """What ``allow_origins`` is, as Python reads it."""
    (found,) = (
        node.value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.keyword) and node.arg == "allow_origins"
    )
    return list(ast.literal_eval(found))


FLAT = {
    "main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n",
    "requirements.txt": "fastapi\n",
}


def test_the_env_file_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    """A fresh secret each time it is made; one that exists is never touched."""
    build(tmp_path, FLAT)
    env = tmp_path / "auth-server/.env"
    secrets = set()
    for _ in range(2):
        Workspace(tmp_path).apply(planned(tmp_path))
        assert env.stat().st_mode & 0o777 == 0o600
        secrets.add(entries(env.read_text())["BETTER_AUTH_SECRET"])
        again = planned(tmp_path)
        assert "auth-server/.env" not in {edit.path for edit in again.edits}
        env.unlink()
    assert len(secrets) == 2
    assert all(len(secret) >= 32 for secret in secrets)


def test_an_env_file_in_git_is_named(tmp_path: Path) -> None:
    """Git ignores nothing that it tracks already; the step says so."""
    build(tmp_path, {**FLAT, "auth-server/.env": "BETTER_AUTH_SECRET=old\n"})
    (step,) = steps(tmp_path, "ignore-env-file")
    assert "auth-server/.env" in step.why
    assert step.snippet == "git rm --cached --quiet -- auth-server/.env"
    assert "old" not in step.snippet


@pytest.mark.parametrize(
    ("line", "url"),
    [
        (
            "DATABASE_URL=postgresql+asyncpg://u:p@db:5432/shop?ssl=require",
            "postgresql://u:p@db:5432/shop?sslmode=require",
        ),
        ("DATABASE_URL=postgresql://${USER}@db/shop", ""),
        ("# DATABASE_URL=postgresql://u@db/shop", ""),
    ],
)
def test_the_database_is_the_backends_own(tmp_path: Path, line: str, url: str) -> None:
    """Its URL as Node takes it; where it is not certain, a step asks for it."""
    sqlalchemy = "from sqlalchemy import create_engine\n\nengine = create_engine('x')\n"
    build(
        tmp_path,
        {**FLAT, "main.py": f"{sqlalchemy}{FLAT['main.py']}", ".gitignore": ".env\n"},
    )
    (tmp_path / ".env").write_text(f"{line}\n")
    plan = planned(tmp_path, auth_database_provider="other")
    (edit,) = [e for e in plan.edits if e.path == "auth-server/.env"]
    assert edit.secret
    assert entries((edit.after or b"").decode())["DATABASE_URL"] == url
    asked = [s for s in plan.manual_steps if s.operation == "create-env-file"]
    assert bool(asked) == (url == "")
