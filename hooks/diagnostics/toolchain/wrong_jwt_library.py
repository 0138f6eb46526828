"""Names of JWT libraries with which no token is verified."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...syntax.python import line, text
from .._check import Broken, problem, repairable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import Finding
    from .._project import Project

BROKEN = (
    Broken(
        title="python-jose for tokens",
        path="{package}/tokens.py",
        before="import jwt\n",
        after="from jose import jwt\n",
        project="jwt",
    ),
    Broken(
        title="an exception that PyJWT does not have",
        path="{package}/tokens.py",
        before="jwt.PyJWTError",
        after="jwt.JWTError",
        project="jwt",
        fixed=True,
    ),
)


def find(project: Project) -> Iterator[Finding]:
    """Look for another library, and for names that PyJWT does not have."""
    for path, module in project.modules.items():
        for found in module.imports:
            if found.module.partition(".")[0] == "jose" and not found.level:
                yield problem(
                    "python-jose cannot verify EdDSA, which better-auth signs with",
                    path,
                    found.line,
                    remedy="import jwt, of pyjwt[crypto]",
                )
        for node in module.nodes("attribute"):
            if text(node) == "jwt.JWTError":
                yield repairable(
                    "PyJWT has no JWTError, so that a bad token is a 500",
                    path,
                    line(node),
                    title="wrote jwt.PyJWTError for jwt.JWTError",
                    before=module.source,
                    after=module.source[: node.start_byte]
                    + b"jwt.PyJWTError"
                    + module.source[node.end_byte :],
                )
