"""What a repository holds takes no more than its size in time, whatever it is."""

from __future__ import annotations

import itertools
import re
import signal
import time
from typing import TYPE_CHECKING

import pytest
from copier_better_auth.diagnostics.schema_drift.foreign_queries import is_query
from copier_better_auth.discovery import discover
from copier_better_auth.discovery.user_tables import _prisma_tables
from copier_better_auth.edits.leave_workspaces import _is_member
from copier_better_auth.migrations.declared import in_order
from copier_better_auth.migrations.graph import Graph, Revision
from copier_better_auth.migrations.sql_columns import sql_columns
from copier_better_auth.records.filling import filled, without_comments
from copier_better_auth.syntax.yaml import YAMLError, load_yaml
from support import processor_time
from support.copier_cli import copy
from support.patterns import alternatives, hard_texts, product_patterns
from support.template import commit_all

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.patterns import Found

SMALL, LARGE = 5_000, 20_000
# Four times the text: four times the work, or sixteen. A machine that counts time by
# ticks says nothing about shorter ones; what grows with the square takes longer.
MOST, NOISE, ENOUGH = 9, 0.08, 1.0
PARTS = [part for whole in product_patterns() for part in alternatives(whole)]
ROUNDS = 8


class TooLongError(Exception):
    """A match has used up its time."""


def seconds(work: Callable[[str], object], text: str, enough: float = ENOUGH) -> float:
    """Return this process's own time; ``enough`` where it took more."""

    def stop(*_: object) -> None:
        raise TooLongError

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, enough)
    start = time.process_time()
    try:
        work(text)
    except TooLongError:
        return enough
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
    return time.process_time() - start


def grows_faster(work: Callable[[str], object], make: Callable[[int], str]) -> bool:
    """Return True if four times the text is much more than four times the work."""
    if seconds(work, make(LARGE), NOISE) < NOISE:
        return False
    most = MOST * max(seconds(work, make(SMALL)), NOISE / MOST)
    return seconds(work, make(LARGE), most) >= most


def used(found: Found) -> Callable[[str], object]:
    """Return what looks for a pattern: where it is used so, only at the beginning."""
    pattern = re.compile(found.pattern, found.flags)
    at_start = found.method in {"match", "fullmatch"}

    def work(text: str) -> object:
        given = (
            text
            if isinstance(found.pattern, str)
            else text.encode("latin-1", "replace")
        )
        if at_start:
            return getattr(pattern, found.method)(given)
        return pattern.sub(given[:0], given)

    return work


