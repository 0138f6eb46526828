"""What hosted databases put before PostgreSQL: a pooler, and TLS."""

from __future__ import annotations

import json
import subprocess
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from support.auth_server import environment, run_script, running_server
from support.pgbouncer import transaction_pooler
from support.postgres import execute

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

URL = "postgresql://app:secret@db.example.com:5432/app"


def test_a_pooler_in_transaction_mode(
    rendered: Callable[..., Path], new_database: Callable[[], str]
) -> None:
    """Migrations at once, then many people at once, through three connections."""
    folder = rendered(auth_email_verification=False, auth_database_provider="neon")
    direct = new_database()
    with transaction_pooler(direct, connections=3) as url:
        env = environment(url, 0)
        jobs = [
            subprocess.Popen(
                ["node", "dist/migrate.js"],  # noqa: S607 - node from PATH
                cwd=folder,
                env=env,
                stdout=subprocess.PIPE,
            )
            for _ in range(2)
        ]
        said = [job.communicate(timeout=60)[0].decode() for job in jobs]
        assert [job.returncode for job in jobs] == [0, 0], said
        assert sum("are migrated" in text for text in said) == 1
        held = "select count(*) from pg_locks where locktype = 'advisory'"
        assert execute(direct, held) == "0"
        with running_server(folder, url) as server:
            browsers = [server.client(address=f"192.0.2.{n}") for n in range(8)]

            def visit(n: int) -> list[int]:
                new = {"email": f"u{n}@example.com", "password": "a long one"}
                path, browser = "/api/auth/sign-up/email", browsers[n]
                statuses = [browser.post(path, json={**new, "name": "U"}).status_code]
                for _ in range(5):
                    answer = browser.get("/api/auth/get-session")
                    statuses.append(answer.status_code)
                    assert answer.json()["user"]["email"] == new["email"]
                out = browser.post("/api/auth/sign-out", json={})
                return [*statuses, out.status_code]

            with ThreadPoolExecutor(8) as at_once:
                assert [*at_once.map(visit, range(8))] == [[200] * 7] * 8
            assert server.client().get("/readyz").status_code == 200


@pytest.mark.parametrize(
    ("provider", "mode", "expected"),
    [
        # Encrypted, unverified: what libpq and asyncpg make of it too.
        ("supabase", "require", {"rejectUnauthorized": False}),
        ("railway", "require", {"rejectUnauthorized": False}),
        ("supabase", "verify-full", {"rejectUnauthorized": True}),
        # Neon's certificate is from a public authority.
        ("neon", "require", {"rejectUnauthorized": True}),
        ("neon", "disable", False),
        # As libpq prefers it: encrypted at first, else not.
        ("local", None, {"rejectUnauthorized": False}),
    ],
)
def test_tls_is_what_the_url_says(
    rendered: Callable[..., Path],
    provider: str,
    mode: str | None,
    expected: dict[str, bool] | bool,  # noqa: FBT001 - a column of the table above
) -> None:
    """And no deprecation of the driver is in the log."""
    folder = rendered(auth_email_verification=False, auth_database_provider=provider)
    url = f"{URL}?sslmode={mode}" if mode else URL
    script = (
        'const { pool } = await import("./dist/database.js");'
        "const client = new pool.Client(pool.options);"
        "console.log(JSON.stringify(client.connectionParameters.ssl ?? null));"
        "process.exit();"
    )
    done = subprocess.run(
        ["node", "--input-type=module", "--eval", script],  # noqa: S607 - node from PATH
        cwd=folder,
        env=environment(url, 0),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert json.loads(done.stdout) == expected


def test_an_unreachable_database_is_said_in_one_line(
    rendered: Callable[..., Path],
) -> None:
    """The migration names the refusal, not a stack, and not the password."""
    env = environment("postgresql://app:hush-hush@localhost:9/app", 0)
    done = run_script(rendered(), "migrate", env=env)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("The auth tables were not migrated in app on localhost:9")
    assert "connect ECONNREFUSED" in line
    assert "hush-hush" not in line
