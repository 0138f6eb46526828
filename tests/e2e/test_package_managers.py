"""``dev:all`` with every package manager, in the layouts that repositories have.

uv with npm, the defaults, is what other tests have.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.copier_cli import COPIER, copy
from support.dev_all import Project
from support.newcomer import next_commands
from support.node import install_node_packages
from support.package_managers import environment_with
from support.postgres import free_port
from support.processes import wait_for
from support.projects import set_env
from support.repositories import build, factory, workspace
from support.template import commit_all
from support.terminal import shell, shell_at_a_terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


@dataclass(frozen=True, kw_only=True)
class Case:
    """A repository, the two package managers used there, and where its database is."""

    python: str
    node: str
    repository: Callable[[Path], object] | None = None
    provider: str = "embedded"

    @property
    def options(self) -> list[str]:
        """What is answered; in a repository that was there before it is discovered."""
        answers = [f"auth_database_provider={self.provider}"]
        if self.repository is None:
            answers += [
                f"auth_package_manager={self.python}",
                f"auth_node_package_manager={self.node}",
            ]
        return [part for answer in answers for part in ("-d", answer)]


CASES = {
    "poetry and pnpm, below a workspace": Case(
        python="poetry",
        node="pnpm",
        repository=lambda at: workspace(at, "poetry", "pnpm"),
    ),
    "hatch and yarn, below a workspace": Case(
        python="hatch",
        node="yarn-berry",
        repository=lambda at: workspace(at, "hatch", "yarn"),
    ),
    "pdm and bun": Case(python="pdm", node="bun"),
    # Yarn 1 loads the packages of every platform: here at least without databases.
    "pipenv and yarn 1": Case(python="pipenv", node="yarn", provider="local"),
    "pip and npm, src layout and a factory": Case(
        python="pip", node="npm", repository=factory, provider="local"
    ),
}


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that PostgreSQL's user may enter too."""
    path = Path(tempfile.mkdtemp(prefix="managers-"))
    path.chmod(0o755)
    try:
        yield path
    finally:
        shutil.rmtree(path)


def activated(folder: Path, env: dict[str, str]) -> None:
    """Make a virtual environment outside the repository, as pip's users may have it."""
    venv = folder / "environments" / "shop"
    shell(f"python3 -m venv {venv}", folder, env)
    env["VIRTUAL_ENV"] = str(venv)
    env["PATH"] = f"{venv / 'bin'}{os.pathsep}{env['PATH']}"


def interrupted(project: Project, start: str, env: Mapping[str, str]) -> None:
    """Start at a terminal and press Ctrl-C there, when the servers are ready."""
    with shell_at_a_terminal(project.folder, env, project.log) as (shell, type_):
        type_(f"{start}\n")
        wait_for(f"http://localhost:{project.auth}/readyz", shell, project.log)
        type_("\x03")
        project.gone(besides=shell.pid)
        type_("exit\n")
        shell.wait(timeout=10)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_as_printed(
    template: Path, folder: Path, database_url: str, case: Case
) -> None:
    """Install, verify, start and stop by what was printed; no process is left."""
    root = folder / "shop"
    if case.repository is not None:
        case.repository(root)
    copied = copy(template, root, *case.options)
    assert copied.returncode == 0, copied.stderr
    install_python, install_node, _, start = next_commands(copied.stdout)
    server = root / "auth-server"
    project = Project(
        folder=root, auth=free_port(), api=free_port(), database=free_port()
    )
    url = re.search(r"(?m)^DATABASE_URL=(.*)$", (server / ".env").read_text())
    assert url is not None
    own = re.sub(r":\d+/", f":{project.database}/", url[1])
    set_env(
        server,
        PORT=str(project.auth),
        BETTER_AUTH_URL=f"http://localhost:{project.auth}",
        DATABASE_URL=own if case.provider == "embedded" else database_url,
    )
    env = environment_with(case.python, case.node, folder / "tools")
    env |= project.environment
    if case.python == "pip":
        activated(folder, env)
    documents = (server / "SETUP.md").read_text()
    for command in (install_python, install_node, start):
        assert command in documents
    try:
        shell(install_python, root, env)
        if case.node == "npm":  # test_readme.py shows npm's
            install_node_packages(server)
        else:
            shell(install_node, root, env)
        verify = f"{COPIER.with_name('copier-better-auth')} verify"
        if case.python == "pip":
            # Which puts a Python before the one whose environment is activated.
            verify = f"uvx --from git+file://{template} copier-better-auth verify"
        assert "All of that held." in shell(verify, root, env)
        project.gone()
        interrupted(project, start, env)
    except BaseException as error:
        if project.log.exists():
            error.add_note(project.printed())
        raise
    finally:
        for pid in project.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, 9)


# How each installs, and refuses to where a lock file lacks something.
EXACTLY = {
    "npm": ("npm install", "npm ci"),
    "pnpm": ("pnpm install", "pnpm install --frozen-lockfile"),
    "yarn-berry": ("yarn install", "yarn install --immutable"),
    "bun": ("bun install", "bun install --frozen-lockfile"),
}


@pytest.mark.parametrize("manager", EXACTLY)
def test_beside_workspaces(template: Path, folder: Path, manager: str) -> None:
    """A pattern of theirs matches the folder; packages come in it, and above it."""
    root = folder / "shop"
    build(
        root,
        {
            "package.json": """
                {"name": "shop", "private": true, "workspaces": ["apps/*"]}
                """,
            **(
                {"pnpm-workspace.yaml": "packages: [apps/*]\n"}
                if manager == "pnpm"
                else {}
            ),
            **({"yarn.lock": ""} if manager == "yarn-berry" else {}),
            ".yarnrc.yml": "nodeLinker: node-modules\n",
            "apps/web/package.json": """
                {"name": "web", "dependencies": {"clsx": "2.1.1"}}
                """,
            "apps/api/main.py": """
                from fastapi import FastAPI

                app = FastAPI()
                """,
            "apps/api/requirements.txt": "fastapi\n",
            ".gitignore": "node_modules/\n",
        },
    )
    install, exactly = EXACTLY[manager]
    env = environment_with("uv", manager, folder / "tools")
    shell(install, root, env)
    commit_all(root)
    copied = copy(template, root, "-d", "auth_server_dir=apps/auth")
    assert copied.returncode == 0, copied.stderr
    (printed,) = re.findall(
        r"(?m)^  (\(cd apps/auth && .* (?:ci|install)\))$", copied.stdout
    )
    shell(printed, root, env)
    shell(exactly, root, env)
    packages = root / "apps/auth/node_modules"
    assert (packages / "better-auth/package.json").exists()
    shell("npm run typecheck", packages.parent, env)
