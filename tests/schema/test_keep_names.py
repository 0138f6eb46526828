"""The list of kept names grows in any form, and loses nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from copier_better_auth.edits.keep_names import with_names
from copier_better_auth.model import FileEdit, ManualStep, Plan, Where
from copier_better_auth.report.plan import render_plan
from support.by_hand import do_all

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "// What keeps its name.\nconst kept: readonly string[] = ["
TAIL = "\nconst none: string[] = [];\n"
MANY = [f"aPluginsTable{number}" for number in range(9)]


def only(text: str, *names: str) -> FileEdit | ManualStep:
    """Return what is made of a file with this text."""
    (found,) = with_names(names, "names.ts", text.encode())
    return found


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("];", '"team"];'),
        ('"member"];', '"member", "team"];'),
        ("'member'];", "'member', 'team'];"),
        ("'member', \"session.x\"]", '"member", "session.x", "team"]'),
        ('\n  "member",\n];', '"member", "team"];'),
        ("\n  'member',\n  'session.x',\n]", "'member', 'session.x', 'team']"),
    ],
)
def test_names_are_added(before: str, after: str, newline: str) -> None:
    """In the quotes and with the line ends that are there."""
    text, wanted = (
        f"{HEAD}{one}{TAIL}".replace("\n", newline) for one in (before, after)
    )
    found = only(text, "team")
    assert isinstance(found, FileEdit)
    assert found.after == wanted.encode()
    assert not [*with_names(["team"], "names.ts", found.after)]


def test_a_long_list_has_a_name_a_line() -> None:
    """All of it is as the formatter writes it."""
    found = only(f"{HEAD}'member'];{TAIL}", *MANY)
    assert isinstance(found, FileEdit)
    listed = "".join(f"\n  '{name}'," for name in ("member", *MANY))
    assert found.after == f"{HEAD}{listed}\n];{TAIL}".encode()


@pytest.mark.parametrize(
    "inside",
    [
        '"member", // of a club\n];',
        '\n  // of a club; see below\n  "member",\n];',
        "...others, 'member'];",
        '"member", `session.${field}`];',
    ],
)
def test_what_is_more_than_names_is_left_to_its_owner(
    tmp_path: Path, inside: str
) -> None:
    """The step is typed as it stands, takes nothing away, and is asked for once."""
    text = f"{HEAD}{inside}{TAIL}"
    (tmp_path / "names.ts").write_text(text)
    step = only(text, "member", "team")
    assert isinstance(step, ManualStep)
    assert do_all(tmp_path, render_plan(Plan(manual_steps=(step,)), applied=True))
    after = (tmp_path / "names.ts").read_text()
    assert '["team",' in after
    assert after.replace('"team", ', "").replace('"team",', "") == text
    assert not [*with_names(["member", "team"], "names.ts", after.encode())]


def test_a_file_without_the_list_is_not_replaced() -> None:
    """Its owner's text stays; only a file that is not there is written anew."""
    step = only("export const named = (options) => options;\n", "team")
    assert isinstance(step, ManualStep)
    assert step.place.where is Where.END
    (new,) = with_names(["team"], "names.ts", None)
    assert isinstance(new, ManualStep)
    assert new.place.where is Where.NEW
