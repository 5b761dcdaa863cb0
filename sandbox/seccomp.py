"""The system call filter of a box, as a classic BPF program written here in Python (no libseccomp needed).

Every refused call fails with an error number, so that programs with a fallback go on; only a foreign ABI is killed.
"""

import errno
import struct
from dataclasses import dataclass

_LOAD_WORD = 0x20
_JUMP_EQUAL = 0x15
_JUMP_GREATER_OR_EQUAL = 0x35
_JUMP_ANY_BIT = 0x45
_RETURN = 0x06

_KILL_PROCESS = 0x80000000
_ALLOW = 0x7FFF0000
_ERRNO = 0x00050000

_OFFSET_NUMBER = 0
_OFFSET_ARCH = 4
_OFFSET_ARGS = 16
_X32_BIT = 0x40000000

_ALLOWED_FAMILIES = (1, 2, 10)  # AF_UNIX, AF_INET, AF_INET6
_CLONE_NEW_MASK = 0x7E020000  # CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET
_TERMINAL_INJECTION = (0x5412, 0x541C)  # TIOCSTI, TIOCLINUX

_SAME_EVERYWHERE = {
    "io_uring_setup": 425,
    "io_uring_enter": 426,
    "io_uring_register": 427,
    "open_tree": 428,
    "move_mount": 429,
    "fsopen": 430,
    "fsconfig": 431,
    "fsmount": 432,
    "fspick": 433,
    "pidfd_getfd": 438,
    "process_madvise": 440,
    "mount_setattr": 442,
    "quotactl_fd": 443,
    "memfd_secret": 447,
    "open_tree_attr": 467,
}

_X86_64 = {
    "shmget": 29,
    "semget": 64,
    "msgget": 68,
    "ptrace": 101,
    "syslog": 103,
    "uselib": 134,
    "_sysctl": 156,
    "vhangup": 153,
    "modify_ldt": 154,
    "pivot_root": 155,
    "adjtimex": 159,
    "chroot": 161,
    "acct": 163,
    "settimeofday": 164,
    "mount": 165,
    "umount2": 166,
    "swapon": 167,
    "swapoff": 168,
    "reboot": 169,
    "sethostname": 170,
    "setdomainname": 171,
    "iopl": 172,
    "ioperm": 173,
    "create_module": 174,
    "init_module": 175,
    "delete_module": 176,
    "quotactl": 179,
    "nfsservctl": 180,
    "lookup_dcookie": 212,
    "clock_settime": 227,
    "mbind": 237,
    "set_mempolicy": 238,
    "kexec_load": 246,
    "add_key": 248,
    "request_key": 249,
    "keyctl": 250,
    "migrate_pages": 256,
    "unshare": 272,
    "move_pages": 279,
    "perf_event_open": 298,
    "fanotify_init": 300,
    "name_to_handle_at": 303,
    "open_by_handle_at": 304,
    "clock_adjtime": 305,
    "setns": 308,
    "process_vm_readv": 310,
    "process_vm_writev": 311,
    "kcmp": 312,
    "finit_module": 313,
    "memfd_create": 319,
    "kexec_file_load": 320,
    "bpf": 321,
    "userfaultfd": 323,
}

_AARCH64 = {
    "lookup_dcookie": 18,
    "umount2": 39,
    "mount": 40,
    "pivot_root": 41,
    "nfsservctl": 42,
    "chroot": 51,
    "vhangup": 58,
    "quotactl": 60,
    "acct": 89,
    "unshare": 97,
    "kexec_load": 104,
    "init_module": 105,
    "delete_module": 106,
    "clock_settime": 112,
    "syslog": 116,
    "ptrace": 117,
    "reboot": 142,
    "sethostname": 161,
    "setdomainname": 162,
    "settimeofday": 170,
    "adjtimex": 171,
    "msgget": 186,
    "semget": 190,
    "shmget": 194,
    "add_key": 217,
    "request_key": 218,
    "keyctl": 219,
    "swapon": 224,
    "swapoff": 225,
    "mbind": 235,
    "set_mempolicy": 237,
    "migrate_pages": 238,
    "move_pages": 239,
    "perf_event_open": 241,
    "fanotify_init": 262,
    "name_to_handle_at": 264,
    "open_by_handle_at": 265,
    "clock_adjtime": 266,
    "setns": 268,
    "process_vm_readv": 270,
    "process_vm_writev": 271,
    "kcmp": 272,
    "finit_module": 273,
    "memfd_create": 279,
    "bpf": 280,
    "userfaultfd": 282,
    "kexec_file_load": 294,
}


