"""BA012: secrets must be strong, and out of git's reach."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._check import Check
from . import (
    filled_example,
    missing_env_file,
    reachable_env_file,
    secret_in_code,
    secret_in_files,
    weak_secret,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import Finding
    from .._project import Project


class SecretHygiene(Check):
    """Who knows BETTER_AUTH_SECRET can sign in as any user.

    It signs every session cookie. It must be long and random, and the ``.env`` that
    holds it must be ignored by git and readable by its owner alone. No secret may
    be in a file that git tracks: not in code, not in the answers, not in a record,
    not under a name that a bundler publishes. Make another with
    ``openssl rand -base64 32``; one that was committed is known, so replace it. The
    guessable password of a database on this machine, as ``shop:shop_password``, is
    a default of development: a warning not to take it to production.
    """

    code = "BA012"
    name = "secret-hygiene"
    healthy = "the secret is strong, and git ignores the file that holds it"
    proof = "git asked about .env; every tracked file searched for each secret's value"
    example = "BETTER_AUTH_SECRET=<48 random characters, in a file that git ignores>"
    broken = (
        *weak_secret.BROKEN,
        *secret_in_code.BROKEN,
        *secret_in_files.BROKEN,
        *filled_example.BROKEN,
        *reachable_env_file.BROKEN,
        *missing_env_file.BROKEN,
    )

    def detect(self, project: Project) -> Iterator[Finding]:
        """Ask git about the file, and measure the secret without showing it."""
        path = project.env_path
        if project.read(path) is None:
            yield from missing_env_file.find(project, path)
        else:
            yield from reachable_env_file.find(project, path)
            yield from weak_secret.find(project, path)
        yield from secret_in_code.find(project)
        yield from secret_in_files.find(project)
