"""Grading while work comes in: each hand-in once, and pages as they are declared."""

from __future__ import annotations

import json
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

import forking
from fairgrade.collect.finished import Quiet, is_finished
from fairgrade.course.course import Assignment, Course, load_course
from fairgrade.errors import CourseError
from fairgrade.watch.page_limits import Page, when_due
from fairgrade.watch.status import Done, Failed, LaneStatus, StatusFile, lines
from fairgrade.watch.status import read_status as status_of
from tiny import NAME, make_course

#: Whoever runs the tests in the background has Python ignore Ctrl-C.
_HEARS = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
PROGRAM = [sys.executable, "-c", f"{_HEARS}from fairgrade.cli import main; main()"]
ON_SUBMIT = "    feedback: on_submit\n    attempts: 2\n    delay: 0.05\n"
STUDENTS = ["ada", "ben", "cleo", "dan", *(f"s{n}" for n in range(10))]


def on_submit(**settings: object) -> Assignment:
    found = {"feedback": "on_submit", "due": "2026-12-01T12:00:00Z", **settings}
    return Assignment.model_validate({"name": NAME, **found})


def given(*at: float) -> list[Page]:
    return [Page(f"digest {n}", each, out=True) for n, each in enumerate(at)]


def test_pages_are_so_many_and_so_far_apart_until_the_due_date() -> None:
    assignment = on_submit(attempts=2, delay=5)
    due = datetime(2026, 12, 1, 12, tzinfo=UTC).timestamp()
    assert when_due(assignment, "ada", "new", []) == 0
    assert when_due(assignment, "ada", "new", given(100)) == 400
    assert when_due(assignment, "ada", "new", given(100, 400)) == due
    assert when_due(assignment, "ada", "new", given(100, due)) == due + 300
    assert when_due(assignment, "ada", "new", given(1, 2, due)) is None
    without = on_submit(attempts=1, due=None)
    assert when_due(without, "ada", "new", given(100)) is None
    later = datetime(2026, 12, 2, 12, tzinfo=UTC)
    extended = on_submit(attempts=1, extensions={"ada": later})
    assert when_due(extended, "ada", "new", given(100)) == later.timestamp()


def test_a_page_that_was_cut_off_is_no_new_one() -> None:
    assignment = on_submit(attempts=1)
    assert when_due(assignment, "ada", "digest 0", given(100)) is None
    cut_off = [Page("digest 0", 100)]
    assert when_due(assignment, "ada", "digest 0", cut_off) == 0


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("attempts: 2", "'attempts' says nothing without 'feedback: on_submit'"),
        ("delay: 2", "'delay' says nothing without 'feedback: on_submit'"),
        ("feedback: on_submit\n    attempts: 0", "greater than or equal to 1"),
        ("feedback: on_submit\n    delay: -1", "greater than or equal to 0"),
        ("feedback: always", "'by_hand' or 'on_submit'"),
    ],
)
def test_what_is_declared_is_checked(course: Course, said: str, told: str) -> None:
    path = course.root / "course.yml"
    first = f"  - name: {course.assignments[0].name}\n"
    path.write_text(path.read_text().replace(first, f"{first}    {said}\n", 1))
    with pytest.raises(CourseError, match=re.escape(told)) as caught:
        load_course(course.root)
    assert re.match(rf"{re.escape(str(path))}:\d+: ", str(caught.value))


def test_what_is_still_being_written_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand_in = tmp_path / "ada+doubling+now"
    hand_in.mkdir()
    (hand_in / "doubling.ipynb").write_text("{")
    assert not is_finished(hand_in)
    (hand_in / "submission_secret.txt").write_text("a" * 128)
    hand_in.chmod(0o777)  # as nbgrader does at its end
    assert is_finished(hand_in)
    clock = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    quiet = Quiet(tmp_path)
    assert quiet.look()[1] == {hand_in.name}
    clock[0] += 5
    (tmp_path / "ben.ipynb").write_text("{}")
    assert quiet.look()[1] == {"ben.ipynb"}
    clock[0] += 5
    assert quiet.look()[1] == set()


