"""The project's own auth server and its database, started once and asked.

One process for all diagnostics, ``probe.mjs``: it asks better-auth what it would still
migrate, PostgreSQL's catalogue which types the columns have, and the started server
what it answers. What it does to the database is one transaction that is rolled back.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from ..catalogue.methods import SOCIAL_PROVIDERS
from ..explain.redaction import redacted
from .node_process import MARK, run_script
from .seen import Asked, Mailed, Seen, Server

_SCRIPT = Path(__file__).with_name("probe.mjs")
_LISTENING = re.compile(r'"secret":"([0-9a-f, ]{8,999})"')
_LISTENS = '"auth server listening"'
UNREACHABLE = "the database does not answer"
_NOT_LOCAL = (
    "the database is not on this machine, so nothing that writes is asked for there"
)


@dataclass(frozen=True, kw_only=True)
class AuthServer:
    """What is started: the auth server in ``folder``, by the name that people know.

    ``config`` is the file that configures better-auth, ``None`` where none was found;
    ``routes`` are the project's own below better-auth's path, which are asked for;
    ``patience`` are the seconds that all of it may take.
    """

    folder: Path
    name: str
    config: str | None
    routes: tuple[tuple[str, str], ...]
    patience: float


def look(server: AuthServer) -> Seen:
    """Return what the database holds; never raises."""
    said = _answers(server)
    if isinstance(said, str):
        return Seen(columns={}, reason=said)
    found = said["database"]
    columns = {
        (str(row["table_name"]), str(row["column_name"])): str(row["udt_name"])
        for row in found["rows"]
    }
    return Seen(
        columns=columns,
        applied=tuple(map(str, found["applied"])),
        pending=str(found["pending"]).strip(";\n "),
        required=tuple(
            (str(row["table_name"]), str(row["column_name"]))
            for row in found["rows"]
            if row["required"]
        ),
    )


def ask_server(server: AuthServer) -> Server:
    """Return what the started auth server answers; never raises."""
    said = _answers(server)
    if isinstance(said, str):
        return Server(reason=said)
    broken = said.get("unstarted")
    if broken is None and "healthz" not in said:
        broken = said.get("ended")
    if broken is not None:
        return Server(broken=_short(broken))
    if "routes" not in said:
        reason = said.get("problem", said.get("ended", "the server did not answer"))
        return Server(reason=f"{_short(reason)}, in the time there was")
    mail = said.get("mail", {})
    unwritten = _short(mail.get("reason", "")) if said["local"] else _NOT_LOCAL
    return Server(
        unwritten=unwritten,
        fingerprints=tuple(said.get("fingerprints", ())),
        cookie=str(said["cookie"]),
        health=Asked(method="GET", path="/healthz", status=said["healthz"]["status"]),
        ok=Asked(method="GET", path="/api/auth/ok", status=said["ok"]["status"]),
        routes=tuple(Asked(**route) for route in said["routes"]),
        mails=tuple(
            Mailed(way=w["way"], arrived=w["arrived"], elsewhere=w["elsewhere"])
            for w in mail.get("ways", ())
        ),
    )


def why_not(server: AuthServer) -> str:
    """Say why nothing can be started there; empty where it can."""
    if server.config is None:
        return "no betterAuth({...}) was found"
    if not (server.folder / "node_modules").is_dir():
        return no_packages(server.name)
    return ""


def no_packages(server: str) -> str:
    """Return the reason why nothing can be started."""
    return f"the packages of {server} are not installed"


def _answers(server: AuthServer) -> dict[str, Any] | str:
    """Start the probe, once for a server as it is on the disk."""
    if reason := why_not(server):
        return reason
    given = json.dumps(
        {
            "mark": MARK,
            "config": server.config,
            "seconds": server.patience,
            "routes": server.routes,
            "credentials": [
                variable.name
                for provider in SOCIAL_PROVIDERS
                for variable in provider.variables
            ],
        }
    )
    return _asked(server.folder, given, server.patience, stamp(server.folder))


def stamp(server: Path) -> tuple[tuple[str, int, int], ...]:
    """Return what changes with the files that the probe starts."""
    files = (*sorted((server / "src").rglob("*.*ts")), server / ".env")
    states = ((file, file.stat()) for file in files if file.is_file())
    return tuple((str(f), state.st_mtime_ns, state.st_size) for f, state in states)


@lru_cache(maxsize=8)
def _asked(
    server: Path, given: str, seconds: float, stamp: object
) -> dict[str, Any] | str:
    del stamp
    answer = run_script(_SCRIPT, given, server, seconds)
    if isinstance(answer, str):
        return answer
    answers, said, errors = dict(answer.parts), answer.printed, answer.errors
    if "database" in answers:
        told = (_LISTENING.search(t) for t in said.splitlines() if _LISTENS in t)
        logged = next(filter(None, told), None)
        return answers | ({"fingerprints": logged[1].split(", ")} if logged else {})
    problem = answers.get("problem", answers.get("ended"))
    if problem is not None:
        text = _short(problem)
        unreachable = "ECONNREFUSED" in text or "ENOTFOUND" in text
        return f"{UNREACHABLE} ({text})" if unreachable else text
    lines = errors.strip().splitlines() or [f"{UNREACHABLE} in time"]
    return _short(next((n for n in lines if "Error" in n), lines[0]))


def _short(said: object) -> str:
    return redacted(str(said).strip())[:200]
