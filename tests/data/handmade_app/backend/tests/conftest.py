import os
import pathlib
import tempfile

os.environ["DATABASE_URL"] = f"sqlite:///{tempfile.mkdtemp()}/tests.db"
os.environ["SECRET_KEY"] = "only-for-tests-and-long-enough-for-hs256"

import pytest
from alembic import command
from alembic.config import Config
from fastapi.testclient import TestClient

from app.db.models import Base
from app.db.session import engine
from app.main import app


@pytest.fixture(scope="session", autouse=True)
def tables():
    command.upgrade(Config(str(pathlib.Path(__file__).parents[1] / "alembic.ini")), "head")


@pytest.fixture(autouse=True)
def empty(tables):
    yield
    with engine.begin() as connection:
        for table in reversed(Base.metadata.sorted_tables):
            connection.execute(table.delete())


@pytest.fixture
def visitor():
    with TestClient(app) as client:
        yield client


@pytest.fixture
def sign_up(visitor):
    def sign(email: str) -> dict[str, str]:
        account = {"email": email, "password": "correct horse"}
        visitor.post("/api/auth/register", json=account)
        return {"Authorization": f"Bearer {visitor.post('/api/auth/login', json=account).json()['access_token']}"}

    return sign


@pytest.fixture
def ann(visitor, sign_up):
    visitor.headers.update(sign_up("ann@example.com"))
    return visitor
