"""Chromium, as every test here drives it, and a project that runs for all of them."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import sync_playwright
from support.chromium import launch
from support.identity_providers import PRELOAD, running_identity_providers
from support.postgres import free_port
from support.projects import running_project, set_env
from support.sign_in_methods import EVERY_METHOD, SOCIAL, credentials
from support.visits import Running, Site, prepared

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Playwright


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """What drives browsers; there can be one at a time."""
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="module")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """A Chromium with its usual settings."""
    browser = launch(playwright)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def running(
    template: Path, postgres: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    """A project with every method, its mail printed, its providers on loopback."""
    folder = tmp_path_factory.mktemp("page")
    front_end = f"http://localhost:{free_port()}"
    origins = f"auth_cors_origins=http://localhost:3000,{front_end}"
    answers = (EVERY_METHOD, origins, "auth_front_end=react")
    database_url = prepared(template, folder, postgres, *answers)
    set_env(folder / "auth-server", **credentials(*SOCIAL))
    with contextlib.ExitStack() as stack:
        providers = stack.enter_context(running_identity_providers())
        # Only what starts now is to take them for the real ones.
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("NODE_OPTIONS", f"--import {PRELOAD}")
            patch.setenv("IDENTITY_PROVIDERS", providers.url)
            servers = stack.enter_context(running_project(folder))
        yield Running(
            folder=folder,
            servers=servers,
            providers=providers,
            database_url=database_url,
            front_end=front_end,
        )


@pytest.fixture(scope="module")
def site(running: Running, chromium: Browser) -> Site:
    """The development page of the running project."""
    return Site(servers=running.servers, chromium=chromium)
