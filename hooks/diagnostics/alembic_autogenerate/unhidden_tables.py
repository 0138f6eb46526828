"""An ``env.py`` that does not hide the auth tables from autogenerate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...migrations.alembic_filter import (
    FILTER,
    PREFIX,
    configure_calls,
    filters_of,
    names_auth_tables,
    with_filter,
)
from ...model import Evidence, FileEdit, Finding, Fix, Plan, Status
from ...syntax.python import Module, arguments, line, text
from .._check import FIX, Broken, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

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
    Broken(
        title="models and a filter that hides only what the database has",
        path="{backend}/migrations/env.py",
        before="connection=connection, target_metadata=target_metadata",
        after="connection=connection, target_metadata=target_metadata, "
        'include_name=lambda name, *_: not (name or "").startswith("auth_")',
        severity=Status.WARN,
    ),
    Broken(
        title="metadata that is none",
        path="{backend}/migrations/env.py",
        before="target_metadata = SQLModel.metadata",
        after="target_metadata = None",
        severity=Status.WARN,
    ),
)


def find(project: Project) -> Iterator[Finding]:
    """Read ``env.py``, and look whether the models have the tables."""
    path = _env_file(project)
    module = project.module(path) if path else None
    if path and module is not None:
        yield from _guard(project, path, module)


def _env_file(project: Project) -> str | None:
    """Return the ``env.py`` that is above the folder of the revisions."""
    folder = project.versions
    while folder:
        folder = folder.rpartition("/")[0]
        path = f"{folder}/env.py" if folder else "env.py"
        if project.read(path) is not None:
            return path
    return None


def _guard(project: Project, path: str, module: Module) -> Iterator[Finding]:
    configured = configure_calls(module)
    open_ = [call for call in configured if not filters_of(call)]
    blind = [
        hook
        for call in configured
        for hook in filters_of(call)
        if names_auth_tables(module, hook) is False
    ]
    metadata = {a.target: a.value for a in module.assignments()}.get("target_metadata")
    if metadata is not None and text(metadata) == "None":
        yield warning(
            "target_metadata is None, so that autogenerate compares with nothing",
            path,
            line(metadata),
            remedy="target_metadata = Base.metadata (or SQLModel.metadata)",
        )
    if _knows_tables(project):
        yield from _half_hidden(path, module, configured)
        return
    if blind:
        yield warning(
            f"{text(blind[0])} does not hide the auth tables from autogenerate",
            path,
            line(blind[0]),
            remedy=f'let it return False for tables whose name begins with "{PREFIX}"',
        )
    if open_:
        yield _unguarded(path, module, open_)


def _half_hidden(
    path: str, module: Module, configured: list[Node]
) -> Iterator[Finding]:
    """Yield what hides the tables in the database, which the models have too."""
    for call in configured:
        hook = arguments(call)[1].get("include_name")
        if hook is not None and names_auth_tables(module, hook):
            yield warning(
                f"autogenerate would create the auth tables again: {text(hook)} hides "
                "those in the database, and the models have them too",
                path,
                line(hook),
                remedy=f"let {text(hook)} leave names that begin with {PREFIX} alone",
            )


def _knows_tables(project: Project) -> bool:
    """Return True if the models hold the auth tables, and Alembic gets to see them.

    Those of the auth package count where another file imports them.
    """
    declared = {found.table: found.path for found in project.modelled}
    if not {table.name for table in project.tables} <= set(declared):
        return False
    package = f"{project.package}/"
    inside = {path for path in declared.values() if path.startswith(package)}
    names = {path.rpartition("/")[2].removesuffix(".py") for path in inside}
    return not inside or any(
        found.name in names or found.module.rpartition(".")[2] in names
        for path in project.below(project.backend, ".py")
        if not path.startswith(package) and (module := project.module(path)) is not None
        for found in module.imports
        if project.answers.package_module in f"{found.module}.{found.name}"
        or found.level
    )


def _unguarded(path: str, module: Module, open_: list[Node]) -> Finding:
    message = "alembic revision --autogenerate would drop the auth tables"
    after = with_filter(module, open_)
    title = f"hid the auth tables from autogenerate in {path}"
    edit = FileEdit(path=path, before=module.source, after=after, why=(title,))
    return Finding(
        message=message,
        evidence=(Evidence(path=path, line=line(open_[0]), why=message),),
        remedy=FIX if after else f"give context.configure include_object={FILTER}",
        severity=Status.WARN,
        fix=Fix(title=title, plan=Plan(edits=(edit,))) if after else None,
    )
