"""The secrets' own values in what git tracks, or would track."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ... import ANSWERS_FILE
from ...env.secret_values import OF_DATABASE, is_guessable, values_in
from .._check import Broken, problem, warning
from . import filled_example

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import Finding
    from .._project import Project

_IN_PRODUCTION = "leave it for development; the database of production needs another"
_MOST_BYTES = 400_000
_NO_TEXT = (".gif", ".ico", ".jpeg", ".jpg", ".pdf", ".png", ".webp", ".woff", ".woff2")

BROKEN = (
    Broken(
        title="the secret's value in a tracked file",
        path="docs/notes.md",
        after="The secret is {secret}.\n",
    ),
    Broken(
        title="the secret's value in the answers",
        path=ANSWERS_FILE,
        after="auth_note: {secret}\n",
    ),
)


def find(project: Project) -> Iterator[Finding]:
    """Look for the secrets' own values in what git tracks or would track."""
    secrets = tuple(values_in(project.variables))
    for path in project.files:
        name = path.rpartition("/")[2]
        if path == project.env_path:
            continue
        if name.startswith(".env") and ".example" in name:
            yield from filled_example.find(project, path)
        if not secrets or path.endswith(_NO_TEXT) or _is_large(project, path):
            continue
        data = project.read(path) or b""
        for variable, value in secrets:
            if value in data:
                number = data.count(b"\n", 0, data.index(value)) + 1
                message = f"{path} holds the value of {variable}"
                if variable == OF_DATABASE and is_guessable(project.variables):
                    message += ", which can be guessed; it is of this machine alone"
                    yield warning(message, path, number, remedy=_IN_PRODUCTION)
                    continue
                yield problem(
                    message,
                    path,
                    number,
                    remedy=f"take it out, and make a new {variable}: it is known now",
                )


def _is_large(project: Project, path: str) -> bool:
    try:
        return (project.root / path).lstat().st_size > _MOST_BYTES
    except OSError:
        return False
