"""Debian's Chromium under Playwright, and axe-core; installed where missing."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from support.template import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext, Page, Playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_INSTALL = (
    ("apt-get", "install", "--yes", "--no-install-recommends", "chromium"),
    ("apt-get", "update"),
    ("apt-get", "install", "--yes", "--no-install-recommends", "chromium"),
)
_PACKAGES = ROOT / "tests" / "browser"


def executable() -> str:
    """Return the path of a Chromium; install Debian's where there is none."""
    with _one_at_a_time("chromium"):
        found = _found()
        if found is None:
            said = _install()
            found = _found()
            if found is None:
                pytest.skip(f"there is no Chromium, and apt-get installed none: {said}")
    return found


def launch(playwright: Playwright, *arguments: str) -> Browser:
    """Start a Chromium that asks nobody outside for anything."""
    return playwright.chromium.launch(
        executable_path=executable(),
        args=["--disable-background-networking", *arguments],
        chromium_sandbox=os.geteuid() != 0,
    )


def launch_profile(
    playwright: Playwright, folder: Path, *arguments: str, **preferences: object
) -> BrowserContext:
    """Start a Chromium with a profile of its own, as a person has it.

    The contexts of ``launch`` are incognito windows, which block third-party cookies.
    """
    (folder / "Default").mkdir(parents=True)
    settings = {"profile": preferences}
    (folder / "Default/Preferences").write_text(json.dumps(settings))
    return playwright.chromium.launch_persistent_context(
        folder,
        executable_path=executable(),
        args=["--disable-background-networking", *arguments],
        chromium_sandbox=os.geteuid() != 0,
        ignore_https_errors=True,
    )


def violations(page: Page) -> list[str]:
    """Return what axe-core finds wrong with a page, a line for each element."""
    page.evaluate(_axe().read_text())
    found = page.evaluate("axe.run().then((results) => results.violations)")
    return [
        f"{rule['id']}: {node['failureSummary']} {node['html']}"
        for rule in found
        for node in rule["nodes"]
    ]


def _found() -> str | None:
    return next(filter(None, map(shutil.which, _NAMES)), None)


def _install() -> str:
    if shutil.which("apt-get") is None:
        return "this system has no apt-get"
    as_root = [] if os.geteuid() == 0 else ["sudo", "--non-interactive"]
    said = ""
    for command in _INSTALL:
        try:
            done = subprocess.run(
                [*as_root, *command],
                capture_output=True,
                text=True,
                env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
                check=False,
            )
        except OSError as error:
            return str(error)
        if done.returncode == 0 and _found():
            return ""
        said = (done.stderr.strip().splitlines() or [said])[-1]
    return said


def _axe() -> Path:
    folder = ROOT / ".cache" / "browser"
    script = folder / "node_modules/axe-core/axe.min.js"
    with _one_at_a_time("axe"):
        for name in ("package.json", "package-lock.json"):
            shutil.copy2(_PACKAGES / name, folder / name)
        lock = (folder / "package-lock.json").read_bytes()
        installed = folder / "installed"
        if not installed.exists() or installed.read_bytes() != lock:
            subprocess.run(
                ["npm", "ci", "--no-audit", "--no-fund"],  # noqa: S607 - npm from PATH
                cwd=folder,
                check=True,
                capture_output=True,
            )
            installed.write_bytes(lock)
    return script


@contextlib.contextmanager
def _one_at_a_time(name: str) -> Iterator[None]:
    folder = ROOT / ".cache" / "browser"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{name}.lock").open("w") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        yield
