"""An ``env.py`` that does not hide the auth tables from autogenerate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...migrations.alembic_filter import (
    FILTER,
    PREFIX,
    configure_calls,
    filters_of,
    names_auth_tables,
    otherwise_named,
    with_filter,
)
from ...model import Evidence, FileEdit, Finding, Fix, Plan, Status
from ...syntax.python import Module, line, text
from .._check import FIX, Broken, warning
from .half_hidden_tables import knows_tables

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tree_sitter import Node

    from .._project import Project


def _env(*configured: str) -> str:
    """Return an ``env.py`` that configures Alembic so, for the examples."""
    calls_ = "".join(f"    context.configure({given})\n" for given in configured)
    return f"from alembic import context\n\n\ndef run():\n{calls_}\n\nrun()\n"


BROKEN = (
    Broken(
        title="no filter, and Alembic does not know the tables",
        path="{backend}/migrations/env.py",
        before=None,
        after=_env("target_metadata=None"),
        severity=Status.WARN,
        fixed=True,
    ),
    Broken(
        title="a call over several lines, without a filter",
        path="{backend}/migrations/env.py",
        before=None,
        after=_env("\n        url=URL,\n        literal_binds=True,\n    "),
        severity=Status.WARN,
        fixed=True,
    ),
    Broken(
        title="a filter that knows other tables",
        path="{backend}/migrations/env.py",
        before=None,
        after=_env('include_name=lambda name, *_: name != "spatial_ref_sys"'),
        severity=Status.WARN,
    ),
    Broken(
        title="a filter online, none offline",
        path="{backend}/migrations/env.py",
        before=None,
        after=_env("url=URL", 'include_name=lambda name, *_: "auth_" not in name'),
        severity=Status.WARN,
        fixed=True,
    ),
)


def find(project: Project, path: str, module: Module) -> Iterator[Finding]:
    """Look at the filter of every ``context.configure``; the fix adds one."""
    if knows_tables(project):
        return
    others = otherwise_named(table.name for table in project.tables)
    configured = configure_calls(module)
    open_ = [call for call in configured if not filters_of(call)]
    blind = [
        hook
        for call in configured
        for hook in filters_of(call)
        if names_auth_tables(module, hook, others) is False
    ]
    if blind:
        yield warning(
            f"{text(blind[0])} does not hide the auth tables from autogenerate",
            path,
            line(blind[0]),
            remedy=f'let it return False for tables whose name begins with "{PREFIX}"'
            + (f", and for {', '.join(others)}" if others else ""),
        )
    if open_:
        yield _unguarded(path, module, open_, others)


def _unguarded(
    path: str, module: Module, open_: list[Node], others: Sequence[str]
) -> Finding:
    message = "alembic revision --autogenerate would drop the auth tables"
    after = with_filter(module, open_, others)
    title = f"hid the auth tables from autogenerate in {path}"
    edit = FileEdit(path=path, before=module.source, after=after, why=(title,))
    return Finding(
        message=message,
        evidence=(Evidence(path=path, line=line(open_[0]), why=message),),
        remedy=FIX if after else f"give context.configure include_object={FILTER}",
        severity=Status.WARN,
        fix=Fix(title=title, plan=Plan(edits=(edit,))) if after else None,
    )
