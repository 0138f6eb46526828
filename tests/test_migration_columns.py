"""What migrations and models make of the auth tables, however they write it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from copier_better_auth.answers.additions import ColumnType
from copier_better_auth.migrations.conversion import Conversion, convertible
from copier_better_auth.migrations.declared import (
    Schema,
    in_migrations,
    in_models,
    in_order,
)
from copier_better_auth.migrations.graph import Graph, Revision, read_graph
from copier_better_auth.migrations.sql_columns import sql_columns
from copier_better_auth.migrations.table_names import dropped_tables, made_tables
from copier_better_auth.migrations.written import columns_written, creates_table
from copier_better_auth.schema.tables import Column, Table
from support.postgres import execute

if TYPE_CHECKING:
    from copier_better_auth.migrations.declared import Declared

TABLES = (Table(name="auth_user", columns=(Column(name="id", type=ColumnType.TEXT),)),)
MADE = """
    op.create_table(
        "auth_user",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("email", sa.String(255), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), server_default=sa.func.now()),
    )
"""
MADE_BY_SQL = """
CREATE TABLE IF NOT EXISTS public."auth_user" (
    id text PRIMARY KEY, -- create table auth_user (commented text)
    "email" character varying(255) NOT NULL,
    seen_at timestamp(3) with time zone DEFAULT now(),
    CONSTRAINT short CHECK (length(email) < 255, 1)
);
"""


def migrated(*revisions: str, sql: str = "") -> dict[str, Declared]:
    """Return the columns that revisions leave one after the other, then a SQL file."""
    files = {
        f"versions/{number}.py": (
            f'revision = "{number}"\ndown_revision = "{number - 1}"\n'
            f"def upgrade():\n{body}\n"
        )
        for number, body in enumerate(revisions, 1)
    }
    # Alembic's order is the graph's, not that of the files.
    graph = read_graph(sorted(files, reverse=True), files.get)
    schema = Schema(
        tables=TABLES,
        graph=graph,
        versions="versions",
        backend=".",
        below=lambda _, end: ["versions/9.sql"] if sql and end == ".sql" else [],
        read=lambda _: None,
        text=lambda _: sql,
    )
    return {column: found for (_, column), found in in_migrations(schema).items()}


@pytest.mark.parametrize(
    "columns",
    [
        migrated(MADE),
        migrated("    pass", sql=MADE_BY_SQL),
        migrated(f'    op.execute("""{MADE_BY_SQL}""")'),
        migrated(f'    op.execute(sa.text("""{MADE_BY_SQL}"""))'),
    ],
    ids=["operations", "a SQL file", "executed", "executed text"],
)
def test_a_table_is_read_the_same_however_it_is_made(
    columns: dict[str, Declared],
) -> None:
    """Types, zones, NOT NULL and defaults are those that were written."""
    assert sorted(columns) == ["email", "id", "seen_at"]
    assert columns["id"].type == "text"
    assert columns["email"].is_required
    assert not columns["seen_at"].is_required
    assert columns["seen_at"].zoned


# A later step, and what it leaves: type, NOT NULL, default; nothing where it is gone.
LATER = {
    "type": (
        '    op.alter_column("auth_user", "email", type_=sa.Integer())',
        "ALTER TABLE ONLY auth_user ALTER COLUMN email SET DATA TYPE integer",
        ("email", "integer", True),
    ),
    "null": (
        '    op.alter_column("auth_user", "email", nullable=True)',
        "ALTER TABLE auth_user ALTER email DROP NOT NULL",
        ("email", None, False),
    ),
    "default": (
        '    op.alter_column("auth_user", "email", server_default="x, y")',
        "ALTER TABLE auth_user ALTER email SET DEFAULT 'x, y', ALTER id DROP IDENTITY",
        ("email", None, False),
    ),
    "dropped": (
        '    op.drop_column("auth_user", "email")',
        "ALTER TABLE IF EXISTS auth_user DROP COLUMN IF EXISTS email CASCADE",
        ("email", None, None),
    ),
    "renamed": (
        '    op.alter_column("auth_user", "email", new_column_name="mail")',
        'ALTER TABLE auth_user RENAME COLUMN "email" TO "mail"',
        ("mail", None, True),
    ),
    "in a batch": (
        """
    with op.batch_alter_table("auth_user") as batch:
        batch.alter_column("email", type_=sa.Integer(), nullable=True)""",
        """DO $$ BEGIN
            ALTER TABLE auth_user ALTER email TYPE integer, ALTER email DROP NOT NULL;
        END $$;""",
        ("email", "integer", False),
    ),
    "the table": (
        '    op.drop_table("auth_user")',
        "DROP TABLE IF EXISTS auth_user CASCADE",
        ("email", None, None),
    ),
}


@pytest.mark.parametrize("case", LATER)
@pytest.mark.parametrize("way", ["operations", "executed", "a constant", "a SQL file"])
def test_a_later_step_counts(case: str, way: str) -> None:
    """Whichever way it is written, and whichever way the table was made."""
    operation, sql, (column, kind, required) = LATER[case]
    match way:
        case "operations":
            columns = migrated(MADE, operation)
        case "executed":
            columns = migrated(MADE, f"    op.execute('''{sql}''')")
        case "a constant":
            columns = migrated(MADE, f"    op.execute(LATER)\n\nLATER = '''{sql}'''")
        case _:
            columns = migrated(
                MADE, sql=f"{sql};\n-- migrate:down\nDROP TABLE auth_user;"
            )
    if required is None:
        assert column not in columns
    else:
        assert columns[column].is_required is required
        assert kind is None or columns[column].type == kind


def test_a_model_that_requires_a_column() -> None:
    """Annotations decide where nullable is not given."""
    source = (
        "class Person(Base):\n"
        '    __tablename__ = "auth_user"\n'
        "    id: Mapped[str] = mapped_column(Text, primary_key=True)\n"
        "    plan: Mapped[str] = mapped_column(Text)\n"
        "    nick: Mapped[str | None] = mapped_column(Text)\n"
        "    old = Column(Text)\n"
    )
    schema = Schema(
        tables=TABLES,
        graph=read_graph((), lambda _: None),
        versions=None,
        backend=".",
        below=lambda *_: ["models.py"],
        read=lambda _: source.encode(),
        text=lambda _: None,
    )
    assert {f.column for f in in_models(schema) if f.is_required} == {"plan"}


def test_a_table_that_is_dropped_before_it_is_made_is_there() -> None:
    """Dumps begin so; a table that is made and then dropped is gone."""
    again = "drop table if exists users; create table users (id int);"
    assert dropped_tables(again) == set()
    assert dropped_tables("create table users (id int); drop table users;") == {"users"}
    assert dropped_tables('def upgrade():\n    op.rename_table("a", "b")\n') == {"a"}
    assert dict(made_tables('def upgrade():\n    op.rename_table("a", "b")\n')) == {
        "b": 2
    }


def test_what_was_written_is_not_written_again() -> None:
    """A further migration adds only the columns that no text has."""
    texts = [MADE_BY_SQL, "ALTER TABLE auth_user ADD COLUMN role text, ADD plan text;"]
    assert creates_table(texts[0], "auth_user")
    assert not creates_table(texts[0], "auth_use")
    assert columns_written(texts, "auth_user") == {
        "id",
        "email",
        "seen_at",
        "role",
        "plan",
    }


def test_a_type_that_is_not_read_is_not_known() -> None:
    """A step that only makes a column NOT NULL says nothing of its type."""
    (found,) = migrated(
        '    op.alter_column("auth_user", "seen_at", nullable=False)'
    ).values()
    assert found.is_required
    assert found.type == ""


def test_a_statement_ends_where_the_next_begins() -> None:
    """What is read of each is its own, with the line on which it is."""
    sql = "create table auth_user (id text,\nalter table auth_user\n add old int\n"
    found = [(c.column, c.line) for c in sql_columns(sql, {"auth_user"})]
    assert found == [("id", 1), ("old", 3)]
    assert not list(sql_columns("select 1 from auth_user", {"auth_user"}))


@pytest.mark.parametrize("circle", [False, True])
def test_a_chain_is_read_in_its_order(*, circle: bool) -> None:
    """Files are often listed against it; a chain that is a circle is read as well."""
    length = 40
    graph = Graph(
        revisions=tuple(
            Revision(
                path=f"{number}.py",
                id=str(number),
                down=(str((number - 1) % length),) if number or circle else (),
                source="",
            )
            for number in reversed(range(length))
        )
    )
    order = [revision.id for revision in in_order(graph)]
    expected = [str(number) for number in range(length)]
    assert order == (expected[::-1] if circle else expected)


@pytest.mark.parametrize(
    ("was", "wanted", "made"),
    [
        ("string", ColumnType.BOOLEAN, "character varying"),
        ("biginteger", ColumnType.TEXT, "bigint"),
        ("smallinteger", ColumnType.TEXT, "smallint"),
        ("largebinary", ColumnType.TEXT, "bytea"),
        ("datetime", ColumnType.TEXT, "timestamp without time zone"),
        ("datetime", ColumnType.TIMESTAMP, "timestamp without time zone"),
        ("inet", ColumnType.TEXT, "inet"),
    ],
)
def test_a_conversion_is_taken_back_in_sql(
    database_url: str, was: str, wanted: ColumnType, made: str
) -> None:
    """SQLAlchemy's name of a type is no type of PostgreSQL's, in a cast neither."""
    assert convertible(was, wanted)
    one = Conversion(table="auth_user", column="c", was=was, wanted=wanted)
    kind = (
        "select data_type from information_schema.columns where table_name = "
        "'auth_user' and column_name = 'c'"
    )
    execute(database_url, f"create table auth_user (c {made})")
    execute(database_url, one.statement)
    assert execute(database_url, kind) != made
    execute(database_url, one.back)
    assert execute(database_url, kind) == made
