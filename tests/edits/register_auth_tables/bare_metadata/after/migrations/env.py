"""How Alembic reaches the database."""
from alembic import context

from app.auth import tables as auth_tables  # noqa: F401
from app.tables import metadata as target

target_metadata = target
