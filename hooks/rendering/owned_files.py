"""Which files of a project the template owns, so that an undo can remove them."""

from __future__ import annotations

import os
import stat
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ..answers import Answers
    from ..model import Facts
    from ..workspace.paths import Tree

# Never rendered, but made inside owned folders by running the result.
_NOT_OURS = frozenset(
    {".git", ".data", ".copier-better-auth", ".venv", "__pycache__", "dist"}
    | {"node_modules"}
)


def owned_files(root: Path, answers: Answers, answers_file: str) -> tuple[str, ...]:
    """List the files at ``root`` in the places that the template renders into.

    Called before rendering it tells what was there already, called after it, with
    that taken away, what rendering created. Paths are sorted, relative to ``root``.
    """
    single = [answers_file]
    if answers.auth_new_project:
        single += ["README.md", ".gitignore"]
    found = {name for name in single if (root / name).is_file()}
    for folder in _places(answers):
        found.update(files_below(root, folder))
    return tuple(sorted(found))


def owned_folders(root: Path, answers: Answers) -> tuple[str, ...]:
    """List the folders that rendering makes or needs, the deepest first."""
    found = set[PurePosixPath]()
    for place in map(PurePosixPath, _places(answers)):
        found.update(f for f in (place, *place.parents) if (root / f).is_dir())
        for inside, folders, _ in _walked(root, str(place)):
            found.update(inside / name for name in folders)
    return tuple(map(str, sorted(found, key=lambda f: len(f.parts), reverse=True)))


def _places(answers: Answers) -> list[str]:
    ours = [answers.auth_server_dir, answers.auth_package_dir]
    return [*ours, answers.auth_backend_dir] if answers.auth_new_project else ours


def renamed_folders(
    root: Path, before: Answers, answers: Answers, facts: Facts
) -> Mapping[str, str]:
    """Return new answers for the folders that are gone and are found under new names.

    Empty where each folder is where it was ``before``, where nothing takes its place,
    and where ``answers`` move it.
    """
    found: dict[str, str] = {}
    server, backend = facts.auth_server_dir.value, facts.backend_dir.value

    def is_gone(old: str, new: str) -> bool:
        return old == new and not (root / old).is_dir()

    if server and is_gone(before.auth_server_dir, answers.auth_server_dir):
        found["auth_server_dir"] = server
    if backend and is_gone(before.auth_backend_dir, answers.auth_backend_dir):
        imports_from = str(facts.import_root.value)
        package = PurePosixPath(answers.auth_package_dir)
        found["auth_backend_dir"] = backend
        found["auth_import_root"] = imports_from
        if package.is_relative_to(answers.auth_import_root):
            inside = package.relative_to(answers.auth_import_root)
            found["auth_package_dir"] = str(PurePosixPath(imports_from, inside))
    return found


def files_below(root: Path, folder: str) -> Iterator[str]:
    """Yield the files in a folder that could be rendered ones, relative to ``root``."""
    for inside, _, files in _walked(root, folder):
        yield from (str(inside / name) for name in files if name != ".env")


def unsafe_entries(tree: Tree, folder: str, *, is_new: bool) -> Iterator[str]:
    """Yield what is neither a file nor a folder where files are rendered.

    Links that stay inside are the user's own, but to no folder where all ``is_new``.
    """
    for inside, folders, files in _walked(tree.root, folder):
        for name in (*folders, *files):
            path = str(inside / name)
            mode = tree.status(path).st_mode
            if stat.S_ISLNK(mode):
                if not tree.leads_inside(path) or (is_new and name in folders):
                    yield path
            elif not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
                yield path


def _walked(
    root: Path, folder: str
) -> Iterator[tuple[PurePosixPath, list[str], list[str]]]:
    for parent, folders, files in os.walk(root / folder):
        folders[:] = [name for name in folders if name not in _NOT_OURS]
        yield PurePosixPath(Path(parent).relative_to(root).as_posix()), folders, files
