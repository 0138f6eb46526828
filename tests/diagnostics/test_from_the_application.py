"""Would sign-in work here? Asked from the application's side, whatever its form.

Small projects around an auth package: each is right, or has one thing wrong.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from copier_better_auth import ANSWERS_FILE
from copier_better_auth.answers import parse_answers
from copier_better_auth.diagnostics import run_checks
from copier_better_auth.discovery import discover
from copier_better_auth.model import Integration, Status
from support.repositories import build

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from copier_better_auth.model import CheckResult

SOURCE = "git+https://git.example/auth"
MAIN = "from fastapi import FastAPI\nfrom app.auth import router as auth_router\n\n"
FILES = {
    ANSWERS_FILE: f"_src_path: {SOURCE}\nauth_app: app.main:app\n"
    "auth_package_dir: backend/app/auth\n",
    "backend/app/__init__.py": "",
    "backend/app/main.py": MAIN + "app = FastAPI()\napp.include_router(auth_router)\n",
    "backend/app/db.py": "engine = object()\n",
    "backend/app/auth/__init__.py": "from .router import router\n",
    "backend/app/auth/router.py": "from fastapi import APIRouter\n"
    "from app.db import engine\nfrom .errors import Refused\n\n"
    'router = APIRouter(prefix="/auth")\n',
    "backend/app/auth/errors.py": "class Refused(Exception):\n    pass\n",
    "backend/app/auth/config.py": "class AuthSettings(object):\n"
    "    env_file = Path(__file__).parent / '../../../auth-server/.env'\n",
}


def checked(
    root: Path, code: str, files: Mapping[str, str | None], **answers: str
) -> CheckResult:
    """Build the project with these files changed, and run one diagnostic."""
    kept = {**FILES, **files}
    build(root, {path: text for path, text in kept.items() if text is not None})
    given = parse_answers(answers)
    facts = discover(root, backend_dir=given.auth_backend_dir, app=given.auth_app)
    integration = Integration(root=root, answers=given, facts=facts)
    (result,) = run_checks(integration, only=code)
    return result


def app(text: str) -> dict[str, str | None]:
    return {"backend/app/main.py": MAIN + text}


API = "from fastapi import APIRouter\nfrom app.auth import router\n\n"
MADE = "app = FastAPI()\n"
INCLUDED = "app.include_router(auth_router)\n"
# How people include routers, none of which is wrong.
RIGHT: dict[str, dict[str, str | None]] = {
    "as it is rendered": {},
    "in a factory": app(
        f"def make():\n    {MADE}    {INCLUDED}    return app\n\n\napp = make()\n"
    ),
    "in a helper": app(
        f"{MADE}\n\ndef routes(to):\n    to.include_router(auth_router)\n"
        "\n\nroutes(app)\n"
    ),
    "in a loop": app(f"{MADE}for one in [auth_router]:\n    app.include_router(one)\n"),
    "where the application is made": app(f"if True:\n    {MADE}    {INCLUDED}"),
    "where an import could fail": app(
        f"{MADE}try:\n    {INCLUDED}except ImportError:\n    pass\n"
    ),
    "unless only types are checked": {
        "backend/app/main.py": "from typing import TYPE_CHECKING\n"
        + MAIN
        + MADE
        + f"if not TYPE_CHECKING:\n    {INCLUDED}"
    },
    "by its module": {
        "backend/app/main.py": "from fastapi import FastAPI\nfrom app import auth\n\n"
        f"{MADE}app.include_router(auth.router, prefix='/api')\n"
    },
    "by its whole name": {
        "backend/app/main.py": "import app.auth\nfrom fastapi import FastAPI\n\n"
        "application = FastAPI()\napp = application\n"
        "application.include_router(app.auth.router)\n"
    },
    "through a router of routers": {
        "backend/app/api/__init__.py": API
        + "api = APIRouter()\napi.include_router(router)\n",
        "backend/app/main.py": "from fastapi import FastAPI\nfrom .api import api\n\n"
        f"{MADE}app.include_router(api, prefix='/api')\n",
    },
    "under another name, handed on": {
        "backend/app/routers.py": "from app.auth import router as people\n",
        "backend/app/main.py": "from fastapi import FastAPI\nfrom app import routers\n"
        f"\n{MADE}app.include_router(routers.people)\n",
    },
    "by its routes": app(f"{MADE}app.router.routes.extend(auth_router.routes)\n"),
    "in a file that is found at run time": {
        "backend/app/main.py": "import importlib\nfrom fastapi import FastAPI\n\n"
        f"{MADE}importlib.import_module('app.plugins').add(app)\n",
        "backend/app/plugins.py": "from app.auth import router\n\n\n"
        "def add(app):\n    app.include_router(router)\n",
    },
    "before a catch-all": app(
        f"{MADE}{INCLUDED}\n\n@app.get('/{{path:path}}')\n"
        "def page(path):\n    return path\n"
    ),
    "after routes that do not fit": app(
        f"{MADE}\n\n@app.get('/auth/{{a}}/b')\ndef b(a):\n    return a\n\n\n"
        f"@app.post('/auth/me')\ndef c():\n    return 1\n\n\n"
        f"app.mount('/static', object())\n{INCLUDED}"
    ),
}


@pytest.mark.parametrize("name", RIGHT)
def test_a_router_that_is_included_is_no_finding(tmp_path: Path, name: str) -> None:
    """Whatever way it goes to the application; nor is the package one."""
    for code in ("BA017", "BA018", "BA019"):
        result = checked(tmp_path / code, code, RIGHT[name])
        assert result.status is Status.PASS, result


# What is wrong with a router: the files, and a part of what is said.
WRONG: dict[str, tuple[dict[str, str | None], str]] = {
    "never imported": (
        {"backend/app/main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n"},
        "nothing includes",
    ),
    "imported, not included": (app(MADE), "nothing includes"),
    "in a file that nothing imports": (
        {
            **app(MADE),
            "backend/app/routes.py": "from app.main import app\n"
            "from app.auth import router\n\napp.include_router(router)\n",
        },
        "does not import",
    ),
    "in a router of routers that is left out": (
        {
            "backend/app/api.py": API
            + "api = APIRouter()\napi.include_router(router)\n",
            "backend/app/main.py": "from fastapi import FastAPI\n"
            "from app.api import api\n"
            "\napp = FastAPI()\n",
        },
        "included in api, which nothing includes",
    ),
    "for types alone": (
        app(
            f"from typing import TYPE_CHECKING\n{MADE}if TYPE_CHECKING:\n    {INCLUDED}"
        ),
        "so never",
    ),
    "switched off": (app(f"{MADE}if False:\n    {INCLUDED}"), "so never"),
    "where the file is run": (
        app(f"{MADE}if __name__ == '__main__':\n    {INCLUDED}"),
        "not by uvicorn",
    ),
    "in a function that nothing calls": (
        app(f"{MADE}\n\ndef late():\n    {INCLUDED}"),
        "late(), which nothing calls",
    ),
    "after a page for everything": (
        app(
            f"{MADE}\n\n@app.get('/{{path:path}}')\ndef page(path):\n    return 1\n"
            f"\n\n{INCLUDED}"
        ),
        "comes before it",
    ),
    "after a route of that form": (
        app(
            f"{MADE}\n\n@app.api_route('/auth/{{name}}', methods=['GET'])\n"
            f"def page(name):\n    return name\n\n\n{INCLUDED}"
        ),
        'app.api_route("/auth/{name}")',
    ),
    "after a mount of the front end": (
        app(f"{MADE}app.mount('/', object())\n{INCLUDED}"),
        'app.mount("/")',
    ),
    "after another router's": (
        {
            "backend/app/pages.py": "from fastapi import APIRouter\n\n"
            "pages = APIRouter()\n\n\n@pages.get('/{a}/{b}')\ndef page(a, b):\n"
            "    return a\n",
            "backend/app/main.py": MAIN + "from app.pages import pages\n\n"
            f"{MADE}app.include_router(pages)\n{INCLUDED}",
        },
        'a route "/{a}/{b}"',
    ),
    "after another router's, below a prefix by name": (
        {
            "backend/app/people.py": "from fastapi import APIRouter\n"
            "from app.core import settings\n\nPATH = f'{settings.ROOT}auth'\n"
            "people = APIRouter(prefix=PATH)\n\n\n"
            "@people.get('/me')\ndef me():\n    return 1\n",
            "backend/app/core.py": "class Settings:\n    ROOT: str = '/'\n\n\n"
            "settings = Settings()\n",
            "backend/app/main.py": MAIN + "from app.people import people\n\n"
            f"{MADE}app.include_router(people)\n{INCLUDED}",
        },
        'a route "/auth/me"',
    ),
    "behind a prefix that is taken": (
        app(
            f"{MADE}app.mount('/api', object())\n"
            "app.include_router(auth_router, prefix='/api')\n"
        ),
        'app.mount("/api")',
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_router_that_is_never_asked_is_found(tmp_path: Path, name: str) -> None:
    """With the file, the line and what to do."""
    files, message = WRONG[name]
    result = checked(tmp_path, "BA018", files)
    assert result.status is Status.FAIL
    assert message in result.message
    assert result.detail.startswith("backend/app/")
    assert result.remedy


@pytest.mark.parametrize(
    "condition", ["settings.AUTH", "os.environ.get('AUTH')", "not settings.DEBUG"]
)
def test_a_condition_is_told(tmp_path: Path, condition: str) -> None:
    """Only the user knows whether it holds in production."""
    result = checked(tmp_path, "BA018", app(f"{MADE}if {condition}:\n    {INCLUDED}"))
    assert result.status is Status.WARN
    assert f"only if {condition}" in result.message
    assert "main.py:5" in result.detail


UPDATE = f"uvx --with {SOURCE} copier update --trust --defaults -a {ANSWERS_FILE}"
# Where the application is not found: files, answers, what is said, what to type.
LOST: dict[str, tuple[dict[str, str | None], dict[str, str], str, str]] = {
    "renamed": (
        {
            "backend/app/main.py": None,
            "backend/app/api.py": FILES["backend/app/main.py"],
        },
        {},
        "there is no backend/app/main.py",
        f"{UPDATE} -d auth_app=app.api:app",
    ),
    "moved to another folder": (
        {
            path: None
            for path in FILES
            if path.startswith("backend/app/") and "/auth/" not in path
        }
        | {"service/web/main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n"},
        {},
        "there is no backend/app/main.py",
        "-d auth_backend_dir=service/web",
    ),
    "another variable": (
        app("api = FastAPI()\napi.include_router(auth_router)\n"),
        {},
        "app.main has no app",
        f"{UPDATE} -d auth_app=app.main:api",
    ),
    "a factory in its place": (
        app(f"def make():\n    {MADE}    {INCLUDED}    return app\n"),
        {},
        "app.main has no app",
        f"{UPDATE} -d 'auth_app=app.main:make()'",
    ),
    "no folder": (
        {},
        {"auth_backend_dir": "api", "auth_import_root": "api"},
        "there is no folder api",
        f"{UPDATE} -d auth_backend_dir=backend -d auth_import_root=backend",
    ),
    "no Python": (app("app = FastAPI(\n"), {}, "is not read as Python", "git checkout"),
}


@pytest.mark.parametrize("name", LOST)
def test_an_application_that_is_not_there_is_found(tmp_path: Path, name: str) -> None:
    """With the command that tells the answers where it is now."""
    files, answers, message, remedy = LOST[name]
    result = checked(tmp_path, "BA017", files, **answers)
    assert result.status is Status.FAIL, result
    assert message in result.message
    assert remedy in result.remedy


# What is wrong with the package: files, what is said, what to type.
BROKEN: dict[str, tuple[dict[str, str | None], str, str]] = {
    "moved": (
        {
            path.replace("app/auth/", "app/security/"): text
            for path, text in FILES.items()
            if "/auth/" in path
        }
        | dict.fromkeys(path for path in FILES if "/auth/" in path),
        "the auth package is in backend/app/security",
        f"{UPDATE} -d auth_package_dir=backend/app/security",
    ),
    "removed": (
        dict.fromkeys(path for path in FILES if "/auth/" in path),
        "there is no backend/app/auth/__init__.py",
        "restore",
    ),
    "imported by its old name": (
        {"backend/app/orders.py": "from app.people.auth import CurrentUser\n"},
        "imports app.people.auth, which is not there",
        "import it from app.auth",
    ),
    "asked for what it has not": (
        {"backend/app/orders.py": "from .auth import RequireRole\n"},
        "imports RequireRole from .auth, which has no such name",
        "correct the name",
    ),
    "without one of its modules": (
        {"backend/app/auth/errors.py": None},
        "imports .errors, which is not there",
        "git checkout HEAD -- backend/app/auth",
    ),
    "without the engine": (
        {"backend/app/db.py": "main_engine = object()\n"},
        "imports engine from app.db, which has no such name",
        "backend/app/db.py",
    ),
    "without the database's module": (
        {"backend/app/db.py": None},
        "imports app.db, which is not there",
        "",
    ),
    "not Python": (
        {"backend/app/auth/errors.py": "class Refused(:\n"},
        "errors.py is not read as Python",
        "git checkout HEAD -- backend/app/auth/errors.py",
    ),
    "one folder deeper than it thinks": (
        {"backend/app/auth/config.py": "FILE = HERE / '../../auth-server/.env'\n"},
        "looks for auth-server/.env in another folder",
        "write ../../../auth-server/.env",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_package_that_is_not_whole_is_found(tmp_path: Path, name: str) -> None:
    """Each would end FastAPI's start, or leave it without its variables."""
    files, message, remedy = BROKEN[name]
    result = checked(tmp_path, "BA019", files)
    assert result.status is Status.FAIL, result
    assert message in f"{result.message}\n{result.detail}"
    assert remedy in result.remedy


