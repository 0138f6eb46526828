"""Say that a compiled list of requirements must be made again, from the one that grew.

Tools write ``requirements.txt`` from ``requirements.in`` or ``pyproject.toml``, and
servers install from it: without this, what the auth package imports is missing there.
"""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from ..model import ManualStep, Place, Where
from ..rendering.python_packages import required
from ..repository.paths import above, join
from ..syntax.requirements import added
from .add_python_dependencies import is_compiled, manifests

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import Integration
    from ..repository.staging import Staging

_OPERATION = "compile-requirements"
_LISTS = (".in", ".txt", ".toml", ".cfg")
_COMMAND = re.compile(r"(?m)^#[ \t]+((?:pip-compile|uv|poetry|pdm)\b[^\n]*)")


def compile_requirements(
    integration: Integration, staging: Staging
) -> Iterator[ManualStep]:
    """Yield a step for each compiled list that lacks what its source has by now."""
    wanted = required(integration.answers)
    listed = [
        (path, source)
        for path in manifests(integration)
        if (source := staging.text(path)) is not None
    ]
    complete = [
        path for path, source in listed if added(path, source, wanted) == source
    ]
    for path, source in listed:
        if complete and path not in complete and is_compiled(source):
            yield _compiled_again(path, source, complete[0], staging)


def _compiled_again(
    path: str, source: str, made_from: str, staging: Staging
) -> ManualStep:
    """Return the command that the list itself names, else one that does the same."""
    why = f"it is compiled from {made_from}, which has more packages now"
    stated = _COMMAND.search(source)
    if stated is None:
        hashes = " --generate-hashes" if "--hash=" in source else ""
        words = shlex.join(["uv", "pip", "compile", made_from])
        command = f"{words}{hashes} -o {shlex.quote(path)}"
        return _run(path, ".", why, command)
    command = stated[1]
    folder = _folder_of(command, path, staging)
    tool = command.split()[0]
    if "export" in command.split() and tool in {"uv", "poetry", "pdm"}:
        # What is exported is the lock file, which has to know the packages first.
        command = f"{tool} lock && {command.replace(' --frozen', '')}"
    return _run(path, folder, why, command)


def _run(path: str, folder: str, why: str, command: str) -> ManualStep:
    place = Place(where=Where.RUN, folder=folder)
    return ManualStep(
        operation=_OPERATION, path=path, why=why, snippet=command, place=place
    )


def _folder_of(command: str, path: str, staging: Staging) -> str:
    """Return the folder from which the command finds the files that it names."""
    folders = above(path.rpartition("/")[0] or ".")
    named = [w.rpartition("=")[2] for w in command.split() if w.endswith(_LISTS)]
    known = staging.repository.file_set
    for folder in folders:
        places = [join(folder, name.removeprefix("./")) for name in named]
        if places and all(place in known for place in places):
            return folder
    return folders[0]
