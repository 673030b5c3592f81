"""Start a kernel behind sockets that are open already, and pass bytes on.

`python -I -m fairgrade.sandbox.relay FD`, in a sandbox. The kernel's own sockets lie in
a private folder of the sandbox, so that nothing the kernel makes lies where anybody
outside looks. FD holds a `Plan` as JSON.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import json
import os
import resource
import shutil
import socket
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

_PR_SET_DUMPABLE = 4
_RETRY_SECONDS = 0.02
_READ_BYTES = 2**16


@dataclass(frozen=True)
class Plan:
    """What to start.

    Attributes:
        command: the kernel's.
        processes: the most of them at once.
        connection_file, connection: where the kernel looks for it, and its text.
        listening: path of a socket of the kernel -> descriptor of the one outside.
    """

    command: list[str]
    processes: int
    connection_file: str
    connection: str
    listening: dict[str, int]

    def text(self) -> str:
        """The plan as JSON."""
        return json.dumps(asdict(self))


async def _relay(plan: Plan) -> int:
    """Run the kernel to its end, passing on what comes; return its exit status."""
    environment = {k: v for k, v in os.environ.items() if k != "JPY_PARENT_PID"}
    kernel = await asyncio.create_subprocess_exec(*plan.command, env=environment)
    for path, fd in plan.listening.items():

        async def meet(
            reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str = path
        ) -> None:
            inside = await _connect(path)
            await asyncio.gather(_copy(reader, inside[1]), _copy(inside[0], writer))

        await asyncio.start_unix_server(meet, sock=socket.socket(fileno=fd))
    return await kernel.wait()


async def _connect(
    path: str,
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Connect to the kernel, as soon as it has opened its socket."""
    while True:
        with contextlib.suppress(OSError):
            return await asyncio.open_unix_connection(path)
        await asyncio.sleep(_RETRY_SECONDS)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass bytes on until one end is closed; then close the other."""
    with contextlib.suppress(OSError):
        while data := await reader.read(_READ_BYTES):
            writer.write(data)
            await writer.drain()
    writer.close()


def main() -> int:
    """Carry out the plan; return the kernel's exit status."""
    with os.fdopen(int(sys.argv[1])) as file:
        plan = Plan(**json.load(file))
    for fd in plan.listening.values():
        os.set_inheritable(fd, False)
    # Keeps the kernel from opening this process's sockets through /proc.
    ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    Path(plan.connection_file).write_text(plan.connection, encoding="utf-8")
    shutil.copytree("/in", ".", dirs_exist_ok=True)
    resource.setrlimit(resource.RLIMIT_NPROC, (plan.processes, plan.processes))
    return asyncio.run(_relay(plan))


if __name__ == "__main__":
    sys.exit(main())
