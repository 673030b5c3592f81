"""Whatever is raised in handling one submission, the others of the class go on."""

from __future__ import annotations

import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbgrader.api import Gradebook, MissingEntry

from fairgrade.cli import main
from fairgrade.course.course import Course, load_course
from fairgrade.course.failures import Failures, noted
from fairgrade.errors import EngineError, FailedSubmissions, FairgradeError
from fairgrade.feedback import exporter
from fairgrade.feedback.publish import publish
from fairgrade.gradebook import queue as waiting
from fairgrade.gradebook.verdicts import SaveVerdicts
from fairgrade.grading import assessor as attempt
from fairgrade.grading import autograde, dispatch, grader, ledger
from fairgrade.grading.reference import Reference
from fairgrade.judge.verdict import CellVerdict
from fairgrade.nbgrader_bridge.api import quiet_api_for
from fairgrade.report import gather
from fairgrade.report.write import write_report
from tiny import NAME, hand_in, make_course

RIGHT = "doubled = 2 * n"
#: Submissions that are no equal programs: each runs by itself.
CLASS = {
    "ada": RIGHT,
    "ben": "doubled = n * 2",
    "cleo": "doubled = n + n",
}


class _Strange(BaseException):
    """What no `except Exception` catches; and it cannot even be printed."""

    def __str__(self) -> str:
        raise RuntimeError("no text")


