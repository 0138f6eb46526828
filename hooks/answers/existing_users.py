"""The table of the people who were there before, as the answers file records it.

Recorded as the answer ``auth_existing_users_table``, since templates render the import
and the old hashes from it. It is written into SQL, Python and TypeScript, and a
repository may come from anybody: nothing but names gets through.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from ..syntax.yaml import YAMLError, load_yaml
from .additions import Name

_DOTTED = re.compile(r"[A-Za-z_]\w{0,62}(?:\.[A-Za-z_]\w{0,62}){0,20}", re.ASCII)

IdType = Literal["uuid", "text", "integer"]
# How passwords are stored, by what can verify them; one library may read several.
Scheme = Literal["bcrypt", "argon2", "django_pbkdf2", "werkzeug", "scrypt_passlib"]


def _module(value: str) -> str:
    if value and not _DOTTED.fullmatch(value):
        message = "a module has names with dots between them, as app.models"
        raise ValueError(message)
    return value


# What better-auth's own table is called.
_OURS = "auth_user"
_Optional = Name | Literal[""]


@dataclass(frozen=True, kw_only=True, config=ConfigDict(extra="forbid"))
class ExistingUsersTable:
    """One table of people: where it is, and which of its columns means what.

    Every field but ``table`` is empty where nothing was found: ``schema`` too where it
    is PostgreSQL's usual one, ``module`` and ``model`` where no class maps the table.
    ``restricts`` are columns that may keep people out, as ``banned``.
    """

    table: Name
    schema: _Optional = ""
    module: Annotated[str, AfterValidator(_module)] = ""
    model: _Optional = ""
    id: _Optional = ""
    id_type: IdType | Literal[""] = ""
    email: _Optional = ""
    password: _Optional = ""
    scheme: Scheme | Literal[""] = ""
    verified: _Optional = ""
    active: _Optional = ""
    admin: _Optional = ""
    name: _Optional = ""
    restricts: tuple[Name, ...] = ()


_TABLE: TypeAdapter[ExistingUsersTable | None] = TypeAdapter(ExistingUsersTable | None)


def given_table(value: object) -> object:
    """Return a table as the answers file has it; ``-d`` gives it as a line of YAML."""
    if not isinstance(value, str):
        return value or None
    try:
        return load_yaml(value) or None
    except YAMLError:
        return value


def parse_table(value: object) -> ExistingUsersTable | None:
    """Validate what was recorded; raises pydantic's ``ValidationError``."""
    return _TABLE.validate_python(given_table(value))


def lacks(table: ExistingUsersTable) -> str:
    """Say what an import needs and the table is not known to have; empty if nothing."""
    if table.table == _OURS and table.schema in {"", "public"}:
        return f"better-auth's own table needs the name; rename {_OURS} first"
    if not table.email:
        return "which column holds their e-mail is not known"
    if not table.id or not table.id_type:
        return "the column and the kind of their id are not known"
    return ""


def table_problem(value: object) -> str:
    """Say why a recorded table is invalid; empty if it is valid."""
    try:
        parse_table(value)
    except ValidationError as error:
        first = error.errors()[0]
        place = f"{first['loc'][0]}: " if first["loc"] else ""
        wrong = str(first["msg"]).removeprefix("Value error, ")
        return f"{place}{wrong}; for example {{table: users, id: id, id_type: uuid}}"
    return ""
