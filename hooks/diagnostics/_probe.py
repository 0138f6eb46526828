"""The project's own auth server and its database, started once and asked.

One process for all diagnostics, ``_probe.mjs``: it asks better-auth what it would still
migrate, PostgreSQL's catalogue which types the columns have, and the started server
what it answers. What it does to the database is one transaction that is rolled back.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ..catalogue.methods import SOCIAL_PROVIDERS
from ..env.sites import is_local
from ..explain.redaction import redacted
from ..rendering.commands import install_node, within
from ..syntax.express import own_routes
from ._check import skipped
from ._containers import COMPOSE_FILES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..model import Finding
    from ._project import Project

_MARK = "copier-better-auth:"
_SCRIPT = Path(__file__).with_name("_probe.mjs")
# What the process has left to say when its own time is over.
_GRACE = 1.0
_LISTENING = re.compile(r'"secret":"([0-9a-f, ]{8,999})"')
_LISTENS = '"auth server listening"'
_UNREACHABLE = "the database does not answer"
# A service of PostgreSQL's image in a compose file: two spaces, its name.
_POSTGRES_SERVICE = re.compile(
    r"(?m)^  ([\w-]+):[ \t]*\n(?:    .*\n)*?    image:[ \t]*[\"']?[\w./-]*postg"
)
_NOT_LOCAL = (
    "the database is not on this machine, so nothing that writes is asked for there"
)


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What the probe saw, or why it saw nothing.

    ``columns`` are PostgreSQL's type names by table and column, ``applied`` Alembic's
    revisions; ``pending`` is the SQL that better-auth would still run; ``required``
    are the columns that take no NULL and have no default.
    """

    columns: Mapping[tuple[str, str], str]
    applied: tuple[str, ...] = ()
    pending: str = ""
    required: tuple[tuple[str, str], ...] = ()
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the started server answered to one request."""

    method: str
    path: str
    status: int
    empty: bool = False


@dataclass(frozen=True, kw_only=True)
class Mailed:
    """Whether a request that sends a mail brought one to the stand-in.

    ``elsewhere`` is where the server tried to go in its place.
    """

    way: str
    arrived: bool
    elsewhere: str = ""


@dataclass(frozen=True, kw_only=True)
class Server:
    """What the started server said, or the ``reason`` why it was not started.

    ``broken`` is why it does not start; ``unwritten`` why no user was signed up;
    ``cookie`` is a ``Set-Cookie`` header, ``fingerprints`` those that it logs,
    the current secret's first.
    """

    reason: str = ""
    broken: str = ""
    unwritten: str = ""
    fingerprints: tuple[str, ...] = ()
    cookie: str = ""
    health: Asked | None = None
    ok: Asked | None = None
    routes: tuple[Asked, ...] = ()
    mails: tuple[Mailed, ...] = ()


def look(project: Project) -> Seen:
    """Return what the database holds; never raises."""
    said = _answers(project)
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


def ask_server(project: Project) -> Server:
    """Return what the started auth server answers; never raises."""
    said = _answers(project)
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


def no_packages(project: Project) -> str:
    """Return the reason why nothing can be started."""
    return f"the packages of {project.server} are not installed"


def unasked(project: Project, reason: str) -> Finding:
    """Return that a probe saw nothing, with the command after which it would."""
    return skipped(reason, remedy=_start(project, reason))


def _start(project: Project, reason: str) -> str:
    answers, path = project.answers, project.env_path
    manager = answers.auth_node_package_manager
    if reason == no_packages(project):
        return within(project.server, install_node(manager))
    if not reason.startswith(_UNREACHABLE):
        return ""
    host = urlsplit(project.variables.get("DATABASE_URL", "")).hostname or ""
    if not is_local(f"http://{host}"):
        return f"correct DATABASE_URL in {path}, or start the database at {host}"
    if answers.auth_database_provider == "embedded":
        return within(project.server, f"{manager} run dev:all")
    for compose in project.files:
        if compose.rpartition("/")[2] in COMPOSE_FILES:
            service = _POSTGRES_SERVICE.search(project.text(compose) or "")
            if service is not None:
                return f"docker compose -f {compose} up -d {service[1]}"
    return f"start PostgreSQL, or correct DATABASE_URL in {path}"


def _answers(project: Project) -> dict[str, Any] | str:
    """Start the probe, once for a server as it is on the disk."""
    if project.options is None:
        return "no betterAuth({...}) was found"
    server = project.root / project.server
    if not (server / "node_modules").is_dir():
        return no_packages(project)
    config = project.options[0].removeprefix(f"{project.server}/")
    given = json.dumps(
        {
            "mark": _MARK,
            "config": config,
            "seconds": project.patience,
            "routes": own_routes(project.scripts.values(), project.options[2]),
            "credentials": [
                variable.name
                for provider in SOCIAL_PROVIDERS
                for variable in provider.variables
            ],
        }
    )
    return _asked(server, given, project.patience, _stamp(server))


def _stamp(server: Path) -> tuple[tuple[str, int, int], ...]:
    """Return what changes with the files that the probe starts."""
    files = (*sorted((server / "src").rglob("*.*ts")), server / ".env")
    states = ((file, file.stat()) for file in files if file.is_file())
    return tuple((str(f), state.st_mtime_ns, state.st_size) for f, state in states)


@lru_cache(maxsize=8)
def _asked(
    server: Path, given: str, seconds: float, stamp: object
) -> dict[str, Any] | str:
    del stamp
    script = _SCRIPT.read_text(encoding="utf-8")
    command = ["node", "--import", "tsx", "--input-type=module", "--eval", script]
    try:
        said, errors = _run([*command, given], server, seconds + _GRACE)
    except FileNotFoundError:
        return "node is not installed"
    except OSError as error:
        return f"node did not start ({error.strerror})"
    answers = _parsed(said)
    if "database" in answers:
        told = (_LISTENING.search(t) for t in said.splitlines() if _LISTENS in t)
        logged = next(filter(None, told), None)
        return answers | ({"fingerprints": logged[1].split(", ")} if logged else {})
    problem = answers.get("problem", answers.get("ended"))
    if problem is not None:
        text = _short(problem)
        unreachable = "ECONNREFUSED" in text or "ENOTFOUND" in text
        return f"{_UNREACHABLE} ({text})" if unreachable else text
    lines = errors.strip().splitlines() or [f"{_UNREACHABLE} in time"]
    return _short(next((n for n in lines if "Error" in n), lines[0]))


def _run(command: list[str], server: Path, seconds: float) -> tuple[str, str]:
    """Return what a command printed until it ended, or until its time was over."""
    process = subprocess.Popen(
        command,
        cwd=server,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
    )
    try:
        return process.communicate(timeout=seconds)
    except BaseException as error:
        # Not waited for yet, so the number is still its own group's.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        rest = process.communicate()
        if isinstance(error, subprocess.TimeoutExpired):
            return rest
        raise


def _parsed(said: str) -> dict[str, Any]:
    """Collect the parts; each mark begins a line, logs may be around it."""
    parts: dict[str, Any] = {}
    for line in said.splitlines():
        if line.startswith(_MARK):
            with contextlib.suppress(ValueError):
                parts |= json.loads(line.removeprefix(_MARK))
    return parts


def _short(said: object) -> str:
    return redacted(str(said).strip())[:200]
