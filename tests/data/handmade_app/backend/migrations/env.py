"""Alembic environment: one connection, batch mode because SQLite cannot alter tables."""

from alembic import context
from sqlalchemy import create_engine

from app.config import settings
from app.db.models import Base

engine = create_engine(settings.database_url)
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
