"""What tests of now would do to grades: told with its reasons, and nothing changed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from fairgrade.authoring.generate import generate
from fairgrade.course.course import Course, load_course
from fairgrade.errors import FairgradeError
from fairgrade.feedback.results import CellResult
from fairgrade.feedback.rows import Row, Status
from fairgrade.grading.autograde import autograde
from fairgrade.grading.foreseen import Foreseen
from fairgrade.grading.replay import replay
from fairgrade.preview.corpus import preview_corpus
from fairgrade.preview.moves import Move, Preview, Shift, moves_of
from fairgrade.preview.standing import before_grading, preview
from test_cli import fairgrade
from test_scripts import found
from tiny import NAME, hand_in, hand_in_cells, make_course

TEST = """\
### BEGIN HIDDEN TESTS
from fairgrade.checks import Grading
grading = Grading()
ok = isinstance(doubled, int)
grading.check('a number', ok, points=1, expected='int', found=doubled)
grading.check('doubled', doubled == 4, points=2, expected=4, found=doubled)
grading.score()
### END HIDDEN TESTS"""


def cell(name: str, *rows: Row, marked: bool = False) -> CellResult:
    points = sum(row.points or 0 for row in rows)
    score = sum(row.earned or 0 for row in rows)
    status = Status.PASSED if score >= points else Status.LOST
    return CellResult(1, name, name, "", points, score, status, rows, marked=marked)


def row(name: str, earned: float, points: float = 1, **more: str) -> Row:
    status = Status.PASSED if earned >= points else Status.LOST
    return Row(name, status, points, earned, **more)


@pytest.mark.parametrize(
    ("then", "now", "expected"),
    [
        ([row("a", 1)], [row("a", 1)], []),
        (
            [row("a", 1)],
            [row("a", 0, expected="3", found="2")],
            [Move("t", "a", 1, 0, "no longer passes (expected 3, found 2)")],
        ),
        ([row("a", 0)], [row("a", 1)], [Move("t", "a", 0, 1, "passes now")]),
        (
            [row("a", 1)],
            [row("a", 2, 2)],
            [Move("t", "a", 1, 2, "worth 2, was 1")],
        ),
        ([], [row("a", 1)], [Move("t", "a", None, 1, "a new check")]),
        ([row("a", 1)], [], [Move("t", "a", 1, None, "no such check any more")]),
        ([], [row("a", 0)], []),  # comes without a point
        # Of one name: by place among these.
        (
            [row("a", 1), row("a", 0)],
            [row("a", 1), row("a", 1)],
            [Move("t", "a", 0, 1, "passes now")],
        ),
        # A fault of the test takes nobody's points.
        ([row("a", 1)], [Row("a", Status.NOT_RUN, 1)], []),
    ],
)
def test_checks_move_for_a_reason(
    then: list[Row], now: list[Row], expected: list[Move]
) -> None:
    assert moves_of([cell("t", *then)], [cell("t", *now)]) == expected


def test_a_persons_mark_stands() -> None:
    then = cell("t", row("a", 1), marked=True)
    assert moves_of([then], [cell("t", row("a", 0))]) == []


def test_the_summary_counts_those_who_are_not_known() -> None:
    moves = (Move("t", "a", 2, 0, "no longer passes"),)
    shifts = (
        Shift("ada", 3, 3, ()),
        Shift("ben", 3, 1, moves),
        Shift("cleo", 2, 0, moves),
        Shift("dan", 1, 1.5, ()),
    )
    told = Preview("x", shifts, {"eve": "It has to run."}, {})
    assert told.summary() == (
        "Of 4 grades, 3 would move: 1 up, 2 down, by -2 to +0.5 points. "
        "Of 1 it cannot be said."
    )
    assert [shift.student for shift in told.moved] == ["ben", "cleo", "dan"]
    assert told.by_check == [("t", "a", 2, -4)]


def test_what_was_foreseen_counts_while_nothing_changes() -> None:
    def foreseen() -> Foreseen:
        return Foreseen("tests", {"ada": "1", "ben": "2"}, {"ada": {}, "eve": {}})

    known = foreseen()
    assert known.take("ada", "1", "tests") == {}
    assert known.take("ada", "1", "tests") is None
    assert foreseen().take("ada", "1", "other tests") is None
    assert foreseen().take("ada", "newer", "tests") is None
    assert foreseen().take("ben", "2", "tests") is None
    assert foreseen().take("eve", "3", "tests") is None


def rewrite(course: Course, changes: dict[str, str]) -> Course:
    """Change texts of the hidden test's source."""
    path = course.root / "source" / NAME / f"{NAME}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    test = notebook.cells[-1]
    for before, after in changes.items():
        assert before in test.source
        test.source = test.source.replace(before, after)
    nbformat.write(notebook, path)
    return load_course(course.root)


