"""A project's README links to the template's repository, where a browser shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from copier_better_auth.rendering.commands import repository_page
from support.copier_cli import run_copier

if TYPE_CHECKING:
    from pathlib import Path

    from support.copies import Copies

HOME = "https://git.example.com/team/template"


@pytest.mark.parametrize(
    ("source", "page"),
    [
        (HOME, HOME),
        (f"{HOME}.git", HOME),
        (f"git+{HOME}.git/", HOME),
        ("gh:team/template", "https://github.com/team/template"),
        ("gl:group/sub/template.git", "https://gitlab.com/group/sub/template"),
        ("https://git.example.com:8443/t.git", "https://git.example.com:8443/t"),
        ("https://ada:word@git.example.com/team/template.git", HOME),
        ("https://token@git.example.com/team/template", HOME),
        # Nothing that is not certainly a page, or would be read as Markdown.
        ("git@git.example.com:team/template.git", ""),
        ("http://git.example.com/team/template", ""),
        ("https://git.example.com", ""),
        (f"{HOME}?token=word", ""),
        (f"{HOME}) [x](https://evil.example", ""),
        (f"{HOME}\n| row |", ""),
        ("file:///srv/template", ""),
        ("/srv/template", ""),
        ("", ""),
    ],
)
def test_where_a_browser_shows_it(source: str, page: str) -> None:
    """Without anybody's password, and without a guess."""
    assert repository_page(source) == page


def test_the_readme_links_there(template: Path, tmp_path: Path) -> None:
    """Copied from an address; git is told which folder is meant by it."""
    source = "https://ada:word@git.example.com/team/template.git"
    meant = {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.file://{template}.insteadOf",
        "GIT_CONFIG_VALUE_0": source,
    }
    done = run_copier(
        *("copy", "--defaults", "--trust", "--skip-tasks", source, "."),
        cwd=tmp_path,
        env=meant,
    )
    assert done.returncode == 0, done.stderr
    readme = (tmp_path / "auth-server/README.md").read_text()
    assert f"| [the template's documents]({HOME}) |\n" in readme
    assert "ada:" not in readme


def test_a_folder_of_this_machine_is_no_link(copies: Copies, tmp_path: Path) -> None:
    """It would lead nowhere for everybody else."""
    readme = (copies.into(tmp_path) / "auth-server/README.md").read_text()
    assert "the template's documents" not in readme
    assert "](TROUBLESHOOTING.md) |\n\n## Start" in readme
