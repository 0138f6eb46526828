"""The pages that are made from the code say what the code says today."""

from __future__ import annotations

import argparse
import re
from typing import TYPE_CHECKING

import pytest
from copier_better_auth.answers import Answers
from copier_better_auth.catalogue.methods import METHODS, social_providers
from copier_better_auth.cli.arguments import COMMANDS
from copier_better_auth.diagnostics import CHECKS
from copier_better_auth.rendering.described_checks import PAGES, described_checks
from reference.commands import command_lines
from reference.files import first_words
from support.template import ROOT
from write_reference import DOCS, ONE_EACH, pages

if TYPE_CHECKING:
    from pathlib import Path

_TEMPLATE = ROOT / "template"
_NAME = re.compile(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b|\bPORT\b")


def test_the_pages_are_made_from_the_code() -> None:
    """To bring them up to date: make generate."""
    made = pages()
    stale = [p.name for p, text in made.items() if p.read_text() != text]
    assert stale == []
    assert {*ONE_EACH.glob("*.md")} == {p for p in made if p.parent == ONE_EACH}


def test_each_diagnostic_has_an_address() -> None:
    """Its code in lower case; the project's TROUBLESHOOTING.md is made of the pages."""
    for check in CHECKS:
        assert (ONE_EACH / f"{check.code.lower()}.md").exists()
    described = [(check["code"], check["name"]) for check in described_checks(PAGES)]
    assert described == [(check.code, check.name) for check in CHECKS]
    assert all(check["says"] for check in described_checks(PAGES))


def test_each_question_and_each_command_has_a_heading() -> None:
    """So that a link can lead to it."""
    questions = (DOCS / "reference/questions.md").read_text()
    assert {*re.findall(r"(?m)^### (\S+)$", questions)} == {*Answers.model_fields}
    commands = (DOCS / "reference/commands.md").read_text()
    assert {*re.findall(r"(?m)^## (\S+)$", commands)} >= {*COMMANDS}


def test_every_variable_is_on_the_page() -> None:
    """Those that SETUP.md explains, and the catalogue's; none that nothing reads."""
    page = (DOCS / "reference/environment.md").read_text()
    listed = {*re.findall(r"(?m)^\| `(\w+)` \|", page)}
    setup = (_TEMPLATE / "{{ auth_server_dir }}/SETUP.md.jinja").read_text()
    explained = {*re.findall(r"(?m)^\| `(\w+)` \|", setup)}
    providers = social_providers([method.name for method in METHODS])
    explained |= {v.name for provider in providers for v in provider.variables}
    assert explained <= listed
    texts = (p.read_text() for p in _sources())
    known = {name for text in texts for name in _NAME.findall(text.upper())}
    catalogue = {v.name for provider in providers for v in provider.variables}
    assert listed - catalogue <= known


def _sources() -> list[Path]:
    folders = (_TEMPLATE, ROOT / "partials", ROOT / "hooks" / "edits")
    files = [*(ROOT / "hooks" / "catalogue").glob("*.py")]
    for folder in folders:
        files += (p for p in folder.rglob("*") if p.suffix in {".jinja", ".ts", ".py"})
    return files


def test_a_command_is_described_by_its_definition() -> None:
    """Alternatives in one bracket, values with their names, inner commands below."""
    parser = argparse.ArgumentParser(prog="tool users", description="manage users")
    one = parser.add_mutually_exclusive_group()
    one.add_argument("--all", action="store_true", help="every one")
    one.add_argument("--role", choices=["admin", "user"], help="those of a role")
    inner = parser.add_subparsers()
    ban = inner.add_parser("ban", help="keep out", description="keep a user out")
    ban.add_argument("who", metavar="WHO", help="an address")
    ban.add_argument("--until", nargs=2, metavar=("DAY", "HOUR"), help="when it ends")
    lines = [*command_lines("users", parser)]
    assert lines[0] == "Manage users."
    assert "    tool users [--all | --role admin|user]" in lines
    assert "| `--role admin\\|user` | those of a role |" in lines
    assert "### users ban" in lines
    assert "    tool users ban [--until DAY HOUR] WHO" in lines


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        (
            "a.ts",
            "// Sends mail,\n// one at a time. More.\nx\n",
            "Sends mail, one at a time.",
        ),
        ("b.py", '{%- set x = 1 -%}\n"""The ``routes``."""\n', "The `routes`."),
        ("c.md.jinja", "{# note #}\n# Recipes\n\nText\n", "Recipes"),
        ("d.ts", "// Shows <Account />.\n", "Shows &lt;Account />."),
        ("e.ts", "export const x = 1;\n", ""),
    ],
)
def test_a_file_is_described_by_its_first_words(
    tmp_path: Path, name: str, text: str, said: str
) -> None:
    """A comment, a docstring or a heading, after what only the template needs."""
    (tmp_path / name).write_text(text)
    assert first_words(tmp_path / name, name.removesuffix(".jinja")) == said
