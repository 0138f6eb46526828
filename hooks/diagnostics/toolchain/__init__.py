"""BA011: Node, npm's lock and Python's packages must be the right ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._check import Check
from . import (
    broken_release,
    harmful_packages,
    installed_packages,
    lock_file,
    missing_exports,
    node_version,
    unlisted_packages,
    wrong_jwt_library,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import Finding
    from .._project import Project


class Toolchain(Check):
    """The right versions, pinned, and none of the packages that only look right.

    The auth server needs Node 20.12 and what its lock file pins. EdDSA tokens need
    ``pyjwt[crypto]``: without cryptography PyJWT has no EdDSA, and python-jose never
    has. The PyPI package ``better-auth-fastapi`` consists of one file, which
    overwrites FastAPI itself. The fix adds or corrects requirements; installing them
    is left to you.
    """

    code = "BA011"
    name = "toolchain"
    healthy = "Node, the lock file and Python's packages fit"
    proof = "manifests and lock files parsed; imports by syntax tree; node --version"
    example = 'dependencies = ["pyjwt[crypto]>=2.8"]'
    broken = (
        *lock_file.BROKEN,
        *broken_release.BROKEN,
        *missing_exports.BROKEN,
        *harmful_packages.BROKEN,
        *unlisted_packages.BROKEN,
        *wrong_jwt_library.BROKEN,
    )

    def detect(self, project: Project) -> Iterator[Finding]:
        """Read manifests, lock files and imports."""
        yield from broken_release.find(project)
        yield from lock_file.find(project)
        yield from missing_exports.find(project)
        yield from harmful_packages.find(project)
        yield from unlisted_packages.find(project)
        yield from wrong_jwt_library.find(project)

    def probe(self, project: Project) -> Iterator[Finding]:
        """Ask Node for its version, and look at what is installed."""
        yield from node_version.probe(project)
        yield from installed_packages.probe(project)
