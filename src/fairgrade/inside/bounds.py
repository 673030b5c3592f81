"""What a process of ours sets for itself before a student's code starts beside it."""

from __future__ import annotations

import ctypes
import os
import resource
import sys

from fairgrade.protocol.job import Job

MIB = 2**20
_PR_SET_DUMPABLE = 4


def bound(job: Job) -> None:
    """Set the limits that the kernel inherits and cannot raise again."""
    limits = {
        resource.RLIMIT_SIGPENDING: 1024,
        resource.RLIMIT_FSIZE: max(job.disk_mb, job.export_mb) * MIB,
        resource.RLIMIT_NOFILE: 1024,
    }
    if job.processes is None:
        limits[resource.RLIMIT_CORE] = 0  # a sandbox comes with a limit of its own
    else:
        limits[resource.RLIMIT_NPROC] = job.processes
    if job.data_mb is not None:
        limits[resource.RLIMIT_DATA] = job.data_mb * MIB
    for limit, most in limits.items():
        hard = resource.getrlimit(limit)[1]
        if hard != resource.RLIM_INFINITY:
            most = min(most, hard)
        resource.setrlimit(limit, (most, most))


def keep_from_others(*fds: int) -> None:
    """Keep descriptors of this process from those it starts, and from its user's."""
    for fd in fds:
        os.set_inheritable(fd, False)
    if sys.platform == "linux":
        # Else other processes of this user could open them through /proc.
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
