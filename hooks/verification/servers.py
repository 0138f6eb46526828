"""The project's own servers, started for a check on free ports and ended after it."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import EnvironmentProblem
from ..workspace.watchdog import cleanup_if_killed
from .start_failure import why_it_ended

if TYPE_CHECKING:
    from collections.abc import Generator

    from ..answers import Answers

_LINK = re.compile(r"https?://[^\s\"'\\<>]{1,300}/api/auth/[^\s\"'\\<>]+")
_START_SECONDS = 120.0
_MAIL_SECONDS = 20.0
_BROKEN = 500


@dataclass(frozen=True, kw_only=True)
class Servers:
    """Where the two servers answer, and the file that their output goes to."""

    auth_url: str
    api_url: str
    log: Path

    def printed_link(self, email: str) -> str:
        """Return the link that the auth server printed for ``email``; wait for it."""
        deadline = time.monotonic() + _MAIL_SECONDS
        while time.monotonic() < deadline:
            printed = self.log.read_text(errors="replace")
            if email in printed and (
                links := _LINK.findall(printed.rpartition(email)[2])
            ):
                return str(links[-1])
            time.sleep(0.05)
        message = f"the auth server printed no link for {email}; see {self.log}"
        raise EnvironmentProblem(message)


@contextlib.contextmanager
def running_servers(
    root: Path, answers: Answers, ports: tuple[int, int] | None = None
) -> Generator[Servers]:
    """Run ``dev:all`` on ``ports``, else on free ones; yield once both servers answer.

    Raises ``EnvironmentProblem`` when its packages are missing or it does not start,
    with the cause that it printed.
    """
    folder = root / answers.auth_server_dir
    manager = answers.auth_node_package_manager
    if not (folder / "node_modules").is_dir():
        message = (
            f"{answers.auth_server_dir} has no packages yet; run {manager} install"
        )
        raise EnvironmentProblem(message)
    env = _environment()
    if shutil.which(manager, path=env.get("PATH")) is None:
        message = (
            f"{manager}, which the auth server's packages are from, is not found here; "
            f"npm install --global {manager} brings it"
        )
        raise EnvironmentProblem(message)
    auth, api = ports or (_free_port(), _free_port())
    servers = Servers(
        auth_url=f"http://localhost:{auth}",
        api_url=f"http://localhost:{api}",
        log=Path(tempfile.mkdtemp(prefix="verify-")) / "dev-all.log",
    )
    env |= {"PORT": str(auth), "API_PORT": str(api)}
    env["BETTER_AUTH_URL"] = servers.auth_url
    # A server that cannot start ends then, and is not waited for.
    env["DEV_WATCH"] = "off"
    # Without a sender the auth server prints its mail; sent, it would not arrive.
    env["EMAIL_FROM"] = ""
    with servers.log.open("wb") as output:
        process = subprocess.Popen(
            [manager, "run", "dev:all"],
            cwd=folder,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        # It leads its own group, which would outlive a verify that is killed.
        with cleanup_if_killed(lambda: _signal(process, signal.SIGINT)):
            for url in (
                f"{servers.auth_url}/readyz",
                f"{servers.api_url}/openapi.json",
            ):
                if not _answers(url, process):
                    raise EnvironmentProblem(_why_not(url, servers.log, root))
            yield servers
    finally:
        _stop(process)


def _environment() -> dict[str, str]:
    """Return the user's environment: uvx puts its own Python before all others."""
    env = dict(os.environ)
    if env.get("VIRTUAL_ENV") != sys.prefix:
        own = os.fspath(Path(sys.executable).parent)
        folders = env.get("PATH", "").split(os.pathsep)
        env["PATH"] = os.pathsep.join(f for f in folders if f != own)
    return env


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _answers(url: str, process: subprocess.Popen[bytes]) -> bool:
    """Wait for an answer, unless the process ends before one comes."""
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310 - our own
                return True
        except urllib.error.HTTPError as error:
            with error:
                if error.code < _BROKEN:
                    return True
        except OSError:
            pass
        time.sleep(0.1)
    return False


def _why_not(url: str, log: Path, root: Path) -> str:
    """Say in one line why the server does not answer, and where to read more."""
    printed = log.read_text(errors="replace")
    why = why_it_ended(printed, root) or f"nothing answered at {url}"
    return f"{why}; all that was printed: {log}"


def _stop(process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 20
    _signal(process, signal.SIGINT)
    # The whole group: Yarn 1 does not wait for what it started.
    while _signal(process, 0) and time.monotonic() < deadline:
        process.poll()
        time.sleep(0.05)
    _signal(process, signal.SIGKILL)
    process.wait(timeout=10)


def _signal(process: subprocess.Popen[bytes], number: int) -> bool:
    """Send a signal to the process's group; tell whether anybody was there."""
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        return False
    return True
