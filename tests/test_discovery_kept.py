"""Applications, sessions and settings that an object keeps, or another module makes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from copier_better_auth.discovery import discover
from support.repositories import build

if TYPE_CHECKING:
    from pathlib import Path

    from copier_better_auth.model import Facts

FASTAPI = "from fastapi import FastAPI\n"
CREATOR = f"""\
{FASTAPI}

class Creator:
    def __init__(self):
        self.app = FastAPI()
"""
BUILDER = f"""\
{FASTAPI}

class Builder:
    def __init__(self):
        self._app = FastAPI()

    def with_routes(self):
        return self

    def build(self):
        return self._app
"""
SERVER = f"{CREATOR}\n\ndef create_server():\n    return Creator()\n"
PROVIDED = f"""\
{FASTAPI}from dependency_injector import containers, providers


class Container(containers.DeclarativeContainer):
    web = providers.Singleton(FastAPI)


container = Container()
app = container.web()
"""
ROUTER = "from fastapi import APIRouter\n\nrouter = APIRouter()\n"
SQLALCHEMY = "from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine\n"


def facts_of(folder: Path, files: dict[str, str]) -> Facts:
    build(folder, {"requirements.txt": "fastapi\n", **files})
    return discover(folder)


def app_of(facts: Facts) -> str:
    return f"{facts.app_module.value}:{facts.app_attr.value}"


@pytest.mark.parametrize(
    ("files", "app"),
    [
        (
            {"main.py": f"{CREATOR}\n\ncreator = Creator()\nserver = creator.app\n"},
            "server",
        ),
        (
            {
                "shop/creator.py": CREATOR,
                "shop/__init__.py": "from .creator import Creator\n",
                "main.py": "from shop import Creator\n\napp = Creator().app\n",
            },
            "app",
        ),
        # An attribute of the class, and one that a class above has.
        (
            {
                "main.py": f"{FASTAPI}\n\nclass Server:\n    api: FastAPI = FastAPI()\n"
                "\n\nclass Shop(Server):\n    pass\n\n\napp = Shop.api\n"
            },
            "app",
        ),
        # A builder with steps.
        (
            {
                "builder.py": BUILDER,
                "main.py": "from builder import Builder\n\n"
                "app = Builder().with_routes().build()\n",
            },
            "app",
        ),
        # The class is given the application.
        (
            {
                "server.py": f"{FASTAPI}\n\nclass Server:\n"
                "    def __init__(self, app: FastAPI):\n        self.inner = app\n\n"
                "    def get_app(self):\n        return self.inner\n",
                "main.py": f"{FASTAPI}from server import Server\n\n"
                "web = Server(FastAPI()).get_app()\n",
            },
            "web",
        ),
        (
            {
                "server.py": SERVER,
                "main.py": "from server import create_server\n\n"
                "app = create_server().app\n",
            },
            "app",
        ),
        # A container that provides it, and one that is only asked for it.
        ({"main.py": PROVIDED}, "app"),
        (
            {
                "main.py": f"{FASTAPI}from shop import container\n\n"
                "app: FastAPI = container.resolve(FastAPI)\n",
                "shop.py": "container = None\n",
            },
            "app",
        ),
        # A class below it, which knows it by another name.
        (
            {
                "core/creator.py": CREATOR,
                "main.py": "from core.creator import Creator as Base\n\n\n"
                "class Mine(Base):\n    pass\n\n\napp = Mine().app\n",
            },
            "app",
        ),
        # A class of the project's own, from another module.
        (
            {
                "core/web.py": f"{FASTAPI}\n\nclass Web(FastAPI):\n    pass\n",
                "main.py": "from core.web import Web as Shop\n\napp = Shop()\n",
            },
            "app",
        ),
    ],
)
def test_an_application_that_an_object_keeps(
    tmp_path: Path, files: dict[str, str], app: str
) -> None:
    """The name of the module that a server is given is found, with its module."""
    found = facts_of(tmp_path, files)
    assert app_of(found) == f"main:{app}"
    assert not found.factory.value


def test_a_function_that_returns_what_an_object_keeps(tmp_path: Path) -> None:
    """It is a factory where a start command names it."""
    main = "from creator import Creator\n\n\ndef make():\n    made = Creator()\n"
    starts = 'CMD ["uvicorn", "main:make", "--factory"]\n'
    found = facts_of(
        tmp_path,
        {
            "creator.py": CREATOR,
            "main.py": f"{main}    return made.app\n",
            "Dockerfile": starts,
        },
    )
    assert app_of(found) == "main:make"
    assert found.factory.value


@pytest.mark.parametrize(
    ("parameters", "app"),
    [
        ("", "web:make"),
        ("settings=None, *more: str, **others: str", "web:make"),
        ("pool", None),
        ("pool: Pool, name: str = ''", None),
    ],
)
def test_a_function_that_no_server_can_call(
    tmp_path: Path, parameters: str, app: str | None
) -> None:
    """A server gives it no arguments; what needs some is called by the project."""
    web = f"{FASTAPI}\n\ndef make({parameters}):\n    return FastAPI()\n"
    found = facts_of(tmp_path, {"web.py": web})
    assert (app_of(found) if found.app_module.value else None) == app
    assert (found.app_module.problem is None) == (app is not None)


def test_a_function_that_another_one_calls(tmp_path: Path) -> None:
    """The server is given the one that does all of it."""
    web = f"{FASTAPI}\n\ndef a() -> FastAPI:\n    return FastAPI()\n"
    whole = "\n\ndef whole() -> FastAPI:\n    app = a()\n    return app\n"
    assert app_of(facts_of(tmp_path, {"web.py": web + whole})) == "web:whole"


@pytest.mark.parametrize(
    "main",
    [
        # Another class has a member of that name, and a library has.
        f"{CREATOR}\n\nclass Other:\n    app = 1\n\n\nx = Other()\napp = x.app\n",
        f"{CREATOR}\nfrom celery import Celery\n\napp = Celery().app\n",
        f"{CREATOR}\n\ntitle = Creator().title\n",
    ],
)
def test_what_is_no_application_that_an_object_keeps(tmp_path: Path, main: str) -> None:
    """Only what is given from the class that makes the application is one."""
    assert facts_of(tmp_path, {"main.py": main}).app_module.value is None


APP = f"{FASTAPI}\napp = FastAPI()\n"
INCLUDES = "app.include_router(router)\n"
SERVES = f"{APP}\n\n@app.get('/')\ndef home():\n    return 1\n"
DEBUG = "from main import app\n\n\n@app.get('/debug')\ndef debug():\n    return 1\n"
STARTS_MAIN = {"Dockerfile": 'CMD ["uvicorn", "main:app"]\n'}


@pytest.mark.parametrize(
    ("files", "app"),
    [
        (
            {
                "shop/web.py": APP,
                "shop/main.py": f"from shop.web import app\n{ROUTER}{INCLUDES}",
            },
            "shop.main:app",
        ),
        (
            {
                "web.py": APP,
                "main.py": "from web import app\n\n\n@app.get('/')\ndef home():\n"
                "    return 1\n",
                "Dockerfile": "CMD uvicorn main:app\n",
            },
            "main:app",
        ),
        # What only passes it on adds nothing.
        ({"web.py": APP, "asgi.py": "from web import app\n"}, "web:app"),
        # Routes that the application's own module loads.
        (
            {
                "web.py": f"{APP}\nimport routes\n",
                "routes.py": "from web import app\n\n\n@app.get('/')\ndef home():\n"
                "    return 1\n",
            },
            "web:app",
        ),
        # One more route of a side module, and what production starts.
        ({"main.py": SERVES, "debug.py": DEBUG}, "main:app"),
        ({"main.py": SERVES, "debug.py": DEBUG, **STARTS_MAIN}, "main:app"),
        ({"main.py": APP, "debug.py": DEBUG, **STARTS_MAIN}, "main:app"),
        # A check of health does not make it whole where another module is started.
        (
            {
                "web.py": SERVES,
                "main.py": f"from web import app\n{ROUTER}{INCLUDES}",
                **STARTS_MAIN,
            },
            "main:app",
        ),
        # Two that would both: the application itself.
        (
            {
                "web.py": APP,
                "one.py": f"from web import app\n{ROUTER}{INCLUDES}",
                "two.py": f"from web import app\n{ROUTER}{INCLUDES}",
            },
            "web:app",
        ),
    ],
)
def test_the_module_that_completes_an_application(
    tmp_path: Path, files: dict[str, str], app: str
) -> None:
    """A server that is given the other one would have no routes."""
    assert app_of(facts_of(tmp_path, files)) == app


SCRIPT = {
    "shop/__init__.py": "",
    "shop/names.py": "",
    "shop/scripts/__init__.py": "",
    "shop/scripts/main.py": f"from shop.names import NAME\n{APP}",
}


@pytest.mark.parametrize(
    ("files", "app"),
    [
        (SCRIPT, "shop.scripts.main:app"),
        # Where another one is, what is in such a folder is aside.
        ({**SCRIPT, "shop/web.py": APP}, "shop.web:app"),
        ({**SCRIPT, "shop/scripts/main.py": "", "scripts/try.py": APP}, "None:None"),
    ],
)
def test_an_application_in_a_package_of_scripts(
    tmp_path: Path, files: dict[str, str], app: str
) -> None:
    """It counts where it is the only one, and in a package."""
    assert app_of(facts_of(tmp_path, files)) == app


DATABASE = f"""\
{SQLALCHEMY}

