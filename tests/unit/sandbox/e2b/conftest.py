"""One counterpart per test: its machines are folders, its boxes need what boxes here need."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from sandbox.choice import find_bwrap
from sandbox.e2b.provider import E2BSandboxProvider
from tests.wire.e2b.driving import provider_of
from tests.wire.e2b.server import Counterpart, running

Make = Callable[..., E2BSandboxProvider]


@pytest.fixture
def counterpart(tmp_path: Path) -> Iterator[Counterpart]:
    with running(tmp_path / "machines") as made:
        yield made


@pytest.fixture
async def make(counterpart: Counterpart) -> AsyncIterator[Make]:
    """Makes providers, which are closed at the end. Skips where no box can be started."""
    if find_bwrap([Path("/usr/bin")]) is None:
        pytest.skip("missing: bubblewrap (apt-get install bubblewrap)")
    async with AsyncExitStack() as stack:

        def one(**options: Any) -> E2BSandboxProvider:
            provider = provider_of(counterpart, **options)
            stack.push_async_callback(provider.close)
            return provider

        yield one
