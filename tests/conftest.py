"""Fixtures that every test may use; each is real, and made once where shared."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.postgres import new_database, running_postgres
from support.template import make_template

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session", autouse=True)
def _copier_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep Copier's cache and settings of the machine out of the tests."""
    folder = tmp_path_factory.mktemp("copier")
    (folder / "settings.yml").write_text("{}\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COPIER_CACHE_DIR", str(folder / "cache"))
        patch.setenv("COPIER_SETTINGS_PATH", str(folder / "settings.yml"))
        yield


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The template as a git repository with one release tag."""
    return make_template(tmp_path_factory.mktemp("template") / "copier-better-auth")


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a running PostgreSQL, without a database name."""
    with running_postgres() as url:
        yield url


@pytest.fixture
def database_url(postgres: str) -> str:
    """The URL of an empty database of its own."""
    return new_database(postgres)
