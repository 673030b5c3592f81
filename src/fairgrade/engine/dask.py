"""Runs on a Dask cluster: whoever its workers are, one writer takes their results.

Dask gives a run whose worker died to another one. Other submissions and the gradebook
stay on the writer's machine, and so do hidden tests that ask no kernel.
"""

from __future__ import annotations

import contextlib
import logging
import secrets
import threading
import time
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as WaitTimeout
from pathlib import Path
from typing import Any

from distributed import Client, KilledWorker

from fairgrade.engine import packed_tests, remote
from fairgrade.errors import EngineError, FairgradeError
from fairgrade.judge.examiner import AskingTests
from fairgrade.plan.deciding import environment_digest, file_digest
from fairgrade.run.request import RunRequest, RunResult

_CONNECT_SECONDS = 10
#: For the first worker: a batch system may have to start one.
_WORKER_SECONDS = 300
_CLOSE_SECONDS = 5
_COUNT_SECONDS = 2.0
#: Threads that wait for results; more runs than that are never under way.
_MOST_WAITING = 512


class DaskEngine:
    """Sends runs to the workers of a Dask scheduler.

    Args:
        address: of the scheduler, as tcp://host:8786.

    Raises:
        EngineError: it does not answer, has no worker, or they have other packages.
        SandboxError: its workers cannot run student code safely.
    """

    def __init__(self, address: str, *, sealed: bool) -> None:
        self._address = address
        self._session = secrets.token_hex(8)
        self._sending = threading.Lock()
        self._counted = (0.0, 1)
        self._copies: dict[tuple[Path, str], packed_tests.CourseCopy] = {}
        # What it logs when a scheduler goes away, `check` says in one line.
        logging.getLogger("distributed").setLevel(logging.CRITICAL)
        try:
            self._client = Client(
                address, timeout=_CONNECT_SECONDS, set_as_default=False
            )
        except (OSError, ValueError, WaitTimeout) as err:
            raise EngineError(
                f"No Dask scheduler answers at {address}. "
                "Start one (dask scheduler), or correct --scheduler."
            ) from err
        self._threads = ThreadPoolExecutor(_MOST_WAITING, "fairgrade-dask")
        try:
            self._site = self._look_at_a_worker(sealed)
        except BaseException:
            self.close()
            raise
        self.isolation = self._site.isolation

    @property
    def capacity(self) -> int:
        """Some more than there are worker threads now, so that none waits for us."""
        looked, count = self._counted
        if time.monotonic() - looked > _COUNT_SECONDS:
            with contextlib.suppress(OSError, WaitTimeout, CancelledError):
                threads = self._client.scheduler_info(n_workers=-1)["workers"].values()
                count = sum(worker["nthreads"] for worker in threads)
            self._counted = (time.monotonic(), count)
        return min(_MOST_WAITING, max(1, count) + count // 4 + 1)

    def submit(self, request: RunRequest) -> Future[RunResult]:
        """See `fairgrade.engine.Engine`."""
        return self._threads.submit(self._run, request)

    def check(self) -> None:
        """See `fairgrade.engine.Engine`."""
        if self._client.status != "running":
            raise self._lost()

    def close(self) -> None:
        """See `fairgrade.engine.Engine`."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        if self._client.status == "running":
            with contextlib.suppress(Exception):  # it may go away just now
                self._client.run(remote.stop, self._session, on_error="ignore")
        with contextlib.suppress(Exception):
            self._client.close(timeout=_CLOSE_SECONDS)  # cancels what is waiting
        self._threads.shutdown()

    def _look_at_a_worker(self, sealed: bool) -> remote.Site:
        future = self._client.submit(remote.describe, sealed, pure=False)
        try:
            site: remote.Site = self._result(future, _WORKER_SECONDS)
        except WaitTimeout as err:
            raise EngineError(
                f"No worker has joined {self._address} in {_WORKER_SECONDS} s. "
                f"Start some: dask worker {self._address}"
            ) from err
        if site.environment != environment_digest():
            raise EngineError(
                f"The worker on {site.host} has other packages than this machine. "
                "Install the same requirements.lock and fairgrade on both."
            )
        return site

    def _run(self, request: RunRequest) -> RunResult:
        """Have one request run, sending data to workers that lack it."""
        copy, tests = self._with_tests(request)
        parcel = remote.pack(request, self._site, self._session, tests)
        workers: list[str] | None = None
        while True:
            future = self._client.submit(
                remote.run_parcel,
                parcel,
                pure=False,
                workers=workers,
                allow_other_workers=workers is not None,
            )
            answer = self._result(future)
            if isinstance(answer, RunResult):
                return answer
            workers = [answer.worker]
            for name in answer.names:
                self._send(request, name, answer.worker)
            if answer.course and copy is not None:
                self._send_copy(copy, answer.worker)

    def _with_tests(
        self, request: RunRequest
    ) -> tuple[packed_tests.CourseCopy | None, packed_tests.PackedTests | None]:
        """What goes along with a run whose tests ask: for its worker's judge.

        Raises:
            EngineError: it lies outside the course's folder.
        """
        tests = request.tests
        if not isinstance(tests, AskingTests):
            return None, None
        key = tests.judges.root, tests.judges.assignment
        with self._sending:
            if key not in self._copies:
                self._copies[key] = packed_tests.copy_for(tests)
        return self._copies[key], packed_tests.packed(tests, self._copies[key])

    def _send_copy(self, copy: packed_tests.CourseCopy, worker: str) -> None:
        """Give a worker what its judge reads, unless another thread just did."""
        place = self._session, copy.digest
        with self._sending, contextlib.suppress(OSError):  # it died: others will ask
            found = self._client.run(
                packed_tests.has_copy, *place, workers=[worker], on_error="ignore"
            )
            if not any(found.values()):
                self._client.run(
                    packed_tests.keep_copy,
                    *place,
                    copy,
                    workers=[worker],
                    on_error="ignore",
                )

    def _send(self, request: RunRequest, name: str, worker: str) -> None:
        """Put one data file where a worker finds it, unless another thread just did."""
        path = request.data[name]
        sha256, size = file_digest(path), path.stat().st_size
        with self._sending, contextlib.suppress(OSError):  # it died: others will ask
            found = self._client.run(
                remote.has_data, sha256, size, workers=[worker], on_error="ignore"
            )
            if not any(found.values()):
                self._client.run(
                    remote.keep_data,
                    sha256,
                    path.read_bytes(),
                    workers=[worker],
                    on_error="ignore",
                )

    def _result(self, future: Any, seconds: float | None = None) -> Any:
        """What a task returns.

        Raises:
            FairgradeError: what it raised, or that its workers died under it.
            EngineError: the scheduler is gone.
        """
        try:
            return future.result(timeout=seconds)
        except CancelledError as err:
            raise self._lost() from err
        except KilledWorker as err:
            raise FairgradeError(
                "The workers that ran this notebook died one after the other. "
                "See their logs: they may lack memory."
            ) from err
        finally:
            future.release()

    def _lost(self) -> EngineError:
        return EngineError(
            f"The Dask scheduler at {self._address} is gone. What was graded is kept: "
            "start it again and run this again, or leave --scheduler out."
        )
