"""What each toolchain adds to a box."""

from pathlib import Path

import pytest

from core.errors import Refused
from core.sandboxes import Toolchain
from sandbox.mounts import NODE_MODULES, mounts_for
from sandbox.toolchain import Toolchains


@pytest.fixture
def built(tmp_path: Path) -> Toolchains:
    python, node_modules, node = tmp_path / "python", tmp_path / "node" / "node_modules", tmp_path / "nodejs"
    for folder in (python, node_modules / ".vite-temp", node_modules / ".vite", node):
        folder.mkdir(parents=True)
    return Toolchains(python=python, node_modules=node_modules, node_bin=node / "node", binds=(node,))


def test_none_adds_nothing(built: Toolchains) -> None:
    mounts = mounts_for("none", built)
    assert (mounts.same_place, mounts.optional, mounts.path) == ((), (), ())
    assert not mounts.placed
    assert not mounts.scratch


def test_python_is_bound_where_it_is_and_first_in_the_path(built: Toolchains) -> None:
    mounts = mounts_for("python", built)
    assert built.python in mounts.same_place
    assert built.python is not None
    assert mounts.path[0] == built.python / "bin"
    assert not mounts.placed


def test_node_modules_are_placed_in_the_frontend_with_room_for_vite(built: Toolchains) -> None:
    mounts = mounts_for("node", built)
    assert mounts.placed == {NODE_MODULES: built.node_modules}
    assert set(mounts.scratch or {}) == {f"{NODE_MODULES}/.vite", f"{NODE_MODULES}/.vite-temp"}
    assert built.python not in mounts.same_place
    assert built.binds[0] in mounts.same_place, "a node that is not under /usr is bound too"


def test_full_has_both_and_what_a_browser_reads(built: Toolchains) -> None:
    mounts = mounts_for("full", built)
    assert built.python in mounts.same_place
    assert mounts.placed == {NODE_MODULES: built.node_modules}
    assert Path("/etc/fonts") in mounts.optional


@pytest.mark.parametrize(("toolchain", "name"), [("python", "Python"), ("node", "Node"), ("full", "Python")])
def test_what_is_not_built_is_refused_with_what_to_do(toolchain: Toolchain, name: str) -> None:
    with pytest.raises(Refused, match=f"{name} toolchain has not been built.*make setup"):
        mounts_for(toolchain, Toolchains(None, None, None))