ERRORS: list[BaseException] = [
    RecursionError("maximum recursion depth exceeded"),
    MemoryError(),
    UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed"),
    SystemExit(3),
    StopIteration(),
    FairgradeError("it cannot be graded here. Mend it."),
    _Strange(),
]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course whose runs are in its store, and nothing of it is graded."""
    course = make_course(tmp_path_factory.mktemp("base") / "course")
    hand_in(course, CLASS)
    ungraded = (course.root / "gradebook.db").read_bytes()
    assert _grade(course) == dict.fromkeys(CLASS, 3)
    (course.root / "gradebook.db").write_bytes(ungraded)
    shutil.rmtree(course.root / "autograded")
    return course.root


@pytest.fixture
def tiny(base: Path, tmp_path: Path) -> Course:
    shutil.copytree(base, tmp_path / "course", symlinks=True)
    return load_course(tmp_path / "course")


def _grade(course: Course, *, force: bool = False) -> dict[str, float]:
    """Grade the class and look into the gradebook, whatever was raised."""
    assignment = course.assignment(NAME)
    try:
        for _ in autograde.autograde(course, assignment, force=force):
            pass
    except FailedSubmissions as err:
        assert set(err.failures) == {"ben"} and "ben" in str(err)
    return _scores(course)


def _scores(course: Course) -> dict[str, float]:
    with Gradebook(quiet_api_for(course).coursedir.db_url, course.id) as gradebook:
        found = {}
        for student in CLASS:
            try:
                submission = gradebook.find_submission(NAME, student)
            except MissingEntry:
                continue
            assert submission.notebooks, f"{student} is half written"
            found[student] = submission.score
        return found


def _raise_for_ben(
    function: Callable[..., object], error: BaseException, where: Callable[..., bool]
) -> Callable[..., object]:
    def wrapped(*args: object, **kw: object) -> object:
        if where(*args, **kw):
            raise error
        return function(*args, **kw)

    return wrapped


def _is_ben(*args: object, **_: object) -> bool:
    """Whether a call is about ben, by whatever it is given."""
    for value in args:
        if "ben" in (value, getattr(value, "student", None)):
            return True
        cells = getattr(getattr(value, "notebook", None), "cells", ())
        if any(cell.source == CLASS["ben"] for cell in cells):
            return True
    return False


#: Where a submission passes on its way into the gradebook: object, function.
STEPS = [
    (ledger.Ledger, "digest"),
    (attempt.Assessor, "prepare"),
    (dispatch, "run_keys"),
    (dispatch, "record_of"),
    (attempt.Assessor, "attempt"),
    (grader.GradebookWriter, "record"),
    (ledger.Ledger, "enter"),
]


@pytest.mark.slow
@pytest.mark.parametrize("step", range(len(STEPS)))
def test_an_error_at_any_step_is_one_students(
    tiny: Course, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    place, name = STEPS[step]
    error = ERRORS[step % len(ERRORS)]
    if name == "record_of":  # of a run, not of a stored one
        shutil.rmtree(tiny.root / ".fairgrade" / "store")
    with monkeypatch.context() as patch:
        patch.setattr(place, name, _raise_for_ben(getattr(place, name), error, _is_ben))
        scores = _grade(tiny)
        assert scores["ada"] == scores["cleo"] == 3
        assert [(who, stage) for who, stage, _ in noted(tiny.root, NAME)] == [
            ("ben", "autograde")
        ]
        assert tiny.root.joinpath(f".fairgrade/log/{NAME}/ben.log").is_file()
        if step == 0:  # the second run is not stopped, and does not lose it
            assert _grade(tiny) == scores
            assert len(list(noted(tiny.root, NAME))) == 1
    assert _grade(tiny) == dict.fromkeys(CLASS, 3)
    assert not list(noted(tiny.root, NAME))


@pytest.mark.slow
@pytest.mark.parametrize("error", ERRORS[-2:], ids=lambda error: type(error).__name__)
def test_any_error_while_recording_leaves_the_earlier_grade(
    tiny: Course, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    assert _grade(tiny) == dict.fromkeys(CLASS, 3)
    before = _kept(tiny)
    hand_in(tiny, {"ben": "doubled = 5"})

    def stop(self: object, nb: object, resources: dict) -> tuple:
        if resources["nbgrader"]["student"] == "ben":
            raise error
        return real(self, nb, resources)

    real = SaveVerdicts.preprocess
    with monkeypatch.context() as patch:
        patch.setattr(SaveVerdicts, "preprocess", stop)
        assert _grade(tiny) == dict.fromkeys(CLASS, 3)
        assert _kept(tiny) == before
    assert _grade(tiny) == {"ada": 3, "ben": 0, "cleo": 3}


@pytest.mark.slow
def test_only_who_needs_the_reference_solution_waits_for_it(
    tiny: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Not wrong alone: the test stops, and only who is at fault is the question.
    hand_in(tiny, {"ben": "import numpy as np\ndoubled = np.arange(3)"})
    there, real = threading.Event(), Reference._verdicts

    def late(self: Reference, *how: Any) -> list[CellVerdict]:
        assert there.wait(120)
        return real(self, *how)

    def broken(self: Reference, *how: Any) -> list[CellVerdict]:
        raise OSError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(Reference, "_verdicts", broken)
        assert _grade(tiny) == {"ada": 3, "cleo": 3}
    monkeypatch.setattr(Reference, "_verdicts", late)
    assignment = tiny.assignment(NAME)
    graded = autograde.autograde(tiny, assignment, force=True)
    assert {next(graded).student, next(graded).student} == {"ada", "cleo"}
    there.set()
    assert [(last.student, last.score) for last in graded] == [("ben", 0)]


def _kept(course: Course) -> bytes:
    return (course.root / "autograded" / "ben" / NAME / f"{NAME}.ipynb").read_bytes()


@pytest.mark.slow
def test_a_result_that_cannot_be_written_is_in_no_table_either(
    tiny: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file comes after the scores: when it fails, they are taken back."""
    _grade(tiny)
    hand_in(tiny, {"ben": "doubled = 5"})

    def stop(self: object, *args: object) -> None:
        if self.coursedir.student_id == "ben":  # type: ignore[attr-defined]
            raise OSError("the disk is full")
        real(self, *args)

    from fairgrade.gradebook.judged_autograde import JudgedAutograde

    real = JudgedAutograde.set_permissions
    monkeypatch.setattr(JudgedAutograde, "set_permissions", stop)
    assert _grade(tiny) == dict.fromkeys(CLASS, 3)


