"""Kinds of repositories that no one prepared; a case is the smallest that shows it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from copier_better_auth.answers import parse_answers
from copier_better_auth.diagnostics._project import Project
from copier_better_auth.diagnostics.alembic_autogenerate.broken_chain import (
    find as find_broken_chain,
)
from copier_better_auth.discovery import discover
from copier_better_auth.discovery.suggestions import suggestions
from copier_better_auth.edits import plan_edits
from copier_better_auth.edits.add_migration import add_migration
from copier_better_auth.model import Confidence, Facts, FileEdit, Heads, Integration
from copier_better_auth.repository import Repository
from copier_better_auth.repository.staging import Staging
from support.repositories import build

if TYPE_CHECKING:
    from pathlib import Path

APP = "from fastapi import FastAPI\n\napp = FastAPI()\n"
MAIN = {"main.py": APP, "requirements.txt": "fastapi\n"}
ENV = """\
from alembic import context

from db import Base

target_metadata = Base.metadata
"""


def facts_of(folder: Path, files: dict[str, str]) -> Facts:
    build(folder, files)
    return discover(folder)


def revision(identity: str, down: str | None = None) -> str:
    return f"revision = {identity!r}\ndown_revision = {down!r}\n"


def alembic(at: str) -> dict[str, str]:
    """Write two revisions and what Alembic runs, below the folder ``at``."""
    return {
        f"{at}/env.py": ENV,
        f"{at}/versions/aaa_first.py": revision("aaa"),
        f"{at}/versions/bbb_second.py": revision("bbb", "aaa"),
    }


@pytest.mark.parametrize(
    ("files", "directory"),
    [
        # Git ignores alembic.ini, so that it is only on the machines of the developers.
        ({**MAIN, **alembic("alembic"), ".gitignore": "alembic.ini\n"}, ""),
        ({**MAIN, **alembic("app/db/migrations")}, ""),
        # The server runs in a folder of its own, and Alembic above it.
        (
            {
                "src/app.py": APP,
                "src/requirements.txt": "fastapi\n",
                "src/.env.example": "",
                **alembic("alembic"),
            },
            ".",
        ),
        # An example says what the file of each developer does.
        (
            {
                **MAIN,
                **alembic("storage/alembic"),
                "alembic.ini.example": "[alembic]\nscript_location = storage/alembic\n",
            },
            "",
        ),
        (
            {
                **MAIN,
                **alembic("storage"),
                "alembic.ini.template": "[alembic]\nscript_location = storage\n",
            },
            "",
        ),
    ],
)
def test_alembic_whose_configuration_git_has_not(
    tmp_path: Path, files: dict[str, str], directory: str
) -> None:
    """It is Alembic all the same, with the revision that the auth tables follow."""
    found = facts_of(tmp_path, files)
    assert found.migration_system.value == "alembic"
    assert found.heads.value == Heads(count=1, ids=("bbb",))
    assert found.alembic_dir.value == directory
    assert found.alembic_options.value == ""
    assert "alembic.ini" in str(found.alembic_ini.problem)


def test_env_py_is_edited_where_git_has_no_alembic_ini(tmp_path: Path) -> None:
    """Else the next autogenerate would propose to drop the auth tables."""
    db = "from db import get_db\n"
    files = {"main.py": db + APP, "db.py": ASYNC, "requirements.txt": "fastapi\n"}
    facts = facts_of(tmp_path, {**files, **alembic("alembic")})
    found = suggestions(facts, Repository(tmp_path))
    answers = parse_answers({**found, "auth_server_dir": "auth-server"})
    plan = plan_edits(Integration(root=tmp_path, answers=answers, facts=facts))
    edits = {edit.path: edit.after or b"" for edit in plan.edits}
    assert b"auth_tables" in edits["alembic/env.py"]
    revision_edits = [text for path, text in edits.items() if "/versions/" in path]
    assert len(revision_edits) == 1
    assert re.search(rb"down_revision.*= .bbb.", revision_edits[0])


def test_what_alembic_is_not(tmp_path: Path) -> None:
    """A module called env, and an environment of Alembic in another project."""
    files = {**MAIN, "app/env.py": "import os\n", "app/versions/one.py": "x = 1\n"}
    assert facts_of(tmp_path, files).migration_system.value == "none"


def test_alembic_ini_that_git_ignores_is_read_where_it_is(tmp_path: Path) -> None:
    """The person who runs this has it, and it says which folder."""
    ini = "[alembic]\nscript_location = storage\nfile_template = %%(rev)s\n"
    files = {**MAIN, **alembic("storage"), ".gitignore": "alembic.ini\n"}
    found = facts_of(tmp_path, {**files, "alembic.ini": ini})
    assert found.alembic_ini.value == "alembic.ini"
    assert found.alembic_file_template.value == "%%(rev)s"


@pytest.mark.parametrize(
    ("inside", "heads"),
    [
        ({"archive/old.py": revision("old")}, ("bbb",)),
        # The newest was squashed into a file of the same name.
        (
            {"archive/x.py": revision("aaa", "x"), "archive/y.py": revision("x")},
            ("bbb",),
        ),
        # Folders by year: what is in them is one history with the rest.
        ({"2026/ccc.py": revision("ccc", "bbb")}, ("ccc",)),
    ],
)
def test_folders_within_the_revisions(
    tmp_path: Path, inside: dict[str, str], heads: tuple[str, ...]
) -> None:
    """An archive is not read; what follows the rest is of the same history."""
    files = {f"alembic/versions/{name}": text for name, text in inside.items()}
    found = facts_of(tmp_path, {**MAIN, **alembic("alembic"), **files})
    assert found.heads.value == Heads(count=len(heads), ids=heads)


INI = "[alembic]\nscript_location = %(here)s/alembic\n"
RECURSIVE = f"{INI}recursive_version_locations = true\n"
PYPROJECT = """\
[tool.alembic]
script_location = "%(here)s/alembic"
recursive_version_locations = true
"""


@pytest.mark.parametrize(
    ("configuration", "inside"),
    [
        ({"alembic.ini": INI}, {}),
        ({"alembic.ini": INI}, {"archive/old.py": revision("old")}),
        # What follows the rest, but is where Alembic does not look.
        ({"alembic.ini": INI}, {"2026/ccc.py": revision("ccc", "bbb")}),
        ({"alembic.ini": RECURSIVE}, {"2026/ccc.py": revision("ccc", "bbb")}),
        # Two histories, and two deep.
        ({"alembic.ini": RECURSIVE}, {"plugin/b.py": revision("other")}),
        ({"alembic.ini": RECURSIVE}, {"plugins/one/b.py": revision("other")}),
        ({"alembic.ini": RECURSIVE.replace("true", "yes")}, {"x/b.py": revision("b")}),
        ({"pyproject.toml": PYPROJECT}, {"plugin/b.py": revision("other")}),
        (
            {"alembic.ini": INI, "pyproject.toml": PYPROJECT},
            {"plugin/b.py": revision("other")},
        ),
        # Of a branch that is on this machine alone.
        (
            {"alembic.ini": RECURSIVE, ".gitignore": "local_*.py\n"},
            {
                "plugin/local_b.py": revision("local"),
                "local_c.py": revision("ccc", "bbb"),
            },
        ),
        # By its name it is no revision.
        ({"alembic.ini": INI}, {"__init__.py": revision("template")}),
    ],
)
def test_the_heads_are_those_that_alembic_says(
    tmp_path: Path, configuration: dict[str, str], inside: dict[str, str]
) -> None:
    """Folders are read where the configuration says so, and by every reader."""
    files = {f"alembic/versions/{name}": text for name, text in inside.items()}
    found = facts_of(tmp_path, {**MAIN, **alembic("alembic"), **files, **configuration})
    ini = found.alembic_ini.value or ""
    toml = str(tmp_path / "pyproject.toml")
    config = Config(str(tmp_path / ini) if ini.endswith(".ini") else None, toml)
    heads = tuple(sorted(ScriptDirectory.from_config(config).get_heads()))
    assert found.heads.value == Heads(count=len(heads), ids=heads)
    assert found.heads.confidence is Confidence.CERTAIN
    integration = integration_of(tmp_path, found)
    assert Project(integration, Staging(tmp_path)).graph.heads == heads


MODULES = {
    "alembic/env.py": ENV,
    "core/steps/aaa.py": revision("aaa"),
    "core/steps/bbb.py": revision("bbb", "aaa"),
    "shop/steps/ccc.py": revision("ccc", "bbb"),
}
HERE = "%(here)s"
LOCATIONS = "version_locations = "


@pytest.mark.filterwarnings("ignore:No path_separator found")
@pytest.mark.filterwarnings("ignore:The version_path_separator")
@pytest.mark.parametrize(
    ("options", "more", "folder"),
    [
        (f"{LOCATIONS}{HERE}/core/steps {HERE}/shop/steps", {}, "shop/steps"),
        (f"{LOCATIONS}{HERE}/shop/steps, {HERE}/core/steps", {}, "shop/steps"),
        (
            f"path_separator = os\n{LOCATIONS}{HERE}/core/steps:{HERE}/shop/steps",
            {},
            "shop/steps",
        ),
        (
            f"version_path_separator = ;\n{LOCATIONS}{HERE}/core/steps;{HERE}/shop",
            {"shop/ddd.py": revision("ddd", "bbb")},
            "shop",
        ),
        (
            f"path_separator = newline\n{LOCATIONS}{HERE}/core/steps\n  {HERE}/my shop",
            {"my shop/eee.py": revision("eee", "bbb")},
            "my shop",
        ),
        # One is not there yet, and one is within another.
        (
            f"{LOCATIONS}{HERE}/core/steps {HERE}/new {HERE}/core/steps/old",
            {"core/steps/old/zzz.py": revision("zzz", "bbb")},
            "core/steps/old",
        ),
        # A branch of its own in each, on no common ground.
        (
            f"{LOCATIONS}{HERE}/core/steps {HERE}/tenant/steps",
            {"tenant/steps/ttt.py": revision("ttt")},
            None,
        ),
    ],
)
def test_revisions_are_read_from_every_folder_that_alembic_reads(
    tmp_path: Path, options: str, more: dict[str, str], folder: str | None
) -> None:
    """The heads are Alembic's, and the next revision is with the one it follows."""
    ini = {"alembic.ini": f"{INI}{options}\n"}
    found = facts_of(tmp_path, {**MAIN, **MODULES, **more, **ini})
    script = ScriptDirectory.from_config(Config(str(tmp_path / "alembic.ini")))
    heads = tuple(sorted(script.get_heads()))
    assert found.heads.value == Heads(count=len(heads), ids=heads)
    integration = integration_of(tmp_path, found)
    assert Project(integration, Staging(tmp_path)).graph.heads == heads
    added = add_migration(integration, Staging(tmp_path))
    assert isinstance(added, FileEdit) is (folder is not None)
    assert added.path.rpartition("/")[0] == (folder or "core/steps")


