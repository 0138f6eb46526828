"""Keep the auth server out of the npm workspaces of a folder above it.

Before::

    "workspaces": ["apps/*"]

After::

    "workspaces": ["apps/*", "!apps/auth"]

Within them, npm looks for its packages in the lock file above, which has none of them:
``npm ci`` fails, for the auth server and for all the others. It has a lock of its own.
"""

from __future__ import annotations

import json
import re
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from ..model import FileEdit, ManualStep, Skip

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..model import Integration
    from .staging import Staging

_OPERATION = "leave-npm-workspace"
_LIST = re.compile(
    r'"workspaces"\s*:\s*(?:\{[^{}]*?"packages"\s*:\s*)?\[(?P<listed>[^\[\]]*)\]'
)


def leave_npm_workspace(
    integration: Integration, staging: Staging
) -> FileEdit | ManualStep | Skip:
    """Exclude the folder where a pattern matches it, unless it is a member already."""
    server = PurePosixPath(integration.answers.auth_server_dir)
    for above in server.parents:
        path = str(above / "package.json")
        name = str(server.relative_to(above))
        patterns = _patterns(staging.text(path) or "")
        if integration.answers.auth_node_package_manager != "npm" or not patterns:
            continue
        if not _is_member(name, patterns):
            continue
        if f'"{name}"' in (staging.text(str(above / "package-lock.json")) or ""):
            why = f"{name} is a member of its npm workspace already"
            return Skip(operation=_OPERATION, path=path, why=why)
        return _without(name, path, staging)
    why = "no npm workspace above it has the auth server's folder"
    return Skip(operation=_OPERATION, path=str(server), why=why)


def _without(name: str, path: str, staging: Staging) -> FileEdit | ManualStep:
    before = staging.read(path)
    source = staging.text(path) or ""
    after = _LIST.sub(lambda found: _with_one_more(found, f'"!{name}"'), source)
    if _patterns(after) != [*_patterns(source), f"!{name}"]:
        return ManualStep(
            operation=_OPERATION,
            path=path,
            why="its npm workspaces take in the auth server, which has its own lock",
            snippet=f'"!{name}"',
        )
    why = f"keep {name}, with its own lock file, out of the npm workspaces"
    return FileEdit(path=path, before=before, after=after.encode(), why=(why,))


def _with_one_more(found: re.Match[str], entry: str) -> str:
    """Write another entry as the last one stands: on a line of its own, or not."""
    listed = found["listed"].rstrip()
    apart = re.search(r"(\r?\n[ \t]*)\S[^\n]*$", listed)
    whole, start = found[0], found.start("listed") - found.start()
    end = start + len(listed)
    return f"{whole[:end]},{apart[1] if apart else ' '}{entry}{whole[end:]}"


def _patterns(manifest: str) -> list[str]:
    try:
        stated = json.loads(manifest).get("workspaces")
    except (ValueError, AttributeError):
        return []
    listed = stated.get("packages") if isinstance(stated, dict) else stated
    return [p for p in listed if isinstance(p, str)] if isinstance(listed, list) else []


def _is_member(name: str, patterns: Sequence[str]) -> bool:
    """Tell whether npm takes a folder in; of several patterns the last one counts."""
    member = False
    for pattern in patterns:
        parts = PurePosixPath(pattern.removeprefix("!")).parts
        if _matches(name.split("/"), parts):
            member = not pattern.startswith("!")
    return member


def _matches(names: Sequence[str], parts: Sequence[str]) -> bool:
    if not parts:
        return not names
    if parts[0] == "**":
        return any(_matches(names[n:], parts[1:]) for n in range(len(names) + 1))
    return (
        bool(names)
        and fnmatchcase(names[0], parts[0])
        and _matches(names[1:], parts[1:])
    )
