"""Package managers: their lock files and commands, for Python and for Node."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class PythonManager:
    """A manager of the backend's packages.

    Attributes:
        name: the answer, and its command; ``command`` where that varies, a pattern.
        locks: the files that only it writes or reads, the telling ones first.
        installing: its subcommands that install the project's own list.
        using: further subcommands that show that it is in use.
        install: what a user types in the backend's folder.
        install_in_image: the same as root in a container image, pinned.
        add: what adds a package to the list; empty where nothing does.
        run: what is typed before a Python tool's name.

    """

    name: str
    locks: tuple[str, ...] = ()
    installing: tuple[str, ...]
    using: tuple[str, ...] = ()
    install: str
    install_in_image: str
    add: str = ""
    run: str
    command: str = ""

    @property
    def installs(self) -> re.Pattern[str]:
        """A pattern of the command that installs the project's own list."""
        words = "|".join(self.installing)
        return re.compile(rf"\b{self.command or self.name} (?:{words})\b")

    @property
    def is_used(self) -> re.Pattern[str]:
        """A pattern of any command that shows that it is in use."""
        words = "|".join((*self.installing, *self.using))
        return re.compile(rf"\b{self.command or self.name} (?:{words})\b")


@dataclass(frozen=True, kw_only=True)
class NodeManager:
    """A manager of the auth server's packages.

    Attributes:
        name: the answer, and its command.
        locks: its lock files, the one that it writes today first.
        settings: a further file that an installation reads.
        install: what a user types, by the lock file.
        install_anew: the same where the lock file is to change.
        add: what adds a package; ``add_for_development`` a package of development.

    """

    name: str
    locks: tuple[str, ...]
    settings: str = ""
    install: str
    install_anew: str
    add: str
    add_for_development: str

    @property
    def lock(self) -> str:
        """The lock file that it writes."""
        return self.locks[0]


PYTHON_MANAGERS = (
    PythonManager(
        name="uv",
        locks=("uv.lock",),
        installing=("sync", "run"),
        using=("pip", "add"),
        install="uv sync",
        install_in_image=(
            "pip install uv==0.13.9 && uv sync --no-dev --no-install-project"
        ),
        add="uv add",
        run="uv run ",
    ),
    PythonManager(
        name="poetry",
        locks=("poetry.lock",),
        installing=("install", "run"),
        using=("export",),
        # The project itself need not be a package, and some are none.
        install="poetry lock && poetry install --no-root",
        install_in_image=(
            "pip install poetry==2.5.1 && POETRY_VIRTUALENVS_IN_PROJECT=1"
            " poetry install --only main --no-root"
        ),
        add="poetry add",
        run="poetry run ",
    ),
    PythonManager(
        name="pip",
        installing=("install",),
        install="pip install -r requirements.txt",
        install_in_image="pip install -r requirements.txt",
        run="",
        command="pip3?",
    ),
    PythonManager(
        name="pdm",
        locks=("pdm.lock",),
        installing=("install", "sync", "run"),
        install="pdm install",
        install_in_image="pip install pdm==2.29.4 && pdm install --prod --no-self",
        add="pdm add",
        run="pdm run ",
    ),
    PythonManager(
        name="pipenv",
        locks=("Pipfile.lock", "Pipfile"),
        installing=("install", "run", "sync"),
        install="pipenv install",
        install_in_image=(
            "pip install pipenv==2026.10.3 && pipenv install --system --deploy"
        ),
        add="pipenv install",
        run="pipenv run ",
    ),
    PythonManager(
        name="hatch",
        installing=("run", "env", "shell"),
        install="hatch env create",
        install_in_image="pip install .",
        run="hatch run ",
    ),
)

NODE_MANAGERS = (
    NodeManager(
        name="npm",
        locks=("package-lock.json",),
        install="npm ci",
        install_anew="npm install",
        add="npm install",
        add_for_development="npm install --save-dev",
    ),
    NodeManager(
        name="pnpm",
        locks=("pnpm-lock.yaml",),
        settings="pnpm-workspace.yaml",
        install="pnpm install",
        install_anew="pnpm install",
        add="pnpm add",
        add_for_development="pnpm add -D",
    ),
    NodeManager(
        name="yarn",
        locks=("yarn.lock",),
        settings=".yarnrc.yml",
        install="yarn install",
        install_anew="yarn install",
        add="yarn add",
        add_for_development="yarn add -D",
    ),
    NodeManager(
        name="bun",
        locks=("bun.lock", "bun.lockb"),
        install="bun install",
        install_anew="bun install",
        add="bun add",
        add_for_development="bun add -D",
    ),
)


def python_manager(name: str) -> PythonManager:
    """Return the row of a manager of Python packages by its name."""
    return next(row for row in PYTHON_MANAGERS if row.name == name)


def node_manager(name: str) -> NodeManager:
    """Return the row of a manager of Node packages by its name."""
    return next(row for row in NODE_MANAGERS if row.name == name)
