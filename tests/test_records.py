"""What a run leaves in the project's history, in its own form, complete, once."""

from __future__ import annotations

import dataclasses
import re
import shutil
import subprocess
import sys
from datetime import date
from typing import TYPE_CHECKING

import pytest
from copier_better_auth import ANSWERS_FILE
from copier_better_auth.answers import Answers
from copier_better_auth.diagnostics import CHECKS
from copier_better_auth.errors import ConstitutionError
from copier_better_auth.model import (
    CheckResult,
    FileEdit,
    ManualStep,
    Outcome,
    Plan,
    Status,
    Versions,
)
from copier_better_auth.pipeline import load_integration
from copier_better_auth.records import (
    check_constitution,
    check_plan,
    decision_files,
    prompt_records,
    require_held,
)
from copier_better_auth.records.filling import filled, next_number
from copier_better_auth.rendering.decisions import decisions
from copier_better_auth.repository import Repository
from copier_better_auth.syntax.visible import visible
from copier_better_auth.workspace import Workspace
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML
from support.copier_cli import copy, update
from support.repositories import flat, full_stack
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
    # What sync finds is not for anybody to type; there is no table of users.
    unsaid = {"auth_schema_additions", "auth_plugin_endpoints"}
    unsaid |= {"auth_existing_users_table"}
    for question in Answers.model_fields.keys() - unsaid:
        assert f"-d {question}=" in body or f"-d '{question}=" in body
    assert "- app_module: `main` (main.py:" in body
    assert body.count("| yes |") == 5
    assert "on the plan before it was applied" in body
    assert "uvx --with" in body
    assert meta["links"]["spec"] == "specs/007-sign-in/spec.md"  # type: ignore[index]
    meta, body = read_record(history / names[2])
    assert "auth-server/src/app.ts" in str(meta["files"])
    assert "main.py" in body
    listed = set(re.findall(r"(?m)^- `(.+)`$", body))
    new = git(tmp_path, "ls-files", "--others", "--modified", "--exclude-standard")
    later = {f"history/prompts/007-sign-in/{name}" for name in names}
    assert listed - {"auth-server/.env"} == (
        set(new.splitlines()) - later - {"auth-server/DIAGNOSTICS.md"}
    )
    _, body = read_record(history / names[3])
    assert body.count("| yes |") == 5
    page = (tmp_path / "auth-server/DIAGNOSTICS.md").read_text()
    assert page.count("[BA0") == len(CHECKS)
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
    first = tmp_path / "history/prompts/better-auth"
    (record,) = first.glob("0001-*.spec.prompt.md")
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
    for decision in decisions(Answers()):
        assert f"  -d auth_adrs='[{decision.slug}]'" in result.stdout
    assert "/sp.adr" not in result.stdout
    commit_all(tmp_path)
    assert update(tmp_path, "-d", f"auth_adrs=[{decision.slug}]").returncode == 0
    (written,) = (tmp_path / "history/adr").iterdir()
    assert written.name == f"0001-{decision.slug}.md"


def test_decisions_are_true_for_the_answers() -> None:
    """Each strategy has its own decision, and the others as alternatives."""
    titles: set[str] = set()
    for strategy in ("database", "cached", "jwt"):
        answers = Answers(auth_session_validation=strategy)
        _, sessions, _ = decisions(answers)
        titles.add(sessions.title)
        assert len(sessions.alternatives) == 3
    assert len(titles) == 3
    *_, database = decisions(Answers(auth_database_layer="none"))
    assert database.title == "The auth tables get their own PostgreSQL"
    for decision in decisions(Answers()):
        reasons = " ".join((*decision.positive, *decision.negative))
        assert re.search(r"\d", reasons), decision.slug


def test_a_decision_is_written_once(tmp_path: Path) -> None:
    """One that is there already, under any number, is left alone."""
    answers = Answers(auth_adrs=tuple(d.slug for d in decisions(Answers())))
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
    """Quotes, colons and the like come back; what acts or is unseen is written out."""
    template = "---\nuser: {{USER}}\nbranch: {{BRANCH}}\n---\n"
    text = filled(template, {"USER": user, "BRANCH": branch}, chosen=frozenset())
    meta = YAML(typ="safe").load(text.removeprefix("---\n").removesuffix("---\n"))
    assert list(meta.values()) == [visible(value) or "none" for value in (user, branch)]


