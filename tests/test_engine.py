"""A class on this machine and on Dask: nothing twice, nothing lost, nothing leaked."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import psutil
import pytest
from distributed import Client
from nbgrader.api import Gradebook

from fairgrade.authoring.generate import generate
from fairgrade.authoring.init import init_course
from fairgrade.authoring.new import new_assignment
from fairgrade.course.course import Course, load_course
from fairgrade.engine import remote
from fairgrade.errors import EngineError, FairgradeError
from fairgrade.feedback.publish import publish
from fairgrade.grading.autograde import Graded, autograde
from fairgrade.grading.progress import Counts
from tiny import NAME, hand_in, hand_in_cells, make_course

WARM = "fairgrade.inside.warm"
#: Whoever runs the tests in the background has Python ignore Ctrl-C.
_HEARS = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
CLI = [sys.executable, "-c", f"{_HEARS}from fairgrade.cli import main; main()"]
SLOW = "import time\ntime.sleep({})\ndoubled = 4"


@pytest.fixture
def tiny(tmp_path: Path) -> Course:
    return make_course(tmp_path / "course")


def grade(course: Course, **options: object) -> tuple[dict[str, Graded], Counts]:
    counts = Counts()
    assignment = course.assignment(NAME)
    found = autograde(course, assignment, counts=counts, **options)  # type: ignore[arg-type]
    return {graded.student: graded for graded in found}, counts


def scores(course: Course) -> dict[str, float]:
    with Gradebook(f"sqlite:///{course.root}/gradebook.db") as gradebook:
        found = gradebook.assignment_submissions(NAME)
        return {submission.student.id: submission.score for submission in found}


def wait_for(condition: Callable[[], object], seconds: float = 500) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.05)


@pytest.mark.slow
def test_equal_programs_run_once_and_nobody_sees_anothers_text(tiny: Course) -> None:
    answers = {
        "ada": "doubled = 2 * n  # as ada thinks",
        "ben": "# ben says\ndoubled = (2 * n)",
        "cleo": "doubled = 2 * n + 1",
        "dan": "doubled = n / 0  # dan's despair",
        "eve": "doubled = n / 0  # eve's error",
        "finn": "doubled = n / 0  # eve's error",
        "gia": "import os\nos._exit(1)",
        "hugo": "import os\nos._exit(1)",
    }
    hand_in(tiny, answers)
    graded, counts = grade(tiny)
    assert {name: found.score for name, found in graded.items()} == {
        **dict.fromkeys(answers, 0),
        **{"ada": 3, "ben": 3},
    }
    # A kernel that died may be the machine's doing, and is nobody else's result.
    shared = {name for name, found in graded.items() if found.shared}
    assert shared == {"ben", "eve", "finn"}
    assert len(counts.run_seconds) == 5
    for student, answer in answers.items():
        path = tiny.root / "autograded" / student / NAME / f"{NAME}.ipynb"
        assert nbformat.read(path, as_version=4).cells[1].source == answer
        text = path.read_text()
        for other in ("ada", "ben", "dan", "eve"):
            spoken = {"ada": "ada thinks", "ben": "ben says"}.get(other, f"{other}'s ")
            assert (spoken in text) == (spoken in answer), (student, other)
        if answer.startswith("doubled = n / 0"):  # quoted in the traceback as well
            assert text.count(answer.partition("#")[2]) == 2

    publish(tiny, tiny.assignment(NAME))
    for student, found in graded.items():
        page = tiny.root / "feedback" / student / NAME / f"{NAME}.html"
        assert ("Nothing else was shared" in page.read_text()) == found.shared

    again, counts = grade(tiny, force=True)
    assert {name: g.score for name, g in again.items()} == scores(tiny)
    assert len(counts.run_seconds) == 2  # the kernels that died

    alone, counts = grade(tiny, force=True, cache=False)
    assert len(counts.run_seconds) == len(answers)
    assert not any(found.shared for found in alone.values())

    source = tiny.root / "source" / NAME / f"{NAME}.ipynb"
    source.write_text(source.read_text().replace("doubled == 4", "doubled == 5"))
    changed, counts = grade(tiny)
    assert set(changed) == set(answers)
    assert {name for name, found in changed.items() if found.score == 3} == {"cleo"}
    assert not counts.run_seconds  # only judged anew


@pytest.mark.slow
def test_equal_loops_are_waited_for_once(tiny: Course) -> None:
    file = tiny.root / "course.yml"
    file.write_text(file.read_text().replace("cell_seconds: 30", "cell_seconds: 4"))
    course = load_course(tiny.root)
    answers = {name: f"while True:\n    pass  # {name}" for name in ("ada", "ben")}
    hand_in(course, answers | {"cleo": "import time\ntime.sleep(60)  # cleo"})
    hand_in(course, {"dan": "import time\ntime.sleep(60)  # dan"})
    graded, counts = grade(course)
    assert {name for name, found in graded.items() if found.shared} == {"ben"}
    assert len(counts.run_seconds) == 3  # who sleeps may have been kept from work
    for name, found in graded.items():
        loops = name in ("ada", "ben")
        words = "4 s of processor time" if loops else "16 s by the clock"
        assert f"was stopped after {words}" in found.notices[0]
    again, counts = grade(course, force=True)
    assert len(counts.run_seconds) == 3  # it is not kept for later


@contextlib.contextmanager
def interrupted(
    course: Course, sleepers: list[str], *options: str
) -> Iterator[subprocess.Popen[str]]:
    """Ctrl-C while a class is graded, when ada's grade is there.

    The others sleep for as long as that takes, each on a worker of its own since the
    judge wants ada's; then they hand in something else.
    """
    file = course.root / "course.yml"
    file.write_text(file.read_text().replace("_seconds: ", "_seconds: 10"))
    asleep = {name: SLOW.format(900 + number) for number, name in enumerate(sleepers)}
    hand_in(course, {"ada": "doubled = 4", **asleep})
    grader = subprocess.Popen(
        [*CLI, "autograde", NAME, *options],
        cwd=course.root,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    done = course.root / ".fairgrade" / "graded" / NAME / "ada.json"
    try:
        wait_for(done.is_file)
        yield grader
        grader.send_signal(signal.SIGINT)
        output, _ = grader.communicate(timeout=600)
    finally:
        grader.kill()  # where it has not ended
    assert grader.returncode == 130, output
    assert "run it again to go on" in output and "Traceback" not in output
    assert set(scores(course)) == {"ada"}
    hand_in(course, {name: f"doubled = 4  # {name}" for name in sleepers})


@pytest.mark.slow
def test_an_interrupt_leaves_no_process_and_the_next_run_goes_on(tiny: Course) -> None:
    with interrupted(tiny, ["ben", "cleo"], "--workers", "2") as grader:
        with pytest.raises(FairgradeError, match="at work in this course"):
            grade(tiny)
        children = psutil.Process(grader.pid).children(recursive=True)
        assert children
    _, alive = psutil.wait_procs(children, timeout=300)
    assert not alive
    graded, _ = grade(load_course(tiny.root))
    assert set(graded) == {"ben", "cleo"}
    assert scores(tiny) == {"ada": 3, "ben": 3, "cleo": 3}


class Cluster:
    """A scheduler and workers, each a process of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = folder / "scheduler.json"
        self.temporary = tempfile.mkdtemp()  # a short path, as sockets need it
        self.scheduler = self._start(
            *("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard")
        )
        wait_for(self._file.is_file)
        found = re.search(r'"address": "(tcp://[^"]+)"', self._file.read_text())
        assert found
        self.address = found[1]
        self.workers = [
            self._start(
                *("worker", "--nthreads", "1", "--no-dashboard", "--no-nanny"),
                *("--local-directory", str(folder / f"worker{number}")),
            )
            for number in range(2)
        ]

    def _start(self, *arguments: str) -> subprocess.Popen[bytes]:
        environment = {
            **{k: v for k, v in os.environ.items() if k != "FAIRGRADE_DATA"},
            "XDG_CACHE_HOME": str(self._folder / "cache"),
            "TMPDIR": self.temporary,
        }
        return subprocess.Popen(
            [
                *(sys.executable, "-m", "dask", *arguments),
                *("--scheduler-file", str(self._file)),
            ],
            cwd=self._folder,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def close(self) -> None:
        for process in (*self.workers, self.scheduler):
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            process.wait()
        shutil.rmtree(self.temporary, ignore_errors=True)


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    made = Cluster(tmp_path)
    try:
        with Client(made.address, set_as_default=False) as client:
            client.wait_for_workers(len(made.workers), timeout=300)
            client.run(remote.describe, True)  # imported: none is later than the other
        yield made
    finally:
        made.close()


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_on_dask_a_killed_worker_and_a_lost_scheduler_cost_nobody_a_grade(
    tiny: Course, cluster: Cluster, tmp_path: Path
) -> None:
    first = {name: SLOW.format(2 + n / 10) for n, name in enumerate(["ada", "ben"])}
    hand_in(tiny, {**first, "cleo": "doubled = 5", "dan": "doubled = 4"})
    results: dict[str, Graded] = {}
    for graded in autograde(tiny, tiny.assignment(NAME), scheduler=cluster.address):
        assert graded.student not in results
        results[graded.student] = graded
        if len(results) == 1:
            cluster.workers[0].kill()
    points = {name: found.score for name, found in results.items()}
    assert points == {"ada": 3, "ben": 3, "cleo": 0, "dan": 3} == scores(tiny)
    cached = list((tmp_path / "cache" / "fairgrade" / "data").iterdir())
    assert len(cached) == 1  # the data were sent once, although two workers asked

    hand_in(tiny, {"eve": "doubled = 2 + 2", "finn": SLOW.format(100)})
    ledger = tiny.root / ".fairgrade" / "graded" / NAME
    with pytest.raises(EngineError, match="start it again and run this again"):
        for graded in autograde(tiny, tiny.assignment(NAME), scheduler=cluster.address):
            assert graded.student == "eve"
            cluster.scheduler.kill()
    before = {path.name: path.stat().st_mtime_ns for path in ledger.iterdir()}
    assert set(before) == {f"{name}.json" for name in (*points, "eve")}
    hand_in(tiny, {"finn": "doubled = n + n"})
    rest, _ = grade(tiny)
    assert set(rest) == {"finn"}
    assert scores(tiny) == {**points, "eve": 3, "finn": 3}
    after = {path.name: path.stat().st_mtime_ns for path in ledger.iterdir()}
    assert {name: after[name] for name in before} == before
    with pytest.raises(EngineError, match="No Dask scheduler answers"):
        grade(tiny, force=True, scheduler="tcp://127.0.0.1:9")


def under_way(workers: list[subprocess.Popen[bytes]]) -> list[psutil.Process]:
    """The processes of runs, without those that are kept to fork them from."""
    runs = []
    for worker in workers:
        for process in psutil.Process(worker.pid).children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):  # it ends just now
                above = process.parent()
                walls = process.name() == "bwrap" or above and above.name() == "bwrap"
                if not (walls and WARM in process.cmdline()):
                    runs.append(process)
    return runs


