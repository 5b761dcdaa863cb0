"""One real service per test."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.api.service import Service, run_service


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with run_service(tmp_path / "data") as running:
        yield running


@pytest.fixture
def http(service: Service) -> httpx.AsyncClient:
    return service.http
