"""Add the auth server to a compose file that the project has.

Before::

    services:
      db:
        image: postgres:17

After::

    services:
      db:
        image: postgres:17

      auth-server:
        build: ./auth-server
        env_file: ./auth-server/.env
        ...
        depends_on:
          - db

The file is parsed to understand it and to check the result; what is written is one
block of text, so that comments and formatting stay as they are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from ruamel.yaml.comments import CommentedMap

from ..model import FileEdit, ManualStep, Place, Skip, Where
from ..repository.yaml import YAMLError, load_yaml

if TYPE_CHECKING:
    from ..answers import Answers
    from ..model import Integration
    from .staging import Staging

_OPERATION = "add-compose-service"
_NAMES = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
_SERVICE = "auth-server"
_OTHER_NAME = "better-auth"
_POSTGRES = re.compile(r"(^|/)(postgres|postgis|pgvector|timescaledb)(ql)?([:@/-]|$)")
# What an image of PostgreSQL is given; a literal stays where it is written.
_PARTS = ("POSTGRES_USER", "POSTGRES_PASSWORD", "POSTGRES_DB")


@dataclass(frozen=True, kw_only=True)
class _Compose:
    """A compose file: its text, its services, and where a further one goes."""

    path: str
    source: str
    services: CommentedMap
    indent: int
    end: int  # the line, from 0, before which a service is put


def add_compose_service(  # noqa: PLR0911 - one refusal a line
    integration: Integration, staging: Staging
) -> FileEdit | ManualStep | Skip:
    """Add the service where Docker was chosen; skip where it is there already."""
    answers = integration.answers
    if answers.auth_deployment != "docker":
        why = "Docker was not chosen"
        return Skip(operation=_OPERATION, path=".", why=why)
    path = next((n for n in _NAMES if n in staging.repository.file_set), None)
    if path is None:
        why = "the project has no compose file of its own"
        return Skip(operation=_OPERATION, path=".", why=why)
    source = staging.text(path) or ""
    compose = _read(path, source)
    if isinstance(compose, str):
        return _manual(answers, path, compose, staging)
    for name, service in compose.services.items():
        if _builds(service, answers.auth_server_dir):
            why = f"the service {name} runs the auth server already"
            return Skip(operation=_OPERATION, path=path, why=why)
    if _SERVICE in compose.services:
        why = f"a service called {_SERVICE} is there, of another folder"
        return _manual(answers, path, why, staging)
    after = _with_service(compose, answers)
    if after is None:
        return _manual(answers, path, "no safe place was found", staging)
    return FileEdit(
        path=path,
        before=staging.read(path),
        after=after.encode(),
        why=(f"run the auth server as the service {_SERVICE}",),
    )


def _read(path: str, source: str) -> _Compose | str:
    """Read the file, or say why it cannot be added to."""
    try:
        document = load_yaml(source, keep_places=True)
    except YAMLError:
        return "the file is no YAML that can be read"
    services = document.get("services") if isinstance(document, CommentedMap) else None
    if not isinstance(services, CommentedMap) or not services:
        return "it has no services to add one to"
    if services.fa.flow_style():
        return "its services are written in braces"
    first_line, indent = services.lc.key(next(iter(services)))
    lines = source.splitlines()
    end = len(lines)
    for number in range(first_line + 1, len(lines)):
        line = lines[number]
        if line.strip() and not line.startswith((" ", "\t", "#")):
            end = number
            break
    while end and (not lines[end - 1].strip() or lines[end - 1].startswith("#")):
        end -= 1
    return _Compose(path=path, source=source, services=services, indent=indent, end=end)


def _builds(service: object, folder: str) -> bool:
    if not isinstance(service, CommentedMap):
        return False
    build = service.get("build")
    context = build.get("context") if isinstance(build, CommentedMap) else build
    return isinstance(context, str) and PurePosixPath(context) == PurePosixPath(folder)


def _with_service(compose: _Compose, answers: Answers) -> str | None:
    newline = "\r\n" if "\r\n" in compose.source else "\n"
    margin = " " * compose.indent
    block = [
        f"{margin}{line}" if line else ""
        for line in _service(answers, compose.services).splitlines()
    ]
    lines = compose.source.splitlines(keepends=True)
    above = lines[: compose.end]
    if above and not above[-1].endswith("\n"):
        above[-1] += newline
    spaced = any(not line.strip() for line in above) and len(compose.services) > 1
    apart = [newline] if spaced else []
    added = [*apart, *(f"{line}{newline}" for line in block)]
    after = "".join([*above, *added, *lines[compose.end :]])
    return after if _only_adds(compose, after) else None


def _only_adds(compose: _Compose, after: str) -> bool:
    """Read both texts again: all that was there must be as it was."""
    try:
        old, new = load_yaml(compose.source), load_yaml(after)
    except YAMLError:
        return False
    services = new["services"] if isinstance(new, dict) else {}
    return services.pop(_SERVICE, None) is not None and old == new


def _service(answers: Answers, services: CommentedMap) -> str:
    folder = answers.auth_server_dir
    database = next((n for n, s in services.items() if _is_postgres(s)), None)
    lines = [
        f"{_SERVICE}:",
        f"  build: ./{folder}",
        f"  env_file: ./{folder}/.env",
        "  environment:",
        f"    DATABASE_URL: {_url(database, services)}",
        "  ports:",
        '    - "127.0.0.1:3001:3001"',
        "  restart: unless-stopped",
    ]
    if database is not None:
        lines += ["  depends_on:", f"    {database}:"]
        healthy = "healthcheck" in services[database]
        lines.append(f"      condition: service_{'healthy' if healthy else 'started'}")
    return "\n".join(lines)


def _is_postgres(service: object) -> bool:
    image = service.get("image") if isinstance(service, CommentedMap) else None
    return isinstance(image, str) and _POSTGRES.search(image) is not None


def _url(database: str | None, services: CommentedMap) -> str:
    """Compose the URL from the variables that the database's own service is given."""
    required = "${AUTH_DATABASE_URL:?postgresql://user:password@host:5432/database}"
    if database is None:
        return required
    given = _environment(services[database].get("environment"))
    parts = [given.get(name, "") for name in _PARTS]
    if not all(part.startswith("$") for part in parts):
        return required
    user, password, name = parts
    return f"postgresql://{user}:{password}@{database}:5432/{name}"


def _environment(written: object) -> dict[str, str]:
    """Read either form: a mapping, or a list of ``NAME=value``."""
    if isinstance(written, CommentedMap):
        return {str(k): str(v or f"${{{k}}}") for k, v in written.items()}
    pairs = [str(entry).partition("=") for entry in written or ()]  # type: ignore[attr-defined]
    return {name: value or f"${{{name}}}" for name, _, value in pairs}


def _manual(
    answers: Answers, path: str, why: str, staging: Staging
) -> ManualStep | Skip:
    """Return the file that Docker Compose reads after the project's own, whole."""
    override = _override(path)
    if staging.text(override) is not None:
        why = "is there, and read after the project's compose file"
        return Skip(operation=_OPERATION, path=override, why=why)
    service = _service(answers, CommentedMap())
    if _SERVICE in (staging.text(path) or ""):
        service = service.replace(f"{_SERVICE}:", f"{_OTHER_NAME}:", 1)
    return ManualStep(
        operation=_OPERATION,
        path=override,
        why=f"{path}: {why}",
        snippet=f"services:\n{_indented(service)}",
        place=Place(where=Where.NEW),
    )


def _override(path: str) -> str:
    stem, _, ending = path.rpartition(".")
    return f"{stem}.override.{ending}"


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())