def chain(text: str) -> list[Revision]:
    """Read a chain of revisions that is as long as a text, listed against its order."""
    length = len(text) // 5
    graph = Graph(
        revisions=tuple(
            Revision(path="", id=f"{n}", down=(f"{n - 1}",) if n else (), source="")
            for n in reversed(range(length))
        )
    )
    return list(in_order(graph))


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_no_pattern_grows_faster_than_its_text(turn: int) -> None:
    """Each pattern of the product, on repeated pieces of itself."""
    slow: list[str] = []
    for found in PARTS[turn::ROUNDS]:
        work = used(found)
        for start, piece, end in hard_texts(found.pattern, found.flags):

            def make(size: int, s: str = start, p: str = piece, e: str = end) -> str:
                return s + p * (size // len(p)) + e

            if grows_faster(work, make):
                slow.append(f"{found.place}: {found.pattern!r} on {piece!r}")
                break
    assert slow == []


@pytest.mark.parametrize(
    ("work", "piece"),
    [
        (lambda text: list(_prisma_tables(text)), "model a{\n"),
        (without_comments, "<!--"),
        (without_comments, "<!-- -->"),
        (is_query, "select "),
        (is_query, "delete\n"),
        (lambda text: filled(f"---\na: {text}\n---\n", {}, chosen=frozenset()), "{{"),
        (lambda text: filled(f"---\na: {text}\n---\n", {}, chosen=frozenset()), "}} "),
        (lambda text: filled(f"---\n{text}\n---\n", {}, chosen=frozenset()), '"{{X}}#'),
        (lambda text: filled(text, {}, chosen=frozenset()), "```\n{{ PROMPT\n"),
        (lambda text: list(sql_columns(text, {"t"})), "create table t (\n"),
        (
            lambda text: list(sql_columns(text, {"t"})),
            "create table t (a b default '\n",
        ),
        (lambda text: list(sql_columns(text, {"t"})), "alter table t add column x y\n"),
        (chain, "12345"),
    ],
)
def test_no_loop_grows_faster_than_its_text(
    work: Callable[[str], object], piece: str
) -> None:
    """Our own walkers, too, pass a text once."""
    assert not grows_faster(work, lambda size: piece * (size // len(piece)))


def bomb(turns: int) -> str:
    """Ten lines that stand for a thousand million."""
    names = [f"n{number}" for number in range(turns)]
    lines = [f"{names[0]}: &{names[0]} [x, x, x, x, x, x, x, x, x]"]
    for before, name in itertools.pairwise(names):
        lines.append(f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]")
    return "\n".join([*lines, f"services: *{names[-1]}", ""])


@pytest.mark.parametrize(
    "text",
    [
        bomb(10),
        "a: &a [*a]\n",
        f"a: {'[' * 5000}\n",
        f"{'- ' * 5000}x\n",
        "a: &a {x: 1}\n" + "".join(f"k{n}: {{<<: [*a, *a]}}\n" for n in range(40_000)),
    ],
    ids=["aliases", "itself", "brackets", "lists", "merges"],
)
def test_yaml_that_grows_is_refused(text: str) -> None:
    """As what is no YAML, before anything is made of it."""
    with pytest.raises(YAMLError):
        load_yaml(text)


def test_yaml_of_people_is_read() -> None:
    """Aliases of a few lines are usual in compose files."""
    text = "x: &x {a: 1}\nservices: {one: {<<: *x, b: 2}, two: *x}\n"
    services = {"one": {"a": 1, "b": 2}, "two": {"a": 1}}
    assert load_yaml(text) == {"x": {"a": 1}, "services": services}


def test_patterns_of_folders_are_matched_at_once() -> None:
    """However many stars there are."""
    assert _is_member("a/b/c/d", ["**/" * 40 + "d"])
    assert not _is_member("a/b/c/d", ["**/a/" * 40 + "x"])


def test_a_probe_that_takes_too_long_says_so(tmp_path: Path) -> None:
    """Its fact is unknown, with the reason; the others are found."""
    hostile(tmp_path / "host")
    facts = discover(tmp_path / "host", seconds=-1)
    assert facts.app_module.value == "app.main"
    assert facts.db_layer.value is None
    assert "not found within" in (facts.db_layer.problem or "")
    assert "not found within" in (facts.existing_user_tables.problem or "")


def hostile(root: Path) -> Path:
    """A small application, and one file of each kind that takes for ever to read."""
    app, templates = root / "app", root / ".specify/templates"
    app.mkdir(parents=True)
    templates.mkdir(parents=True)
    files = {
        "app/main.py": (
            "from fastapi import FastAPI\n\nfrom app.database import get_session\n\n"
            "app = FastAPI()\n"
        ),
        "app/database.py": (
            "from sqlalchemy import create_engine\nfrom sqlalchemy.orm import Session\n"
            'engine = create_engine("postgresql+psycopg://localhost/shop")\n\n\n'
            f"def get_session():\n{chr(10) * 20_000}    yield Session(engine)\n"
        ),
        "app/configuration.py": f"class A:\n{chr(10) * 200_000}    API = '/api'\n",
        "app/models.py": (
            "from tortoise.models import Model\n\n\nclass User(Model):\n    '''\n"
            + "    class Meta\n" * 18_000
            + "    '''\n"
        ),
        "app/deep.py": f"x = {'(' * 5_000}1{')' * 5_000}\n",
        "app/queries.py": f"QUERY = '''{'select ' * 20_000}'''\n",
        "schema.prisma": "model a{\n" * 100_000,
        "docker-compose.yml": bomb(10),
        "package.json": '{"workspaces": ' + "[" * 50_000,
        "pnpm-workspace.yaml": "packages:\n" + "\n" * 20_000 + "- " * 3_000,
        "pyproject.toml": f"[project]\nx = {'[' * 20_000}\n",
        "requirements.txt": "fastapi\nsqlalchemy\npsycopg\n",
        "alembic.ini": "[alembic]\n" + "x=%(x)s\n" * 10_000,
        ".specify/templates/phr-template.prompt.md": (
            f"---\nid: {{{{ID}}}}\ntitle: {'{{' * 3_200}\n---\n{'<!--' * 200_000}"
        ),
        ".specify/templates/adr-template.md": f"# {{{{TITLE}}}}\n{'<!--' * 200_000}",
    }
    for name, text in files.items():
        (root / name).write_text(text)
    commit_all(root)
    return root


def test_a_copy_takes_seconds_whatever_is_there(template: Path, tmp_path: Path) -> None:
    """All of them at once: discovery, edits, records and decisions."""
    project = hostile(tmp_path / "host")
    began = processor_time.of_children()
    options = ("auth_deployment=docker", "auth_adrs=[shared-database-strategy]")
    given = (part for option in options for part in ("-d", option))
    result = copy(template, project, *given)
    took = processor_time.of_children() - began
    assert result.returncode == 0, result.stderr
    assert "docker-compose.yml: the file is no YAML that can be read" in result.stdout
    # Of the processes' own time: a quiet repository takes about five seconds.
    assert took < 40
