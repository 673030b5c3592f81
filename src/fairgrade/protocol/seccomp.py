"""A seccomp filter: the system calls that notebooks need may be made, and no others."""

from __future__ import annotations

import errno
import os
import platform
import socket
import struct
from collections.abc import Iterator, Sequence

from fairgrade.protocol import syscalls

# Classic BPF, <linux/filter.h> and <linux/seccomp.h>.
_LOAD, _RETURN = 0x20, 0x06
_JUMP_EQUAL, _JUMP_FROM, _JUMP_SET = 0x15, 0x35, 0x45
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16
_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}

#: CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID and NEWNET.
_NEW_NAMESPACES = 0x7E020000
_TIOCSTI, _TIOCLINUX = 0x5412, 0x541C
_AF_NETLINK, _NETLINK_ROUTE = 16, 0
_RLIMIT_CORE = 4


def _step(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
    return struct.pack("=HBBI", code, yes, no, value)


def _fail(number: int) -> bytes:
    return _step(_RETURN, _ERRNO | number)


def _argument(number: int, *, high: bool = False) -> bytes:
    """Load half of an argument; most calls look at the lower half alone."""
    return _step(_LOAD, _ARGUMENTS + 8 * number + 4 * high)


def supported() -> bool:
    """Whether the filter is known for this machine's processor."""
    return platform.machine() in _ARCHITECTURES


def filter_program() -> bytes:
    """The filter for this machine, as `bwrap --seccomp` reads it.

    A call that needs rights fails with EPERM, any other unknown one with ENOSYS: newer
    ones of kernels to come, those of the x32 ABI, and clone3, so that the C library
    uses clone, whose flags can be seen here. A socket of a family or protocol that
    leads outside what a network of its own needs fails with EAFNOSUPPORT or
    EPROTONOSUPPORT.

    Raises:
        KeyError: this processor is not supported; ask `supported` first.
    """
    machine = platform.machine()
    program = [
        _step(_LOAD, _ARCHITECTURE),
        _step(_JUMP_EQUAL, _ARCHITECTURES[machine], yes=1),
        _step(_RETURN, _KILL),
        _step(_LOAD, _NUMBER),
    ]
    for name, number in syscalls.checked(machine).items():
        steps = _CHECKS[name]
        program += [_step(_JUMP_EQUAL, number, no=len(steps)), *steps]
    for ranges, answer in (
        (_ranges(syscalls.allowed(machine)), _step(_RETURN, _ALLOW)),
        (_ranges(syscalls.refused(machine)), _fail(errno.EPERM)),
    ):
        for first, last in ranges:
            program += [
                _step(_JUMP_FROM, last + 1, yes=2),
                _step(_JUMP_FROM, first, no=1),
                answer,
            ]
    program.append(_fail(errno.ENOSYS))
    return b"".join(program)


def _ranges(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Rising numbers as runs without a gap: their first and last."""
    first = numbers[0]
    for number, following in zip(numbers, [*numbers[1:], -1], strict=True):
        if following != number + 1:
            yield first, number
            first = following


_SOCKET = [
    _argument(0),
    _step(_JUMP_EQUAL, socket.AF_UNIX, yes=6),
    _step(_JUMP_EQUAL, socket.AF_INET, yes=6),
    _step(_JUMP_EQUAL, socket.AF_INET6, yes=5),
    _step(_JUMP_EQUAL, _AF_NETLINK, no=2),  # by which ZeroMQ lists interfaces
    _argument(2),
    _step(_JUMP_EQUAL, _NETLINK_ROUTE, yes=1),
    _fail(errno.EAFNOSUPPORT),
    _step(_RETURN, _ALLOW),
    _argument(2),
    _step(_JUMP_EQUAL, 0, yes=3),
    _step(_JUMP_EQUAL, socket.IPPROTO_TCP, yes=2),
    _step(_JUMP_EQUAL, socket.IPPROTO_UDP, yes=1),
    _fail(errno.EPROTONOSUPPORT),
    _step(_RETURN, _ALLOW),
]
#: Name -> what decides a call once its number is known; each way through it returns.
_CHECKS = {
    "clone": [
        _argument(0),
        _step(_JUMP_SET, _NEW_NAMESPACES, no=1),
        _fail(errno.EPERM),
        _step(_RETURN, _ALLOW),
    ],
    "ioctl": [
        _argument(1),
        _step(_JUMP_EQUAL, _TIOCSTI, yes=1),
        _step(_JUMP_EQUAL, _TIOCLINUX, no=1),
        _fail(errno.EPERM),
        _step(_RETURN, _ALLOW),
    ],
    # Only with a limit of 1 byte is no program started for a core dump; see `inside`.
    "prlimit64": [
        _argument(1),
        _step(_JUMP_EQUAL, _RLIMIT_CORE, no=5),
        _argument(2),
        _step(_JUMP_EQUAL, 0, no=2),
        _argument(2, high=True),
        _step(_JUMP_EQUAL, 0, yes=1),
        _fail(errno.EPERM),
        _step(_RETURN, _ALLOW),
    ],
    "setrlimit": [
        _argument(0),
        _step(_JUMP_EQUAL, _RLIMIT_CORE, no=1),
        _fail(errno.EPERM),
        _step(_RETURN, _ALLOW),
    ],
    "socket": _SOCKET,
    "socketpair": _SOCKET,
}


def filter_fd() -> int:
    """A file descriptor to read the filter from; the caller closes it."""
    read, write = os.pipe()
    os.write(write, filter_program())  # far smaller than a pipe's buffer
    os.close(write)
    return read
