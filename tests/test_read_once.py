"""A run reads imports without a parser, parses a file once, and sees its changes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import tree_sitter_python
from copier_better_auth.discovery import discover
from copier_better_auth.pipeline import integrate
from copier_better_auth.syntax import python
from copier_better_auth.syntax.python import Module, parse
from copier_better_auth.syntax.python_imports import written_imports
from support.copier_cli import ANSWERS_FILE, copy
from support.repositories import full_stack
from support.template import commit_all
from tree_sitter import Language, Parser

if TYPE_CHECKING:
    from tree_sitter import Tree

LANGUAGE = Language(tree_sitter_python.language())
FEATURE = '''"""Feature {n}, which has nothing to import."""

import logging
from typing import (
    TYPE_CHECKING,  # a comment (with brackets)
    Any as Anything,
)

from app.core.config import settings

if TYPE_CHECKING:
    from app.models import Item


def total_{n}(items: list[Item]) -> Anything:
    """Add them up::

    from app.nowhere import nothing
    """
    from app.api import deps as dependencies

    logging.info(settings.PROJECT_NAME, dependencies, exc_info=True)
    return sum(item.amount for item in items)
'''
UNUSUAL = {
    "semicolon": "import a; import b\n",
    "one line": "if x: import a\nelse: from b import c\n",
    "backslash": "from a import b, \\\n    c\nimport d\n",
    "within a string": 's = """\nimport a\n"""\nimport b\n',
    "string after a backslash": "s = 'a \\\nimport b'\nimport c\n",
    "unclosed string": 'import a\ns = """\nimport b\n',
    "old line ends": "import a\rimport b\r",
    "windows": "import a\r\nfrom .b import (c,\r\n    d as e,\r\n)\r\n",
    "mark": "\ufeffimport a\n",
    "star": "from . import *\nfrom ..a.b import *\n",
    "future": "from __future__ import annotations\nimport a.b.c, d as e\n",
    "no import": "important = 1\nfrom_x = 2\nraise_from = import_module('a')\n",
    "raise from": "try:\n    f()\nexcept E as e:\n    raise F() from e\nimport a\n",
    "names of the world": "from größe import länge as l\n",
    "broken": "from a import (b,\nimport c\ndef\n",
    "nothing": "",
}


class Counting:
    """The parser, which counts how often it has been given the same text."""

    language = LANGUAGE

    def __init__(self) -> None:
        """Count nothing yet."""
        self._parser = Parser(LANGUAGE)
        self.texts: Counter[bytes] = Counter()

    def parse(self, source: bytes) -> Tree:
        """Parse, and count."""
        self.texts[source] += 1
        return self._parser.parse(source)


@pytest.fixture
def parser(monkeypatch: pytest.MonkeyPatch) -> Counting:
    counting = Counting()
    monkeypatch.setattr(python, "_PARSER", counting)
    parse.cache_clear()
    return counting


@pytest.mark.parametrize("text", UNUSUAL.values(), ids=UNUSUAL)
def test_imports_are_those_of_the_parser(text: str) -> None:
    """Whatever is written, read without it or left to it."""
    source = text.encode()
    module = Module(source)
    assert module.imports == Module(source).parsed_imports()
    for found in module.imports:
        assert module.statement(found).start_byte == found.start


def test_imports_of_installed_packages_are_those_of_the_parser() -> None:
    """Real code of many people; almost none of it needs the parser."""
    site = Path(next(p for p in sys.path if p.endswith("site-packages")))
    files = [*(site / "fastapi").rglob("*.py"), *(site / "alembic").rglob("*.py")]
    sources = [file.read_bytes() for file in files]
    read = [written_imports(source) for source in sources]
    assert len(files) > 100
    assert read.count(None) < len(files) / 100
    for source, found in zip(sources, read, strict=True):
        assert found is None or found == Module(source).parsed_imports()


@pytest.mark.parametrize("is_imported", [False, True])
def test_a_run_parses_a_file_once(
    template: Path, tmp_path: Path, parser: Counting, *, is_imported: bool
) -> None:
    """Two discoveries, the edits and the diagnostics; most files not even once."""
    project = full_stack(tmp_path / "host")
    features = project / "backend/app/features"
    features.mkdir()
    texts = [FEATURE.replace("{n}", str(n)) for n in range(60)]
    for number, text in enumerate(texts):
        (features / f"feature_{number}.py").write_text(text)
    if is_imported:
        names = ", ".join(f"feature_{number}" for number in range(60))
        main = project / "backend/app/main.py"
        main.write_text(f"from app.features import {names}\n{main.read_text()}")
    commit_all(project)
    assert copy(template, project, "--skip-tasks").returncode == 0
    integrate(project, ANSWERS_FILE)
    assert parser.texts, "the parser is asked"
    assert [text for text, times in parser.texts.items() if times > 1] == []
    assert not {text.encode() for text in texts} & parser.texts.keys()


WATCHED = """
import json, sys
from pathlib import Path

root, seen = sys.argv[1], {"open": [], "git": []}

def note(event, given):
    if event == "open" and str(given[0]).startswith(root):
        seen["open"].append(str(given[0])[len(root) + 1:])
    if event == "subprocess.Popen":
        seen["git"].append(given[1])

from copier_better_auth.discovery import discover
sys.addaudithook(note)
discover(Path(root))
print(json.dumps(seen))
"""
NEVER_READ = {
    "backend/tests/test_items.py": "from app.main import app\n",
    "backend/app/logo.png": "\x89PNG",
    "backend/app/prices.csv": "1,2\n",
    "docs/notes.md": "FastAPI, uvicorn app.main:app\n",
    "frontend/src/app.ts": "export const app = 1;\n",
}


def test_a_repository_is_listed_once_and_a_file_is_opened_once(tmp_path: Path) -> None:
    """What cannot tell anything is not opened at all."""
    project = full_stack(tmp_path / "host")
    for name, text in NEVER_READ.items():
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text(text)
    command = [sys.executable, "-c", WATCHED, str(project)]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    seen = json.loads(done.stdout)
    opened = Counter(seen["open"])
    assert opened["backend/app/main.py"] == 1
    assert [name for name, times in opened.items() if times > 1] == []
    assert not opened.keys() & NEVER_READ.keys()
    assert sum("ls-files" in command for command in seen["git"]) == 1


def test_what_has_changed_is_read_again(tmp_path: Path) -> None:
    """By what is in it: the same process, the same length, the same time."""
    project = full_stack(tmp_path / "host")
    config = project / "backend/app/core/config.py"
    before = config.stat()
    assert discover(project).cors_origins.value == ("http://localhost:5173",)
    config.write_text(config.read_text().replace(":5173", ":5174"))
    os.utime(config, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert config.stat().st_size == before.st_size
    assert discover(project).cors_origins.value == ("http://localhost:5174",)
