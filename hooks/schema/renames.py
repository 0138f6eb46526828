"""Which tables and columns have another name than when ``sync`` was last run.

better-auth says what it stores, and not what that was called before. A pair that looks
alike is only proposed here; that it is one thing must be said by the user.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import UsageError
from .tables import field_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from ..answers.additions import StoredColumn, StoredIndex, StoredTable


@dataclass(frozen=True, kw_only=True)
class Rename:
    """A table by its two names; or a column, both as ``table.column``."""

    old: str
    new: str

    def __str__(self) -> str:
        """Write it as it is typed after ``--renamed``."""
        return f"{self.old}={self.new}"

    @property
    def is_table(self) -> bool:
        """Whether it is a table's."""
        return "." not in self.old


@dataclass(frozen=True, kw_only=True)
class ResolvedRenames:
    """What is renamed, and the additions of before by their new names.

    What is ``open`` looks like a renaming, and was not asked about.
    """

    earlier: tuple[StoredTable, ...]
    renames: tuple[Rename, ...] = ()
    open: tuple[Rename, ...] = ()


def parse_rename(typed: str) -> Rename:
    """Read ``old=new``; a column's new name may be given without its table."""
    old, equals, new = typed.partition("=")
    table, dot, _ = old.partition(".")
    if dot and "." not in new:
        new = f"{table}.{new}"
    if not (equals and old and new and old.count(".") == new.count(".") <= 1):
        message = f"--renamed {typed}: write table.old=table.new, or old=new of tables"
        raise UsageError(message)
    return Rename(old=old, new=new)


def resolve_renames(
    earlier: Sequence[StoredTable],
    found: Sequence[StoredTable],
    fixed: Collection[str],
    given: Sequence[Rename],
    ask: Callable[[Rename], bool] | None,
) -> ResolvedRenames:
    """Compare the additions of before with those that are ``found`` now.

    ``fixed`` are the template's tables, which keep their names. ``given`` was typed;
    ``ask`` is asked for each other pair that looks alike. Raises ``UsageError`` where
    what was typed cannot be followed.
    """
    taken: list[Rename] = []
    left: list[Rename] = []
    now = tuple(earlier)
    for alike, is_table in ((_alike_tables, True), (_alike_columns, False)):
        begun = len(taken)
        # A table's name may be given again with those of its columns.
        here = (
            _by_new_table(one, [*given, *taken])
            for one in given
            if one.is_table == is_table
        )
        for one in dict.fromkeys(here):
            if not _is_to_do(one, now, found, fixed):
                continue
            if _is_decided(one, taken):
                message = f"--renamed {one}: one of them has been given another name"
                raise UsageError(message)
            taken.append(one)
        for one in alike(now, found, fixed):
            if _is_decided(one, taken):
                continue
            if ask is None:
                left.append(one)
            elif ask(one):
                taken.append(one)
        now = _renamed(now, taken[begun:], found)
    still = tuple(one for one in left if not _is_decided(one, taken))
    return ResolvedRenames(earlier=now, renames=tuple(taken), open=still)


def _is_decided(one: Rename, taken: Sequence[Rename]) -> bool:
    return any(one.old == other.old or one.new == other.new for other in taken)


def _by_new_table(rename: Rename, tables: Sequence[Rename]) -> Rename:
    """Return a column's renaming by the name that its table has now."""
    table, _, column = rename.old.partition(".")
    for one in tables:
        if column and one.is_table and one.old == table:
            to = rename.new.rpartition(".")[2]
            return Rename(old=f"{one.new}.{column}", new=f"{one.new}.{to}")
    return rename


