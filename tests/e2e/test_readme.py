"""Every command of the README, run as it stands there, by somebody new."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import subprocess
import time
from typing import TYPE_CHECKING

from support.processes import running, wait_for
from support.projects import Running
from support.template import ROOT

if TYPE_CHECKING:
    from pathlib import Path

_BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_IDLE_SECONDS = 0.3
BASH = "/bin/bash"


def blocks() -> list[str]:
    """The shell blocks in reading order."""
    return _BLOCK.findall((ROOT / "README.md").read_text())


def at_a_terminal(command: str, cwd: Path, env: dict[str, str], within: float) -> str:
    """Run a command at a terminal; whenever it waits, press Enter."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [BASH, "-euc", command],
        cwd=cwd,
        env={**env, "TERM": "xterm", "COLUMNS": "100"},
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
    )
    os.close(slave)
    printed = b""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        ready, _, _ = select.select([master], [], [], _IDLE_SECONDS)
        if ready:
            try:
                data = os.read(master, 65536)
            except OSError:  # Linux's way to say that the other side has closed
                break
            if b"\x1b[6n" in data:  # it asks where the cursor is
                os.write(master, b"\x1b[1;1R")
            printed += data
        elif b"? " in printed[-4000:]:
            os.write(master, b"\r")
    os.close(master)
    process.wait(timeout=10)
    text = printed.decode(errors="replace")
    assert process.returncode == 0, text
    return text


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
        project = Running(
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
    (shop / "cookies.txt").unlink()

    shell("git add --all && git commit -qm 'Lock the packages'", shop, env)
    at_a_terminal(update, shop, env, within=120)
    checked, undone = doctor.strip().splitlines()
    assert "PASS" in shell(checked, shop, env)
    shell(undone, shop, env)
    assert not (shop / "auth-server/package.json").exists()


def test_no_other_kind_of_block() -> None:
    """A block in a language that no test runs would go stale unseen."""
    kinds = set(
        re.findall(r"^```(\w+)$", (ROOT / "README.md").read_text(), re.MULTILINE)
    )
    assert kinds == {"sh", "python"}
