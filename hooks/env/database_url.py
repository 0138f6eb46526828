"""The URL of the database that the user's backend uses in development.

Read from the env files that the backend itself reads; returned to be written into the
auth server's git-ignored ``.env`` and never to be shown.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit, urlunsplit

from .dotenv import entries
from .sites import is_local

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_POSTGRES = re.compile(r"postgres(?:ql)?(?:\+\w+)?://")
# The names that people give to the parts of a URL, most usual first.
_PARTS = {
    "host": ("SERVER", "HOST", "HOSTNAME"),
    "port": ("PORT",),
    "user": ("USER", "USERNAME"),
    "password": ("PASSWORD", "PASS"),
    "name": ("DB", "NAME", "DATABASE", "DB_NAME"),
}
_PREFIXES = ("POSTGRES_", "POSTGRESQL_", "PG", "DB_", "DATABASE_")

# Of tests, and of what is no PostgreSQL.
_OF_ANOTHER = re.compile(r"TEST|MYSQL|MARIA|MONGO|REDIS|CLICKHOUSE")


def development_url(read: Callable[[str], str | None], backend_dir: str) -> str | None:
    """Return the URL as node-postgres takes it, or ``None`` where none is certain.

    ``read`` returns the text of a repository's file, or ``None`` where there is none.
    """
    below = "" if backend_dir == "." else f"{backend_dir}/"
    places = dict.fromkeys([f"{below}.env", ".env", f"{below}.env.local"])
    for place in places:
        text = read(place)
        if text and (url := _from_entries(entries(text))):
            return url
    return None


def _from_entries(values: Mapping[str, str]) -> str | None:
    named = sorted(
        (key for key, value in values.items() if _POSTGRES.match(value)),
        key=lambda key: (key != "DATABASE_URL", "TEST" in key.upper(), key),
    )
    usable = [key for key in named if not _unresolved(values[key])]
    if usable:
        return for_node(values[usable[0]])
    return _from_parts(values)


def _from_parts(values: Mapping[str, str]) -> str | None:
    """Put a URL together from its parts, under whatever prefix the settings have.

    ``SHOP_POSTGRES_HOST`` has pydantic-settings' ``env_prefix``, ``shop__db__host`` its
    delimiter. Where two programs' parts are there, none is certain.
    """
    plain = {re.sub("__+", "_", key.upper()): value for key, value in values.items()}
    owners = {
        key.removesuffix(prefix + name)
        for key in plain
        for prefix in _PREFIXES
        for name in _PARTS["user"]
        if key.endswith(prefix + name)
    }
    found = {
        owner: url
        for owner in owners
        if (not owner or owner.endswith("_")) and not _OF_ANOTHER.search(owner)
        for prefix in reversed(_PREFIXES)
        if (url := _of_prefix(plain, owner + prefix))
    }
    certain = {found[""]} if "" in found else {*found.values()}
    return certain.pop() if len(certain) == 1 else None


def _of_prefix(values: Mapping[str, str], prefix: str) -> str | None:
    parts = {
        part: next((values[prefix + n] for n in names if prefix + n in values), "")
        for part, names in _PARTS.items()
    }
    is_known = (
        parts["user"] and parts["name"] and not any(map(_unresolved, parts.values()))
    )
    return _composed(parts) if is_known else None


def _composed(parts: Mapping[str, str]) -> str:
    user, password = quote(parts["user"], safe=""), quote(parts["password"], safe="")
    login = f"{user}:{password}" if password else user
    host = parts["host"] or "localhost"
    return f"postgresql://{login}@{host}:{parts['port'] or 5432}/{parts['name']}"


def for_node(url: str) -> str | None:
    """Drop the SQLAlchemy driver and turn asyncpg's ``ssl`` into ``sslmode``.

    None for what is no PostgreSQL's URL.
    """
    if not _POSTGRES.match(url):
        return None
    parts = urlsplit(url)
    query = re.sub(r"(^|&)ssl=", r"\1sslmode=", parts.query)
    return urlunsplit(("postgresql", parts.netloc, parts.path, query, ""))


def _unresolved(value: str) -> bool:
    return "${" in value or "$(" in value or "<" in value


def place_of(url: str) -> tuple[str, int, str]:
    """Return the host, the port and the path that name a database.

    All names of this machine are one host, and a pooler is its database.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    # A pooler's host is its database's with a suffix to the first label.
    host = re.sub(r"^([^.]+)-pooler\.", r"\1.", host)
    local = "localhost" if is_local(f"http://{host}") else host
    try:
        port = parts.port or 5432
    except ValueError:
        port = 0
    return local, port, parts.path
