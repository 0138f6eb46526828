from logging.config import fileConfig

from alembic import context

from app.db import Base, engine
import app.models  # noqa: F401

fileConfig(context.config.config_file_name)
# target_metadata = None
target_metadata = Base.metadata
