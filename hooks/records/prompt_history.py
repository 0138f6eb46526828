"""Prompt history records: what was configured, generated and checked in one run."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..explain.redaction import redacted
from ..model import FileEdit, Status
from ..rendering.commands import copier_command
from ..report.plan import render_plan
from ..report.results import failed, render_results
from ..syntax.visible import visible
from .filling import filled, is_sound, next_number
from .last_result import principles_table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from ..model import Fact, Integration, Outcome
    from ..repository import Repository

HISTORY = "history/prompts"
CONSTITUTION = ".specify/memory/constitution.md"
# Folders of the history that are about no feature.
_NO_FEATURES = frozenset({"constitution", "general"})
# The name becomes that of a folder.
_FEATURE = re.compile(r"\d{3,9}-[\w.-]{1,200}")
# What a feature that is about signing in is called.
_ABOUT_AUTH = re.compile(
    r"(?i)(?:^|[-_])(?:auth\w*|sign-?in|log-?in|accounts?)(?:$|[-_])"
)
# Words that a template lets one choose from, when all is well and when not.
_WELL = frozenset({"SUCCESS", "YES", "PASS", "PASSED", "GREEN"})
_NOT_WELL = frozenset({"PARTIAL", "NO", "FAIL", "FAILED", "RED"})
_TOLD = (
    *("backend_dir", "app_module", "app_attr", "package_dir", "app_file", "api_prefix"),
    *("python_package_manager", "requires_python", "db_layer", "db_driver"),
    *("db_symbol", "migration_system", "alembic_ini", "existing_auth"),
    *("database_provider_hint", "auth_server_dir", "frontend_dir"),
    *("node_package_manager", "spec_kit", "settings_module", "git_branch"),
)
_OWN_TEMPLATE = ".specify/templates/phr-template.prompt.md"
_TEMPLATE = """\
---
id: {{ID}}
title: {{TITLE}}
stage: {{STAGE}}
date: {{DATE_ISO}}
surface: {{SURFACE}}
model: {{MODEL}}
feature: {{FEATURE}}
branch: {{BRANCH}}
user: {{USER}}
command: {{COMMAND}}
labels: [{{LABELS}}]
links:
  spec: {{LINKS_SPEC}}
  ticket: {{LINKS_TICKET}}
  adr: {{LINKS_ADR}}
  pr: {{LINKS_PR}}
files:
{{FILES_YAML}}
tests:
{{TESTS_YAML}}
---

## Prompt

{{PROMPT_TEXT}}

## Response snapshot

{{RESPONSE_TEXT}}

## Outcome

- Impact: {{OUTCOME_IMPACT}}
- Tests: {{TESTS_SUMMARY}}
- Files: {{FILES_SUMMARY}}
- Next prompts: {{NEXT_PROMPTS}}
- Reflection: {{REFLECTION_NOTE}}

## Evaluation notes

