"""Find the dependency manifest, the package manager and the Python version."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Any

from ..catalogue.package_managers import PYTHON_MANAGERS
from ..model import Confidence, Evidence, Fact
from ..repository.paths import above, is_below, join
from .install_commands import find_installs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..repository import Repository

_LOCKS = {lock: row.name for row in PYTHON_MANAGERS for lock in row.locks}
# What others install with, last: a Dockerfile has pip for the manager itself.
_COMMANDS = {
    row.name: row.is_used
    for row in sorted(PYTHON_MANAGERS, key=lambda row: row.name == "pip")
}


def read_toml(repository: Repository, path: str) -> dict[str, Any] | None:
    """Return a TOML file's content; ``None`` where it is missing or does not parse."""
    text = repository.text(path)
    if text is None:
        return None
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return None


def find_manifest_dir(repository: Repository, backend_dir: str) -> Fact[str]:
    """Find the nearest folder that lists the backend's dependencies."""
    for folder in above(backend_dir):
        for name in ("pyproject.toml", "Pipfile", "requirements.txt", "setup.py"):
            path = join(folder, name)
            if path not in repository.file_set:
                continue
            if name == "pyproject.toml" and not _is_project(repository, path):
                continue
            evidence = (Evidence(path=path, why="lists dependencies"),)
            return Fact(value=folder, confidence=Confidence.CERTAIN, evidence=evidence)
    return Fact()


def find_package_manager(repository: Repository, backend_dir: str) -> Fact[str]:
    """Believe the nearest lock file, then what starts it, then the nearest list."""
    for folder in above(backend_dir):
        for name, manager in _LOCKS.items():
            path = join(folder, name)
            if path in repository.file_set:
                evidence = (Evidence(path=path, why=f"is {manager}'s"),)
                return Fact(
                    value=manager, confidence=Confidence.CERTAIN, evidence=evidence
                )
        if folder != "." and any(
            join(folder, n) in repository.file_set
            for n in ("pyproject.toml", "requirements.txt")
        ):
            workspace = read_toml(repository, "pyproject.toml") or {}
            if "workspace" not in _table(workspace, "tool", "uv"):
                break
    return (
        _started(repository, backend_dir)
        or _declared(repository, backend_dir)
        or _commanded(repository, backend_dir)
    )


def find_requires_python(repository: Repository, backend_dir: str) -> Fact[str]:
    """Return the supported Python versions as the manifest states them."""
    for folder in above(backend_dir):
        path = join(folder, "pyproject.toml")
        content = read_toml(repository, path)
        if content is None and path in repository.file_set:
            return Fact(problem=f"{path} cannot be read as TOML")
        if content is None:
            continue
        stated = _table(content, "project").get("requires-python")
        stated = stated or _table(content, "tool", "poetry", "dependencies").get(
            "python"
        )
        if isinstance(stated, str):
            line = _line_of(repository, path, stated)
            evidence = (Evidence(path=path, line=line, why="states it"),)
            return Fact(value=stated, confidence=Confidence.CERTAIN, evidence=evidence)
        if "project" in content or "poetry" in _table(content, "tool"):
            return Fact()
    for folder in above(backend_dir):
        content = read_toml(repository, join(folder, "Pipfile"))
        version = _table(content or {}, "requires").get("python_version")
        if isinstance(version, str):
            evidence = (Evidence(path=join(folder, "Pipfile"), why="states it"),)
            return Fact(value=version, confidence=Confidence.CERTAIN, evidence=evidence)
    return Fact()


def dependency_names(repository: Repository, backend_dir: str) -> frozenset[str]:
    """Return the lower-case names of all packages that the manifests mention."""
    found: set[str] = set()
    for folder in above(backend_dir):
        for path in _beside(repository, folder):
            name = path.rpartition("/")[2]
            if _is_manifest(name) or "/requirements/" in f"/{path}":
                words = re.findall(r"[A-Za-z][\w.-]*", repository.text(path) or "")
                found.update(word.lower().replace("_", "-") for word in words)
    return frozenset(found)


def _beside(repository: Repository, folder: str) -> Iterator[str]:
    """Yield the files in a folder, and in the one of requirements within it."""
    yield from repository.in_folder(folder)
    yield from repository.in_folder(join(folder, "requirements"))


def _is_manifest(name: str) -> bool:
    if name in {"pyproject.toml", "Pipfile", "setup.py", "setup.cfg"}:
        return True
    return name.startswith("requirements") and name.endswith((".txt", ".in"))


