"""BA007: Alembic's autogenerate must leave the auth tables alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..migrations.alembic_filter import FILTER, configure_calls, with_filter
from ..model import Evidence, FileEdit, Finding, Fix, Plan, Status
from ..syntax.python import Module, arguments, descendants, line, name_of, text
from ._check import FIX, Broken, Check, problem, warning
from ._conversion import by_alembic

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from ._project import Project

_HOOKS = ("include_name", "include_object")
_PREFIX = "auth_"


def _env(*configured: str) -> str:
    """Return an ``env.py`` that configures Alembic so, for the examples."""
    calls_ = "".join(f"    context.configure({given})\n" for given in configured)
    return f"from alembic import context\n\n\ndef run():\n{calls_}\n\nrun()\n"


class AlembicAutogenerate(Check):
    """Tables that are not among the models are leftovers to ``--autogenerate``.

    better-auth's tables are in the same database, so the next
    ``alembic revision --autogenerate`` proposes to drop them, with every account.
    Either the models have them, or a filter in ``env.py`` hides them. The fix adds the
    filter: ``include_object`` in every ``context.configure``. An ``include_name`` hides
    the tables that are there, not those of the models, so that with both autogenerate
    proposes to create them again. Also looked at: a chain of revisions with two ends,
    or with a link missing.
    """

    code = "BA007"
    name = "alembic-autogenerate"
    healthy = "autogenerate leaves the auth tables alone"
    proof = "env.py, models and the chain of revisions by syntax tree"
    example = "context.configure(..., include_object=leave_auth_tables)"
    broken = (
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
            title="two ends of the chain",
            path="{versions}/other_head.py",
            after='revision = "other"\ndown_revision = None\n',
        ),
        Broken(
            title="a link of the chain is missing",
            path="{versions}/*_add_auth_tables.py",
            before="down_revision = None",
            after='down_revision = "0123456789ab"',
        ),
        Broken(
            title="metadata that is none",
            path="{backend}/migrations/env.py",
            before="target_metadata = SQLModel.metadata",
            after="target_metadata = None",
            severity=Status.WARN,
        ),
    )

    def detect(self, project: Project) -> Iterator[Finding]:
        """Read ``env.py``, the models and the chain."""
        answers = project.answers
        if answers.auth_database_layer == "none":
            return  # their database is not the one that Alembic looks at
        if answers.migrated_by == "alembic":
            yield from _chain(project)
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


def _chain(project: Project) -> Iterator[Finding]:
    graph = project.graph
    if project.versions is None:
        return
    if graph.missing_parents:
        yield problem(
            f"no file defines the revision {graph.missing_parents[0]}",
            project.versions,
            remedy="restore it from git, or correct down_revision",
        )
    elif len(graph.heads) > 1:
        yield problem(
            f"the chain has {len(graph.heads)} ends: {', '.join(graph.heads)}",
            project.versions,
            remedy=by_alembic(project, "merge heads -m merge"),
        )


def _guard(project: Project, path: str, module: Module) -> Iterator[Finding]:
    configured = configure_calls(module)
    open_ = [call for call in configured if not _hooks(call)]
    blind = [
        hook for call in configured for hook in _hooks(call) if not _hides(module, hook)
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
            remedy=f'let it return False for tables whose name begins with "{_PREFIX}"',
        )
    if open_:
        yield _unguarded(path, module, open_)


def _half_hidden(
    path: str, module: Module, configured: list[Node]
) -> Iterator[Finding]:
    """Yield what hides the tables in the database, which the models have too."""
    for call in configured:
        hook = arguments(call)[1].get("include_name")
        if hook is not None and _names_tables(module, hook):
            yield warning(
                f"autogenerate would create the auth tables again: {text(hook)} hides "
                "those in the database, and the models have them too",
                path,
                line(hook),
                remedy=f"let {text(hook)} leave names that begin with {_PREFIX} alone",
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


def _hooks(call: Node) -> list[Node]:
    _, keywords = arguments(call)
    return [keywords[name] for name in _HOOKS if name in keywords]


def _hides(module: Module, hook: Node) -> bool:
    """Return True if a filter names the auth tables; an imported one is trusted."""
    return _names_tables(module, hook) is not False


def _names_tables(module: Module, hook: Node) -> bool | None:
    """Return True if a filter speaks of the auth tables; None if it is elsewhere."""
    if hook.type == "lambda":
        return _PREFIX in text(hook)
    definition = next((f for f in module.functions() if name_of(f) == text(hook)), None)
    if definition is None:
        return None
    names = {text(n) for n in descendants(definition) if n.type == "identifier"}
    constants = [text(a.value) for a in module.assignments() if a.target in names]
    strings = [text(n) for n in descendants(definition) if n.type == "string_content"]
    return any(_PREFIX in value for value in (*constants, *strings))


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
