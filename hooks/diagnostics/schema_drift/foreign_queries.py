"""FastAPI's SQL with tables or columns that better-auth does not have."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ...syntax.python import line, string_value
from .._check import Broken, problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import Finding
    from .._project import Project

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

BROKEN = (
    Broken(
        title="FastAPI reads a table that does not exist",
        path="{package}/extra.py",
        after='FIND = "SELECT id FROM user_sessions WHERE token = $1"\n',
    ),
    Broken(
        title="FastAPI reads camelCase columns",
        path="{package}/extra.py",
        after=('FIND = \'SELECT "userId" FROM auth_session WHERE "expiresAt" > 1\'\n'),
    ),
)


def find(project: Project) -> Iterator[Finding]:
    """Look at every query of the auth package."""
    names = {table.name for table in project.tables}
    columns = {column.name for table in project.tables for column in table.columns}
    for path, module in project.modules.items():
        for node in module.nodes("string"):
            sql = string_value(node)
            if not sql or not is_query(sql):
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
            quoted = (m[1] for m in _QUOTED.finditer(sql))
            # Some are stored by such a name, which their owner has given them.
            for column in (name for name in quoted if name not in columns):
                yield problem(
                    f'FastAPI reads the column "{column}"; columns are snake_case',
                    path,
                    line(node),
                    remedy="use the names of schema.ts",
                )


def is_query(sql: str) -> bool:
    """Return True for a statement that reads or writes rows, rather than prose."""
    verb = _VERB.search(sql)
    return verb is not None and _CLAUSE.search(sql, verb.end() + 1) is not None
