"""The same sandbox for stock commands: a kernel that nbgrader or nbclient starts.

Their client then talks to the student's kernel directly, and limits of time and output
are theirs. `fairgrade.run` is the safer way; this one keeps the code sealed off.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.provisioning import LocalProvisioner
from traitlets import Dict, Integer, List, Unicode

from fairgrade.environment import fixed_environment
from fairgrade.sandbox.bubblewrap import (
    HOME,
    MIB,
    open_filter,
    sandbox_command,
    spare_uid,
)
from fairgrade.sandbox.memory import MemoryGroup, MemoryWatch
from fairgrade.sandbox.probe import isolation

PROVISIONER = "fairgrade-sandbox"
KERNEL = "fairgrade-sandbox"

_LOOK_SECONDS = 0.2
#: Process ids mean nothing inside: with this variable ipykernel would end itself.
_START = (
    'unset JPY_PARENT_PID; cp -r /in/. .; exec prlimit --core=0 --nproc="$0" -- "$@"'
)


class SandboxProvisioner(LocalProvisioner):
    """Starts a kernel in a sandbox; its folder holds copies of the notebook's files."""

    shown = List(
        Unicode(), help="More files and folders to show, read-only, in their places."
    ).tag(config=True)
    python_path = List(Unicode(), help="Folders for PYTHONPATH.").tag(config=True)
    data = Dict(help="Data files to show: name -> path outside.").tag(config=True)
    seed = Integer(0, help="Seed of string hashes.").tag(config=True)
    memory_mb = Integer(3072, help="Memory of all processes, MiB.").tag(config=True)
    disk_mb = Integer(512, help="Files it may write, MiB.").tag(config=True)
    processes = Integer(512, help="Processes and threads.").tag(config=True)

    _folder: Path | None = None
    _group: MemoryGroup | None = None
    _watching: asyncio.Task[None] | None = None

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Prepare the folder of sockets and the command.

        Raises:
            SandboxError: no sandbox can be had here.
        """
        isolation()
        if self._folder is None:  # not a restart
            self._folder = Path(tempfile.mkdtemp(prefix="fairgrade-"))
            for name in ("k", "in", "stage"):
                (self._folder / name).mkdir()
            self._folder.chmod(0o755)
            manager = self.parent
            manager.transport = "ipc"  # there is no network inside
            manager.ip = str(self._folder / "k" / "k")
            manager.connection_file = str(self._folder / "k" / "kernel.json")
        self._copy_files(Path(kwargs.get("cwd") or os.getcwd()))
        kwargs = await super().pre_launch(**kwargs)
        kwargs["env"] = fixed_environment(
            seed=self.seed, home=HOME, data=Path("/data")
        ) | {
            "JUPYTER_RUNTIME_DIR": str(self._folder / "k"),
            "PYTHONPATH": os.pathsep.join(self.python_path),
        }
        kwargs["cwd"] = "/"
        return kwargs

    async def launch_kernel(
        self, cmd: list[str], **kwargs: Any
    ) -> KernelConnectionInfo:
        """Start the kernel's command in a sandbox."""
        assert self._folder is not None
        sockets = self._folder / "k"
        uid = None
        if os.geteuid() == 0:
            uid = spare_uid()
            for path in (sockets, *sockets.iterdir()):
                os.chown(path, uid, uid)
        self._group = MemoryGroup.create(self.memory_mb)
        filter_fd = open_filter()
        command = sandbox_command(
            ["/bin/sh", "-c", _START, str(self.processes), *cmd],
            mounts={"/in": self._folder / "in"}
            | {path: Path(path).resolve() for path in self.shown}
            | {f"/data/{name}": Path(path) for name, path in self.data.items()},
            writable={str(sockets): sockets},
            folders={str(HOME): self.disk_mb * MIB, "/tmp": self.disk_mb * MIB},
            seccomp_fd=filter_fd,
            groups=() if self._group is None else (self._group.folder,),
            stage=self._folder / "stage",
            uid=uid,
        )
        fds = () if filter_fd is None else (filter_fd,)
        try:
            info = await super().launch_kernel(command, pass_fds=fds, **kwargs)
        finally:
            for fd in fds:
                os.close(fd)
        if self._group is None:
            self._watching = asyncio.ensure_future(self._watch())
        return info

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
        """Copy plain files from the notebook's folder, but no notebook and no link."""
        assert self._folder is not None
        for path in source.iterdir():
            if path.is_file() and not path.is_symlink() and path.suffix != ".ipynb":
                target = self._folder / "in" / path.name
                shutil.copyfile(path, target)
                target.chmod(0o644)

    async def _watch(self) -> None:
        watch = MemoryWatch(self.pid, self.memory_mb)
        while self.has_process:
            watch.look()
            await asyncio.sleep(_LOOK_SECONDS)


def install_kernel(prefix: Path, **config: object) -> Path:
    """Install the sealed kernel's description; return its folder.

    Args:
        prefix: where Jupyter looks, as `sys.prefix`.
        config: traits of SandboxProvisioner, as data={"mnist.npz": "/srv/mnist.npz"}.
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