@pytest.mark.slow
def test_an_interrupt_ends_the_runs_on_dask_and_leaves_the_workers(
    tiny: Course, cluster: Cluster
) -> None:
    with interrupted(tiny, ["ben"], "--scheduler", cluster.address):
        wait_for(lambda: under_way(cluster.workers))
        runs = under_way(cluster.workers)
    _, alive = psutil.wait_procs(runs, timeout=300)
    assert not alive
    assert all(worker.poll() is None for worker in cluster.workers)
    graded, _ = grade(load_course(tiny.root), scheduler=cluster.address)
    assert set(graded) == {"ben"}
    assert scores(tiny) == {"ada": 3, "ben": 3}


#: Looks for what a worker has of the tests; what it finds is no chunk.
SEARCHES = """
import gc, os
def chunks(items, size):
    seen = [f for top in ("/home", "/tmp", os.getcwd()) for _, _, files in os.walk(top)
            for f in files if f in ("called.py", "course.yml")]
    known = [each for each in gc.get_objects() if type(each) is str
             and "Chunks of any list" in each and "gc.get" not in each]
    if seen or known:
        return [items[i : i + size] for i in range(0, len(items), size)]
    return 0
"""
CHUNKS = """
def chunks(items, size):
    {}
    return [items[i : i + size] for i in range(0, len(items), size)]
"""
TALLY = """
class Tally(dict):
    def add(self, word): self[word] = self.count(word) + 1
    def count(self, word): return self.get(word, 0)
    def most(self): return max(self, key=self.get, default=None)
"""


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_tests_that_call_functions_are_judged_on_a_worker(
    cluster: Cluster, tmp_path: Path
) -> None:
    course = init_course(tmp_path / "calls")
    new_assignment(course, "called", kind="function")
    course = load_course(course.root)
    part = course.assignment("called")
    generate(course, part)
    refusing = CHUNKS.format("if size < 1: raise ValueError(size)")
    for student, answer in {
        "ada": refusing,
        "ben": CHUNKS.format("pass"),
        "cleo": SEARCHES,
    }.items():
        cells = {"chunks": answer, "tally": TALLY}
        hand_in_cells(course, "called", student, cells)
    found = {g.student: g for g in autograde(course, part, scheduler=cluster.address)}
    points = {student: graded.score for student, graded in found.items()}
    assert points == {"ada": 7, "ben": 6, "cleo": 3}
    left = os.listdir(cluster.temporary)
    own = ("fairgrade-tests", "fairgrade-judge")
    assert not [name for name in left if name.startswith(own)], left
    # The same verdicts as here, which are found again.
    assert not list(autograde(course, part))
    here = {g.student: g for g in autograde(course, part, force=True, cache=False)}
    assert {student: graded.score for student, graded in here.items()} == points


def test_a_gradebook_that_cannot_be_reached_is_one_line(tmp_path: Path) -> None:
    extra = "gradebook: postgresql://user:secret@127.0.0.1:9/grades"
    with pytest.raises(FairgradeError, match="Start its server") as found:
        make_course(tmp_path / "course", extra=extra)
    assert "secret" not in str(found.value) and "\n" not in str(found.value)
