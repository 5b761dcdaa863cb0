"""What is said before the first run: whether E2B can be used, and how to make it so."""

from pathlib import Path

import pytest

from core.errors import Refused
from tests.unit.sandbox.e2b.conftest import Make
from tests.wire.e2b.faults import Fault
from tests.wire.e2b.server import TEMPLATE, Counterpart

pytestmark = pytest.mark.sandbox


async def test_only_success_is_remembered(make: Make, counterpart: Counterpart) -> None:
    provider = make()
    counterpart.fleet.templates = ()
    assert not (await provider.probe()).ok
    counterpart.fleet.templates = (TEMPLATE,)
    first = await provider.probe()
    assert first.ok
    assert await provider.probe() is first
    assert counterpart.count("POST", "/v2/sandboxes") == 2
    assert not counterpart.fleet.running, "nothing is left of it"


async def test_what_is_enforced_was_found_by_a_real_box(make: Make) -> None:
    probe = await make().probe()
    assert (probe.backend, probe.version) == ("e2b", f"template {TEMPLATE}")
    assert "kernel of its own" in probe.isolation
    assert {"network", "files", "processes", "wall time", "disk size"} <= set(probe.enforced)


async def test_a_missing_template_is_said_with_how_to_build_it(make: Make) -> None:
    provider = make(template="elsewhere")
    probe = await provider.probe()
    assert "template 'elsewhere' not found" in probe.reason
    assert "e2b template create elsewhere -p . -d sandbox/e2b/template/Dockerfile" in probe.fix
    with pytest.raises(Refused, match=r"docs/e2b\.md"):
        await provider.open("task", "none", {})


async def test_a_template_of_another_version_is_said(make: Make, tmp_path: Path) -> None:
    probe = await make(needs=("python", "node"), toolchains=str(tmp_path)).probe()
    assert "no python and node toolchain with this version's packages" in probe.reason
    assert "e2b template create" in probe.fix


async def test_a_machine_without_what_the_agent_needs_is_said(make: Make, counterpart: Counterpart) -> None:
    counterpart.faults.append(Fault("/files", "status", times=9, status=507, message="not enough disk space"))
    probe = await make().probe()
    assert "not enough disk space" in probe.reason
    assert not counterpart.fleet.running


async def test_a_service_that_cannot_be_reached_is_said(make: Make, counterpart: Counterpart) -> None:
    counterpart.faults.append(Fault("/v2/sandboxes", "cut", times=99))
    probe = await make().probe()
    assert not probe.ok
    assert "E2B could not make a machine" in probe.reason
