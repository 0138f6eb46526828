"""Decisions as files, with consent: in the form of the project's template or ours."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..model import FileEdit
from ..rendering.decisions import decisions
from .filling import fill_text, filled, is_sound, next_number, trimmed, without_comments

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from ..answers import Answers
    from ..rendering.decisions import Decision
    from ..repository import Repository

FOLDER = "history/adr"
_OWN_TEMPLATE = ".specify/templates/adr-template.md"
_TEMPLATE = """\
# {{ID}}. {{TITLE}}

- Status: Accepted
- Date: {{DATE_ISO}}

## Context

{{CONTEXT}}

## Decision

{{DECISION}}

## Consequences

### Positive

{{POSITIVE_CONSEQUENCES}}

### Negative

{{NEGATIVE_CONSEQUENCES}}

## Alternatives considered

{{ALTERNATIVES}}
"""
# `Proposed | Accepted | Rejected`, in brackets or not.
_STATUSES = re.compile(r"\[?\b(?:Proposed|Accepted)\b(?: \| [^|\]\n]++)++\]?")
# What a template says to its writer, in brackets: neither a link nor a task's box.
_PROSE = re.compile(r"\[(?![ x]\])[^\]\[\n]{2,}+\](?![(:\[])")
_NAMED = re.compile(r"\{\{\s{0,99}(?:CONTEXT|DECISION|ALTERNATIVES)\s{0,99}\}\}")
_BRACKETS = re.compile(r"\[[^\]\[\n]*+\]")
_HEADING = re.compile(r"#{2,4} +(\S.*)|\*\*([^*]++)\*\*:?\s*+\Z")
_SECTIONS = (
    ("positive", "POSITIVE_CONSEQUENCES"),
    ("negative", "NEGATIVE_CONSEQUENCES"),
    ("alternative", "ALTERNATIVES"),
    ("option", "ALTERNATIVES"),
    ("consequence", "CONSEQUENCES"),
    ("context", "CONTEXT"),
    ("problem", "CONTEXT"),
    ("decision", "DECISION"),
)


def decision_files(
    answers: Answers, repository: Repository, *, today: date
) -> tuple[FileEdit, ...]:
    """Return the decisions that ``auth_adrs`` names as new files, once each."""
    there = [f.rpartition("/")[2] for f in repository.files if f.startswith(FOLDER)]
    number = next_number(there)
    own = repository.text(_OWN_TEMPLATE)
    files: list[FileEdit] = []
    for decision in decisions(answers):
        written = any(name.endswith(f"-{decision.slug}.md") for name in there)
        if decision.slug not in answers.auth_adrs or written:
            continue
        identity = f"{number:04d}"
        values = _values(decision) | {"ID": identity, "DATE_ISO": today.isoformat()}
        text = _in_form(own, values) if own else ""
        if not is_sound(text, holds=(decision.context, *decision.alternatives)):
            text = _in_form(_TEMPLATE, values)
        files.append(
            FileEdit(
                path=f"{FOLDER}/{identity}-{decision.slug}.md",
                before=None,
                after=text.encode(),
                why=(f"decision: {decision.title}",),
            )
        )
        number += 1
    return tuple(files)


def _in_form(template: str, values: dict[str, str]) -> str:
    """Return a decision in the form of a template, by placeholders or by headings."""
    chosen = frozenset({"ACCEPTED"})
    template = _STATUSES.sub("Accepted", template)
    if _NAMED.search(template):
        return filled(_PROSE.sub("none", template), values, chosen=chosen)
    form = "\n".join(_by_headings(template, values))
    return trimmed(fill_text(form, values, chosen)) + "\n"


def _by_headings(template: str, values: dict[str, str]) -> Iterator[str]:
    """Yield the template's lines with our text below the headings that ask for it."""
    plain = without_comments(template)
    written = writing = ""
    for line in plain.splitlines():
        heading = _HEADING.match(line)
        if heading is None:
            if not writing:
                given = _BRACKETS.sub(
                    lambda m: values["TITLE"] if "title" in m[0].lower() else m[0], line
                )
                kept = re.sub(r"\[NNN\]|\[#++\]", values["ID"], given)
                dated = re.sub(r"\[YYYY-MM-DD\]", values["DATE_ISO"], kept)
                feature = re.sub(r"\[#++-[\w-]++\]", "authentication", dated)
                yield _PROSE.sub("none", feature)
            continue
        words = (heading[1] or heading[2]).rstrip(" #:").lower()
        section = next((name for word, name in _SECTIONS if word in words), "")
        nested = line.startswith(("###", "**"))
        if nested and not section:
            continue  # a part of what is written already: "Option A: ..."
        if section and section in written.split():
            continue
        yield from ("", line, "")
        written += f" {section}"
        writing = section or "none"
        yield values.get(section, "" if section == "CONSEQUENCES" else "none")
    if "CONSEQUENCES" in written and "POSITIVE_CONSEQUENCES" not in written:
        yield from ("", values["POSITIVE_CONSEQUENCES"])
        yield values["NEGATIVE_CONSEQUENCES"]


def _values(decision: Decision) -> dict[str, str]:
    return {
        "TITLE": decision.title,
        "FEATURE_NAME": "authentication",
        "CONTEXT": decision.context,
        "DECISION": decision.decision,
        "POSITIVE_CONSEQUENCES": _bullets(decision.positive),
        "NEGATIVE_CONSEQUENCES": _bullets(decision.negative),
        "ALTERNATIVES": _bullets(decision.alternatives),
    }


def _bullets(lines: tuple[str, ...]) -> str:
    return "\n".join(f"- {line}" for line in lines)
