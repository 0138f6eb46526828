"""What better-auth's endpoints take and answer, from its own OpenAPI schema.

Run as a program it renders the auth server three times, asks better-auth and writes
``hooks/catalogue/npm/endpoints.json``, which API_DOCUMENTATION.md is made from; a test
compares. To be run after a change of better-auth's version in ``hooks/catalogue/npm``.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from support.auth_server import environment, render  # noqa: E402 - the path is set above
from support.node import TSX, install_node_packages  # noqa: E402
from support.template import make_template  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Schema = Mapping[str, Any]

REFERENCE = ROOT / "hooks" / "catalogue" / "npm" / "endpoints.json"
PARTS: Mapping[str, Mapping[str, str]] = {
    "core": {"auth_methods": "[github]"},
    "magic_link": {"auth_methods": "[magic_link]"},
    "jwt": {"auth_session_validation": "jwt"},
}


def live_schemas(servers: Mapping[str, Path]) -> dict[str, Schema]:
    """Return the OpenAPI schema of each rendered auth server, by the name given."""
    script = Path(__file__).with_name("live_schema.ts")
    first = next(iter(servers.values()))
    shutil.copy2(script, first / script.name)
    try:
        with tempfile.NamedTemporaryFile(suffix=".json") as output:
            done = subprocess.run(
                [*TSX, script.name, output.name, *map(str, servers.values())],
                cwd=first,
                env=environment("postgresql://nobody@127.0.0.1:9/none", 3001),
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode != 0:
                raise SystemExit(done.stdout + done.stderr)
            found = json.loads(Path(output.name).read_text())
    finally:
        (first / script.name).unlink()
    return {name: found[str(folder)] for name, folder in servers.items()}


def paths_of(schema: Schema) -> set[str]:
    """Return ``METHOD /path`` of each endpoint, in better-auth's own spelling."""
    return {
        f"{method.upper()} {path}"
        for path, methods in schema["paths"].items()
        for method in methods
    }


def reference(core: Schema, magic_link: Schema, jwt: Schema) -> dict[str, Any]:
    """Return what the reference file holds, from schemas with and without plugins."""
    endpoints: dict[str, Any] = {}
    parts = {"core": core, "magic_link": magic_link, "jwt": jwt}
    for part, schema in parts.items():
        for name, operation in _operations(schema):
            endpoints.setdefault(name, {"part": part, **_described(operation, schema)})
    components = core["components"]["schemas"]
    return {
        "types": {name: _shape(components[name], {}) for name in ("User", "Session")},
        "endpoints": endpoints,
    }


def _operations(schema: Schema) -> Iterator[tuple[str, Schema]]:
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def _described(operation: Schema, schema: Schema) -> dict[str, Any]:
    body = _content(operation.get("requestBody", {}))
    required = body.get("required", [])
    answer = _content(operation["responses"].get("200", {}))
    return {
        "does": operation.get("description", ""),
        "query": [
            parameter["name"]
            for parameter in operation.get("parameters", [])
            if parameter["in"] == "query"
        ],
        "body": [
            {
                "name": name,
                "type": _shape(field, {}),
                "required": name in required,
                "says": field.get("description", ""),
            }
            for name, field in body.get("properties", {}).items()
        ],
        "answer": _shape(answer, schema["components"]["schemas"]) if answer else "",
        "keys": sorted(answer.get("properties", {})),
    }


def _content(holder: Schema) -> Schema:
    found: Schema = (
        holder.get("content", {}).get("application/json", {}).get("schema", {})
    )
    return found


def _shape(schema: Schema, known: Schema) -> str:
    """Return a type as TypeScript would write it, on one line."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    kind = schema.get("type")
    kinds = kind if isinstance(kind, list) else [kind or "any"]
    suffix = " | null" if "null" in kinds or schema.get("nullable") else ""
    (first, *_) = [k for k in kinds if k != "null"] or ["null"]
    if first == "array":
        return f"{_shape(schema.get('items', {}), known)}[]{suffix}"
    if first == "object" and schema.get("properties"):
        required = schema.get("required", list(schema["properties"]))
        fields = (
            f"{name}{'' if name in required else '?'}: {_shape(field, known)}"
            for name, field in schema["properties"].items()
        )
        return f"{{ {', '.join(fields)} }}{suffix}"
    word = {"integer": "number"}.get(first, first)
    return f"{word}{suffix}"


def text(content: Mapping[str, Any]) -> str:
    """Return the reference as it is in the file."""
    return json.dumps(content, indent=1) + "\n"


def _main() -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        template = make_template(folder / "template")
        servers = {
            part: render(template, folder / part, answers)
            for part, answers in PARTS.items()
        }
        for server in servers.values():
            install_node_packages(server)
        REFERENCE.write_text(text(reference(**live_schemas(servers))))


if __name__ == "__main__":
    _main()
