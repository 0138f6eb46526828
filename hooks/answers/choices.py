"""What the questions with fixed answers offer: as types where code decides by them.

Sign-in methods, mail services and deployment targets are rows of ``hooks/catalogue``.
"""

from __future__ import annotations

from typing import Literal, get_args

from ..catalogue.deployment import TARGETS
from ..catalogue.mail import MAIL_SERVICES
from ..catalogue.methods import METHODS as _METHODS

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
SessionValidation = Literal["database", "cached", "jwt"]
FrontEnd = Literal["react", "vue", "svelte", "plain"]
ApplyEdits = Literal["apply", "preview"]
Decision = Literal[
    "microservices-auth-architecture",
    "session-validation-strategy",
    "shared-database-strategy",
]

METHODS = tuple(method.name for method in _METHODS)
EMAIL_PROVIDERS = tuple(service.name for service in MAIL_SERVICES)
DEPLOYMENTS = tuple(target.name for target in TARGETS)
PACKAGE_MANAGERS: tuple[str, ...] = get_args(PackageManager)
NODE_PACKAGE_MANAGERS: tuple[str, ...] = get_args(NodePackageManager)
# What the form offers; any other number of days can be typed.
SESSION_LENGTHS = ("7", "30", "1")