@pytest.mark.parametrize("configured", ["alembic.ini", "pyproject.toml", "example"])
@pytest.mark.parametrize("at", ["core/steps", "shop/steps", "alembic/steps/new"])
def test_env_py_is_where_alembic_runs_it(
    tmp_path: Path, configured: str, at: str
) -> None:
    """Not above the first folder of revisions, which may be anywhere."""
    locations = f"%(here)s/{at}"
    toml = '[tool.alembic]\nscript_location = "%(here)s/alembic"\n'
    toml += f'version_locations = ["{locations}"]\n'
    ini = f"{INI}version_locations = {locations}\n"
    told = {
        "alembic.ini": {"alembic.ini": ini},
        "pyproject.toml": {"pyproject.toml": toml},
        "example": {"alembic.ini.example": ini},
    }
    files = {
        **MAIN,
        "main.py": f"from db import get_db\n{APP}",
        "db.py": ASYNC,
        "alembic/env.py": ENV,
        f"{at}/aaa.py": revision("aaa"),
        **told[configured],
    }
    found = facts_of(tmp_path, files)
    assert found.alembic_env.value == "alembic/env.py"
    assert found.alembic_versions_dir.value == at
    assert found.target_metadata.value == "db:Base"
    integration = integration_of(tmp_path, found)
    assert Project(integration, Staging(tmp_path)).alembic_env == "alembic/env.py"
    plan = plan_edits(integration)
    edits = {edit.path: edit.after or b"" for edit in plan.edits}
    assert b"auth_tables" in edits["alembic/env.py"]


def test_folders_of_revisions_in_pyproject(tmp_path: Path) -> None:
    """They are a list there, which no separator divides."""
    toml = PYPROJECT.replace(
        "recursive_version_locations = true",
        'version_locations = ["%(here)s/core/steps", "%(here)s/shop/steps"]',
    )
    found = facts_of(tmp_path, {**MAIN, **MODULES, "pyproject.toml": toml})
    config = Config(None, str(tmp_path / "pyproject.toml"))
    heads = tuple(sorted(ScriptDirectory.from_config(config).get_heads()))
    assert found.heads.value == Heads(count=len(heads), ids=heads)
    assert found.alembic_locations.value == ("core/steps", "shop/steps")
    assert found.alembic_versions_dir.value == "core/steps"


@pytest.mark.parametrize(
    ("name", "ends"), [("tenant/steps/ttt.py", 0), ("core/steps/ttt.py", 1)]
)
def test_branches_in_their_own_folders_are_no_broken_chain(
    tmp_path: Path, name: str, ends: int
) -> None:
    """What a project keeps apart needs no merge; two ends in one folder do."""
    locations = "%(here)s/core/steps %(here)s/tenant/steps"
    ini = {"alembic.ini": f"{INI}version_locations = {locations}\n"}
    files = {**MAIN, **MODULES, **ini, "tenant/steps/sss.py": "", name: revision("t")}
    del files["shop/steps/ccc.py"]
    found = facts_of(tmp_path, files)
    project = Project(integration_of(tmp_path, found), Staging(tmp_path))
    assert len(project.graph.heads) == 2
    assert len([*find_broken_chain(project)]) == ends


def test_tables_are_found_in_every_folder_of_revisions(tmp_path: Path) -> None:
    """Users are made in the second one, where no model tells it."""
    made = revision("ddd", "ccc") + 'op.create_table("users", sa.Column("id"))\n'
    locations = "%(here)s/core/steps %(here)s/shop/steps"
    ini = {"alembic.ini": f"{INI}version_locations = {locations}\n"}
    files = {**MAIN, **MODULES, **ini, "shop/steps/ddd.py": made}
    assert facts_of(tmp_path, files).existing_user_tables.value == ("users",)


def integration_of(root: Path, facts: Facts) -> Integration:
    chosen = {
        "auth_server_dir": "auth-server",
        "auth_database_layer": "sqlalchemy_async",
        "auth_migration_system": "alembic",
    }
    answers = parse_answers({**suggestions(facts, Repository(root)), **chosen})
    return Integration(root=root, answers=answers, facts=facts)


@pytest.mark.parametrize(
    ("system", "folder", "names", "head"),
    [
        ("raw_sql", "db/migrations", "V2__b.sql V10__c.sql", "V10"),
        ("raw_sql", "supabase/migrations", "20260101000000_a.sql", "20260101000000"),
        ("raw_sql", "sql", "001_first.sql 002_second.sql", "002"),
        ("raw_sql", "migrations", "0001_first.py 0002_second.py", "0002_second"),
        ("piccolo", "shop/piccolo_migrations", "shop_2026.py", "shop_2026"),
        ("none", "docker/initdb", "01_schema.sql 02_rows.sql", ""),
        ("none", "docs/sql", "001_a.sql 002_b.sql", ""),
        ("none", "sql", "queries.sql reports.sql", ""),
    ],
)
def test_migrations_that_are_not_alembics(
    tmp_path: Path, system: str, folder: str, names: str, head: str
) -> None:
    """They are named, or are steps of the project's own, with the last of them."""
    files = {f"{folder}/{name}": "-- a step\n" for name in names.split()}
    files |= {"piccolo_conf.py": "DB = None\n"} if system == "piccolo" else {}
    found = facts_of(tmp_path, {**MAIN, **files})
    assert found.migration_system.value == system
    assert found.alembic_versions_dir.value == (folder if head else None)
    heads = found.heads.value
    assert (heads.ids if heads else ()) == ((head,) if head else ())


