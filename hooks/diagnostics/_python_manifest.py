"""The backend's packages as its manifests list them."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from ..edits.add_python_dependencies import add_python_dependencies, manifests
from ..model import FileEdit, Finding, Fix, Plan
from ..python_dependencies import required
from ._check import FIX, problem, repairable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ._project import Project

_OVERWRITES_FASTAPI = "better-auth-fastapi"
_REQUIREMENT_LINE = re.compile(r"(?m)^[ \t]*([A-Za-z0-9][\w.\-]*[^#\n;]*)")


def python_packages(project: Project) -> Iterator[Finding]:
    """Find what the auth package lacks, and packages that break it."""
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
