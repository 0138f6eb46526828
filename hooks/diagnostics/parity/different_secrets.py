"""The secrets of both servers, compared by fingerprint alone."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ...env.secrets import LIST, ONE, fingerprint, is_malformed, secrets_in
from ...probe import ask_server
from .._check import Broken, problem, unasked

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from ...model import Finding
    from .._project import Project

BROKEN = (
    Broken(
        title="the backend's own env file has another secret",
        path="{backend}/.env",
        after="BETTER_AUTH_SECRET=0123456789abcdef0123456789abcdef0123\n",
    ),
    Broken(
        title="a list of secrets that only FastAPI has",
        path="{backend}/.env",
        after="BETTER_AUTH_SECRETS=2:Zk3v9Qx7Lp2Rm8Tn4Wb6Yc1Hd5Jf0Gs3,1:{secret}\n",
    ),
    Broken(
        title="a list of secrets without their versions",
        path="{server}/.env",
        after="BETTER_AUTH_SECRETS=Zk3v9Qx7Lp2Rm8Tn4Wb6Yc1Hd5Jf0Gs3,{secret}\n",
    ),
)


def probe(project: Project) -> Iterator[Finding]:
    """Compare the fingerprint that the started server logs."""
    server = ask_server(project.auth_server)
    if server.reason or server.broken:
        yield unasked(project, server.reason or "the auth server does not start")
        return
    expected = expected_fingerprints(project)
    if server.fingerprints and expected and differ(server.fingerprints, expected):
        prints = ", ".join((*server.fingerprints, *expected))
        yield problem(
            f"the auth server signs with another secret (fingerprints {prints})",
            project.env_path,
            remedy="take BETTER_AUTH_SECRET, or the list, unchanged, in both",
        )


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


def find(project: Project, other: str, theirs: Mapping[str, str]) -> Iterator[Finding]:
    """Compare the auth server's secrets with those of FastAPI's env file ``other``."""
    ours, path = project.variables, project.env_path
    yield from malformed(other, theirs)
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


def malformed(path: str, variables: Mapping[str, str]) -> Iterator[Finding]:
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
