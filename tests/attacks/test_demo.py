"""A served application is untrusted too, and people's browsers talk to it."""

import os
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.sandboxes import Limits
from sandbox import archive
from sandbox.box import Job
from sandbox.bwrap import PRIVATE_UID
from sandbox.command import Launcher, Mounts, payload_command
from sandbox.supervise import Stop, run
from tests.attacks.boxes import BWRAP, MARK, Owner, Refusal, wait_until_none
from tests.attacks.conftest import reachable_folder

pytestmark = pytest.mark.sandbox

SERVER = """
import http.server, json, os, socket, sys
findings = []
{attack}
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps(findings).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
http.server.ThreadingHTTPServer(("127.0.0.1", 8000), Handler).serve_forever()
"""


@pytest.fixture
def listener(tmp_path: Path) -> Iterator[str]:
    """A service of the host behind a path that everybody may use."""
    path = str(tmp_path / "host-service.sock")
    with socket.socket(socket.AF_UNIX) as host:
        host.bind(path)
        host.listen()
        host.settimeout(0.0)
        Path(path).chmod(0o777)
        yield path
        with pytest.raises(BlockingIOError):
            host.accept()


def serve(owner: Owner, attack: str, *arguments: str) -> str:
    """Serve the attacker's program; what it found, as text."""
    url = owner.serve(
        ["/usr/bin/python3", "-I", "server.py", *arguments], {"server.py": SERVER.replace("{attack}", attack)}
    )
    try:
        with urllib.request.urlopen(url, timeout=60) as response:
            found: str = response.read().decode()
    finally:
        owner.close_demo()
    return found


def test_the_application_holds_no_socket_of_the_host(owner: Owner) -> None:
    attack = """
for number in range(256):
    try:
        findings.append([number, os.readlink(f"/proc/self/fd/{number}")])
    except OSError:
        pass
"""
    found = serve(owner, attack)
    assert "socket:" not in found
    assert "/dev/null" in found


def test_the_bridge_cannot_be_robbed(owner: Owner, listener: str) -> None:
    """The process that holds the listening socket is of the same user, but nothing leads into it."""
    attack = """
import ctypes, glob
libc = ctypes.CDLL(None, use_errno=True)
for pid in (name for name in os.listdir("/proc") if name.isdigit()):
    for path in glob.glob(f"/proc/{pid}/fd/*"):
        try:
            if os.readlink(path).startswith("socket:") and int(pid) != os.getpid():
                os.close(os.open(path, os.O_RDWR))
                findings.append(["OPENED", path])
        except OSError:
            pass
        fd = libc.syscall(438, libc.syscall(434, int(pid), 0), int(os.path.basename(path)), 0)
        if fd >= 0:
            findings.append(["TOOK", path])
path = sys.argv[1]
try:
    socket.socket(socket.AF_UNIX).connect(path)
    findings.append(["REACHED", path])
except OSError as error:
    findings.append(["refused", error.strerror])
"""
    found = serve(owner, attack, listener)
    assert '["refused", "No such file or directory"]' in found
    assert not any(word in found for word in ("OPENED", "TOOK", "REACHED"))


def test_the_listening_socket_is_no_way_out(listener: str) -> None:
    """The bridge itself, were it taken over: what it holds cannot be turned into a connection, unlike a TCP listener."""
    code = """
import ctypes, os, socket, sys
held = socket.socket(fileno=int(sys.argv[1]))
print(held.family.name, held.getsockname())
libc = ctypes.CDLL(None, use_errno=True)
def attempt(name, call):
    try:
        call()
        print("DONE", name)
    except OSError as error:
        print("refused", name, error.strerror)
def disconnect():
    if libc.connect(held.fileno(), bytes(16), 16) == -1:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
attempt("connect", lambda: held.connect(sys.argv[2]))
try:
    held.shutdown(socket.SHUT_RDWR)
except OSError:
    pass
attempt("disconnect", disconnect)
attempt("connect again", lambda: held.connect(sys.argv[2]))
"""
    if not BWRAP.exists():
        pytest.skip("missing: bubblewrap (apt-get install bubblewrap)")
    with reachable_folder() as folder, socket.socket(socket.AF_UNIX) as passed:
        passed.bind(str(folder / "s"))
        passed.listen()
        argv = ["/usr/bin/python3", "-I", "-c", code, str(passed.fileno()), listener]
        payload = payload_command(argv, {}, (), Limits())
        job = Job(payload, Mounts(), Limits(), archive.pack({}), listener=passed.fileno())
        stop = Stop()
        result = run(Launcher(BWRAP, PRIVATE_UID if os.geteuid() == 0 else None), job, None, stop)
        stop.close()
    assert result.output.startswith("AF_UNIX")
    assert "DONE connect" not in result.output
    assert result.output.count("refused connect") == 2, result.output


def test_a_demo_ends_with_its_sandbox_and_leaves_nothing(owner: Owner) -> None:
    folder = f"folder-{MARK}"
    argv = ["/usr/bin/python3", "-m", "http.server", "8000", "--bind", "127.0.0.1", "--directory", folder]
    url = owner.serve(argv, {f"{folder}/file": "x"})
    with urllib.request.urlopen(f"{url}/file", timeout=60) as response:
        assert response.read() == b"x"
    owner.close_demo()
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(url, timeout=60)
    assert wait_until_none(owner.outer_uid, folder) == []


def test_a_demo_is_shown_on_loopback_only(owner: Owner) -> None:
    url = owner.serve(["/usr/bin/python3", "-m", "http.server", "8000", "--bind", "127.0.0.1"], {"a": "b"})
    port = int(url.rpartition(":")[2])
    assert url == f"http://127.0.0.1:{port}"
    listening = [
        line.split()[1] for line in Path("/proc/net/tcp").read_text().splitlines()[1:] if line.split()[3] == "0A"
    ]
    assert [address for address in listening if address.endswith(f":{port:04X}")] == [f"0100007F:{port:04X}"]
    owner.close_demo()


def test_a_server_that_ends_at_once_is_an_error_with_its_words(owner: Owner) -> None:
    with pytest.raises(Refusal, match="cannot import the moon") as refusal:
        owner.serve(["/usr/bin/python3", "-c", "raise SystemExit('cannot import the moon')"], {})
    assert refusal.value.args[0] == "SandboxError"
