"""Bring the rendered files in step with the fields that better-auth stores.

Each passage is the one that the template renders for the new additions; it goes where
the one for the old additions is. Where that is not found once, its owner has changed
it, and gets the passage as a step.

Before::

    image: str | None = None

After::

    image: str | None = None
    role: str | None = None
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..model import FileEdit, ManualStep, Place, Where
from ..rendering import stored_fields
from ..schema import tables_for
from ..schema.definitions import table_definition
from ..syntax.encoding import decoded
from .by_hand import as_step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ..answers import Answers
    from ..model import Integration
    from ..repository.staging import Staging
    from ..schema.renames import Rename

_OPERATION = "extend-auth-package"


@dataclass(frozen=True, kw_only=True)
class _Passage:
    """A passage of one file: what follows from the answers of before, and of now."""

    path: str
    old: str
    new: str
    why: str = "give User and Session the fields that better-auth stores"


def extend_auth_package(
    earlier: Answers, renames: Sequence[Rename] = ()
) -> Callable[[Integration, Staging], Iterator[FileEdit | ManualStep]]:
    """Return the edit that leads from the passages of ``earlier`` to those of now.

    A table that is among ``renames`` stays where it is in its file.
    """

    def edit(
        integration: Integration, staging: Staging
    ) -> Iterator[FileEdit | ManualStep]:
        now = integration.answers
        by_file: dict[str, list[tuple[str, str, str]]] = {}
        for one in _passages(earlier, now, renames):
            if one.old != one.new:
                by_file.setdefault(one.path, []).append((one.old, one.new, one.why))
        for path, passages in by_file.items():
            yield from _of_file(path, passages, staging)

    edit.__name__ = "extend_auth_package"
    return edit


def _of_file(
    path: str, passages: Sequence[tuple[str, str, str]], staging: Staging
) -> Iterator[FileEdit | ManualStep]:
    source = staging.read(path)
    written = "" if source is None else decoded(source)
    newline = "\r\n" if "\r\n" in written else "\n"
    text = written.replace("\r\n", "\n")
    changed, reasons = text, list[str]()
    for old, new, why in passages:
        if _is_there(old, new, changed):
            continue
        if old and changed.count(old) == 1:
            changed = changed.replace(old, new) if new else _without(old, changed)
        elif _is_written(old, new, changed):
            continue
        elif not old and changed:
            changed = f"{changed.rstrip()}\n\n{new}\n"
        else:
            yield _by_hand(path, f"{why}; it is not as it was rendered", old, new)
            continue
        reasons.append(why)
    if source is not None and changed != text:
        yield FileEdit(
            path=path,
            before=source,
            after=changed.replace("\n", newline).encode(),
            why=tuple(dict.fromkeys(reasons)),
        )


def _without(passage: str, text: str) -> str:
    """Return the text without a passage, and without the blank line before it."""
    before, _, after = text.partition(passage)
    return f"{before.rstrip()}\n{after.lstrip() and chr(10)}{after.lstrip()}"


def _is_there(old: str, new: str, text: str) -> bool:
    """Return True if the new passage is in the text, and not as a part of the old."""
    return new in text and not (new in old and old in text)


def _is_written(old: str, new: str, text: str) -> bool:
    """Return True if the new lines are there and the old are not, however written."""
    there = {_plain(line) for line in text.splitlines()}
    before = {_plain(line) for line in old.splitlines()}
    after = {_plain(line) for line in new.splitlines()}
    return bool(after) and after - before <= there and not (before - after) & there


def _plain(line: str) -> str:
    """Return a line without what formatters change."""
    code = line.partition("#")[0].replace("'", '"')
    return "".join(code.split()).rstrip(",")


def _by_hand(path: str, why: str, old: str, new: str) -> ManualStep:
    step = as_step(_OPERATION, path, why, before=old.encode(), after=new.encode())
    # The line is one of the passage, and not of the file.
    where = step.place.where if step.place.anchor else Where.NEW
    return replace(step, place=Place(where=where, anchor=step.place.anchor))


def _passages(
    earlier: Answers, answers: Answers, renames: Sequence[Rename]
) -> Iterator[_Passage]:
    """Yield every passage of a project with these answers, and those of before."""
    package, server = answers.auth_package_dir, answers.auth_server_dir
    files: dict[str, tuple[Callable[[object], str], ...]] = {
        f"{package}/models.py": (
            stored_fields.model_imports,
            stored_fields.user_fields,
            stored_fields.session_fields,
        ),
        f"{package}/testing.py": (
            stored_fields.acted_user,
            stored_fields.acted_session,
        ),
    }
    if answers.credential == "cookie":
        files[f"{package}/sessions.py"] = (
            stored_fields.session_imports,
            stored_fields.looked_up,
            stored_fields.user_of_row,
            stored_fields.session_of_row,
        )
    else:
        files[f"{package}/tokens.py"] = (
            stored_fields.user_of_claims,
            stored_fields.session_of_claims,
        )
        files[f"{server}/src/auth/auth.config.ts"] = (stored_fields.token_claims,)
    for path, passages in files.items():
        for passage in passages:
            yield _Passage(
                path=path,
                old=passage(earlier.auth_schema_additions),
                new=passage(answers.auth_schema_additions),
            )
    if answers.migrated_by == "alembic" and answers.auth_base_metadata:
        tables = (*tables_for(earlier), *tables_for(answers))
        now = {one.old: one.new for one in renames if one.is_table}
        names = dict.fromkeys(table.name for table in tables)
        for name in (name for name in names if name not in now.values()):
            yield _Passage(
                path=f"{package}/tables.py",
                old=table_definition(name, earlier),
                new=table_definition(now.get(name, name), answers),
                why="give Alembic and the models the tables that better-auth stores",
            )
