"""What the project's own better-auth configuration stores, asked of better-auth.

One short Node process, ``describe.mjs``: it imports the configuration and opens no
connection and no port.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..catalogue.mail import MAIL_SERVICES
from ..catalogue.methods import SOCIAL_PROVIDERS
from ..env.dotenv import entries
from ..explain.redaction import redacted
from .node_process import MARK, run_script
from .started_server import why_not

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .started_server import AuthServer

_SCRIPT = Path(__file__).with_name("describe.mjs")
_SECONDS = 30.0
# What the configuration needs in order to be read; none of it is used.
_PLACEHOLDERS = {
    "DATABASE_URL": "postgresql://localhost/nothing-is-asked",
    "BETTER_AUTH_SECRET": "a placeholder of thirty-two characters",
    "BETTER_AUTH_URL": "http://localhost:3001",
    "CORS_ORIGINS": "http://localhost:3000",
}


@dataclass(frozen=True, kw_only=True)
class Description:
    """What better-auth said, or the ``problem`` why it could not be asked."""

    version: str = ""
    models: tuple[Mapping[str, Any], ...] = ()
    endpoints: tuple[Mapping[str, Any], ...] = ()
    problem: str = ""


def describe(server: AuthServer) -> Description:
    """Ask what the configuration of ``server`` stores; never raises."""
    if reason := why_not(server):
        return Description(problem=f"{server.name}: {reason}")
    given = {
        "mark": MARK,
        "config": server.config,
        "seconds": _SECONDS,
        "placeholders": _placeholders(server.folder),
    }
    answer = run_script(_SCRIPT, json.dumps(given), server.folder, _SECONDS)
    if isinstance(answer, str):
        return Description(problem=answer)
    said = answer.parts
    if "models" in said:
        return Description(
            version=str(said["version"]),
            models=tuple(said["models"]),
            endpoints=tuple(said["endpoints"]),
        )
    texts = (str(said.get("problem", "")).strip(), answer.errors.strip())
    problem = next(filter(None, texts), "it said nothing")
    first = redacted(problem.splitlines()[0])[:300]
    place = str(said.get("place") or server.config)
    return Description(problem=f"{server.name}/{place}: {first}")


def _placeholders(server: Path) -> dict[str, str]:
    """Return a value for each variable that the project itself has not set."""
    try:
        text = (server / ".env").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        text = ""
    given = {name for name, value in entries(text).items() if value}
    services = [v for provider in SOCIAL_PROVIDERS for v in provider.variables]
    services += [v for service in MAIL_SERVICES for v in service.variables]
    wanted = {**_PLACEHOLDERS, **{v.name: v.example for v in services}}
    return {name: value for name, value in wanted.items() if name not in given}