YOYO = "from yoyo import step\n\n{depends}\nsteps = [step('')]\n"


def test_steps_of_yoyo_follow_what_they_depend_on(tmp_path: Path) -> None:
    """The name of a step says nothing of the order."""
    found = facts_of(
        tmp_path,
        {
            **MAIN,
            "migrations/b-first.py": YOYO.format(depends=""),
            "migrations/a-second.py": YOYO.format(depends="__depends__ = {'b-first'}"),
        },
    )
    assert found.migration_system.value == "yoyo"
    assert found.heads.value == Heads(count=1, ids=("a-second",))


AERICH = "[tool.aerich]\nlocation = '{}'\n"
SOURCES = "[DEFAULT]\nsources = {}\n"


@pytest.mark.parametrize("location", ["../../outside", "/srv/steps", "api/../../steps"])
@pytest.mark.parametrize(
    ("name", "text"), [("pyproject.toml", AERICH), ("yoyo.ini", SOURCES)]
)
def test_a_folder_of_migrations_outside_the_repository_is_none(
    tmp_path: Path, name: str, text: str, location: str
) -> None:
    """What is there is not the project's; a folder that is inside counts."""
    steps = {"steps/1_first.py": YOYO.format(depends="")}
    outside = {**MAIN, **steps, name: text.format(location)}
    found = facts_of(tmp_path / "outside", outside)
    assert found.alembic_versions_dir.value is None
    inside = facts_of(tmp_path / "inside", {**outside, name: text.format("./steps")})
    assert inside.alembic_versions_dir.value == "steps"


@pytest.mark.parametrize("section", ["the shop", "shop;id", "$(id)"])
def test_options_that_no_answer_may_be_are_not_offered(
    tmp_path: Path, section: str
) -> None:
    """A name of the repository's is in commands that are typed."""
    ini = f"[{section}]\nscript_location = alembic\n"
    image = {"Dockerfile": "FROM python\nCOPY . .\nCMD uvicorn main:app\n"}
    compose = {"compose.yaml": "services:\n  api:\n    build: .\n", **image}
    files = {**MAIN, **alembic("alembic"), **compose, "alembic.ini": ini}
    found = facts_of(tmp_path, files)
    assert found.alembic_options.value == f"--name {section}"
    assert section in str(found.compose_migration.value)
    suggested = suggestions(found, Repository(tmp_path))
    assert suggested["auth_alembic_options"] == ""
    assert ";" not in str(suggested["auth_compose_migration"])
    assert "$" not in str(suggested["auth_compose_migration"])


def test_sql_is_not_written_where_python_runs_the_steps(tmp_path: Path) -> None:
    """No one would run the file: the auth server makes its own tables there."""
    engine = "from sqlalchemy import create_engine\n\nengine = create_engine('postgresql://')\n"
    found = facts_of(
        tmp_path,
        {
            **MAIN,
            "main.py": f"from db import engine\n{APP}",
            "db.py": engine,
            "migrations/0001_first.py": "def up():\n    pass\n",
        },
    )
    assert found.db_layer.value == "sqlalchemy_sync"
    suggested = suggestions(found, Repository(tmp_path))
    assert suggested["auth_migration_system"] == "none"


ASYNC = """\
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase

engine = create_async_engine("postgresql+asyncpg://")
make_session = async_sessionmaker(engine)


class Base(DeclarativeBase):
    pass


async def get_db():
    async with make_session() as session:
        yield session
"""
SYNC = """\
from sqlalchemy import create_engine
from sqlalchemy.orm import declarative_base, sessionmaker

engine = create_engine("postgresql+psycopg2://")
SessionLocal = sessionmaker(engine)
Base = declarative_base()


def get_db():
    with SessionLocal() as session:
        yield session
"""
ROUTES = """\
from fastapi import APIRouter, Depends

{imports}

router = APIRouter()


@router.get("/items")
async def items(session=Depends(get_db)):
    return []
"""
INCLUDES = f"from app.routes import router\n{APP}\napp.include_router(router)\n"
LEFT_OVER = ROUTES.format(imports="from app.database import get_db")


@pytest.mark.parametrize(
    "files",
    [
        # Two generations of the module; the routes of the old one are still there.
        {
            "app/db.py": ASYNC,
            "app/database.py": SYNC,
            "app/old_routes.py": LEFT_OVER,
            "app/older_routes.py": LEFT_OVER,
        },
        # An engine for the tasks of a worker beside the handlers' own.
        {
            "app/db.py": ASYNC.replace("engine = ", "first = 1\nengine = ")
            + "\nfrom sqlalchemy import create_engine\n\n"
            + 'sync_engine = create_engine("postgresql+psycopg2://")\n',
        },
        # A function that another program makes its engine with.
        {
            "app/db.py": ASYNC,
            "app/worker.py": SYNC,
            "app/report.py": "from app.worker import engine\n",
            "app/export.py": "from app.worker import engine, get_db\n",
        },
    ],
)
def test_the_database_is_the_one_that_the_application_loads(
    tmp_path: Path, files: dict[str, str]
) -> None:
    """However many others there are, and however many modules import those."""
    routes = ROUTES.format(imports="from app.db import get_db")
    found = facts_of(
        tmp_path,
        {
            "app/main.py": INCLUDES,
            "app/routes.py": routes,
            "requirements.txt": "fastapi\nasyncpg\npsycopg2\n",
            **files,
        },
    )
    assert found.db_layer.value == "sqlalchemy_async"
    assert found.db_driver.value == "asyncpg"
    assert found.db_symbol.value == "app.db:get_db"
    assert found.engine_symbol.value == "app.db:engine"
    assert found.base_metadata.value == "app.db:Base"


DATABASES = """\
from databases import Database
from sqlalchemy import Column, Integer, MetaData, Table, create_engine

metadata = MetaData()
items = Table("items", metadata, Column("id", Integer, primary_key=True))
engine = create_engine("postgresql://")
database = Database("postgresql://")
"""
PICCOLO = (
    "from piccolo.engine.postgres import PostgresEngine\n\nDB = PostgresEngine({})\n"
)
PEEWEE = (
    'from peewee import PostgresqlDatabase\n\ndatabase = PostgresqlDatabase("shop")\n'
)
SUPABASE = """\
from supabase import create_client


def client():
    return create_client("https://x.supabase.co", "key")
"""
POOL = """\
import asyncpg

from sqlalchemy import MetaData, Table

items = Table("items", MetaData())
pool = None


async def get_pool():
    global pool
    pool = pool or await asyncpg.create_pool("postgresql://")
    return pool
"""
CORE = """\
from sqlalchemy import Column, Integer, MetaData, Table, create_engine

metadata = MetaData()
items = Table("items", metadata, Column("id", Integer, primary_key=True))
engine = create_engine("postgresql+psycopg://")


def rows():
    with engine.connect() as connection:
        return list(connection.execute(items.select()))
"""
PYMYSQL = """\
import pymysql


class Connector:
    def get(self):
        return pymysql.connect()
"""


@pytest.mark.parametrize(
    ("store", "layer", "driver", "symbol"),
    [
        (DATABASES, "other", "asyncpg", "store:database"),
        (PICCOLO, "other", "asyncpg", "store:DB"),
        (PEEWEE, "other", "psycopg2", "store:database"),
        (SUPABASE, "other", "supabase", "store:client"),
        (POOL, "asyncpg", "asyncpg", "store:get_pool"),
        (CORE, "sqlalchemy_sync", "psycopg", "store:engine"),
        (PYMYSQL, "other", "pymysql", "store:Connector"),
    ],
)
def test_layers_beyond_the_usual_ones(
    tmp_path: Path, store: str, layer: str, driver: str, symbol: str
) -> None:
    """Each is called what it is, or another one, never what is installed with it."""
    packages = "fastapi\nsqlalchemy\npsycopg2-binary\nasyncpg\npeewee\n"
    main = f"import store\n{APP}\n\n@app.get('/')\ndef home():\n    return store\n"
    found = facts_of(
        tmp_path, {"main.py": main, "store.py": store, "requirements.txt": packages}
    )
    assert found.db_layer.value == layer
    assert found.db_driver.value == driver
    assert found.db_symbol.value == symbol


