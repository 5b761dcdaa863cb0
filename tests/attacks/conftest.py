"""Who owns the boxes in this run: both kinds when the tests run as root, else the user who runs them."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.attacks.boxes import BWRAP, ORDINARY_UID, Owner

_OWNERS = {"root": 0, "user": ORDINARY_UID} if os.geteuid() == 0 else {"user": os.geteuid()}


@pytest.fixture(scope="session", params=list(_OWNERS))
def owner_uid(request: pytest.FixtureRequest) -> int:
    if not BWRAP.exists():
        pytest.skip("missing: bubblewrap (apt-get install bubblewrap)")
    return _OWNERS[request.param]


@pytest.fixture(scope="session")
def owner(owner_uid: int) -> Iterator[Owner]:
    """A long-lived owner whose boxes the attacks run in."""
    with reachable_folder() as folder:
        started = Owner(owner_uid, folder)
        if not started.ok:
            pytest.skip(f"missing: bubblewrap that works here: {started.reason}")
        yield started
        started.end()


@pytest.fixture
def open_folder() -> Iterator[Path]:
    with reachable_folder() as folder:
        yield folder


@contextmanager
def reachable_folder() -> Iterator[Path]:
    """A folder that every user can enter; pytest closes its own to all but one, again and again."""
    with tempfile.TemporaryDirectory(prefix="attacks-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
