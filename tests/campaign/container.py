"""The application started as its image has it: what the Dockerfile copies, no more."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

from support.postgres import free_port
from support.processes import running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from campaign.machine import Developer
    from copier_better_auth.answers import Answers

_SECONDS = 60
_LEFT_OUT = shutil.ignore_patterns(
    ".git", "node_modules", ".venv", "venv", "__pycache__", "auth-server"
)


def starts(developer: Developer, answers: Answers | None) -> str:
    """Return why it does not start, or does not refuse a stranger; empty if it does.

    It gets the environment that was enough before, and after the copy the two variables
    that both servers share.
    """
    container = developer.repository.container
    assert container is not None
    # As shallow as /app: code that counts folders upwards finds the root soon.
    above = "/" if os.access("/", os.W_OK) else None
    image = Path(tempfile.mkdtemp(prefix="app", dir=above))
    try:
        for source, target in container.copies.items():
            _copied(developer.root / source, image / target)
        bin_ = f"{developer.prefix()}/bin"
        port = free_port()
        env = developer.env | container.env | {"PORT": str(port)}
        env["PATH"] = f"{bin_}{os.pathsep}{env['PATH']}"
        path = "/openapi.json"
        if answers is not None:
            env |= dict(_shared(developer.root / answers.auth_server_dir / ".env"))
            path = f"{answers.auth_api_prefix}/auth/me"
        log = developer.away / "container.log"
        log.unlink(missing_ok=True)
        folder = image / container.folder
        command = ["bash", "-c", f"exec {container.start}"]
        with running(command, cwd=folder, log=log, env=env) as process:
            deadline = time.monotonic() + _SECONDS
            while time.monotonic() < deadline and process.poll() is None:
                if (status := _status(f"http://127.0.0.1:{port}{path}")) is not None:
                    fine = status == 401 if answers else status < 500
                    return "" if fine else f"answers {status} at {path}"
                time.sleep(0.2)
        lines = [s for s in log.read_text(errors="replace").splitlines() if s.strip()]
        return f"does not start ({lines[-1].strip()[:200] if lines else 'silent'})"
    finally:
        shutil.rmtree(image, ignore_errors=True)


def _copied(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=_LEFT_OUT, dirs_exist_ok=True)
    elif source.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, target)


def _shared(file: Path) -> Iterator[tuple[str, str]]:
    for line in file.read_text().splitlines() if file.exists() else ():
        name, _, value = line.partition("=")
        if name in {"BETTER_AUTH_SECRET", "BETTER_AUTH_URL"}:
            yield name, value.strip("'\"")


def _status(url: str) -> int | None:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - our own
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code
    except OSError:
        return None
