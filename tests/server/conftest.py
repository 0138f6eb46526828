"""One auth server with every method, shared by a file's tests; empty databases."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import pytest
from copier_better_auth.answers.choices import METHODS
from support.auth_server import AuthServer, built, migrate, running_server
from support.identity_providers import (
    PRELOAD,
    IdentityProviders,
    running_identity_providers,
)
from support.mail_services import Mailbox, smtp_server
from support.postgres import execute

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

EVERYTHING = {
    "auth_methods": list(METHODS),
    "auth_email_provider": "smtp",
    "auth_deployment": "docker",
    "auth_migration_system": "none",
    "auth_database_provider": "local",
}


@pytest.fixture(scope="session")
def rendered(template: Path, shared: Path) -> Callable[..., Path]:
    """Give a built server, by default with every method; without a database."""
    return lambda **answers: built(template, shared, {**EVERYTHING, **answers})


@pytest.fixture(scope="session")
def new_database(postgres: str) -> Callable[[], str]:
    """Make an empty database; return its URL."""

    def make() -> str:
        name = f"t_{secrets.token_hex(6)}"
        execute(f"{postgres}/postgres", f"create database {name}")
        return f"{postgres}/{name}"

    return make


@pytest.fixture(scope="session")
def ready(
    rendered: Callable[..., Path], postgres: str, new_database: Callable[[], str]
) -> Callable[..., tuple[Path, str]]:
    """Give a built server and a migrated database of one's own."""
    migrated: dict[Path, str] = {}

    def make(**answers: object) -> tuple[Path, str]:
        folder = rendered(**answers)
        if folder not in migrated:
            migrated[folder] = new_database()
            migrate(folder, migrated[folder])
        pattern = migrated[folder].rpartition("/")[2]
        name = f"t_{secrets.token_hex(6)}"
        execute(f"{postgres}/postgres", f"create database {name} template {pattern}")
        return folder, f"{postgres}/{name}"

    return make


@pytest.fixture(scope="module")
def smtp() -> Iterator[tuple[str, Mailbox]]:
    """An SMTP server: its URL and what it got."""
    with smtp_server() as running:
        yield running


@pytest.fixture(scope="module")
def mailbox(smtp: tuple[str, Mailbox]) -> Mailbox:
    """What the SMTP server got."""
    return smtp[1]


@pytest.fixture(scope="module")
def providers() -> Iterator[IdentityProviders]:
    """The social providers."""
    with running_identity_providers() as running:
        yield running


@pytest.fixture(scope="module")
def _everything(ready: Callable[..., tuple[Path, str]]) -> tuple[Path, str]:
    return ready()


@pytest.fixture(scope="module")
def database(_everything: tuple[Path, str]) -> str:
    """The database of the file's server."""
    return _everything[1]


@pytest.fixture(scope="module")
def server(
    _everything: tuple[Path, str],
    smtp: tuple[str, Mailbox],
    providers: IdentityProviders,
) -> Iterator[AuthServer]:
    """A running server with every method, its mail and its providers on loopback."""
    command = ("node", "--import", str(PRELOAD), "dist/server.js")
    with running_server(
        *_everything,
        command=command,
        SMTP_URL=smtp[0],
        IDENTITY_PROVIDERS=providers.url,
    ) as running:
        yield running
