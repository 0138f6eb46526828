"""Debian's Chromium under Playwright, and axe-core."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from support.debian import program
from support.node import node_modules
from support.template import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext, Page, Playwright

_PACKAGES = ROOT / "tests" / "browser"


def executable() -> str:
    """Return the path of a Chromium."""
    return program("chromium", "chromium", "chromium-browser", "google-chrome")


def launch(playwright: Playwright, *arguments: str) -> Browser:
    """Start a Chromium that asks no one outside for anything."""
    return playwright.chromium.launch(
        executable_path=executable(),
        args=["--disable-background-networking", *arguments],
        chromium_sandbox=os.geteuid() != 0,
    )


def launch_profile(
    playwright: Playwright, folder: Path, *arguments: str, **preferences: object
) -> BrowserContext:
    """Start a Chromium with its own profile, as a person has it.

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
    axe = node_modules(_PACKAGES) / "axe-core/axe.min.js"
    page.evaluate(axe.read_text())
    found = page.evaluate("axe.run().then((results) => results.violations)")
    return [
        f"{rule['id']}: {node['failureSummary']} {node['html']}"
        for rule in found
        for node in rule["nodes"]
    ]
