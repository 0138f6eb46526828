"""The auth server's endpoints as a project's API_DOCUMENTATION.md lists them.

What each takes and answers is better-auth's own word, in ``hooks/catalogue/npm``'s
``endpoints.json`` (made by ``make generate``); what that leaves open
is in ``endpoint_notes.py``.
"""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from .endpoint_notes import Configuration, in_order

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from ..answers import Answers
    from .endpoint_notes import Note

BASE = "http://localhost:3001/api/auth"
# By whether a mail confirms it.
_DELETED = {
    True: (
        " Mails a link first, which counts for an hour; nothing is deleted until it is "
        "opened."
    ),
    False: " Nothing is mailed here, so it takes a session that is younger than a day.",
}


def api_reference(
    pinned: Path, methods: Sequence[str], origins: str, *, verifies: bool, jwt: bool
) -> dict[str, Any]:
    """Return the groups of endpoints of one configuration, and what is switched off.

    ``pinned`` is the folder with better-auth's own description.
    """
    known = json.loads((pinned / "endpoints.json").read_text(encoding="utf-8"))
    configuration = Configuration(
        methods=methods,
        verifies=verifies and "email_password" in methods,
        origin=origins.partition(",")[0].strip(),
    )
    described = _described(known, methods, jwt=jwt)
    groups: dict[str, list[dict[str, Any]]] = {}
    switched_off: list[dict[str, str]] = []
    for name, note in in_order(configuration):
        if name not in described:
            continue
        why = note.off(configuration)
        if why:
            switched_off.append({"name": name, "why": why})
        else:
            listed = groups.setdefault(note.group, [])
            listed.append(_entry(name, note, described[name], configuration))
    return {
        "types": known["types"],
        "groups": [{"title": t, "endpoints": e} for t, e in groups.items()],
        "switched_off": switched_off,
    }


def described_endpoints(pinned: Path, answers: Answers) -> frozenset[str]:
    """Return ``METHOD /path`` of each endpoint that the page describes anyway."""
    known = json.loads((pinned / "endpoints.json").read_text(encoding="utf-8"))
    jwt = answers.credential == "token"
    return frozenset(_described(known, answers.auth_methods, jwt=jwt))


def _described(
    known: Mapping[str, Any], methods: Sequence[str], *, jwt: bool
) -> dict[str, Mapping[str, Any]]:
    parts = {
        "core",
        "magic_link" if "magic_link" in methods else "",
        "jwt" if jwt else "",
    }
    return {n: d for n, d in known["endpoints"].items() if d["part"] in parts}


def _entry(
    name: str, note: Note, described: Mapping[str, Any], c: Configuration
) -> dict[str, Any]:
    method, _, path = name.partition(" ")
    curl = "\n".join(_curl(method, path, note, c)) if note.tried else ""
    refusals = list(note.refusals)
    if name == "POST /sign-in/email" and c.verifies:
        refusals.append("403 `EMAIL_NOT_VERIFIED` (and mails the link again)")
    says = note.says
    if name == "POST /sign-up/email" and c.verifies:
        says += " `token` is `null` until the mailed link has confirmed the address."
        # Whether an address is known must not be told then.
        refusals = [r for r in refusals if not r.startswith("422")]
    if name == "GET /verify-email" and c.verifies:
        says += " Signs in, too, where it is the first time."
    if name == "POST /delete-user":
        says += _DELETED[c.sends_mail]
        if not c.sends_mail:
            refusals = [
                "400 `SESSION_EXPIRED`: signed in more than a day ago",
                "409 `USER_IN_USE`: rows of other tables refer to the user",
            ]
    return {
        "name": name,
        "method": method,
        "path": path,
        "says": f"{says} Needs the session cookie." if note.session else says,
        "fields": [_field(f, c) for f in (*note.takes, *described["body"])],
        "query": described["query"] if note.tried else [],
        "status": note.status,
        "answered": _answered(path, note.status, note.answer or described["answer"]),
        "refusals": refusals,
        "token": _token(note.token, curl),
        "curl": curl,
    }


def _answered(path: str, status: int, answer: str) -> str:
    """Return what a success is: JSON, a page, or an address that it leads on to."""
    if status != HTTPStatus.OK:
        signed_in = "callback/" in path
        return (
            f"on to {'`callbackURL`, signed in' if signed_in else 'the address given'}"
        )
    return f"`{_in_table(answer)}`" if answer else "a page"


def _token(where: str, curl: str) -> str:
    """Say where the variable of a command comes from; "" where it has none."""
    if not where:
        return ""
    name = "$ACCOUNT" if "$ACCOUNT" in curl else "$TOKEN"
    return f"`{name}` is {f'the token in {where}' if 'link' in where else where}."


def _in_table(text: str) -> str:
    return text.replace("|", "\\|")


def _field(described: Mapping[str, Any], c: Configuration) -> Mapping[str, Any]:
    """Return a body's field; which providers there are is known here alone."""
    optional = "" if described["required"] else ", optional"
    shown = {**described, "shown": f"`{described['name']}`{optional}"}
    if described["name"] == "provider":
        shown["type"] = " | ".join(f'"{name}"' for name in c.social)
    return shown


def _curl(method: str, path: str, note: Note, c: Configuration) -> Iterator[str]:
    """Yield the lines of a command that can be pasted."""
    provider = c.social[0] if c.social else ""
    address = path.replace("{token}", "$TOKEN") + note.query.replace("ORIGIN", c.origin)
    cookies = "--cookie cookies.txt " if note.session else ""
    cookies += "--cookie-jar cookies.txt " if note.keeps else ""
    quote = '"' if "?" in address or "$" in address else ""
    more = note.send is not None
    show = "--include " if note.status != 200 else ""  # noqa: PLR2004 - OK
    end = " \\" if more or method == "POST" else ""
    yield f"curl --silent {show}{cookies}{quote}{BASE}{address}{quote}{end}"
    if note.send is None:
        return
    if note.session:
        yield f"  --header 'Origin: {c.origin}' \\"
    yield "  --header 'Content-Type: application/json' \\"
    body = json.dumps(note.send).replace("PROVIDER", provider)
    body = body.replace("ORIGIN", c.origin)
    for variable in ("$TOKEN", "$ACCOUNT"):
        body = body.replace(variable, f"'\"{variable}\"'")
    yield f"  --data '{body}'"
