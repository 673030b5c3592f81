"""The same sandbox for stock commands: a kernel that nbgrader or nbclient starts.

Their client then talks to the student's kernel directly, and limits of time and output
are theirs. `fairgrade.run.run` is the safer way; this one keeps the code sealed off.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import socket
import sys
import tempfile
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import Bool, Callable, Dict, Integer

from fairgrade.errors import SandboxError
from fairgrade.protocol.places import HOME, MIB
from fairgrade.sandbox.bubblewrap import open_filter, sandbox_command
from fairgrade.sandbox.cgroups import Group
from fairgrade.sandbox.environment import fixed_environment
from fairgrade.sandbox.memory import MemoryWatch
from fairgrade.sandbox.probe import isolation
from fairgrade.sandbox.relay import Plan

PROVISIONER = "fairgrade-sandbox"
KERNEL = "fairgrade-sandbox"

_LOOK_SECONDS = 0.2
#: What nbgrader tells a notebook that it validates.
_TOLD = ("NBGRADER_VALIDATING", "NBGRADER_EXECUTION")


class SandboxProvisioner(LocalProvisioner):
    """Starts a kernel in a sandbox; its folder holds copies of the notebook's files."""

    settings = Callable(
        None,
        allow_none=True,
        help="Gives traits for a kernel in a folder, or None: do not seal it off.",
    ).tag(config=True)
    data = Dict(help="Data files to show: name -> path outside.").tag(config=True)
    subfolders = Bool(False, help="Copy files in subfolders, too.").tag(config=True)
    seed = Integer(0, help="Seed of string hashes.").tag(config=True)
    memory_mb = Integer(3072, help="Memory of all processes, MiB.").tag(config=True)
    disk_mb = Integer(512, help="Files it may write, MiB.").tag(config=True)
    processes = Integer(512, help="Processes and threads.").tag(config=True)

    _folder: Path | None = None
    _group: Group | None = None
    _watching: asyncio.Task[None] | None = None

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Prepare the folder of sockets and the command.

        Raises:
            SandboxError: no sandbox can be had here.
        """
        folder = Path(kwargs.get("cwd") or os.getcwd()).resolve()
        if self.settings is not None:
            chosen = self.settings(folder)
            if chosen is None:
                return await super().pre_launch(**kwargs)
            for name, value in chosen.items():
                setattr(self, name, value)
        isolation()
        if self._folder is None:  # not a restart
            self._folder = Path(tempfile.mkdtemp(prefix="fairgrade-"))
            for name in ("k", "in", "stage"):
                (self._folder / name).mkdir()
            (self._folder / "k").chmod(0o700)
            self._folder.chmod(0o755)
            manager: Any = self.parent
            manager.transport = "ipc"  # there is no network inside
            manager.ip = str(self._folder / "k" / "k")
            manager.connection_file = str(self._folder / "k" / "kernel.json")
        self._copy_files(folder)
        kwargs = await super().pre_launch(**kwargs)
        kwargs["env"] = fixed_environment(
            seed=self.seed, home=HOME, data=Path("/data")
        ) | {
            "JUPYTER_RUNTIME_DIR": str(self._folder / "k"),
            **{name: os.environ[name] for name in _TOLD if name in os.environ},
        }
        kwargs["cwd"] = "/"
        return kwargs

    async def launch_kernel(
        self, cmd: list[str], **kwargs: Any
    ) -> KernelConnectionInfo:
        """Start the kernel's command in a sandbox, its sockets through a relay.

        Inside, the folder of sockets is another one of the same name, small and new.
        """
        if self._folder is None:
            return await super().launch_kernel(cmd, **kwargs)
        self._group = Group.create(memory_mb=self.memory_mb)
        with contextlib.ExitStack() as stack:
            listening = {path: _listen(path, stack) for path in self._sockets()}
            plan = stack.enter_context(os.fdopen(os.memfd_create("plan"), "w+"))
            manager: Any = self.parent
            file = manager.connection_file
            text = Path(file).read_text(encoding="utf-8")
            plan.write(Plan(cmd, self.processes, file, text, listening).text())
            plan.seek(0)
            fds = [plan.fileno(), *listening.values()]
            filter_fd = open_filter()
            if filter_fd is not None:
                stack.callback(os.close, filter_fd)
                fds.append(filter_fd)
            relay = [sys.executable, "-I", "-m", "fairgrade.sandbox.relay"]
            command = sandbox_command(
                [*relay, str(plan.fileno())],
                mounts={"/in": self._folder / "in"}
                | {f"/data/{name}": Path(path) for name, path in self.data.items()},
                folders=dict.fromkeys((str(HOME), "/tmp"), self.disk_mb * MIB)
                | {str(self._folder / "k"): MIB},
                seccomp_fd=filter_fd,
                groups=self._group.folders,
                stage=self._folder / "stage",
            )
            info = await super().launch_kernel(command, pass_fds=fds, **kwargs)
        if not self._group.bounds_memory:
            self._watching = asyncio.ensure_future(self._watch())
        return info

    def _sockets(self) -> list[str]:
        """The paths that jupyter_client connects to."""
        manager: Any = self.parent
        return [f"{manager.ip}-{port}" for port in manager.ports]

    async def cleanup(self, restart: bool = False) -> None:
        """Leave nothing behind, unless the kernel is started again."""
        await super().cleanup(restart=restart)
        if self._watching is not None:
            self._watching.cancel()
            self._watching = None
        if self._group is not None:
            self._group.remove()
            self._group = None
        if not restart and self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def _copy_files(self, source: Path) -> None:
        """Copy plain files from the notebook's folder, but no notebook and no link.

        Raises:
            SandboxError: they are larger than what the sandbox has room for.
        """
        assert self._folder is not None
        left = self.disk_mb * MIB
        for folder, below, names in os.walk(source):  # follows no link
            if not self.subfolders:
                below.clear()
            here = self._folder / "in" / Path(folder).relative_to(source)
            here.mkdir(exist_ok=True)
            here.chmod(0o755)
            for path in (Path(folder, name) for name in names):
                if path.is_symlink() or not path.is_file() or path.suffix == ".ipynb":
                    continue
                left -= path.stat().st_size
                if left < 0:
                    raise SandboxError(
                        f"The files in {source} have more than {self.disk_mb} MiB. "
                        "Take away what the notebook does not need."
                    )
                shutil.copyfile(path, here / path.name)
                (here / path.name).chmod(0o644)

    async def _watch(self) -> None:
        assert self.pid is not None  # it was launched
        watch = MemoryWatch(self.pid, self.memory_mb)
        while self.has_process:
            watch.look()
            await asyncio.sleep(_LOOK_SECONDS)


def _listen(path: str, stack: contextlib.ExitStack) -> int:
    """Open a socket at `path`, in place of that of a kernel before; for `stack`."""
    Path(path).unlink(missing_ok=True)
    server = stack.enter_context(socket.socket(socket.AF_UNIX))
    server.bind(path)
    server.listen()
    return server.fileno()


def install_kernel(prefix: Path, **config: object) -> Path:
    """Install the sealed kernel's description; return its folder.

    Args:
        prefix: where Jupyter looks, as `sys.prefix`.
        config: traits of SandboxProvisioner, as data={"ponds.npz": "/srv/ponds.npz"}.
    """
    provisioner = {"provisioner_name": PROVISIONER, "config": config}
    description = {
        "argv": ["python", "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": "Python 3 (sealed)",
        "language": "python",
        "interrupt_mode": "message",  # a signal would reach bubblewrap, not the kernel
        "metadata": {"kernel_provisioner": provisioner},
    }
    with tempfile.TemporaryDirectory() as folder:
        text = json.dumps(description, indent=1)
        Path(folder, "kernel.json").write_text(text, encoding="utf-8")
        installed = KernelSpecManager().install_kernel_spec(
            folder, KERNEL, prefix=str(prefix)
        )
    return Path(installed)
