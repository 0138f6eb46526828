"""Fixtures that every test may use; each is real, and made once where shared."""

from __future__ import annotations

import gc
import os
from typing import TYPE_CHECKING

import pytest
from support.copies import Copies
from support.once import once
from support.postgres import new_database, running_postgres
from support.template import make_template

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path


@pytest.hookimpl(wrapper=True)
def pytest_xdist_auto_num_workers(
    config: pytest.Config,
) -> Generator[None, int, int]:
    """Let ``-n auto`` be half as many processes again as there are processors.

    Tests wait a fifth of their time: for servers, for mails, for what must not come.
    """
    found = yield
    is_given = "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ
    is_exact = is_given or config.option.numprocesses != "auto"
    return found if is_exact else found + found // 2


def pytest_collection_finish() -> None:
    """Keep what was imported and collected out of every later look for garbage."""
    gc.collect()
    gc.freeze()


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
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all processes of this run share."""
    folder = tmp_path_factory.getbasetemp()
    return folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder


@pytest.fixture(scope="session", autouse=True)
def _records_of_their_own(shared: Path) -> Iterator[None]:
    """Keep what undo needs out of the home of the user who runs the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(shared / "state"))
        yield


@pytest.fixture(scope="session")
def template(shared: Path) -> Path:
    """The template as a git repository with one release tag."""
    return once(shared / "copier-better-auth", make_template)


@pytest.fixture(scope="session")
def copies(template: Path, shared: Path) -> Copies:
    """What ``copier copy`` made of a repository, copied for each test that asks."""
    return Copies(template, shared / "copies")


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a running PostgreSQL, without a database name."""
    with running_postgres() as url:
        yield url


@pytest.fixture
def database_url(postgres: str) -> str:
    """The URL of an empty database for this test alone."""
    return new_database(postgres)
