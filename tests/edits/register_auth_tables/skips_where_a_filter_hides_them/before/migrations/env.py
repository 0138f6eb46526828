from alembic import context

from app.db import engine

target_metadata = [m for m in everything()]


def ours(name, type_, parent_names):
    return type_ != "table" or not name.startswith("auth_")


with engine.connect() as connection:
    context.configure(connection=connection, include_name=ours)
