"""What generated code could hand to the server as its outputs."""

from pathlib import Path

import pytest

from core.sandboxes import Limits
from tests.attacks.boxes import Owner

pytestmark = pytest.mark.sandbox


def test_only_regular_files_of_a_sane_size_come_back(owner: Owner) -> None:
    code = """
import os, socket
os.mkdir("out")
os.chdir("out")
open("good.txt", "w").write("good")
os.symlink("/etc/passwd", "link.txt")
os.symlink("good.txt", "inner.txt")
os.mkfifo("fifo.txt")
socket.socket(socket.AF_UNIX).bind("socket.txt")
sparse = os.open("sparse.txt", os.O_CREAT | os.O_WRONLY)
os.ftruncate(sparse, 60 << 20)
open("large.txt", "wb").write(bytes(5 << 20))
os.mkdir("sub")
open("sub/deep.txt", "w").write("deep")
open("bad\\\\name.txt", "w").write("bad")
open("new\\nline.txt", "w").write("bad")
open("-rf", "w").write("dash")
"""
    result = owner.python(code, outputs=["out"])
    assert result.ok, result.output
    assert dict(result.files) == {"out/good.txt": b"good", "out/sub/deep.txt": b"deep", "out/-rf": b"dash"}
    assert set(result.refused) == {"out/bad\\name.txt", "out/new\nline.txt"}


def test_outputs_are_paths_and_patterns(owner: Owner) -> None:
    script = "mkdir r; echo 1 > r/a.xml; echo 2 > r/b.xml; echo 3 > r/c.txt; echo 4 > 'with space.txt'"
    result = owner.run(["/bin/sh", "-c", script], outputs=["r/*.xml", "with space.txt", "missing", "r/[c].txt"])
    assert dict(result.files) == {"r/a.xml": b"1\n", "r/b.xml": b"2\n", "r/c.txt": b"3\n", "with space.txt": b"4\n"}


def test_too_many_files_are_cut_off(owner: Owner) -> None:
    code = "import os\nos.mkdir('out')\nfor i in range(40): open(f'out/{i:03}', 'w').write('x')"
    result = owner.python(code, outputs=["out"], limits=Limits(artifact_files=10))
    assert result.ok
    assert len(result.files) == 10
    assert len(result.refused) == 30 or "(archive)" in result.refused


def test_all_outputs_together_are_bounded(owner: Owner) -> None:
    code = "import os\nos.mkdir('out')\nfor i in range(20): open(f'out/{i:03}', 'wb').write(bytes(1 << 20))"
    result = owner.python(code, outputs=["out"], limits=Limits(artifact_total=3 << 20))
    assert result.ok
    assert sum(map(len, result.files.values())) <= 3 << 20


def test_outputs_are_those_of_the_end_and_nobody_writes_them_meanwhile(owner: Owner) -> None:
    """What the command left running is ended before its files are taken."""
    code = """
import os, time
if os.fork() == 0:
    while True:
        open("flapping.txt", "w").write("x" * 1000)
        os.rename("flapping.txt", "moved.txt")
open("kept.txt", "w").write("kept")
"""
    result = owner.python(code, outputs=["kept.txt"])
    assert dict(result.files) == {"kept.txt": b"kept"}


def test_outputs_come_back_although_every_process_is_used_up(owner: Owner) -> None:
    code = """
import os, time
open("kept.txt", "w").write("kept")
while True:
    try:
        if os.fork() == 0:
            time.sleep(30)
    except OSError:
        break
"""
    result = owner.python(code, outputs=["kept.txt"], limits=Limits(wall_s=20))
    assert dict(result.files) == {"kept.txt": b"kept"}


def test_a_command_that_kills_its_own_supervisor_has_no_outputs_and_no_success(owner: Owner) -> None:
    result = owner.run(["/bin/sh", "-c", "echo x > kept.txt; kill -KILL $PPID; sleep 1; echo y"], outputs=["kept.txt"])
    assert not result.ok
    assert dict(result.files) == {}


def test_a_command_that_kills_its_own_group_still_has_its_outputs(owner: Owner) -> None:
    """As tools do with what they have started; what takes the outputs is not in that group."""
    result = owner.run(["/bin/sh", "-c", "echo x > kept.txt; kill -KILL 0"], outputs=["kept.txt"])
    assert (result.exit_code, dict(result.files)) == (137, {"kept.txt": b"x\n"})


def test_outputs_beyond_the_bound_do_not_fill_the_server(owner: Owner) -> None:
    """All of them together are far more than what is read of them."""
    code = "for i in range(60): open(str(i), 'wb').write(bytes(4 << 20))"
    before = _peak_memory(owner)
    result = owner.python(code, outputs=["*"], limits=Limits(artifact_total=8 << 20))
    assert result.ok
    assert sum(map(len, result.files.values())) <= 8 << 20
    assert _peak_memory(owner) - before < 100 << 20


def _peak_memory(owner: Owner) -> int:
    for line in Path(f"/proc/{owner.process.pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) << 10
    raise AssertionError("the owner of the boxes is gone")


def test_a_folder_that_cannot_be_entered_breaks_nothing(owner: Owner) -> None:
    result = owner.run(["/bin/sh", "-c", "echo x > kept.txt; mkdir shut; chmod 0 shut"], outputs=["*"])
    assert dict(result.files) == {"kept.txt": b"x\n"}
