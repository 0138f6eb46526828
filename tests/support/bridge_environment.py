"""Its own environment for fastapi-better-auth-bridge, and what it reads."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

BRIDGE = "fastapi-better-auth-bridge[httpx,sqlalchemy]==0.6.0"
# The bridge reads better-auth's own names of columns.
VIEWS = """
    CREATE SCHEMA bridge;
    CREATE VIEW bridge.session AS
        SELECT id::text, token, expires_at AS "expiresAt", user_id::text AS "userId",
               created_at AS "createdAt", updated_at AS "updatedAt",
               ip_address AS "ipAddress", user_agent AS "userAgent" FROM auth_session;
    CREATE VIEW bridge.user AS
        SELECT id::text, name, email, email_verified AS "emailVerified", image,
               created_at AS "createdAt", updated_at AS "updatedAt" FROM auth_user
"""


def bridge_python(folder: Path) -> str | None:
    """Install the bridge into its own environment; return its interpreter."""
    python = folder / "bin" / "python"
    packages = [BRIDGE, "asyncpg", "uvicorn"]
    for command in (
        ["uv", "venv", "--quiet", "--python", sys.executable, str(folder)],
        ["uv", "pip", "install", "--quiet", "--python", str(python), *packages],
    ):
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        if done.returncode:
            return None
    return str(python)
