"""The page on plugins does what it says, and a later release keeps what came of it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from support.copier_cli import COPIER, copy, update
from support.node import install_node_packages
from support.projects import sync
from support.snippets import Project, snippets
from support.template import commit_all, git, make_template
from support.terminal import at_a_terminal
from write_reference import DOCS

if TYPE_CHECKING:
    from pathlib import Path

PAGE = "auth-server/API_DOCUMENTATION.md"
SERVER = "template/{{ auth_server_dir }}"
# What a later release says otherwise: above the plugins' passage, and right before it.
NEWS = {
    "Moments are ISO 8601, in UTC.": "Moments are ISO 8601, with a zone.",
    "in this configuration they answer with an error": "here they are refused",
}


def test_the_page_is_typed_and_a_release_follows(tmp_path: Path) -> None:
    """Each block as it is written; the update conflicts nowhere, and loses nothing."""
    template = make_template(tmp_path / "template", tag="v1.0.0")
    root = tmp_path / "project"
    assert copy(template, root).returncode == 0
    install_node_packages(root / "auth-server")
    commit_all(root)
    project = Project(root=root)
    own = str(COPIER.with_name("copier-better-auth"))
    for snippet in snippets((DOCS / "plugins.md").read_text()):
        if snippet.language != "sh":
            project.follow(snippet)
            continue
        command = snippet.text.replace("uvx --from git+URL copier-better-auth", own)
        said = at_a_terminal(command, root, os.environ, 60, {"Apply this?": "y\r"})
        assert "auth_organization" in said

    listed = (root / PAGE).read_text()
    assert "### organization" in listed
    create = (
        "| POST `/api/auth/organization/create` | `name`, `slug`, `userId` (optional)"
    )
    assert create in listed
    assert "| GET `/api/auth/organization/list` |  |" in listed
    commit_all(root, "organizations")
    revisions = git(root, "ls-files", "*/versions/*.py")
    assert len(revisions.splitlines()) == 2

    page = template / SERVER / "API_DOCUMENTATION.md.jinja"
    text = page.read_text()
    for before, after in NEWS.items():
        assert text.count(before) == 1
        text = text.replace(before, after)
    page.write_text(text)
    commit_all(template, "another wording")
    git(template, "tag", "v1.1.0")
    result = update(root)

    assert result.returncode == 0, result.stderr
    for before, after in NEWS.items():
        listed = listed.replace(before, after)
    assert (root / PAGE).read_text() == listed
    commit_all(root, "update")
    assert git(root, "ls-files", "*/versions/*.py") == revisions
    again = sync(root, "--yes")
    assert again.stdout.endswith("nothing to do.\n"), again.stdout + again.stderr
    assert git(root, "status", "--porcelain") == ""
