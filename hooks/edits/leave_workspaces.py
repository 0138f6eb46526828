"""Keep the auth server out of the workspaces of a folder above it.

Before::

    "workspaces": ["apps/*"]

After::

    "workspaces": ["apps/*", "!apps/auth"]

Within them, its packages are looked for in the lock file above, which has none of them:
``npm ci``, and what other managers have for it, fails there and for all the others. The
auth server has its own lock file.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from ..catalogue.package_managers import NODE_MANAGERS
from ..model import FileEdit, ManualStep, Place, Skip, Where
from ..syntax.encoding import encoded
from ..syntax.yaml import YAMLError, load_yaml

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..model import Integration
    from ..repository.staging import Staging

_OPERATION = "leave-workspaces"
_LISTS = {
    # What npm, Yarn and bun read, and what pnpm does.
    "package.json": re.compile(
        r'"workspaces"\s{0,99}:\s{0,99}'
        r'(?:\{[^{}]{0,999}?"packages"\s{0,99}:\s{0,99})?\[(?P<listed>[^\[\]]*)\]'
    ),
    "pnpm-workspace.yaml": re.compile(
        r"^packages:(?:[ \t]*\[(?P<listed>[^\[\]]*)\]"
        r"|(?P<lines>(?:[ \t\r]*\n(?:[ \t\r]*+(?:#.*)?\n)*+[ \t]*-.*)+))",
        re.MULTILINE,
    ),
}
_LOCKS = tuple(row.lock for row in NODE_MANAGERS)


def leave_workspaces(
    integration: Integration, staging: Staging
) -> Iterator[FileEdit | ManualStep | Skip]:
    """Exclude the folder where a pattern matches it, unless it is a member already."""
    server = PurePosixPath(integration.answers.auth_server_dir)
    matched = False
    for above in server.parents:
        name = str(server.relative_to(above))
        for file in _LISTS:
            path = str(above / file)
            if _is_member(name, _patterns(path, staging.text(path) or "")):
                matched = True
                yield _left(name, path, staging)
    if not matched:
        why = "no workspaces above it have the auth server's folder"
        yield Skip(operation=_OPERATION, path=str(server), why=why)


def _left(name: str, path: str, staging: Staging) -> FileEdit | ManualStep | Skip:
    folder = PurePosixPath(path).parent
    locked = re.compile(rf"(?<![\w./-]){re.escape(name)}[\"':@]")
    if any(locked.search(staging.text(str(folder / lock)) or "") for lock in _LOCKS):
        why = f"{name} is a member of its workspaces already"
        return Skip(operation=_OPERATION, path=path, why=why)
    source = staging.text(path) or ""
    after = _LISTS[PurePosixPath(path).name].sub(
        lambda found: _with_one_more(found, f'"!{name}"'), source
    )
    if _patterns(path, after) != [*_patterns(path, source), f"!{name}"]:
        return _by_hand(name, path, source)
    why = f"keep {name}, with its own lock file, out of the workspaces"
    before = staging.read(path)
    return FileEdit(path=path, before=before, after=encoded(after, before), why=(why,))


def _by_hand(name: str, path: str, source: str) -> ManualStep:
    """Return npm's own command, or the line below pnpm's last pattern."""
    why = "its workspaces take in the auth server, which has its own lock file"
    step = ManualStep(
        operation=_OPERATION,
        path=path,
        why=why,
        snippet="",
        place=Place(where=Where.RUN, folder=str(PurePosixPath(path).parent)),
    )
    if path.endswith(".json"):
        is_table = isinstance(json.loads(source).get("workspaces"), dict)
        key = "workspaces.packages" if is_table else "workspaces"
        return replace(step, snippet=f"npm pkg set '{key}[]=!{name}'")
    lines = source.splitlines()
    number = next(n for n, line in enumerate(lines) if line.startswith("packages:"))
    listed = [n for n in range(number, len(lines)) if lines[n].lstrip().startswith("-")]
    place = Place(where=Where.END)
    margin = "  "
    if listed:
        anchor = lines[listed[-1]]
        margin = anchor[: len(anchor) - len(anchor.lstrip())]
        place = Place(where=Where.BELOW, anchor=anchor, line=listed[-1] + 1)
    return replace(step, snippet=f'{margin}- "!{name}"', place=place)


def _with_one_more(found: re.Match[str], entry: str) -> str:
    """Write another entry like the last one: on its own line, or not."""
    named = found.groupdict()
    part = "listed" if named["listed"] is not None else "lines"
    listed = found[part].rstrip()
    apart = re.search(r"(\r?\n[ \t]*(?:- *)?)\S[^\n]*$", listed)
    before = f"{apart[1] if apart else ' '}{entry}"
    end = found.start(part) - found.start() + len(listed)
    comma = "," if part == "listed" else ""
    return f"{found[0][:end]}{comma}{before}{found[0][end:]}"


def _patterns(path: str, text: str) -> list[str]:
    try:
        if path.endswith(".json"):
            stated = json.loads(text).get("workspaces")
            listed = stated.get("packages") if isinstance(stated, dict) else stated
        else:
            listed = _packages(load_yaml(text))
    except (ValueError, AttributeError, RecursionError, YAMLError):
        return []
    return [p for p in listed if isinstance(p, str)] if isinstance(listed, list) else []


def _packages(document: object) -> object:
    return document.get("packages") if isinstance(document, dict) else None


def _is_member(name: str, patterns: Sequence[str]) -> bool:
    """Return True if a folder is taken in; of several patterns the last one counts."""
    member = False
    for pattern in patterns:
        if _matches(name.split("/"), PurePosixPath(pattern.removeprefix("!")).parts):
            member = not pattern.startswith("!")
    return member


def _matches(names: Sequence[str], parts: Sequence[str]) -> bool:
    """Return True if a path fits; ``**`` stands for any number of folders."""
    reached = {0}  # how many of the names the parts so far can take
    for part in parts:
        if part == "**":
            reached = set(range(min(reached, default=len(names) + 1), len(names) + 1))
        else:
            fits = (
                n for n in reached if n < len(names) and fnmatchcase(names[n], part)
            )
            reached = {n + 1 for n in fits}
    return len(names) in reached