DECORATED = """\
from sqlalchemy.orm import as_declarative


@as_declarative()
class Base:
    pass
"""
SUBCLASS = """\
from sqlalchemy.orm import DeclarativeBase


class Base(DeclarativeBase):
    pass
"""


@pytest.mark.parametrize(
    "base",
    [
        DECORATED,
        "from sqlalchemy.orm import registry\n\nBase = registry().generate_base()\n",
        SUBCLASS,
    ],
)
def test_what_models_are_declared_on(tmp_path: Path, base: str) -> None:
    """A class with a decorator, what a registry makes, or a subclass."""
    routes = ROUTES.format(
        imports="from app.db import get_db\nfrom app.base import Base"
    )
    db = ASYNC.replace("class Base(DeclarativeBase):\n    pass\n", "")
    found = facts_of(
        tmp_path,
        {
            "app/main.py": INCLUDES,
            "app/routes.py": routes,
            "app/db.py": db,
            "app/base.py": base,
        },
    )
    assert found.base_metadata.value == "app.base:Base"


PLAIN = """\
from sqlalchemy import create_engine
from sqlalchemy.orm import sessionmaker

engine = create_engine("postgresql://localhost/shop")
SessionLocal = sessionmaker(bind=engine)
"""
AWAITED = """\
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

async_engine = create_async_engine("postgresql+asyncpg://localhost/shop")
make_session = async_sessionmaker(async_engine)
"""
GIVES = "\n\n{}def get_db():\n    db = {}()\n    yield db\n"
AND_MORE = "\n\nasync def close() -> None:\n    await something()\n"


@pytest.mark.parametrize(
    ("db", "layer", "engine"),
    [
        # What gives a session may be written so that it could be awaited.
        (PLAIN + GIVES.format("async ", "SessionLocal"), "sync", "engine"),
        # What comes after it is not a part of it.
        (PLAIN + GIVES.format("", "SessionLocal") + AND_MORE, "sync", "engine"),
        (
            (
                f"{PLAIN}from sqlalchemy.orm import Session\n\n\nasync def get_db():\n"
                "    with Session(engine) as session:\n        yield session\n"
            ),
            "sync",
            "engine",
        ),
        # Both are there; handlers are given one.
        (AWAITED + PLAIN + GIVES.format("async ", "SessionLocal"), "sync", "engine"),
        (
            PLAIN + AWAITED + GIVES.format("async ", "make_session"),
            "async",
            "async_engine",
        ),
        (
            (
                f"{PLAIN}{AWAITED}\n\nasync def get_db():\n"
                "    async with make_session() as db:\n        yield db\n"
            ),
            "async",
            "async_engine",
        ),
    ],
)
def test_a_session_is_awaited_where_what_makes_it_is(
    tmp_path: Path, db: str, layer: str, engine: str
) -> None:
    """The words of the function say less than what it calls."""
    routes = ROUTES.format(imports="from app.db import get_db")
    files = {"app/main.py": INCLUDES, "app/routes.py": routes, "app/db.py": db}
    found = facts_of(tmp_path, files)
    assert found.db_layer.value == f"sqlalchemy_{layer}"
    assert found.engine_symbol.value == f"app.db:{engine}"
    assert found.db_symbol.value == "app.db:get_db"


SCOPED = f"{PLAIN}from sqlalchemy.orm import scoped_session\n"
SCOPED += "\nengines = {'a': engine}\nsession = scoped_session(SessionLocal)\n"


@pytest.mark.parametrize(
    ("db", "used", "symbol"),
    [
        (PLAIN, "from app.db import SessionLocal", "app.db:SessionLocal"),
        (SCOPED, "from app.db import session", "app.db:session"),
        (AWAITED, "from app.db import make_session", "app.db:make_session"),
        # Sessions are made of the engine.
        (PLAIN, "from app.db import engine", "app.db:engine"),
    ],
)
def test_sessions_that_no_dependency_gives(
    tmp_path: Path, db: str, used: str, symbol: str
) -> None:
    """What the modules of the application import is what another one uses as well."""
    main = f"import app.people\n{APP}"
    files = {"app/main.py": main, "app/people.py": f"{used}\n", "app/db.py": db}
    assert facts_of(tmp_path, files).db_symbol.value == symbol


PYDANTIC = "from pydantic_settings import BaseSettings\n\n\n"
SETTINGS = f"{PYDANTIC}class Settings(BaseSettings):\n    name: str = ''\n\n\n"


@pytest.mark.parametrize(
    ("config", "symbol"),
    [
        (f"{SETTINGS}settings = Settings()\n", "config:settings"),
        # What only reads the settings is no way to get them.
        (
            (
                f"{SETTINGS}def initiate_database():\n    print(Settings().name)\n\n\n"
                "def load() -> Settings:\n    return Settings()\n"
            ),
            "config:load",
        ),
        (
            "from starlette.config import Config\n\nconfig = Config('.env')\n",
            "config:config",
        ),
        (
            "from dynaconf import Dynaconf\n\nvalues = Dynaconf()\n",
            "config:values",
        ),
        (
            (
                "import os\nfrom dataclasses import dataclass\n\n\n@dataclass\n"
                "class Settings:\n    url: str = os.getenv('URL', '')\n\n\n"
                "settings = Settings()\n"
            ),
            "config:settings",
        ),
        ("import os\n\nURL = os.environ['URL']\n", None),
        # A plain class: filled when it is made, or when it is read.
        (
            (
                "import os\n\n\nclass Config:\n    def __init__(self):\n"
                "        self.url = os.getenv('URL')\n\n\nconfig = Config()\n"
            ),
            "config:config",
        ),
        (
            (
                "from os import environ\n\n\nclass Base:\n    DEBUG = False\n\n\n"
                "class Environment(Base):\n    URL = environ.get('URL')\n"
            ),
            "config:Environment",
        ),
        (
            (
                "import os\nfrom typing import NamedTuple\n\n\n"
                "class Settings(NamedTuple):\n    url: str\n\n\n"
                "def load() -> Settings:\n    return Settings(os.environ['URL'])\n"
            ),
            "config:load",
        ),
        (
            (
                "import os\nfrom attrs import define\n\n\n@define\nclass Settings:\n"
                "    url: str = os.getenv('URL', '')\n\n\nSHOP = Settings()\n"
            ),
            "config:SHOP",
        ),
        # What other packages read.
        (
            (
                "import os\nfrom dotenv import dotenv_values\n\n"
                "config = {**dotenv_values('.env'), **os.environ}\n"
            ),
            "config:config",
        ),
        ("import environ\n\nenv = environ.Env()\n", "config:env"),
        (
            (
                "from configparser import ConfigParser\n\nconfig = ConfigParser()\n"
                "config.read('shop.ini')\n"
            ),
            "config:config",
        ),
        (
            "from configparser import ConfigParser\n\nversions = ConfigParser()\n",
            None,
        ),
        # Nothing is read from outside.
        ("class Config:\n    url = 'shop'\n\n\nconfig = Config()\n", None),
    ],
)
def test_settings_are_what_the_application_reads(
    tmp_path: Path, config: str, symbol: str | None
) -> None:
    """Of whatever package, and never a server's own configuration or a task's."""
    found = facts_of(
        tmp_path,
        {
            "main.py": f"import config\n{APP}",
            "config.py": config,
            "gunicorn_config.py": f"{SETTINGS}worker = Settings()\n",
            "requirements.txt": "fastapi\n",
        },
    )
    assert found.settings_module.value == symbol


