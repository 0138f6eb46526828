"""A project that ``sync`` has brought in step once."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from support.node import install_node_packages
from support.plugins import TWO_FACTOR, add_plugins
from support.projects import sync
from support.synced import UNVERIFIED
from support.template import commit_all, git

if TYPE_CHECKING:
    from pathlib import Path

    from support.copies import Copies


@pytest.fixture(scope="session")
def synced(copies: Copies, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new project with one plugin that ``sync`` has followed, all committed."""
    project = copies.into(tmp_path_factory.mktemp("synced") / "p", *UNVERIFIED)
    add_plugins(project / "auth-server", [TWO_FACTOR], fields="")
    install_node_packages(project / "auth-server")
    git(project, "init", "-q")
    commit_all(project)
    done = sync(project, "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    commit_all(project, "sync")
    return project


@pytest.fixture
def project(synced: Path, tmp_path: Path) -> Path:
    """Its own copy."""
    return shutil.copytree(synced, tmp_path / "p", symlinks=True)
