"""Time the import of a large table of people, and how much memory it takes.

    python benchmarks/import_users.py [--people 100000]

Prints one run over the full table and one over the same table once more, which finds
everybody imported.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from support.auth_server import build, environment, migrate, render
from support.old_hashes import MOVED, OLD_HASHES
from support.postgres import execute, new_database, running_postgres
from support.template import make_template

ANSWERS = {
    **MOVED,
    "auth_migration_system": "none",
    "auth_database_provider": "local",
    "auth_deployment": "docker",
}


def main() -> None:
    """Make the table, import it twice, print what that took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=100_000)
    people = parser.parse_args().people
    with tempfile.TemporaryDirectory() as name, running_postgres() as cluster:
        make_template(Path(name) / "template")
        server = render(Path(name) / "template", Path(name) / "project", ANSWERS)
        build(server)
        url = new_database(cluster)
        migrate(server, url)
        execute(
            url,
            f"""CREATE TABLE users (id serial PRIMARY KEY, email text UNIQUE,
                    hashed_password text, is_verified boolean DEFAULT true,
                    is_active boolean DEFAULT true, full_name text);
                INSERT INTO users (email, hashed_password, full_name)
                SELECT 'Person' || n || '@Example.com',
                       '{OLD_HASHES["bcrypt 2b"]}', 'Person ' || n
                  FROM generate_series(1, {people}) n""",  # noqa: S608
        )
        print(f"load average at the start: {os.getloadavg()[0]:.1f}")
        for run in ("first run", "second run"):
            seconds, megabytes = _imported(server, url)
            print(
                f"{run}: {people} people in {seconds:.1f} s, "
                f"{people / seconds:,.0f} a second, {megabytes:.0f} MB at most"
            )
        written = "SELECT count(*) FROM auth_user JOIN auth_account ON user_id = {}"
        print(execute(url, written.format("auth_user.id")), "people with a password")


def _imported(server: Path, url: str) -> tuple[float, float]:
    """Run the import; return its seconds and the most memory that it had."""
    started = time.monotonic()
    process = subprocess.Popen(
        ["node", "dist/import-users.js"],  # noqa: S607 - node from PATH
        cwd=server,
        env=environment(url, 0),
        stdout=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit("the import failed")
    return time.monotonic() - started, usage.ru_maxrss / 1024


if __name__ == "__main__":
    main()
