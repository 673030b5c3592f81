"""Try the sandbox itself before student code is run in it.

`probe` starts `inside.probing` in a sandbox and reads what it could do there.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from fairgrade.errors import SandboxError
from fairgrade.protocol import seccomp
from fairgrade.protocol.places import HOME, PROBE_FOLDERS
from fairgrade.protocol.texts import command
from fairgrade.sandbox.bubblewrap import INSTALL, open_filter, sandbox_command
from fairgrade.sandbox.cgroups import Group
from fairgrade.sandbox.environment import fixed_environment

_SECONDS = 30


@dataclass(frozen=True)
class Finding:
    """One thing the sandbox should hold, and whether it does.

    Attributes:
        needed: student code is refused without it.
    """

    name: str
    holds: bool
    remedy: str = ""
    needed: bool = True


@lru_cache
def probe() -> tuple[Finding, ...]:
    """What holds in a sandbox on this machine, tried once per process.

    Raises:
        SandboxError: no sandbox can be started at all; the message says what to do.
    """
    with tempfile.TemporaryDirectory(prefix="fairgrade-") as folder:
        os.chmod(folder, 0o755)
        filter_fd = open_filter()
        command = sandbox_command(
            [sys.executable, "-I", "-m", "fairgrade.inside.probing"],
            mounts={},
            folders=PROBE_FOLDERS,
            seccomp_fd=filter_fd,
            stage=Path(folder),
        )
        try:
            done = subprocess.run(
                command,
                env=fixed_environment(seed=0, home=HOME, data=HOME),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                pass_fds=() if filter_fd is None else (filter_fd,),
                timeout=_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as err:
            raise SandboxError(
                f"The sandbox did not start within {_SECONDS} s. Try again when this "
                "machine is less busy."
            ) from err
        finally:
            if filter_fd is not None:
                os.close(filter_fd)
    if done.returncode != 0:
        raise SandboxError(_explain(done.stderr.decode(errors="replace")))
    found = [Finding(*item) for item in json.loads(done.stdout)]
    group = Group.create(memory_mb=512)
    group.remove()
    found += [
        Finding(
            "system calls are filtered",
            seccomp.supported(),
            "grade on x86-64 or aarch64",
            needed=False,
        ),
        Finding(
            "memory is capped by the kernel",
            group.bounds_memory,
            "delegate a memory cgroup; until then memory is looked at 5 times a second",
            needed=False,
        ),
    ]
    return tuple(found)


def isolation() -> str:
    """How well a run is sealed here: "full", or "partial: " and what is missing.

    Raises:
        SandboxError: not well enough for student code; the message says what to do.
    """
    found = probe()
    for finding in found:
        if finding.needed and not finding.holds:
            raise SandboxError(
                f"The sandbox leaks here: it does not hold that {finding.name}. "
                f"{finding.remedy or INSTALL}."
            )
    missing = [finding.name for finding in found if not finding.holds]
    return "full" if not missing else f"partial: not so that {', '.join(missing)}"


def _explain(text: str) -> str:
    """Why nothing started, from what bubblewrap or Python wrote, and what to do."""
    lines = text.strip().splitlines()
    last = lines[-1] if lines else "no message"
    if "ermission denied" in last and "execvp" in last:
        readable = command("chmod", "-R", "o+rX", sys.prefix)
        remedy = f"Let every user read the environment: {readable}"
    elif "Unknown option" in last:
        remedy = INSTALL
    elif "namespace" in last or "ermitted" in last or "ermission" in last:
        remedy = (
            "Allow user namespaces (in Docker: --security-opt seccomp=unconfined and "
            "systempaths=unconfined; on Ubuntu: an AppArmor profile for bwrap)"
        )
    else:
        remedy = "See what `fairgrade doctor` says"
    return f"The sandbox does not start here: {last}. {remedy}."
