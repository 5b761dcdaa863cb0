from collections.abc import Iterator

from sqlalchemy import create_engine, event
from sqlalchemy.orm import Session, sessionmaker

from app.config import settings

engine = create_engine(settings.database_url, connect_args={"check_same_thread": False})
SessionFactory = sessionmaker(engine, expire_on_commit=False)


@event.listens_for(engine, "connect")
def _foreign_keys(connection, _record) -> None:
    connection.execute("PRAGMA foreign_keys=ON")


def get_session() -> Iterator[Session]:
    with SessionFactory() as session:
        yield session
