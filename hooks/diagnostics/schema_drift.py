"""BA013: better-auth, the migrations and FastAPI must mean the same tables."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from .. import ANSWERS_FILE
from ..edits.add_migration import add_migration
from ..model import FileEdit, Finding, Fix, Plan
from ..rendering.commands import within
from ..syntax.python import line, string_value, text
from ..syntax.typescript import string_value as script_string
from ..syntax.typescript import unwrapped, value_at
from ._check import FIX, Broken, Check, problem, repairable
from ._conversion import is_applied, upgrade_command
from ._probe import look, unasked
from .application import line_of_answer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tree_sitter import Node

    from ..schema import Table
    from ..syntax.typescript import Script
    from ._probe import Seen
    from ._project import Project

_REVISION = "{versions}/*_add_auth_tables.py"
_ASKED_FOR = re.compile(
    r'(?i)(?:create table|alter table) "?(\w+)"?(?: add column "?(\w+)"?)?'
)
_FROM = re.compile(r"(?i)\b(?:from|join|update|into)\s{1,99}(\"?[a-z_][\w.]*\"?)")
# A camelCase name, unless it is what the query itself calls a column.
_QUOTED = re.compile(r"(?<!\b[aA][sS] )\"([a-z]+[A-Z]\w*)\"")
_VERB = re.compile(r"(?i)\b(?:select|insert\s{1,99}into|update|delete\s{1,99}from)\b")
_CLAUSE = re.compile(r"(?i)\b(?:from|set|values|where)\b")
# What other versions and other tools call better-auth's tables.
_STRANGERS = {
    "user",
    "users",
    "session",
    "sessions",
    "user_sessions",
    "user_session",
} | {
    *("account", "accounts", "verification", "verifications", "jwks"),
    *("auth_users", "auth_sessions", "auth_accounts"),
}


class SchemaDrift(Check):
    """Three parties name the same tables: better-auth, the migrations, FastAPI.

    better-auth compares its own idea with the database when it starts and answers 500
    to everything where something is missing. Its names are set in ``schema.ts``; the
    migrations must make each table and column; FastAPI's SQL must use those names.
    Where the packages are installed and the database answers, better-auth itself says
    what it would still migrate. The fix adds what the migrations lack.
    """

    code = "BA013"
    name = "schema-drift"
    healthy = "better-auth, the migrations and FastAPI name the same tables"
    proof = "names by syntax tree; better-auth's own getMigrations on the database"
    example = 'export const user = { modelName: "auth_user", fields: { ... } };'
    broken = (
        Broken(
            title="a field without its column's name",
            path="{server}/src/auth/schema.ts",
            before='    ipAddress: "ip_address",\n',
            fixed=True,
        ),
        Broken(
            title="an old field instead of two new ones",
            path="{server}/src/auth/schema.ts",
            before=(
                '    accessTokenExpiresAt: "access_token_expires_at",\n'
                '    refreshTokenExpiresAt: "refresh_token_expires_at",\n'
            ),
            after='    expiresAt: "expires_at",\n',
        ),
        Broken(
            title="a column by another name",
            path="{server}/src/auth/schema.ts",
            before='emailVerified: "email_verified"',
            after='emailVerified: "is_verified"',
            fixed=True,
        ),
        Broken(
            title="a column that the migration does not make",
            path=_REVISION,
            before='        sa.Column("scope", sa.Text(), nullable=True),\n',
            fixed=True,
        ),
        Broken(
            title="a column that must not be empty, and no migration makes",
            path=_REVISION,
            before='        sa.Column("provider_id", sa.Text(), nullable=False),\n',
        ),
        Broken(
            title="no migration at all",
            path=_REVISION,
            after="",
            project="default",
            fixed=True,
        ),
        Broken(
            title="FastAPI reads a table that does not exist",
            path="{package}/extra.py",
            after='FIND = "SELECT id FROM user_sessions WHERE token = $1"\n',
        ),
        Broken(
            title="FastAPI reads camelCase columns",
            path="{package}/extra.py",
            after=(
                'FIND = \'SELECT "userId" FROM auth_session WHERE "expiresAt" > 1\'\n'
            ),
        ),
    )

    def detect(self, project: Project) -> Iterator[Finding]:
        """Compare the names in ``schema.ts``, in migrations and in FastAPI's SQL."""
        for path, script in project.scripts.items():
            yield from _models(project, path, script)
        yield from _migrations(project)
        yield from _queries(project)

    def probe(self, project: Project) -> Iterator[Finding]:
        """Ask better-auth what it would still migrate."""
        seen = look(project)
        if seen.reason:
            yield unasked(project, seen.reason)
        elif seen.pending:
            first = seen.pending.splitlines()[0][:120]
            yield problem(
                f"the database is not migrated; better-auth would run: {first}",
                project.env_path,
                remedy=_migrate(project, seen),
            )


def _migrate(project: Project, seen: Seen) -> str:
    """Return what to type so that the database has what better-auth asks for."""
    asked = [(m[1], m[2]) for m in _ASKED_FOR.finditer(seen.pending)]
    known = {table.name: {c.name for c in table.columns} for table in project.tables}
    if any(t not in known or (c and c not in known[t]) for t, c in asked):
        # better-auth was upgraded past what this release of the template knows.
        return f"copier update --trust -a {ANSWERS_FILE}"
    if project.answers.migrated_by == "server":
        manager = project.answers.auth_node_package_manager
        return within(project.server, f"{manager} run migrate")
    if project.answers.migrated_by == "alembic":
        if not is_applied(project, seen):
            return upgrade_command(project)
        statement = seen.pending.partition(";")[0]
        return f"every revision is applied, so make it by hand: {statement};"
    making = dict.fromkeys(
        found.path for (table, _), found in project.migrated.items() if table in known
    )
    return f"apply {', '.join(making)}" if making else FIX


