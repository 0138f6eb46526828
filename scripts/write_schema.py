"""Write ``hooks/schema/better_auth.json``: the tables as better-auth itself names them.

Renders the auth server with every table that any answers need, asks the pinned
better-auth what its configuration means, and writes that. ``make generate`` runs it
after a change of better-auth's version; ``tests/schema`` fails until that was done.
"""

from __future__ import annotations

import json
import subprocess
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
_ASK = """\
import { getAuthTables } from "better-auth/db";
import { auth } from "./src/auth/auth.config.js";
process.stdout.write(JSON.stringify(getAuthTables(auth.options)));
process.exit(0);
"""
_TYPES = {"string": "text", "boolean": "boolean", "date": "timestamptz"}


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
    from support.auth_server import environment, render  # noqa: PLC0415
    from support.node import TSX, install_node_packages  # noqa: PLC0415

    server = render(template, project, answers)
    install_node_packages(server)
    (server / "ask.ts").write_text(_ASK)
    said = subprocess.run(
        [*TSX, "ask.ts"],
        cwd=server,
        env=environment("postgresql://nobody-is-asked", 0),
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    package = server / "node_modules" / "better-auth" / "package.json"
    version = json.loads(package.read_text())["version"]
    return {"better-auth": version, "tables": _tables(json.loads(said))}


def _tables(models: dict[str, Any]) -> list[dict[str, Any]]:
    names = {key: model["modelName"] for key, model in models.items()}
    return [
        {
            "name": model["modelName"],
            "columns": [
                _column(field.get("fieldName", key), field, names)
                for key, field in model["fields"].items()
            ],
        }
        for model in models.values()
    ]


def _column(
    name: str, field: dict[str, Any], names: dict[str, str]
) -> dict[str, object]:
    if field["type"] == "number":
        kind = "bigint" if field.get("bigint") else "integer"
    else:
        kind = _TYPES[field["type"]]
    column: dict[str, object] = {"name": name, "type": kind}
    if not field.get("required"):
        column["nullable"] = True
    if field.get("unique"):
        column["unique"] = True
    if field.get("index"):
        column["index"] = True
    if references := field.get("references"):
        column |= {"type": "uuid", "references": names[references["model"]]}
    return column


if __name__ == "__main__":
    main()
