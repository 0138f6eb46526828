"""Write ``hooks/schema/better_auth.json``: the tables as better-auth itself names them.

Renders the auth server with every table that any answers need, asks the pinned
better-auth what its configuration means, and writes that. ``make generate`` runs it
after a change of better-auth's version; ``tests/schema`` fails until that was done.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "hooks" / "schema" / "better_auth.json"
# Every table: other answers have some of these, never one more.
EVERY_TABLE = {"auth_session_validation": "jwt"}


def main() -> None:
    """Derive the schema and write it where the hooks read it."""
    sys.path.insert(0, str(ROOT / "tests"))
    from support.template import make_template  # noqa: PLC0415 - on the path from here

    with tempfile.TemporaryDirectory() as folder:
        template = make_template(Path(folder) / "template")
        derived = derive(template, Path(folder) / "project", EVERY_TABLE)
    TARGET.write_text(json.dumps(derived, indent=1) + "\n")


def derive(
    template: Path, project: Path, answers: Mapping[str, object]
) -> dict[str, Any]:
    """Return the tables of a project with ``answers``, as the JSON file spells them."""
    from copier_better_auth.answers.additions import recorded  # noqa: PLC0415
    from copier_better_auth.probe import AuthServer, describe  # noqa: PLC0415
    from copier_better_auth.schema.described import stored_tables  # noqa: PLC0415
    from support.auth_server import render  # noqa: PLC0415
    from support.node import install_node_packages  # noqa: PLC0415

    server = render(template, project, answers)
    install_node_packages(server)
    said = describe(
        AuthServer(
            folder=server,
            name=server.name,
            config="src/auth/auth.config.ts",
            routes=(),
            patience=0,
        )
    )
    if said.problem:
        raise SystemExit(said.problem)
    tables = recorded(stored_tables(said.models))
    return {"better-auth": said.version, "tables": tables}


if __name__ == "__main__":
    main()
