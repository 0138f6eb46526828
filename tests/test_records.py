"""What a run leaves in the project's history, in its own form, complete, once."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from copier_better_auth.answers import Answers
from copier_better_auth.records import DECISIONS, decision_files, suggested_decisions
from copier_better_auth.repository import Repository
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML
from support.copier_cli import copy, update
from support.repositories import flat
from support.template import commit_all, git

if TYPE_CHECKING:
    from pathlib import Path

OTHER_TEMPLATE = """\
---
stage: {{STAGE}}
id: {{ID}}
title: {{TITLE}}
date: {{DATE_ISO}}
reviewer: {{REVIEWER}}
labels: [{{LABELS}}]
files:
{{FILES_YAML}}
---
# {{TITLE}}

{{RESPONSE_TEXT}}

{{PROMPT_TEXT}}
"""


def read_record(path: Path) -> tuple[dict[str, object], str]:
    _, front, body = path.read_text().split("---\n", 2)
    meta = YAML(typ="safe").load(front)
    assert isinstance(meta, dict)
    return meta, body


def assert_complete(path: Path, secret: str) -> None:
    text = path.read_text()
    assert not re.search(r"\{\{|\}\}|\[[A-Z_]{3,}\]", text), text
    assert secret not in text


def secret_of(project: Path) -> str:
    env = (project / "auth-server/.env").read_text()
    found = re.search(r"(?m)^BETTER_AUTH_SECRET=(.+)$", env)
    assert found is not None
    return found[1]


def test_three_records_of_a_run(template: Path, tmp_path: Path) -> None:
    """Configuration, generation, diagnostics; each complete; none for a second run."""
    flat(tmp_path)
    git(tmp_path, "checkout", "--quiet", "-b", "007-sign-in")
    specs = tmp_path / "specs/007-sign-in"
    specs.mkdir(parents=True)
    (specs / "spec.md").write_text("# Sign-in\n")
    history = tmp_path / "history/prompts/007-sign-in"
    history.mkdir(parents=True)
    (history / "0004-earlier.spec.prompt.md").write_text("---\nid: 4\n---\n")
    commit_all(tmp_path)
    assert copy(template, tmp_path).returncode == 0
    names = sorted(path.name for path in history.iterdir())
    assert names == [
        "0004-earlier.spec.prompt.md",
        "0005-better-auth-configuration-selected.spec.prompt.md",
        "0006-better-auth-components-generated.plan.prompt.md",
        "0007-auth-integration-diagnostics-completed.green.prompt.md",
    ]
    secret = secret_of(tmp_path)
    for name in names[1:]:
        assert_complete(history / name, secret)
    meta, body = read_record(history / names[1])
    assert meta["id"] == "0005"
    assert meta["stage"] == "spec"
    assert meta["branch"] == "007-sign-in"
    for question in Answers.model_fields:
        assert f"-d {question}=" in body
    meta, body = read_record(history / names[2])
    assert "auth-server/src/app.ts" in str(meta["files"])
    assert "main.py" in body
    commit_all(tmp_path)
    again = copy(template, tmp_path, "-a", ".copier-answers.better-auth.yml")
    assert again.returncode == 0
    assert git(tmp_path, "status", "--porcelain") == ""
    assert update(tmp_path).returncode == 0
    assert git(tmp_path, "status", "--porcelain") == ""


def test_the_projects_own_template_is_used(template: Path, tmp_path: Path) -> None:
    """Any fields in any order; an unknown one is filled, never left open."""
    flat(tmp_path)
    own = tmp_path / ".specify/templates/phr-template.prompt.md"
    own.parent.mkdir(parents=True)
    own.write_text(OTHER_TEMPLATE)
    commit_all(tmp_path)
    options = ("-d", "auth_adrs=[shared-database-strategy]")
    assert copy(template, tmp_path, *options).returncode == 0
    first = tmp_path / "history/prompts/general"
    (record,) = first.glob("0001-*.general.prompt.md")
    assert_complete(record, secret_of(tmp_path))
    meta, body = read_record(record)
    assert list(meta)[:2] == ["stage", "id"]
    assert meta["reviewer"] == "none"
    assert body.startswith("# better-auth configuration selected")
    (decision,) = (tmp_path / "history/adr").iterdir()
    assert decision.name == "0001-shared-database-strategy.md"
    assert_complete(decision, secret_of(tmp_path))


def test_no_record_without_wanting_it(template: Path, tmp_path: Path) -> None:
    """Records can be declined, and decisions are never written unasked."""
    flat(tmp_path)
    result = copy(template, tmp_path, "-d", "auth_records=false")
    assert result.returncode == 0
    assert not (tmp_path / "history").exists()
    for decision in DECISIONS:
        assert f"/sp.adr {decision.slug}" in result.stdout


def test_which_decisions_are_suggested() -> None:
    """The look-up is a decision only where it is made."""
    slugs = [d.slug for d in suggested_decisions(Answers())]
    assert slugs == [decision.slug for decision in DECISIONS]
    jwt = suggested_decisions(Answers(auth_session_validation="jwt"))
    assert "session-validation-strategy" not in [d.slug for d in jwt]


def test_a_decision_is_written_once(tmp_path: Path) -> None:
    """One that is there already, under any number, is left alone."""
    answers = Answers(auth_adrs=tuple(d.slug for d in DECISIONS))
    there = tmp_path / "history/adr/0009-shared-database-strategy.md"
    there.parent.mkdir(parents=True)
    there.write_text("# Ours\n")
    files = decision_files(answers, Repository(tmp_path), today=date(2026, 1, 2))
    assert [file.path for file in files] == [
        "history/adr/0010-microservices-auth-architecture.md",
        "history/adr/0011-session-validation-strategy.md",
    ]


@given(user=st.text(max_size=40), branch=st.text(max_size=40))
def test_front_matter_is_yaml_whatever_stands_in_it(user: str, branch: str) -> None:
    """Quotes, colons and the like come back; what YAML cannot hold becomes a blank."""
    from copier_better_auth.records.filling import filled  # noqa: PLC0415

    template = "---\nuser: {{USER}}\nbranch: {{BRANCH}}\n---\n"
    text = filled(template, {"USER": user, "BRANCH": branch})
    meta = YAML(typ="safe").load(text.removeprefix("---\n").removesuffix("---\n"))
    shown = ["".join(c if c.isprintable() else " " for c in v) for v in (user, branch)]
    assert list(meta.values()) == shown