@pytest.mark.slow
def test_the_first_submission_that_cannot_be_recorded_leaves_no_row(
    tiny: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = SaveVerdicts.preprocess

    def stop(self: object, nb: object, resources: dict) -> tuple:
        if resources["nbgrader"]["student"] == "ben":
            raise ValueError
        return real(self, nb, resources)

    monkeypatch.setattr(SaveVerdicts, "preprocess", stop)
    assert _grade(tiny) == {"ada": 3, "cleo": 3}


@pytest.mark.slow
@pytest.mark.parametrize("error", ERRORS[-3:], ids=lambda error: type(error).__name__)
def test_pages_reports_and_tables_go_on_without_the_one_that_fails(
    tiny: Course, monkeypatch: pytest.MonkeyPatch, error: BaseException, capfd
) -> None:
    _grade(tiny)
    assignment = tiny.assignment(NAME)
    steps: list[tuple[object, str, Callable[[], object]]] = [
        (exporter, "_read", lambda: publish(tiny, assignment)),
        (gather, "_result", lambda: write_report(tiny, assignment)),
    ]
    capfd.readouterr()

    def of_ben(record: object, *_: object) -> bool:
        student = getattr(record, "student", None) or record.assignment.student  # type: ignore[attr-defined]
        return student.id == "ben"

    for place, name, command in steps:
        with monkeypatch.context() as patch:
            real = getattr(place, name)
            patch.setattr(place, name, _raise_for_ben(real, error, of_ben))
            with pytest.raises(FailedSubmissions) as raised:
                command()
            assert set(raised.value.failures) == {"ben"}
        command()
        assert not list(noted(tiny.root, NAME))
    assert "Traceback" not in "".join(capfd.readouterr())


@pytest.mark.slow
def test_pages_of_the_others_are_there(
    tiny: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    _grade(tiny)
    graded = tiny.root / "autograded" / "ben" / NAME / f"{NAME}.ipynb"
    graded.chmod(0o644)
    graded.write_text("{")
    with pytest.raises(FailedSubmissions, match="ben"):
        publish(tiny, tiny.assignment(NAME))
    pages = {p.parent.parent.name for p in tiny.root.glob(f"feedback/*/{NAME}/*.html")}
    assert pages == {"ada", "cleo"}
    told = waiting.waiting(tiny, tiny.assignment(NAME))
    assert {(item.student, item.reason) for item in told} == {("ben", "failed")}


def test_an_engine_that_is_gone_and_ctrl_c_stop_the_work(tmp_path: Path) -> None:
    failures = Failures(tmp_path, NAME, "autograde")
    for error in (EngineError("gone"), KeyboardInterrupt()):
        with pytest.raises(type(error)), failures.fence("while it ran", "ben"):
            raise error
    assert not failures.now


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_an_error_of_any_type_goes_no_further(
    tmp_path: Path, error: BaseException
) -> None:
    failures = Failures(tmp_path, NAME, "autograde")
    with failures.fence("while it ran", "ben", "cleo"):
        raise error
    assert failures.now.keys() == {"ben", "cleo"}
    assert [who for who, *_ in noted(tmp_path, NAME)] == ["ben", "cleo"]
    failures.settle("ben")
    assert [who for who, *_ in noted(tmp_path, NAME)] == ["cleo"]


def test_a_failure_is_one_line_and_its_log_is_bounded(tmp_path: Path) -> None:
    failures = Failures(tmp_path, NAME, "autograde")
    with failures.fence("while it ran", "ben"):
        raise ValueError("\x1b[2J" + "x\ud800" * 10**6)
    (who, stage, reason), *more = noted(tmp_path, NAME)
    assert (who, stage, more) == ("ben", "autograde", [])
    assert reason == failures.now["ben"] and "while it ran" in reason
    assert len(reason) < 500 and reason.isprintable()
    assert (tmp_path / ".fairgrade/log" / NAME / "ben.log").stat().st_size < 10**6


def test_a_fault_of_our_own_is_one_line(
    tiny: Course, monkeypatch: pytest.MonkeyPatch, capfd
) -> None:
    def stop(*_: object) -> Iterator[object]:
        raise RecursionError("too deep")

    monkeypatch.setattr(waiting, "waiting", stop)
    monkeypatch.setattr(sys, "argv", ["fairgrade", "queue", NAME])
    monkeypatch.chdir(tiny.root)
    with pytest.raises(SystemExit) as ended:
        main()
    said = capfd.readouterr().err.strip().splitlines()
    assert ended.value.code == 1 and len(said) == 1
    assert "RecursionError: too deep" in said[0]
    log = tiny.root / ".fairgrade/log/fairgrade.log"
    assert "Traceback" in log.read_text() and str(log) in said[0]


def test_the_command_names_who_failed(
    tiny: Course, monkeypatch: pytest.MonkeyPatch, capfd
) -> None:
    real = attempt.Assessor.prepare
    error = ValueError("odd")
    stop = _raise_for_ben(real, error, _is_ben)
    monkeypatch.setattr(attempt.Assessor, "prepare", stop)
    monkeypatch.setattr(sys, "argv", ["fairgrade", "autograde", NAME])
    monkeypatch.chdir(tiny.root)
    monkeypatch.setenv("COLUMNS", "250")
    with pytest.raises(SystemExit) as ended:
        main()
    said = capfd.readouterr()
    assert ended.value.code == 1
    row = next(line for line in said.out.splitlines() if "ben" in line)
    assert "no result" in row and "ValueError: odd" in row
    assert "ben" in said.err and "Traceback" not in said.err + said.out
    assert nbformat.read(
        tiny.root / "autograded" / "ada" / NAME / f"{NAME}.ipynb", as_version=4
    )
