"""BA012: secrets must be strong, and out of git's reach."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbum import CommandNotFound, ProcessTimedOut, local

from ..host_database import entries
from ..model import Evidence, Finding, Status
from ._check import Check

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import Integration

_LEAST = 32


class SecretHygiene(Check):
    """Whoever reads BETTER_AUTH_SECRET can sign in as anybody.

    It signs every session cookie. It must be long and random, and the ``.env`` that
    holds it must be ignored by git and readable by its owner alone. Make another with
    ``openssl rand -base64 32``.
    """

    code = "BA012"
    name = "secret-hygiene"
    healthy = "the secret is strong, and git ignores the file that holds it"

    def detect(self, integration: Integration) -> Iterator[Finding]:
        """Ask git about the file, and measure the secret without showing it."""
        path = f"{integration.answers.auth_server_dir}/.env"
        file = integration.root / path
        evidence = (Evidence(path=path, why="read here"),)
        if not file.is_file():
            yield Finding(
                message=".env does not exist",
                evidence=evidence,
                remedy="run copier copy again, or copy .env.example and fill it in",
                severity=Status.WARN,
            )
            return
        if self._tracked(integration, path):
            yield Finding(
                message="git tracks .env",
                evidence=evidence,
                remedy=f"git rm --cached {path}, then make a new secret",
            )
        secret = entries(file.read_text(errors="replace")).get("BETTER_AUTH_SECRET", "")
        if len(secret) < _LEAST:
            yield Finding(
                message=f"BETTER_AUTH_SECRET has fewer than {_LEAST} characters",
                evidence=evidence,
                remedy="make another: openssl rand -base64 32",
            )
        if file.stat().st_mode & 0o077:
            yield Finding(
                message=".env can be read by other users of this machine",
                evidence=evidence,
                remedy=f"chmod 600 {path}",
                severity=Status.WARN,
            )

    @staticmethod
    def _tracked(integration: Integration, path: str) -> bool:
        try:
            git = local["git"]["-C", str(integration.root)]
            code, _, _ = git["ls-files", "--error-unmatch", "--", path].run(
                retcode=None, timeout=30
            )
        except (CommandNotFound, ProcessTimedOut):
            return False
        return bool(code == 0)
