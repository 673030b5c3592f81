"""A seccomp filter: system calls that no notebook needs and that widen the attack."""

from __future__ import annotations

import errno
import os
import platform
import socket
import struct

# Classic BPF, <linux/filter.h> and <linux/seccomp.h>.
_LOAD, _JUMP_EQUAL, _JUMP_ABOVE, _JUMP_SET, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_NUMBER, _ARCHITECTURE, _ARGUMENT = 0, 4, 16
_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}

_CLONE_NEWUSER = 0x10000000
_TIOCSTI, _TIOCLINUX = 0x5412, 0x541C
_AF_NETLINK, _NETLINK_ROUTE = 16, 0

# name: (number on x86-64, number on aarch64), from the kernel's syscall tables
_CALLS: dict[str, tuple[int | None, int]] = {
    "acct": (163, 89),
    "add_key": (248, 217),
    "bpf": (321, 280),
    "clock_settime": (227, 112),
    "delete_module": (176, 106),
    "fanotify_init": (300, 262),
    "finit_module": (313, 273),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fsopen": (430, 430),
    "fspick": (433, 433),
    "init_module": (175, 105),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "io_uring_setup": (425, 425),
    "kexec_file_load": (320, 294),
    "kexec_load": (246, 104),
    "keyctl": (250, 219),
    "mount": (165, 40),
    "mount_setattr": (442, 442),
    "move_mount": (429, 429),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "open_tree": (428, 428),
    "perf_event_open": (298, 241),
    "pivot_root": (155, 41),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "ptrace": (101, 117),
    "quotactl": (179, 60),
    "reboot": (169, 142),
    "request_key": (249, 218),
    "setns": (308, 268),
    "settimeofday": (164, 170),
    "swapoff": (168, 225),
    "swapon": (167, 224),
    "syslog": (103, 116),
    "umount2": (166, 39),
    "unshare": (272, 97),
    "userfaultfd": (323, 282),
    "vhangup": (153, 58),
}
_CLONE, _CLONE3, _IOCTL, _SOCKET, _SOCKETPAIR = (
    (56, 220),
    (435, 435),
    (16, 29),
    (41, 198),
    (53, 199),
)
_X32_BIT = 0x40000000


def _step(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
    return struct.pack("=HBBI", code, yes, no, value)


def _fail(number: int) -> bytes:
    return _step(_RETURN, _ERRNO | number)


def supported() -> bool:
    """Whether the filter is known for this machine's processor."""
    return platform.machine() in _ARCHITECTURES


def filter_program() -> bytes:
    """The filter for this machine, as `bwrap --seccomp` reads it.

    A refused call fails with EPERM; a socket of any family but UNIX and Internet with
    EAFNOSUPPORT, but for the netlink socket by which ZeroMQ lists interfaces; clone3
    with ENOSYS, so that the C library uses clone, whose flags can be seen here.

    Raises:
        KeyError: this processor is not supported; ask `supported` first.
    """
    machine = platform.machine()
    column = 0 if machine == "x86_64" else 1
    program = [
        _step(_LOAD, _ARCHITECTURE),
        _step(_JUMP_EQUAL, _ARCHITECTURES[machine], yes=1),
        _step(_RETURN, _KILL),
        _step(_LOAD, _NUMBER),
    ]
    if machine == "x86_64":  # the x32 calls would pass by all numbers below
        program += [_step(_JUMP_ABOVE, _X32_BIT, no=1), _fail(errno.ENOSYS)]
    for numbers in _CALLS.values():
        program += [_step(_JUMP_EQUAL, numbers[column], no=1), _fail(errno.EPERM)]
    program += [_step(_JUMP_EQUAL, _CLONE3[column], no=1), _fail(errno.ENOSYS)]
    program += [
        _step(_JUMP_EQUAL, _CLONE[column], no=4),
        _step(_LOAD, _ARGUMENT),
        _step(_JUMP_SET, _CLONE_NEWUSER, no=1),
        _fail(errno.EPERM),
        _step(_RETURN, _ALLOW),
    ]
    program += [
        _step(_JUMP_EQUAL, _IOCTL[column], no=5),
        _step(_LOAD, _ARGUMENT + 8),
        _step(_JUMP_EQUAL, _TIOCSTI, yes=1),
        _step(_JUMP_EQUAL, _TIOCLINUX, no=1),
        _fail(errno.EPERM),
        _step(_RETURN, _ALLOW),
    ]
    program += [
        _step(_JUMP_EQUAL, _SOCKET[column], yes=1),
        _step(_JUMP_EQUAL, _SOCKETPAIR[column], no=8),
        _step(_LOAD, _ARGUMENT),
        _step(_JUMP_EQUAL, socket.AF_UNIX, yes=6),
        _step(_JUMP_EQUAL, socket.AF_INET, yes=5),
        _step(_JUMP_EQUAL, socket.AF_INET6, yes=4),
        _step(_JUMP_EQUAL, _AF_NETLINK, no=2),
        _step(_LOAD, _ARGUMENT + 16),
        _step(_JUMP_EQUAL, _NETLINK_ROUTE, yes=1),
        _fail(errno.EAFNOSUPPORT),
        _step(_RETURN, _ALLOW),
    ]
    return b"".join(program)


def filter_fd() -> int:
    """A file descriptor to read the filter from; the caller closes it."""
    read, write = os.pipe()
    os.write(write, filter_program())  # far smaller than a pipe's buffer
    os.close(write)
    return read
