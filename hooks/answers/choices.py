"""What the questions with fixed answers offer: as types where code decides by them.

Sign-in methods, mail services, deployment targets and package managers are rows of
``hooks/catalogue``.
"""

from __future__ import annotations

from typing import Literal

from ..catalogue.deployment import TARGETS
from ..catalogue.mail import MAIL_SERVICES
from ..catalogue.methods import METHODS as _METHODS
from ..catalogue.package_managers import NODE_MANAGERS, PYTHON_MANAGERS

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
SessionValidation = Literal["database", "cached", "jwt"]
ExistingUsers = Literal["none", "import", "link", "adopt"]
FrontEnd = Literal["react", "vue", "svelte", "plain"]
ApplyEdits = Literal["apply", "preview"]
Decision = Literal[
    "microservices-auth-architecture",
    "session-validation-strategy",
    "shared-database-strategy",
]

# What migrates a project in compose, where no service of it can.
ON_HOST = "host"
METHODS = tuple(method.name for method in _METHODS)
EMAIL_PROVIDERS = tuple(service.name for service in MAIL_SERVICES)
DEPLOYMENTS = tuple(target.name for target in TARGETS)
PACKAGE_MANAGERS = tuple(manager.name for manager in PYTHON_MANAGERS)
NODE_PACKAGE_MANAGERS = tuple(manager.name for manager in NODE_MANAGERS)
# The modes of this release, with what each does, as the form offers them.
EXISTING_USERS = {
    "none": "Nothing: they sign up anew",
    "import": "They are copied to auth_user, and keep their passwords",
}
# What the form offers; any other number of days can be typed.
SESSION_LENGTHS = ("7", "30", "1")
