"""One counterpart and one client for all tests of this folder."""

from collections.abc import Iterator

import pytest

from tests.wire.driving import Client, Counterpart, running_client, running_counterpart


@pytest.fixture(scope="session")
def started_counterpart() -> Iterator[Counterpart]:
    with running_counterpart() as counterpart:
        yield counterpart


@pytest.fixture
def counterpart(started_counterpart: Counterpart) -> Counterpart:
    """It has no script, and nothing in its log."""
    started_counterpart.reset()
    return started_counterpart


@pytest.fixture(scope="session")
def client(started_counterpart: Counterpart, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with running_client(started_counterpart.url, tmp_path_factory.mktemp("client")) as client:
        for model in ("gpt-4o-mini", "claude-sonnet-4-6"):  # what LiteLLM loads at a first call is in no test's time
            assert client.ask(model).response
        yield client
        assert client.about()["outside"] == [], "it spoke with this machine alone"
