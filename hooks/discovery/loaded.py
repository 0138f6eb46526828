"""Which modules the application loads, as far as its imports say it."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .application import Application
    from .sources import Sources

# Modules that are named in strings, or looked for in folders.
_BY_NAME = re.compile(
    r"import_module|import_string|__import__|iter_modules|walk_packages|\bwiring\b"
    r"|\bwire\(|exec_module|entry_points|\.glob\("
)
# A word of each, which a text is searched for faster.
_WORDS = (
    *("import_", "__import__", "_modules", "_packages", "wiring", "wire("),
    *("exec_module", "entry_points", ".glob("),
)


def loaded_modules(sources: Sources, application: Application) -> frozenset[str] | None:
    """Return the files that are loaded with the application's own module.

    ``None`` where one of them loads others in a way that no import shows.
    """
    waiting, found = [application.file], {application.file}
    while waiting:
        name = waiting.pop()
        source = sources.repository.text(name) or ""
        if any(word in source for word in _WORDS) and _BY_NAME.search(source):
            return None
        new = {*_imported(sources, application.import_root, name)} - found
        found |= new
        waiting += new
    return frozenset(found)


def _imported(sources: Sources, root: str, name: str) -> Iterator[str]:
    for one in sources.module(name).imports:
        target = sources.resolve(root, name, one)
        if target is None:
            continue
        yield target
        for folder in PurePosixPath(target).parents:
            package = str(folder / "__init__.py")
            if package in sources.repository.file_set:
                yield package