@pytest.mark.parametrize("file", ["shop/keys.py", "shop/__init__.py"])
def test_settings_in_a_module_of_another_name(tmp_path: Path, file: str) -> None:
    """The class says that it is what the environment fills."""
    written = "import os\n\n\nclass AppConfig:\n    url = os.environ['URL']\n"
    module = file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    main = f"from {module} import AppConfig\n{APP}"
    found = facts_of(tmp_path, {**MAIN, "main.py": main, file: written})
    assert found.settings_module.value == f"{module}:AppConfig"


BEARER = "from fastapi.security import OAuth2PasswordBearer\n"


@pytest.mark.parametrize(
    ("code", "ways"),
    [
        # Firebase sends messages here, and keeps documents there.
        ("from firebase_admin import messaging\n", None),
        ("import firebase_admin\nfrom firebase_admin import firestore\n", None),
        ("from firebase_admin import auth\n\nauth.verify_id_token('')\n", "firebase"),
        ("import jwt\n", "own code: JWT bearer"),
        (
            "import jwt\nfrom firebase_admin import auth\n",
            "firebase and own code: JWT bearer",
        ),
        ("def user(client):\n    return client.auth.get_user()\n", "supabase"),
        ("from supabase import create_client\n", None),
        ("from fastapi.security import HTTPBasic\n", "own code: HTTP basic"),
        ("from fastapi.security import APIKeyHeader\n", "own code: API key"),
        (BEARER, "own code: OAuth2 bearer"),
        # A token of somebody else that the code verifies by itself.
        (
            "import jwt\n\njwt.decode('', settings.SUPABASE_JWT_SECRET)\n",
            "supabase and own code: JWT bearer",
        ),
        (
            "import jwt\n\nkeys = jwt.PyJWKClient(f'{CLERK_ISSUER}/keys')\n",
            "clerk and own code: JWT bearer",
        ),
        (
            "from jose import jwt\n\nurl = f'{host}/protocol/openid-connect/certs'\n",
            "keycloak and own code: JWT bearer",
        ),
        (
            "import jwt\n\ndomain = settings.auth0_domain\n",
            "auth0 and own code: JWT bearer",
        ),
        ("def get(url):\n    return supabase_client.table('a')\n", None),
        # Without any library for it.
        (
            "def of(request):\n    return request.headers.get('Authorization')\n",
            "own code: bearer header",
        ),
        (
            "def of(x_api_key: str = Header(...)):\n    return x_api_key\n",
            "own code: bearer header",
        ),
        (
            "def of(response):\n    response.set_cookie('session_id', make())\n",
            "own code: session cookie",
        ),
        ("def of(response):\n    response.set_cookie('theme', 'dark')\n", None),
        ("def of(a, b):\n    return sha256.verify(a, b)\n", "own code: password"),
        ("def of(a, b):\n    return bcrypt.checkpw(a, b)\n", "own code: password"),
        # It is kept, and asked for by nobody.
        ("from passlib.hash import sha256\n\nhashed = sha256.hash('')\n", None),
        ("get(url, headers={'Authorization': 'Bearer x'})\n", None),
    ],
)
def test_sign_in_by_what_the_code_does(
    tmp_path: Path, code: str, ways: str | None
) -> None:
    """A library that is there for something else, or in other code, is no sign-in."""
    found = facts_of(
        tmp_path,
        {
            "main.py": f"import ways\n{APP}",
            "ways.py": code,
            "tutorial/login.py": f"import jwt\nimport fastapi_users\n{BEARER}",
            "requirements.txt": "fastapi\nfastapi-users\npyjwt\n",
        },
    )
    assert found.existing_auth.value == ways


BASE = "from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr\n\n\n"
ACCOUNT = "    email: Mapped[str]\n    password_hash: Mapped[str]\n"
NAMED = """\
class Base(DeclarativeBase):
    @declared_attr
    def __tablename__(cls):
"""
PLAIN = f"{BASE}class Base(DeclarativeBase):\n    pass\n\n\n"
USER = f"\n\nclass User(Base):\n{ACCOUNT}"


@pytest.mark.parametrize(
    ("models", "tables"),
    [
        (
            (
                f"{BASE}{NAMED}        return cls.__name__.lower()\n\n\n"
                f"class AppUser(Base):\n{ACCOUNT}"
            ),
            ("appuser",),
        ),
        (
            (
                f"{BASE}{NAMED}        return to_snake(cls.__name__) + 's'\n\n\n"
                f"class AppUser(Base):\n{ACCOUNT}"
            ),
            ("app_users",),
        ),
        (
            f"{BASE}{NAMED}        return own(cls)\n{USER}",
            (),
        ),
        (
            (
                "import peewee\n\n\nclass Base(peewee.Model):\n    x = 1\n\n\n"
                "class User(Base):\n    class Meta:\n        table_name = 'the_user'\n"
            ),
            ("the_user",),
        ),
        (
            (
                "from beanie import Document\n\n\nclass User(Document):\n    a: str\n\n"
                "    class Settings:\n        name = 'users'\n"
            ),
            ("users",),
        ),
        (
            (
                f"{PLAIN}class Principal(Base):\n"
                f"    __tablename__ = 'principals'\n{ACCOUNT}"
            ),
            ("principals",),
        ),
        # A password of a machine is no person's.
        (
            (
                f"{PLAIN}class Mailbox(Base):\n"
                f"    __tablename__ = 'mailboxes'\n    host: Mapped[str]\n{ACCOUNT}"
            ),
            (),
        ),
        (
            "from pydantic import BaseModel\n\n\nclass User(BaseModel):\n    a: str\n",
            (),
        ),
        (
            (
                "from sqlalchemy import MetaData, Table\n\nmetadata = MetaData()\n"
                "users = Table('users', metadata)\n"
            ),
            ("users",),
        ),
    ],
)
def test_tables_of_users_by_what_they_are(
    tmp_path: Path, models: str, tables: tuple[str, ...]
) -> None:
    """Names by a mixin or a library are followed; what only a run knows is unknown."""
    files = {"main.py": f"import models\n{APP}", "models.py": models}
    found = facts_of(tmp_path, {**files, "requirements.txt": "fastapi\n"})
    assert (found.existing_user_tables.value or ()) == tables


def routes(number: int) -> str:
    """Write an application with so many routes."""
    written = (
        f"\n\n@app.get('/{n}')\ndef r{n}():\n    return {n}\n" for n in range(number)
    )
    return APP + "".join(written)


def project(folder: str, number: int, name: str = "main.py") -> dict[str, str]:
    """Write an application with a manifest of its own."""
    at = f"{folder}/" if folder else ""
    return {f"{at}{name}": routes(number), f"{at}requirements.txt": "fastapi\n"}


STARTS = 'CMD ["uvicorn", "main:app"]\n'
BUILT = "  {name}:\n    build: ./{name}\n    command: uvicorn main:app\n"


@pytest.mark.parametrize(
    "files",
    [
        # Two generations, one of which is started in a container.
        {**project("v1", 6), **project("v2", 5), "v2/Dockerfile": STARTS},
        # An API, and a service of its own.
        {**project("backend", 12), **project("agent", 3), "agent/Dockerfile": STARTS},
        {**project("", 5), **project("mailer", 4), "mailer/Dockerfile": STARTS},
        # What README tells says nothing about the other.
        {
            **project("old", 8),
            **project("new", 3),
            "README.md": "uvicorn new.main:app\n",
        },
        # Both are started, the smaller one too.
        {
            **project("a", 9),
            **project("b", 2),
            "compose.yaml": "services:\n"
            + BUILT.format(name="a")
            + BUILT.format(name="b"),
        },
        # Lessons of a course.
        {**project("01", 3), **project("02", 4), **project("03", 5)},
    ],
)
def test_two_whole_applications_are_asked_about(
    tmp_path: Path, files: dict[str, str]
) -> None:
    """Evidence for one is no evidence against another."""
    assert facts_of(tmp_path, files).ambiguous


