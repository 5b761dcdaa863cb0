"""A world of each hosted code host, and a workspace with approved work."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.ports import Workspace
from tests.unit.code_host.hosted.doing import FILES
from tests.wire.bitbucket.world import BitbucketWorld
from tests.wire.gitlab.world import GitLabWorld
from tests.wire.hosted import World


@pytest.fixture(params=[GitLabWorld, BitbucketWorld])
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    made: World = request.param(tmp_path)
    await made.server.start()
    yield made
    await made.close()


@pytest.fixture
async def workspace(world: World) -> Workspace:
    return await world.workspace(FILES)
