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
        environment:
          DATABASE_URL: ${AUTH_DATABASE_URL:-postgresql://app:${PASSWORD}@db:5432/app}
          ...
        depends_on:
          - db

The file is parsed to understand it and to check the result; what is written is one
block of text, so that comments and formatting stay as they are. Nothing in it requires
a variable: what the environment was enough for before, it is enough for after.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any

from ruamel.yaml.comments import CommentedMap

from ..model import FileEdit, ManualStep, Place, Skip, Where
from ..repository.compose import (
    POSTGRES_PORT,
    Compose,
    backend_service,
    database_url,
    networks,
    override_of,
    read_compose,
)
from ..syntax.yaml import YAMLError, load_yaml
from ..syntax.yaml_blocks import appended

if TYPE_CHECKING:
    from ..answers import Answers
    from ..model import Integration
    from ..repository.staging import Staging

_OPERATION = "add-compose-service"
NAMES = ("auth-server", "better-auth", "better-auth-server")
_DATABASE = "auth-database"
PORT = 3001
_MIGRATE = "node dist/migrate.js"
_AUTH_URL = "${AUTH_DATABASE_URL:-%s}"


def add_compose_service(
    integration: Integration, staging: Staging
) -> FileEdit | ManualStep | Skip:
    """Add the service where Docker was chosen; skip where it is there already."""
    answers = integration.answers
    compose = project_compose(integration, staging)
    if isinstance(compose, Skip):
        return compose
    path = integration.facts.compose_file.value or ""
    for found in (compose, override(path, staging)):
        if isinstance(found, Compose) and (name := auth_service(found, answers)):
            why = f"the service {name} runs the auth server already"
            return Skip(operation=_OPERATION, path=found.path, why=why)
    if isinstance(compose, str):
        return _manual(answers, path, compose, staging)
    api = backend_service(compose, answers.auth_backend_dir, staging.text)
    if any(
        compose.services[name].get("network_mode")
        for name in (api, compose.database)
        if name
    ):
        why = "its services are on the machine's own network"
        return _manual(answers, compose.path, why, staging)
    block = _services(answers, compose, api)
    after = appended(compose.source, "services", block)
    if after is None or not _only_adds(compose, after):
        return _manual(answers, path, "no safe place was found", staging)
    return FileEdit(
        path=compose.path,
        before=staging.read(compose.path),
        after=after.encode(),
        why=(f"run the auth server as the service {_name(compose)}",),
    )


def project_compose(integration: Integration, staging: Staging) -> Compose | str | Skip:
    """Return the compose file that is edited, why it cannot be, or why none is."""
    path = integration.facts.compose_file.value
    why = ""
    if integration.answers.auth_deployment != "docker":
        why = "Docker was not chosen"
    elif path is None:
        why = "the project has no compose file of its own"
    if path is None or why:
        return Skip(operation=_OPERATION, path=".", why=why)
    return read_compose(path, staging.text(path) or "")


def auth_service(compose: Compose, answers: Answers) -> str | None:
    """Return the service that is built from the auth server's folder."""
    wanted = posixpath.relpath(answers.auth_server_dir, compose.folder)
    for name, service in compose.services.items():
        build = service.get("build") if isinstance(service, CommentedMap) else None
        context = build.get("context") if isinstance(build, CommentedMap) else build
        if isinstance(context, str) and posixpath.normpath(context) == wanted:
            return str(name)
    return None


def auth_port(compose: Compose) -> int:
    """Return the port of this machine for the auth server: 3001, or a free one."""
    taken = {
        port
        for service in compose.services.values()
        if isinstance(service, CommentedMap)
        for entry in service.get("ports") or ()
        for port in str(
            entry.get("published") if isinstance(entry, CommentedMap) else entry
        )
        .removesuffix("/tcp")
        .split(":")[:-1]
    }
    return next(port for port in range(PORT, PORT + 99) if str(port) not in taken)


def _only_adds(compose: Compose, after: str) -> bool:
    """Read both texts again: all that was there must be as it was."""
    old: Any
    new: Any
    try:
        old, new = load_yaml(compose.source), load_yaml(after)
    except YAMLError:
        return False
    new["services"].pop(_DATABASE, None)
    return new["services"].pop(_name(compose), None) is not None and old == new


def _name(compose: Compose | None) -> str:
    """Return a name for the service that no other has."""
    taken = compose.services if compose else ()
    return next(name for name in NAMES if name not in taken)


def _services(answers: Answers, compose: Compose | None, api: str | None) -> str:
    """Return the service, and a PostgreSQL where the project has another database."""
    if answers.auth_database_layer != "none" or (compose and compose.database):
        return _service(answers, compose, api)
    folder = _relative(answers, compose)
    return f"""\
{_service(answers, compose, api)}

{_DATABASE}:
  image: postgres:18
  environment:
    POSTGRES_PASSWORD: ${{AUTH_DATABASE_PASSWORD:-postgres}}
  volumes:
    - {folder}/.data/compose:/var/lib/postgresql
  restart: unless-stopped"""


def _service(answers: Answers, compose: Compose | None, api: str | None) -> str:
    port = auth_port(compose) if compose else PORT
    database = compose.database if compose else None
    url = database_url(compose, api) if compose else None
    if answers.auth_database_layer == "none" and database is None:
        database = _DATABASE
        login = "postgres:${AUTH_DATABASE_PASSWORD:-postgres}"
        url = f"postgresql://{login}@{_DATABASE}:{POSTGRES_PORT}/postgres"
    lines = [
        f"{_name(compose)}:",
        f"  build: {_relative(answers, compose)}",
    ]
    if answers.migrated_by == "server":
        lines.append(
            f'  command: ["sh", "-c", "{_MIGRATE} && exec node dist/server.js"]'
        )
    lines.append("  environment:")
    lines += [f"    {name}: {value}" for name, value in _variables(answers, url, port)]
    lines += [
        "  ports:",
        f'    - "127.0.0.1:{port}:{PORT}"',
        "  restart: unless-stopped",
    ]
    if compose is not None:
        joined = dict.fromkeys(
            network
            for name in (compose.database, api)
            if name
            for network in networks(compose.services[name]) or ["default"]
        )
        if list(joined) not in ([], ["default"]):
            lines += ["  networks:", *(f"    - {name}" for name in joined)]
    if database is not None:
        service = compose.services.get(database, {}) if compose else {}
        if profiles := service.get("profiles"):
            lines.append(f"  profiles: [{', '.join(map(str, profiles))}]")
        healthy = "healthy" if "healthcheck" in service else "started"
        lines += [
            "  depends_on:",
            f"    {database}:",
            f"      condition: service_{healthy}",
        ]
    return "\n".join(lines)


def _variables(answers: Answers, url: str | None, port: int) -> list[tuple[str, str]]:
    """Return what the auth server reads in compose, none of it required there."""
    names = [
        # Defaults are not nested: the oldest of compose reads none within another.
        ("DATABASE_URL", url if url and "$" in url else _AUTH_URL % (url or "")),
        ("BETTER_AUTH_SECRET", "${BETTER_AUTH_SECRET:-}"),
        ("BETTER_AUTH_SECRETS", "${BETTER_AUTH_SECRETS:-}"),
        ("BETTER_AUTH_URL", f"${{BETTER_AUTH_URL:-http://localhost:{port}}}"),
        ("CORS_ORIGINS", answers.auth_cors_origins.replace(" ", "")),
    ]
    if answers.sends_mail:
        # Without a sender, development prints mail; production does not start.
        names.append(("NODE_ENV", "${AUTH_NODE_ENV:-development}"))
    names += [
        ("LISTEN_HOST", "0.0.0.0"),  # noqa: S104 - in its container
        ("TRUST_PROXY", "${AUTH_TRUST_PROXY:-0}"),
    ]
    # Behind a proxy, FastAPI on a sibling host gets the session cookie only with these.
    optional = ["COOKIE_DOMAIN"] if answers.shares_database else []
    optional.append("CROSS_SITE_COOKIES")
    optional += [variable.name for variable in answers.service_variables]
    return [*names, *((name, f"${{{name}:-}}") for name in optional)]


def _relative(answers: Answers, compose: Compose | None) -> str:
    path = posixpath.relpath(
        answers.auth_server_dir, compose.folder if compose else "."
    )
    return path if path.startswith("../") else f"./{path}"


def override(path: str, staging: Staging) -> Compose | None:
    """Return the file that compose reads on top of another, where there is one."""
    name = override_of(path)
    source = staging.text(name)
    found = read_compose(name, source) if source else None
    return found if isinstance(found, Compose) else None


def in_override(
    operation: str, path: str, why: str, services: str, staging: Staging
) -> ManualStep:
    """Return the step that writes services, or parts of them, into that file."""
    name = override_of(path)
    lines = (staging.text(name) or "").splitlines()
    number = next(
        (n for n, line in enumerate(lines, 1) if line.rstrip() == "services:"), 0
    )
    place = Place(where=Where.BELOW, anchor="services:", line=number)
    return ManualStep(
        operation=operation,
        path=name,
        why=f"{path}: {why}",
        snippet=_indented(services) if number else f"services:\n{_indented(services)}",
        place=place if number else Place(where=Where.END if lines else Where.NEW),
    )


def _manual(answers: Answers, path: str, why: str, staging: Staging) -> ManualStep:
    return in_override(_OPERATION, path, why, _services(answers, None, None), staging)


def _indented(text: str) -> str:
    return "\n".join(f"  {line}".rstrip() for line in text.splitlines())