def test_another_service_imports_its_own(tmp_path: Path) -> None:
    """What it calls app.auth is not this one, though it is below the same folder."""
    files: dict[str, str | None] = dict.fromkeys(FILES)
    files |= {path.removeprefix("backend/"): text for path, text in FILES.items()}
    files["app/auth/config.py"] = ""
    files |= {
        "other/requirements.txt": "fastapi\n",
        "other/app/main.py": "from app.auth import Keys\n",
    }
    answers = {
        "auth_backend_dir": ".",
        "auth_import_root": ".",
        "auth_package_dir": "app/auth",
    }
    result = checked(tmp_path, "BA019", files, **answers)
    assert result.status is Status.PASS, result


# Lists that the image installs, wherever they are; what they take in is in them.
LISTS: dict[str, dict[str, str]] = {
    "in a folder of lists": {
        "infra/requirements/prod.txt": "# autogenerated by pip-compile\n{}==1\n",
        "Dockerfile": "COPY infra/requirements/prod.txt ./\n"
        "RUN pip install -r prod.txt\nCMD uvicorn app.main:app\n",
    },
    "taken in": {
        "deploy/live.txt": "-r parts/common.txt\nasyncpg>=0.29\n"
        "pydantic-settings>=2.1\n",
        "deploy/parts/common.txt": "--requirement=../web.txt\n",
        "deploy/web.txt": "{}>=0.115\n",
        "Dockerfile": "COPY deploy /deploy\nRUN pip install -r deploy/live.txt\n"
        "CMD uvicorn app.main:app\n",
    },
}


