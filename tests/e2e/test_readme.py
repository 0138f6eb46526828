"""Every command of the README, run as it is there, by a new user."""

from __future__ import annotations

import json
import os
import re
import subprocess
from typing import TYPE_CHECKING

from copier_better_auth.verification import Servers
from support.processes import running, wait_for
from support.template import ROOT
from support.terminal import BASH, at_a_terminal

if TYPE_CHECKING:
    from pathlib import Path

_BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks() -> list[str]:
    """The shell blocks in reading order."""
    return _BLOCK.findall((ROOT / "README.md").read_text())


def shell(command: str, cwd: Path, env: dict[str, str]) -> str:
    """Run a block and return what it printed."""
    done = subprocess.run(
        [BASH, "-euc", command],
        cwd=cwd,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout


def test_the_readme_as_a_new_user(template: Path, tmp_path: Path) -> None:
    """Copy at a terminal, start, sign up, be recognised, check, undo, update."""
    env = {**os.environ, "GIT_CONFIG_COUNT": "2"}
    for n, (key, value) in enumerate(
        {"user.name": "Ada", "user.email": "ada@example.com"}.items()
    ):
        env |= {f"GIT_CONFIG_KEY_{n}": key, f"GIT_CONFIG_VALUE_{n}": value}
    copy, start, nobody, sign_up, recognised, doctor, update = (
        block.replace("git+URL", f"git+file://{template}") for block in blocks()
    )
    at_a_terminal(copy, tmp_path, env, within=240)
    shop = tmp_path / "shop"
    assert (shop / ".copier-answers.better-auth.yml").exists()

    *install, servers = start.strip().splitlines()
    shell("\n".join(install), shop, env)
    log = tmp_path / "dev-all.log"
    log.write_text("")
    with running([BASH, "-euc", servers], cwd=shop, log=log, env=env) as process:
        project = Servers(
            auth_url="http://localhost:3001", api_url="http://localhost:8000", log=log
        )
        wait_for(f"{project.auth_url}/readyz", process, log)
        wait_for(f"{project.api_url}/openapi.json", process, log)
        assert shell(nobody, shop, env) == "401\n"
        first, second = sign_up.split("curl --silent --cookie-jar")
        shell(first, shop, env)
        link = project.printed_link("ada@example.com")
        shell(f"curl --silent --cookie-jar{second}".replace("LINK", link), shop, env)
        assert json.loads(shell(recognised, shop, env))["email"] == "ada@example.com"
    # Nothing is left that git shows; a file of cookies would hold a session.
    assert shell("git status --porcelain", shop, env) == ""
    at_a_terminal(update, shop, env, within=120)
    checked, verified, undone = doctor.strip().splitlines()
    assert "PASS" in shell(checked, shop, env)
    assert "All of that held." in shell(verified, shop, env)
    at_a_terminal(undone, shop, env, within=60, keys={"Take this back?": "y\r"})
    assert not (shop / "auth-server/package.json").exists()


def test_no_other_kind_of_block() -> None:
    """A block in a language that no test runs would go stale unseen."""
    kinds = set(
        re.findall(r"^```(\w+)$", (ROOT / "README.md").read_text(), re.MULTILINE)
    )
    assert kinds == {"sh", "python"}
