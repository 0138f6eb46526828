"""What to type so that a probe that saw nothing can ask the next time."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ..env.sites import is_local
from ..rendering.commands import install_node, within
from ..repository.compose import NAMES
from .started_server import UNREACHABLE, no_packages

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ..answers import Answers

# A service of PostgreSQL's image in a compose file: two spaces, its name.
_POSTGRES_SERVICE = re.compile(
    r"(?m)^  ([\w-]+):[ \t]*\n(?:    .*\n)*?    image:[ \t]*[\"']?[\w./-]*postg"
)


def how_to_ask(
    reason: str,
    answers: Answers,
    *,
    variables: Mapping[str, str],
    files: Sequence[str],
    text: Callable[[str], str | None],
) -> str:
    """Return the command after which a probe would see something; empty for none.

    ``variables`` are those of the auth server's env file, ``files`` the repository's.
    """
    server, manager = answers.auth_server_dir, answers.auth_node_package_manager
    if reason == no_packages(server):
        return within(server, install_node(manager))
    if not reason.startswith(UNREACHABLE):
        return ""
    host = urlsplit(variables.get("DATABASE_URL", "")).hostname or ""
    if not is_local(f"http://{host}"):
        return f"correct DATABASE_URL in {server}/.env, or start the database at {host}"
    if answers.auth_database_provider == "embedded":
        return within(server, f"{manager} run dev:all")
    for compose in files:
        if compose.rpartition("/")[2] in NAMES:
            service = _POSTGRES_SERVICE.search(text(compose) or "")
            if service is not None:
                return f"docker compose -f {compose} up -d {service[1]}"
    return f"start PostgreSQL, or correct DATABASE_URL in {server}/.env"
