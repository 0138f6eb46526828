from logging.config import fileConfig

from alembic import context

from app.auth import tables as auth_tables  # noqa: F401
from app.db import Base, engine
import app.models  # noqa: F401

fileConfig(context.config.config_file_name)
# target_metadata = None
target_metadata = Base.metadata
