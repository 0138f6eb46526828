"""Check that git ignores the auth server's secrets, whatever the project's own rules.

The auth server's folder brings a ``.gitignore``; a project that un-ignores what stands
there, or tracks it already, is told so. Nothing of the user's is changed.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from ..model import FileEdit, ManualStep, Place, Skip, Where
from ..repository import git

if TYPE_CHECKING:
    from ..model import Integration
    from ..repository.staging import Staging

_OPERATION = "ignore-env-file"


def ignore_env_file(
    integration: Integration, staging: Staging
) -> FileEdit | ManualStep | Skip:
    """Ask git itself; a manual step where it would commit the secret."""
    del staging  # git answers for the disk, and no edit touches its rules
    path = f"{integration.answers.auth_server_dir}/.env"
    ignored = git.holds(integration.root, "check-ignore", "--quiet", "--", path)
    if ignored:
        return Skip(operation=_OPERATION, path=path, why="git ignores it")
    if ignored is None:
        return Skip(operation=_OPERATION, path=path, why="not a git repository")
    if git.output(integration.root, "ls-files", "--", path):
        return ManualStep(
            operation=_OPERATION,
            path=path,
            why=f"git tracks {path}, which holds a secret",
            snippet=shlex.join(["git", "rm", "--cached", "--quiet", "--", path]),
            place=Place(where=Where.RUN),
        )
    return ManualStep(
        operation=_OPERATION,
        path=".gitignore",
        why=f"git does not ignore {path}, which holds a secret",
        snippet=f"/{path}",
        place=Place(where=Where.END),
    )
