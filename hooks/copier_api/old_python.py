"""Projects that certainly run on a Python that is too old for the auth package.

Certain is what allows no newer one (``requires-python``, the version in a Pipfile), or
names the one that runs: ``.python-version`` and the Dockerfile of the backend.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from ..catalogue.pinned import LOWEST_PYTHON
from ..errors import AnswerError
from ..repository.images import instructions
from ..repository.paths import above, join

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import Facts
    from ..repository import Repository

_NEWEST_MINOR = 20
_IMAGE = re.compile(r"python[:-]?(\d+)\.(\d+)\b")
_NAMED = re.compile(r"(\d+)\.(\d+)(?:\.\d+)?\s*")


def refuse_old_python(repository: Repository, backend_dir: str, facts: Facts) -> None:
    """Raise ``AnswerError`` for a project that runs on an older Python for certain."""
    for place, version in _stated(repository, backend_dir, facts):
        needed = ".".join(map(str, LOWEST_PYTHON))
        message = (
            f"{place}: Python {version} is too old for the auth package; "
            f"move to Python {needed} or newer first"
        )
        raise AnswerError(message)


def _stated(
    repository: Repository, backend_dir: str, facts: Facts
) -> Iterator[tuple[str, str]]:
    """Yield what names an older Python, with the version that is named there."""
    allowed = facts.requires_python.value
    if allowed is not None and not _allows_newer(allowed):
        yield str(facts.requires_python.evidence[0].path), allowed
    for folder in above(backend_dir):
        path = join(folder, ".python-version")
        if found := _NAMED.fullmatch(repository.text(path) or ""):
            if _is_older(found):
                yield path, found[0].strip()
            return
        path = join(folder, "Dockerfile")
        images = [
            found
            for _, name, rest in instructions(repository.text(path) or "")
            if name == "FROM" and (found := _IMAGE.search(rest))
        ]
        if images and all(map(_is_older, images)):
            yield path, f"{images[0][1]}.{images[0][2]}"
        if images:
            return


def _is_older(found: re.Match[str]) -> bool:
    return (int(found[1]), int(found[2])) < LOWEST_PYTHON


def _allows_newer(stated: str) -> bool:
    """Return True if any Python that will do is allowed, or that cannot be told."""
    if re.fullmatch(r"\d+\.\d+", stated):
        stated = f"=={stated}.*"
    try:
        allowed = SpecifierSet(stated)
    except InvalidSpecifier:
        return True  # Poetry's carets and the like
    major, lowest = LOWEST_PYTHON
    minors = range(lowest, _NEWEST_MINOR)
    return any(f"{major}.{n}.{patch}" in allowed for n in minors for patch in (0, 9))
