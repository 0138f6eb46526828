"""Write the auth server's ``.env`` once: a fresh secret, the database, the addresses.

Never rendered by Copier, because an update would change or delete it; never shown. One
that an undo has put aside comes back: a database was made with its password.
"""

from __future__ import annotations

import re
import secrets
import socket
from typing import TYPE_CHECKING

from ..env.database_url import development_url, for_node
from ..env.dotenv import entries
from ..model import FileEdit, ManualStep, Place, Skip, Where
from ..repository import Repository
from ..repository.compose import (
    POSTGRES_PORT,
    Compose,
    database_url,
    interpolated,
    read_compose,
    url_on_this_machine,
)
from ..syntax.yaml_blocks import indentation
from ..workspace import STATE_FOLDER, Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..answers import Answers
    from ..model import Integration
    from ..repository.staging import Staging
    from ..workspace.record import Kept

_OPERATION = "create-env-file"
_PRIVATE = 0o600
_SERVER_PORT = 3001
# Without a user, with a password that is empty, or without a database.
_INCOMPLETE = re.compile(r"://(?:[:@]|[^/@]{1,300}:@)|/$")


def create_env_file(
    integration: Integration, staging: Staging
) -> Iterator[FileEdit | ManualStep | Skip]:
    """Create it where it is missing; leave one that exists exactly as it is."""
    answers = integration.answers
    path = f"{answers.auth_server_dir}/.env"
    # Git ignores the file, so the disk is asked, not the list of tracked files.
    if staging.read(path) is not None or (integration.root / path).exists():
        yield Skip(operation=_OPERATION, path=path, why="exists, and is yours")
        return
    kept = Workspace(integration.root).kept_secret(path)
    if kept is not None:
        yield from _brought_back(*kept)
        return
    aside = f"{answers.auth_server_dir}/{STATE_FOLDER}/.env"
    if Repository(integration.root).read(aside) is not None:
        yield ManualStep(
            operation=_OPERATION,
            path=aside,
            why="was not put there by an undo of yours on this machine; a fresh one is "
            "made. If it is yours, and you want its database back",
            snippet=f"mv -f {aside} {path}",
            place=Place(where=Where.RUN),
        )
    yield FileEdit(
        path=path,
        before=None,
        after=_text(answers, _database_url(integration, staging)).encode(),
        why=("a fresh secret and the addresses of development",),
        secret=True,
        mode=_PRIVATE,
    )


def _brought_back(kept: Kept, data: bytes) -> Iterator[FileEdit]:
    for path, before, after, why in (
        (kept.path, None, data, "as an undo had put it aside"),
        (kept.at, data, None, "goes back to its place"),
    ):
        yield FileEdit(
            path=path,
            before=before,
            after=after,
            why=(why,),
            secret=True,
            mode=_PRIVATE,
        )


def require_database_url(
    integration: Integration, staging: Staging
) -> ManualStep | Skip:
    """Ask for the URL where none was found in the backend's own env files."""
    path = f"{integration.answers.auth_server_dir}/.env"
    text = staging.text(path) or ""
    if entries(text).get("DATABASE_URL"):
        return Skip(operation=_OPERATION, path=path, why="names the database already")
    return ManualStep(
        operation=_OPERATION,
        path=path,
        why="the database that both servers share was not found in an env file",
        snippet="DATABASE_URL=postgresql://user:password@host:5432/database",
        place=_url_line(text),
    )


def _url_line(text: str) -> Place:
    """Return the line that has no URL yet, in a file that is the user's by now."""
    for number, line in enumerate(text.splitlines(), start=1):
        if line.rstrip() == "DATABASE_URL=":
            return Place(where=Where.INSTEAD, anchor=line.rstrip(), line=number)
    return Place(where=Where.END)


def publish_database_port(
    integration: Integration, staging: Staging
) -> ManualStep | Skip:
    """Ask for the port of a database that only compose's own services reach."""
    operation = "publish-database-port"
    compose = _compose(integration, staging)
    name = compose.database if compose else None
    env = staging.text(f"{integration.answers.auth_server_dir}/.env") or ""
    outside = "@localhost:" in entries(env).get("DATABASE_URL", "")
    if compose is None or name is None or not outside:
        why = "the database is not one of the compose file's"
        return Skip(operation=operation, path=".", why=why)
    if compose.published(name, POSTGRES_PORT):
        why = f"the port of {name} is published"
        return Skip(operation=operation, path=compose.path, why=why)
    lines = compose.source.splitlines()
    service = compose.services[name]
    at = compose.services.lc.key(name)[0]
    inner = " " * indentation(lines[service.lc.key(next(iter(service)))[0]])
    written = f'{inner}  - "127.0.0.1:{POSTGRES_PORT}:{POSTGRES_PORT}"'
    if "ports" in service:
        at = service.lc.key("ports")[0]
    else:
        written = f"{inner}ports:\n{written}"
    return ManualStep(
        operation=operation,
        path=compose.path,
        why=f"only its own services reach {name}, so dev:all, outside of it, does not",
        snippet=written,
        place=Place(where=Where.BELOW, anchor=lines[at].rstrip(), line=at + 1),
    )


def _database_url(integration: Integration, staging: Staging) -> str:
    """Return the address that holds outside compose, where dev:all runs."""
    answers = integration.answers
    if answers.auth_database_provider == "embedded":
        password = secrets.token_urlsafe(24)
        return f"postgresql://app:{password}@127.0.0.1:{_free_port()}/app"
    found = development_url(staging.text, answers.auth_backend_dir)
    compose = _compose(integration, staging)
    if compose is None:
        return found or ""
    env = f"{compose.folder}/.env".removeprefix("./")
    variables = entries(staging.text(env) or "")
    if found is None:
        inside = database_url(compose, integration.facts.compose_service.value)
        found = for_node(interpolated(inside or "", variables))
        if found and _INCOMPLETE.search(found):
            return ""  # what is missing is in an environment that is not here yet
    return interpolated(url_on_this_machine(compose, found), variables) if found else ""


def _compose(integration: Integration, staging: Staging) -> Compose | None:
    path = integration.facts.compose_file.value
    found = read_compose(path, staging.text(path) or "") if path else None
    return found if isinstance(found, Compose) else None


def _text(answers: Answers, database_url: str) -> str:
    lines = [
        "# Written once by copier-better-auth, ignored by git: never commit it.",
        "# What each variable is for: .env.example",
        f"DATABASE_URL={database_url}",
        f"BETTER_AUTH_SECRET={secrets.token_urlsafe(48)}",
        f"BETTER_AUTH_URL=http://localhost:{_SERVER_PORT}",
        f"CORS_ORIGINS={','.join(answers.origins)}",
        f"PORT={_SERVER_PORT}",
    ]
    lines += [f"{variable.name}=" for variable in answers.service_variables]
    return "\n".join(lines) + "\n"


def _free_port() -> int:
    """Return a free port for a database.

    Below the range that systems hand out for a moment, so that it stays free.
    """
    while True:
        port = 15_432 + secrets.randbelow(10_000)
        with socket.socket() as listener:
            try:
                listener.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
