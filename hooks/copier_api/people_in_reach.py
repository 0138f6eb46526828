"""Whether the people who were there before can be taken along at all."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from ..answers.existing_users import lacks
from ..errors import AnswerError

if TYPE_CHECKING:
    from ..answers import Answers


def refuse_people_out_of_reach(now: Answers) -> None:
    """Refuse to take people along of whom too little is known, or who are elsewhere."""
    mode, table = now.auth_existing_users, now.auth_existing_users_table
    if mode == "none":
        return
    if table is None:
        example = "{table: users, id: id, id_type: integer, email: email}"
        why = f"no table of users is known; for example {_table(example)}"
    elif now.auth_database_layer == "none":
        why = (
            f"{table.table} is in another database than the auth tables; "
            "give -d auth_existing_users=none"
        )
    elif lacking := lacks(table):
        known = {name: value for name, value in asdict(table).items() if value}
        missing = dict.fromkeys(("id", "id_type", "email"), "...")
        fields = ", ".join(_field(*one) for one in {**missing, **known}.items())
        why = f"{lacking} in {table.table}; fill in {_table(f'{{{fields}}}')}"
    else:
        return
    message = f"auth_existing_users: {why}"
    raise AnswerError(message)


def _field(name: str, value: str | tuple[str, ...]) -> str:
    given = value if isinstance(value, str) else f"[{', '.join(value)}]"
    return f"{name}: {given}"


def _table(given: str) -> str:
    return f"-d 'auth_existing_users_table={given}'"
