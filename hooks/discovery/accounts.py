"""Find the tables that hold users, and what verifies them today."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..model import Confidence, Evidence, Fact
from ..syntax import assignments_of, body_statements, line, name_of, string_value, text

if TYPE_CHECKING:
    from .applications import Application
    from .sources import Sources

_USER_TABLE = re.compile(r"(?i)^(?:\w+_)?(?:auth_?)?(?:user|account|admin)s?$")
_USER_CLASS = re.compile(r"^(?:\w*)User(?:s|DB|Model|Table|Account)?$")
_BASES = re.compile(r"Base|SQLModel|Model|table\s*=\s*True|SQLAlchemyBaseUserTable")
# The first that is imported names the family.
_FAMILIES = (
    ("fastapi-users", ("fastapi_users",)),
    ("firebase", ("firebase_admin",)),
    ("own code: JWT bearer", ("jose", "jwt", "authlib", "fastapi_jwt_auth")),
    ("own code: OAuth2 bearer", ("fastapi.security",)),
)


def find_user_tables(
    sources: Sources, application: Application
) -> Fact[tuple[str, ...]]:
    """Return the names of user tables as models declare them."""
    found: dict[str, Evidence] = {}
    for name in sources.python:
        if not _below(name, application.import_root):
            continue
        source = sources.repository.text(name) or ""
        if "ser" not in source:
            continue
        for definition in sources.module(name).classes():
            table = _table_of(definition)
            if table and _USER_TABLE.match(table):
                why = "is a table of users"
                found.setdefault(
                    table, Evidence(path=name, line=line(definition), why=why)
                )
    if not found:
        return Fact()
    return Fact(
        value=tuple(sorted(found)),
        confidence=Confidence.LIKELY,
        evidence=tuple(found.values()),
    )


def _table_of(definition: object) -> str | None:
    from tree_sitter import Node  # noqa: PLC0415 - narrows the type only

    if not isinstance(definition, Node):
        return None
    bases = text(definition.child_by_field_name("superclasses"))
    name = name_of(definition)
    for statement in body_statements(definition):
        for assignment in assignments_of(statement):
            if assignment.target == "__tablename__":
                return string_value(assignment.value)
    if "table=True" in bases.replace(" ", "") or "BaseUserTable" in bases:
        return name.lower() if "BaseUserTable" not in bases else "user"
    if _USER_CLASS.match(name) and "SQLAlchemyBaseUserTable" in bases:
        return "user"
    return None


def find_authentication(
    sources: Sources, application: Application, auth_server_dir: str | None
) -> Fact[str]:
    """Say in a few words what verifies users today."""
    if auth_server_dir is not None:
        return Fact(value="better-auth", confidence=Confidence.LIKELY)
    imported: dict[str, Evidence] = {}
    for name in sources.python:
        if _below(name, application.import_root):
            for found in sources.module(name).imports:
                why = f"imports {found.module}"
                place = Evidence(path=name, line=line(found.node), why=why)
                imported.setdefault(found.module, place)
    for family, packages in _FAMILIES:
        for module, evidence in imported.items():
            if any(module == p or module.startswith(f"{p}.") for p in packages):
                return Fact(
                    value=family, confidence=Confidence.LIKELY, evidence=(evidence,)
                )
    return Fact()


def _below(name: str, root: str) -> bool:
    return root == "." or name.startswith(f"{root}/")
