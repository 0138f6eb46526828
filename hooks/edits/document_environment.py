"""Say in the backend's example env file what FastAPI needs in production.

Before::

    DATABASE_URL=postgresql://localhost/app

After::

    DATABASE_URL=postgresql://localhost/app

    # Read by the auth package. In development they come from auth-server/.env.
    # BETTER_AUTH_SECRET=
    # BETTER_AUTH_URL=http://localhost:3001
    # CORS_ORIGINS=http://localhost:3000

They are there as comments: the file is copied to ``.env``, and settings that forbid
what they do not know would refuse the names.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..model import FileEdit, Skip
from ..syntax.encoding import encoded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..answers import Answers
    from ..model import Integration
    from ..repository.staging import Staging

_OPERATION = "document-environment"
_NAMES = (".env.example", ".env.sample", ".env.template", ".env.dist", "env.example")


def document_environment(integration: Integration, staging: Staging) -> FileEdit | Skip:
    """Add the names to the backend's example; make none where there is none."""
    answers = integration.answers
    path = _example(answers.auth_backend_dir, staging)
    if path is None:
        why = "there is no example env file"
        return Skip(operation=_OPERATION, path=answers.auth_backend_dir, why=why)
    source = staging.text(path) or ""
    missing = {
        name: value
        for name, value in _variables(answers).items()
        if not re.search(rf"(?m)^[ \t]*(?:#[ \t]*)?(?:export )?{name}[ \t]*=", source)
    }
    if not missing:
        why = "names what FastAPI needs already"
        return Skip(operation=_OPERATION, path=path, why=why)
    newline = "\r\n" if "\r\n" in source else "\n"
    server = answers.auth_server_dir
    lines = [
        f"# Read by the auth package. In development they come from {server}/.env.",
        *(f"# {name}={value}" for name, value in missing.items()),
    ]
    apart = "" if not source else newline if source.endswith("\n") else newline * 2
    after = source + apart + "".join(f"{line}{newline}" for line in lines)
    return FileEdit(
        path=path,
        before=staging.read(path),
        after=encoded(after, staging.read(path)),
        why=(f"name {', '.join(missing)} for production",),
    )


def _example(backend_dir: str, staging: Staging) -> str | None:
    for folder in dict.fromkeys((backend_dir, ".")):
        for name in _NAMES:
            path = name if folder == "." else f"{folder}/{name}"
            if path in staging.repository.file_set:
                return path
    return None


def _variables(answers: Answers) -> Mapping[str, str]:
    secret = {"BETTER_AUTH_SECRET": ""} if answers.shares_database else {}
    return {
        **secret,
        "BETTER_AUTH_URL": "http://localhost:3001",
        "CORS_ORIGINS": answers.auth_cors_origins,
    }