@pytest.mark.parametrize("name", LISTS)
def test_a_list_that_the_image_installs_is_one(tmp_path: Path, name: str) -> None:
    """The auth package imports FastAPI, which is in a list or in none."""
    said = {}
    for package in ("fastapi", "flask"):
        files = {path: text.format(package) for path, text in LISTS[name].items()}
        result = checked(tmp_path / package, "BA011", files, auth_package_manager="pip")
        said[package] = "imports fastapi" in f"{result.message}\n{result.detail}"
    assert said == {"fastapi": False, "flask": True}


@pytest.mark.parametrize("files", [{}, {"auth-server/package.json": "{}"}])
def test_an_auth_server_without_source_is_found(
    tmp_path: Path, files: Mapping[str, str]
) -> None:
    """One in JavaScript is a server of the user's own, and is let alone."""
    result = checked(tmp_path / "none", "BA002", files)
    assert result.status is Status.FAIL
    assert "auth-server has no source" in result.message
    own = {**files, "auth-server/server.js": "import 'better-auth';\n"}
    assert checked(tmp_path / "own", "BA002", own).status is Status.PASS


@pytest.mark.parametrize("name", ["DATABASE_URL", "BETTER_AUTH_URL", "CORS_ORIGINS"])
def test_a_variable_that_the_server_needs_is_missed(tmp_path: Path, name: str) -> None:
    """With its line in .env, before anything is started."""
    lines = (
        "DATABASE_URL=postgresql://db/app",
        "BETTER_AUTH_URL=http://localhost:3001",
    )
    text = "\n".join((*lines, "CORS_ORIGINS=http://localhost:3000", ""))
    given = next(line for line in text.splitlines() if line.startswith(name))
    for env, missed in ((text, False), (text.replace(given, f"{name}="), True)):
        root = tmp_path / str(missed)
        checked(root, "BA001", {"auth-server/.env": env})
        given_answers = parse_answers({})
        facts = discover(root)
        whole = Integration(root=root, answers=given_answers, facts=facts)
        (result,) = run_checks(whole, only="BA009", probe=True)
        assert (f"{name} is empty" in result.message) == missed
        assert missed == (result.status is Status.FAIL)