def _is_to_do(
    rename: Rename,
    earlier: Sequence[StoredTable],
    found: Sequence[StoredTable],
    fixed: Collection[str],
) -> bool:
    """Return False if it was done before; raise an error if it cannot be."""
    before, now = _names(earlier), _names(found)
    old, new = before.get(rename.old), now.get(rename.new)
    if rename.old not in before and rename.new in before and rename.new in now:
        return False
    problem = ""
    if rename.old not in before:
        problem = f"sync has recorded no {rename.old}"
    elif rename.old in now or rename.old in fixed:
        problem = f"better-auth stores {rename.old} still"
    elif rename.new not in now:
        problem = f"better-auth stores no {rename.new}"
    elif rename.new in before or rename.new in fixed:
        problem = (
            f"{rename.new} is there already, next to {rename.old}; undo the sync that "
            "added it, and say it then"
        )
    elif old is not None and new is not None and old.type is not new.type:
        problem = f"{rename.old} is {old.type}, and {rename.new} is {new.type}"
    elif rename.old.partition(".")[0] != rename.new.partition(".")[0] and old:
        problem = "a column stays in its table"
    if problem:
        message = f"--renamed {rename}: {problem}"
        raise UsageError(message)
    return True


def _names(tables: Sequence[StoredTable]) -> dict[str, StoredColumn | None]:
    """Return every table and every ``table.column`` by its name."""
    names: dict[str, StoredColumn | None] = {}
    for table in tables:
        names[table.name] = None
        names |= {f"{table.name}.{column.name}": column for column in table.columns}
    return names


def _alike_tables(
    earlier: Sequence[StoredTable],
    found: Sequence[StoredTable],
    fixed: Collection[str],
) -> Iterator[Rename]:
    """Yield the pairs of tables of which most columns are the same."""
    before = {table.name for table in earlier} | {*fixed}
    now = {table.name for table in found} | {*fixed}
    for new in (table for table in found if table.name not in before):
        for old in (table for table in earlier if table.name not in now):
            kinds = {(c.name, c.type) for c in old.columns}
            same = kinds & {(c.name, c.type) for c in new.columns}
            if 2 * len(same) > max(len(old.columns), len(new.columns)):
                yield Rename(old=old.name, new=new.name)


def _alike_columns(
    earlier: Sequence[StoredTable], found: Sequence[StoredTable], _: Collection[str]
) -> Iterator[Rename]:
    """Yield the pairs of columns of one type, those of one field first."""
    now = {table.name: table for table in found}
    for table in earlier:
        known = {column.name for column in table.columns}
        stored = now[table.name].columns if table.name in now else ()
        names = {column.name for column in stored}
        gone = [column for column in table.columns if column.name not in names]
        pairs = [
            (old, new)
            for new in stored
            if new.name not in known
            for old in gone
            if old.type is new.type
        ]
        for old, new in sorted(pairs, key=_are_two_fields):
            yield Rename(old=f"{table.name}.{old.name}", new=f"{table.name}.{new.name}")


def _are_two_fields(pair: tuple[StoredColumn, StoredColumn]) -> bool:
    old, new = (column.field or field_of(column.name) for column in pair)
    return old != new


def _renamed(
    tables: Sequence[StoredTable],
    renames: Sequence[Rename],
    found: Sequence[StoredTable],
) -> tuple[StoredTable, ...]:
    """Return the tables by their new names, and all that refers to them."""
    names = {one.old: one.new for one in renames}
    now = {table.name: table for table in found}
    done: list[StoredTable] = []
    for table in tables:
        name = names.get(table.name, table.name)
        own = {
            column.name: names.get(f"{table.name}.{column.name}", "").rpartition(".")[2]
            or column.name
            for column in table.columns
        }
        indexes = tuple(_with_columns(i, own, now.get(name)) for i in table.indexes)
        columns = tuple(_of_new_names(c, own[c.name], names) for c in table.columns)
        done.append(
            table.model_copy(
                update={"name": name, "columns": columns, "indexes": indexes}
            )
        )
    return tuple(done)


def _of_new_names(
    column: StoredColumn, name: str, names: dict[str, str]
) -> StoredColumn:
    to = column.references or ""
    key = names.get(f"{to}.{column.references_column}", "").rpartition(".")[2]
    return column.model_copy(
        update={
            "name": name,
            "references": names.get(to, column.references),
            "references_column": key or column.references_column,
        }
    )


def _with_columns(
    index: StoredIndex, own: dict[str, str], now: StoredTable | None
) -> StoredIndex:
    """Return an index over the new names, by the name that better-auth gives it now."""
    columns = tuple(own.get(name, name) for name in index.columns)
    for one in now.indexes if now else ():
        if (one.columns, one.unique) == (columns, index.unique):
            return one
    return index.model_copy(update={"columns": columns})
