"""Why a server did not start: one line from what it and the others printed."""

from __future__ import annotations

from pathlib import Path

import pytest
from copier_better_auth.verification.start_failure import why_it_ended

ROOT = Path("/srv/shop")
PYTHON = """\
> node --import tsx dev/all.ts
database | PostgreSQL is ready on 127.0.0.1:24472
api      | Traceback (most recent call last):
api      |   File "/usr/lib/python3.11/importlib/__init__.py", line 126, in load
api      |     return _bootstrap._gcd_import(name[level:], package, level)
api      |   File "<frozen importlib._bootstrap>", line 1204, in _gcd_import
api      |   File "/srv/shop/backend/app/main.py", line 3, in <module>
api      |     import orders
api      |   File "/srv/shop/backend/.venv/lib/python3.11/site-packages/x.py", line 9
{error}
auth     | auth server listening
api ended with code 1: uv run python -m uvicorn app.main:app --port 8000
"""
NODE = """\
auth     | file:///srv/shop/auth-server/src/auth/auth.config.ts:7
auth     | Error: BETTER_AUTH_SECRET=vmU5ktTqZwXpN4cLr8yJ2hQe is not what was meant
auth     |     at read (/srv/shop/auth-server/src/config/env.ts:31:9)
auth     |     at file:///srv/shop/auth-server/src/auth/auth.config.ts:7:1
auth     |     at ModuleJob.run (node:internal/modules/esm/module_job:263:25)
auth     | Node.js v20.20.2
auth ended with code 1: /usr/bin/node tsx dev/server.ts
"""


DATABASE_URL = """\
sqlalchemy.exc.ArgumentError: postgresql://shop:geheim@db/shop
ERROR:    Application startup failed. Exiting.
"""
SETTING = """\
pydantic_core.ValidationError: 1 validation error for Settings
database_url
  Field required [type=missing, input_value={'key': 'geheim'}]
    For further information visit https://errors.pydantic.dev
"""
MISSING = "pydantic_core.ValidationError: 1 validation error for Settings database_url"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ("ModuleNotFoundError: No module named 'x'",) * 2,
        (DATABASE_URL, "sqlalchemy.exc.ArgumentError: postgresql://[redacted]@db/shop"),
        (SETTING, f"{MISSING} Field required"),
    ],
)
def test_pythons_error_and_the_projects_own_line(error: str, said: str) -> None:
    """Not that of a package, and without a password or a setting's value."""
    printed = "\n".join(f"api      | {line}" for line in error.splitlines())
    why = why_it_ended(PYTHON.format(error=printed), ROOT)
    assert why == f"FastAPI could not start: {said} (backend/app/main.py:3)"


def test_nodes_error(tmp_path: Path) -> None:
    """Node names the innermost line first."""
    why = why_it_ended(NODE.replace(str(ROOT), str(tmp_path)), tmp_path)
    assert why == (
        "the auth server could not start: Error: BETTER_AUTH_SECRET=[redacted] is not "
        "what was meant (auth-server/src/config/env.ts:31)"
    )


@pytest.mark.parametrize(
    ("printed", "said"),
    [
        (
            "api      | No module named uvicorn\napi ended with code 1: python -m x",
            "FastAPI could not start: No module named uvicorn",
        ),
        (
            "migrate ended with code 127: uv run python -m alembic upgrade head",
            "the migration failed: uv run python -m alembic upgrade head",
        ),
        ("> dev:all\n\nPort 8000 is taken; stop it\n", "Port 8000 is taken; stop it"),
        ("", ""),
    ],
)
def test_without_an_error(printed: str, said: str) -> None:
    """Its last line, else its command; where no part ended, the last line of all."""
    assert why_it_ended(printed, ROOT) == said
