"""The order of the suite: what takes long begins first, so that no worker is left with it at the end. Random within."""

import pytest

from tests.emulator import firestore

__all__ = ["firestore"]

LONG = ("tests/e2e/", "tests/browser/", "tests/workflows/")
MIDDLING = ("tests/unit/tools/", "tests/unit/sandbox/", "tests/unit/memory/test_ledger_property.py")
"""A file of these takes up to a minute; one of the rest a few seconds."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: (not item.nodeid.startswith(LONG), not item.nodeid.startswith(MIDDLING)))
