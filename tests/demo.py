"""``make demo``: a new project from one command, both servers, one person signed in.

    python tests/demo.py FOLDER

Leaves the project in FOLDER to go on with by hand. Exits 0 only if every step held.
"""

from __future__ import annotations

import itertools
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from copier_better_auth.errors import BetterAuthError
from copier_better_auth.verification import Journey, Servers

sys.path.insert(0, str(Path(__file__).resolve().parent))

from support.copier_cli import copy
from support.postgres import free_port
from support.processes import running, wait_for
from support.projects import set_env
from support.template import commit_all, make_template


class Demo:
    """Prints each step with its seconds."""

    def __init__(self) -> None:
        """Start the clock."""
        self.before = time.perf_counter()

    def did(self, what: str, seen: str = "") -> None:
        """Print a step that is done."""
        now = time.perf_counter()
        print(f"  {now - self.before:6.2f} s  {what:<44} {seen}", flush=True)
        self.before = now


def set_ports(server: Path, *, auth: int, database: int) -> None:
    """Give the demo ports of its own, so that it runs beside anything."""
    url = re.search(r"(?m)^DATABASE_URL=(.*)$", (server / ".env").read_text())
    if url is None:
        message = f"{server}/.env names no database"
        raise BetterAuthError(message)
    set_env(
        server,
        PORT=str(auth),
        BETTER_AUTH_URL=f"http://localhost:{auth}",
        DATABASE_URL=re.sub(r":\d+/", f":{database}/", url[1]),
    )


def main() -> int:
    """Run the demo and return the exit code."""
    project = Path(sys.argv[1]).resolve()
    shutil.rmtree(project, ignore_errors=True)
    server, backend = project / "auth-server", project / "backend"
    print(f"A new project in {project}\n")
    demo = Demo()
    with tempfile.TemporaryDirectory() as folder:
        template = make_template(Path(folder) / "copier-better-auth")
        demo.did("make a release of this template")
        copying = time.perf_counter()
        result = copy(template, project)
    if result.returncode:
        print(result.stdout + result.stderr)
        return 1
    demo.did("copier copy --trust", "auth-server/ and backend/")
    commit_all(project, "copier copy")
    auth, api, database = free_port(), free_port(), free_port()
    set_ports(server, auth=auth, database=database)
    for command, folder_ in (
        (["npm", "ci", "--no-audit", "--no-fund"], server),
        (["uv", "sync", "--quiet"], backend),
    ):
        subprocess.run(command, cwd=folder_, check=True, capture_output=True)
        demo.did(" ".join(command[:2]))
    log = project / "dev.log"
    log.write_text("")
    auth_url, api_url = f"http://localhost:{auth}", f"http://localhost:{api}"
    with running(
        ["npm", "run", "dev:all"], cwd=server, log=log, env={"API_PORT": str(api)}
    ) as servers:
        wait_for(f"{auth_url}/readyz", servers, log)
        demo.did("database, migrations, auth server", f"{auth_url}/readyz")
        wait_for(f"{api_url}/openapi.json", servers, log)
        demo.did("FastAPI", f"{api_url}/docs")
        journey = Journey(
            auth_url=auth_url,
            me_url=f"{api_url}/auth/me",
            read_link=Servers(auth_url=auth_url, api_url=api_url, log=log).printed_link,
            server=server,
        )
        first = 0.0
        for step in itertools.chain(journey.steps(), journey.removal()):
            demo.did(step.name, step.detail)
            if not step.ok:
                return 1
            if step.name == "FastAPI recognises the user":
                first = time.perf_counter() - copying
    demo.did("stop both servers and the database")
    print(
        f"\n  {first:.1f} s from `copier copy` to the first authenticated request, "
        "packages installed on the way.\n\n"
        f"Go on by hand:\n\n    cd {server}\n    npm run dev:all\n\n"
        f"    sign-in page  {auth_url}/dev\n    FastAPI       http://localhost:8000/docs"
        f"\n    who am I      http://localhost:8000/auth/me\n"
    )
    return 0


if __name__ == "__main__":
    try:
        raise SystemExit(main())
    except BetterAuthError as error:
        print(f"\n{error}", file=sys.stderr)
        raise SystemExit(1) from None
