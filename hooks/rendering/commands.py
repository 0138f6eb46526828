"""What to type with each package manager, for documents and for the last message."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from .. import ANSWERS_FILE
from ..answers.choices import ON_HOST
from ..answers.paths import requirement, uvicorn_dir
from ..catalogue.package_managers import node_manager, python_manager

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..answers import Answers

# A new project has no requirements.txt.
_INSTALL_NEW_PROJECT = {"pip": "python3 -m venv .venv && .venv/bin/pip install ."}
_WEB_ADDRESS = re.compile(r"https://[\w.-]+(?::\d+)?(?:/[\w.~-]+)+", re.ASCII)
_OWN_COMMAND = re.compile(r"(?<![\w/.-])copier(?:-better-auth| update| copy) ")


def install_python(manager: str, *, new_project: bool) -> str:
    """Return the command that installs the backend's packages, in its folder."""
    if new_project and manager in _INSTALL_NEW_PROJECT:
        return _INSTALL_NEW_PROJECT[manager]
    return python_manager(manager).install


def install_in_image(manager: str) -> str:
    """Return the command that installs them into a container image, in its folder."""
    # As root, for a user who may only read: into the image's Python, or /srv/.venv.
    given = python_manager(manager).install_in_image
    return given.replace("pip install", "pip install --no-cache-dir")


def install_node(manager: str) -> str:
    """Return the command that installs the auth server's packages, in its folder."""
    return node_manager(manager).install


def run_python(manager: str, *, new_project: bool) -> str:
    """Return what is before a Python tool's name, in the backend's folder."""
    if manager == "pip" and new_project:
        return ".venv/bin/"
    return python_manager(manager).run


def run_alembic(answers: Answers, command: str) -> str:
    """Return a command of Alembic as this project calls it, typed at the root."""
    call = alembic_command(
        answers.auth_package_manager,
        answers.auth_alembic_options,
        new_project=answers.auth_new_project,
    )
    return within(answers.alembic_dir, f"{call} {command}")


def alembic_command(manager: str, options: str, *, new_project: bool) -> str:
    """Return how a project calls Alembic in its folder: ``uv run alembic -c x.ini``."""
    run = run_python(manager, new_project=new_project)
    return f"{run}alembic {options}".rstrip()


def run_uvicorn(app: str, import_root: str, backend_dir: str) -> str:
    """Return the command that serves the application, in the backend's folder."""
    parts = ["uvicorn", app.removesuffix("()")]
    if app.endswith("()"):
        parts.append("--factory")
    if folder := uvicorn_dir(import_root, backend_dir):
        parts += ["--app-dir", folder]
    return " ".join(parts)


def start_in_compose(
    compose_file: str, service: str, migration: str, *, alembic: str, uvicorn: str
) -> tuple[str, ...]:
    """Return what starts a project that has a compose file, from its root.

    ``service`` is FastAPI's, where one certainly is, and ``migration`` what follows
    ``docker compose`` to migrate there, or that it is done outside. The other commands
    are those of the backend's folder, ``alembic`` only where Alembic makes the tables.
    """
    compose = "docker compose"
    if "/" in compose_file:
        compose += f" --file {compose_file}"
    up = f"{compose} up --build --detach"
    if not service:
        return tuple(filter(None, (up, alembic, uvicorn)))
    if not alembic or not migration:
        return (up,)
    return (up, alembic if migration == ON_HOST else f"{compose} {migration}")


def source_of(template: str) -> str:
    """Return what ``uvx --with`` takes for the template, without anybody's password."""
    found = requirement(template)
    return re.sub(r"(?<=://)[^/@\s]*:[^/@\s]*@|(?<=https://)[^/@\s]+@", "", found)


def repository_page(template: str) -> str:
    """Return where a browser shows the template's repository; "" if that is not sure.

    Documents link there. Anything but a plain https address, a folder of this machine
    or one with a user's name in it for example, is no link.
    """
    address = source_of(template).removeprefix("git+").rstrip("/").removesuffix(".git")
    return address if _WEB_ADDRESS.fullmatch(address) else ""


def tool(template: str) -> str:
    """Return how ``copier-better-auth`` is started, given the template's source."""
    return f"uvx --from {source_of(template)} copier-better-auth"


def within(folder: str, command: str) -> str:
    """Return a command as it is typed at the repository's root, run in a folder."""
    return command if folder == "." else f"(cd {shlex.quote(folder)} && {command})"


def as_typed(text: str, source: str) -> str:
    """Return a remedy with its commands as they work anywhere, given the source.

    Neither ``copier`` nor ``copier-better-auth`` need be on the path.
    """
    if not source or "uvx " in text:
        return text
    started = {
        "copier-better-auth ": f"uvx --from {source} copier-better-auth ",
        "copier update ": f"uvx --with {source} copier update ",
        "copier copy ": f"uvx --with {source} copier copy ",
    }
    return _OWN_COMMAND.sub(lambda found: started[found[0]], text)


def copier_command(operation: str, template: str, answers: Answers) -> str:
    """Return the command that does a run again: every answer, on one line."""
    source = source_of(template) or "TEMPLATE"
    words = ["uvx", "--with", source, "copier", operation, "--trust", "--defaults"]
    if operation == "update":
        words += ["-a", ANSWERS_FILE]
    for name, value in _given(answers):
        words += ["-d", f"{name}={value}"]
    if operation == "copy":
        words += [source, "."]
    return shlex.join(words)


def _given(answers: Answers) -> Iterator[tuple[str, str]]:
    """Yield each answer as ``-d`` takes it."""
    for name, value in answers.model_dump(mode="json").items():
        found = name in {"auth_schema_additions", "auth_plugin_endpoints"}
        if found or value is None:
            continue  # what sync finds is not for anybody to type
        if isinstance(value, list):
            yield name, f"[{', '.join(map(str, value))}]"
        else:
            yield name, str(value).lower() if isinstance(value, bool) else str(value)
