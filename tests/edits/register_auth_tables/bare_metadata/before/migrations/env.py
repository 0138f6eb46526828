"""How Alembic reaches the database."""
from alembic import context

from app.tables import metadata as target

target_metadata = target
