"""Read a Node package's ``package.json``, whatever is in it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..repository import Repository


def package_json(repository: Repository, path: str) -> dict[str, Any]:
    """Return what the file says; empty where it is missing or no JSON object."""
    try:
        content = json.loads(repository.text(path) or "")
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def dependencies_of(repository: Repository, path: str) -> set[str]:
    """Return the names of the packages that a package depends on."""
    content = package_json(repository, path)
    found: set[str] = set()
    for kind in ("dependencies", "devDependencies"):
        listed = content.get(kind)
        found.update(map(str, listed) if isinstance(listed, dict) else ())
    return found