@dataclass(frozen=True)
class Architecture:
    """Numbers of one CPU's system calls. `audit` is its AUDIT_ARCH value; `has_x32` says that a second ABI shares it."""

    audit: int
    clone: int
    clone3: int
    socket: int
    socketpair: int
    ioctl: int
    refused: dict[str, int]
    has_x32: bool = False


ARCHITECTURES = {
    "x86_64": Architecture(0xC000003E, 56, 435, 41, 53, 16, _X86_64 | _SAME_EVERYWHERE, has_x32=True),
    "aarch64": Architecture(0xC00000B7, 220, 435, 198, 199, 29, _AARCH64 | _SAME_EVERYWHERE),
}


def program(machine: str) -> bytes:
    """The filter for `machine` (as `platform.machine()` says) in the form that bubblewrap's --seccomp reads.

    Raises KeyError for a machine whose system call numbers are not known here.
    """
    arch = ARCHITECTURES[machine]
    code = [
        _load(_OFFSET_ARCH),
        *_unless(_JUMP_EQUAL, arch.audit, _KILL_PROCESS),
        _load(_OFFSET_NUMBER),
    ]
    if arch.has_x32:
        code += _when(_JUMP_GREATER_OR_EQUAL, _X32_BIT, _fail(errno.ENOSYS))
    code += _when(_JUMP_EQUAL, arch.clone3, _fail(errno.ENOSYS))  # its flags are in memory, where no filter can look
    for number in sorted(arch.refused.values()):
        code += _when(_JUMP_EQUAL, number, _fail(errno.EPERM))
    code += _for_call(arch.clone, 0, _when(_JUMP_ANY_BIT, _CLONE_NEW_MASK, _fail(errno.EPERM)))
    code += _for_call(arch.ioctl, 1, [i for number in _TERMINAL_INJECTION for i in _refuse_argument(number)])
    for number in (arch.socket, arch.socketpair):
        code += _for_call(number, 0, _only_families())
    code.append(_instruction(_RETURN, 0, 0, _ALLOW))
    return b"".join(code)


def _instruction(code: int, if_true: int, if_false: int, value: int) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)


def _load(offset: int) -> bytes:
    return _instruction(_LOAD_WORD, 0, 0, offset)


def _fail(number: int) -> int:
    return _ERRNO | number


def _when(test: int, value: int, action: int) -> list[bytes]:
    return [_instruction(test, 0, 1, value), _instruction(_RETURN, 0, 0, action)]


def _unless(test: int, value: int, action: int) -> list[bytes]:
    return [_instruction(test, 1, 0, value), _instruction(_RETURN, 0, 0, action)]


def _refuse_argument(value: int) -> list[bytes]:
    return _when(_JUMP_EQUAL, value, _fail(errno.EPERM))


def _only_families() -> list[bytes]:
    allowed = [i for family in _ALLOWED_FAMILIES for i in _when(_JUMP_EQUAL, family, _ALLOW)]
    return [*allowed, _instruction(_RETURN, 0, 0, _fail(errno.EAFNOSUPPORT))]


def _for_call(number: int, argument: int, body: list[bytes]) -> list[bytes]:
    """`body` with the low half of `argument` loaded, skipped for every other call; the number is loaded again after it."""
    inner = [_load(_OFFSET_ARGS + 8 * argument), *body, _load(_OFFSET_NUMBER)]
    return [_instruction(_JUMP_EQUAL, 0, len(inner), number), *inner]
