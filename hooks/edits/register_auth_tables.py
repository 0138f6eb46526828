"""Make the auth tables known to Alembic, which else proposes to drop them.

Before::

    from app.models import Base

    target_metadata = Base.metadata

After::

    from app.auth import tables as auth_tables  # noqa: F401
    from app.models import Base

    target_metadata = Base.metadata
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from ..fastapi_code.modules import local_packages
from ..migrations.alembic_filter import configure_calls, otherwise_named, with_filter
from ..model import FileEdit, ManualStep, Skip
from ..repository.staging import unsafe_to_edit
from ..schema import tables_for
from ..syntax.python import parse, text
from ..syntax.python_edits import added_import, spliced
from .by_hand import as_step, next_to

if TYPE_CHECKING:
    from tree_sitter import Node

    from ..answers import Answers
    from ..model import Integration
    from ..repository.staging import Staging
    from ..syntax.python import Assignment, Module

_OPERATION = "register-auth-tables"
_COMPARES_NOTHING = "nothing is compared with the database (target_metadata is None)"
_HIDDEN = "hides the auth tables from autogenerate"
# A filter that is given to Alembic, and the names of the auth tables as text. A filter
# that lets them pass all the same is for BA007 to find.
_HIDES = re.compile(rb"\binclude_(?:name|object)\s{0,99}="), re.compile(rb"[\"']auth_")


def register_auth_tables(  # noqa: PLR0911 - one refusal a line
    integration: Integration, staging: Staging
) -> FileEdit | ManualStep | Skip:
    """Import the tables in ``env.py``, on whose metadata they then stand."""
    answers = integration.answers
    path = integration.facts.alembic_env.value or ""
    source = staging.read(path)
    if answers.migrated_by != "alembic":
        return _beside(answers, path or ".", source)
    if source is None:
        why = "Alembic's env.py is not here"
        return Skip(operation=_OPERATION, path=path or ".", why=why)
    module = parse(source)
    given = [a for a in module.assignments() if a.target == "target_metadata"]
    if [text(a.value) for a in given] == ["None"]:
        return Skip(operation=_OPERATION, path=path, why=_COMPARES_NOTHING)
    if _imports_tables(module, answers.package_module):
        return Skip(
            operation=_OPERATION, path=path, why="knows the auth tables already"
        )
    if all(pattern.search(source) for pattern in _HIDES):
        # With both, autogenerate would see new tables: the filter hides those that are.
        return Skip(operation=_OPERATION, path=path, why=_HIDDEN)
    if not answers.auth_base_metadata:
        return _filter(
            answers, path, "the metadata of the models was not found", source
        )
    if len(given) != 1 or not _imports_from(module, answers):
        why = "it is not clear how env.py reaches the project's models"
        return _filter(answers, path, why, source)
    if problem := unsafe_to_edit(source):
        return _manual(answers, path, problem, source, given[0])
    top = answers.package_module.partition(".")[0]
    above = given[0].node.start_byte
    local = local_packages(staging.repository, answers.auth_import_root, path, module)
    importing = added_import(
        module, top, _statement(answers), before=above, local=local
    )
    after = spliced(source, [importing]) if importing else None
    if after is None:
        why = "no safe place for the import was found"
        return _manual(answers, path, why, source, given[0])
    why = "let Alembic know the auth tables, so that it never proposes to drop them"
    return FileEdit(path=path, before=source, after=after, why=(why,))


def _beside(answers: Answers, path: str, source: bytes | None) -> ManualStep | Skip:
    """Hide tables that Alembic does not make where it looks at their database."""
    why = ""
    if source is None or answers.auth_database_layer == "none":
        why = "Alembic does not migrate the auth tables"
        return Skip(operation=_OPERATION, path=path, why=why)
    if re.search(rb"(?m)^target_metadata\s{0,99}=\s{0,99}None\b", source):
        why = _COMPARES_NOTHING
    elif all(pattern.search(source) for pattern in _HIDES):
        why = _HIDDEN
    if why:
        return Skip(operation=_OPERATION, path=path, why=why)
    why = "another makes the auth tables of this database"
    return _filter(answers, path, why, source)


def _statement(answers: Answers) -> str:
    return f"from {answers.package_module} import tables as auth_tables  # noqa: F401"


def _imports_tables(module: Module, package: str) -> bool:
    return any(
        (found.module == package and found.name == "tables")
        or found.module == f"{package}.tables"
        for found in module.imports
    )


def _imports_from(module: Module, answers: Answers) -> bool:
    """Return True if ``env.py`` reaches the project by the name that the package has.

    Under another root the models would be imported twice, on two metadata.
    """
    wanted = {answers.package_module.partition(".")[0]}
    if "." not in answers.package_module:
        wanted.add(answers.auth_base_metadata.partition(":")[0].partition(".")[0])
    return any(
        not found.level
        and found.module.partition(".")[0] in wanted
        and not _within_function(module.statement(found))
        for found in module.imports
    )


def _within_function(node: Node) -> bool:
    parent = node.parent
    while parent is not None and parent.type != "function_definition":
        parent = parent.parent
    return parent is not None


def _manual(
    answers: Answers, path: str, why: str, source: bytes, given: Assignment
) -> ManualStep:
    """Return the import above the metadata that Alembic compares with."""
    return ManualStep(
        operation=_OPERATION,
        path=path,
        why=why,
        snippet=_statement(answers),
        place=next_to(source, given.node, above=True),
    )


def _filter(answers: Answers, path: str, why: str, source: bytes) -> ManualStep | Skip:
    """Return the filter in every call of ``context.configure``, as lines to write."""
    why = f"{why}, so Alembic must be told to leave the auth tables alone"
    module = parse(source)
    calls = configure_calls(module)
    others = otherwise_named(table.name for table in tables_for(answers))
    after = with_filter(module, calls, others) if calls else None
    if after is None or after == source:
        why = "nothing in it configures a comparison"
        return Skip(operation=_OPERATION, path=path, why=why)
    step = as_step(_OPERATION, path, why, before=source, after=after)
    return replace(step, fixed_by="BA007")
