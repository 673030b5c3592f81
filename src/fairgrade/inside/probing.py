"""Try the walls from behind them: `python -I -m fairgrade.inside.probing`."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import json
import os
import platform
import resource
import socket
from collections.abc import Callable, Iterable
from pathlib import Path

from fairgrade.protocol import seccomp, syscalls
from fairgrade.protocol.places import HOME, MIB, PROBE_HOME_MB, SHM_BYTES

_MS_REMOUNT_RW = 32 | 4096  # MS_REMOUNT | MS_BIND, without MS_RDONLY
_CLONE_NEWUSER = 0x10000000
#: All that kernels have so far and more, but for a range that is the kernel's own; and
#: getpid as the x32 ABI calls it.
_CALLS, _X32_CALL = {*range(335), *range(424, 600)}, 0x40000000 + 39
_AF_VSOCK, _AF_NETLINK, _NETLINK_AUDIT = 40, 16, 9


def _refused(action: Callable[[], object], *numbers: int) -> bool:
    """Whether an action fails, and with one of these error numbers if any are given."""
    try:
        action()
    except OSError as err:
        return not numbers or err.errno in numbers
    return False


def _call(name: str, *arguments: object) -> None:
    """Call a function of the C library, with its error as an exception."""
    library = ctypes.CDLL(None, use_errno=True)
    if getattr(library, name)(*arguments) != 0:
        raise OSError(ctypes.get_errno(), name)


def _connect() -> None:
    with socket.socket() as connection:
        connection.settimeout(2)
        connection.connect(("192.0.2.1", 80))


def _fill(path: str) -> None:
    with open(path, "wb") as file:
        for _ in range(PROBE_HOME_MB + 1):
            file.write(bytes(MIB))


def _other_processes() -> bool:
    me = os.getpid()
    others = [int(name) for name in os.listdir("/proc") if name.isdigit()]
    return any(pid not in (1, me) and pid < me for pid in others)


def _capabilities() -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("CapEff:"):
            return int(line.split()[1], 16)
    return -1


def _errors(numbers: Iterable[int]) -> set[int]:
    """How system calls without sensible arguments fail; 0 is for success."""
    library = ctypes.CDLL(None, use_errno=True)
    found = set()
    for number in numbers:
        ctypes.set_errno(0)
        library.syscall(number, 0, 0, 0, 0, 0, 0)
        found.add(ctypes.get_errno())
    return found


def _calls_are_listed() -> bool:
    """Whether only known system calls are made, and none that needs rights."""
    machine = platform.machine()
    known = {*syscalls.allowed(machine), *syscalls.checked(machine).values()}
    refused = set(syscalls.refused(machine))
    unknown = _CALLS - known - refused
    unknown |= {_X32_CALL} if machine == "x86_64" else set()
    return _errors(refused) == {errno.EPERM} and _errors(unknown) == {errno.ENOSYS}


def _dumps_no_core() -> bool:
    """Whether a crash cannot hand memory to a program outside, now or later."""
    bounds = resource.getrlimit(resource.RLIMIT_CORE)
    try:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except ValueError:  # Python's word for EPERM here
        return bounds == (1, 1)
    return False


def _open_files(kept: Iterable[int]) -> set[int]:
    """Descriptors beyond the standard ones and `kept`."""
    found = set()
    for name in os.listdir("/proc/self/fd"):
        with contextlib.suppress(OSError):  # the listing's own is closed by now
            os.fstat(int(name))
            found.add(int(name))
    return found - {0, 1, 2, *kept}


def _size(folder: str) -> int:
    status = os.statvfs(folder)
    return status.f_blocks * status.f_frsize


def findings(kept: Iterable[int] = ()) -> list[tuple[str, bool]]:
    """What should hold in a sandbox, and whether it does, tried from inside.

    Args:
        kept: descriptors that are meant to be open.
    """
    remount = ("mount", None, b"/usr", None, _MS_REMOUNT_RW, None)
    return [
        ("there is no network", _refused(_connect, errno.ENETUNREACH)),
        (
            "there are no other socket families",
            _refused(lambda: socket.socket(_AF_VSOCK), errno.EAFNOSUPPORT)
            and _refused(
                lambda: socket.socket(_AF_NETLINK, socket.SOCK_RAW, _NETLINK_AUDIT),
                errno.EAFNOSUPPORT,
            )
            or not seccomp.supported(),
        ),
        ("the disk outside is not there", not os.path.exists("/etc/shadow")),
        ("other processes are not there", not _other_processes()),
        ("there are no capabilities", _capabilities() == 0),
        ("what is read-only cannot be remounted", _refused(lambda: _call(*remount))),
        (
            "no user namespace can be made",
            _refused(lambda: _call("unshare", _CLONE_NEWUSER)),
        ),
        ("/usr cannot be written to", _refused(lambda: open("/usr/x", "w"))),
        ("/ cannot be written to", _refused(lambda: open("/x", "w"))),
        ("/dev cannot be written to", _refused(lambda: open("/dev/x", "w"))),
        (
            "/proc/sys cannot be written to",
            _refused(lambda: open("/proc/sys/user/max_user_namespaces", "w")),
        ),
        ("the home is bounded", _refused(lambda: _fill(f"{HOME}/x"), errno.ENOSPC)),
        ("shared memory is bounded", 0 < _size("/dev/shm") <= SHM_BYTES),
        ("no file is open that was not meant to be", not _open_files(kept)),
        (
            "only listed system calls are made",
            not seccomp.supported() or _calls_are_listed(),
        ),
        ("no core is dumped", not seccomp.supported() or _dumps_no_core()),
    ]


if __name__ == "__main__":
    print(json.dumps(findings()))