def _started(repository: Repository, backend_dir: str) -> Fact[str] | None:
    """Believe the command that installs what the backend is started with."""
    for install in find_installs(repository, backend_dir):
        if install.starts and _has_a_list(repository, backend_dir, install.manager):
            return Fact(
                value=install.manager,
                confidence=Confidence.LIKELY,
                evidence=(install.evidence,),
            )
    return None


def _has_a_list(repository: Repository, backend_dir: str, manager: str) -> bool:
    """Return True if there is what a manager's own command could install from."""
    if manager == "pip":
        return True
    if manager == "pipenv":
        return any(
            join(folder, "Pipfile") in repository.file_set
            for folder in above(backend_dir)
        )
    return any(
        _lists(read_toml(repository, join(folder, "pyproject.toml")), manager)
        or (manager == "hatch" and join(folder, "hatch.toml") in repository.file_set)
        for folder in above(backend_dir)
    )


def _lists(content: dict[str, Any] | None, manager: str) -> bool:
    """Return True for a pyproject.toml that a manager installs from."""
    content = content or {}
    if manager == "poetry":
        backend = _table(content, "build-system").get("build-backend")
        told = str(backend).startswith("poetry.core")
        return told or "poetry" in _table(content, "tool")
    return "project" in content or manager in _table(content, "tool")


def _declared(repository: Repository, backend_dir: str) -> Fact[str] | None:
    """Believe the tables of a pyproject.toml, as far up as the nearest list."""
    for folder in above(backend_dir):
        path = join(folder, "pyproject.toml")
        tools = _table(read_toml(repository, path) or {}, "tool")
        for manager in ("poetry", "pdm", "uv", "hatch"):
            table = tools.get(manager)
            if not isinstance(table, dict):
                continue
            if _says_enough(manager, table):
                evidence = (Evidence(path=path, why=f"has [tool.{manager}]"),)
                return Fact(
                    value=manager, confidence=Confidence.LIKELY, evidence=evidence
                )
        if join(folder, "requirements.txt") in repository.file_set:
            return None
    return None


def _says_enough(manager: str, table: dict[str, Any]) -> bool:
    """Return True if a tool's table is more than what another tool leaves there."""
    if manager == "poetry":
        # `poetry init` lists Python alone; what is installed may be elsewhere.
        return bool(_table(table, "dependencies").keys() - {"python"})
    return manager != "hatch" or "envs" in table


_COMMANDING = re.compile(
    r"(Dockerfile[^/]{0,255}|\.ya?ml|Makefile|\.sh|README[^/]{0,255})$"
)


def _commanded(repository: Repository, backend_dir: str) -> Fact[str]:
    places = [
        path
        for path in repository.files
        if _COMMANDING.search(path)
        and (
            is_below(path, backend_dir) or is_below(path, ".github") or "/" not in path
        )
    ]
    for path in sorted(places, key=lambda p: ("README" in p, p.count("/"))):
        content = repository.text(path) or ""
        for manager, pattern in _COMMANDS.items():
            found = pattern.search(content)
            if found and _has_a_list(repository, backend_dir, manager):
                line = content.count("\n", 0, found.start()) + 1
                evidence = (Evidence(path=path, line=line, why=f"runs {manager}"),)
                return Fact(
                    value=manager, confidence=Confidence.LIKELY, evidence=evidence
                )
    for folder in above(backend_dir):
        for path in sorted(_beside(repository, folder)):
            if path.endswith(".txt") and "requirements" in path:
                evidence = (Evidence(path=path, why="is pip's"),)
                return Fact(
                    value="pip", confidence=Confidence.LIKELY, evidence=evidence
                )
    return Fact()


def lists_itself(repository: Repository, folder: str) -> bool:
    """Return True if ``pip install .`` works in a folder: it has a package to build."""
    path = join(folder, "pyproject.toml")
    built = path in repository.file_set and _is_project(repository, path)
    return built or join(folder, "setup.py") in repository.file_set


def _is_project(repository: Repository, path: str) -> bool:
    content = read_toml(repository, path) or {}
    return "project" in content or "poetry" in _table(content, "tool")


def _table(content: dict[str, Any], *keys: str) -> dict[str, Any]:
    for key in keys:
        inner = content.get(key)
        content = inner if isinstance(inner, dict) else {}
    return content


def _line_of(repository: Repository, path: str, needle: str) -> int:
    before, found, _ = (repository.text(path) or "").partition(needle)
    return before.count("\n") + 1 if found else 0
