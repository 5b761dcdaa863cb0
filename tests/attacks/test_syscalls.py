"""Doors into the kernel that generated code does not need: each is tried for real from inside."""

import platform

import pytest

from sandbox.seccomp import ARCHITECTURES
from tests.attacks.boxes import Owner

pytestmark = pytest.mark.sandbox

CALL_EACH = """
import ctypes, errno, os, sys
libc = ctypes.CDLL(None, use_errno=True)
for pair in sys.argv[1:]:
    name, number = pair.split("=")
    ctypes.set_errno(0)
    result = libc.syscall(ctypes.c_long(int(number)), *([ctypes.c_long(0)] * 6))
    print(name, result, errno.errorcode.get(ctypes.get_errno(), "none"))
"""


def test_every_call_on_the_list_is_refused(owner: Owner) -> None:
    refused = ARCHITECTURES[platform.machine()].refused
    result = owner.python(CALL_EACH, *(f"{name}={number}" for name, number in refused.items()))
    answers = {line.split()[0]: line.split()[1:] for line in result.output.splitlines()}
    assert {name for name, answer in answers.items() if answer != ["-1", "EPERM"]} == set()
    assert len(answers) == len(refused) >= 26


def test_no_namespace_can_be_made(owner: Owner) -> None:
    code = """
import ctypes, errno, os, platform
libc = ctypes.CDLL(None, use_errno=True)
clone, clone3 = {"x86_64": (56, 435), "aarch64": (220, 435)}[platform.machine()]
for flag in (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000):
    ctypes.set_errno(0)
    result = libc.syscall(ctypes.c_long(clone), ctypes.c_long(flag | 17), *([ctypes.c_long(0)] * 4))
    if result == 0:
        os._exit(0)
    print("clone", hex(flag), result, errno.errorcode.get(ctypes.get_errno()))
ctypes.set_errno(0)
print("clone3", libc.syscall(ctypes.c_long(clone3), None, ctypes.c_long(0)), errno.errorcode.get(ctypes.get_errno()))
"""
    lines = owner.python(code).output.splitlines()
    assert [line.split()[2:] for line in lines[:-1]] == [["-1", "EPERM"]] * 7
    assert lines[-1] == "clone3 -1 ENOSYS"


def test_characters_cannot_be_pushed_into_a_terminal(owner: Owner) -> None:
    code = """
import errno, fcntl, os, pty
leader, follower = pty.openpty()
for number in (0x5412, 0x541C):
    try:
        fcntl.ioctl(follower, number, b"x")
        print("DONE", hex(number))
    except OSError as error:
        print("refused", errno.errorcode[error.errno])
"""
    result = owner.python(code)
    assert result.output.splitlines() == ["refused EPERM"] * 2


@pytest.mark.skipif(platform.machine() != "x86_64", reason="missing: a second and a third ABI to try")
def test_the_other_abis_of_the_processor_are_closed(owner: Owner) -> None:
    code = """
import ctypes, errno, mmap, os, signal
libc = ctypes.CDLL(None, use_errno=True)
ctypes.set_errno(0)
print("x32", libc.syscall(ctypes.c_long(0x40000000 | 39)), errno.errorcode.get(ctypes.get_errno()))
child = os.fork()
if child == 0:
    page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    page.write(bytes.fromhex("b814000000cd80c3"))  # mov eax, 20 (getpid); int 0x80; ret
    address = ctypes.addressof(ctypes.c_char.from_buffer(page))
    print("i386 answered", ctypes.CFUNCTYPE(ctypes.c_int)(address)(), flush=True)
    os._exit(0)
_, status = os.waitpid(child, 0)
print("i386", signal.Signals(os.WTERMSIG(status)).name if os.WIFSIGNALED(status) else "lived")
"""
    result = owner.python(code)
    assert "x32 -1 ENOSYS" in result.output
    assert "i386 SIGSYS" in result.output
    assert "answered" not in result.output
