"""Let ``create_all`` make the auth tables where a database is begun with it.

A project that makes a new database of its models, and then stamps the newest revision,
never runs the revision that makes the auth tables. Before::

    Base.metadata.create_all(engine)
    command.stamp(config, "head")

After::

    from app.auth import tables as auth_tables  # noqa: F401
    Base.metadata.create_all(engine)

The import is where it is used: the auth package imports the models in its turn.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..fastapi_code.modules import module_file
from ..model import FileEdit, ManualStep, Skip
from ..repository.staging import unsafe_to_edit
from ..syntax.python import parse, text
from ..syntax.python_edits import before_statement, spliced
from .by_hand import as_step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from ..model import Integration
    from ..repository.staging import Staging

_OPERATION = "show-create-all"
_STAMPS = re.compile(
    r"\bcommand\.stamp\(|\balembic\b[^\n]{0,199}?\bstamp\b|[\"']stamp[\"']|\.stamp\(.{0,199}?head"
)
_ASIDE = re.compile(r"(^|/)(tests?|conftest\.py|test_[^/]*|docs?|examples?)(/|$)")


def show_create_all(
    integration: Integration, staging: Staging
) -> Iterator[FileEdit | ManualStep | Skip]:
    """Import the auth tables above each such call, unless it is next to the models."""
    answers = integration.answers
    if answers.migrated_by != "alembic" or not answers.auth_base_metadata:
        why = "Alembic does not make the auth tables with the project's own"
        yield Skip(operation=_OPERATION, path=".", why=why)
        return
    stamped = any(
        "stamp" in (source := staging.text(name) or "") and _STAMPS.search(source)
        for name in staging.repository.files
        if name.endswith((".py", ".sh", "Makefile", ".yml", ".yaml", "Dockerfile"))
        and not _ASIDE.search(name)
    )
    found = [*_calls(integration, staging)] if stamped else []
    for path, statement in found:
        yield _imported(integration, staging, path, statement)
    if not found:
        why = "no database is begun with create_all and a stamp"
        yield Skip(operation=_OPERATION, path=".", why=why)


def _calls(integration: Integration, staging: Staging) -> Iterator[tuple[str, Node]]:
    """Yield the first statement of each file that makes all tables of the metadata."""
    root = integration.answers.auth_import_root
    below = "" if root == "." else f"{root}/"
    name = integration.answers.auth_base_metadata.partition(":")[2]
    owners = {f"{name}.metadata.create_all", f"{name}.create_all"}
    for path in staging.repository.files:
        if (
            not path.endswith(".py")
            or not path.startswith(below)
            or _ASIDE.search(path)
        ):
            continue
        source = staging.read(path) or b""
        if b"create_all" not in source:
            continue
        used = (
            node
            for node in parse(source).nodes("attribute")
            if text(node) in owners
            or text(node).endswith(tuple(f".{owner}" for owner in owners))
        )
        if first := next(used, None):
            yield path, _statement(first)


def _statement(node: Node) -> Node:
    """Return the whole statement that a node is part of."""
    while node.parent is not None and node.parent.type not in {"block", "module"}:
        node = node.parent
    return node


def _imported(
    integration: Integration, staging: Staging, path: str, statement: Node
) -> FileEdit | ManualStep | Skip:
    answers = integration.answers
    source = staging.read(path) or b""
    line = f"from {answers.package_module} import tables as auth_tables  # noqa: F401"
    if line.partition("  #")[0].encode() in source:
        return Skip(operation=_OPERATION, path=path, why="shows it them already")
    after = spliced(source, [before_statement(source, statement, line)])
    why = "a new database is made with create_all, which must know the auth tables"
    is_top = statement.parent is not None and statement.parent.type == "module"
    problem = unsafe_to_edit(source)
    if is_top and path in _of_models(integration, staging):
        problem = "the auth tables cannot be imported while their models are"
    if after is None or problem:
        why = f"{why}; {problem}" if problem else why
        return as_step(_OPERATION, path, why, before=source, after=after or source)
    return FileEdit(path=path, before=source, after=after, why=(why,))


def _of_models(integration: Integration, staging: Staging) -> set[str | None]:
    """Return the files that the auth package itself imports from the project."""
    answers = integration.answers
    symbols = (answers.auth_base_metadata, answers.auth_database_symbol)
    root = answers.auth_import_root
    named = (symbol.partition(":")[0] for symbol in symbols if symbol)
    return {module_file(staging.repository, root, dotted) for dotted in named}
