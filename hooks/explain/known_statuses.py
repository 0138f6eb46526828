"""Statuses of HTTP without a word of why: the last that is looked for."""

from __future__ import annotations

from .row import CHECK, Known, known


def _status(number: str, reason: str) -> str:
    """Return how a status is written: by curl, in access logs, alone."""
    return (
        rf"\A\s*{number}\b|\b{number} {reason}|HTTP/[\d.]+\"? {number}\b|"
        rf"status(?:_?code)?[\"']?[:= ]+{number}\b|"
        rf"\b(?:GET|POST|PUT|PATCH|DELETE) \S+ {number}\b"
    )


STATUSES: tuple[Known, ...] = (
    known(
        "BA009 BA010",
        _status("401", "Unauthorized"),
        "A session was not accepted.",
        "None was sent, it has ended, or the two servers hold different secrets.",
        f"{CHECK}BA009",
        vague=True,
    ),
    known(
        "BA010",
        _status("403", "Forbidden"),
        "A request was refused, with or without a session.",
        "Its origin is not in CORS_ORIGINS, or the address is not confirmed.",
        f"{CHECK}BA010",
        vague=True,
    ),
    known(
        "BA018 BA002",
        _status("404", "Not Found"),
        "A server has no such route.",
        "The auth package's router is not included, or the URL is another server's.",
        f"{CHECK}BA018, then {CHECK}BA002",
        vague=True,
    ),
    known(
        "",
        _status("409", "Conflict"),
        "What was asked for is in conflict with what is there.",
        "An account that rows of other tables refer to is not deleted.",
        "the answer's body says which: curl --include",
        vague=True,
    ),
    known(
        "",
        _status("429", "Too Many Requests"),
        "Too many requests came from one address in a short time.",
        "Where everybody is refused, all seem to come from one: TRUST_PROXY is wrong.",
        "wait (X-Retry-After has the seconds); behind a proxy, set TRUST_PROXY=1",
        vague=True,
    ),
    known(
        "",
        _status("(?:400|415|422)", "(?:Bad Request|Unprocessable \\w+)"),
        "The server does not accept what was sent.",
        "A field is missing or of another form, or two credentials came at once.",
        "the answer's body says which: curl --include",
        vague=True,
    ),
    known(
        "BA013 BA020",
        _status("500", "Internal Server Error") + r"|Internal server error|"
        r"request failed|background task failed",
        "A server failed while it answered.",
        "Its own log has the reason, with the request's id; most often the schema.",
        f"{CHECK}BA013, then {CHECK}BA020",
        vague=True,
    ),
    known(
        "BA009",
        _status("(?:502|503|504)", "(?:Bad Gateway|Service Unavailable|Gateway Time)")
        + r"|\bnot ready\b",
        "A server, or the database behind it, does not answer.",
        "It does not run, starts still, or is looked for at another address.",
        f"{CHECK}BA009",
        vague=True,
    ),
    known(
        "",
        r"\b(?:database|migrate|auth|api) ended with code \d+",
        "One part of dev:all ended, and with it all others.",
        "The lines above that begin with its name say why.",
        "copier-better-auth explain - with those lines",
        vague=True,
    ),
)