class Database:
    def __init__(self, url):
        self.engine = create_async_engine(url)

    async def session(self):
        async with AsyncSession(self.engine) as session:
            yield session
"""
ROUTES = """\
from fastapi import APIRouter, Depends

{imports}

router = APIRouter()


@router.get("/items")
async def items(session=Depends({used})):
    return []
"""
MAIN = f"from routes import router\n{APP}\n{INCLUDES}"
SERVICE = """

async def get_service(session=Depends(get_session)) -> AsyncGenerator[Service, None]:
    yield Service(session)
"""
FUNCTION = """

async def get_session() -> AsyncGenerator[AsyncSession, None]:
    async with database.session() as session:
        yield session
"""


@pytest.mark.parametrize(
    ("files", "session", "engine"),
    [
        (
            {
                "db.py": f'{DATABASE}\n\ndatabase = Database("postgresql+asyncpg://")\n',
                "routes.py": ROUTES.format(
                    imports="from db import database", used="database.session"
                ),
            },
            "db:database",
            "db:Database",
        ),
        (
            {
                "db.py": f"{DATABASE}\n    @classmethod\n    def get_db(cls):\n"
                "        yield cls.session\n",
                "routes.py": ROUTES.format(
                    imports="from db import Database", used="Database.get_db"
                ),
            },
            "db:Database",
            "db:Database",
        ),
        # Kept in the application's state, or in the request's.
        (
            {
                "db.py": f"{DATABASE}\n\ndef connection(request):\n"
                "    return request.state.db\n",
                "routes.py": ROUTES.format(
                    imports="from db import connection", used="connection"
                ),
            },
            "db:connection",
            "db:Database",
        ),
        (
            {
                "db.py": f"{DATABASE}\n\nasync def given(request) -> AsyncSession:\n"
                "    return request.app.state.maker()\n",
                "routes.py": ROUTES.format(
                    imports="from db import given", used="given"
                ),
            },
            "db:given",
            "db:Database",
        ),
        # A service has a session, and more handlers use it than the session itself.
        (
            {
                "db.py": f'{DATABASE}\n\ndatabase = Database("")\n{FUNCTION}{SERVICE}',
                "routes.py": ROUTES.format(
                    imports="from db import get_service, get_session",
                    used="get_service",
                ).replace("session=", "one=Depends(get_service), session="),
            },
            "db:get_session",
            "db:Database",
        ),
        # An alias is used where the function is not named.
        (
            {
                "db.py": f'{DATABASE}\n\ndatabase = Database("")\n{FUNCTION}'
                f"{FUNCTION.replace('get_session', 'get_other')}\n"
                "Other = Annotated[AsyncSession, Depends(get_other)]\n",
                "routes.py": ROUTES.format(
                    imports="from db import Other, get_session", used="get_session"
                )
                + "\n\ndef more(one: Other, two: Other, three: Other):\n    return 1\n",
            },
            "db:get_other",
            "db:Database",
        ),
    ],
)
def test_a_session_that_an_object_gives(
    tmp_path: Path, files: dict[str, str], session: str, engine: str
) -> None:
    """The object or the class is named, as it can be imported; else the function."""
    found = facts_of(tmp_path, {"main.py": MAIN, **files})
    assert found.db_layer.value == "sqlalchemy_async"
    assert found.db_symbol.value == session
    assert found.engine_symbol.value == engine


def test_the_session_of_a_library_that_is_not_there(tmp_path: Path) -> None:
    """What handlers annotate says how the database is reached."""
    routes = ROUTES.format(imports="from sqlalchemy.orm import Session", used="get_db")
    main = f"from vendor.db import get_db\n{MAIN}"
    found = facts_of(tmp_path, {"main.py": main, "routes.py": routes})
    assert found.db_layer.value == "sqlalchemy_sync"


RECORD = """\
import os
from dataclasses import dataclass, field


