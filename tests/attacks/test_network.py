"""What generated code could reach over any kind of socket. Its own loopback works, nothing else does."""

import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.attacks.boxes import Owner

pytestmark = pytest.mark.sandbox


@pytest.fixture
def host_services(tmp_path: Path) -> Iterator[list[str]]:
    """Listeners of the host of every kind, and how to reach them; each fails the test when somebody comes."""
    listeners: list[socket.socket] = []
    targets: list[str] = []
    for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::1")):
        try:
            listener = socket.create_server((address, 0), family=family)
        except OSError:
            continue
        listeners.append(listener)
        targets.append(f"tcp {own_address() if address == '0.0.0.0' else address} {listener.getsockname()[1]}")
    for name in (f"\0abstract-{os.getpid()}", str(tmp_path / "host.sock")):
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(name)
        listener.listen()
        listeners.append(listener)
        targets.append(f"unix {name.replace(chr(0), '@')} 0")
    (tmp_path / "host.sock").chmod(0o777)
    visitors = [threading.Event() for _ in listeners]
    for listener, visited in zip(listeners, visitors, strict=True):
        threading.Thread(target=_accept, args=(listener, visited), daemon=True).start()
    yield targets
    for listener in listeners:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
    assert not [target for target, visited in zip(targets, visitors, strict=True) if visited.is_set()]


def own_address() -> str:
    """An address of this machine beyond loopback; loopback where it has none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return "127.0.0.1"
        address: str = probe.getsockname()[0]
        return address


def _accept(listener: socket.socket, visited: threading.Event) -> None:
    try:
        listener.accept()[0].close()
    except OSError:
        return
    visited.set()


def test_no_service_of_the_host_can_be_reached(owner: Owner, host_services: list[str]) -> None:
    code = """
import socket, sys
for target in sys.argv[1:]:
    kind, address, port = target.split(" ")
    family = socket.AF_UNIX if kind == "unix" else socket.AF_INET6 if ":" in address else socket.AF_INET
    where = address.replace("@", chr(0)) if kind == "unix" else (address, int(port))
    with socket.socket(family) as s:
        s.settimeout(2)
        try:
            s.connect(where)
            print("REACHED", target)
        except OSError as error:
            print("refused:", target, error)
"""
    result = owner.python(code, *host_services)
    assert result.output.count("refused:") == len(host_services) >= 4, result.output
    assert "REACHED" not in result.output


def test_nothing_beyond_the_machine_can_be_reached(owner: Owner) -> None:
    code = """
import socket
def attempt(name, call):
    try:
        call()
        print("REACHED", name)
    except OSError as error:
        print("refused", name, error)
def tcp(): socket.create_connection(("192.0.2.1", 80), 2)
def udp():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s: s.sendto(b"x", ("192.0.2.1", 53))
def udp6():
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as s: s.sendto(b"x", ("2001:db8::1", 53))
attempt("tcp", tcp)
attempt("udp", udp)
attempt("udp6", udp6)
attempt("dns", lambda: socket.getaddrinfo("example.com", 80))
print("LINKS", open("/proc/net/dev").read().count(":"))
"""
    result = owner.python(code)
    assert result.output.count("refused") == 4, result.output
    assert "REACHED" not in result.output
    assert "LINKS 1" in result.output


def test_its_own_loopback_works(owner: Owner) -> None:
    code = """
import socket
for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET, "localhost"), (socket.AF_INET6, "::1")):
    server = socket.create_server((address, 0), family=family)
    client = socket.create_connection(server.getsockname()[:2], 2)
    server.accept()[0].sendall(b"hello")
    print(address, client.recv(5))
a, b = socket.socketpair()
a.sendall(b"pair"); print(b.recv(4))
"""
    result = owner.python(code)
    assert result.output.count("b'hello'") == 3, result.output
    assert "b'pair'" in result.output


def test_other_kinds_of_sockets_cannot_be_made(owner: Owner) -> None:
    code = """
import socket
for family in range(0, 46):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET):
        try:
            socket.socket(family, kind).close()
            print("MADE", family, int(kind))
        except OSError as error:
            pass
    try:
        socket.socketpair(family)
        print("PAIR", family)
    except OSError:
        pass
"""
    lines = owner.python(code).output.splitlines()
    made = {tuple(map(int, line.split()[1:])) for line in lines if line.startswith("MADE")}
    assert {family for family, _ in made} == {socket.AF_UNIX, socket.AF_INET, socket.AF_INET6}
    assert (socket.AF_INET, socket.SOCK_RAW) not in made
    assert (socket.AF_INET6, socket.SOCK_RAW) not in made
    assert {line for line in lines if line.startswith("PAIR")} == {"PAIR 1"}


def test_boxes_cannot_talk_to_each_other(owner: Owner) -> None:
    """Three boxes at once, each listening on the same port and abstract name: all succeed, so none shares a network."""
    code = (
        "import socket, time\n"
        "a = socket.create_server(('127.0.0.1', 8000))\n"
        "b = socket.socket(socket.AF_UNIX); b.bind(chr(0) + 'same'); b.listen()\n"
        "time.sleep(0.5); print('alone')\n"
    )
    results = owner.run_copies(3, ["/usr/bin/python3", "-I", "-c", code])
    assert [result.output for result in results] == ["alone\n"] * 3