# Shapes of templates that projects have: names, quotes, lists and comments differ.
PROMPT_TEMPLATES = {
    "quoted, with comments": """\
---
id: "PHR-{{ID}}"
stage: "{{STAGE}}"  # constitution | specify | plan
date: "{{DATE_ISO}}"
feature: "{{FEATURE_NAME}}"
branch: "{{BRANCH_NAME}}"
labels:
  - "{{LABEL}}"
links:
  spec: "{{SPEC_LINK}}"
  plan: "{{PLAN_LINK}}"
---

## Prompt: {{TITLE}}

```
{{PROMPT_TEXT}}
```

## Response Snapshot

{{RESPONSE_SUMMARY}}

- **Result**: {{SUCCESS | PARTIAL | FAILURE}}
- **Files**: {{FILE_LIST}}
- **Tests passing**: {{YES | NO | N/A}}

{{FAILURE_MODES_IF_ANY}} {{VARIANTS_IF_ANY}} {{NEXT_STEPS}}
""",
    "lists in one line, one outcome": """\
---
id: {{ID}}
date_iso: {{DATE_ISO}}
stage: {{STAGE}}
labels: {{LABELS}}
links:
  spec: {{LINK_SPEC}}
files: {{FILES_YAML}}
tests: {{TESTS_YAML}}
---

# {{TITLE}}

{{PROMPT_TEXT}}

{{RESPONSE_TEXT}}

{{OUTCOME}}

{{EVALUATION}}
""",
    "lists of their own, in CRLF": """\
---
id: {{ID}}\r
stage: {{STAGE}}\r
files_yaml:\r
{{FILES_YAML}}\r
---\r
# {{ TITLE }}\r
{{PROMPT_TEXT}}\r
{{RESPONSE_TEXT}}\r
""",
    "square brackets, no front matter": """\
# PHR

- **ID**: [ID], **Date**: [DATE], **Stage**: [STAGE]
- [x] done, see [the rules](../rules.md)

## [TITLE]

[PROMPT_TEXT]

[RESPONSE_TEXT]
""",
    "with a conflict": """\
---
id: {{ID}}
labels: {{LABELS_YAML}}


labels: [{{LABELS}}]
>>>>>>> a669881
---
{{TITLE}} {{PROMPT_TEXT}} {{RESPONSE_TEXT}}
""",
    "of something else": """\
---
name: "BackendFix"
agent: "coder"
---
Fix the annotations, for example 'id: Optional[int] ='
""",
}
DECISION_TEMPLATES = {
    "placeholders and hints": """\
# ADR-{{ID}}: {{TITLE}}

- **Status:** Proposed | Accepted | Superseded | Rejected
- **Date:** {{DATE_ISO}}
- **Phase:** {{PHASE}} (Phase I / II)
- **Context:** {{CONTEXT}}

- [ ] {{LAW_NAME}} - {{IMPACT_DESCRIPTION}}

**Phase Alignment**: [How this decision aligns with the phase]

## Decision

{{DECISION}}

<!-- Example: {{NOTHING}} -->

{{POSITIVE_CONSEQUENCES}}

{{NEGATIVE_CONSEQUENCES}}

{{ALTERNATIVES}}

- Spec: {{SPEC_LINK}} [notes](notes.md)
""",
    "headings and prose": """\
# ADR-[NNN]: [Decision Title]

**Feature**: [###-feature-name]
**Date**: [YYYY-MM-DD]
**Status**: [Proposed | Accepted | Deprecated | Superseded by ADR-NNN]

## Context

[Why was this decision needed?]

## Decision

<!-- "We will ..." -->

## Considered Alternatives

### Option A: [name]
[Description]

**Pros:**
- ...

## Consequences

**Positive:**
- [benefit 1]

**Negative / watch-outs:**
- [trade-off 1]

## References

- [Links to research findings, source code]
""",
}


