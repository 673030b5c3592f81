"""The worker's side of a Dask run: unpack a parcel, run it, pack what came of it.

A worker needs this package and its dependencies, and the data files, which it looks for
by digest in `$FAIRGRADE_DATA` and in its cache. What is in neither is sent once.
"""

from __future__ import annotations

import functools
import os
import secrets
import socket
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

from fairgrade.course.course import Limits
from fairgrade.engine.packed_tests import PackedTests, forget, has_copy, unpacked
from fairgrade.errors import EngineError
from fairgrade.plan.deciding import environment_digest, file_digest
from fairgrade.protocol.places import DATA_VARIABLE
from fairgrade.run.request import RunRequest, RunResult
from fairgrade.run.run import run
from fairgrade.sandbox.probe import isolation


@dataclass(frozen=True)
class Site:
    """What a machine is, as far as results depend on it."""

    host: str
    environment: str
    isolation: str


@dataclass(frozen=True)
class Parcel:
    """A run request by value.

    Attributes:
        notebook: JSON.
        files: name -> content.
        data: name -> sha256 and size of a data file.
        site: what the machine must be for the result to count.
        session: the writer's run of `autograde`, for `stop`.
        tests: those that ask the kernel.
    """

    notebook: str
    files: Mapping[str, bytes]
    data: Mapping[str, tuple[str, int]]
    exports: Mapping[str, str]
    seed: int
    limits: Mapping[str, Any]
    sealed: bool
    cell_seconds: float | None
    imports: tuple[str, ...]
    site: Site
    session: str
    tests: PackedTests | None


@dataclass(frozen=True)
class Missing:
    """A worker's answer when it lacks something.

    Attributes:
        worker: its address.
        names: of data files.
        course: whether it lacks what its judge reads.
    """

    worker: str
    names: tuple[str, ...]
    course: bool


def pack(
    request: RunRequest, site: Site, session: str, tests: PackedTests | None
) -> Parcel:
    """A request as a parcel."""
    return Parcel(
        notebook=nbformat.writes(request.notebook),
        files={name: path.read_bytes() for name, path in request.files.items()},
        data={
            name: (file_digest(path), path.stat().st_size)
            for name, path in request.data.items()
        },
        exports=dict(request.exports),
        seed=request.seed,
        limits=request.limits.model_dump(),
        sealed=request.sealed,
        cell_seconds=request.cell_seconds,
        imports=tuple(sorted(request.imports)),
        site=site,
        session=session,
        tests=tests,
    )


def describe(sealed: bool) -> Site:
    """This machine.

    Raises:
        SandboxError: student code cannot be run safely here.
    """
    level = isolation() if sealed else "none"
    return Site(socket.gethostname(), environment_digest(), level)


def run_parcel(parcel: Parcel) -> RunResult | Missing:
    """Run a parcel here, or say which data it lacks.

    Raises:
        EngineError: this machine is not like the one it was packed for.
        SandboxError: it cannot be run safely here.
        RunStopped: the session was stopped.
    """
    from distributed import get_worker

    here = describe(parcel.sealed)
    if (here.environment, here.isolation) != (
        parcel.site.environment,
        parcel.site.isolation,
    ):
        raise EngineError(
            f"The worker on {here.host} differs from the one on {parcel.site.host} in "
            "its packages or its sandbox. Install the same requirements.lock and "
            "bubblewrap on all machines."
        )
    found = {name: find_data(*wanted) for name, wanted in parcel.data.items()}
    missing = tuple(name for name, path in found.items() if path is None)
    session, tests = parcel.session, parcel.tests
    lacks = tests is not None and not has_copy(session, tests.digest)
    if missing or lacks:
        return Missing(get_worker().address, missing, lacks)
    with (
        tempfile.TemporaryDirectory(prefix="fairgrade-") as folder,
        unpacked(tests, session, sealed=parcel.sealed) as asking,
    ):
        files = {}
        for name, content in parcel.files.items():
            files[name] = Path(folder, name)
            files[name].parent.mkdir(parents=True, exist_ok=True)
            files[name].write_bytes(content)
        request = RunRequest(
            notebook=nbformat.reads(parcel.notebook, as_version=4),
            files=files,
            data={name: path for name, path in found.items() if path is not None},
            exports=parcel.exports,
            seed=parcel.seed,
            limits=Limits(**parcel.limits),
            sealed=parcel.sealed,
            cell_seconds=parcel.cell_seconds,
            imports=parcel.imports,
            tests=asking,
        )
        return run(request, stop=_stop_of(session))


def find_data(sha256: str, size: int) -> Path | None:
    """A data file by its content, or None where it is not on this machine."""
    folders = [cache_folder()]
    if given := os.environ.get(DATA_VARIABLE):
        folders.insert(0, Path(given))
    for folder in folders:
        for path in sorted(folder.glob("*")):
            same_size = path.is_file() and path.stat().st_size == size
            if same_size and file_digest(path) == sha256:
                return path
    return None


def has_data(sha256: str, size: int) -> bool:
    """Whether a data file is on this machine."""
    return find_data(sha256, size) is not None


def keep_data(sha256: str, content: bytes) -> None:
    """Put a data file into this machine's cache; several may do so at once."""
    folder = cache_folder()
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / f".new-{secrets.token_hex(8)}"
    fresh.write_bytes(content)
    fresh.chmod(0o644)
    fresh.replace(folder / sha256)


def cache_folder() -> Path:
    """Where a worker keeps data files that it was sent."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base, "fairgrade", "data")


def stop(session: str) -> None:
    """End all runs of a session on this machine, those that begin later included."""
    _stop_of(session).set()
    forget(session)


@functools.lru_cache(maxsize=1024)
def _stop_of(session: str) -> threading.Event:
    return threading.Event()
