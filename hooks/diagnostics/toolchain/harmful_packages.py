"""Python packages that break the auth package, or that lack an extra."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...edits.add_python_dependencies import manifests
from ...syntax.requirements import listed, with_extra, without
from .._check import Broken, repairable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import Finding
    from ...syntax.dependency_lists import DependencyList, Listed
    from .._project import Project

_OVERWRITES_FASTAPI = "better-auth-fastapi"

BROKEN = (
    Broken(
        title="the package that overwrites FastAPI",
        path="{backend}/requirements.txt",
        after="fastapi>=0.115\nbetter-auth-fastapi==0.0.1\n",
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
)


def find(project: Project) -> Iterator[Finding]:
    """Find what the auth package lacks, and packages that break it."""
    paths = [
        p for p in dict.fromkeys(manifests(project.integration)) if project.read(p)
    ]
    for path in paths:
        source = project.text(path) or ""
        entries = listed(path, source)
        names = {entry.name for _, entry in entries}
        for of, entry in entries:
            if entry.name == _OVERWRITES_FASTAPI:
                after = without(path, source, of, entry)
                yield _mended(
                    project,
                    path,
                    f"{entry.name} overwrites FastAPI's own files when installed",
                    title=f"took {entry.name} out of {path}",
                    after=after,
                )
            is_run = of is None or not of.for_development
            if entry.name == "pyjwt" and is_run and "cryptography" not in names:
                yield from _without_cryptography(project, path, source, of, entry)


def _without_cryptography(
    project: Project, path: str, source: str, of: DependencyList | None, entry: Listed
) -> Iterator[Finding]:
    if project.answers.credential == "cookie" or "crypto" in entry.extras:
        return
    yield _mended(
        project,
        path,
        "PyJWT without cryptography verifies no EdDSA token",
        title=f"gave {entry.name} the extra crypto in {path}",
        after=with_extra(path, source, of, entry, "crypto"),
    )


def _mended(
    project: Project, path: str, message: str, *, title: str, after: str | None
) -> Finding:
    """Return a problem with its repair, where one is known for how it is written."""
    before = project.read(path) or b""
    new = before if after is None else after.encode()
    return repairable(message, path, 0, title=title, before=before, after=new)
