"""How long a test may take here: whole builds share the machine with those of others."""

from pathlib import Path

import pytest

HERE = Path(__file__).parent
LONGEST_S = 600


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(LONGEST_S))
