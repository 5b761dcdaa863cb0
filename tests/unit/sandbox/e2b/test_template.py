"""The recipe of E2B's machines, as far as it can be read and tried without building one."""

import shutil
import subprocess
from pathlib import Path

from e2b import Template

ROOT = Path(__file__).parents[4]
RECIPE = ROOT / "sandbox" / "e2b" / "template" / "Dockerfile"


def copied() -> list[tuple[str, str]]:
    lines = RECIPE.read_text().splitlines()
    return [(source, target) for line in lines if line.startswith("COPY ") for _, source, target in [line.split()]]


def test_the_sdk_can_read_it() -> None:
    built = Template.to_dockerfile(Template(file_context_path=ROOT).from_dockerfile(RECIPE.read_text()))
    assert built.startswith("FROM debian:bookworm-slim")
    assert "sandbox.toolchains.build --root /opt/autonomy/toolchains" in built


def test_everything_that_building_needs_is_copied(tmp_path: Path) -> None:
    for source, target in copied():
        place = tmp_path / target.removeprefix("/opt/autonomy/source/")
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(ROOT / source, place) if (ROOT / source).is_dir() else shutil.copy(ROOT / source, place)
    command = ["/usr/bin/python3", "-m", "sandbox.toolchains.build", "--help"]
    done = subprocess.run(command, cwd=tmp_path, env={}, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "sandbox" / "toolchains" / "python" / "requirements.lock").exists()
    assert (tmp_path / "sandbox" / "toolchains" / "node" / "package-lock.json").exists()


def test_what_is_sent_to_a_machine_runs_there_with_nothing_else(tmp_path: Path) -> None:
    from sandbox.e2b import wire
    from sandbox.e2b.shipping import shipment

    for path, content in shipment().items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content)
    job = tmp_path / "job"
    job.write_bytes(wire.pack({"uid": 64123, "toolchains": str(tmp_path)}))
    command = ["/usr/bin/python3", "-I", "-S", str(tmp_path), "probe", str(job)]
    done = subprocess.run(command, cwd="/", env={}, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    header, _ = wire.unpack_line(done.stdout, 1 << 20)
    assert (header["kind"], header["python"], header["node"]) == ("probe", "", "")
    assert not job.exists()
