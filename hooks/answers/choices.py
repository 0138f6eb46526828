"""What the questions with fixed answers offer, said once: as types, and as values.

To add a sign-in method, a provider or a deployment target, begin here.
"""

from __future__ import annotations

from typing import Literal, get_args

Provider = Literal[
    "neon", "supabase", "railway", "docker", "local", "embedded", "other"
]
Layer = Literal[
    "sqlalchemy_async",
    "sqlalchemy_sync",
    "sqlmodel_async",
    "sqlmodel_sync",
    "asyncpg",
    "psycopg",
    "none",
]
MigrationSystem = Literal["alembic", "sql", "none"]
PackageManager = Literal["uv", "poetry", "pip", "pdm", "pipenv", "hatch"]
NodePackageManager = Literal["npm", "pnpm", "yarn", "bun"]
Method = Literal["email_password", "google", "github", "magic_link"]
EmailProvider = Literal["resend", "smtp"]
SessionValidation = Literal["database", "cached", "jwt"]
Deployment = Literal["vercel", "railway", "docker", "local"]
ApplyEdits = Literal["apply", "preview"]
Decision = Literal[
    "microservices-auth-architecture",
    "session-validation-strategy",
    "shared-database-strategy",
]

METHODS: tuple[str, ...] = get_args(Method)
DEPLOYMENTS: tuple[str, ...] = get_args(Deployment)
PACKAGE_MANAGERS: tuple[str, ...] = get_args(PackageManager)
NODE_PACKAGE_MANAGERS: tuple[str, ...] = get_args(NodePackageManager)
# What the form offers; any other number of days can be typed.
SESSION_LENGTHS = ("7", "30", "1")