def test_the_status_is_escaped_and_as_the_docs_say(course: Course) -> None:
    bad = "<script>alert(1)</script>"
    lane = LaneStatus(
        assignment=NAME,
        title=bad,
        trouble=bad,
        queue={bad: 1.0},
        grading={"ben": 2.0},
        pages={"cleo": 3.0, "dan": bad},
        done=[Done(bad, "graded", "3 of 3", 4.0, 1.5, page=True)],
        failed=[Failed("eve", bad, 5.0)],
    )
    StatusFile(course).show([lane], last=True)
    page = (course.root / ".fairgrade" / "watch" / "status.html").read_text()
    assert "<script" not in page and page.count("&lt;script") == 6
    found = status_of(course)
    assert not found["running"]
    docs = (Path(__file__).parents[1] / "docs" / "scripts.md").read_text()
    (row,) = re.findall(r"^\| `watch` \| .*$", docs, re.M)
    (told,) = found["assignments"]
    keys = {*found, *told, *told["done"][0], *told["failed"][0]}
    assert keys == set(re.findall(r"`([a-z]+)`", row)) - {"watch"}
    assert f"  {bad}: 3 of 3" in "\n".join(lines(found))


class Watched:
    """A course with an exchange, and a watch in it."""

    def __init__(self, root: Path) -> None:
        self.root, self.log = root, root.parent / f"{root.name}.log"
        self.log.touch()
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*PROGRAM, "watch"], cwd=self.root, stdout=log, stderr=log
            )

    def end(self, number: signal.Signals) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(300)

    def said(self, text: str) -> int:
        return self.log.read_text().count(text)

    def until(self, true: Callable[[], object]) -> None:
        """Wait for what has to come; the test's own time limit says for how long."""
        while not true():
            assert self.process is not None
            assert self.process.poll() is None, self.log.read_text()
            time.sleep(0.05)

    def hand_in(self, student: str, answer: str = "doubled = 2 * n") -> None:
        """As nbgrader does it."""
        released = self.root / "release" / NAME / f"{NAME}.ipynb"
        notebook = nbformat.read(released, as_version=4)
        for cell in notebook.cells:
            if cell.metadata.nbgrader.grade_id == "double":
                cell.source = answer
        when = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f UTC")
        inbound = self.root / "exchange" / "tiny" / "inbound"
        folder = inbound / f"{student}+{NAME}+{when}+x7Gh2kLmAbCd"
        folder.mkdir()
        nbformat.write(notebook, folder / f"{NAME}.ipynb")
        (folder / "timestamp.txt").write_text(when)
        (folder / "submission_secret.txt").write_text(
            (student.encode().hex() * 64)[:128]
        )
        folder.chmod(0o777)

    def pages(self, student: str) -> list[dict[str, object]]:
        path = self.root / ".fairgrade" / "pages" / NAME / f"{student}.json"
        found: list[dict[str, object]] = json.loads(path.read_text())
        return found

    def out(self, student: str) -> bool:
        """Whether there are pages of a student, and all went out."""
        path = self.root / ".fairgrade" / "pages" / NAME / f"{student}.json"
        return path.is_file() and all(page["out"] for page in self.pages(student))

    def scores(self) -> dict[str, float]:
        with Gradebook(f"sqlite:///{self.root}/gradebook.db") as gradebook:
            found = gradebook.assignment_submissions(NAME)
            return {each.student.id: each.score for each in found}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("watched") / "course"
    make_course(root, extra="exchange: exchange")
    path = root / "course.yml"
    text = path.read_text().replace("due: 2026", "due: 2099")
    path.write_text(text.replace("    points", f"{ON_SUBMIT}    points"))
    (root / "roster.csv").write_text("\n".join(["id", *STUDENTS, ""]))
    forking.run(root, "fairgrade", "release", NAME, "--anyway").check_returncode()
    return root


