"""Secrets that change: what both servers list is compared, and never printed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from copier_better_auth.env.dotenv import entries
from copier_better_auth.env.secrets import fingerprint, is_malformed
from copier_better_auth.model import Status
from copier_better_auth.report.result_formats.as_json import as_json
from copier_better_auth.report.results import render_results
from support.projects import set_env
from support.seeded import Healthy, results

if TYPE_CHECKING:
    from pathlib import Path

NEW = "Zk3v9Qx7Lp2Rm8Tn4Wb6Yc1Hd5Jf0Gs3"
OTHER = "Mw5t8Bz2Vn7Kq4Xr9Lc3Pj6Fd1Hs0Gy5"
LIST = "BETTER_AUTH_SECRETS"
ONE = "BETTER_AUTH_SECRET"

# What is in the auth server's env file and in FastAPI's own, and what is said.
ALIKE = {
    "a list that both have": ({LIST: "2:{new},1:{old}"}, {LIST: "2:{new},1:{old}"}),
    "the earlier ones in another order": (
        {LIST: "3:{new},2:{other},1:{old}"},
        {LIST: '"3:{new}, 1:{old}, 2:{other}"'},
    ),
    "a list that FastAPI reads from the auth server's file": (
        {LIST: "2:{new},1:{old}"},
        {LIST: ""},
    ),
    "a list of the one secret": ({LIST: "1:{old}"}, {ONE: "{old}"}),
    "a list on both sides, and the one secret that it replaces": (
        {LIST: "2:{new}", ONE: "{old}"},
        {LIST: "2:{new}", ONE: "{other}"},
    ),
}
DIFFERENT = {
    "FastAPI has the old secret alone": (
        {LIST: "2:{new},1:{old}"},
        {ONE: "{old}"},
        "FastAPI lacks the secret that the auth server signs with",
        "write the same BETTER_AUTH_SECRETS there and auth-server/.env",
    ),
    "the auth server has the old secret alone": (
        {ONE: "{old}"},
        {LIST: "2:{new},1:{old}"},
        "the auth server lacks the secret that FastAPI lists first",
        "write the same BETTER_AUTH_SECRETS there and auth-server/.env",
    ),
    "FastAPI has the new secret alone": (
        {LIST: "2:{new},1:{old}"},
        {LIST: "2:{new}"},
        "cookies that an earlier secret has signed count at one server alone",
        "write the same BETTER_AUTH_SECRETS there and auth-server/.env",
    ),
    "a secret that was withdrawn from one list only": (
        {LIST: "2:{new}"},
        {LIST: "2:{new},1:{other}"},
        "cookies that an earlier secret has signed count at one server alone",
        "write the same BETTER_AUTH_SECRETS there and auth-server/.env",
    ),
    "two lists that share nothing": (
        {LIST: "2:{new}"},
        {LIST: "2:{other}"},
        "FastAPI lacks the secret that the auth server signs with",
        "write the same BETTER_AUTH_SECRETS there and auth-server/.env",
    ),
    "a list of FastAPI's that cannot be read": (
        {LIST: "2:{new},1:{old}"},
        {LIST: "{new},{old}"},
        "BETTER_AUTH_SECRETS is malformed",
        "write 2:new,1:old, each of 32 characters or more, current first",
    ),
}


def prepared(
    healthy: Healthy, folder: Path, ours: dict[str, str], theirs: dict[str, str]
) -> tuple[Path, dict[str, str]]:
    """Return a project with these env files, and the secrets that they may name."""
    project = healthy.copy_of("default", folder)
    env = project / "auth-server/.env"
    secrets = {"new": NEW, "other": OTHER, "old": entries(env.read_text())[ONE]}
    for held, server in (
        (ours, project / "auth-server"),
        (theirs, project / "backend"),
    ):
        (server / ".env").touch()
        set_env(server, **{n: v.format_map(secrets) for n, v in held.items()})
    return project, secrets


@pytest.mark.parametrize("case", ALIKE)
def test_alike_lists_are_no_finding(
    healthy: Healthy, tmp_path: Path, case: str
) -> None:
    """The same secrets count at both, the same one first."""
    project, _ = prepared(healthy, tmp_path, *ALIKE[case])
    assert [r for r in results(project) if r.status is not Status.PASS] == []


@pytest.mark.parametrize("case", DIFFERENT)
def test_different_lists_are_found_by_fingerprint(
    healthy: Healthy, tmp_path: Path, case: str
) -> None:
    """What differs, where, and what to type; no secret in any form of the result."""
    ours, theirs, message, remedy = DIFFERENT[case]
    project, secrets = prepared(healthy, tmp_path, ours, theirs)
    (found,) = results(project, "BA009")
    assert found.status is Status.FAIL
    assert found.message.startswith(message)
    assert found.remedy == remedy
    assert found.detail.startswith("backend/.env ")
    if "fingerprint" in found.message:
        prints = {fingerprint(secret) for secret in secrets.values()}
        assert any(digits in found.message for digits in prints)
    shown = render_results([found]) + as_json([found], ".") + json.dumps(remedy)
    assert not any(secret in shown for secret in secrets.values())


def test_tokens_need_no_secret_of_fastapis(healthy: Healthy, tmp_path: Path) -> None:
    """With ``jwt`` the list is the auth server's alone."""
    project = healthy.copy_of("jwt", tmp_path)
    set_env(project / "auth-server", **{LIST: f"2:{NEW},1:{OTHER}"})
    (project / "backend/.env").write_text(f"{ONE}={NEW}\n")
    (found,) = results(project, "BA009")
    assert found.status is Status.PASS, found
    set_env(project / "auth-server", **{LIST: f"1:{NEW},1:{OTHER}"})
    (found,) = results(project, "BA009")
    assert found.message == "BETTER_AUTH_SECRETS is malformed"


