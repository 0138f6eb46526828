"""Architecture decisions: suggested after every run, written only with consent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..model import FileEdit
from .filling import filled, next_number

if TYPE_CHECKING:
    from datetime import date

    from ..answers import Answers
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


@dataclass(frozen=True, kw_only=True)
class Decision:
    """One decision with what speaks for it and against it."""

    slug: str
    title: str
    context: str
    decision: str
    positive: tuple[str, ...]
    negative: tuple[str, ...]
    alternatives: tuple[str, ...]


DECISIONS: tuple[Decision, ...] = (
    Decision(
        slug="microservices-auth-architecture",
        title="An auth server beside the API server",
        context=(
            "better-auth, which handles sign-in here, is a TypeScript library; the "
            "business logic is written in Python with FastAPI."
        ),
        decision=(
            "Authentication runs in a server of its own (Node, Express, better-auth). "
            "FastAPI validates its sessions and holds the business logic."
        ),
        positive=(
            "Concerns are separate: sign-in can change without the API.",
            "Each language does what its libraries do best.",
            "Both servers scale independently of each other.",
        ),
        negative=(
            "Two runtimes to deploy, update and watch.",
            (
                "Signing in takes one more network hop than in one process; requests "
                "to the API do not."
            ),
        ),
        alternatives=(
            (
                "A pure-Python port of better-auth with the same tables "
                "(better-auth-server on PyPI): one runtime, a smaller "
                "community, later updates."
            ),
            (
                "better-auth inside a Next.js front end: one deployment fewer, "
                "sign-in tied to that front end."
            ),
            (
                "A hosted service (Auth0, Clerk, WorkOS): nothing to run, a price "
                "per user, accounts kept elsewhere."
            ),
        ),
    ),
    Decision(
        slug="session-validation-strategy",
        title="Sessions are looked up in the database on every request",
        context=(
            "FastAPI must know who is calling. A session can be looked up each time, "
            "or a signed token can be verified without asking anybody."
        ),
        decision=(
            "FastAPI verifies the signature of the session cookie, then looks the "
            "session up in the database that it shares with the auth server."
        ),
        positive=(
            "Revocation counts at once: after sign-out the next request gets 401.",
            "Every session is a row: who is signed in, from where, can be audited.",
        ),
        negative=(
            (
                "One indexed read for each authenticated request, about 0.2 ms against "
                "a local database; measure yours."
            ),
            "Without the database nobody is recognised (503, never 401).",
        ),
        alternatives=(
            (
                "JWT: no look-up, but a token stays valid until it expires, also after "
                "sign-out."
            ),
            "Asking the auth server each time: no shared database, many times slower.",
        ),
    ),
    Decision(
        slug="shared-database-strategy",
        title="Both servers use one PostgreSQL",
        context=(
            "The auth server writes users and sessions; FastAPI reads them and has "
            "tables of its own that refer to users."
        ),
        decision=(
            "One PostgreSQL with coordinated schemas: the auth tables carry the prefix "
            "auth_ and are migrated with the rest."
        ),
        positive=(
            "Simpler to set up: one database, one URL, one backup.",
            "Consistent: foreign keys to users hold.",
            "Cheaper than two databases.",
        ),
        negative=(
            "The two servers are coupled by a schema that both must agree on.",
            "One outage takes both down.",
        ),
        alternatives=(
            (
                "A database for each server, with tokens between them: decoupled, no "
                "foreign keys to users, two to run."
            ),
        ),
    ),
)


def suggested_decisions(answers: Answers) -> tuple[Decision, ...]:
    """Return the decisions that this configuration makes."""
    looks_up = answers.auth_session_validation == "database"
    return tuple(
        decision
        for decision in DECISIONS
        if looks_up or decision.slug != "session-validation-strategy"
    )


def decision_files(
    answers: Answers, repository: Repository, *, today: date
) -> tuple[FileEdit, ...]:
    """Return the decisions that ``auth_adrs`` names as new files, once each."""
    there = [f.rpartition("/")[2] for f in repository.files if f.startswith(FOLDER)]
    number = next_number(there)
    template = repository.text(_OWN_TEMPLATE) or _TEMPLATE
    files: list[FileEdit] = []
    for decision in DECISIONS:
        written = any(name.endswith(f"-{decision.slug}.md") for name in there)
        if decision.slug not in answers.auth_adrs or written:
            continue
        identity = f"{number:04d}"
        values = _values(decision) | {"ID": identity, "DATE_ISO": today.isoformat()}
        text = filled(template, values).replace(
            "Proposed | Accepted | Superseded | Rejected", "Accepted"
        )
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
