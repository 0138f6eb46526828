"""Architecture decisions, suggested after every run: what speaks for and against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..answers import Answers


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


def decisions(answers: Answers) -> tuple[Decision, ...]:
    """Return the three decisions that this very configuration makes."""
    return (_server(answers), _sessions(answers), _database(answers))


def _server(answers: Answers) -> Decision:
    jwt = answers.credential == "token"
    return Decision(
        slug="microservices-auth-architecture",
        title="An auth server beside the API server",
        context=(
            "better-auth, which handles sign-in here, is a TypeScript library; the "
            "business logic is written in Python with FastAPI."
        ),
        decision=(
            f"Authentication runs in its own server, `{answers.auth_server_dir}/` "
            "(Node, Express, better-auth). FastAPI validates its "
            f"{'tokens' if jwt else 'sessions'} and holds the business logic."
        ),
        positive=(
            "Concerns are separate: sign-in is changed, updated and restarted alone.",
            "better-auth itself, with its releases and its security reports.",
            (
                "Both scale apart: hashing a password keeps a core busy for about 0.1 "
                "s (some 10 sign-ins a second on two cores), in no request of the API."
            ),
        ),
        negative=(
            (
                "A second runtime to deploy, update and watch: about 100 MB of memory, "
                "up in about 1 s."
            ),
            "Two origins to keep together: CORS, cookies and one more domain.",
            (
                "Signing in takes one more network hop than in one process; requests "
                "to the API take none."
            ),
        ),
        alternatives=(
            (
                "A pure Python port of better-auth with the same tables "
                "(better-auth-server on PyPI): one runtime and one deployment. It "
                "follows the original at a distance, and fewer users find its faults."
            ),
            (
                "better-auth inside a Next.js front end: no server more where there is "
                "Next.js anyway. Sign-in is then released with the front end, and "
                "other clients depend on it."
            ),
            (
                "A hosted service (Auth0, Clerk, WorkOS): nothing to run, and audits "
                "and company sign-in come along. A price for each user above a free "
                "number, accounts kept elsewhere, no foreign keys to users."
            ),
        ),
    )


def _sessions(answers: Answers) -> Decision:
    strategy = answers.auth_session_validation
    look_up = (
        "A look-up for each request: revocation counts at once, for one indexed read "
        "(about 0.2 ms against a local database)."
    )
    cached = (
        "A cache that PostgreSQL tells of changes: most requests need no look-up, "
        "revocation still counts at once; one connection more for each process."
    )
    minutes = answers.auth_jwt_minutes
    tokens = (
        "Signed tokens (JWT): no database at all for a request, but a token stays "
        "valid until it ends (15 minutes by default), also after signing out."
    )
    asking = (
        "Asking the auth server each time: nothing is shared, but each request waits "
        "for a second one, and one auth server answers some 140 a second."
    )
    title, decision, positive, negative, others = {
        "database": (
            "Sessions are looked up in the database on every request",
            (
                "FastAPI verifies the signature of the session cookie, then looks the "
                "session up in the database."
            ),
            (
                "Revocation counts at once: after sign-out the next request gets 401.",
                "Every session is a row: who is signed in, since when, from where.",
            ),
            (
                (
                    "One indexed read for each authenticated request, about 0.2 ms "
                    "against a local database; measure yours."
                ),
                "Without the database no user is recognised (503, never 401).",
            ),
            (tokens, cached),
        ),
        "cached": (
            "Sessions are kept in memory until PostgreSQL says that they changed",
            (
                "FastAPI looks a session up once, keeps it, and forgets it when a "
                "trigger notifies of a change."
            ),
            (
                "Most requests read nothing; a change is heard when it is committed.",
                (
                    "A connection that falls silent is believed for 2 s at most; then "
                    "every session is looked up."
                ),
            ),
            (
                (
                    "One connection more for each process, which no transaction pooler "
                    "may be before."
                ),
                "Four triggers on the auth tables.",
            ),
            (look_up, tokens),
        ),
        "jwt": (
            "FastAPI verifies signed tokens and looks nothing up",
            (
                "The auth server signs tokens (EdDSA) in exchange for a session; "
                f"FastAPI verifies them with its public keys, up to {minutes} minutes."
            ),
            (
                "No read for a request, and FastAPI needs no auth tables.",
                (
                    "The API recognises people while the database or the auth server "
                    "is away, as long as tokens and keys last."
                ),
            ),
            (
                f"Up to {minutes} minutes pass before a revoked session is refused.",
                "Pages fetch and send a token; a cookie alone is not enough.",
            ),
            (look_up, cached),
        ),
    }[strategy]
    return Decision(
        slug="session-validation-strategy",
        title=title,
        context=(
            "FastAPI must know who is calling. A session can be looked up each time, "
            "or a signed token can be verified without asking anybody."
        ),
        decision=decision,
        positive=positive,
        negative=negative,
        alternatives=(*others, asking),
    )


def _database(answers: Answers) -> Decision:
    two = (
        "A database for each server, with tokens between them: no common schema, one "
        "can fail alone; two to run, back up and pay for, no foreign keys to users."
    )
    hosted = (
        "Users at a hosted service: no table at all here, a copy of what is needed."
    )
    if answers.auth_database_layer == "none":
        return Decision(
            slug="shared-database-strategy",
            title="The auth tables get their own PostgreSQL",
            context="This application does not keep its own data in PostgreSQL.",
            decision=(
                "The auth server has a PostgreSQL, migrates it itself, and FastAPI "
                "reads no more of it than sessions."
            ),
            positive=("The application's own data stay where they are.",),
            negative=(
                "One more database to run and back up (1 instead of 0).",
                "No foreign keys from the application's data to users.",
            ),
            alternatives=(
                (
                    "Moving the application's data to PostgreSQL: one database, and a "
                    "migration that has nothing to do with signing in."
                ),
                two,
                hosted,
            ),
        )
    return Decision(
        slug="shared-database-strategy",
        title="Both servers use one PostgreSQL",
        context=(
            "The auth server writes users and sessions; FastAPI has tables of its own "
            "that refer to users."
        ),
        decision=(
            "One PostgreSQL with coordinated schemas: the auth tables carry the prefix "
            "auth_, and one migration system makes them."
        ),
        positive=(
            "1 database, 1 address, 1 backup instead of 2 of each.",
            "Consistent: foreign keys to users hold, and a join reads both.",
            "No copy of users that could be out of date.",
        ),
        negative=(
            (
                "The two servers are coupled by the names of 4 tables and more, which "
                "a release of either must respect."
            ),
            (
                "One outage takes both down, and one pool more (up to 10 connections) "
                "counts against the limit."
            ),
        ),
        alternatives=(two, hosted),
    )