@pytest.fixture
def watched(made: Path, tmp_path: Path) -> Iterator[Watched]:
    found = Watched(shutil.copytree(made, tmp_path / "course"))
    yield found
    if found.process is not None and found.process.poll() is None:
        found.process.kill()
        found.process.wait()


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_student_submits_and_fetches_the_page(
    watched: Watched, tmp_path: Path
) -> None:
    desk = tmp_path / "desk"
    (desk / NAME).mkdir(parents=True)
    (desk / "nbgrader_config.py").write_text(
        "c = get_config()\n"
        "c.CourseDirectory.course_id = 'tiny'\n"
        "c.CourseDirectory.student_id = 'ada'\n"
        f"c.Exchange.root = '{watched.root / 'exchange'}'\n"
        f"c.Exchange.cache = '{desk / 'cache'}'\n"
    )
    released = watched.root / "release" / NAME / f"{NAME}.ipynb"
    blank = released.read_text()
    (desk / NAME / released.name).write_text(
        blank.replace("# YOUR CODE HERE", "doubled = 3 * n").replace(
            "raise NotImplementedError()", "pass"
        )
    )

    def nbgrader(*arguments: str) -> None:
        forking.run(desk, "nbgrader", *arguments).check_returncode()

    watched.start()
    nbgrader("submit", NAME)
    watched.until(lambda: watched.said("ada: page given"))
    nbgrader("fetch_feedback", NAME)
    (page,) = (desk / NAME / "feedback").rglob("*.html")
    assert "doubled is wrong" in page.read_text()
    assert watched.scores()["ada"] == 0
    assert watched.end(signal.SIGTERM) == 0
    assert watched.log.read_text().endswith("run it again to go on.\n")


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_killed_watch_goes_on_where_it_was(watched: Watched) -> None:
    watched.start()
    watched.until(lambda: watched.said("Watching"))
    for number in range(10):
        watched.hand_in(f"s{number}", f"doubled = {number} + 2 * n - {number}")
        if number in (2, 6, 9):
            done = watched.said("page given")
            watched.until(lambda done=done: watched.said("page given") > done)
            assert watched.end(signal.SIGKILL) < 0
            watched.start()
    watched.until(lambda: all(watched.out(f"s{number}") for number in range(10)))
    assert watched.end(signal.SIGINT) == 130
    assert watched.scores() == {f"s{n}": 3 for n in range(10)}
    for number in range(10):
        assert watched.said(f"s{number}: 3 of 3") <= 1
        assert len(watched.pages(f"s{number}")) == 1
    assert watched.said("no result") == 0
    out = watched.root / "exchange" / "tiny" / "feedback"
    assert len(list(out.rglob("*.html"))) == 10


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_attempts_a_delay_a_lock_and_a_due_date(watched: Watched) -> None:
    def given_to_ada() -> int:
        return watched.said("ada: page given")

    watched.start()
    for attempt in range(1, 4):
        watched.hand_in("ada", f"doubled = {attempt} * n")
        watched.until(lambda n=attempt: watched.said(" of 3, graded") == n)
        watched.until(lambda n=attempt: given_to_ada() == min(n, 2))

    first, second = watched.pages("ada")
    assert float(second["at"]) - float(first["at"]) >= 3

    with sqlite3.connect(watched.root / "gradebook.db", isolation_level=None) as held:
        held.execute("BEGIN EXCLUSIVE")
        watched.hand_in("ben")
        watched.until(lambda: watched.said("Waiting until that is over."))
        held.execute("ROLLBACK")
    watched.until(lambda: watched.said("ben: page given"))
    assert watched.said("no result") == 0 and watched.said("is locked") == 1

    assert len(watched.pages("ada")) == 2
    path = watched.root / "course.yml"
    path.write_text(path.read_text().replace("due: 2099", "due: 2025"))
    watched.until(lambda: given_to_ada() == 3)
    page = watched.root / "feedback" / "ada" / NAME / f"{NAME}.html"
    assert "doubled is wrong" in page.read_text()  # as the third, not the second