@pytest.mark.parametrize(
    ("files", "app"),
    [
        # The project as a whole starts one of them.
        (
            {
                **project("api", 4),
                **project("tools", 4),
                "compose.yaml": "services:\n" + BUILT.format(name="api"),
            },
            "api main:app",
        ),
        ({**project("api", 9), **project("worker", 1, "health.py")}, "api main:app"),
        # Of two modules, the one that compose starts and not the first.
        (
            {
                **project("", 3),
                "api/server.py": routes(3),
                "compose.yaml": "services:\n  web:\n    build: .\n"
                "    command: uvicorn api.server:app\n",
            },
            ". api.server:app",
        ),
        # A copy that was put aside has more routes.
        ({**project("", 6), "main_old.py": routes(8)}, ". main:app"),
        # A module that only passes the application on.
        (
            {
                "requirements.txt": "fastapi\n",
                "app/main.py": routes(4),
                "asgi.py": "from app.main import app\n",
                "Dockerfile": 'CMD ["uvicorn", "asgi:app"]\n',
            },
            ". app.main:app",
        ),
        (
            {
                **project("api", 4, "one.py"),
                "api/two.py": routes(5),
                "start.sh": "cd api && python -m uvicorn one:app\n",
            },
            "api one:app",
        ),
        # Examples and tests are no second one.
        (
            {
                "shop/__init__.py": "",
                "shop/main.py": routes(4),
                "pyproject.toml": '[project]\nname = "shop"\n',
                **project("examples/demo", 9),
                **project("tests/app", 9),
            },
            ". shop.main:app",
        ),
    ],
)
def test_one_application_among_others(
    tmp_path: Path, files: dict[str, str], app: str
) -> None:
    """It is started by the whole project, or the others are no whole ones."""
    found = facts_of(tmp_path, files)
    assert not found.ambiguous
    place = f"{found.backend_dir.value} {found.app_module.value}"
    assert f"{place}:{found.app_attr.value}" == app


ALLOWED = """\
from fastapi.middleware.cors import CORSMiddleware

from settings import settings
{app}
app.add_middleware(CORSMiddleware, allow_origins={given})
"""
ORIGINS = (
    f"{PYDANTIC}class Settings(BaseSettings):\n    origins: list[str] = ['*']\n\n\n"
)


@pytest.mark.parametrize(
    ("given", "env", "origins"),
    [
        ("settings.origins", "ORIGINS=https://shop.test\n", ("https://shop.test",)),
        ("settings.origins", "NAME=shop\n", ("*",)),
        ("['*']", "ORIGINS=https://shop.test\n", ("*", "https://shop.test")),
    ],
)
def test_origins_that_the_environment_replaces(
    tmp_path: Path, given: str, env: str, origins: tuple[str, ...]
) -> None:
    """A default of every origin is none of them; what middleware is given counts."""
    found = facts_of(
        tmp_path,
        {
            "main.py": ALLOWED.format(app=APP, given=given),
            "settings.py": f"{ORIGINS}settings = Settings()\n",
            ".env.example": env,
            "requirements.txt": "fastapi\n",
        },
    )
    assert found.cors_origins.value == origins


CORS = "from fastapi.middleware.cors import CORSMiddleware\n"
WITH = f"{CORS}from settings import settings\n{APP}\napp.add_middleware(\n"
ADDS = WITH + "    CORSMiddleware, allow_origins={given}\n)\n"
JOINED = """\
class Settings:
    origins: list[str] = ["https://a.test"]
    front: str = "https://b.test"
    mail_host: str = "https://mail.test"

    @property
    def allowed(self):
        return [one.rstrip("/") for one in self.origins] + [self.front]


settings = Settings()
"""
READ = "import os\n\nCLIENT = os.getenv('SHOP_URL', 'https://a.test')\n"


@pytest.mark.parametrize(
    ("main", "settings", "env", "origins"),
    [
        # Names are followed, of properties, of other settings and of variables.
        (
            ADDS.format(given="settings.allowed"),
            JOINED,
            "",
            "https://a.test https://b.test",
        ),
        (
            ADDS.format(given="ORIGINS").replace(
                "app.add", "ORIGINS = [CLIENT]\napp.add"
            ),
            READ,
            "",
            "https://a.test",
        ),
        (
            ADDS.format(given="[settings.client]"),
            "import os\n\nclient = os.environ['SHOP_URL']\n",
            "SHOP_URL=https://c.test\nFRONTEND_URL=https://mail.test\n",
            "https://c.test",
        ),
        (
            ADDS.format(given="settings.hosts.split(';')"),
            "hosts = 'https://a.test;https://b.test'\n",
            "",
            "https://a.test https://b.test",
        ),
        # Middleware is listed, with its options in a dictionary.
        (
            f"{CORS}{APP}\nUSED = [(CORSMiddleware, {{'allow_origins': ('*',)}})]\n",
            "",
            "",
            "*",
        ),
        (
            (
                f"{CORS}{APP}\nCORS = {{'allow_origins': ['https://a.test']}}\n"
                "app.add_middleware(CORSMiddleware, **CORS)\n"
            ),
            "",
            "",
            "https://a.test",
        ),
        # The address in letters is no origin where others are given.
        (
            ADDS.format(given="['https://a.test']"),
            "frontend_url = 'https://mail.test'\n",
            "FRONTEND_URL=https://mail.test\n",
            "https://a.test",
        ),
    ],
)
def test_origins_are_followed_from_the_middleware(
    tmp_path: Path, main: str, settings: str, env: str, origins: str
) -> None:
    """What is called origins elsewhere is for something else."""
    files = {"main.py": main, "settings.py": settings, ".env.example": env}
    found = facts_of(tmp_path, {**files, "requirements.txt": "fastapi\n"})
    assert found.cors_origins.value == tuple(origins.split())


NEON = "DATABASE_URL=postgresql://a:b@x.neon.tech/shop\n"


@pytest.mark.parametrize(
    ("files", "provider"),
    [
        ({".env": NEON}, "neon"),
        # An example counts less than what the code does without it.
        ({".env.example": NEON}, "localhost"),
        ({".env": NEON, ".env.example": "DATABASE_URL=postgresql://db/shop\n"}, "neon"),
        ({"README.md": NEON}, "localhost"),
    ],
)
def test_the_provider_that_is_run_with(
    tmp_path: Path, files: dict[str, str], provider: str
) -> None:
    """What is used comes before a default, and that before an example."""
    url = '"postgresql+asyncpg://"'
    db = ASYNC.replace(url, '"postgresql+asyncpg://a:b@localhost/shop"')
    main = f"from db import get_db\n{APP}"
    packages = {"requirements.txt": "fastapi\n"}
    found = facts_of(tmp_path, {"main.py": main, "db.py": db, **packages, **files})
    assert found.database_provider_hint.value == provider


# What is plausible, and was taken for something else, or ended discovery.
ODD = {
    "an engine outside of what is imported from": (
        {
            "backend/app/main.py": "from app.api import routes\n" + APP,
            "backend/app/__init__.py": "",
            "backend/app/api.py": "from ...shared.db import engine\nroutes = []\n",
            "shared/db.py": "from sqlalchemy import create_engine\n\nengine = "
            "create_engine('postgresql://localhost/a')\n",
        },
        {"app_module": "app.main"},
    ),
    "a service of compose that says nothing": (
        {
            "main.py": APP,
            "requirements.txt": "fastapi\n",
            "Dockerfile": "CMD uvicorn main:app\n",
            "compose.yaml": "services:\n  a:\n  api:\n    build: .\n",
        },
        {"app_module": "main", "compose_service": None},
    ),
    "a package of the project's own that is called auth": (
        {
            "main.py": "from app.auth.admin import router\n" + APP,
            "app/auth/admin.py": "router = None\n",
        },
        {"existing_auth": None},
    ),
    "a scheme that only a comment names": (
        {"main.py": "# HTTPBearer is not used here\n" + APP},
        {"existing_auth": None},
    ),
    "a mapping that has a user": (
        {
            "main.py": "from collections.abc import Collection\n"
            + APP
            + "\n\ndef of(payload: dict, all: Collection):\n"
            "    return payload['user']\n",
        },
        {"existing_user_tables": None},
    ),
    "a client that is an attribute": (
        {
            "requirements.txt": "motor\n",
            "main.py": "from motor.motor_asyncio import AsyncIOMotorClient\n"
            + APP
            + "app.mongodb = AsyncIOMotorClient()\n",
        },
        {"db_layer": "mongo", "db_symbol": None},
    ),
    "two applications without a route": (
        {
            "a/main.py": APP,
            "a/requirements.txt": "fastapi\n",
            "a/Dockerfile": "CMD uvicorn main:app\n",
            "b/main.py": APP,
            "b/requirements.txt": "fastapi\n",
        },
        {"backend_dir": "a"},
    ),
}


