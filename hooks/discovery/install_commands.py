"""What installs the backend's packages where it is started: a manager, and its lists.

A Dockerfile, a compose file, a Makefile or a workflow of CI that is with the
backend, or names it. What it installs from is what the running application has::

    COPY server/requirements.txt .
    RUN pip install -r requirements.txt
    CMD ["uvicorn", "server.main:app"]
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..catalogue.package_managers import PYTHON_MANAGERS
from ..model import Evidence
from ..repository.compose import backend_service, dockerfile, find_compose, read_compose
from ..repository.paths import above, is_below, join

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..repository import Repository

_FILES = re.compile(
    r"(^|/)((Dockerfile|Containerfile)[^/]{0,255}|[^/]{0,255}\.[Dd]ockerfile|Procfile|[Mm]akefile"
    r"|[Jj]ustfile|[^/]{0,255}compose[^/]{0,255}\.ya?ml|[^/]{0,255}\.sh|(render|railway|fly|nixpacks)\.\w+)$"
    r"|^\.github/workflows/[^/]{0,255}\.ya?ml$"
)
_STARTS = re.compile(
    r"(?m)^[^#\n]{0,999}?\b(uvicorn|gunicorn|hypercorn|granian|fastapi (run|dev))\b"
)
# Dockerfile.lambda, api.Dockerfile, docker-compose.prod.yml: one of several.
_VARIANT = re.compile(r"(^|/)(Dockerfile.|Containerfile.|[^/]{1,255}\.[Dd]ockerfile$)")
_EXPORTED = re.compile(
    r"\b(?:(?:poetry|uv|pdm) export|pipenv (?:lock|requirements)|pip-compile)\b"
)
_FROM_LIST = re.compile(
    r"\bpip3?\s{1,9}install\b(?:[^\n;&|]|\\\n){0,299}?(?:-r|--requirement)[ =]{0,9}"
    r"[\"']?(?P<list>[\w./@-]{1,199}\.(?:txt|in))"
)
_INCLUDED = re.compile(r"(?m)^[ \t]{0,99}(?:-r|--requirement)[ =]{0,9}([\w./-]{1,199})")
_MANAGERS = {row.name: row.installs for row in PYTHON_MANAGERS if row.name != "pip"}


@dataclass(frozen=True, kw_only=True)
class Install:
    """One command: which manager, the list that it names, and where it is written.

    ``starts`` is true where the same file starts a server too.
    """

    manager: str
    evidence: Evidence
    list: str | None = None
    starts: bool = False


def find_installs(repository: Repository, backend_dir: str) -> tuple[Install, ...]:
    """Return the commands, those next to a start command first."""
    found: list[tuple[bool, bool, bool, bool, Install]] = []
    built = _built(repository, backend_dir)
    for path in repository.files:
        if not _FILES.search(path):
            continue
        content = repository.text(path) or ""
        if not _is_about(path, content, backend_dir):
            continue
        starts = path == built or _STARTS.search(content) is not None
        variant = _VARIANT.search(path) is not None
        far = not is_below(path, backend_dir)
        found += [
            (path != built, not starts, variant, far, replace(one, starts=starts))
            for one in _in_file(repository, backend_dir, path, content)
        ]
    found.sort(key=lambda one: one[:-1])
    return tuple(one[-1] for one in found)


def _built(repository: Repository, backend_dir: str) -> str | None:
    """Return the Dockerfile that the project's compose file builds its backend with."""
    path = find_compose(repository, backend_dir)
    compose = read_compose(path, repository.text(path) or "") if path else ""
    if isinstance(compose, str):
        return None
    service = backend_service(compose, backend_dir, repository.text)
    return dockerfile(compose, service) if service else None


def installed_lists(repository: Repository, backend_dir: str) -> tuple[str, ...]:
    """Return the requirements files that such commands install, without repetition."""
    installs = find_installs(repository, backend_dir)
    return tuple(dict.fromkeys(i.list for i in installs if i.list is not None))


def included_lists(repository: Repository, backend_dir: str) -> tuple[str, ...]:
    """Return the lists that are installed, with those that they take in by ``-r``."""
    found = dict.fromkeys(installed_lists(repository, backend_dir))
    waiting = [*found]
    while waiting:
        path = waiting.pop()
        for name in _INCLUDED.findall(repository.text(path) or ""):
            listed = posixpath.normpath(join(path.rpartition("/")[0] or ".", name))
            if listed in repository.file_set and listed not in found:
                found[listed] = None
                waiting.append(listed)
    return tuple(found)


def _in_file(
    repository: Repository, backend_dir: str, path: str, content: str
) -> Iterator[Install]:
    for manager, pattern in _MANAGERS.items():
        if found := pattern.search(content):
            place = _place(path, content, found.start(), f"runs {manager}")
            yield Install(manager=manager, evidence=place)
            return
    for found in _FROM_LIST.finditer(content):
        if _is_written(repository, content, found["list"]):
            place = _place(path, content, found.start(), "runs pip")
            yield Install(manager="pip", evidence=place)
            continue
        listed = _resolved(repository, backend_dir, path, content, found["list"])
        if listed is not None and not _is_for_development(listed):
            place = _place(path, content, found.start(), f"installs {listed}")
            yield Install(manager="pip", evidence=place, list=listed)


def _resolved(
    repository: Repository, backend_dir: str, path: str, content: str, name: str
) -> str | None:
    """Return the file of the repository that a command means, copied or not."""
    base = name.rpartition("/")[2]
    copied = [
        word
        for line in content.splitlines()
        if line.startswith(("COPY ", "ADD "))
        for word in line.split()[1:-1]
        if word.rpartition("/")[2] == base
    ]
    folders = [*above(path.rpartition("/")[0] or "."), backend_dir]
    for given in (*copied, name.lstrip("/"), base):
        for folder in dict.fromkeys(folders):
            listed = join(folder, given.removeprefix("./"))
            if listed in repository.file_set:
                ours = _is_ours(repository, backend_dir, listed)
                return listed if ours else None
    return None


def _is_written(repository: Repository, content: str, name: str) -> bool:
    """Return True for a list that no file is, and no other manager's lock makes."""
    base = name.rpartition("/")[2]
    return not repository.named(base) and not _EXPORTED.search(content)


def _is_ours(repository: Repository, backend_dir: str, listed: str) -> bool:
    """Return False for the list of another service: its folder has code of its own."""
    folder = listed.rpartition("/")[0] or "."
    if folder in above(backend_dir):
        return True
    return not any(f.endswith(".py") for f in repository.below(folder))


def _is_about(path: str, content: str, backend_dir: str) -> bool:
    """Return True for a file in or above the backend, if it does not name another."""
    folder = path.rpartition("/")[0] or "."
    if is_below(path, backend_dir):
        return True
    if folder in above(backend_dir):
        starts = _STARTS.search(content) is not None
        return starts or backend_dir == "." or backend_dir in content
    named = rf"(?<![\w-]){re.escape(backend_dir)}(?![\w-])"
    return backend_dir != "." and re.search(named, content) is not None


def _is_for_development(listed: str) -> bool:
    return re.search(r"(?i)(^|[/_.-])(dev|test|lint|doc)s?\b", listed) is not None


def _place(path: str, content: str, offset: int, why: str) -> Evidence:
    return Evidence(path=path, line=content.count("\n", 0, offset) + 1, why=why)
