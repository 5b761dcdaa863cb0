"""The name of this installation stays, and is never empty."""

from pathlib import Path

import pytest

from core.errors import InvalidInput
from sandbox.e2b.calls import Caller
from sandbox.e2b.cloud import Account, Cloud
from sandbox.e2b.installation import installation_id


def test_it_is_made_once(tmp_path: Path) -> None:
    first = installation_id(tmp_path / "sandbox")
    assert len(first) == 32
    assert installation_id(tmp_path / "sandbox") == first
    assert installation_id(tmp_path / "other") != first


def test_without_a_name_nothing_is_done() -> None:
    with pytest.raises(InvalidInput, match="not told from others"):
        Cloud(Account("key"), Caller("key", timeout_s=1), template="autonomy", installation="", service="s")
