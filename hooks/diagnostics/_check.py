"""What a diagnostic is: its documentation, its detection and, where it can, its fix."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from ..model import Evidence, FileEdit, Finding, Fix, Plan, Safety, Status
from ..probe import how_to_ask

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ._project import Project

FIX = "copier-better-auth doctor --fix"
# The auth tables' own revision, for the paths of what is broken.
REVISION = "{versions}/*_add_auth_tables.py"


@dataclass(frozen=True, kw_only=True)
class Broken:
    """One way in which a healthy project goes wrong; tests and docs are made of these.

    In ``path`` (a glob) stand ``{server}``, ``{backend}``, ``{package}`` and
    ``{versions}`` for the project's folders. ``before`` is replaced by ``after``; an
    empty ``before`` puts ``after`` at the end or makes the file, and with ``None`` the
    whole file becomes ``after``.
    """

    title: str
    path: str
    before: str | None = ""
    after: str = ""
    project: str = "default"
    severity: Status = Status.FAIL
    fixed: bool = False


class Check(ABC):
    """One diagnostic; the class's docstring says what, why, and how to fix."""

    code: ClassVar[str]
    name: ClassVar[str]
    healthy: ClassVar[str]
    proof: ClassVar[str]
    example: ClassVar[str] = ""
    broken: ClassVar[tuple[Broken, ...]]

    @abstractmethod
    def detect(self, project: Project) -> Iterator[Finding]:
        """Yield every problem that the files show; reads, and changes nothing."""

    def probe(self, project: Project) -> Iterator[Finding]:
        """Yield what only running something shows; a skip where that cannot be."""
        del project
        yield from ()


def problem(
    message: str, path: str, line: int = 0, *, remedy: str = "", why: str = ""
) -> Finding:
    """Return a failure at one place, for the user to repair."""
    evidence = (Evidence(path=path, line=line, why=why or message),)
    return Finding(message=message, evidence=evidence, remedy=remedy)


def warning(message: str, path: str, line: int = 0, *, remedy: str = "") -> Finding:
    """Return what is only the user's to decide, or to do."""
    evidence = (Evidence(path=path, line=line, why=message),)
    return Finding(
        message=message, evidence=evidence, remedy=remedy, severity=Status.WARN
    )


def skipped(reason: str, *, remedy: str = "") -> Finding:
    """Return that a probe cannot run, and why; what the files show still counts."""
    message = f"not probed: {reason}"
    return Finding(message=message, severity=Status.SKIP, remedy=remedy)


def unasked(project: Project, reason: str) -> Finding:
    """Return that a probe saw nothing, with the command after which it would."""
    remedy = how_to_ask(
        reason,
        project.answers,
        variables=project.variables,
        files=project.files,
        text=project.text,
    )
    return skipped(reason, remedy=remedy)


def repairable(  # noqa: PLR0913 - a problem and its repair
    message: str, path: str, line: int, *, title: str, before: bytes, after: bytes
) -> Finding:
    """Return a failure whose repair is safe: one file becomes ``after``.

    Where nothing would change, the way it is written was not foreseen, and the repair
    is left to the user.
    """
    if after == before:
        return problem(message, path, line, remedy=f"by hand: {title}")
    edit = FileEdit(path=path, before=before, after=after, why=(title,))
    return Finding(
        message=message,
        evidence=(Evidence(path=path, line=line, why=message),),
        remedy=FIX,
        fix=Fix(title=title, plan=Plan(edits=(edit,)), safety=Safety.SAFE),
    )
