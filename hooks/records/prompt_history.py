"""Prompt history records: what was configured, generated and checked in one run."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..model import FileEdit, Status
from ..report.plan import render_plan
from ..report.results import failed, render_results
from .filling import filled, next_number

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from ..model import Integration, Outcome
    from ..repository import Repository

HISTORY = "history/prompts"
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
    there = [f for f in repository.files if f.startswith(f"{folder}/")]
    there += repository.ignored_in(folder)
    number = next_number([name.rpartition("/")[2] for name in there])
    template = repository.text(_OWN_TEMPLATE) or _TEMPLATE
    records: list[FileEdit] = []
    for entry in _entries(integration, outcome):
        stage = "general" if feature == "general" else entry.stage
        identity = f"{number:04d}"
        values = {
            **_values(integration, outcome, entry),
            "ID": identity,
            "STAGE": stage,
            "FEATURE": feature,
            "DATE_ISO": today.isoformat(),
            "USER": user or "unknown",
        }
        name = f"{folder}/{identity}-{entry.slug}.{stage}.prompt.md"
        records.append(
            FileEdit(
                path=name,
                before=None,
                after=filled(template, values).encode(),
                why=(entry.title,),
            )
        )
        number += 1
    return tuple(records)


def _feature(integration: Integration, repository: Repository) -> str:
    """Return the feature that the branch is about, where the project keeps features."""
    branch = (integration.facts.git_branch.value or "").rpartition("/")[2]
    known = {
        path.split("/")[depth]
        for path in repository.files
        for prefix, depth in (("specs/", 1), (f"{HISTORY}/", 2))
        if path.startswith(prefix) and path.count("/") > depth
    }
    number = re.match(r"\d{3}-", branch)
    for name in sorted(known):
        if name == branch or (number and name.startswith(number[0])):
            return name
    return "general"


def _entries(integration: Integration, outcome: Outcome) -> Iterator[_Entry]:
    rendered = tuple(sorted(outcome.rendered))
    edited = tuple(edit.path for edit in outcome.plan.edits)
    yield _Entry(
        slug="better-auth-configuration-selected",
        title="better-auth configuration selected",
        stage="spec",
        response=f"{_answers(integration)}\n\n{_discovered(integration)}",
        impact="one validated configuration, kept in the answers file",
        files=(),
    )
    yield _Entry(
        slug="better-auth-components-generated",
        title="better-auth components generated",
        stage="plan",
        response=_fenced(render_plan(outcome.plan, applied=outcome.applied))
        + "\n\nGenerated:\n\n"
        + "\n".join(f"- `{path}`" for path in rendered),
        impact=f"{len(rendered)} files generated, {len(edited)} edited or added",
        files=(*rendered, *edited),
    )
    red = failed(outcome.results)
    yield _Entry(
        slug="auth-integration-diagnostics-completed",
        title="auth integration diagnostics completed",
        stage="red" if red else "green",
        response=_fenced(render_results(outcome.results)),
        impact="a diagnostic failed" if red else "every diagnostic passed",
        files=(),
    )


def _values(
    integration: Integration, outcome: Outcome, entry: _Entry
) -> dict[str, str]:
    steps = "; ".join(step.path for step in outcome.plan.manual_steps)
    passed = sum(r.status is Status.PASS for r in outcome.results)
    results = f"{passed} of {len(outcome.results)} diagnostics passed"
    problems = [
        f"{r.code} {r.name}: {r.message}"
        for r in outcome.results
        if r.status is not Status.PASS
    ]
    return {
        "TITLE": entry.title,
        "SURFACE": "cli",
        "MODEL": "none",
        "BRANCH": integration.facts.git_branch.value or "none",
        "COMMAND": f"copier {outcome.operation}",
        "LABELS": "better-auth, authentication, fastapi",
        "LINKS_SPEC": "none",
        "LINKS_TICKET": "none",
        "LINKS_ADR": "none",
        "LINKS_PR": "none",
        "FILES_YAML": _listed(entry.files),
        "TESTS_YAML": _listed(tuple(f"{r.code} {r.name}" for r in outcome.results)),
        "PROMPT_TEXT": _prompt(integration, outcome),
        "RESPONSE_TEXT": entry.response,
        "OUTCOME_IMPACT": entry.impact,
        "TESTS_SUMMARY": results,
        "FILES_SUMMARY": f"{len(entry.files)} files" if entry.files else "none",
        "NEXT_PROMPTS": f"by hand: {steps}" if steps else "none",
        "REFLECTION_NOTE": "made from the run itself; nothing was typed by hand",
        "FAILURE_MODES": "; ".join(problems) or "none",
        "GRADER_RESULTS": results,
        "PROMPT_VARIANT_ID": "none",
        "NEXT_EXPERIMENT": "copier-better-auth doctor",
    }


def _prompt(integration: Integration, outcome: Outcome) -> str:
    given = "".join(
        f" \\\n  -d {name}={_plain(value)!r}"
        for name, value in integration.answers.model_dump(mode="json").items()
    )
    return _fenced(f"copier {outcome.operation} --trust{given}")


def _answers(integration: Integration) -> str:
    rows = integration.answers.model_dump(mode="json").items()
    table = "\n".join(f"| `{name}` | `{_plain(value)}` |" for name, value in rows)
    return f"| question | answer |\n|---|---|\n{table}"


def _discovered(integration: Integration) -> str:
    facts = integration.facts
    lines = [
        f"- {name}: `{fact.value}` ({fact.evidence[0]})"
        for name in ("backend_dir", "app_module", "db_layer", "migration_system")
        for fact in [getattr(facts, name)]
        if fact.value is not None and fact.evidence
    ]
    return "Discovered:\n\n" + ("\n".join(lines) or "- nothing: a new project")


def _plain(value: object) -> str:
    return f"[{', '.join(map(str, value))}]" if isinstance(value, list) else str(value)


def _listed(names: tuple[str, ...]) -> str:
    return "\n".join(f'  - "{name}"' for name in names) or "  - none"


def _fenced(text: str) -> str:
    return f"```text\n{text.strip()}\n```"
