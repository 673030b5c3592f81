"""A batch of notebooks in the sandbox, as root and as a user, and what came of each."""

from __future__ import annotations

import json
import os
import pwd
import secrets
import shutil
import socket
import socketserver
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

MARKS = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="bubblewrap needs Linux"),
]
#: Who starts the sandboxes, and whether each is forked from a process in one.
USERS = ("root", "ordinary user", "ordinary user, forked")
#: Limits, and the cells by name.
Job = tuple[dict[str, Any], dict[str, str]]
#: The notebook that is told of the machine outside, and given a file of data.
WALLS = "walls"
BATCH = Path(__file__).with_name("sandbox_batch.py")
GUARD_SECONDS = 1200
SECRET = f"canary-{secrets.token_hex(8)}"
#: What the port of the machine outside says.
ANSWER = secrets.token_bytes(8)


@dataclass(frozen=True)
class Batch:
    """What the batch gave for one kind of user."""

    results: dict[str, Any]

    def lines(self, cell: str, name: str = WALLS) -> list[str]:
        """What a cell printed."""
        outputs = self.results[name]["outputs"][cell]
        return "".join(o.get("text", "") for o in outputs).splitlines()

    def error(self, cell: str, name: str = WALLS) -> tuple[str, str]:
        """The name and text of a cell's error."""
        outputs = self.results[name]["outputs"][cell]
        return next(
            (o["ename"], o["evalue"]) for o in outputs if o["output_type"] == "error"
        )

    def exported(self, name: str) -> dict[str, Any]:
        """What left the sandbox, by name."""
        files = self.results[name]["files"]
        found = {f[:-5]: json.loads(t) for f, t in files.items()}
        return {name: f.get("value", f.get("reason")) for name, f in found.items()}

    def told(self, name: str) -> str:
        """The notices for the student."""
        return " ".join(self.results[name]["notices"])


@contextmanager
def run_batch(as_whom: str, jobs: dict[str, Job]) -> Iterator[Batch]:
    """Run notebooks, by name, at once.

    Args:
        as_whom: one of `USERS`.
    """
    as_root = os.geteuid() == 0
    as_whom, _, forked = as_whom.partition(", ")
    if as_whom == "root" and not as_root:
        pytest.skip("these tests do not run as root")
    folder = Path(tempfile.mkdtemp(prefix="fairgrade-test-"))
    name = None
    try:
        if as_whom == "ordinary user" and as_root:
            name = f"fg{secrets.token_hex(4)}"
            _create_user(name)
            shutil.chown(folder, name)
        yield Batch(_results(folder, name, jobs, warm=bool(forked)))
    finally:
        shutil.rmtree(folder)
        if name is not None:
            subprocess.run(["userdel", name], check=True)


def _create_user(name: str) -> None:
    if shutil.which("useradd") is None:
        pytest.skip("useradd is not here to make an ordinary user")
    subprocess.run(["useradd", "--no-create-home", name], check=True)
    reading = [sys.executable, "-c", "import fairgrade.run.run"]
    if subprocess.run(reading, user=name, cwd="/", stderr=-1).returncode:
        subprocess.run(["userdel", name], check=True)
        pytest.skip("an ordinary user cannot read this Python environment")


def _results(
    folder: Path, user: str | None, jobs: dict[str, Job], *, warm: bool
) -> dict[str, Any]:
    canary = folder / f"{SECRET}.txt"
    canary.write_text(SECRET)
    canary.chmod(0o644)
    folder.chmod(0o755)
    data = folder / "numbers.npz"
    data.write_bytes(b"0")
    with _listening() as port:
        names = {
            "HOST_PORT": port,
            "HOST_ANSWER": ANSWER,
            "CANARY_FILE": str(canary),
            "COURSE_FILE": str(Path(__file__).resolve()),
            "HOST_VARIABLE": "FAIRGRADE_TEST_VARIABLE",
        }
        setup = "".join(f"{key} = {value!r}\n" for key, value in names.items())
        # In two parts, so that the canary itself is not in the notebook's own file.
        setup += f"SECRET = {SECRET[:10]!r} + {SECRET[10:]!r}"
        written = {
            name: {
                "cells": {"setup": setup} | cells if name == WALLS else cells,
                "limits": limits,
                "data": [str(data)] if name == WALLS else [],
                "warm": warm,
            }
            for name, (limits, cells) in jobs.items()
        }
        (folder / "jobs.json").write_text(json.dumps(written))
        (folder / "jobs.json").chmod(0o644)
        home = pwd.getpwuid(os.geteuid()).pw_dir if user is None else str(folder)
        done = subprocess.run(
            [sys.executable, str(BATCH), "jobs.json", "results.json"],
            cwd=folder,
            env={
                "PATH": os.environ["PATH"],
                "HOME": home,
                "FAIRGRADE_TEST_VARIABLE": SECRET,
            },
            user=user,
            extra_groups=None if user is None else [],
            capture_output=True,
            text=True,
            timeout=GUARD_SECONDS,
        )
    assert done.returncode == 0, done.stderr
    return json.loads((folder / "results.json").read_text())


@contextmanager
def _listening() -> Iterator[int]:
    """A port of this machine that answers whoever reaches it."""

    class Answer(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.sendall(ANSWER)

    with socketserver.TCPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with socket.create_connection(server.server_address, 5) as here:
            assert here.recv(100) == ANSWER
        yield server.server_address[1]
        server.shutdown()