@pytest.fixture(scope="module")
def project(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small project after a copy, without records of its own yet."""
    folder = flat(tmp_path_factory.mktemp("project"))
    result = copy(template, folder, "-d", "auth_records=false")
    assert result.returncode == 0, result.stderr
    commit_all(folder)
    return folder


def records_of(
    project: Path, *results: CheckResult, versions: Versions | None = None
) -> list[tuple[str, str]]:
    integration = load_integration(project, ANSWERS_FILE)
    outcome = Outcome(
        answers=integration.answers,
        source="https://someone:a-token@git.example.com/template.git",
        plan=Plan(),
        applied=True,
        versions=versions,
        changed=(" M main.py",) if versions else (),
        results=results,
        rendered=("auth-server/src/app.ts",),
    )
    files = prompt_records(
        integration,
        outcome,
        Repository(project),
        today=date(2026, 1, 2),
        user='Ada: "the" first',
    )
    return [(file.path, (file.after or b"").decode()) for file in files]


@pytest.mark.parametrize("shape", PROMPT_TEMPLATES)
def test_templates_of_other_projects(project: Path, shape: str) -> None:
    """Every shape is filled to the end; a broken one gives way to ours."""
    own = project / ".specify/templates/phr-template.prompt.md"
    own.parent.mkdir(parents=True, exist_ok=True)
    own.write_bytes(PROMPT_TEMPLATES[shape].encode())
    broken = shape in {"with a conflict", "of something else"}
    for path, text in records_of(project):
        assert path.startswith("history/prompts/better-auth/000")
        assert not re.search(r"\{\{|\}\}|\[[A-Z_]{2,}\]|<<<<", text), text
        assert "-d auth_backend_dir=." in text
        assert "a-token" not in text
        assert "copier copy --trust" in text
        if text.startswith("---"):
            front = text.replace("\r", "").split("---\n")[1]
            meta = YAML(typ="safe").load(front)
            assert meta["stage"] == path.split(".")[-3]
            assert str(meta["id"]).endswith(re.findall(r"/(\d{4})-", path)[0])
            assert meta.get("labels", ["better-auth"])[0].startswith("better-auth")
            assert ("surface" in meta) == broken
        assert text.count("```") % 2 == 0
    if shape.startswith("quoted"):
        assert "- **Result**: SUCCESS\n" in text
        assert "- **Tests passing**: YES\n" in text


@pytest.mark.parametrize("shape", DECISION_TEMPLATES)
def test_decisions_in_other_forms(tmp_path: Path, shape: str) -> None:
    """The project's own form, with our text where it asks for it and no hint left."""
    own = tmp_path / ".specify/templates/adr-template.md"
    own.parent.mkdir(parents=True)
    own.write_text(DECISION_TEMPLATES[shape])
    (tmp_path / "history/adr").mkdir(parents=True)
    (tmp_path / "history/adr/007_other.md").write_text("# Other\n")
    three = decisions(Answers())
    answers = Answers(auth_adrs=tuple(d.slug for d in three))
    files = decision_files(answers, Repository(tmp_path), today=date(2026, 1, 2))
    assert [f.path[12:16] for f in files] == ["0008", "0009", "0010"]
    for decision, file in zip(three, files, strict=True):
        text = (file.after or b"").decode()
        assert text.startswith(f"# ADR-{file.path[12:16]}: {decision.title}\n")
        assert re.search(r"Status:?\*\*:? Accepted", text)
        parts = (decision.context, decision.decision, *decision.positive)
        for part in (*parts, *decision.negative, *decision.alternatives):
            assert text.count(part) == 1, text
        hints = re.sub(r"\[[ x]\]|\[[^]]+\]\(", "", text)
        assert not re.search(r"\{\{|\}\}|\[|<!--|\.\.\.$", hints), text


def test_where_a_record_goes(project: Path, tmp_path: Path) -> None:
    """The branch's feature, else the one about signing in, else better-auth's."""
    copied = tmp_path / "project"
    shutil.copytree(project, copied, symlinks=True)
    shutil.rmtree(copied / ".specify", ignore_errors=True)

    def goes_to() -> str:
        return {path.split("/")[2] for path, _ in records_of(copied)}.pop()

    assert goes_to() == "better-auth"
    git(copied, "checkout", "--quiet", "-b", "feature/012-sign-in")
    assert goes_to() == "012-sign-in"
    git(copied, "checkout", "--quiet", "main")
    for name in ("001-catalogue", "003-user-authentication"):
        (copied / "specs" / name).mkdir(parents=True)
        (copied / "specs" / name / "spec.md").write_text("# Spec\n")
    assert goes_to() == "003-user-authentication"
    git(copied, "checkout", "--quiet", "-b", "001-catalogue")
    assert goes_to() == "001-catalogue"
    assert records_of(copied)[0][0].endswith("selected.spec.prompt.md")
    (copied / ".specify/memory").mkdir(parents=True)
    (copied / ".specify/memory/constitution.md").write_text("# Ours\n")
    git(copied, "checkout", "--quiet", "-b", "feature/009-new")
    assert goes_to() == "009-new"
    assert "`.specify/memory/constitution.md`" in records_of(copied)[2][1]


def test_red_and_green(project: Path) -> None:
    """A failed diagnostic makes the third record red, with what it said."""
    bad = CheckResult(code="BA001", name="esm", status=Status.FAIL, message="no type")
    git(project, "checkout", "--quiet", "-B", "001-auth")
    (project / "specs/001-auth").mkdir(parents=True, exist_ok=True)
    (project / "specs/001-auth/spec.md").write_text("# Spec\n")
    try:
        *_, (path, text) = records_of(project, bad)
        assert path.endswith("completed.red.prompt.md")
        assert "BA001 esm: no type" in text
        moved = Versions(before="1.0.0", after="1.1.0")
        _, (_, text), (path, _) = records_of(project, versions=moved)
        assert path.endswith("completed.green.prompt.md")
        assert "copier update --trust" in text
        assert "- `main.py`" in text
    finally:
        git(project, "checkout", "--quiet", "main")
        shutil.rmtree(project / "specs")


def test_runs_at_one_moment_take_numbers_of_their_own(project: Path) -> None:
    """Several processes, each with three records: no number twice, none missing."""
    script = (
        "import sys; from pathlib import Path; from datetime import date;"
        "from copier_better_auth.pipeline import load_integration;"
        "from copier_better_auth.model import Outcome, Plan;"
        "from copier_better_auth.records import prompt_records;"
        "from copier_better_auth.repository import Repository;"
        "from copier_better_auth.workspace import Workspace;"
        "root = Path(sys.argv[1]);"
        f"i = load_integration(root, {ANSWERS_FILE!r});"
        "o = Outcome(answers=i.answers, plan=Plan(), applied=True);"
        "w = Workspace(root)\n"
        "with w.locked():\n"
        "    w.add(prompt_records(i, o, Repository(root),"
        " today=date(2026, 1, 2), user='Ada'))"
    )
    commands = [[sys.executable, "-c", script, str(project)]] * 4
    processes = [subprocess.Popen(command) for command in commands]
    assert [process.wait(timeout=60) for process in processes] == [0] * 4
    folder = project / "history/prompts/better-auth"
    numbers = sorted(int(path.name[:4]) for path in folder.iterdir())
    shutil.rmtree(project / "history")
    assert numbers == list(range(1, 13))


def test_numbers_that_others_wrote() -> None:
    """Whatever they put before and behind it."""
    assert next_number([]) == 1
    assert next_number(["0004-a.md", "ADR-0011-b.md", "007_c.md", "readme.md"]) == 12


def test_results_are_replaced_and_taken_back(tmp_path: Path) -> None:
    """A later run writes the page again; an undo restores the one before."""
    page = tmp_path / "auth-server/DIAGNOSTICS.md"
    workspace = Workspace(tmp_path)
    first = FileEdit(path="auth-server/DIAGNOSTICS.md", before=None, after=b"1", why=())
    workspace.add((first,))
    workspace.apply(
        Plan(edits=(FileEdit(path="main.py", before=None, after=b"", why=()),))
    )
    second = dataclasses.replace(first, before=b"1", after=b"2")
    workspace.add((second,))
    workspace.add((dataclasses.replace(first, before=b"2", after=b"3"),))
    assert page.read_bytes() == b"3"
    workspace.add((second,))
    assert page.read_bytes() == b"3"
    workspace.undo()
    assert page.read_bytes() == b"1"
    assert not (tmp_path / "main.py").exists()


def test_principles_are_checks(project: Path) -> None:
    """Each fails where what it looks at is broken."""
    integration = load_integration(project, ANSWERS_FILE)
    rewrite = FileEdit(path="main.py", before=b"a\n" * 9, after=b"b\n" * 9, why=())
    server = project / "auth-server"
    secret = secret_of(project)
    broken = {
        "src/health.ts": "",
        "src/app.ts": "app.listen(3001); export default app; // error: Error",
        "SETUP.md": "[gone](gone.md)",
        "src/logger.ts": f"const secret = '{secret}';",
    }
    held = check_constitution(integration, Plan(), ("auth-server/src/logger.ts",))
    assert [p.name for p in held if not p.held] == []
    before = {name: (server / name).read_text() for name in broken}
    for name, text in broken.items():
        (server / name).write_text(text)
    try:
        rendered = ("auth-server/src/logger.ts",)
        seen = check_constitution(integration, Plan(edits=(rewrite,)), rendered)
    finally:
        for name, text in before.items():
            (server / name).write_text(text)
    assert [p.held for p in seen] == [False] * 5
    assert all(secret not in p.seen for p in seen)


def edit(path: str, before: str | None, after: str, *why: str) -> FileEdit:
    return FileEdit(
        path=path,
        before=None if before is None else before.encode(),
        after=after.encode(),
        why=why or ("a reason",),
    )


def test_a_plan_is_judged_before_it_is_applied(project: Path) -> None:
    """Each principle fails on a plan that breaks it; no reason shows a secret."""
    integration = load_integration(project, ANSWERS_FILE)
    secret = secret_of(project)
    step = ManualStep(operation="x", path="main.py", why="", snippet="")
    good = Plan(edits=(edit("main.py", "a = 1\n", "a = 1\nb = 2\n"),))
    assert all(p.held for p in check_plan(integration, good.edits, good))
    bad = Plan(
        edits=(
            edit("main.py", None, f"KEY = {secret!r}\n"),
            edit("long.txt", "a\n" * 9, "b\n" * 9),
            edit("broken.py", "a = 1\n", "a = (\n"),
            edit("notes.txt", None, "", ""),
        ),
        manual_steps=(step,),
    )
    judged = check_plan(integration, bad.edits, bad)
    assert [p.held for p in judged] == [False] * 5
    with pytest.raises(ConstitutionError) as refused:
        require_held(judged)
    said = str(refused.value)
    assert "\n" not in said
    assert secret not in said
    for path in ("main.py", "long.txt", "broken.py"):
        assert path in said


def test_what_stood_there_is_no_ones_new_secret(project: Path) -> None:
    """Only what a plan adds counts; text that moves with its folder is the user's."""
    integration = load_integration(project, ANSWERS_FILE)
    secret = secret_of(project)
    kept = edit("main.py", f"a = '{secret}'\n", f"a = '{secret}'\nb = 2\n")
    moved = dataclasses.replace(
        edit("new/main.py", "old\n" * 30, f"a = '{secret}'\n"), follows=True
    )
    plan = Plan(edits=(kept, moved))
    assert all(p.held for p in check_plan(integration, plan.edits, plan))


def test_a_plan_that_breaks_a_principle_is_not_applied(
    template: Path, tmp_path: Path
) -> None:
    """An answer that repeats a password would carry it into tracked files."""
    full_stack(tmp_path)
    known = "k3v9qx7lp2rm8tn4"
    env = tmp_path / "backend/.env"
    env.write_text(f"DATABASE_URL=postgresql://app:{known}@localhost/app\n")
    origin = ("-d", f"auth_cors_origins=https://{known}.example.com")
    result = copy(template, tmp_path, *origin)
    assert result.returncode == 1
    (said,) = [n for n in result.stderr.splitlines() if n.startswith("nothing was ed")]
    assert "no hard-coded secret: a secret would be in " in said
    assert ".env.example" in said
    assert known not in said
    assert not (tmp_path / "auth-server/.env").exists()
    assert not (tmp_path / "history").exists()
    assert git(tmp_path, "diff", "--name-only") == ""
    shown = copy(
        template,
        tmp_path,
        *origin,
        *("-d", "auth_allow_dirty=true", "-d", "auth_apply_edits=preview"),
    )
    assert shown.returncode == 0, shown.stderr
    assert "Constitution: 4 of 5 principles hold for the plan" in shown.stdout
    assert git(tmp_path, "diff", "--name-only") == ""


@pytest.mark.parametrize("password", ["postgres", "changethis", "mysecretpassword"])
def test_a_password_that_is_a_word_is_no_alarm(
    template: Path, tmp_path: Path, password: str
) -> None:
    """What databases on developers' machines have is in every file about them."""
    full_stack(tmp_path)
    env = tmp_path / "backend/.env"
    env.write_text(f"DATABASE_URL=postgresql://postgres:{password}@localhost/app\n")
    result = copy(template, tmp_path)
    assert result.returncode == 0, result.stderr
    said = "Constitution: 5 of 5 principles hold for the plan, 5 of 5 for the result.\n"
    assert said in result.stdout


def test_a_password_that_is_a_plain_word(project: Path) -> None:
    """Which is in every text; one that is none is searched for all the same."""
    integration = load_integration(project, ANSWERS_FILE)
    env, logger = project / "auth-server/.env", project / "auth-server/src/logger.ts"
    before = env.read_text(), logger.read_text()
    held: list[bool] = []
    try:
        for password in ("postgres", "k3v9x2q8"):
            env.write_text(f"DATABASE_URL=postgresql://me:{password}@localhost/app\n")
            logger.write_text(f"// {password}\n")
            rendered = ("auth-server/src/logger.ts",)
            held.append(check_constitution(integration, Plan(), rendered)[0].held)
    finally:
        env.write_text(before[0])
        logger.write_text(before[1])
    assert held == [True, False]
