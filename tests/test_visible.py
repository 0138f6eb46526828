"""What a terminal would obey is shown as text, wherever strangers' names are said."""

from __future__ import annotations

import json
import subprocess
import unicodedata
from typing import TYPE_CHECKING

import pytest
from copier_better_auth.syntax.visible import visible, visible_lines
from ruamel.yaml import YAML
from support.copier_cli import COPIER, copy
from support.template import commit_all, git

if TYPE_CHECKING:
    from pathlib import Path

OWN = COPIER.with_name("copier-better-auth")
# A title, a colour, a link, one-byte forms, another order, what cannot be seen.
HARMFUL = [
    *(
        "\x1b]0;gone\x07",
        "\x1b[31m",
        "\x1b]8;;http://x\x1b\\",
        "\x9b31m",
        "\x9d0;x\x9c",
    ),
    *("\u202e", "\u2066", "\u200f", "\u200b", "\u2060", "\ufeff", "\u00ad"),
    *("\n", "\r", "\b", "\x7f", "\u2028", "\u3164", "\ufe0f", "\U000e0041"),
]


@pytest.mark.parametrize("text", HARMFUL, ids=ascii)
def test_what_acts_is_written_out(text: str) -> None:
    """Every character of it that is not plain, once."""
    shown = visible(f"a{text}b")
    assert shown.startswith("a\\")
    assert shown.endswith("b")
    assert shown.isprintable()
    assert visible(shown) == shown


def test_what_people_write_stays() -> None:
    """Letters of every script, signs, and the tabs of code."""
    text = "Größe 名前 שלום مرحبا ✖▲✔○ …\tx\\n"
    assert visible(text) == text
    assert visible_lines("a\n\x1b[1mb\n") == "a\n\\x1b[1mb\n"
    assert visible("\udcff") == "\\udcff"


NAME = "evil\x1b[31m\u202eeman\n\x9b1m"


def strange(folder: Path) -> Path:
    """A repository whose names, branch, author and remote are full of such things."""
    app = folder / "app"
    app.mkdir(parents=True)
    (app / "main.py").write_text(
        "from fastapi import FastAPI\n\nimport app.models\n\napp = FastAPI()\n"
        "#\x1b]0;gone\x07\u202e\n"
    )
    (app / "models.py").write_text("")
    (app / f"{NAME}.py").write_text(
        "from sqlalchemy import create_engine\n\n"
        'engine = create_engine("postgresql://localhost/x")\n'
    )
    (folder / "requirements.txt").write_text("fastapi\nsqlalchemy\n")
    (folder / NAME).mkdir()
    (folder / NAME / "package.json").write_text('{"dependencies": {"next": "1"}}')
    (folder / f"compose.{NAME}.yml").write_text(
        "services:\n  db:\n    image: postgres\n"
    )
    commit_all(folder)
    git(folder, "checkout", "--quiet", "-b", "evil\u202ehcnarb\u200b")
    git(folder, "config", "user.name", "Ada\x1b[31m\u202e")
    git(folder, "config", "remote.origin.url", "https://x/\x1b[31m\u202e.git")
    return folder


def assert_harmless(text: str) -> None:
    """No control character but line ends and tabs, and nothing that cannot be seen."""
    bad = {c for c in text if unicodedata.category(c) in {"Cc", "Cf", "Zl", "Zp"}}
    assert bad <= {"\n", "\t"}


def test_no_output_obeys_a_name(template: Path, tmp_path: Path) -> None:
    """Discovery, plan, report, errors and records; JSON stays JSON."""
    project = strange(tmp_path / "project")
    found = run("discover", project)
    assert_harmless(found.stdout + found.stderr)
    assert "\\u202e" in found.stdout
    assert "\\x1b[31m" in found.stdout
    as_json = run("discover", project, "--json")
    assert NAME in json.loads(as_json.stdout)["frontend_dir"]
    (project / f"new{NAME}").write_text("")
    dirty = copy(template, project)
    assert dirty.returncode == 1
    assert "new" + visible(NAME) in dirty.stderr
    (project / f"new{NAME}").unlink()
    result = copy(template, project, "-d", "auth_adrs=[shared-database-strategy]")
    assert result.returncode == 0, result.stderr
    assert_harmless(result.stdout)
    # Copier's own colours and those of its messages are its own.
    assert "\u202e" not in result.stderr
    assert NAME not in result.stderr
    doctor = run("doctor", project)
    assert_harmless(doctor.stdout + doctor.stderr)
    records = sorted((project / "history").rglob("*.md"))
    assert len(records) == 4
    for record in (*records, project / "auth-server/DIAGNOSTICS.md"):
        text = record.read_text()
        assert_harmless(text)
        assert not any(line != line.rstrip() for line in text.splitlines())
        if text.startswith("---"):
            assert YAML(typ="safe").load(text.split("---")[1])["user"] == (
                "Ada\\x1b[31m\\u202e"
            )


def run(call: str, project: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run our own command as a user does."""
    return subprocess.run(
        [OWN, call, *options, project], capture_output=True, text=True, check=False
    )
