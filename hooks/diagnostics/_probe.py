"""The project's own better-auth, asked what it sees in its database; reads only.

One process for all diagnostics: it imports the auth server's configuration, asks
better-auth what it would still migrate, and PostgreSQL's catalogue which types the
columns have. Nothing is listened on, nothing is written.
"""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ..explain.redaction import redacted

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ._project import Project

_SECONDS = 20
_MARK = "copier-better-auth:"
_SCRIPT = """
const say = (answer) => {
  const line = "\\n%(mark)s" + JSON.stringify(answer) + "\\n";
  process.stdout.write(line, () => process.exit(0));
};
const late = () => say({ problem: "the database did not answer in time" });
setTimeout(late, 10000).unref();
try {
  const { auth } = await import("./%(config)s");
  const { getMigrations } = await import("better-auth/db/migration");
  const pool = auth.options.database;
  const { rows } = await pool.query(
    `select table_name, column_name, udt_name from information_schema.columns
      where table_schema = any (current_schemas(false))
        and table_name like 'auth\\\\_%%'`,
  );
  const applied = await pool
    .query("select version_num from alembic_version")
    .then((found) => found.rows.map((row) => row.version_num), () => []);
  const { compileMigrations } = await getMigrations(auth.options);
  say({ rows, applied, pending: (await compileMigrations()).trim() });
} catch (error) {
  say({ problem: String(error?.errors?.[0]?.message ?? error?.message ?? error) });
}
"""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What the probe saw, or why it saw nothing.

    ``columns`` are PostgreSQL's type names by table and column, ``applied`` Alembic's
    revisions; ``pending`` is the SQL that better-auth would still run.
    """

    columns: Mapping[tuple[str, str], str]
    applied: tuple[str, ...] = ()
    pending: str = ""
    reason: str = ""


def look(project: Project) -> Seen:
    """Start the probe, once for a configuration; never raises."""
    if project.options is None:
        return Seen(columns={}, reason="no betterAuth({...}) was found")
    server = project.root / project.server
    if not (server / "node_modules").is_dir():
        manager = project.answers.auth_node_package_manager
        install = "npm ci" if manager == "npm" else f"{manager} install"
        reason = f"the packages are not installed ({install}, in {project.server})"
        return Seen(columns={}, reason=reason)
    config = project.options[0].removeprefix(f"{project.server}/")
    # What the answer depends on, so that a changed file is asked again.
    stamp = hash((project.options[1].source, project.text(project.env_path)))
    return _asked(server, config, stamp)


@lru_cache(maxsize=8)
def _asked(server: Path, config: str, stamp: int) -> Seen:
    del stamp
    script = _SCRIPT % {"mark": _MARK, "config": config}
    command = ["node", "--import", "tsx", "--input-type=module", "--eval", script]
    try:
        done = subprocess.run(
            command,
            cwd=server,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
    except FileNotFoundError:
        return Seen(columns={}, reason="node is not installed")
    except (OSError, subprocess.TimeoutExpired):
        return Seen(columns={}, reason=f"node did not end within {_SECONDS} seconds")
    answer = done.stdout.rpartition(_MARK)[2] if _MARK in done.stdout else ""
    if not answer:
        lines = done.stderr.strip().splitlines() or ["node said nothing"]
        said = next((n for n in lines if "Error" in n), lines[0])
        return Seen(columns={}, reason=redacted(said.strip())[:200])
    return _read(json.loads(answer))


def _read(answer: dict[str, Any]) -> Seen:
    if "problem" in answer:
        said = redacted(str(answer["problem"]))[:200]
        unreachable = "ECONNREFUSED" in said or "ENOTFOUND" in said
        reason = f"the database does not answer ({said})" if unreachable else said
        return Seen(columns={}, reason=reason)
    columns = {
        (str(row["table_name"]), str(row["column_name"])): str(row["udt_name"])
        for row in answer["rows"]
    }
    return Seen(
        columns=columns,
        applied=tuple(map(str, answer["applied"])),
        pending=str(answer["pending"]).strip(";\n "),
    )