- Failure modes observed: {{FAILURE_MODES}}
- Graders run and results: {{GRADER_RESULTS}}
- Next experiment: {{NEXT_EXPERIMENT}}
"""


@dataclass(frozen=True, kw_only=True)
class _Entry:
    """What differs between the three records."""

    slug: str
    title: str
    stage: str
    response: str
    impact: str
    files: tuple[str, ...]


def prompt_records(
    integration: Integration,
    outcome: Outcome,
    repository: Repository,
    *,
    today: date,
    user: str,
) -> tuple[FileEdit, ...]:
    """Return the three records of a run as new files, numbered on from what is there.

    ``user`` is git's ``user.name``; the branch comes from the facts.
    """
    feature = _feature(integration, repository)
    folder = f"{HISTORY}/{feature}"
    there = (*repository.below(folder), *repository.ignored_in(folder))
    number = next_number([name.rpartition("/")[2] for name in there])
    chosen = _NOT_WELL if failed(outcome.results) else _WELL
    records: list[FileEdit] = []
    for entry in _entries(integration, outcome, repository):
        identity = f"{number:04d}"
        values = {
            **_values(integration, outcome, entry),
            "ID": identity,
            "STAGE": entry.stage,
            "FEATURE": feature,
            "DATE_ISO": today.isoformat(),
            "USER": visible(user or "unknown"),
            "LINKS_SPEC": _specification(feature, repository),
        }
        own = repository.text(_OWN_TEMPLATE)
        text = filled(own, values, chosen=chosen) if own else ""
        if not is_sound(text, holds=(entry.title, _prompt(outcome), entry.response)):
            text = filled(_TEMPLATE, values, chosen=chosen)
        records.append(
            FileEdit(
                path=f"{folder}/{identity}-{entry.slug}.{entry.stage}.prompt.md",
                before=None,
                after=text.encode(),
                why=(entry.title,),
            )
        )
        number += 1
    return tuple(records)


def _feature(integration: Integration, repository: Repository) -> str:
    """Return the feature of the branch, else the one about signing in, else ours."""
    branch = (integration.facts.git_branch.value or "").rpartition("/")[2]
    known = {
        path.split("/")[depth]
        for path in repository.files
        for prefix, depth in (("specs/", 1), (f"{HISTORY}/", 2))
        if path.startswith(prefix) and path.count("/") > depth
    } - _NO_FEATURES
    number = re.match(r"\d{3,9}-", branch)
    for name in sorted(known):
        if name == branch or (number and name.startswith(number[0])):
            return name
    if number and _FEATURE.fullmatch(branch):
        return branch  # Spec-Kit's own form, before its first file
    about_auth = [name for name in sorted(known) if _ABOUT_AUTH.search(name)]
    return about_auth[0] if len(about_auth) == 1 else "better-auth"


def _specification(feature: str, repository: Repository) -> str:
    path = f"specs/{feature}/spec.md"
    return path if path in repository.file_set else "none"


def _entries(
    integration: Integration, outcome: Outcome, repository: Repository
) -> Iterator[_Entry]:
    rendered = tuple(sorted(outcome.rendered))
    edited = tuple(edit.path for edit in outcome.plan.edits)
    changed = tuple(line[3:] for line in outcome.changed)
    files = tuple(dict.fromkeys((*rendered, *edited, *changed)))
    there = CONSTITUTION in repository.file_set
    constitution = "The constitution" + f" (`{CONSTITUTION}`)" * there
    yield _Entry(
        slug="better-auth-configuration-selected",
        title="better-auth configuration selected",
        stage="spec",
        response=f"{_answers(integration)}\n\n{_discovered(integration)}\n\n"
        f"{constitution}, on the plan before it was applied:\n\n"
        + "\n".join(principles_table(outcome.planned_principles)),
        impact="one validated configuration, kept in the answers file",
        files=(),
    )
    yield _Entry(
        slug="better-auth-components-generated",
        title="better-auth components generated",
        stage="plan",
        response=_fenced(redacted(render_plan(outcome.plan, applied=outcome.applied)))
        + "\n\nEvery file, generated or edited:\n\n"
        + ("\n".join(f"- `{visible(path)}`" for path in files) or "- none"),
        impact=f"{len(rendered)} files generated, {len(edited)} edited or added",
        files=files,
    )
    red = failed(outcome.results)
    yield _Entry(
        slug="auth-integration-diagnostics-completed",
        title="auth integration diagnostics completed",
        stage="red" if red else "green",
        response=_fenced(render_results(outcome.results))
        + f"\n\n{constitution}, as far as every change must keep it:\n\n"
        + "\n".join(principles_table(outcome.principles)),
        impact="a diagnostic failed" if red else "every diagnostic passed or is said",
        files=(),
    )


def _values(
    integration: Integration, outcome: Outcome, entry: _Entry
) -> dict[str, str | tuple[str, ...]]:
    steps = visible("; ".join(step.path for step in outcome.plan.manual_steps))
    passed = sum(r.status in {Status.PASS, Status.FIXED} for r in outcome.results)
    results = f"{passed} of {len(outcome.results)} diagnostics passed"
    principles = (*outcome.planned_principles, *outcome.principles)
    held = f"{sum(p.held for p in principles)} of {len(principles)} principles held"
    problems = [
        f"{r.code} {r.name}: {r.message}"
        for r in outcome.results
        if r.status not in {Status.PASS, Status.FIXED}
    ]
    problems += [f"{p.name}: {p.seen}" for p in principles if not p.held]
    return {
        "TITLE": entry.title,
        "SURFACE": "cli",
        "MODEL": "none",
        "BRANCH": visible(integration.facts.git_branch.value or "none"),
        "COMMAND": f"copier {outcome.operation}",
        "LABELS": ("better-auth", "authentication", "fastapi"),
        "FILES_YAML": entry.files,
        "TESTS_YAML": tuple(f"{r.code} {r.name}" for r in outcome.results),
        "PROMPT_TEXT": _prompt(outcome),
        "RESPONSE_TEXT": entry.response,
        "OUTCOME_IMPACT": entry.impact,
        "TESTS_SUMMARY": results,
        "FILES_SUMMARY": f"{len(entry.files)} files" if entry.files else "none",
        "NEXT_PROMPTS": f"by hand: {steps}" if steps else "none",
        "REFLECTION_NOTE": "made from the run itself; nothing was typed by hand",
        "FAILURE_MODES": visible("; ".join(problems)) or "none",
        "GRADER_RESULTS": f"{results}; {held}",
        "NEXT_EXPERIMENT": "copier-better-auth doctor",
    }


def _prompt(outcome: Outcome) -> str:
    command = copier_command(outcome.operation, outcome.source, outcome.answers)
    return _fenced(command.replace(" -d ", " \\\n  -d "))


def _answers(integration: Integration) -> str:
    rows = integration.answers.model_dump(mode="json").items()
    table = "\n".join(
        visible(f"| `{name}` | `{_plain(value)}` |") for name, value in rows
    )
    return f"| question | answer |\n|---|---|\n{table}"


def _discovered(integration: Integration) -> str:
    facts: list[tuple[str, Fact[object]]] = [
        (name, getattr(integration.facts, name)) for name in _TOLD
    ]
    lines = [
        visible(
            f"- {name}: `{fact.value}`"
            + (f" ({redacted(str(fact.evidence[0]))})" if fact.evidence else "")
        )
        for name, fact in facts
        if fact.value not in (None, "")
    ]
    return "Discovered:\n\n" + ("\n".join(lines) or "- nothing: a new project")


def _plain(value: object) -> str:
    return f"[{', '.join(map(str, value))}]" if isinstance(value, list) else str(value)


def _fenced(text: str) -> str:
    return f"```text\n{text.strip()}\n```"
