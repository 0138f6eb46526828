"""The revisions of a project: read, named, written for Alembic and as SQL."""
