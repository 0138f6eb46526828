"""What follows from a description of the schema alone: odd cases that are legal."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from copier_better_auth.answers import parse_answers
from copier_better_auth.answers.additions import parse_additions, recorded
from copier_better_auth.edits.record_additions import _as_yaml
from copier_better_auth.migrations.alembic import revision_source
from copier_better_auth.migrations.change import SchemaChange, dropping, needed
from copier_better_auth.migrations.declared import _FITTING
from copier_better_auth.migrations.sql import statements
from copier_better_auth.rendering import stored_fields
from copier_better_auth.schema.definitions import table_definitions
from copier_better_auth.schema.described import (
    UnknownSchemaError,
    beyond,
    stored_tables,
)
from copier_better_auth.schema.tables import Type, template_tables

if TYPE_CHECKING:
    from copier_better_auth.answers import Answers
    from copier_better_auth.answers.additions import StoredTable


def table(name: str, *columns: dict[str, Any]) -> dict[str, Any]:
    """Return a table as answers record it; a column is a nullable text by default."""
    given = [{"type": "text", "nullable": True, **column} for column in columns]
    return {"name": name, "columns": given}


def added(*tables: dict[str, Any]) -> tuple[StoredTable, ...]:
    """Return tables as ``sync`` has recorded them."""
    return parse_additions(tables)


def answers(*tables: dict[str, Any], **given: object) -> Answers:
    """Return answers in which these are recorded."""
    return parse_answers({"auth_schema_additions": list(tables), **given})


def revision(change: SchemaChange, name: str, after: str | None) -> str:
    """Return the text of a revision."""
    return revision_source(change, revision=name, down_revision=after, created="now")


INVITATION = table("auth_invitation", {"name": "email"}, {"name": "team_id"})


def test_a_column_that_is_gone_leaves_its_table() -> None:
    """Only the column is dropped, where the plugin still stores the table."""
    now = added(table("auth_invitation", {"name": "email"}))
    gone = beyond(added(INVITATION), now)
    change = dropping(answers(INVITATION), gone, [t.name for t in now])
    assert statements(change) == "ALTER TABLE auth_invitation DROP COLUMN team_id;\n"


def test_what_the_template_has_caught_up_with_is_not_gone() -> None:
    """A newer release knows a column that was an addition before."""
    assert not beyond(added(table("auth_user", {"name": "image"})), template_tables())


def test_what_was_dropped_is_made_again() -> None:
    """A revision that drops a table, and makes it on its way back, leaves none."""
    given = answers(INVITATION)
    base = needed(answers(), ())
    first = revision(base, "a", None)
    second = revision(needed(given, [first]), "b", "a")
    change = dropping(given, added(INVITATION), ())
    third = revision(change, "c", "b")
    assert not needed(given, [first, second])
    again = needed(given, [first, second, third])
    assert [t.name for t in again.tables] == ["auth_invitation"]


def test_a_column_that_was_dropped_is_made_again() -> None:
    """The same for a column of a table that stays."""
    role = table("auth_user", {"name": "role"})
    first = revision(needed(answers(), ()), "a", None)
    second = revision(needed(answers(role), [first]), "b", "a")
    third = revision(dropping(answers(role), added(role), ()), "c", "b")
    again = needed(answers(role), [first, second, third])
    assert [a.column.name for a in again.columns] == ["role"]


def test_a_key_to_a_column_of_the_same_run() -> None:
    """The column is added before the table that refers to it."""
    pet = table(
        "auth_pet",
        {"name": "owner", "references": "auth_user", "references_column": "username"},
    )
    user = table("auth_user", {"name": "username", "unique": True})
    first = statements(needed(answers(), ()))
    sql = statements(needed(answers(user, pet), [first]))
    assert sql.index("ADD COLUMN username") < sql.index("CREATE TABLE auth_pet")


def test_row_level_security_of_odd_names() -> None:
    """Names are quoted in every statement, and the revision is still Python."""
    given = answers(
        table("teamMember"), table("order"), auth_database_provider="supabase"
    )
    change = needed(given, [statements(needed(answers(), ()))])
    assert 'ALTER TABLE "teamMember" ENABLE ROW LEVEL SECURITY' in statements(change)
    ast.parse(revision(change, "a", None))
    gone = dropping(given, given.auth_schema_additions, ())
    assert gone.hidden


def test_each_type_is_known_to_the_diagnostics() -> None:
    """A column of any type can be judged."""
    assert set(_FITTING) == set(Type)


NAMES = (
    *("list", "str", "field", "datetime", "class", "order", "email", "_2fa"),
    *("isPartner", "is_partner", "x" * 60),
)


@pytest.mark.parametrize("name", ["auth_user", "auth_session"])
def test_any_name_is_python(name: str) -> None:
    """The files that ``sync`` changes parse, and no field hides another."""
    given = [{"name": column, "field": f"f{n}"} for n, column in enumerate(NAMES)]
    given.append({"name": "hobbies", "type": "jsonb", "items": "text"})
    additions = [table(name, *given)]
    fields = stored_fields.fields_of(additions, name)
    assert len({f.name for f in fields}) == len(fields) == len(NAMES) + 1
    assert len({f.claim for f in fields}) == len(fields)
    assert all(len(f.alias) <= 63 for f in fields)
    declared = (
        f"{stored_fields.model_imports(additions)}\n\n\n@dataclass(frozen=True)\n"
        f"class User:\n{stored_fields.user_fields(additions)}\n\n\n"
        f"@dataclass(frozen=True)\nclass Session:\n"
        f"{stored_fields.session_fields(additions)}\n"
    )
    exec(compile(declared, "models.py", "exec"), {})  # noqa: S102 - our own text
    ast.parse(f"f(\n{stored_fields.user_of_claims(additions).replace('    )', ')')}")


def test_no_field_is_a_claim_of_the_token_s_own() -> None:
    """Neither a person nor a plugin decides when a token ends, or whose it is."""
    taken = ("exp", "iss", "aud", "sub", "sid", "name")
    fields = [{"name": name} for name in taken]
    additions = [table("auth_user", *fields), table("auth_session", *fields)]
    names = [
        field.claim
        for one in ("auth_user", "auth_session")
        for field in stored_fields.fields_of(additions, one)
    ]
    assert not {*taken, "email", "iat", "nbf"} & {*names}
    assert len({*names}) == len(names)


def test_a_table_with_a_name_of_python_s() -> None:
    """``metadata`` stays the metadata for every table."""
    text = table_definitions(answers(table("metadata"), table("class"), table("sa")))
    tree = ast.parse(text)
    names = {t.id for node in tree.body for t in node.targets}  # type: ignore[attr-defined]
    assert not names & {"metadata", "sa", "class"}


@pytest.mark.parametrize("word", ["yes", "no", "on", "off", "1:30", "null", "~", "0x1"])
def test_copier_reads_what_was_recorded(word: str) -> None:
    """Copier's YAML is an older one, in which some words are no text."""
    entry = {"name": "on", "values": [word, "it's"], "default": word}
    stored = recorded(added(table("yes", entry)))
    written = _as_yaml("auth_schema_additions", stored)
    read = yaml.safe_load(written)["auth_schema_additions"]
    assert parse_additions(read) == added(table("yes", entry))


@pytest.mark.parametrize(
    "field",
    [
        {"name": "a"},
        {"name": "a", "type": {"of": "point"}},
        {"name": "a", "type": "string", "references": {"field": "id"}},
        {"name": "a", "type": "string", "references": {"model": "x", "onDelete": "no"}},
        {"name": "a b", "type": "string"},
        "a",
    ],
)
def test_a_description_that_makes_no_sense(field: object) -> None:
    """It is refused in words, whatever is wrong with it."""
    model = {"key": "x", "table": "x", "fields": [field], "indexes": []}
    with pytest.raises(UnknownSchemaError):
        stored_tables([model])  # type: ignore[list-item]
