"""Edits in other people's files: the smallest that works, in any style, only once."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import pytest
from copier_better_auth.answers import parse_answers
from copier_better_auth.discovery import discover
from copier_better_auth.discovery.suggestions import suggestions
from copier_better_auth.edits import plan_edits
from copier_better_auth.model import Integration, Plan
from copier_better_auth.repository import Repository
from copier_better_auth.workspace import Workspace
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.repositories import build

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from copier_better_auth.model import ManualStep


def planned(root: Path) -> Plan:
    """Plan with the answers that discovery suggests, as ``copier copy`` would."""
    facts = discover(root)
    answers = parse_answers(dict(suggestions(facts, Repository(root))))
    return plan_edits(Integration(root=root, answers=answers, facts=facts))


def edited(root: Path, path: str) -> str:
    """Apply the plan, check that a second one leaves the file alone, return it."""
    Workspace(root, "auth-server").apply(planned(root))
    after = (root / path).read_bytes()
    assert [e for e in planned(root).edits if e.path == path] == []
    return after.decode()


def steps(root: Path, operation: str) -> list[ManualStep]:
    return [s for s in planned(root).manual_steps if s.operation == operation]


CASES: Mapping[str, tuple[str, str]] = {
    "an application alone": (
        """
        from fastapi import FastAPI

        app = FastAPI()
        """,
        """
        from fastapi import FastAPI

        from auth import router as auth_router

        app = FastAPI()
        app.include_router(auth_router)
        """,
    ),
    "after the last router, not after a conditional one": (
        """
        from fastapi import FastAPI
        from routes import debug, items

        app = FastAPI()
        app.include_router(items.router)
        if __debug__:
            app.include_router(debug.router)
        """,
        """
        from fastapi import FastAPI
        from routes import debug, items

        from auth import router as auth_router

        app = FastAPI()
        app.include_router(items.router)
        app.include_router(auth_router)
        if __debug__:
            app.include_router(debug.router)
        """,
    ),
    "before a mount that takes every path": (
        """
        from fastapi import FastAPI
        from fastapi.staticfiles import StaticFiles

        app = FastAPI()


        @app.get("/healthz")
        def healthz():
            return "ok"


        app.mount("/", StaticFiles(directory="dist"))
        """,
        """
        from fastapi import FastAPI
        from fastapi.staticfiles import StaticFiles

        from auth import router as auth_router

        app = FastAPI()


        @app.get("/healthz")
        def healthz():
            return "ok"


        app.include_router(auth_router)
        app.mount("/", StaticFiles(directory="dist"))
        """,
    ),
    "before a conditional mount that takes every path": (
        """
        from fastapi import FastAPI
        from routes import items

        app = FastAPI()
        if DIST.exists():
            app.mount("/", files)
        app.include_router(items.router)
        """,
        """
        from fastapi import FastAPI
        from routes import items

        from auth import router as auth_router

        app = FastAPI()
        app.include_router(auth_router)
        if DIST.exists():
            app.mount("/", files)
        app.include_router(items.router)
        """,
    ),
    "a factory": (
        """
        from fastapi import FastAPI


        def create_app() -> FastAPI:
            app = FastAPI()
            return app
        """,
        """
        from fastapi import FastAPI

        from auth import router as auth_router


        def create_app() -> FastAPI:
            app = FastAPI()
            app.include_router(auth_router)
            return app
        """,
    ),
    "a name that is taken": (
        """
        from fastapi import FastAPI
        from routes import auth_router

        app = FastAPI()
        app.include_router(auth_router, prefix="/auth-old")
        """,
        """
        from fastapi import FastAPI
        from routes import auth_router

        from auth import router as better_auth_router

        app = FastAPI()
        app.include_router(auth_router, prefix="/auth-old")
        app.include_router(better_auth_router)
        """,
    ),
    "imports again below": (
        """
        from fastapi import FastAPI

        app = FastAPI(
            title="x",  # a comment
        )

        import late  # noqa: E402
        """,
        """
        from fastapi import FastAPI

        from auth import router as auth_router

        app = FastAPI(
            title="x",  # a comment
        )
        app.include_router(auth_router)

        import late  # noqa: E402
        """,
    ),
    "the same lines in a comment and in a string": (
        '''
        from fastapi import FastAPI

        # from auth import router as auth_router
        TEXT = """
        app.include_router(auth_router)
        """
        app = FastAPI()
        ''',
        '''
        from fastapi import FastAPI

        from auth import router as auth_router

        # from auth import router as auth_router
        TEXT = """
        app.include_router(auth_router)
        """
        app = FastAPI()
        app.include_router(auth_router)
        ''',
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_the_router_is_included(
    tmp_path: Path, case: tuple[str, str], newline: str
) -> None:
    """Only the two new lines differ, wherever the project includes its routers."""
    before, after = (
        textwrap.dedent(text).lstrip("\n").replace("\n", newline) for text in case
    )
    build(tmp_path, {"routes.py": "", "requirements.txt": "fastapi\n"})
    (tmp_path / "main.py").write_bytes(before.encode())
    assert edited(tmp_path, "main.py") == after


@pytest.mark.parametrize(
    "source",
    [
        "app = FastAPI()\napp = wrapped(app)\n",
        "<<<<<<< ours\napp = FastAPI()\n=======\napp = FastAPI(title='x')\n>>>>>>> b\n",
    ],
    ids=["made twice", "conflict"],
)
def test_where_no_place_is_sure_nothing_is_edited(tmp_path: Path, source: str) -> None:
    """The exact lines are printed for the person to add."""
    build(tmp_path, {"requirements.txt": "fastapi\n"})
    (tmp_path / "main.py").write_text(f"from fastapi import FastAPI\n\n{source}")
    (step,) = steps(tmp_path, "include-auth-router")
    assert step.snippet == (
        "from auth import router as auth_router\n\napp.include_router(auth_router)"
    )
    assert all(edit.path != "main.py" for edit in planned(tmp_path).edits)


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
    Workspace(tmp_path, "auth-server").apply(plan)
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


@pytest.mark.parametrize("pinned", ["fastapi==0.115.0", "pydantic>=1.10", "fastapi"])
def test_newer_versions_are_fine(tmp_path: Path, pinned: str) -> None:
    """No step where a new enough version may be installed."""
    build(tmp_path, {"main.py": APP, "requirements.txt": f"fastapi\n{pinned}\n"})
    assert steps(tmp_path, "require-pydantic-2") == []


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
    """Whatever stands around it: every old line is kept, in order, and it parses."""
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
