"""BA011: Node, npm's lock and Python's packages must be the right ones."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

from ..catalogue.methods import SOCIAL_PROVIDERS
from ..catalogue.pinned import LOWEST_NODE, node_version, pinned_version
from ..model import Status
from ..syntax.python import line, text
from ..syntax.typescript import descendants_of
from ._check import Broken, Check, problem, repairable, skipped
from ._node_manifest import installed, node_packages
from ._python_manifest import python_packages

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import Finding
    from ._project import Project

# Names that tutorials import from better-auth/plugins, and that it does not have.
_NEVER_THERE = {"oauth", "emailPassword", "emailVerification"} | {
    provider.name for provider in SOCIAL_PROVIDERS
}


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
        Broken(
            title="a version that the lock file does not have",
            path="{server}/package.json",
            before='"better-auth": "',
            after='"better-auth": "^',
        ),
        Broken(
            title="a release that cannot store accounts",
            path="{server}/package.json",
            before=f'"better-auth": "{pinned_version("better-auth")}"',
            after='"better-auth": "1.7.1"',
        ),
        Broken(
            title="no lock file",
            path="{server}/package-lock.json",
        ),
        Broken(
            title="two lock files",
            path="{server}/yarn.lock",
            after="# yarn lockfile v1\n",
            severity=Status.WARN,
        ),
        Broken(
            title="a plugin that does not exist",
            path="{server}/src/auth/auth.config.ts",
            before="import { betterAuth",
            after=('import { oauth } from "better-auth/plugins";\nimport { betterAuth'),
        ),
        Broken(
            title="the package that overwrites FastAPI",
            path="{backend}/requirements.txt",
            after="fastapi>=0.115\nbetter-auth-fastapi==0.0.1\n",
            fixed=True,
        ),
        Broken(
            title="the auth package's driver is not listed",
            path="{backend}/pyproject.toml",
            before='    "asyncpg==0.32.0",\n',
            fixed=True,
        ),
        Broken(
            title="PyJWT without cryptography",
            path="{backend}/pyproject.toml",
            before='"pyjwt[crypto]>=2.8"',
            after='"pyjwt>=2.8"',
            project="jwt",
            fixed=True,
        ),
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

    def detect(self, project: Project) -> Iterator[Finding]:
        """Read manifests, lock files and imports."""
        yield from node_packages(project)
        yield from _imports(project)
        yield from python_packages(project)
        yield from _python_names(project)

    def probe(self, project: Project) -> Iterator[Finding]:
        """Ask Node for its version, and look at what is installed."""
        yield from _node_version(project)
        yield from installed(project)


def _imports(project: Project) -> Iterator[Finding]:
    for path, script in project.scripts.items():
        for statement in script.nodes("import_statement"):
            source = text(statement.child_by_field_name("source"))[1:-1]
            if source != "better-auth/plugins":
                continue
            for found in descendants_of(statement, "import_specifier"):
                name = text(found.child_by_field_name("name"))
                if name in _NEVER_THERE:
                    yield problem(
                        f"better-auth/plugins has no {name}, so the server stops",
                        path,
                        line(found),
                        remedy="social providers are configured as socialProviders",
                    )


def _python_names(project: Project) -> Iterator[Finding]:
    for path, module in project.modules.items():
        for found in module.imports:
            if found.module.partition(".")[0] == "jose" and not found.level:
                yield problem(
                    "python-jose cannot verify EdDSA, which better-auth signs with",
                    path,
                    line(found.node),
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


def _node_version(project: Project) -> Iterator[Finding]:
    path = f"{project.server}/package.json"
    try:
        done = subprocess.run(
            ["node", "--version"],  # noqa: S607 - node from PATH, as npm finds it
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        yield skipped("node is not installed")
        return
    numbers = tuple(map(int, re.findall(r"\d+", done.stdout)[:2]))
    if numbers and numbers < LOWEST_NODE:
        yield problem(
            f"Node {done.stdout.strip()} is older than {node_version()}",
            path,
            remedy=f"install Node {node_version()} or newer: https://nodejs.org",
        )