def test_a_listed_secret_in_a_tracked_file(healthy: Healthy, tmp_path: Path) -> None:
    """Each of the list is searched for, as the one secret is."""
    project, _ = prepared(healthy, tmp_path, {LIST: "2:{new},1:{old}"}, {})
    (project / "notes.md").write_text(f"New: {NEW}\n")
    (found,) = results(project, "BA012")
    assert found.message == "notes.md holds the value of BETTER_AUTH_SECRETS"


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("trusted_user:trusted_user_password@localhost:5432/dev_db", Status.WARN),
        ("shop:change-me-please@127.0.0.1/shop", Status.WARN),
        ("root:postgres-for-shop@db:5432/shop", Status.WARN),
        ("trusted_user:trusted_user_password@db.example.com/dev_db", Status.FAIL),
        ("shop:hK8zQp3vT6wLx9@localhost/shop", Status.FAIL),
    ],
)
def test_a_default_of_development_in_a_tracked_file(
    healthy: Healthy, tmp_path: Path, address: str, status: Status
) -> None:
    """A password that can be guessed, of a database on this machine, is a warning."""
    project, _ = prepared(
        healthy, tmp_path, {"DATABASE_URL": f"postgresql://{address}"}, {}
    )
    password = address.partition("@")[0].partition(":")[2]
    (project / "Makefile").write_text(f"run:\n\tPGPASSWORD={password} psql\n")
    (found,) = results(project, "BA012")
    assert found.status is status, found
    assert found.message.startswith("Makefile holds the value of DATABASE_URL's")
    assert password not in render_results([found]) + as_json([found], ".")


@pytest.mark.parametrize("listed", ["", f"1:{NEW}", f" 2: {NEW} , 1:{OTHER}"])
def test_a_list_that_both_servers_start_with(listed: str) -> None:
    """The rule is that of the auth server's ``src/config/env.ts``."""
    assert not is_malformed(listed)


@pytest.mark.parametrize(
    "listed",
    [NEW, f"2:{NEW},", f"2:{NEW},1:short", f"1:{NEW},01:{OTHER}", f"new:{NEW}"],
)
def test_a_list_that_the_auth_server_refuses(listed: str) -> None:
    """No version, no secret, too short a one, or one version twice."""
    assert is_malformed(listed)
