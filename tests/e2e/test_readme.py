"""Every command of the README, run as it is there, by a new user."""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING

from copier_better_auth.answers import load_answers
from copier_better_auth.verification import Servers
from support.copier_cli import ANSWERS_FILE
from support.newcomer import Newcomer
from support.processes import running, wait_for
from support.readme import blocks
from support.repositories import flat
from support.template import AUTHOR, ROOT, commit_all
from support.terminal import BASH, at_a_terminal, shell

if TYPE_CHECKING:
    from pathlib import Path


def test_the_readme_as_a_new_user(template: Path, tmp_path: Path) -> None:
    """Copy at a terminal, start, sign up, be recognised, check, undo, update.

    What the copy itself costs the newcomer is counted, and what it says to type next.
    """
    env = {**os.environ, **AUTHOR}
    copy, start, nobody, sign_up, recognised, doctor, update = blocks(template)
    newcomer = Newcomer(env)
    typed_next = newcomer.copy(copy, tmp_path)
    assert newcomer.figures.missed() == []
    assert newcomer.figures.questions == 8, "as the README says"
    shop = tmp_path / "shop"
    assert (shop / ".copier-answers.better-auth.yml").exists()

    checked, verified, undone = doctor.strip().splitlines()
    *install, commit, servers = start.strip().splitlines()
    assert typed_next == [*install, verified, f"({servers})"]
    shell("\n".join([*install, commit]), shop, env)
    log = tmp_path / "dev-all.log"
    log.write_text("")
    with running([BASH, "-euc", servers], cwd=shop, log=log, env=env) as process:
        project = Servers(
            auth_url="http://localhost:3001", api_url="http://localhost:8000", log=log
        )
        wait_for(f"{project.auth_url}/readyz", process, log)
        wait_for(f"{project.api_url}/openapi.json", process, log)
        assert shell(nobody, shop, env) == "401\n"
        first, second = sign_up.split("curl --silent --location")
        shell(first, shop, env)
        link = project.printed_link("ada@example.com")
        opened = f"curl --silent --location{second}".replace("LINK", link)
        assert "is confirmed" in shell(opened, shop, env)
        assert json.loads(shell(recognised, shop, env))["email"] == "ada@example.com"
    # Nothing is left that git shows; a file of cookies would hold a session.
    assert shell("git status --porcelain", shop, env) == ""
    at_a_terminal(update, shop, env, within=120)
    assert "PASS" in shell(checked, shop, env)
    held = newcomer.type(verified, shop, ours=True)
    assert "All of that held." in held
    assert newcomer.figures.missed() == []
    assert newcomer.figures.questions == 8, "as the README says"
    at_a_terminal(undone, shop, env, within=60, keys={"Take this back?": "y\r"})
    assert not (shop / "auth-server/package.json").exists()


def test_what_scripts_type(template: Path, tmp_path: Path) -> None:
    """The README's other copy, which asks nothing and needs no terminal."""
    text = (ROOT / "README.md").read_text()
    first, given = re.findall(r"(?m)^ {4}(uvx .*)$", text)
    assert text.count(f"\n{first}\n") == 1, "the block has the same command"
    commit_all(flat(tmp_path))
    command = given.replace("git+URL", f"git+file://{template}")
    shell(command, tmp_path, {**os.environ, **AUTHOR})
    methods = load_answers(tmp_path / ANSWERS_FILE).auth_methods
    assert methods == ("email_password", "github")


def test_no_other_kind_of_block() -> None:
    """A block in a language that no test runs would go stale unseen."""
    kinds = set(
        re.findall(r"^```(\w+)$", (ROOT / "README.md").read_text(), re.MULTILINE)
    )
    assert kinds == {"sh", "python"}
