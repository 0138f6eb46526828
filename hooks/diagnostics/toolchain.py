"""BA011: Node, npm's lock and Python's packages must be the right ones."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from ..edits.add_python_dependencies import add_python_dependencies, manifests
from ..model import FileEdit, Finding, Fix, Plan, Status
from ..python_dependencies import required
from ..syntax import line, text
from ._check import FIX, Broken, Check, problem, repairable, skipped, warning
from ._typescript import descendants_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ._project import Project

_NODE = (20, 12)
_LOCKS = {
    "npm": "package-lock.json",
    "pnpm": "pnpm-lock.yaml",
    "yarn": "yarn.lock",
    "bun": "bun.lock",
}
_INSTALL = {
    "npm": "npm install",
    "pnpm": "pnpm install",
    "yarn": "yarn install",
    "bun": "bun install",
}
# They have a column issuer that nothing fills, so that every insert fails.
_BROKEN_RELEASES = re.compile(r"^[\^~]?1\.7\.[0-2]$")
# Names that tutorials import from better-auth/plugins, and that it does not have.
_NEVER_THERE = {"oauth", "google", "github", "emailPassword", "emailVerification"}
_OVERWRITES_FASTAPI = "better-auth-fastapi"
_REQUIREMENT_LINE = re.compile(r"(?m)^[ \t]*([A-Za-z0-9][\w.\-]*[^#\n;]*)")


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
            before='"better-auth": "1.7.25"',
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
        yield from _node_packages(project)
        yield from _imports(project)
        yield from _python_packages(project)
        yield from _python_names(project)

    def probe(self, project: Project) -> Iterator[Finding]:
        """Ask Node for its version, and look at what is installed."""
        yield from _node_version(project)
        yield from _installed(project)


def _node_packages(project: Project) -> Iterator[Finding]:
    manager = project.answers.auth_node_package_manager
    path = f"{project.server}/package.json"
    manifest = project.json(path)
    if manifest is None or manifest.root is None:
        return  # BA001 says so
    wanted = {**_strings(manifest.value("dependencies"))}
    if _BROKEN_RELEASES.match(wanted.get("better-auth", "")):
        yield problem(
            "better-auth 1.7.0 to 1.7.2 cannot store accounts",
            path,
            remedy="npm install better-auth@1.7.25 --save-exact",
        )
    locks = {m: n for m, n in _LOCKS.items() if project.read(f"{project.server}/{n}")}
    if manager == "npm" and manager not in locks:
        yield problem(
            f"there is no {_LOCKS[manager]}, so every install may differ",
            f"{project.server}/{_LOCKS[manager]}",
            remedy=f"{_INSTALL[manager]}, in {project.server}, and commit it",
        )
    for other in set(locks) - {manager}:
        yield warning(
            f"{locks[other]} is {other}'s, and this project uses {manager}",
            f"{project.server}/{locks[other]}",
            remedy="delete the one that is not used",
        )
    if "npm" in locks and manager == "npm":
        yield from _npm_lock(project, path, manifest.value("devDependencies"), wanted)


def _npm_lock(
    project: Project, path: str, dev: object, wanted: Mapping[str, str]
) -> Iterator[Finding]:
    lock_path = f"{project.server}/{_LOCKS['npm']}"
    try:
        root = json.loads(project.text(lock_path) or "")["packages"][""]
        locked = {**root.get("dependencies", {}), **root.get("devDependencies", {})}
    except (ValueError, KeyError, TypeError, AttributeError):
        remedy = f"git checkout {lock_path}, or npm install in {project.server}"
        yield problem("package-lock.json is no lock file", lock_path, remedy=remedy)
        return
    listed = {**wanted, **_strings(dev)}
    different = sorted(n for n in {*locked, *listed} if locked.get(n) != listed.get(n))
    if different:
        yield problem(
            f"package.json and its lock differ in {', '.join(different)}",
            path,
            remedy=f"npm install, in {project.server}, and commit both",
        )


def _strings(value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        return {}
    return {str(k): v for k, v in value.items() if isinstance(v, str)}


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
                        remedy="Google and GitHub are configured as socialProviders",
                    )


def _python_packages(project: Project) -> Iterator[Finding]:
    paths = [
        p for p in dict.fromkeys(manifests(project.integration)) if project.read(p)
    ]
    for path in paths:
        source = project.read(path) or b""
        for written in _requirements(path, source.decode(errors="replace")):
            yield from _requirement(project, path, source, written)
    if not paths:
        return
    planned = add_python_dependencies(project.integration, project.staging)
    if isinstance(planned, FileEdit):
        names = ", ".join(required(project.answers))
        title = f"listed what the auth package imports in {planned.path}"
        yield Finding(
            message=f"the auth package needs {names}, and not all are listed",
            evidence=problem("the list of dependencies", planned.path).evidence,
            remedy=FIX,
            fix=Fix(title=title, plan=Plan(edits=(planned,))),
        )


def _requirements(path: str, source: str) -> list[str]:
    """Return the requirements of a manifest, as they are written there."""
    if not path.endswith(".toml"):
        return [found[1].strip() for found in _REQUIREMENT_LINE.finditer(source)]
    try:
        document = tomllib.loads(source)
    except (tomllib.TOMLDecodeError, RecursionError):
        return []
    listed = document.get("project", {}).get("dependencies", [])
    poetry = document.get("tool", {}).get("poetry", {}).get("dependencies", {})
    return [*(n for n in listed if isinstance(n, str)), *poetry]


def _requirement(
    project: Project, path: str, source: bytes, written: str
) -> Iterator[Finding]:
    try:
        requirement = Requirement(written)
    except InvalidRequirement:
        return
    name = canonicalize_name(requirement.name)
    if name == _OVERWRITES_FASTAPI:
        entry = re.escape(written.encode())
        after = re.sub(
            rb"(?m)^[ \t]*[\"']?" + entry + rb"[\"']?,?[^\n]*\n?", b"", source
        )
        yield repairable(
            f"{_OVERWRITES_FASTAPI} overwrites FastAPI's own files when installed",
            path,
            0,
            title=f"took {_OVERWRITES_FASTAPI} out of {path}",
            before=source,
            after=after,
        )
    jwt = project.answers.auth_session_validation == "jwt"
    if name == "pyjwt" and jwt and "crypto" not in requirement.extras:
        if b"cryptography" in source:
            return
        bare = requirement.name.encode()
        after = re.sub(
            rb"(?<![\w-])" + bare + rb"(?![\w\[-])", bare + b"[crypto]", source
        )
        yield repairable(
            "PyJWT without cryptography verifies no EdDSA token",
            path,
            0,
            title=f"wrote {requirement.name}[crypto] in {path}",
            before=source,
            after=after,
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
    if numbers and numbers < _NODE:
        wanted = ".".join(map(str, _NODE))
        yield problem(
            f"Node {done.stdout.strip()} is older than {wanted}",
            path,
            remedy="install Node 22 or newer: https://nodejs.org",
        )


def _installed(project: Project) -> Iterator[Finding]:
    folder = project.root / project.server / "node_modules"
    if not folder.is_dir():
        yield skipped(f"no packages are installed in {project.server}")
        return
    manifest = project.json(f"{project.server}/package.json")
    wanted = _strings(manifest.value("dependencies")) if manifest is not None else {}
    for name, version in wanted.items():
        try:
            text_ = (folder / name / "package.json").read_text(encoding="utf-8")
            installed = json.loads(text_).get("version")
        except (OSError, ValueError, AttributeError):
            installed = "missing"
        if version[:1].isdigit() and installed != version:
            yield problem(
                f"{name} is {installed} in node_modules, and {version} in package.json",
                f"{project.server}/package.json",
                remedy=f"{_INSTALL[project.answers.auth_node_package_manager]}, in "
                f"{project.server}",
            )
            return