def _models(project: Project, path: str, script: Script) -> Iterator[Finding]:
    for holder in script.nodes("object"):
        table = _table(project, script_string(value_at(holder, "modelName")))
        fields = value_at(holder, "fields")
        if table is None or fields is None:
            continue
        named = _entries(script, fields)
        for column in table.columns:
            field = _camel(column.name)
            node = named.get(field)
            given = script_string(node)
            if column.name in {field, given}:
                continue
            message = f"{table.name}.{column.name} is not the name of {field} there"
            after: bytes | None = None
            if node is not None and node.type == "string":
                after = script.replaced(node, f'"{column.name}"')
            elif node is None and not _extra(table, named):
                at = fields.named_children[0] if fields.named_children else None
                after = _inserted(script, at, f'{field}: "{column.name}",')
            if after is None:
                remedy = f'add: {field}: "{column.name}"'
                yield problem(message, path, line(fields), remedy=remedy)
                continue
            yield repairable(
                message,
                path,
                line(node or fields),
                title=f"named {field} {column.name}",
                before=script.source,
                after=after,
            )
        for field in _extra(table, named):
            yield problem(
                f"{table.name} has no column for the field {field}",
                path,
                line(named[field]),
                remedy="take the field out; better-auth has it no more",
            )


def _extra(table: Table, named: Mapping[str, Node]) -> list[str]:
    known = {_camel(column.name) for column in table.columns}
    return [f for f, n in named.items() if f not in known and n.type == "string"]


def _inserted(script: Script, before: Node | None, entry: str) -> bytes | None:
    if before is None:
        return None
    at, source = before.start_byte, script.source
    space = source[source.rfind(b"\n", 0, at) : at]
    separator = space if not space.strip() else b" "
    return source[:at] + entry.encode() + separator + source[at:]


def _entries(script: Script, holder: Node) -> dict[str, Node]:
    """Return an object literal's entries, those of what it spreads included."""
    found: dict[str, Node] = {}
    for child in holder.named_children:
        if child.type == "spread_element":
            spread = unwrapped(child.named_children[0])
            if spread is not None and spread.type == "identifier":
                spread = script.constant(text(spread))
            if spread is not None and spread.type == "object":
                found.update(_entries(script, spread))
        elif child.type == "pair":
            key = text(child.child_by_field_name("key"))
            value = unwrapped(child.child_by_field_name("value"))
            if value is not None:
                found[key] = value
    return found


def _table(project: Project, name: str | None) -> Table | None:
    return next((t for t in project.tables if t.name == name), None)


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)


def _migrations(project: Project) -> Iterator[Finding]:
    system = project.answers.migrated_by
    if system == "server":
        return
    if project.versions is None:
        if system == "alembic":
            yield problem(
                "Alembic's folder of revisions is gone, so nothing makes the tables",
                ANSWERS_FILE,
                line_of_answer(project, "auth_migration_system"),
                remedy="bring alembic.ini and its folder back: git log --diff-filter=D "
                "--name-only -- '*alembic.ini' '*/versions/*'",
            )
        return
    declared = project.migrated
    made = {table for table, _ in declared}
    missing = [table.name for table in project.tables if table.name not in made]
    lost = [
        (table, column)
        for table in project.tables
        for column in (table.columns if table.name in made else ())
        if (table.name, column.name) not in declared
    ]
    if not missing and not lost:
        return
    # One further migration brings all that is missing, the columns too.
    names = [*missing, *(f"{table.name}.{column.name}" for table, column in lost)]
    planned = add_migration(project.integration, project.staging)
    fix = None
    if isinstance(planned, FileEdit):
        title = f"added the migration of {', '.join(names)}"
        fix = Fix(title=title, plan=Plan(edits=(planned,)))
    if missing:
        message = f"no migration makes {', '.join(missing)}"
        yield _unmade(project.versions, message, fix, "")
        fix = None
    for table, column in lost:
        by_hand = (
            f"a new migration: ALTER TABLE {table.name} ADD COLUMN {column.name} "
            f"{column.type.value}"
        )
        message = f"no migration makes the column {table.name}.{column.name}"
        yield _unmade(project.versions, message, fix, by_hand)
        fix = None


def _unmade(path: str, message: str, fix: Fix | None, by_hand: str) -> Finding:
    found = problem(message, path, remedy=FIX if fix else by_hand)
    return replace(found, fix=fix)


def _queries(project: Project) -> Iterator[Finding]:
    names = {table.name for table in project.tables}
    for path, module in project.modules.items():
        for node in module.nodes("string"):
            sql = string_value(node)
            if not sql or not _is_query(sql):
                continue
            read = {
                m[1].replace('"', "").rpartition(".")[2] for m in _FROM.finditer(sql)
            }
            # Beside an auth table, a table of such a name is the host's own.
            for table in sorted(read & _STRANGERS) if not read & names else ():
                yield problem(
                    f"FastAPI reads the table {table}, which is not better-auth's",
                    path,
                    line(node),
                    remedy=f"the tables are {', '.join(sorted(names))}",
                )
            for column in _QUOTED.finditer(sql):
                yield problem(
                    f'FastAPI reads the column "{column[1]}"; columns are snake_case',
                    path,
                    line(node),
                    remedy="use the names of schema.ts",
                )


def _is_query(sql: str) -> bool:
    """Return True for a statement that reads or writes rows, rather than prose."""
    verb = _VERB.search(sql)
    return verb is not None and _CLAUSE.search(sql, verb.end() + 1) is not None