@pytest.mark.parametrize("case", ODD)
def test_what_only_looks_like_it(tmp_path: Path, case: str) -> None:
    """It is not taken for what it is not, and ends nothing."""
    files, expected = ODD[case]
    facts = facts_of(tmp_path, files)
    assert {name: getattr(facts, name).value for name in expected} == expected
    assert not facts.ambiguous


OTHER_BASE = SUBCLASS.replace("class Base", "class Table")
COMPARED = "from alembic import context\n\n{}\n\ntarget_metadata = {}\n"


@pytest.mark.parametrize(
    ("imported", "compared", "symbol"),
    [
        # None of these is loaded by the application itself.
        ("from shop.tables import Table", "Table.metadata", "shop.tables:Table"),
        ("from shop.tables import Table", "[Table.metadata]", "shop.tables:Table"),
        ("from shop import tables", "tables.Table.metadata", "shop.tables:Table"),
        # A package passes it on.
        ("from shop.models import Table", "Table.metadata", "shop.tables:Table"),
        ("from sqlmodel import SQLModel", "SQLModel.metadata", "sqlmodel:SQLModel"),
        ("from shop.library import SQLModel", "SQLModel.metadata", "sqlmodel:SQLModel"),
        # What only a run knows: what the application loads.
        ("import shop", "shop.metadata_of(1)", "db:Base"),
    ],
)
def test_the_base_is_the_one_that_alembic_compares(
    tmp_path: Path, imported: str, compared: str, symbol: str
) -> None:
    """Revisions are made from it, whatever other base a module declares."""
    found = facts_of(
        tmp_path,
        {
            **MAIN,
            "main.py": f"from db import get_db\n{APP}",
            "db.py": ASYNC,
            **alembic("alembic"),
            "alembic.ini": INI,
            "alembic/env.py": COMPARED.format(imported, compared),
            "shop/tables.py": OTHER_BASE,
            "shop/models/__init__.py": "from shop.tables import Table\n",
            "shop/library.py": "from sqlmodel import SQLModel\n",
        },
    )
    assert found.base_metadata.value == symbol


MADE = "CREATE TABLE {} (\n    id SERIAL PRIMARY KEY,\n    {} TEXT\n);\n"
NEXT = MADE.format("notes", "email")


@pytest.mark.parametrize(
    ("name", "column", "tables"),
    [
        ("accounts", "balance", None),
        ("members", "joined_at", None),
        ("customers", "email", ("customers",)),
        ("accounts", "login", ("accounts",)),
        ("users", "nickname", ("users",)),
    ],
)
def test_an_account_may_be_one_of_money(
    tmp_path: Path, name: str, column: str, tables: tuple[str, ...] | None
) -> None:
    """People sign in by a column of the table itself, not of the next one."""
    files = {"sql/001_first.sql": MADE.format(name, column) + NEXT}
    files["sql/002_second.sql"] = "SELECT 1;\n"
    found = facts_of(tmp_path, {**MAIN, **files})
    assert found.existing_user_tables.value == tables


ROW = """\


class {name}(Base):
    __tablename__ = "{table}"
    id: Mapped[int] = mapped_column(primary_key=True)
    {column}: Mapped[str]
"""


@pytest.mark.parametrize(
    ("rows", "tables"),
    [
        # A table that links users to other rows is no table of users.
        ("users email, project_users role, chat_user joined", "users"),
        ("auth_user email, team_user since", "auth_user"),
        (
            "users nickname, tenant_users user_name, role_user since",
            "tenant_users users",
        ),
        # Nobody signs in by any of them, as far as it shows.
        ("shop_users since, club_users until", "club_users shop_users"),
        # Others sign in, too.
        ("users email, admins password_hash", "admins users"),
        ("users email, customers pwd, members email", "customers users"),
        ("users email, accounts password", "users"),
    ],
)
def test_tables_of_people_among_others(tmp_path: Path, rows: str, tables: str) -> None:
    """By what they have, where the name alone does not say it."""
    models = SUBCLASS
    for row in rows.split(", "):
        table, column = row.split()
        name = table.title().replace("_", "")
        models += ROW.format(name=name, table=table, column=column)
    main = f"import models\n{APP}"
    found = facts_of(tmp_path, {**MAIN, "main.py": main, "models.py": models})
    assert found.existing_user_tables.value == tuple(tables.split())


MOTOR = (
    "from motor.motor_asyncio import AsyncIOMotorClient\n\n"
    "client = AsyncIOMotorClient('mongodb://localhost')\ndatabase = client['shop']\n"
)


def test_collections_that_another_module_opens(tmp_path: Path) -> None:
    """They are named where they are used; the driver is the one that is imported."""
    used = (
        "from db import database\n\n\ndef all():\n    return database['users'].find()\n"
    )
    main = f"import people\n{APP}"
    found = facts_of(
        tmp_path, {**MAIN, "main.py": main, "db.py": MOTOR, "people.py": used}
    )
    assert found.existing_user_tables.value == ("users",)
    assert found.db_driver.value == "motor"


ENGINE = """\
import os

from sqlalchemy import create_engine

engine = create_engine(os.environ["DATABASE_URL"])
"""
SERVICES = "services:\n  store:\n    image: a-database\n  web:\n    build: .\n"
SERVICES += "    environment:\n      DATABASE_URL: {}://a:b@store/shop\n"


@pytest.mark.parametrize(
    ("files", "driver", "provider"),
    [
        ({"compose.yaml": SERVICES.format("mssql+pyodbc")}, "pyodbc", "docker_service"),
        (
            {"compose.yaml": SERVICES.format("mysql+pymysql")},
            "pymysql",
            "docker_service",
        ),
        (
            {".env.example": "URL=postgresql+psycopg://a@localhost/b\n"},
            "psycopg",
            "localhost",
        ),
        ({".env": "URL=oracle+oracledb://a@localhost/b\n"}, "oracledb", "localhost"),
        # A file for checks of others counts less than what the code does by itself.
        (
            {
                ".env.ci": "DATABASE_URL=postgresql://localhost/shop\n",
                "compose.yaml": SERVICES.format("postgresql+psycopg"),
                "db.py": f"{ENGINE}DEFAULT = 'postgresql+psycopg://a:b@store/shop'\n",
            },
            "psycopg",
            "docker_service",
        ),
    ],
)
def test_drivers_and_places_that_only_the_environment_names(
    tmp_path: Path, files: dict[str, str], driver: str, provider: str
) -> None:
    """Also of a database that is not PostgreSQL, and before what is only installed."""
    packages = {"requirements.txt": "fastapi\npsycopg2-binary\n"}
    main = {"main.py": f"from db import engine\n{APP}", "db.py": ENGINE}
    found = facts_of(tmp_path, {**main, **packages, **files})
    assert found.db_driver.value == driver
    assert found.database_provider_hint.value == provider


CHOICE = """\
import os

from sqlalchemy import create_engine

if os.getenv("KIND") == "{first}":
    url = "{one}"
else:
    url = "{two}"
engine = create_engine(url)
"""


