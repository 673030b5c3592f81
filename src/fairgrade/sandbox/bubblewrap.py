"""Build the command that starts a program in a sandbox of its own, with bubblewrap.

Inside there is: /usr, the Python environment, this package and what is listed, all
read-only; a private /tmp, /dev/shm and home of bounded size; nothing of the network, of
other processes or of the rest of the disk. As root, everything starts as a user id that
owns nothing, one for each run.
"""

from __future__ import annotations

import os
import secrets
import shlex
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import fairgrade
from fairgrade.errors import SandboxError
from fairgrade.protocol import seccomp
from fairgrade.protocol.places import HOME, SHM_BYTES

INSTALL = "Install bubblewrap 0.8 or newer (Debian, Ubuntu: apt-get install bubblewrap)"

#: Files in /etc without which programs look up libraries, fonts or the clock wrongly.
_ETC = ("ld.so.cache", "alternatives", "fonts", "localtime", "mime.types")
_SYSTEM = ("bin", "lib", "lib32", "lib64", "libx32", "sbin")
#: With a limit of 0 bytes the kernel would still hand a dead process's memory to a
#: program of the machine, where core dumps go to one.
_NO_DUMPS = ("prlimit", "--core=1:1", "--")
#: User ids that no system hands out: above systemd's containers, below 2**31.
_FIRST_UID, _UIDS = 1_900_000_000, 100_000_000


def find_bubblewrap() -> str:
    """The path of bwrap.

    Raises:
        SandboxError: there is none; the message says what to install.
    """
    if sys.platform != "linux":
        raise SandboxError(
            "Student code is sealed off with bubblewrap, which needs Linux. "
            "Grade on Linux, or run without the sandbox if you trust the code."
        )
    path = shutil.which("bwrap")
    if path is None:
        raise SandboxError(f"bubblewrap (bwrap) is not installed. {INSTALL}.")
    return path


def python_mounts() -> dict[str, Path]:
    """What this Python and fairgrade need, as path inside -> path outside."""
    package = Path(fairgrade.__file__).parent
    base = Path(sys.base_prefix)
    executable = Path(os.path.realpath(sys.executable)).parent.parent
    wanted = [Path("/usr"), base, base.resolve(), executable, Path(sys.prefix), package]
    chosen: list[Path] = []
    for path in wanted:
        if not any(path.is_relative_to(other) for other in chosen):
            chosen.append(path)
    return {str(path): path for path in chosen}


def sandbox_command(
    program: Sequence[str],
    *,
    mounts: Mapping[str, Path],
    writable: Mapping[str, Path] | None = None,
    folders: Mapping[str, int],
    seccomp_fd: int | None,
    groups: Sequence[Path] = (),
    stage: Path,
    uid: int | None = None,
    nested: bool = False,
) -> list[str]:
    """The command line that runs `program` sealed off.

    Args:
        program: absolute path and arguments, as seen inside.
        mounts: path inside -> file or folder outside, read-only.
        writable: the same, writable; as root, make them belong to `uid`.
        folders: path inside -> size in bytes of a private empty folder.
        seccomp_fd: from `seccomp.filter_fd`, to be passed on to the process.
        groups: cgroup folders to join first.
        stage: an empty folder to collect mounts in, when running as root.
        uid: the user to run as, when running as root; from `spare_uid`.
        nested: leave the program the means to make namespaces of its own. Only for a
            program that is trusted and takes them from whatever it starts.

    Raises:
        SandboxError: there is no bubblewrap.
    """
    bwrap = find_bubblewrap()
    mounts = {**python_mounts(), **mounts}
    writable = writable or {}
    if os.geteuid() != 0:
        options = _options(mounts, writable, folders, seccomp_fd, nested)
        command = [*_NO_DUMPS, bwrap, *options, "--", *program]
        return _joined(command, groups) if groups else command
    # The unprivileged user id cannot walk through folders that are root's alone, so
    # root collects what it may see in one place of a private mount namespace.
    steps = [f"mount -t tmpfs -o mode=0755,size=1m fairgrade {shlex.quote(str(stage))}"]
    staged: list[dict[str, Path]] = []
    for number, table in enumerate((mounts, writable)):
        staged.append({})
        for index, (inside, outside) in enumerate(table.items()):
            name = f"{number}-{index}"
            target = stage / name
            make = "mkdir" if outside.is_dir() else "touch"
            paths = f"{shlex.quote(str(outside))} {shlex.quote(str(target))}"
            steps += [f"{make} {shlex.quote(str(target))}", f"mount --rbind {paths}"]
            staged[-1][inside] = Path("/tmp", name)
    steps.append(f"mount --rbind {shlex.quote(str(stage))} /tmp")
    uid = spare_uid() if uid is None else uid
    command = ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups"]
    command += ["--no-new-privs", "--", *_NO_DUMPS, bwrap]
    command += _options(staged[0], staged[1], folders, seccomp_fd, nested)
    command += ["--", *program]
    return ["unshare", "--mount", "--", *_joined(command, groups, steps)]


def _joined(
    command: Sequence[str], groups: Sequence[Path], steps: Sequence[str] = ()
) -> list[str]:
    """A shell that joins the cgroups, takes the steps and becomes the command."""
    join = [f"echo $$ > {shlex.quote(str(group / 'cgroup.procs'))}" for group in groups]
    lines = ["set -e", *join, *steps, f"exec {shlex.join(command)}"]
    return ["/bin/sh", "-c", "\n".join(lines)]


def _options(
    mounts: Mapping[str, Path],
    writable: Mapping[str, Path],
    folders: Mapping[str, int],
    seccomp_fd: int | None,
    nested: bool,
) -> list[str]:
    options = ["--unshare-all", "--unshare-user"]
    options += [] if nested else ["--disable-userns"]
    options += ["--cap-drop", "ALL", "--uid", "1000", "--gid", "1000"]
    options += ["--new-session", "--die-with-parent", "--hostname", "fairgrade"]
    if seccomp_fd is not None:
        options += ["--seccomp", str(seccomp_fd)]
    for name in _SYSTEM:
        path = Path("/", name)
        if path.is_symlink():
            options += ["--symlink", os.readlink(path), str(path)]
        elif path.is_dir():
            options += ["--ro-bind", str(path), str(path)]
    for name in _ETC:
        options += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    options += ["--proc", "/proc", "--dev", "/dev"]
    options += ["--size", str(SHM_BYTES), "--tmpfs", "/dev/shm"]
    for inside, size in folders.items():  # bwrap's own tmpfs would have no limit
        options += ["--size", str(size), "--tmpfs", inside]
    for inside, outside in mounts.items():
        options += ["--ro-bind", str(outside), inside]
    for inside, outside in writable.items():
        options += ["--bind", str(outside), inside]
    options += ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", str(HOME)]
    return options


def spare_uid() -> int:
    """A user id that owns nothing, new for each run so that runs cannot meet."""
    wanted = _FIRST_UID + secrets.randbelow(_UIDS)
    highest = 0
    for line in Path("/proc/self/uid_map").read_text().splitlines():
        first, _, count = map(int, line.split())
        if first <= wanted < first + count:
            return wanted
        highest = max(highest, first + count - 1)
    if highest == 0:
        raise SandboxError(
            "This container maps no user id but root. Grade as an ordinary user, or "
            "give the container more user ids."
        )
    return highest  # in a container with few ids: the last one


def open_filter() -> int | None:
    """The seccomp filter's descriptor, or None on a processor it is not known for."""
    return seccomp.filter_fd() if seccomp.supported() else None
