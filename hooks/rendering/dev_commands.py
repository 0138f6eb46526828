"""The words of ``dev/commands.ts``: how development starts the Python backend."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ..answers.paths import uvicorn_dir, watched_dir

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


def dev_commands(given: Mapping[str, Any], up: str) -> dict[str, str]:
    """Return pieces of TypeScript, given the answers and the way up to the root."""
    backend, manager = given["auth_backend_dir"], given["auth_package_manager"]
    alembic_dir, app = given["auth_alembic_dir"], given["auth_app"]
    # With pip, the variable in which the file keeps the virtual environment's Python.
    python = "python" if manager == "pip" else _words(manager, "run", "python")
    uvicorn = ["-m", "uvicorn", app.removesuffix("()")]
    if app.endswith("()"):
        uvicorn.append("--factory")
    if folder := uvicorn_dir(given["auth_import_root"], backend):
        uvicorn += ["--app-dir", folder]
    watched = watched_dir(
        given["auth_import_root"],
        backend,
        given["auth_package_dir"],
        app,
        new_project=given["auth_new_project"],
    )
    reload_dir = ("--reload-dir", watched) if watched else ()
    return {
        "directory": f"{up}{'' if backend == '.' else backend}".rstrip("/"),
        "migrates_in": f'directory: "{up}{alembic_dir}"'
        if alembic_dir
        else "directory",
        "python": python,
        "alembic": _words(*given["auth_alembic_options"].split(), "upgrade", "head"),
        "uvicorn": f"{python}, {_words(*uvicorn)}",
        "reload": _words("--reload", *reload_dir),
    }


def _words(*words: str) -> str:
    return ", ".join(map(json.dumps, words))