@dataclass
class DatabaseSettings:
    url: str = os.getenv("URL", "")


@dataclass
class Settings:
    db: DatabaseSettings = field(default_factory=DatabaseSettings)
"""
GETTER = "\n\ndef get_settings() -> Settings:\n    return Settings()\n"
PYDANTIC = "from pydantic_settings import BaseSettings\n\n\n"


@pytest.mark.parametrize(
    ("files", "symbol"),
    [
        ({"config/base.py": f"{RECORD}{GETTER}"}, "config.base:get_settings"),
        (
            {
                "config/base.py": f"{RECORD}{GETTER}",
                "config/__init__.py": "",
                "config/values.py": "from config.base import get_settings\n\n"
                "values = get_settings()\n",
            },
            "config.values:values",
        ),
        (
            {
                "config/base.py": "from decouple import config\n"
                "from pydantic import BaseModel\n\n\nclass Settings(BaseModel):\n"
                "    url: str = config('URL')\n\n\nCONFIG = Settings()\n"
            },
            "config.base:CONFIG",
        ),
        # Filled where it is made.
        (
            {
                "config/base.py": "import os\n\nfrom pydantic import BaseModel\n\n\n"
                "class Settings(BaseModel):\n    url: str\n\n\n"
                "values = Settings(url=os.getenv('URL'))\n"
            },
            "config.base:values",
        ),
        # A record whose parts are pydantic's.
        (
            {
                "config/base.py": f"{PYDANTIC}from dataclasses import dataclass\n\n\n"
                "class Token(BaseSettings):\n    key: str\n\n\n@dataclass\n"
                "class Config:\n    token: Token\n\n\nconfig = Config(Token())\n"
            },
            "config.base:config",
        ),
        # Filled by a function, of environs.
        (
            {
                "config/base.py": "from dataclasses import dataclass\n\nfrom environs "
                "import Env\n\n\n@dataclass\nclass Config:\n    url: str\n\n\n"
                "def load() -> Config:\n    env = Env()\n"
                "    return Config(env.str('URL'))\n"
            },
            "config.base:load",
        ),
    ],
)
def test_settings_that_other_objects_make(
    tmp_path: Path, files: dict[str, str], symbol: str
) -> None:
    """The whole of them is named, and no part."""
    module = symbol.replace(":", " import ")
    found = facts_of(tmp_path, {"main.py": f"from {module}\n{APP}", **files})
    assert found.settings_module.value == symbol


@pytest.mark.parametrize(
    ("imported", "symbol"),
    [
        ("src.config", "config:Shop"),
        ("config", "config:Shop"),
        ("another.config", None),
    ],
)
def test_a_module_that_two_folders_are_imported_from(
    tmp_path: Path, imported: str, symbol: str | None
) -> None:
    """Both ``src`` and the folder above are on the path of Python there."""
    shop = f"{PYDANTIC}class Shop(BaseSettings):\n    name: str\n"
    loads = f"from {imported} import Shop\n"
    found = facts_of(
        tmp_path,
        {
            "src/main.py": f"from container import Shop\n{APP}",
            "src/container.py": loads,
            "src/config.py": shop,
            "another/config.py": "Shop = None\n",
        },
    )
    assert found.settings_module.value == symbol
