"""Names in ``schema.ts`` that the tables do not have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...schema.tables import field_of
from ...syntax.python import line
from ...syntax.typescript import entries_of, value_at
from ...syntax.typescript import string_value as script_string
from .._check import Broken, problem, repairable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tree_sitter import Node

    from ...model import Finding
    from ...schema import Table
    from ...syntax.typescript import Script
    from .._project import Project

BROKEN = (
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
)


def find(project: Project) -> Iterator[Finding]:
    """Compare the names of every table in every file."""
    for path, script in project.scripts.items():
        yield from _models(project, path, script)


def _models(project: Project, path: str, script: Script) -> Iterator[Finding]:
    for holder in script.nodes("object"):
        table = _table(project, script_string(value_at(holder, "modelName")))
        fields = value_at(holder, "fields")
        if table is None or fields is None:
            continue
        named = entries_of(script, fields)
        added = _added(project, table)
        for column in table.columns:
            if column.name in added:
                continue  # names.ts names it
            field = field_of(column.name)
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
                after = script.with_entry_before(at, f'{field}: "{column.name}",')
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


def _added(project: Project, table: Table) -> set[str]:
    """Return the columns that better-auth's configuration adds to the template's."""
    additions = project.answers.auth_schema_additions
    return {c.name for one in additions if one.name == table.name for c in one.columns}


def _extra(table: Table, named: Mapping[str, Node]) -> list[str]:
    known = {field_of(column.name) for column in table.columns}
    return [f for f, n in named.items() if f not in known and n.type == "string"]


def _table(project: Project, name: str | None) -> Table | None:
    return next((t for t in project.tables if t.name == name), None)
