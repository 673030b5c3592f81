"""Walls between processes forked from one parent: what bubblewrap does, after a fork.

The parent is in a sandbox of bubblewrap already, with all walls to the machine. These
keep its children apart: each gets namespaces of its own (users, mounts, processes,
network, IPC, host name), empty folders over every place that can be written to, and
loses, before it runs anything untrusted, every means to make or enter others.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import socket
import struct
from collections.abc import Iterable, Mapping
from pathlib import Path

from fairgrade.protocol import seccomp

# <linux/sched.h>
_NEW_MOUNTS, _NEW_CGROUP, _NEW_HOST = 0x00020000, 0x02000000, 0x04000000
_NEW_IPC, _NEW_USER, _NEW_PROCESSES = 0x08000000, 0x10000000, 0x20000000
_NEW_NETWORK = 0x40000000
# <linux/mount.h>
_READ_ONLY, _NO_SUID, _NO_DEVICES, _NO_EXEC = 1, 2, 4, 8
_REMOUNT, _BIND = 0x20, 0x1000
_RECURSIVE, _PRIVATE = 0x4000, 1 << 18
# <linux/prctl.h>, <linux/capability.h>, <linux/sockios.h>
_DUMPABLE, _SECCOMP, _DROP_BOUND, _NO_NEW_PRIVILEGES = 4, 22, 24, 38
_SECCOMP_FILTER = 2
_CAPABILITIES_VERSION = 0x20080522
_GET_FLAGS, _SET_FLAGS, _UP = 0x8913, 0x8914, 1


def enter() -> None:
    """Leave every namespace of the parent, keeping the user id.

    Only processes forked from here on are in the new namespace of processes, the first
    of them as its number 1.

    Raises:
        OSError: namespaces cannot be made here.
    """
    uid, gid = os.getuid(), os.getgid()
    kinds = _NEW_MOUNTS | _NEW_CGROUP | _NEW_HOST | _NEW_IPC | _NEW_USER
    _call("unshare", kinds | _NEW_PROCESSES | _NEW_NETWORK)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")


def furnish(folders: Mapping[str, int], kept: Iterable[str] = ()) -> None:
    """Cover what the parent and its other children could write to or look at.

    Args:
        folders: existing path -> size in bytes of an empty folder to put over it.
        kept: folders to keep in sight where they are inside of a covered one, read-only
            as they are.

    Raises:
        OSError: the message says of what.
    """
    _mount(None, "/", None, _RECURSIVE | _PRIVATE)
    _mount("proc", "/proc", "proc", _NO_SUID | _NO_DEVICES | _NO_EXEC)
    terminals = "newinstance,ptmxmode=0666,mode=620"
    _mount("devpts", "/dev/pts", "devpts", _NO_SUID | _NO_EXEC, terminals)
    covered = [path for path in kept if any(map(Path(path).is_relative_to, folders))]
    held = {path: os.open(path, os.O_PATH) for path in covered}
    for path, size in folders.items():
        options = f"mode=0755,size={size}"
        _mount("tmpfs", path, "tmpfs", _NO_SUID | _NO_DEVICES, options)
    for path, fd in held.items():
        Path(path).mkdir(parents=True)
        _mount(f"/proc/self/fd/{fd}", path, None, _BIND | _RECURSIVE)
        os.close(fd)
    with socket.socket() as any_socket:  # 127.0.0.1 works, as in bubblewrap's sandbox
        name = struct.pack("16sH14x", b"lo", 0)
        flags = struct.unpack("16sH14x", fcntl.ioctl(any_socket, _GET_FLAGS, name))[1]
        name = struct.pack("16sH14x", b"lo", flags | _UP)
        fcntl.ioctl(any_socket, _SET_FLAGS, name)
    # As `bwrap --disable-userns`: whoever has a user namespace has a kernel to try.
    Path("/proc/sys/user/max_user_namespaces").write_text("0")
    _mount("/proc/sys", "/proc/sys", None, _BIND)
    flags = _REMOUNT | _BIND | _READ_ONLY | _NO_SUID | _NO_DEVICES | _NO_EXEC
    _mount(None, "/proc/sys", None, flags)


def seal() -> None:
    """Give up for ever all that `enter` and `furnish` needed.

    Raises:
        OSError: something could not be given up.
    """
    last = int(Path("/proc/sys/kernel/cap_last_cap").read_text())
    for capability in range(last + 1):
        _call("prctl", _DROP_BOUND, capability, 0, 0, 0)
    header = struct.pack("=Ii", _CAPABILITIES_VERSION, 0)
    _call("capset", header, bytes(24))  # none effective, permitted or inherited
    _call("prctl", _NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    if seccomp.supported():
        program = seccomp.filter_program()
        steps = ctypes.create_string_buffer(program, len(program))
        described = _Program(len(program) // 8, ctypes.addressof(steps))
        _call("prctl", _SECCOMP, _SECCOMP_FILTER, ctypes.byref(described), 0, 0)


def set_dumpable(dumpable: bool) -> None:
    """Whether processes of the same user may look into this one."""
    _call("prctl", _DUMPABLE, int(dumpable), 0, 0, 0)


class _Program(ctypes.Structure):
    """struct sock_fprog of <linux/filter.h>."""

    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_void_p))


def _mount(
    source: str | None, path: str, kind: str | None, flags: int, options: str = ""
) -> None:
    texts = [None if text is None else text.encode() for text in (source, path, kind)]
    _call("mount", *texts, ctypes.c_ulong(flags), options.encode())


def _call(name: str, *arguments: object) -> None:
    """Call a function of the C library.

    Raises:
        OSError: it returned an error.
    """
    library = ctypes.CDLL(None, use_errno=True)
    if getattr(library, name)(*arguments) != 0:
        number = ctypes.get_errno()
        shown = ", ".join(str(argument) for argument in arguments[:3])
        raise OSError(number, f"{name}({shown}): {os.strerror(number)}")
