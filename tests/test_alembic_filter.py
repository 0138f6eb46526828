"""Alembic's filter is an argument of the call, whatever else its lines hold."""

from __future__ import annotations

import textwrap
from typing import Any

import pytest
from copier_better_auth.migrations.alembic_filter import (
    configure_calls,
    filters_of,
    names_auth_tables,
    with_filter,
)
from copier_better_auth.syntax.python import arguments, parse, text

LAYOUTS = {
    "a comment after the last comma": """
        context.configure(
            connection=connection,
            compare_type=True,  # types too
        )
        """,
    "a comment and no last comma": """
        context.configure(
            connection=connection,
            compare_type=True  # types too
        )
        """,
    "a line of comment at the end": """
        context.configure(
            connection=connection,
            # compare_type=True,
        )
        """,
    "two on a line": """
        context.configure(
            connection=connection, compare_type=True,  # types too
        )
        """,
    "a long line": """
        with connectable.connect() as connection:
            context.configure(connection=connection, target_metadata=metadata.tables)
        """,
    "options in a mapping": """
        context.configure(
            connection=connection,
            **OPTIONS,  # of the settings
        )
        """,
}


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_filter_is_an_argument(layout: str, newline: str) -> None:
    """It is given once, to each call, and every line that was there still is."""
    before = "from alembic import context\n" + textwrap.dedent(LAYOUTS[layout])
    source = before.replace("\n", newline).encode()
    after = with_filter(parse(source), configure_calls(parse(source)))
    assert after is not None
    (call,) = configure_calls(parse(after))
    assert text(arguments(call)[1]["include_object"]) == "leave_auth_tables"
    assert after.count(b"include_object=") == 1
    assert after.count(b"\n") == after.count(newline.encode())
    written = iter(after.replace(b" ", b""))
    assert all(one in written for one in source.replace(b" ", b""))


@pytest.mark.parametrize("others", [(), ("order",), tuple("abcdefghijklmnop")])
def test_the_filter_hides_every_table(others: tuple[str, ...]) -> None:
    """Those of plugins, too, whose names begin otherwise; and no other."""
    source = b"context.configure(connection=connection)\n"
    after = with_filter(parse(source), configure_calls(parse(source)), others)
    assert after is not None
    scope: dict[str, Any] = {}
    exec(after.decode().partition("context.configure")[0], scope)  # noqa: S102 - our own
    hides = scope["leave_auth_tables"]
    for name in ("auth_user", *others):
        assert hides(None, name, "table", True, None) is False  # noqa: FBT003
    assert hides(None, "orders", "table", True, None) is True  # noqa: FBT003
    assert hides(None, "order", "column", True, None) is True  # noqa: FBT003
    (call,) = configure_calls(parse(after))
    (hook,) = filters_of(call)
    assert names_auth_tables(parse(after), hook, others) is True
    assert names_auth_tables(parse(after), hook, ("teams",)) is False


@pytest.mark.parametrize(
    ("listed", "hides"),
    [
        ('HIDDEN = {"team", "auth_user"}', True),
        ('HIDDEN = {"team_member", "auth_user"}', False),
        ('HIDDEN = ("auth_user", "my_team")', False),
        ('HIDDEN = ("auth_user",)  # and team', False),
    ],
)
@pytest.mark.parametrize("is_lambda", [True, False])
def test_a_table_is_hidden_by_its_whole_name(
    listed: str, *, is_lambda: bool, hides: bool
) -> None:
    """A longer name that has it within is another table's."""
    source = f"""
{listed}
def own(object_, name, *_):
    return name not in HIDDEN
context.configure(include_object=own)
"""
    if is_lambda:
        names = listed.partition(" = ")[2].partition("  #")[0]
        given = f"include_object=lambda o, name, *_: name not in {names}"
        source = f"context.configure({given})\n"
    module = parse(source.encode())
    (call,) = configure_calls(module)
    (hook,) = filters_of(call)
    assert names_auth_tables(module, hook, ("team",)) is hides
