"""Carry the user's edits along when an answer moves a folder that the template owns.

Copier renders into the new folder and removes the old one's files, edits and all: its
merge goes by path. Here each file's three versions are merged again, whatever their
paths: as the last release rendered it, as the user left it (git's HEAD), as it is now.
What git ignores, ``.env`` and a development database among it, goes along whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from ..answers import parse_answers
from ..model import FileEdit, ManualStep, Move, Place, Where
from ..repository import git
from ..syntax.python import parse
from ..syntax.python_edits import Insertion, spliced
from .changed_files import forget_conflicts
from .merging import three_way

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tree_sitter import Node

    from ..answers import Answers
    from ..edits import Edit
    from ..model import Integration, Plan
    from ..repository.staging import Staging
    from .renderings import Renderings

_OPERATION = "follow-moved-folder"


@dataclass(frozen=True, kw_only=True)
class _Moved:
    """A folder under its two names, and what each release renders into it."""

    old: str
    new: str
    rendered_before: Mapping[str, bytes]
    rendered_now: Mapping[str, bytes]


def moved_folders(renderings: Renderings, answers: Answers) -> Iterator[Edit]:
    """Yield an edit for each folder that has another name than at the last commit."""
    if renderings.answers_before is None:
        return
    previous = parse_answers(renderings.answers_before)
    for old, new in moves(renderings, answers).items():
        folder = _Moved(
            old=old,
            new=new,
            rendered_before=_below(renderings.before, old),
            rendered_now=_below(renderings.now, new),
        )
        yield partial(_follow, folder)
    if previous.package_module != answers.package_module:
        yield partial(_import_from, previous.package_module)


def moves(renderings: Renderings, answers: Answers) -> Mapping[str, str]:
    """Return the new names of the folders that have another one than before."""
    previous = parse_answers(renderings.answers_before or {})
    if renderings.answers_before is None:
        return {}
    pairs = zip(previous.folders, answers.folders, strict=True)
    return {old: new for old, new in pairs if old != new}


def mark_merged(root: Path, plan: Plan) -> None:
    """Tell git's index that files are no conflict any more, once they are written.

    Where a folder was renamed before the update, Copier's own merge by path made
    conflicts of them.
    """
    merged = (e for e in plan.edits if e.after and b"\n<<<<<<< " not in e.after)
    forget_conflicts(root, (edit.path for edit in merged))


def _below(files: Mapping[str, bytes], folder: str) -> Mapping[str, bytes]:
    start = f"{folder}/"
    return {n.removeprefix(start): files[n] for n in files if n.startswith(start)}


def _follow(
    moved: _Moved, integration: Integration, staging: Staging
) -> Iterator[FileEdit | ManualStep]:
    root = integration.root
    for name, base in moved.rendered_before.items():
        yield from _merged(root, moved, name, base)
    for name in _others(root, moved):
        yield from _carried(root, moved, name)
    for entry in _ignored(root, moved.old):
        if not (root / moved.new / entry).exists():
            move = Move(path=f"{moved.old}/{entry}", to=f"{moved.new}/{entry}")
            staging.moves.append(move)


def _import_from(
    old: str, integration: Integration, staging: Staging
) -> Iterator[FileEdit]:
    """Let the user's modules import the auth package by its new name."""
    new = integration.answers.package_module
    for path in staging.repository.files:
        source = staging.read(path) if path.endswith(".py") else None
        if source is None or old.encode() not in source:
            continue
        module = parse(source)
        renamed = {
            origin.start_byte: Insertion(
                offset=origin.start_byte, text=new, replaces=len(old.encode())
            )
            for found in module.imports
            if not found.level
            and f"{found.module}.".startswith(f"{old}.")
            and (origin := _module_name(module.statement(found))) is not None
        }
        after = spliced(source, list(renamed.values())) if renamed else None
        if after is not None:
            why = (f"import from {new}, where {old} has gone",)
            yield FileEdit(path=path, before=source, after=after, why=why, follows=True)


def _module_name(statement: Node) -> Node | None:
    origin = statement.child_by_field_name("module_name")
    return origin or statement.child_by_field_name("name")


def _merged(
    root: Path, moved: _Moved, name: str, base: bytes
) -> Iterator[FileEdit | ManualStep]:
    """Merge the user's edits of a rendered file into what is rendered now."""
    path = f"{moved.new}/{name}"
    theirs = git.committed(root, f"{moved.old}/{name}") or git.committed(root, path)
    ours = moved.rendered_now.get(name)
    conflicts: int | None = 0
    if theirs is None:
        after, why = None, "was deleted before it moved"
    elif ours is None:
        after = None if theirs == base else theirs
        why = "carries your edits of a file that is not rendered any more"
    else:
        after, conflicts = three_way(theirs, base, ours)
        why = "carries your edits into the folder's new place"
    on_disk = _read(root / path)
    if after != on_disk:
        yield FileEdit(path=path, before=on_disk, after=after, why=(why,), follows=True)
    if conflicts is None:
        yield ManualStep(
            operation=_OPERATION,
            path=path,
            why="git cannot merge it with the new release's; yours was kept whole",
            snippet=f"# what the release changed in {path} is not in it",
            place=Place(where=Where.RUN),
        )
    elif conflicts:
        yield ManualStep(
            operation=_OPERATION,
            path=path,
            why="your edits and the new release touch the same lines",
            snippet=f"git diff {path}   # choose between the marked lines",
            place=Place(where=Where.RUN),
        )


def _carried(root: Path, moved: _Moved, name: str) -> Iterator[FileEdit]:
    """Carry along a file of the user's own."""
    old, new = f"{moved.old}/{name}", f"{moved.new}/{name}"
    data = _read(root / old)
    if data is None or _read(root / new) is not None:
        return
    mode = (root / old).stat().st_mode & 0o7777
    secret = name == ".env"
    why = ("moves with its folder",)
    for path, was, becomes in ((new, None, data), (old, data, None)):
        yield FileEdit(
            path=path,
            before=was,
            after=becomes,
            why=why,
            secret=secret,
            mode=mode if was is None else None,
            follows=True,
        )


def _others(root: Path, moved: _Moved) -> Iterator[str]:
    """Yield the user's own files in the old folder, and its ``.env``."""
    for path in git.paths(root, "ls-files", "-z", "--cached", "--", f"./{moved.old}"):
        name = path.removeprefix(f"{moved.old}/")
        if name not in moved.rendered_before:
            yield name
    yield ".env"


def _ignored(root: Path, folder: str) -> Iterator[str]:
    """Yield what is directly in the folder and is not in git: data, packages."""
    if not (root / folder).is_dir():
        return
    names = git.paths(root, "ls-files", "-z", "--cached", "--", f"./{folder}")
    kept = {name.removeprefix(f"{folder}/").partition("/")[0] for name in names}
    for entry in sorted((root / folder).iterdir()):
        if entry.name not in {*kept, ".env"}:
            yield entry.name


def _read(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None
