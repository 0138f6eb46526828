"""The secrets of both servers, compared by fingerprint alone."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

from ..env.secrets import LIST, ONE, is_malformed, secrets_in
from ._check import problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from ..model import Finding
    from ._project import Project


def fingerprint(secret: str) -> str:
    """Return the eight digits that both servers print."""
    return hashlib.sha256(secret.encode()).hexdigest()[:8]


def expected_fingerprints(project: Project) -> tuple[str, ...]:
    """Return those of the secrets that FastAPI takes, started from this shell."""
    if project.answers.credential == "token":
        return ()
    theirs = project.env(f"{project.backend}/.env".removeprefix("./"))
    merged = {
        name: value
        for given in (project.variables, theirs, os.environ)
        for name, value in given.items()
        if value
    }
    return tuple(map(fingerprint, secrets_in(merged)))


def compared_secrets(
    project: Project, other: str, theirs: Mapping[str, str]
) -> Iterator[Finding]:
    """Compare the auth server's secrets with those of FastAPI's env file ``other``."""
    ours, path = project.variables, project.env_path
    yield from malformed_list(other, theirs)
    known = bool(secrets_in(ours) and secrets_in(theirs))
    broken = any(is_malformed(held.get(LIST, "")) for held in (ours, theirs))
    if not known or broken or project.answers.credential == "token":
        return
    a, b = (tuple(map(fingerprint, secrets_in(held))) for held in (ours, theirs))
    if not (ours.get(LIST) or theirs.get(LIST)):
        if a != b:
            yield problem(
                f"two secrets (fingerprints {_joined(b + a)})",
                other,
                remedy=f"copy {ONE} from {path}",
            )
    elif message := differ(a, b):
        yield problem(message, other, remedy=f"write the same {LIST} there and {path}")


def malformed_list(path: str, variables: Mapping[str, str]) -> Iterator[Finding]:
    """Find a list with which neither server would start."""
    if is_malformed(variables.get(LIST, "")):
        yield problem(
            f"{LIST} is malformed",
            path,
            remedy="write 2:new,1:old, each of 32 characters or more, current first",
        )


def differ(ours: Sequence[str], theirs: Sequence[str]) -> str:
    """Say how two lists differ, if they do; the order of earlier secrets is free."""
    if ours[0] not in theirs:
        return (
            "FastAPI lacks the secret that the auth server signs with "
            f"(fingerprint {ours[0]}, FastAPI has {_joined(theirs)})"
        )
    if theirs[0] not in ours:
        return (
            "the auth server lacks the secret that FastAPI lists first "
            f"(fingerprint {theirs[0]}, the auth server has {_joined(ours)})"
        )
    if alone := [*(set(ours) ^ set(theirs))]:
        return (
            "cookies that an earlier secret has signed count at one server alone "
            f"(fingerprint {_joined(sorted(alone))})"
        )
    return ""


def _joined(prints: Iterable[str]) -> str:
    return ", ".join(prints)
