from alembic import context

from app.db import engine

target_metadata = [m for m in everything()]  # auth_models among them

with engine.connect() as connection:
    context.configure(connection=connection, include_schemas=True)
