"""Each test that asks for `face` runs with both clients."""

import pytest

from tests.unit.client.answering import FACES, Face


@pytest.fixture(params=FACES, ids=["async", "blocking"])
def face(request: pytest.FixtureRequest) -> type[Face]:
    kind: type[Face] = request.param
    return kind
