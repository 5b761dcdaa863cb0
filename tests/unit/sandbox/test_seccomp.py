"""The filter, executed by a small interpreter of classic BPF: what it answers for a call, without making the call."""

import errno
import platform
import struct
from pathlib import Path

import pytest

from sandbox.seccomp import ARCHITECTURES, program

ALLOW = 0x7FFF0000
KILL = 0x80000000
X32_BIT = 0x40000000
FOREIGN = {"x86_64": 0x40000003, "aarch64": 0x40000028}  # i386 and 32-bit ARM


def answer(machine: str, number: int, *arguments: int, audit: int | None = None) -> int:
    """The value that the filter for `machine` returns."""
    data = struct.pack("=IIQ", number, ARCHITECTURES[machine].audit if audit is None else audit, 0)
    data += struct.pack("=6Q", *arguments, *([0] * (6 - len(arguments))))
    code = [struct.unpack_from("=HBBI", program(machine), offset) for offset in range(0, len(program(machine)), 8)]
    at = held = 0
    value: int
    while True:
        operation, if_true, if_false, value = code[at]
        at += 1
        if operation == 0x20:
            held = struct.unpack_from("=I", data, value)[0]
        elif operation == 0x06:
            return value
        else:
            holds = {0x15: held == value, 0x35: held >= value, 0x45: bool(held & value)}[operation]
            at += if_true if holds else if_false


def refusal(number: int) -> int:
    return 0x00050000 | number


@pytest.fixture(params=sorted(ARCHITECTURES))
def machine(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


def test_a_call_that_is_not_on_the_list_is_allowed(machine: str) -> None:
    for number in (0, 1, 63, 64, 257):
        if number not in ARCHITECTURES[machine].refused.values() and number not in (41, 53):
            assert answer(machine, number) == ALLOW


def test_a_foreign_abi_is_killed(machine: str) -> None:
    assert answer(machine, 1, audit=FOREIGN[machine]) == KILL
    other = next(arch for name, arch in ARCHITECTURES.items() if name != machine)
    assert answer(machine, 1, audit=other.audit) == KILL


def test_the_x32_abi_is_closed_where_there_is_one() -> None:
    assert answer("x86_64", X32_BIT | 1) == refusal(errno.ENOSYS)
    assert answer("x86_64", X32_BIT - 1) == ALLOW


@pytest.mark.parametrize(
    "name",
    [
        *(
            "unshare",
            "setns",
            "mount",
            "umount2",
            "pivot_root",
            "chroot",
            "fsopen",
            "open_tree",
            "mount_setattr",
            "ptrace",
        ),
        *(
            "process_vm_readv",
            "process_vm_writev",
            "pidfd_getfd",
            "add_key",
            "request_key",
            "keyctl",
            "bpf",
            "userfaultfd",
        ),
        *(
            "perf_event_open",
            "io_uring_setup",
            "open_by_handle_at",
            "memfd_create",
            "memfd_secret",
            "shmget",
            "init_module",
        ),
        *("finit_module", "kexec_load", "clock_settime", "sethostname", "reboot", "swapon"),
    ],
)
def test_dangerous_calls_are_refused(machine: str, name: str) -> None:
    assert answer(machine, ARCHITECTURES[machine].refused[name]) == refusal(errno.EPERM)


def test_every_call_on_the_list_has_a_number_of_its_own(machine: str) -> None:
    numbers = list(ARCHITECTURES[machine].refused.values())
    assert len(set(numbers)) == len(numbers)


def test_clone_is_for_processes_and_threads_not_for_namespaces(machine: str) -> None:
    clone = ARCHITECTURES[machine].clone
    thread = 0x003D0F00
    assert answer(machine, clone, 17) == ALLOW
    assert answer(machine, clone, thread) == ALLOW
    for flag in (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000):
        assert answer(machine, clone, flag | 17) == refusal(errno.EPERM)
        assert answer(machine, clone, (1 << 40) | flag) == refusal(errno.EPERM)


def test_clone3_looks_like_an_older_kernel(machine: str) -> None:
    assert answer(machine, ARCHITECTURES[machine].clone3, 0x10000000) == refusal(errno.ENOSYS)


def test_sockets_are_of_three_families(machine: str) -> None:
    for number in (ARCHITECTURES[machine].socket, ARCHITECTURES[machine].socketpair):
        allowed = {family for family in range(64) if answer(machine, number, family) == ALLOW}
        assert allowed == {1, 2, 10}
        assert answer(machine, number, 40) == refusal(errno.EAFNOSUPPORT)


def test_terminal_injection_is_refused_and_other_ioctls_are_not(machine: str) -> None:
    ioctl = ARCHITECTURES[machine].ioctl
    assert answer(machine, ioctl, 0, 0x5412) == refusal(errno.EPERM)
    assert answer(machine, ioctl, 0, (1 << 32) | 0x5412) == refusal(errno.EPERM)
    assert answer(machine, ioctl, 0, 0x541C) == refusal(errno.EPERM)
    assert answer(machine, ioctl, 0, 0x5413) == ALLOW


def test_the_program_is_whole_instructions_and_short_enough_for_the_kernel(machine: str) -> None:
    size, rest = divmod(len(program(machine)), 8)
    assert rest == 0
    assert size <= 4096


def test_an_unknown_machine_has_no_filter() -> None:
    with pytest.raises(KeyError):
        program("sparc")


@pytest.mark.skipif(platform.machine() != "x86_64", reason="missing: x86_64, whose numbers the C headers here give")
def test_numbers_agree_with_the_c_library() -> None:
    header = Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h")
    if not header.exists():
        pytest.skip("missing: kernel headers (apt-get install linux-libc-dev)")
    lines = [line.split() for line in header.read_text().splitlines() if line.startswith("#define __NR_")]
    known = {parts[1].removeprefix("__NR_"): int(parts[2]) for parts in lines}
    ours = ARCHITECTURES["x86_64"].refused
    assert {name: number for name, number in ours.items() if known.get(name, number) != number} == {}
    assert len(set(ours) & set(known)) > 40
