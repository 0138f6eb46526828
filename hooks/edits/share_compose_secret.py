"""Let compose put the auth server's secret into both services.

Compose reads ``.env`` next to the compose file for each ``${...}``, so that the secret
is written there too: where git ignores that file, and nothing else that reads it would
refuse a name that it does not know.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..env.dotenv import entries
from ..model import FileEdit, ManualStep, Place, Skip, Where
from ..repository import git
from .add_compose_service import project_compose

if TYPE_CHECKING:
    from ..model import Integration
    from ..repository.staging import Staging

_OPERATION = "share-compose-secret"
_NAME = "BETTER_AUTH_SECRET"
_PRIVATE = 0o600
# Pydantic's settings refuse what they do not know in a file, unless told otherwise.
_TOLERANT = re.compile(
    r"extra[\"']?\s*[=:]\s*(?:[\"'](?:ignore|allow)|Extra\.(?:ignore|allow))"
)


def share_compose_secret(
    integration: Integration, staging: Staging
) -> FileEdit | ManualStep | Skip:
    """Add the secret to compose's own env file, or say what to type instead."""
    compose = project_compose(integration, staging)
    if isinstance(compose, Skip | str):
        why = compose.why if isinstance(compose, Skip) else compose
        return Skip(operation=_OPERATION, path=".", why=why)
    path = ".env" if compose.folder == "." else f"{compose.folder}/.env"
    text = staging.text(path)
    if entries(text or "").get(_NAME):
        return Skip(operation=_OPERATION, path=path, why=f"names {_NAME}")
    server = f"{integration.answers.auth_server_dir}/.env"
    secret = entries(staging.text(server) or "").get(_NAME)
    ignored = git.holds(integration.root, "check-ignore", "--quiet", "--", path)
    tracked = git.output(integration.root, "ls-files", "--", path)
    if not ignored or tracked or not secret or _is_strict(staging):
        return ManualStep(
            operation=_OPERATION,
            path=path,
            why="docker compose gives both services the secret that its shell has",
            snippet=(
                f"export $(grep '^{_NAME}=' {server})\n"
                f"docker compose --file {compose.path} up --build --detach"
            ),
            place=Place(where=Where.RUN),
        )
    before = text or ""
    newline = "\r\n" if "\r\n" in before else "\n"
    apart = newline if before and not before.endswith("\n") else ""
    return FileEdit(
        path=path,
        before=staging.read(path),
        after=f"{before}{apart}{_NAME}={secret}{newline}".encode(),
        why=(f"give both services of {compose.path} the same secret",),
        secret=True,
        mode=None if text is not None else _PRIVATE,
    )


def _is_strict(staging: Staging) -> bool:
    """Return True if settings of the project may refuse a name that is new to them."""
    return any(
        "BaseSettings" in text and "env_file" in text and not _TOLERANT.search(text)
        for path in staging.repository.files
        if path.endswith(".py") and (text := staging.text(path) or "")
    )
