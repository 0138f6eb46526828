"""What a service's image holds of the project, as its Dockerfile copies it."""

from __future__ import annotations

import posixpath
import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from ruamel.yaml.comments import CommentedMap

from .compose import dockerfile
from .paths import above, join

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .compose import Compose

_OPTION = re.compile(r"^--[\w-]{1,99}(?:=\S{1,999})?$")


def instructions(source: str) -> Iterator[tuple[int, str, str]]:
    """Yield line, name and rest of each instruction, continued lines joined."""
    held, start = "", 0
    for number, written in enumerate(source.splitlines(), start=1):
        if written.lstrip().startswith("#") or (not written.strip() and not held):
            continue
        start = start if held else number
        held += written.rstrip().removesuffix("\\") + " "
        if not written.rstrip().endswith("\\"):
            name, _, rest = held.strip().partition(" ")
            yield start, name.upper(), rest.strip()
            held = ""


def lacks(
    compose: Compose, name: str, path: str, read: Callable[[str], str | None]
) -> bool:
    """Return True if a service certainly has no such file of the repository.

    Its Dockerfile copies some files and not that one, and it is not mounted.
    """
    file = dockerfile(compose, name)
    source = read(file) if file else None
    if source is None:
        return False
    copied, mounted = list(_copied(source)), list(_mounted(compose, name))
    named = " ".join((*copied, *mounted))
    if not copied or "$" in named or "<<" in named:
        return False
    context = join(compose.folder, compose.context(name) or ".")
    held = [join(context, part.lstrip("/")) for part in copied]
    held += [join(compose.folder, part) for part in mounted]
    return not any(_holds(posixpath.normpath(part), path) for part in held)


def _copied(source: str) -> Iterator[str]:
    for _, name, rest in instructions(source):
        words = [word.strip("\"',") for word in rest.strip("[] ").split()]
        options = [word for word in words if _OPTION.match(word)]
        if name in {"COPY", "ADD"} and not any("--from" in o for o in options):
            yield from words[len(options) : -1]


def _mounted(compose: Compose, name: str) -> Iterator[str]:
    for volume in compose.services[name].get("volumes") or ():
        if isinstance(volume, CommentedMap):
            yield str(volume.get("source", ""))
        elif str(volume).startswith((".", "$")):
            yield str(volume).partition(":")[0]


def _holds(held: str, path: str) -> bool:
    """Return True if ``held``, a path or a pattern, is a file or a folder above it."""
    folders = above(path.rpartition("/")[0] or ".")
    return any(fnmatchcase(inside, held) for inside in (path, *folders))