@pytest.mark.parametrize(
    ("one", "two", "installed", "driver", "provider"),
    [
        (
            "mysql+pymysql://h/a",
            "postgresql://h/a",
            "psycopg2-binary",
            "psycopg2",
            None,
        ),
        ("postgresql://h/a", "mysql+pymysql://h/a", "psycopg", "psycopg", None),
        (
            "sqlite+pysqlite:///a",
            "mysql+pymysql://localhost/a",
            "",
            "pymysql",
            "localhost",
        ),
        ("sqlite:///a.db", "postgresql://", "psycopg2", "psycopg2", "docker_service"),
        ("sqlite:///a.db", "sqlite:///b.db", "", None, "sqlite"),
    ],
)
def test_one_database_of_several(  # noqa: PLR0913, PLR0917 - what is written, and found
    tmp_path: Path,
    one: str,
    two: str,
    installed: str,
    driver: str | None,
    provider: str | None,
) -> None:
    """PostgreSQL before the others, and a server before a file; never for certain."""
    files = {
        "main.py": f"from db import engine\n{APP}",
        "db.py": CHOICE.format(first="a", one=one, two=two),
        "requirements.txt": f"fastapi\nPyMySQL\n{installed}\n",
    }
    if provider == "docker_service":
        files["compose.yaml"] = "services:\n  db:\n    image: postgres:17\n"
    if not driver:
        files["requirements.txt"] = "fastapi\n"
    found = facts_of(tmp_path, files)
    assert found.db_driver.value == driver
    assert found.db_driver.confidence is not Confidence.CERTAIN or not installed
    assert found.database_provider_hint.value == provider


@pytest.mark.parametrize(
    ("written", "installed", "driver"),
    [
        # What could be written instead is none of them.
        ("# url = 'mysql+pymysql://localhost/a'\n", "psycopg2-binary", "psycopg2"),
        ("# postgresql+psycopg://\n", "pymysql", "pymysql"),
        # Nothing else tells.
        ("# url = 'mysql+pymysql://localhost/a'\n", "", "pymysql"),
    ],
)
def test_a_driver_in_a_comment(
    tmp_path: Path, written: str, installed: str, driver: str
) -> None:
    """It says what somebody else may have."""
    files = {
        "main.py": f"from db import engine\n{APP}",
        "db.py": f"{written}{ENGINE}",
        "requirements.txt": f"fastapi\n{installed}\n",
    }
    assert facts_of(tmp_path, files).db_driver.value == driver


@pytest.mark.parametrize("first", ["aiosqlite\naiomysql", "asyncmy\naiosqlite"])
def test_a_server_is_used_where_a_file_is_for_tests(tmp_path: Path, first: str) -> None:
    """Both drivers are installed, and no URL is in the code."""
    db = ASYNC.replace('"postgresql+asyncpg://"', 'os.environ["URL"]')
    files = {"main.py": f"from db import get_db\n{APP}", "db.py": f"import os\n{db}"}
    found = facts_of(tmp_path, {**files, "requirements.txt": f"fastapi\n{first}\n"})
    driver = next(one for one in first.split() if one != "aiosqlite")
    assert found.db_driver.value == driver


@pytest.mark.parametrize(
    "line",
    ["SHOP_ORIGINS: ${ORIGINS:-https://a.test}", '- "SHOP_ORIGINS=https://a.test"'],
)
def test_origins_that_compose_gives(tmp_path: Path, line: str) -> None:
    """Where no file for the environment does."""
    settings = "import os\n\nshop_origins = os.environ['SHOP_ORIGINS']\n"
    compose = f"services:\n  api:\n    environment:\n      {line}\n"
    files = {
        "main.py": ADDS.format(given="settings.shop_origins.split(',')"),
        "settings.py": settings,
        "compose.yaml": compose,
        "requirements.txt": "fastapi\n",
    }
    assert facts_of(tmp_path, files).cors_origins.value == ("https://a.test",)


def test_a_file_is_the_database_where_its_driver_is_used(tmp_path: Path) -> None:
    """What an example names besides is what somebody may choose."""
    db = ASYNC.replace('"postgresql+asyncpg://"', '"sqlite+aiosqlite:///shop.db"')
    example = "# DATABASE_URL=x\nREPORTS_URL=postgresql://localhost/reports\n"
    found = facts_of(
        tmp_path,
        {
            **MAIN,
            "main.py": f"from db import get_db\n{APP}",
            "db.py": db,
            ".env.example": example,
        },
    )
    assert found.db_driver.value == "aiosqlite"
    assert found.database_provider_hint.value == "sqlite"


@pytest.mark.parametrize(
    ("opened", "provider"),
    [
        ('asyncpg.create_pool(user="a", host="localhost", port=1)', "localhost"),
        ('asyncpg.connect(\n    host=os.getenv("H", "127.0.0.1"),\n)', "localhost"),
        (
            '"postgresql://{h}".format(\n    port=str(1), h="x", host="127.0.0.1")',
            "localhost",
        ),
        # A server's own host, next to it.
        ('asyncpg.connect(dsn())\nrun = uvicorn.run(app, host="127.0.0.1")', None),
    ],
)
def test_the_host_that_a_database_is_opened_with(
    tmp_path: Path, opened: str, provider: str | None
) -> None:
    """It is an argument of its own where no URL names it."""
    code = f"import os\n\nimport asyncpg\n\n\npool = {opened}\n"
    found = facts_of(
        tmp_path, {**MAIN, "main.py": f"import store\n{APP}", "store.py": code}
    )
    assert found.database_provider_hint.value == provider


@pytest.mark.parametrize(
    ("line", "origins"),
    [
        ("CORS_ALLOW_METHODS=*\nCORS_ALLOW_HEADERS=*\n", None),
        ("CORS_ORIGINS=https://shop.test\nCORS_MAX_AGE=*\n", ("https://shop.test",)),
        ("CORS_ALLOW=https://shop.test\n", ("https://shop.test",)),
    ],
)
def test_methods_and_headers_are_no_origins(
    tmp_path: Path, line: str, origins: tuple[str, ...] | None
) -> None:
    """A star there says nothing about who may ask."""
    found = facts_of(tmp_path, {**MAIN, ".env.example": line})
    assert found.cors_origins.value == origins


@pytest.mark.parametrize(
    ("path", "origins", "provider"),
    [
        ("env_files/local.env", ("https://shop.test",), "neon"),
        ("envs/example.env", ("https://shop.test",), "neon"),
        (".envs/.env", ("https://shop.test",), "neon"),
        ("elsewhere/local.env", None, "localhost"),
    ],
)
def test_a_folder_of_env_files(
    tmp_path: Path, path: str, origins: tuple[str, ...] | None, provider: str
) -> None:
    """They are for the folder that theirs is in."""
    db = ASYNC.replace('asyncpg://"', 'asyncpg://a:b@localhost/shop"')
    found = facts_of(
        tmp_path,
        {
            **MAIN,
            "main.py": f"from db import get_db\n{APP}",
            "db.py": db if origins is None else ASYNC,
            path: f"{NEON}CORS_ORIGINS=https://shop.test\n",
        },
    )
    assert found.cors_origins.value == origins
    assert found.database_provider_hint.value == provider


STEPS_BY_CODE = """\
from pathlib import Path

from yoyo import get_backend, read_migrations


def migrate():
    steps = read_migrations(str(Path(__file__).parent / "{}"))
    get_backend("postgresql://").apply_migrations(steps)
"""


@pytest.mark.parametrize(
    ("packages", "named", "system"),
    [
        ("yoyo-migrations\n", "sql", "yoyo"),
        ("yoyo-migrations\n", "nowhere", "none"),
        # Another package has a function of that name.
        ("", "sql", "none"),
    ],
)
def test_steps_that_the_code_hands_to_yoyo(
    tmp_path: Path, packages: str, named: str, system: str
) -> None:
    """The folder is the one that the code names; the name of it says nothing."""
    found = facts_of(
        tmp_path,
        {
            "main.py": f"import steps\n{APP}",
            "steps.py": STEPS_BY_CODE.format(named),
            "sql/001_first.sql": "SELECT 1;\n",
            "requirements.txt": f"fastapi\n{packages}",
        },
    )
    assert found.migration_system.value == system
    heads = Heads(count=1, ids=("001_first",)) if system == "yoyo" else None
    assert found.heads.value == heads


def test_the_front_end_with_the_plain_name(tmp_path: Path) -> None:
    """A second one is called after it: frontend-mobile, frontend-old."""
    package = '{"dependencies": {"next": "15.0.0"}}\n'
    names = ("frontend", "frontend-antd", "frontend-old")
    files = {f"apps/{name}/package.json": package for name in names}
    found = facts_of(tmp_path, {**MAIN, **files})
    assert found.frontend_dir.value == "apps/frontend"