def state(root: Path) -> dict[str, bytes]:
    """Every file of a course but the store of results."""
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and ".fairgrade/store" not in str(path)
    }


@pytest.mark.slow
def test_a_class_and_a_folder_of_last_year(tmp_path: Path) -> None:
    course = make_course(tmp_path / "course", extra="roster: roster.csv")
    path = course.root / "source" / NAME / f"{NAME}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[-1].source = TEST
    nbformat.write(notebook, path)
    generate(course, course.assignment(NAME))
    hand_in(
        course,
        {
            "ada": "doubled = 2 * n",
            "ben": "doubled = 2.0 * n",
            "cleo": "doubled = 3 * n",
            "dan": "doubled = 'x'",
        },
    )
    assignment = course.assignment(NAME)
    with pytest.raises(FairgradeError, match="Run: fairgrade autograde"):
        preview(course, assignment)
    first = {g.student: g.score for g in autograde(course, assignment)}
    assert first == {"ada": 3, "ben": 2, "cleo": 1, "dan": 0}
    # A person gave dan a point; eve handed in and was not graded.
    with Gradebook(course.gradebook_url, course.id) as gradebook:
        grade = gradebook.find_grade("double-test", NAME, NAME, "dan")
        grade.manual_score = 1
        gradebook.db.commit()
    hand_in_cells(course, NAME, "eve", {"double": "doubled = 2 * n"})
    before = state(course.root)
    assert preview(course, assignment).moved == []
    assert before_grading(course, assignment, None) is None
    assert state(course.root) == before

    course = rewrite(course, {"isinstance(doubled, int)": "doubled in (4, 'x')"})
    before = state(course.root)
    value = found(course, "preview", NAME)
    assert state(course.root) == before
    moved = {each["student"]: each for each in value["moved"]}
    assert set(moved) == {"ben", "cleo"}
    assert (moved["ben"]["before"], moved["ben"]["after"]) == (2, 3)
    assert moved["cleo"]["moves"] == [
        {
            "cell": "double-test",
            "check": "a number",
            "before": 1,
            "after": 0,
            "why": "no longer passes (expected int, found 6)",
        }
    ]
    assert value["same"] == ["ada", "dan"]
    assert "a person's mark of 1 stands" in value["notes"]["dan"][0]
    assert value["unknown"] == {}
    again = replay(course, course.assignment(NAME), "ben")
    assert again.flips == {"double-test, a number": ("0 of 1", "1 of 1")}
    assert set(again.changed) == {"hidden tests"}

    # The same tests on last year's folder: its graded notebooks say what was.
    last = tmp_path / "last"
    for name in ("submitted", "autograded"):
        shutil.copytree(course.root / name, last / name)
    told = preview_corpus(course, course.assignment(NAME), last)
    assert {s.student: (s.before, s.after) for s in told.moved} == {
        "ben": (2, 3),
        "cleo": (1, 0),
        "dan": (0, 1),
    }
    assert told.fresh == {"eve": 3}
    assert told.unknown == {}
    # Of a folder of submissions alone the next preview compares with this one.
    plain = tmp_path / "plain"
    for student in ("ben", "dan"):
        shutil.copytree(last / "submitted" / student / NAME, plain / student)
    told = preview_corpus(course, course.assignment(NAME), plain)
    assert [(s.student, s.before, s.after) for s in told.shifts] == [
        ("ben", 3, 3),
        ("dan", 1, 1),
    ]
    with pytest.raises(FairgradeError, match="no folder"):
        preview_corpus(course, course.assignment(NAME), tmp_path / "nothing")

    # A regrade says it first.
    generate(course, course.assignment(NAME))
    done = fairgrade(course.root, "autograde", NAME)
    assert done.returncode == 0, done.stderr
    assert "Of 4 grades, 2 would move: 1 up, 1 down" in done.stdout
    assert "Graded 5 of 5: 0 notebooks run, 5 results from" in done.stdout
    with Gradebook(course.gradebook_url, course.id) as gradebook:
        scores = {s.student.id: s.score for s in gradebook.assignment_submissions(NAME)}
    assert scores == {"ada": 3, "ben": 3, "cleo": 0, "dan": 1, "eve": 3}
    # A broken test takes nobody's points, and is named.
    course = rewrite(course, {"grading.score()": "grading.scor()"})
    value = json.loads(fairgrade(course.root, "preview", NAME, "--json").stdout)
    assert value["moved"] == []
    assert "scor" in value["alarms"]["double-test"]
